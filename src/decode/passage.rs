//! The body once more, for who wants to keep it as it came: in the pieces in which the splitter lets go of it. Messages
//! are not copied for that; a piece of them is a window into the segment that they were handed out in.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use crate::domain::Segment;

/// A piece of the body. All of them, one after the other, are the body.
#[derive(Clone, Debug)]
pub enum Passage {
    /// Bytes of a segment that messages lie in.
    Shared { segment: Arc<Segment>, range: Range<usize> },
    /// Bytes that are nowhere else: what stands around and between the messages.
    Loose(Vec<u8>),
}

impl Passage {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Shared { segment, range } => segment.bytes().get(range.clone()).unwrap_or_default(),
            Self::Loose(bytes) => bytes,
        }
    }
}

/// Collects passages. Pieces may be told more than once, as what is sorted out again is; each byte counts once.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// How much of the body has been told.
    told: u64,
    passages: VecDeque<Passage>,
}

impl Record {
    pub(super) fn next(&mut self) -> Option<Passage> {
        self.passages.pop_front()
    }

    /// How many of `len` bytes at `at` were told already, if not all of them were.
    fn known(&mut self, at: u64, len: usize) -> Option<usize> {
        let known = usize::try_from(self.told.saturating_sub(at)).unwrap_or(usize::MAX);
        self.told = self.told.max(at.saturating_add(len as u64));
        (known < len).then_some(known)
    }

    /// The body has these bytes at `at`, and they are kept nowhere.
    pub(super) fn loose(&mut self, at: u64, bytes: &[u8]) {
        let Some(known) = self.known(at, bytes.len()) else { return };
        let fresh = bytes.get(known..).unwrap_or_default();
        match self.passages.back_mut() {
            Some(Passage::Loose(last)) => last.extend_from_slice(fresh),
            _ => self.passages.push_back(Passage::Loose(fresh.to_vec())),
        }
    }

    /// The body has the bytes of this segment at `at`.
    pub(super) fn shared(&mut self, at: u64, segment: &Arc<Segment>) {
        let Some(known) = self.known(at, segment.len()) else { return };
        self.passages
            .push_back(Passage::Shared { segment: Arc::clone(segment), range: known..segment.len() });
    }
}
