//! All network limits. Tests use small limits, so that they need not sleep.

use std::time::Duration;

/// Timeouts, sizes and retry counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time limit for DNS lookup, connection and TLS handshake together.
    pub connect: Duration,
    /// The time limit from the request to the head of the response, including the connection. The services' own SDK allows
    /// 60 s.
    pub response: Duration,
    /// The longest pause between two chunks of a body.
    pub idle: Duration,
    /// The window over which throughput is measured; only time spent waiting for the service is measured.
    pub throughput_window: Duration,
    /// The fewest bytes that must arrive within a window.
    pub min_window_bytes: u64,
    /// The maximum number of decompressed bytes of a body (setting `max_body`).
    pub max_body: u64,
    /// The maximum number of bytes that are read from an error or another short body.
    pub max_short_body: usize,
    /// The maximum number of attempts, including the first one.
    pub max_attempts: u32,
    /// The wait before the second attempt, which doubles with each further attempt.
    pub backoff: Duration,
    pub max_backoff: Duration,
    /// The longest delay that a service can request. A longer one ends the retries.
    pub max_retry_after: Duration,
    /// The shortest interval between two progress reports.
    pub progress_interval: Duration,
    /// The seed of the jitter sequence; `None` for a random one.
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
            max_short_body: 64 << 10,
            max_attempts: 3,
            backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(8),
            max_retry_after: Duration::from_secs(30),
            progress_interval: Duration::from_millis(100),
            jitter_seed: None,
        }
    }
}
