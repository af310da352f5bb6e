//! The body once more, for who wants to keep it as it came: in the pieces in which the splitter lets go of it. Messages
//! are not copied for that; a piece of them is a window into the segment that they were handed out in.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::Segment;

/// A piece of the body. All of them, one after the other, are the body.
#[derive(Clone, Debug)]
pub enum BodyChunk {
    /// The bytes of a segment that messages lie in.
    Shared(Arc<Segment>),
    /// Bytes that are nowhere else: what stands around and between the messages.
    Copied(Vec<u8>),
}

impl BodyChunk {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Shared(segment) => segment.bytes(),
            Self::Copied(bytes) => bytes,
        }
    }
}

/// Collects passages, told in the order of the body.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    chunks: VecDeque<BodyChunk>,
}

impl Recorder {
    pub(super) fn next_chunk(&mut self) -> Option<BodyChunk> {
        self.chunks.pop_front()
    }

    /// The next bytes of the body, which are kept nowhere.
    pub(super) fn push_copied(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.chunks.push_back(BodyChunk::Copied(bytes.to_vec()));
        }
    }

    /// The next bytes of the body are those of this segment.
    pub(super) fn push_shared(&mut self, segment: &Arc<Segment>) {
        self.chunks.push_back(BodyChunk::Shared(Arc::clone(segment)));
    }
}
