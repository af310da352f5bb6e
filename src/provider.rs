//! Services: they convert thread ids to requests, and response bytes to domain values. Providers do no I/O: they describe
//! the GET request to send and read the response, so each is a set of pure functions. [`all`] is the only list of services.

mod access;
pub mod camelai;
pub mod citations;
mod content;
pub mod error_body;
mod fields;
mod large_message;
pub mod link;
mod listing;
pub mod parse_source;
pub mod payload;
pub mod sgp;
mod tool;
mod usage;

pub use access::{AccessError, EnvVariable, HeaderText, Request, ServiceAccess, is_localhost, is_loopback};
pub use error_body::ApiError;
pub use large_message::{ShortenedMessage, read_facts};
pub use listing::{ListFailure, ListRequest, ListRequestId, ListScope, Listing, ThreadScope};

use std::time::Duration;

use crate::domain::{Feedback, KeptAccount, ListedThread, Message, MessageSummary, Raw, Thread, ThreadRef};

/// The data that a service provides, for tabs that stay empty and for texts on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The reason why there are no spans; `None` if the service has spans.
    pub no_spans_reason: Option<&'static str>,
    /// The reason why there is no feedback; `None` if the service returns feedback.
    pub no_feedback_reason: Option<&'static str>,
    /// Whether one message holds both the user's input and the answer.
    pub has_turns: bool,
    /// Whether the service guarantees the order of messages; otherwise they are sorted by time.
    pub is_ordered: bool,
}

/// A provider's confidence that a text names one of its threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The form fits, but could be another service's.
    Possible,
    /// The usual form of this service.
    Likely,
    /// No other reading is possible.
    Certain,
}

/// A thread id found in typed or pasted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedThreadId {
    pub id: String,
    pub confidence: Confidence,
}

/// One service.
pub trait Provider: Send + Sync {
    /// Returns the short name in prefixes (`sgp:ID`), flags and output.
    fn id(&self) -> &'static str;

    /// Returns the full name for people.
    fn display_name(&self) -> &'static str;

    /// Returns the data that the service provides.
    fn capabilities(&self) -> Capabilities;

    /// Finds the thread id in a bare id or in a link to the dashboard or the API. The caller has removed any prefix.
    fn parse_thread_id(&self, text: &str) -> Option<ParsedThreadId>;

    /// Checks that the id can be one of this service, before anything is sent. By default any single path segment is
    /// accepted.
    ///
    /// # Errors
    /// The reason, as a sentence.
    fn check_id(&self, id: &str) -> Result<(), String> {
        access::check_segment(id)
    }

    /// Returns the environment variables that [`Provider::access_from_env`] reads, the most important first.
    fn env_variables(&self) -> &'static [EnvVariable];

    /// Reads the access from the environment; `lookup` returns a variable's value. Empty values are treated as not set.
    fn access_from_env(&self, lookup: &dyn Fn(&str) -> Option<String>) -> ServiceAccess;

    /// Returns the GET for the thread's messages.
    ///
    /// # Errors
    /// An unusable base URL, an invalid id, or a missing key.
    fn messages_request(&self, id: &str, access: &ServiceAccess) -> Result<Request, AccessError>;

    /// Returns the GET for the thread's details, if the service has a separate request for them. Its failure is not an
    /// error.
    fn details_request(&self, _id: &str, _access: &ServiceAccess) -> Option<Request> {
        None
    }

    /// Starts to list the items that the key can see.
    ///
    /// # Errors
    /// The errors of [`Provider::messages_request`], or a list that the service does not have.
    fn start_listing(
        &self,
        access: &ServiceAccess,
        scope: &ListScope,
    ) -> Result<Box<dyn Listing>, AccessError>;

    /// Returns whether a body comes from this service. `first` is its first message (`None` for an empty list), `envelope`
    /// the other top-level fields so far: a JSON object, possibly truncated.
    fn matches_body(&self, envelope: &[u8], first: Option<&[u8]>) -> bool;

    /// Reads the summary that the message list needs. An unreadable message becomes an unreadable summary.
    fn read_summary(&self, raw: Raw, index: u32) -> MessageSummary;

    /// Reads a complete message; unreadable parts are listed in [`Message::read_errors`].
    fn read_message(&self, raw: &[u8]) -> Message;

    /// Reads only the feedback on a message; a service may do this more cheaply than the default.
    fn read_feedback(&self, raw: &[u8]) -> Vec<Feedback> {
        self.read_message(raw).feedback
    }

    /// Reads the thread from the body without its messages.
    fn read_thread(&self, envelope: &[u8]) -> Thread;

    /// Returns the id of the thread that a message belongs to, if the message names it.
    fn message_thread_id(&self, _raw: &[u8]) -> Option<String> {
        None
    }

    /// Returns whether a message has a field for spans, which older servers omit although it was requested. `None` if the
    /// service never sends spans.
    fn has_spans(&self, _raw: &[u8]) -> Option<bool> {
        None
    }

    /// Returns the wait that the body of a refusal requests, in services that state it there.
    fn requested_delay(&self, _body: &[u8]) -> Option<Duration> {
        None
    }

    /// Adds the response of [`Provider::details_request`] to the thread.
    fn add_details(&self, _thread: &mut Thread, _details: &[u8]) {}

    /// Returns the details of a thread from its entry in a list, in the form of [`Provider::details_request`].
    fn details_of_listed(&self, _thread: &ListedThread) -> Option<Vec<u8>> {
        None
    }

    /// Explains a response that is not 200: the service's own messages and a hint.
    fn explain_error(&self, status: u16, body: &[u8], access: &ServiceAccess) -> ApiError;
}

/// Returns all services, in the order in which they are tried and shown.
pub fn all() -> &'static [&'static dyn Provider] {
    &[&sgp::Sgp, &camelai::Camelai]
}

/// Returns the name of a thread, in the account in use unless another one is given; `None` if the service is unknown.
pub fn thread_ref(service: &str, account: Option<&KeptAccount>, id: &str) -> Option<ThreadRef> {
    Some(ThreadRef { account: account.cloned(), ..ThreadRef::new(by_id(service)?.id(), id) })
}

/// Returns the service with the given short name.
pub fn by_id(service: &str) -> Option<&'static dyn Provider> {
    all().iter().copied().find(|provider| provider.id() == service)
}

/// Returns the names of all services for a sentence: `Scale SGP or camelAI`.
pub fn display_names() -> String {
    join_alternatives(all().iter().map(|provider| provider.display_name().to_owned()).collect())
}

/// Returns the id forms of all services for a sentence: `sgp:ID or camelai:ID`.
pub fn id_forms() -> String {
    join_alternatives(all().iter().map(|provider| format!("{}:ID", provider.id())).collect())
}

fn join_alternatives(words: Vec<String>) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}
