//! Prefaulted memory for a large body, prepared on a separate thread: the system clears every page before first use,
//! which takes about as long as all other work on the bytes.

use std::sync::mpsc::{self, Receiver};
use std::thread;

use crate::domain::Segment;

/// A source of empty segments. Dropping it ends its thread.
pub(super) struct SegmentPool(Receiver<Segment>);

impl SegmentPool {
    /// Starts to prepare segments of `size` bytes: as many as the `remaining` bytes will fill, or without limit.
    pub(super) fn start(size: usize, remaining: Option<u64>) -> Self {
        // The thread also holds one segment while it waits to send it, so the channel needs no capacity.
        let (sender, ready) = mpsc::sync_channel(0);
        let count = remaining.map_or(u64::MAX, |remaining| remaining / (size.max(1) as u64));
        thread::spawn(move || {
            for _ in 0..count {
                if sender.send(Segment::with_prefaulted_capacity(size)).is_err() {
                    return;
                }
            }
        });
        Self(ready)
    }

    /// Returns a segment if one is ready.
    pub(super) fn take_ready(&self) -> Option<Segment> {
        self.0.try_recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_no_more_segments_than_will_be_filled() {
        let pool = SegmentPool::start(4, Some(11));
        let sizes: Vec<usize> = pool.0.iter().map(|segment| segment.room()).collect();
        assert_eq!(sizes, [4, 4]);
    }
}
