//! Reading an entry, block by block; no byte is given out that was not verified.

use std::{
    fs::{self, File},
    io::{BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{
    BodyCompleteness, CacheKey, block,
    format::{FOOTER_SIZE, FileHeader, Footer, PRELUDE_SIZE, decode_prelude},
};
use crate::domain::Timestamp;
use crate::platform::is_same_file;
use crate::storage::files::open_no_follow;

/// An entry that was opened; it stays readable when it is replaced or removed meanwhile.
#[derive(Debug)]
pub struct EntryReader {
    path: PathBuf,
    reader: BufReader<File>,
    header: FileHeader,
    footer: Footer,
    seed: u32,
    /// Stored bytes of the blocks that are still to come.
    remaining: u64,
    blocks_read: u32,
    bytes_read: u64,
    stored: Vec<u8>,
    plain: Vec<u8>,
}

/// The entry turned out to be damaged. What it gave before is right, but not all; it is no longer there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cached copy is damaged and was removed")]
pub struct DamagedEntry;

impl EntryReader {
    /// None if there is none, or one that cannot be whole; that one is removed.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let file = open_no_follow(path).ok()?;
        let length = file.metadata().ok().filter(fs::Metadata::is_file)?.len();
        let mut reader = BufReader::with_capacity(block::SIZE, file);
        let Some((head, end, seed, left)) = read_header_and_footer(&mut reader, length) else {
            remove_if_same(path, reader.get_ref());
            return None;
        };
        let (stored, plain) = (Vec::new(), Vec::new());
        Some(Self {
            path: path.to_owned(),
            reader,
            header: head,
            footer: end,
            seed,
            remaining: left,
            blocks_read: 0,
            bytes_read: 0,
            stored,
            plain,
        })
    }

    pub(super) fn key(&self) -> &CacheKey {
        &self.header.key
    }

    /// When the body was fetched.
    pub fn fetched_at(&self) -> Timestamp {
        self.header.fetched_at()
    }

    /// Bytes of the body.
    pub fn len(&self) -> u64 {
        self.footer.plain_len
    }

    /// Whether the body has no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.footer.plain_len == 0
    }

    pub fn completeness(&self) -> BodyCompleteness {
        self.footer.completeness
    }

    /// The next bytes, none at the end. At most 256 KiB at a time.
    ///
    /// # Errors
    /// The entry is damaged from here on; it is removed.
    pub fn next_chunk(&mut self) -> Result<Option<&[u8]>, DamagedEntry> {
        if self.blocks_read == self.footer.block_count
            && self.remaining == 0
            && self.bytes_read == self.footer.plain_len
        {
            return Ok(None);
        }
        if self.read_block().is_none() {
            remove_if_same(&self.path, self.reader.get_ref());
            return Err(DamagedEntry);
        }
        Ok(Some(&self.plain))
    }

    /// Reads all that is left; only for bodies that fit in memory twice.
    ///
    /// # Errors
    /// The entry is damaged; it is removed.
    pub fn read_all(mut self) -> Result<Vec<u8>, DamagedEntry> {
        let mut all = Vec::with_capacity(usize::try_from(self.len()).unwrap_or_default());
        while let Some(chunk) = self.next_chunk()? {
            all.extend_from_slice(chunk);
        }
        Ok(all)
    }

    fn read_block(&mut self) -> Option<()> {
        let mut bytes = [0; block::HEADER_SIZE];
        self.remaining = self.remaining.checked_sub(block::HEADER_SIZE as u64)?;
        self.reader.read_exact(&mut bytes).ok()?;
        let head = block::BlockHeader::decode(&bytes)?;
        self.remaining = self.remaining.checked_sub(head.stored_len as u64)?;
        self.stored.resize(head.stored_len, 0);
        self.reader.read_exact(&mut self.stored).ok()?;
        if !head.decompress(&self.stored, self.seed, self.blocks_read, &mut self.plain) {
            return None;
        }
        self.blocks_read = self.blocks_read.checked_add(1)?;
        self.bytes_read = self.bytes_read.checked_add(self.plain.len() as u64)?;
        (self.blocks_read <= self.footer.block_count && self.bytes_read <= self.footer.plain_len)
            .then_some(())
    }
}

/// Head, end, seed and the length of the blocks between; the reader stands at the first block then.
fn read_header_and_footer(
    reader: &mut BufReader<File>,
    length: u64,
) -> Option<(FileHeader, Footer, u32, u64)> {
    let mut prelude = [0; PRELUDE_SIZE];
    reader.read_exact(&mut prelude).ok()?;
    let (head_length, seed) = decode_prelude(&prelude)?;
    let mut json = vec![0; head_length];
    reader.read_exact(&mut json).ok()?;
    let head = FileHeader::decode(&json, seed)?;
    let begin = (PRELUDE_SIZE + head_length) as u64;
    let left = length.checked_sub(begin)?.checked_sub(FOOTER_SIZE as u64)?;
    let mut bytes = [0; FOOTER_SIZE];
    reader.seek(SeekFrom::End(-(FOOTER_SIZE as i64))).ok()?;
    reader.read_exact(&mut bytes).ok()?;
    let end = Footer::decode(&bytes, seed).filter(|end| end.is_plausible(left))?;
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
