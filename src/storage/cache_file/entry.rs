//! Reads an entry block by block; only verified bytes are returned.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
};

use super::{
    BodyCompleteness, CacheKey, block,
    format::{FOOTER_SIZE, FileHeader, Footer, PRELUDE_SIZE, decode_prelude},
};
use crate::domain::Timestamp;
use crate::platform::is_same_file;
use crate::storage::files::open_no_follow;

/// An open entry; it stays readable if it is replaced or removed meanwhile.
#[derive(Debug)]
pub struct EntryReader {
    path: PathBuf,
    reader: BufReader<File>,
    header: FileHeader,
    footer: Footer,
    seed: u32,
    /// Stored bytes of the blocks not yet read.
    remaining: u64,
    blocks_read: u32,
    bytes_read: u64,
    stored: Vec<u8>,
    plain: Vec<u8>,
    /// The part of `plain` that [`Read`] has not returned.
    unread: Range<usize>,
}

/// The entry is damaged and was removed. The bytes read before this error are valid but incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cached copy is damaged and was removed")]
pub struct DamagedEntry;

impl EntryReader {
    /// Opens an entry; `None` if it is missing or damaged. A damaged entry is removed.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let file = open_no_follow(path).ok()?;
        let length = file.metadata().ok().filter(fs::Metadata::is_file)?.len();
        let mut reader = BufReader::with_capacity(block::SIZE, file);
        let Some((header, footer, seed, remaining)) = read_header_and_footer(&mut reader, length) else {
            remove_if_same(path, reader.get_ref());
            return None;
        };
        Some(Self {
            path: path.to_owned(),
            reader,
            header,
            footer,
            seed,
            remaining,
            blocks_read: 0,
            bytes_read: 0,
            stored: Vec::new(),
            plain: Vec::new(),
            unread: 0..0,
        })
    }

    /// Returns the identity of the body.
    pub fn key(&self) -> &CacheKey {
        &self.header.key
    }

    /// Returns the time at which the body was fetched.
    pub fn fetched_at(&self) -> Timestamp {
        self.header.fetched_at()
    }

    /// Returns the number of bytes of the body.
    pub fn body_size(&self) -> u64 {
        self.footer.plain_len
    }

    pub fn completeness(&self) -> BodyCompleteness {
        self.footer.completeness
    }

    /// Returns the next bytes, at most 256 KiB; `None` at the end.
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

    /// Reads the remaining bytes into memory.
    ///
    /// # Errors
    /// The entry is damaged; it is removed.
    pub fn read_all(mut self) -> Result<Vec<u8>, DamagedEntry> {
        let mut all = Vec::with_capacity(usize::try_from(self.body_size()).unwrap_or_default());
        while let Some(chunk) = self.next_chunk()? {
            all.extend_from_slice(chunk);
        }
        Ok(all)
    }

    fn read_block(&mut self) -> Option<()> {
        let mut bytes = [0; block::HEADER_SIZE];
        self.remaining = self.remaining.checked_sub(block::HEADER_SIZE as u64)?;
        self.reader.read_exact(&mut bytes).ok()?;
        let header = block::BlockHeader::decode(&bytes)?;
        self.remaining = self.remaining.checked_sub(header.stored_len as u64)?;
        self.stored.resize(header.stored_len, 0);
        self.reader.read_exact(&mut self.stored).ok()?;
        if !header.decompress(&self.stored, self.seed, self.blocks_read, &mut self.plain) {
            return None;
        }
        self.blocks_read = self.blocks_read.checked_add(1)?;
        self.bytes_read = self.bytes_read.checked_add(self.plain.len() as u64)?;
        (self.blocks_read <= self.footer.block_count && self.bytes_read <= self.footer.plain_len)
            .then_some(())
    }
}

impl Read for EntryReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.unread.is_empty() {
            let length = self.next_chunk().map_err(io::Error::other)?.map_or(0, <[u8]>::len);
            self.unread = 0..length;
        }
        let count = self.plain.get(self.unread.clone()).unwrap_or_default().read(buffer)?;
        self.unread.start += count;
        Ok(count)
    }
}

/// Reads header and footer and returns them with the seed and the length of the blocks; leaves the reader at the first
/// block.
fn read_header_and_footer(
    reader: &mut BufReader<File>,
    length: u64,
) -> Option<(FileHeader, Footer, u32, u64)> {
    let mut prelude = [0; PRELUDE_SIZE];
    reader.read_exact(&mut prelude).ok()?;
    let (header_len, seed) = decode_prelude(&prelude)?;
    let mut json = vec![0; header_len];
    reader.read_exact(&mut json).ok()?;
    let header = FileHeader::decode(&json, seed)?;
    let blocks_start = (PRELUDE_SIZE + header_len) as u64;
    let blocks_len = length.checked_sub(blocks_start)?.checked_sub(FOOTER_SIZE as u64)?;
    let mut bytes = [0; FOOTER_SIZE];
    reader.seek(SeekFrom::End(-(FOOTER_SIZE as i64))).ok()?;
    reader.read_exact(&mut bytes).ok()?;
    let footer = Footer::decode(&bytes, seed).filter(|footer| footer.is_plausible(blocks_len))?;
    reader.seek(SeekFrom::Start(blocks_start)).ok()?;
    Some((header, footer, seed, blocks_len))
}

/// Removes a damaged entry, unless another instance has replaced it by then.
fn remove_if_same(path: &Path, opened: &File) {
    if is_same_file(path, opened) {
        // In a read-only folder, the damaged entry stays and is still treated as missing.
        let _removed = fs::remove_file(path).is_ok();
    }
}
