//! A service: what turns a thread id into requests, and bytes into domain values. Providers do no I/O: they say which
//! GET to do and read what came back, so each is plain functions over bytes. The registry is the only place that
//! names them all.

mod access;
pub mod camelai;
mod content;
mod error_body;
mod fields;
mod link;
pub mod parse_source;
pub mod payload;
pub mod sgp;
mod tool;
mod usage;

pub use access::{AccessError, EnvVariable, HeaderText, Request, ServiceAccess};
pub use error_body::ApiError;

use crate::domain::{Feedback, Message, MessageSummary, Raw, Thread};

/// What a service can and cannot give, for tabs that stay empty and for words on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Why there are no spans; `None` where there can be.
    pub no_spans_reason: Option<&'static str>,
    /// Why there is no feedback; `None` where there can be.
    pub no_feedback_reason: Option<&'static str>,
    /// Whether one message holds both the user's input and the answer.
    pub has_turns: bool,
    /// Whether the order of messages is the service's promise; if not, they are sorted by time.
    pub is_ordered: bool,
}

/// How sure a provider is that a text names one of its threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The form fits, but others might too.
    Possible,
    /// The form is this service's usual one.
    Likely,
    /// It can be nothing else.
    Certain,
}

/// A thread id found in a text that somebody typed or pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedThreadId {
    pub id: String,
    pub confidence: Confidence,
}

/// One service.
pub trait Provider: Send + Sync {
    /// The short name: in prefixes (`sgp:ID`), flags and output.
    fn id(&self) -> &'static str;

    /// The name for people.
    fn display_name(&self) -> &'static str;

    /// What it can give.
    fn capabilities(&self) -> Capabilities;

    /// Finds the thread's id in a bare id or in a link of the dashboard or the API. No prefix: that is cut off before.
    fn parse_thread_id(&self, text: &str) -> Option<ParsedThreadId>;

    /// Why this id cannot be one of this service, in a sentence; asked before anything is sent.
    fn check_id(&self, id: &str) -> Result<(), String>;

    /// The environment variables that [`Provider::access`] asks for, the important ones first.
    fn env_variables(&self) -> &'static [EnvVariable];

    /// How to reach the service by what the environment says; `lookup` gives a variable's value. Empty values count
    /// as not set.
    fn access_from_env(&self, lookup: &dyn Fn(&str) -> Option<String>) -> ServiceAccess;

    /// The GET for the thread's messages.
    ///
    /// # Errors
    /// A base URL that cannot be used, an id that cannot be one, or a missing key.
    fn messages_request(&self, id: &str, access: &ServiceAccess) -> Result<Request, AccessError>;

    /// The GET for the thread's details, where that is a request of its own; it may fail without harm.
    fn details_request(&self, id: &str, access: &ServiceAccess) -> Option<Request>;

    /// Whether a body whose first message is `first` (none for an empty list) and whose other top-level fields so far
    /// are `envelope` (a JSON object, perhaps cut off) is this service's.
    fn matches_body(&self, envelope: &[u8], first: Option<&[u8]>) -> bool;

    /// Reads what the list needs; a message that cannot be read becomes an unreadable head.
    fn read_summary(&self, raw: Raw, index: u32) -> MessageSummary;

    /// Reads all of a message; what cannot be read is told in [`Message::faults`].
    fn read_message(&self, raw: &[u8]) -> Message;

    /// Reads only the feedback on a message: cheaper than all of it where a service can tell.
    fn read_feedback(&self, raw: &[u8]) -> Vec<Feedback> {
        self.read_message(raw).feedback
    }

    /// Reads the thread from the body without its messages.
    fn read_thread(&self, envelope: &[u8]) -> Thread;

    /// Adds what the second request told.
    fn add_details(&self, thread: &mut Thread, details: &[u8]);

    /// Puts an answer that is not 200 into the service's own words and one sentence of advice.
    fn explain_error(&self, status: u16, body: &[u8], access: &ServiceAccess) -> ApiError;
}

/// Every service, in the order in which they are asked and shown.
pub fn all() -> &'static [&'static dyn Provider] {
    &[&sgp::Sgp, &camelai::Camelai]
}

/// The service with this short name.
pub fn by_id(service: &str) -> Option<&'static dyn Provider> {
    all().iter().copied().find(|provider| provider.id() == service)
}
