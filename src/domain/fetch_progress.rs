//! The progress of a request.

use std::time::Duration;

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
    /// The body is arriving. Reported at intervals, when the body pauses, and at its end.
    Receiving {
        /// Decompressed bytes so far.
        bytes: u64,
        /// The declared length; unknown for compressed and chunked bodies.
        total: Option<u64>,
    },
}
