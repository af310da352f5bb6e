//! Memory for a large body, cleared ahead on a thread of its own: the system clears every page before it gives it out,
//! which takes about as long as everything else that is done with the bytes.

use std::sync::mpsc::{self, Receiver};
use std::thread;

use crate::domain::Segment;

/// The source of empty segments. Its thread ends when it is dropped.
pub(super) struct SegmentPool(Receiver<Segment>);

impl SegmentPool {
    /// Begins to make segments of `size` bytes: as many as will be filled by the `left` bytes that are still to come,
    /// where that is known.
    pub(super) fn start(size: usize, left: Option<u64>) -> Self {
        // One waits in the hand of its maker, which is enough.
        let (sender, ready) = mpsc::sync_channel(0);
        let count = left.map_or(u64::MAX, |left| left / (size.max(1) as u64));
        thread::spawn(move || {
            for _ in 0..count {
                if sender.send(Segment::with_prefaulted_capacity(size)).is_err() {
                    return;
                }
            }
        });
        Self(ready)
    }

    /// A segment, if one is ready.
    pub(super) fn take_ready(&self) -> Option<Segment> {
        self.0.try_recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_no_more_segments_than_will_be_filled() {
        let supply = SegmentPool::start(4, Some(11));
        let made: Vec<usize> = supply.0.iter().map(|segment| segment.room()).collect();
        assert_eq!(made, [4, 4]);
    }
}
