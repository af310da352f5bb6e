//! Scale SGP (v4): one thread is a list of turns, each with the user's input, the answer, spans and feedback.

mod address;
mod envelope;
mod failure;
mod refusal;
mod said;
mod span;
mod turn;

use super::access::{self, Access, AccessError, Request, Variable};
use super::{Capabilities, Provider, Recognised, Refusal};
use crate::domain::{Head, Message, Raw, Thread};

/// Scale SGP.
#[derive(Clone, Copy, Debug)]
pub struct Sgp;

impl Provider for Sgp {
    fn service(&self) -> &'static str {
        "sgp"
    }

    fn name(&self) -> &'static str {
        "Scale SGP"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { no_spans: None, no_feedback: None, turns: true, ordered: false }
    }

    fn recognise(&self, text: &str) -> Option<Recognised> {
        address::recognise(text)
    }

    fn check_id(&self, id: &str) -> Result<(), String> {
        access::check_segment(id)
    }

    fn variables(&self) -> &'static [Variable] {
        &address::VARIABLES
    }

    fn access(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Access {
        address::access(lookup)
    }

    fn messages_request(&self, id: &str, access: &Access) -> Result<Request, AccessError> {
        address::messages_request(id, access)
    }

    fn details_request(&self, _id: &str, _access: &Access) -> Option<Request> {
        None
    }

    fn fits(&self, envelope: &[u8], first: Option<&[u8]>) -> bool {
        envelope::fits(envelope, first)
    }

    fn head(&self, raw: Raw, index: u32) -> Head {
        turn::head(raw, index)
    }

    fn message(&self, raw: &[u8]) -> Message {
        turn::message(raw)
    }

    fn thread(&self, envelope: &[u8]) -> Thread {
        envelope::thread(envelope)
    }

    /// There is no such request.
    fn add_details(&self, _thread: &mut Thread, _details: &[u8]) {}

    fn explain(&self, status: u16, body: &[u8], access: &Access) -> Refusal {
        refusal::explain(status, body, access)
    }
}
