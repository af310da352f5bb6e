//! The HTTP client. It enforces the network rules in one place: a key goes to one origin, redirects are not followed,
//! every wait has a timeout, only safe requests are retried, and bodies are capped after decompression. The providers
//! interpret the bodies.

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

use std::ops::ControlFlow;
use std::time::Duration;

pub use ca_certificates::{HAS_CERTIFICATE_VARIABLES, check_certificates};
pub(crate) use classify::classify_request_error;
pub use client::Client;
pub(crate) use client::client_for_url;
pub use control::{FetchControl, FetchHandle, fetch_control};
pub use error::{FetchError, FetchErrorKind, RedirectTarget, TimeoutStage};
pub use limits::Limits;

/// Progress of a request, for the status line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchProgress {
    /// An attempt starts; nothing has arrived yet.
    Connecting,
    /// The attempt failed; the next one starts after `delay` unless the user skips the wait.
    RetryScheduled {
        /// The next attempt, counted from 1.
        attempt: u32,
        max_attempts: u32,
        delay: Duration,
        /// A short error message; may contain untrusted text.
        reason: String,
    },
    /// The body is arriving. Reported at most every [`Limits::progress_interval`], when the body pauses, and at its end.
    Receiving {
        /// Decompressed bytes of this attempt so far.
        bytes: u64,
        /// The declared length; unknown for compressed and chunked bodies.
        total: Option<u64>,
    },
}

/// The head of a response whose body follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// Always 2xx here.
    pub status: u16,
    /// Verbatim but capped in length; untrusted.
    pub content_type: Option<String>,
    /// The declared length; none if the body is compressed.
    pub content_length: Option<u64>,
}

/// A body that arrived completely.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchedBody {
    pub head: ResponseHead,
    /// Decompressed bytes passed to the sink.
    pub bytes: u64,
    /// The number of the successful attempt, counted from 1.
    pub attempts: u32,
}

/// The receiver of a body.
///
/// A later attempt replaces the bytes of an earlier one, but only once it delivers a body: `begin` is called again and
/// voids everything before it. If all later attempts fail, the first bytes are still there to show.
pub trait BodySink: Send {
    /// Starts a body, or restarts it.
    fn begin(&mut self, response: &ResponseHead);

    /// Takes the next decompressed bytes; the time spent here does not count against the service. `Break` ends the fetch
    /// with [`FetchErrorKind::Cancelled`].
    fn push_chunk(&mut self, bytes: &[u8]) -> impl Future<Output = ControlFlow<()>> + Send;

    /// Reports progress; ignored by default.
    fn report_progress(&mut self, _progress: FetchProgress) {}
}
