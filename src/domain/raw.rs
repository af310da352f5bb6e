//! The bytes of one message as they came, shared with the run of bytes it was cut out of.

use std::fmt;
use std::sync::Arc;

use super::Segment;

/// The raw JSON of one message: a window into a shared segment of the body. 16 bytes and a reference count;
/// the text of a thread exists once, however many places look at it.
#[derive(Clone)]
pub struct Raw {
    segment: Arc<Segment>,
    start: u32,
    len: u32,
}

impl Raw {
    /// The window `start..start + len` of `segment`; cut down to what the segment holds.
    pub fn window(segment: &Arc<Segment>, start: usize, len: usize) -> Self {
        let start = start.min(segment.len());
        let len = len.min(segment.len() - start);
        Self {
            segment: Arc::clone(segment),
            start: u32::try_from(start).unwrap_or(u32::MAX),
            len: u32::try_from(len).unwrap_or(u32::MAX),
        }
    }

    /// A message that owns its bytes.
    pub fn owned(bytes: Vec<u8>) -> Self {
        let len = bytes.len();
        Self::window(&Arc::new(Segment::from(bytes)), 0, len)
    }

    /// The message's JSON.
    pub fn bytes(&self) -> &[u8] {
        let start = self.start as usize;
        self.segment.bytes().get(start..start + self.len as usize).unwrap_or_default()
    }

    /// The segment this message was cut out of; messages of one segment share it.
    pub fn segment(&self) -> &Arc<Segment> {
        &self.segment
    }

    /// Where in its segment the message starts, in bytes.
    pub fn offset(&self) -> usize {
        self.start as usize
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there are no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All of the message as a piece of itself.
    pub fn full_range(&self) -> ByteRange {
        ByteRange { start: 0, len: self.len }
    }

    /// A piece of this message by itself, sharing the same bytes.
    pub fn slice(&self, piece: ByteRange) -> Self {
        let at = (piece.start as usize).min(self.len());
        Self::window(&self.segment, self.offset() + at, (piece.len as usize).min(self.len() - at))
    }

    /// The bytes of a piece of this message; empty if it does not lie inside.
    pub fn bytes_in(&self, piece: ByteRange) -> &[u8] {
        piece.slice(self.bytes())
    }
}

impl PartialEq for Raw {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Eq for Raw {}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw({} bytes)", self.len)
    }
}

impl Default for Raw {
    fn default() -> Self {
        Self::owned(Vec::new())
    }
}

/// A part of a message's raw bytes: byte offset and length. Empty means "not there".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ByteRange {
    /// Offset in bytes from the start of the message.
    pub start: u32,
    /// Length in bytes.
    pub len: u32,
}

impl ByteRange {
    /// The piece that `inner` is of `outer`, by address; empty if it is not a part of it.
    pub fn of_subslice(outer: &[u8], inner: &[u8]) -> Self {
        let at = (inner.as_ptr() as usize).wrapping_sub(outer.as_ptr() as usize);
        match (u32::try_from(at), u32::try_from(inner.len())) {
            (Ok(start), Ok(len)) if at.saturating_add(inner.len()) <= outer.len() => Self { start, len },
            _ => Self::default(),
        }
    }

    /// The bytes of this piece.
    pub fn slice(self, outer: &[u8]) -> &[u8] {
        let at = self.start as usize;
        outer.get(at..at.saturating_add(self.len as usize)).unwrap_or_default()
    }

    /// Whether the piece is "not there".
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
}
