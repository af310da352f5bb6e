//! The number and the times of concurrent requests: one more after a series of successes, half as many after a refusal,
//! none during a wait that the service requests.

use std::time::Duration;

use tokio::time::Instant;

/// The limits of a pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The number of concurrent requests at the start.
    pub start: usize,
    /// The maximum number of concurrent requests.
    pub max: usize,
    /// The shortest time between two requests.
    pub min_interval: Duration,
}

/// The number of successes after which one more concurrent request is allowed.
const SUCCESSES_PER_STEP: usize = 20;
/// The first wait after a refusal that states no time; it doubles with each further refusal.
const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const MAX_BACKOFF: Duration = Duration::from_secs(60);
/// The longest requested wait that a run accepts.
const MAX_WAIT: Duration = Duration::from_secs(3600);

/// The pace of a run.
#[derive(Debug)]
pub(super) struct Pacer {
    pace: Pace,
    limit: usize,
    successes: usize,
    refusals_in_sequence: u32,
    /// The time before which no request starts.
    opens_at: Option<Instant>,
}

impl Pacer {
    pub(super) fn new(pace: Pace) -> Self {
        let limit = pace.start.clamp(1, pace.max.max(1));
        Self { pace, limit, successes: 0, refusals_in_sequence: 0, opens_at: None }
    }

    /// Returns the number of concurrent requests.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Returns whether a request may start.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        self.wait(now).is_none()
    }

    /// Returns the time until a request may start; `None` if it may start now.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        self.opens_at.map(|at| at.saturating_duration_since(now)).filter(|wait| !wait.is_zero())
    }

    pub(super) fn is_wait_too_long(&self, now: Instant) -> bool {
        self.wait(now).is_some_and(|wait| wait > MAX_WAIT)
    }

    /// Records the start of a request.
    pub(super) fn start(&mut self, now: Instant) {
        if !self.pace.min_interval.is_zero() {
            self.open_later(now + self.pace.min_interval);
        }
    }

    pub(super) fn record_success(&mut self) {
        self.refusals_in_sequence = 0;
        self.successes += 1;
        if self.successes >= SUCCESSES_PER_STEP {
            self.successes = 0;
            self.limit = (self.limit + 1).min(self.pace.max.max(1));
        }
    }

    /// Records a failed request that may be sent again. A throttled one halves the pace and starts a wait.
    pub(super) fn record_failure(&mut self, now: Instant, retry_after: Option<Duration>, is_throttled: bool) {
        self.successes = 0;
        if is_throttled {
            self.limit = (self.limit / 2).max(1);
            self.refusals_in_sequence = self.refusals_in_sequence.saturating_add(1);
        }
        let backoff = is_throttled.then(|| {
            let factor = 2u32.saturating_pow(self.refusals_in_sequence.saturating_sub(1));
            FIRST_BACKOFF.saturating_mul(factor).min(MAX_BACKOFF)
        });
        if let Some(wait) = retry_after.or(backoff) {
            // A longer wait ends the run; see `is_wait_too_long`.
            self.open_later(now + wait.min(MAX_WAIT * 2));
        }
    }

    fn open_later(&mut self, at: Instant) {
        self.opens_at = Some(self.opens_at.map_or(at, |earlier| earlier.max(at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pacer() -> Pacer {
        Pacer::new(Pace { start: 2, max: 6, min_interval: Duration::ZERO })
    }

    #[tokio::test(start_paused = true)]
    async fn the_pace_grows_by_one_and_halves() {
        let (mut pacer, now) = (pacer(), Instant::now());
        for _ in 0..SUCCESSES_PER_STEP * 10 {
            pacer.record_success();
        }
        assert_eq!(pacer.limit(), 6);
        pacer.record_failure(now, None, true);
        assert_eq!((pacer.limit(), pacer.wait(now)), (3, Some(FIRST_BACKOFF)));
        pacer.record_failure(now, None, true);
        pacer.record_failure(now, None, true);
        assert_eq!((pacer.limit(), pacer.wait(now)), (1, Some(FIRST_BACKOFF * 4)));
        assert!(pacer.is_open(now + FIRST_BACKOFF * 4));
    }

    #[tokio::test(start_paused = true)]
    async fn a_requested_wait_is_obeyed_up_to_an_hour() {
        let (mut pacer, now) = (pacer(), Instant::now());
        pacer.record_failure(now, Some(Duration::from_secs(1800)), true);
        pacer.record_failure(now, Some(Duration::from_secs(5)), true);
        assert_eq!(pacer.wait(now), Some(Duration::from_secs(1800)));
        assert!(!pacer.is_wait_too_long(now));
        pacer.record_failure(now, Some(Duration::MAX), true);
        assert!(pacer.is_wait_too_long(now));
    }

    #[tokio::test(start_paused = true)]
    async fn a_broken_connection_does_not_slow_the_run_down() {
        let (mut pacer, now) = (pacer(), Instant::now());
        pacer.record_failure(now, None, false);
        assert_eq!((pacer.limit(), pacer.is_open(now)), (2, true));
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_spaces_the_requests() {
        let mut pacer = Pacer::new(Pace { start: 2, max: 6, min_interval: Duration::from_secs(1) });
        let now = Instant::now();
        assert!(pacer.is_open(now));
        pacer.start(now);
        assert_eq!(pacer.wait(now), Some(Duration::from_secs(1)));
    }
}
