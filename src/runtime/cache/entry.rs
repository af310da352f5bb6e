//! Reading an entry, block by block; no byte is given out that was not verified.

use std::{
    fs::{self, File},
    io::{BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{
    Extent, Key, block,
    format::{END, End, Head, PRELUDE, read_prelude},
};
use crate::domain::Stamp;
use crate::runtime::{files::open_plain, platform::is_same_file};

/// An entry that was opened; it stays readable when it is replaced or removed meanwhile.
#[derive(Debug)]
pub struct Entry {
    path: PathBuf,
    reader: BufReader<File>,
    head: Head,
    end: End,
    seed: u32,
    /// Stored bytes of the blocks that are still to come.
    left: u64,
    done: u32,
    given: u64,
    stored: Vec<u8>,
    plain: Vec<u8>,
}

/// The entry turned out to be damaged. What it gave before is right, but not all; it is no longer there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cached copy is damaged and was removed")]
pub struct Damaged;

impl Entry {
    /// None if there is none, or one that cannot be whole; that one is removed.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let file = open_plain(path).ok()?;
        let length = file.metadata().ok().filter(fs::Metadata::is_file)?.len();
        let mut reader = BufReader::with_capacity(block::SIZE, file);
        let Some((head, end, seed, left)) = read_frame(&mut reader, length) else {
            remove_if_same(path, reader.get_ref());
            return None;
        };
        let (stored, plain) = (Vec::new(), Vec::new());
        Some(Self { path: path.to_owned(), reader, head, end, seed, left, done: 0, given: 0, stored, plain })
    }

    pub(super) fn key(&self) -> &Key {
        &self.head.key
    }

    /// When the body was fetched.
    pub fn fetched(&self) -> Stamp {
        self.head.fetched()
    }

    /// Bytes of the body.
    pub fn len(&self) -> u64 {
        self.end.plain
    }

    /// Whether the body has no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.end.plain == 0
    }

    pub fn extent(&self) -> Extent {
        self.end.extent
    }

    /// The next bytes, none at the end. At most 256 KiB at a time.
    ///
    /// # Errors
    /// The entry is damaged from here on; it is removed.
    pub fn next_chunk(&mut self) -> Result<Option<&[u8]>, Damaged> {
        if self.done == self.end.blocks && self.left == 0 && self.given == self.end.plain {
            return Ok(None);
        }
        if self.read_block().is_none() {
            remove_if_same(&self.path, self.reader.get_ref());
            return Err(Damaged);
        }
        Ok(Some(&self.plain))
    }

    /// Reads all that is left; only for bodies that fit in memory twice.
    ///
    /// # Errors
    /// The entry is damaged; it is removed.
    pub fn read_all(mut self) -> Result<Vec<u8>, Damaged> {
        let mut all = Vec::with_capacity(usize::try_from(self.len()).unwrap_or_default());
        while let Some(chunk) = self.next_chunk()? {
            all.extend_from_slice(chunk);
        }
        Ok(all)
    }

    fn read_block(&mut self) -> Option<()> {
        let mut bytes = [0; block::HEAD];
        self.left = self.left.checked_sub(block::HEAD as u64)?;
        self.reader.read_exact(&mut bytes).ok()?;
        let head = block::Head::read(&bytes)?;
        self.left = self.left.checked_sub(head.stored as u64)?;
        self.stored.resize(head.stored, 0);
        self.reader.read_exact(&mut self.stored).ok()?;
        if !head.unpack(&self.stored, self.seed, self.done, &mut self.plain) {
            return None;
        }
        self.done = self.done.checked_add(1)?;
        self.given = self.given.checked_add(self.plain.len() as u64)?;
        (self.done <= self.end.blocks && self.given <= self.end.plain).then_some(())
    }
}

/// Head, end, seed and the length of the blocks between; the reader stands at the first block then.
fn read_frame(reader: &mut BufReader<File>, length: u64) -> Option<(Head, End, u32, u64)> {
    let mut prelude = [0; PRELUDE];
    reader.read_exact(&mut prelude).ok()?;
    let (head_length, seed) = read_prelude(&prelude)?;
    let mut json = vec![0; head_length];
    reader.read_exact(&mut json).ok()?;
    let head = Head::read(&json, seed)?;
    let begin = (PRELUDE + head_length) as u64;
    let left = length.checked_sub(begin)?.checked_sub(END as u64)?;
    let mut bytes = [0; END];
    reader.seek(SeekFrom::End(-(END as i64))).ok()?;
    reader.read_exact(&mut bytes).ok()?;
    let end = End::read(&bytes, seed).filter(|end| end.can_be(left))?;
    reader.seek(SeekFrom::Start(begin)).ok()?;
    Some((head, end, seed, left))
}

/// Another instance may have put a good entry there since; that one stays.
fn remove_if_same(path: &Path, opened: &File) {
    if is_same_file(path, opened) {
        // A read-only folder keeps its damaged entry; it stays a miss.
        let _removed = fs::remove_file(path).is_ok();
    }
}
