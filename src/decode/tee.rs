//! The verbatim body, for the cache: in chunks, as the splitter releases them. Messages are not copied; their chunk is the
//! segment that contains them.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::domain::Segment;

/// A chunk of the body. Concatenated, all chunks are the body.
#[derive(Clone, Debug)]
pub enum BodyChunk {
    /// A segment with messages.
    Shared(Arc<Segment>),
    /// Bytes around and between the messages, which are in no segment.
    Copied(Vec<u8>),
}

impl BodyChunk {
    /// Returns the bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Shared(segment) => segment.bytes(),
            Self::Copied(bytes) => bytes,
        }
    }
}

/// Collects chunks in the order of the body.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    chunks: VecDeque<BodyChunk>,
}

impl Recorder {
    pub(super) fn next_chunk(&mut self) -> Option<BodyChunk> {
        self.chunks.pop_front()
    }

    /// Appends bytes that are in no segment.
    pub(super) fn push_copied(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.chunks.push_back(BodyChunk::Copied(bytes.to_vec()));
        }
    }

    /// Appends a segment.
    pub(super) fn push_shared(&mut self, segment: &Arc<Segment>) {
        self.chunks.push_back(BodyChunk::Shared(Arc::clone(segment)));
    }
}
