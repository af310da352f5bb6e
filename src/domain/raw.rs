//! The verbatim bytes of a message: a window into the segment in which they were received.

use std::fmt;
use std::sync::Arc;

use super::Segment;

/// The raw JSON of a message: a window into a shared segment of the body. It takes 16 bytes; the
/// segment is reference-counted, so the bytes of a thread are in memory only once.
#[derive(Clone)]
pub struct Raw {
    segment: Arc<Segment>,
    start: u32,
    len: u32,
}

impl Raw {
    /// Returns the window `start..start + len` of `segment`, clamped to the segment.
    pub fn window(segment: &Arc<Segment>, start: usize, len: usize) -> Self {
        let start = start.min(segment.len());
        let len = len.min(segment.len() - start);
        Self {
            segment: Arc::clone(segment),
            start: u32::try_from(start).unwrap_or(u32::MAX),
            len: u32::try_from(len).unwrap_or(u32::MAX),
        }
    }

    /// Creates a window over a new segment with these bytes.
    pub fn owned(bytes: Vec<u8>) -> Self {
        let len = bytes.len();
        Self::window(&Arc::new(Segment::from(bytes)), 0, len)
    }

    /// Returns the message's JSON.
    pub fn bytes(&self) -> &[u8] {
        let start = self.start as usize;
        self.segment.bytes().get(start..start + self.len as usize).unwrap_or_default()
    }

    /// Returns the start of the message in its segment, in bytes.
    pub fn offset(&self) -> usize {
        self.start as usize
    }

    /// Returns the length in bytes.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Returns whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the range of the whole message.
    pub fn full_range(&self) -> ByteRange {
        ByteRange { start: 0, len: self.len }
    }

    /// Returns a part of this message, which shares the segment.
    pub fn slice(&self, range: ByteRange) -> Self {
        let start = (range.start as usize).min(self.len());
        Self::window(&self.segment, self.offset() + start, (range.len as usize).min(self.len() - start))
    }

    /// Returns the bytes of a range of this message; empty if it does not lie inside.
    pub fn bytes_in(&self, range: ByteRange) -> &[u8] {
        range.slice(self.bytes())
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

/// A range of a message's raw bytes; an empty one means that the value is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ByteRange {
    /// The offset in bytes from the start of the message.
    pub start: u32,
    /// The length in bytes.
    pub len: u32,
}

impl ByteRange {
    /// Returns the range of `inner` within `outer`, by address; empty if it is not a part of it.
    pub fn of_subslice(outer: &[u8], inner: &[u8]) -> Self {
        let offset = (inner.as_ptr() as usize).wrapping_sub(outer.as_ptr() as usize);
        match (u32::try_from(offset), u32::try_from(inner.len())) {
            (Ok(start), Ok(len)) if offset.saturating_add(inner.len()) <= outer.len() => Self { start, len },
            _ => Self::default(),
        }
    }

    /// Returns the bytes of this range of `outer`; empty if it does not lie inside.
    pub fn slice(self, outer: &[u8]) -> &[u8] {
        let start = self.start as usize;
        outer.get(start..start.saturating_add(self.len as usize)).unwrap_or_default()
    }

    /// Returns whether the range is empty, which means absent.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }
}
