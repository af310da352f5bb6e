//! Every number of the network in one place. Tests use small ones, so nothing has to sleep.

use std::time::Duration;

/// How long, how much and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For name, connection and TLS together.
    pub connect: Duration,
    /// From sending the request to the head of the answer, connecting included. The services' own SDK allows 60 s.
    pub response: Duration,
    /// Between two chunks of a body.
    pub idle: Duration,
    /// The window over which the pace of a body is judged; only time spent waiting for the service counts.
    pub throughput_window: Duration,
    /// The fewest bytes that a window has to bring.
    pub min_window_bytes: u64,
    /// The most unpacked bytes of a body (setting `max_body`).
    pub max_body: u64,
    /// The most bytes of an error's body that are kept.
    pub max_error_body: usize,
    /// All tries together.
    pub max_attempts: u32,
    /// The wait before the second try; it doubles with each further one.
    pub backoff: Duration,
    pub max_backoff: Duration,
    /// The longest wait that a service can ask for; longer wishes are not followed.
    pub max_retry_after: Duration,
    /// The least time between two notices of progress.
    pub progress_interval: Duration,
    /// Start of the jitter's sequence; none means a different one in each run.
    pub jitter_seed: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            response: Duration::from_secs(60),
            idle: Duration::from_secs(30),
            throughput_window: Duration::from_secs(30),
            min_window_bytes: 3_000,
            max_body: 2 << 30,
            max_error_body: 64 << 10,
            max_attempts: 3,
            backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(8),
            max_retry_after: Duration::from_secs(30),
            progress_interval: Duration::from_millis(100),
            jitter_seed: None,
        }
    }
}
