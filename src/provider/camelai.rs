//! camelAI (legacy REST): one thread is a list of messages in the order in which they were written.

mod address;
mod artifact;
mod envelope;
mod message;
mod refusal;

use super::{Access, AccessError, Request, Variable};
use super::{Capabilities, Provider, Recognised, Refusal};
use crate::domain::{Head, Message, Raw, Thread};

/// camelAI.
#[derive(Clone, Copy, Debug)]
pub struct Camelai;

impl Provider for Camelai {
    fn service(&self) -> &'static str {
        "camelai"
    }

    fn name(&self) -> &'static str {
        "camelAI"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            no_spans: Some("camelAI keeps no spans"),
            no_feedback: Some("camelAI takes feedback but does not give it back"),
            turns: false,
            ordered: true,
        }
    }

    fn recognise(&self, text: &str) -> Option<Recognised> {
        address::recognise(text)
    }

    fn check_id(&self, id: &str) -> Result<(), String> {
        address::number(id).map(drop)
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

    fn details_request(&self, id: &str, access: &Access) -> Option<Request> {
        address::details_request(id, access).ok()
    }

    fn fits(&self, envelope: &[u8], first: Option<&[u8]>) -> bool {
        envelope::fits(envelope, first)
    }

    fn head(&self, raw: Raw, index: u32) -> Head {
        message::head(raw, index)
    }

    fn message(&self, raw: &[u8]) -> Message {
        message::message(raw)
    }

    fn thread(&self, envelope: &[u8]) -> Thread {
        envelope::thread(envelope)
    }

    fn add_details(&self, thread: &mut Thread, details: &[u8]) {
        envelope::add_details(thread, details);
    }

    fn explain(&self, status: u16, body: &[u8], _access: &Access) -> Refusal {
        refusal::explain(status, body)
    }
}
