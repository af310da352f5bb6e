//! Scale SGP (v4): one thread is a list of turns, each with the user's input, the answer, spans and feedback.

mod address;

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

    fn fits(&self, _envelope: &[u8], _first: Option<&[u8]>) -> bool {
        false
    }

    fn head(&self, raw: Raw, index: u32) -> Head {
        Head::blank(raw, index)
    }

    fn message(&self, _raw: &[u8]) -> Message {
        Message::default()
    }

    fn thread(&self, _envelope: &[u8]) -> Thread {
        Thread::default()
    }

    fn add_details(&self, _thread: &mut Thread, _details: &[u8]) {}

    fn explain(&self, _status: u16, _body: &[u8], _access: &Access) -> Refusal {
        Refusal::default()
    }
}
