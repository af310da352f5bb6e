//! The minimum-throughput check, because idle timeouts never fire on a body that trickles in.

use std::time::Duration;

/// Compares received bytes with the time spent waiting for them, window by window.
#[derive(Debug)]
pub(super) struct ThroughputMonitor {
    window: Duration,
    min_bytes: u64,
    waited: Duration,
    received: u64,
}

impl ThroughputMonitor {
    pub(super) fn new(window: Duration, min_bytes: u64) -> Self {
        Self { window, min_bytes, waited: Duration::ZERO, received: 0 }
    }

    /// Records a chunk and the time waited for it. Returns false if it completes a window with too few bytes.
    pub(super) fn record_chunk(&mut self, waited: Duration, bytes: u64) -> bool {
        self.waited = self.waited.saturating_add(waited);
        self.received = self.received.saturating_add(bytes);
        if self.waited < self.window {
            return true;
        }
        let is_fast_enough = self.received >= self.min_bytes;
        self.waited = Duration::ZERO;
        self.received = 0;
        is_fast_enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_fast_enough(chunks: usize, waited: Duration, bytes: u64) -> bool {
        let mut monitor = ThroughputMonitor::new(Duration::from_secs(30), 3_000);
        (0..chunks).all(|_| monitor.record_chunk(waited, bytes))
    }

    #[test]
    fn one_byte_per_second_is_too_slow_and_a_large_steady_body_is_not() {
        assert!(!is_fast_enough(60, Duration::from_secs(1), 1));
        assert!(is_fast_enough(100_000, Duration::from_secs(1), 100));
        assert!(is_fast_enough(29, Duration::from_secs(1), 1), "a short body may trickle");
        assert!(!is_fast_enough(2, Duration::from_secs(29), 1));
        assert!(is_fast_enough(2, Duration::from_secs(29), u64::MAX));
    }

    #[test]
    fn a_fast_start_does_not_excuse_a_slow_end() {
        let mut monitor = ThroughputMonitor::new(Duration::from_secs(30), 3_000);
        assert!(monitor.record_chunk(Duration::from_secs(30), 1 << 30));
        assert!(!monitor.record_chunk(Duration::from_secs(30), 30));
    }
}
