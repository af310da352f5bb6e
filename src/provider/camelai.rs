//! camelAI (legacy REST): one thread is a list of messages in the order in which they were written.

mod address;
mod api_error;
mod artifact;
mod envelope;
mod message;

use super::{AccessError, EnvVariable, Request, ServiceAccess};
use super::{ApiError, Capabilities, ParsedThreadId, Provider};
use crate::domain::{Message, MessageSummary, Raw, Thread};

/// camelAI.
#[derive(Clone, Copy, Debug)]
pub struct Camelai;

impl Provider for Camelai {
    fn id(&self) -> &'static str {
        "camelai"
    }

    fn display_name(&self) -> &'static str {
        "camelAI"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            no_spans_reason: Some("camelAI keeps no spans"),
            no_feedback_reason: Some("camelAI takes feedback but does not give it back"),
            has_turns: false,
            is_ordered: true,
        }
    }

    fn parse_thread_id(&self, text: &str) -> Option<ParsedThreadId> {
        address::parse_thread_id(text)
    }

    fn check_id(&self, id: &str) -> Result<(), String> {
        address::parse_id(id).map(drop)
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

    fn details_request(&self, id: &str, access: &ServiceAccess) -> Option<Request> {
        address::details_request(id, access).ok()
    }

    fn matches_body(&self, envelope: &[u8], first: Option<&[u8]>) -> bool {
        envelope::matches_body(envelope, first)
    }

    fn read_summary(&self, raw: Raw, index: u32) -> MessageSummary {
        message::read_summary(raw, index)
    }

    fn read_message(&self, raw: &[u8]) -> Message {
        message::read_message(raw)
    }

    fn read_thread(&self, envelope: &[u8]) -> Thread {
        envelope::read_thread(envelope)
    }

    fn add_details(&self, thread: &mut Thread, details: &[u8]) {
        envelope::add_details(thread, details);
    }

    fn explain_error(&self, status: u16, body: &[u8], _access: &ServiceAccess) -> ApiError {
        api_error::explain_error(status, body)
    }
}
