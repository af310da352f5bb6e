//! The HTTP client. It enforces the network rules in one place: a key is sent to only one origin, redirects are not
//! followed, every wait has a timeout, only safe requests are retried, and bodies are capped after decompression. The
//! providers interpret the bodies.

mod body;
mod ca_certificates;
mod classify;
mod client;
pub mod content_encoding;
mod control;
mod error;
mod limits;
mod min_throughput;
pub mod otlp_endpoint;
mod post;
pub(crate) mod retry;
pub mod sql_endpoint;

use std::ops::ControlFlow;

pub use ca_certificates::{HAS_CERTIFICATE_VARIABLES, check_certificates};
pub(crate) use classify::classify_request_error;
pub use client::Client;
pub(crate) use client::{Encryption, client_for_url};
pub use control::{FetchControl, FetchHandle, fetch_control};
pub use error::{FetchError, FetchErrorKind, RedirectTarget, TimeoutStage};
pub use limits::Limits;

use crate::domain::FetchProgress;

/// The head of a response whose body follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// The status, always 2xx.
    pub status: u16,
    /// The content type, verbatim but capped in length; untrusted.
    pub content_type: Option<String>,
    /// The declared length; `None` if the body is compressed.
    pub content_length: Option<u64>,
}

/// A body that arrived completely.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchedBody {
    pub head: ResponseHead,
    /// The number of decompressed bytes that were passed to the sink.
    pub bytes: u64,
    /// The number of the successful attempt, counted from 1.
    pub attempts: u32,
}

/// The receiver of a body.
///
/// A later attempt replaces the bytes of an earlier one only once it delivers a body: then `begin` is called again and
/// invalidates everything before it. If all later attempts fail, the first bytes can still be shown.
pub trait BodySink: Send {
    /// Starts a body, or restarts it.
    fn begin(&mut self, response: &ResponseHead);

    /// Handles the next decompressed bytes. The time spent here does not count as waiting for the service. `Break` ends the
    /// fetch with [`FetchErrorKind::Cancelled`].
    fn push_chunk(&mut self, bytes: &[u8]) -> impl Future<Output = ControlFlow<()>> + Send;

    /// Reports progress; ignored by default.
    fn report_progress(&mut self, _progress: FetchProgress) {}
}
