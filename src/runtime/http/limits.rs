//! Every number of the network in one place. Tests use small ones, so nothing has to sleep.

use std::time::Duration;

/// How long, how much and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For name, connection and TLS together.
    pub connect: Duration,
    /// From sending the request to the head of the answer, connecting included. The services' own SDK allows 60 s.
    pub answer: Duration,
    /// Between two chunks of a body.
    pub idle: Duration,
    /// The window over which the pace of a body is judged; only time spent waiting for the service counts.
    pub pace_window: Duration,
    /// The fewest bytes that a window has to bring.
    pub pace_bytes: u64,
    /// The most unpacked bytes of a body (setting `max_body`).
    pub max_body: u64,
    /// The most bytes of an error's body that are kept.
    pub max_error_body: usize,
    /// All tries together.
    pub tries: u32,
    /// The wait before the second try; it doubles with each further one.
    pub backoff: Duration,
    pub backoff_most: Duration,
    /// The longest wait that a service can ask for; longer wishes are not followed.
    pub retry_after_most: Duration,
    /// The least time between two notices of progress.
    pub notice_every: Duration,
    /// Start of the jitter's sequence; none means a different one in each run.
    pub seed: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(60),
            idle: Duration::from_secs(30),
            pace_window: Duration::from_secs(30),
            pace_bytes: 3_000,
            max_body: 2 << 30,
            max_error_body: 64 << 10,
            tries: 3,
            backoff: Duration::from_millis(500),
            backoff_most: Duration::from_secs(8),
            retry_after_most: Duration::from_secs(30),
            notice_every: Duration::from_millis(100),
            seed: None,
        }
    }
}
