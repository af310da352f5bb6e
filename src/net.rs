//! The only place that talks to the network, and so the only place for its rules: the key goes to one origin, nothing
//! is followed, every wait ends, only what is safe is tried again, and bytes are capped after they are unpacked.
//! What a body means is for the providers.

mod body;
mod ca_certificates;
mod classify;
mod client;
mod control;
mod error;
mod limits;
mod min_throughput;
pub mod otlp_endpoint;
pub(crate) mod retry;

use std::time::Duration;

pub use ca_certificates::{HAS_CERTIFICATE_VARIABLES, check_certificates};
pub(crate) use classify::classify_request_error;
pub(crate) use client::client_for_url;
pub use client::{Client, is_loopback};
pub use control::{FetchControl, FetchHandle, fetch_control};
pub use error::{FetchError, FetchErrorKind, RedirectTarget, TimeoutStage};
pub use limits::Limits;

/// What the status line can say while a request is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchProgress {
    /// A try begins: nothing has come yet.
    Connecting,
    /// The try failed and the next one begins after `wait`, unless the user cuts the wait short.
    RetryScheduled {
        /// The try that will follow, counted from 1.
        attempt: u32,
        /// How many tries there are in all.
        max_attempts: u32,
        delay: Duration,
        /// What went wrong, in a few words; text from outside may be in it.
        reason: String,
    },
    /// The body is coming. At most one notice in a tenth of a second, one when it pauses, and one at its end.
    Receiving {
        /// Unpacked bytes of this try so far.
        bytes: u64,
        /// As declared; unknown for packed and for chunked bodies.
        total: Option<u64>,
    },
}

/// The head of an answer whose body is about to come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// Always 2xx here.
    pub status: u16,
    /// As sent, capped in length; text from outside.
    pub content_type: Option<String>,
    /// The length that the service declared, where the body is not packed.
    pub content_length: Option<u64>,
}

impl ResponseHead {
    /// Whether this says that it is a web page: a login page or a proxy's notice, and hardly a thread.
    pub fn is_html(&self) -> bool {
        self.content_type.as_deref().is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("text/html") || kind.eq_ignore_ascii_case("application/xhtml+xml")
        })
    }
}

/// A body that came to its declared end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchedBody {
    pub head: ResponseHead,
    /// Unpacked bytes that the receiver was given.
    pub bytes: u64,
    /// Which try this was, counted from 1.
    pub attempts: u32,
}

/// Whether the receiver wants more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlFlow {
    Continue,
    /// The fetch ends as [`Fault::Cancelled`].
    Break,
}

/// Who takes the bytes.
///
/// A later try replaces what an earlier one delivered, but only when it has something to deliver: `begin` is called
/// again then, and everything before it is void. So if all further tries fail, what came first is still there to show.
pub trait BodySink: Send {
    /// A body begins (again).
    fn begin(&mut self, answer: &ResponseHead);

    /// The next unpacked bytes; the time that this takes does not count as the service's.
    fn push_chunk(&mut self, bytes: &[u8]) -> impl Future<Output = ControlFlow> + Send;

    /// How it is going. The default is silence.
    fn report_progress(&mut self, _notice: FetchProgress) {}
}
