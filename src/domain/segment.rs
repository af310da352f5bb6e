//! A run of bytes that is filled once and then shared. Large runs are pages of their own, for which the system is asked
//! to use large ones: filling and freeing hundreds of megabytes costs a fault for each page.

use std::fmt;

use memmap2::MmapMut;

/// From this size on a run gets pages of its own: the usual size of a large page.
const MIN_PAGED_CAPACITY: usize = 2 << 20;

/// Where the bytes are.
enum Storage {
    /// As long as its capacity; what lies behind the run's length means nothing.
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

/// A run of bytes: those that are there, and room for more.
pub struct Segment {
    storage: Storage,
    len: usize,
}

impl Segment {
    /// An empty run with this much room, in bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        let pages = if capacity < MIN_PAGED_CAPACITY { None } else { MmapMut::map_anon(capacity).ok() };
        let store = pages.map_or_else(|| Storage::Heap(vec![0; capacity]), advise_huge_pages);
        Self { storage: store, len: 0 }
    }

    /// The same, with its memory there already: who fills it does not wait for the system to clear page after page.
    pub fn with_prefaulted_capacity(capacity: usize) -> Self {
        let segment = Self::with_capacity(capacity);
        #[cfg(target_os = "linux")]
        if let Storage::Pages(pages) = &segment.storage {
            // Where the system does not know this wish, pages come when they are written to.
            let _ = pages.advise(memmap2::Advice::PopulateWrite);
        }
        segment
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The memory it holds, in bytes.
    pub fn capacity(&self) -> usize {
        self.storage.bytes().len()
    }

    /// Room for more, in bytes.
    pub fn room(&self) -> usize {
        self.capacity() - self.len
    }

    /// The bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        self.storage.bytes().get(..self.len).unwrap_or_default()
    }

    /// The room itself, to write into; say [`filled`](Self::filled) afterwards. What is in it means nothing.
    pub fn spare(&mut self) -> &mut [u8] {
        self.storage.bytes_mut().get_mut(self.len..).unwrap_or_default()
    }

    /// So many bytes were written to the start of [`spare`](Self::spare); they belong to the run now.
    pub fn advance(&mut self, count: usize) {
        self.len += count.min(self.room());
    }

    /// Appends as many of these bytes as there is room for; returns how many that were.
    pub fn append(&mut self, bytes: &[u8]) -> usize {
        let spare = self.spare();
        let count = spare.len().min(bytes.len());
        if let (Some(to), Some(from)) = (spare.get_mut(..count), bytes.get(..count)) {
            to.copy_from_slice(from);
        }
        self.advance(count);
        count
    }

    /// Makes room for exactly this many bytes more than the capacity.
    pub fn grow(&mut self, more: usize) {
        if self.capacity() == 0 {
            *self = Self::with_capacity(more);
            return;
        }
        let mut bytes = match std::mem::replace(&mut self.storage, Storage::Heap(Vec::new())) {
            Storage::Heap(bytes) => bytes,
            Storage::Pages(pages) => pages.to_vec(),
        };
        bytes.reserve_exact(more);
        bytes.resize(bytes.capacity(), 0);
        self.storage = Storage::Heap(bytes);
    }

    /// Forgets the first `count` bytes; what follows moves to the front.
    pub fn drop_front(&mut self, count: usize) {
        let count = count.min(self.len);
        self.storage.bytes_mut().copy_within(count..self.len, 0);
        self.len -= count;
    }

    /// Forgets what lies behind the first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Gives memory back until `capacity`, or what the bytes need, is left.
    pub fn shrink_to(&mut self, capacity: usize) {
        let wanted = capacity.max(self.len);
        if wanted >= self.capacity() {
            return;
        }
        match &mut self.storage {
            Storage::Heap(bytes) => {
                bytes.truncate(wanted);
                bytes.shrink_to_fit();
            }
            Storage::Pages(pages) => {
                let kept = pages.get(..wanted).unwrap_or_default().to_vec();
                self.storage = Storage::Heap(kept);
            }
        }
    }
}

/// Asks for large pages. Where there are none, small ones do as well, only slower.
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
            let mut run = Segment::with_capacity(capacity);
            assert_eq!((run.append(b"abcdef"), run.bytes(), run.room()), (6, &b"abcdef"[..], capacity - 6));
            run.drop_front(2);
            run.truncate(3);
            assert_eq!(run.bytes(), b"cde");
            run.grow(100);
            assert_eq!((run.bytes(), run.capacity()), (&b"cde"[..], capacity + 100));
            run.shrink_to(0);
            assert_eq!((run.bytes(), run.capacity()), (&b"cde"[..], 3));
        }
    }

    #[test]
    fn excess_bytes_are_not_appended() {
        let mut run = Segment::with_capacity(4);
        assert_eq!(run.append(b"abcdef"), 4);
        run.advance(9);
        assert_eq!((run.append(b"x"), run.bytes()), (0, &b"abcd"[..]));
        assert_eq!(Segment::default().append(b"x"), 0);
    }

    #[test]
    fn shrinking_paged_memory_keeps_its_bytes() {
        let mut run = Segment::with_capacity(MIN_PAGED_CAPACITY);
        run.append(b"abc");
        run.shrink_to(16);
        assert_eq!((run.bytes(), run.capacity(), run.room()), (&b"abc"[..], 16, 13));
    }
}
