//! The rule against bodies that drip: idle timeouts never fire on them.

use std::time::Duration;

/// Counts what came against the time spent waiting for it, one window after the other.
#[derive(Debug)]
pub(super) struct Pace {
    window: Duration,
    least: u64,
    waited: Duration,
    got: u64,
}

impl Pace {
    pub(super) fn new(window: Duration, least: u64) -> Self {
        Self { window, least, waited: Duration::ZERO, got: 0 }
    }

    /// Takes in one chunk and the time waited for it; false if a window has passed that brought too little.
    pub(super) fn keeps_up(&mut self, waited: Duration, bytes: u64) -> bool {
        self.waited = self.waited.saturating_add(waited);
        self.got = self.got.saturating_add(bytes);
        if self.waited < self.window {
            return true;
        }
        let fair = self.got >= self.least;
        self.waited = Duration::ZERO;
        self.got = 0;
        fair
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_of(chunks: usize, waited: Duration, bytes: u64) -> bool {
        let mut pace = Pace::new(Duration::from_secs(30), 3_000);
        (0..chunks).all(|_| pace.keeps_up(waited, bytes))
    }

    #[test]
    fn a_byte_a_second_fails_and_a_large_body_at_a_fair_pace_does_not() {
        assert!(!last_of(60, Duration::from_secs(1), 1));
        assert!(last_of(100_000, Duration::from_secs(1), 100));
        assert!(last_of(29, Duration::from_secs(1), 1), "a short body may drip");
        assert!(!last_of(2, Duration::from_secs(29), 1));
        assert!(last_of(2, Duration::from_secs(29), u64::MAX));
    }

    #[test]
    fn a_fast_start_does_not_pay_for_a_slow_end() {
        let mut pace = Pace::new(Duration::from_secs(30), 3_000);
        assert!(pace.keeps_up(Duration::from_secs(30), 1 << 30));
        assert!(!pace.keeps_up(Duration::from_secs(30), 30));
    }
}
