//! A byte buffer that is filled once and then shared. Large buffers are anonymous memory maps that request huge pages:
//! filling and freeing hundreds of megabytes costs one fault per page.

use std::fmt;

use memmap2::MmapMut;

/// The capacity from which a segment is memory-mapped: the usual size of a huge page.
const MIN_PAGED_CAPACITY: usize = 2 << 20;

/// The memory of a segment.
enum Storage {
    /// A vector as long as the capacity; bytes after the segment's length are unspecified.
    Heap(Vec<u8>),
    Pages(MmapMut),
}

impl Storage {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Heap(bytes) => bytes,
            Self::Pages(pages) => pages,
        }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Heap(bytes) => bytes,
            Self::Pages(pages) => pages,
        }
    }
}

/// A buffer with bytes and free space after them.
pub struct Segment {
    storage: Storage,
    len: usize,
}

impl Segment {
    /// Creates an empty segment with this capacity, in bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self::try_with_capacity(capacity).unwrap_or_else(|| Self::from(vec![0; capacity]).emptied())
    }

    /// Like [`with_capacity`](Self::with_capacity); none if the system has not enough memory.
    pub fn try_with_capacity(capacity: usize) -> Option<Self> {
        let pages = if capacity < MIN_PAGED_CAPACITY { None } else { MmapMut::map_anon(capacity).ok() };
        let storage = match pages {
            Some(pages) => advise_huge_pages(pages),
            None => {
                let mut bytes = Vec::new();
                bytes.try_reserve_exact(capacity).ok()?;
                bytes.resize(capacity, 0);
                Storage::Heap(bytes)
            }
        };
        Some(Self { storage, len: 0 })
    }

    fn emptied(mut self) -> Self {
        self.len = 0;
        self
    }

    /// Like [`with_capacity`](Self::with_capacity), with the memory already faulted in: filling it does not wait for the
    /// system to clear page after page.
    pub fn with_prefaulted_capacity(capacity: usize) -> Self {
        let segment = Self::with_capacity(capacity);
        #[cfg(target_os = "linux")]
        if let Storage::Pages(pages) = &segment.storage {
            // Best effort: systems without this advice fault the pages in on the first write.
            let _ = pages.advise(memmap2::Advice::PopulateWrite);
        }
        segment
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Allocated memory, in bytes.
    pub fn capacity(&self) -> usize {
        self.storage.bytes().len()
    }

    /// Returns the free space, in bytes.
    pub fn room(&self) -> usize {
        self.capacity() - self.len
    }

    /// Returns the bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        self.storage.bytes().get(..self.len).unwrap_or_default()
    }

    /// Returns the free space to write into; call [`advance`](Self::advance) afterwards. Its content is unspecified.
    pub fn spare(&mut self) -> &mut [u8] {
        self.storage.bytes_mut().get_mut(self.len..).unwrap_or_default()
    }

    /// Adds the first `count` bytes of [`spare`](Self::spare), which were written to, to the segment.
    pub fn advance(&mut self, count: usize) {
        self.len += count.min(self.room());
    }

    /// Appends as many of these bytes as fit, and returns their number.
    pub fn append(&mut self, bytes: &[u8]) -> usize {
        let spare = self.spare();
        let count = spare.len().min(bytes.len());
        if let (Some(to), Some(from)) = (spare.get_mut(..count), bytes.get(..count)) {
            to.copy_from_slice(from);
        }
        self.advance(count);
        count
    }

    /// Adds exactly this many bytes to the capacity. Returns false, and changes nothing, if the system has not enough
    /// memory.
    #[must_use]
    pub fn try_grow(&mut self, more: usize) -> bool {
        if self.capacity() == 0 {
            let grown = Self::try_with_capacity(more);
            return grown.map(|grown| *self = grown).is_some();
        }
        match &mut self.storage {
            Storage::Heap(bytes) => {
                if bytes.try_reserve_exact(more).is_err() {
                    return false;
                }
                bytes.resize(bytes.capacity(), 0);
            }
            Storage::Pages(pages) => {
                let mut bytes = Vec::new();
                if bytes.try_reserve_exact(pages.len() + more).is_err() {
                    return false;
                }
                bytes.extend_from_slice(pages);
                bytes.resize(bytes.capacity(), 0);
                self.storage = Storage::Heap(bytes);
            }
        }
        true
    }

    /// Discards the first `count` bytes; the rest moves to the front.
    pub fn drop_front(&mut self, count: usize) {
        let count = count.min(self.len);
        self.storage.bytes_mut().copy_within(count..self.len, 0);
        self.len -= count;
    }

    /// Discards the bytes after the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Shrinks the memory to `capacity`, or to the length if that is more.
    pub fn shrink_to(&mut self, capacity: usize) {
        let target = capacity.max(self.len);
        if target >= self.capacity() {
            return;
        }
        match &mut self.storage {
            Storage::Heap(bytes) => {
                bytes.truncate(target);
                bytes.shrink_to_fit();
            }
            Storage::Pages(pages) => {
                let kept = pages.get(..target).unwrap_or_default().to_vec();
                self.storage = Storage::Heap(kept);
            }
        }
    }
}

/// Requests huge pages. Best effort: normal pages work too, only slower.
fn advise_huge_pages(pages: MmapMut) -> Storage {
    #[cfg(target_os = "linux")]
    let _ = pages.advise(memmap2::Advice::HugePage);
    Storage::Pages(pages)
}

impl Default for Segment {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl From<Vec<u8>> for Segment {
    fn from(bytes: Vec<u8>) -> Self {
        Self { len: bytes.len(), storage: Storage::Heap(bytes) }
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segment({} of {} bytes)", self.len, self.capacity())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_segments_behave_alike() {
        for capacity in [8, MIN_PAGED_CAPACITY] {
            let mut segment = Segment::with_capacity(capacity);
            assert_eq!(
                (segment.append(b"abcdef"), segment.bytes(), segment.room()),
                (6, &b"abcdef"[..], capacity - 6)
            );
            segment.drop_front(2);
            segment.truncate(3);
            assert_eq!(segment.bytes(), b"cde");
            assert!(segment.try_grow(100));
            assert_eq!((segment.bytes(), segment.capacity()), (&b"cde"[..], capacity + 100));
            segment.shrink_to(0);
            assert_eq!((segment.bytes(), segment.capacity()), (&b"cde"[..], 3));
        }
    }

    #[test]
    fn without_memory_a_segment_stays_unchanged() {
        let mut segment = Segment::with_capacity(8);
        segment.append(b"abc");
        assert!(!segment.try_grow(usize::MAX / 4));
        assert_eq!((segment.bytes(), segment.capacity()), (&b"abc"[..], 8));
        assert!(Segment::try_with_capacity(usize::MAX / 4).is_none());
    }

    #[test]
    fn excess_bytes_are_not_appended() {
        let mut segment = Segment::with_capacity(4);
        assert_eq!(segment.append(b"abcdef"), 4);
        segment.advance(9);
        assert_eq!((segment.append(b"x"), segment.bytes()), (0, &b"abcd"[..]));
        assert_eq!(Segment::default().append(b"x"), 0);
    }

    #[test]
    fn shrinking_paged_memory_keeps_its_bytes() {
        let mut segment = Segment::with_capacity(MIN_PAGED_CAPACITY);
        segment.append(b"abc");
        segment.shrink_to(16);
        assert_eq!((segment.bytes(), segment.capacity(), segment.room()), (&b"abc"[..], 16, 13));
    }
}
