//! The body once more, for who wants to keep it as it came: in the pieces in which the splitter lets go of it. Messages
//! are not copied for that; a piece of them is a window into the segment that they were handed out in.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::Segment;

/// A piece of the body. All of them, one after the other, are the body.
#[derive(Clone, Debug)]
pub enum Passage {
    /// The bytes of a segment that messages lie in.
    Shared(Arc<Segment>),
    /// Bytes that are nowhere else: what stands around and between the messages.
    Loose(Vec<u8>),
}

impl Passage {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Shared(segment) => segment.bytes(),
            Self::Loose(bytes) => bytes,
        }
    }
}

/// Collects passages, told in the order of the body.
#[derive(Debug, Default)]
pub(super) struct Record {
    passages: VecDeque<Passage>,
}

impl Record {
    pub(super) fn next(&mut self) -> Option<Passage> {
        self.passages.pop_front()
    }

    /// The next bytes of the body, which are kept nowhere.
    pub(super) fn loose(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.passages.push_back(Passage::Loose(bytes.to_vec()));
        }
    }

    /// The next bytes of the body are those of this segment.
    pub(super) fn shared(&mut self, segment: &Arc<Segment>) {
        self.passages.push_back(Passage::Shared(Arc::clone(segment)));
    }
}
