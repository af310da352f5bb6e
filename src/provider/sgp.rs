//! Scale SGP (v4): one thread is a list of turns, each with the user's input, the answer, spans and feedback.

mod address;
mod api_error;
mod envelope;
mod span;
mod span_error;
mod turn;
mod turn_text;

use super::access::{self, AccessError, EnvVariable, Request, ServiceAccess};
use super::{ApiError, Capabilities, ParsedThreadId, Provider};
use crate::domain::{Message, MessageSummary, Raw, Thread};

/// Scale SGP.
#[derive(Clone, Copy, Debug)]
pub struct Sgp;

impl Provider for Sgp {
    fn id(&self) -> &'static str {
        "sgp"
    }

    fn display_name(&self) -> &'static str {
        "Scale SGP"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { no_spans_reason: None, no_feedback_reason: None, has_turns: true, is_ordered: false }
    }

    fn parse_thread_id(&self, text: &str) -> Option<ParsedThreadId> {
        address::parse_thread_id(text)
    }

    fn check_id(&self, id: &str) -> Result<(), String> {
        access::check_segment(id)
    }

    fn env_variables(&self) -> &'static [EnvVariable] {
        &address::ENV_VARIABLES
    }

    fn access_from_env(&self, lookup: &dyn Fn(&str) -> Option<String>) -> ServiceAccess {
        address::access_from_env(lookup)
    }

    fn messages_request(&self, id: &str, access: &ServiceAccess) -> Result<Request, AccessError> {
        address::messages_request(id, access)
    }

    fn details_request(&self, _id: &str, _access: &ServiceAccess) -> Option<Request> {
        None
    }

    fn matches_body(&self, envelope: &[u8], first: Option<&[u8]>) -> bool {
        envelope::matches_body(envelope, first)
    }

    fn read_summary(&self, raw: Raw, index: u32) -> MessageSummary {
        turn::read_summary(raw, index)
    }

    fn read_message(&self, raw: &[u8]) -> Message {
        turn::read_message(raw)
    }

    fn read_thread(&self, envelope: &[u8]) -> Thread {
        envelope::read_thread(envelope)
    }

    /// There is no such request.
    fn add_details(&self, _thread: &mut Thread, _details: &[u8]) {}

    fn explain_error(&self, status: u16, body: &[u8], access: &ServiceAccess) -> ApiError {
        api_error::explain_error(status, body, access)
    }
}
