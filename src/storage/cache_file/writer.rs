//! Writes an entry while its body arrives.

use std::{io::Write, path::PathBuf};

use super::{
    BodyCompleteness, Cache, CacheKey, block,
    format::{FOOTER_SIZE, FileHeader, Footer},
};
use crate::domain::Timestamp;
use crate::storage::files::{AtomicFile, FileError};

/// Writes a body chunk by chunk. If it is dropped without [`EntryWriter::commit`], it leaves no trace; the next instance
/// removes the files of a killed one. After an error, all further calls fail as well, so checking the last one is enough.
#[derive(Debug)]
pub struct EntryWriter {
    cache: Cache,
    path: PathBuf,
    file: AtomicFile,
    header: Vec<u8>,
    seed: u32,
    /// The plain bytes of a full block, at most [`block::SIZE`].
    pub(super) block_size: usize,
    /// Plain bytes of the unfinished block.
    pending: Vec<u8>,
    compressed: Vec<u8>,
    plain_len: u64,
    block_count: u32,
    stored_len: u64,
    failed: bool,
}

impl EntryWriter {
    pub(super) fn begin(cache: &Cache, key: &CacheKey, fetched_at: Timestamp) -> Result<Self, FileError> {
        let path = cache.path(key);
        let Some((header, seed)) = FileHeader::new(key.clone(), fetched_at).encode() else {
            return Err(FileError::wrap("write", &path)(std::io::ErrorKind::InvalidInput.into()));
        };
        let mut writer = Self {
            cache: cache.clone(),
            file: AtomicFile::create(&path)?,
            path,
            header,
            seed,
            block_size: block::SIZE,
            pending: Vec::new(),
            compressed: Vec::new(),
            plain_len: 0,
            block_count: 0,
            stored_len: 0,
            failed: false,
        };
        writer.write_header()?;
        Ok(writer)
    }

    /// Writes the next bytes of the body.
    ///
    /// # Errors
    /// The write fails, or the entry alone exceeds the limit of the cache.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.check_usable()?;
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = self.block_size.saturating_sub(self.pending.len());
            let (next, remaining) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.pending.extend_from_slice(next);
            rest = remaining;
            if self.pending.len() >= self.block_size {
                self.write_block()?;
            }
        }
        Ok(())
    }

    /// Discards all bytes so far, because the body starts again.
    ///
    /// # Errors
    /// The file cannot be emptied.
    pub fn restart(&mut self) -> Result<(), FileError> {
        self.check_usable()?;
        self.failed = true;
        self.file.restart()?;
        self.failed = false;
        self.pending.clear();
        (self.plain_len, self.block_count, self.stored_len) = (0, 0, 0);
        self.write_header()
    }

    /// Moves the entry into place and removes the oldest entries beyond the limit.
    ///
    /// # Errors
    /// As for [`EntryWriter::push`]; the previous entry stays.
    pub fn commit(mut self, completeness: BodyCompleteness) -> Result<(), FileError> {
        self.check_usable()?;
        if !self.pending.is_empty() {
            self.write_block()?;
        }
        let (plain_len, block_count) = (self.plain_len, self.block_count);
        let footer = Footer { plain_len, block_count, completeness }.encode(self.seed);
        self.write_bytes(&footer)?;
        self.file.commit()?;
        self.cache.evict_oldest(&self.path);
        Ok(())
    }

    fn write_header(&mut self) -> Result<(), FileError> {
        let header = std::mem::take(&mut self.header);
        let result = self.write_bytes(&header);
        self.header = header;
        result
    }

    fn write_block(&mut self) -> Result<(), FileError> {
        let mut compressed = std::mem::take(&mut self.compressed);
        block::compress(&self.pending, self.seed, self.block_count, &mut compressed);
        let result = self.write_bytes(&compressed);
        self.compressed = compressed;
        self.plain_len = self.plain_len.saturating_add(self.pending.len() as u64);
        self.block_count = self.block_count.saturating_add(1);
        self.pending.clear();
        result
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.stored_len = self.stored_len.saturating_add(bytes.len() as u64);
        let result = if self.stored_len.saturating_add(FOOTER_SIZE as u64) > self.cache.limit {
            Err(std::io::ErrorKind::FileTooLarge.into())
        } else {
            self.file.write_all(bytes)
        };
        self.failed = result.is_err();
        result.map_err(FileError::wrap("write", &self.path))
    }

    fn check_usable(&self) -> Result<(), FileError> {
        if self.failed {
            return Err(FileError::wrap("write", &self.path)(std::io::ErrorKind::BrokenPipe.into()));
        }
        Ok(())
    }
}
