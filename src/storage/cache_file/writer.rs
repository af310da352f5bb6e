//! An entry in the making, fed while its body arrives.

use std::{io::Write, path::PathBuf};

use super::{
    BodyCompleteness, Cache, CacheKey, block,
    format::{FOOTER_SIZE, FileHeader, Footer},
};
use crate::domain::Timestamp;
use crate::storage::files::{AtomicFile, FileError};

/// Takes a body piece by piece. Dropped without [`Writer::commit`] it leaves no trace, and neither does a kill: what
/// that leaves is swept by the next instance. After an error all further calls fail too, so it is enough to look at
/// the last one, or at none.
#[derive(Debug)]
pub struct EntryWriter {
    cache: Cache,
    path: PathBuf,
    file: AtomicFile,
    header: Vec<u8>,
    seed: u32,
    /// Plain bytes of a block; at most [`block::SIZE`].
    pub(super) block_size: usize,
    /// Plain bytes that do not fill a block yet.
    pending: Vec<u8>,
    compressed: Vec<u8>,
    plain_len: u64,
    block_count: u32,
    stored_len: u64,
    failed: bool,
}

impl EntryWriter {
    pub(super) fn begin(cache: &Cache, key: &CacheKey, fetched: Timestamp) -> Result<Self, FileError> {
        let path = cache.path(key);
        let Some((head, seed)) = FileHeader::new(key.clone(), fetched).encode() else {
            return Err(FileError::wrap("write", &path)(std::io::ErrorKind::InvalidInput.into()));
        };
        let mut writer = Self {
            cache: cache.clone(),
            file: AtomicFile::create(&path)?,
            path,
            header: head,
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

    /// The next bytes of the body.
    ///
    /// # Errors
    /// The disk refuses, or the entry alone is larger than the cache may be.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.check_usable()?;
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = self.block_size.saturating_sub(self.pending.len());
            let (now, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.pending.extend_from_slice(now);
            rest = later;
            if self.pending.len() >= self.block_size {
                self.write_block()?;
            }
        }
        Ok(())
    }

    /// Forgets what came so far: the body begins again.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn restart(&mut self) -> Result<(), FileError> {
        self.check_usable()?;
        self.failed = true;
        self.file.restart()?;
        self.failed = false;
        self.pending.clear();
        (self.plain_len, self.block_count, self.stored_len) = (0, 0, 0);
        self.write_header()
    }

    /// Puts the entry in its place and makes room for it at the cost of the oldest ones.
    ///
    /// # Errors
    /// As for [`Writer::push`]; the entry that was there before is still there then.
    pub fn commit(mut self, extent: BodyCompleteness) -> Result<(), FileError> {
        self.check_usable()?;
        if !self.pending.is_empty() {
            self.write_block()?;
        }
        let end = Footer { plain_len: self.plain_len, block_count: self.block_count, completeness: extent }
            .encode(self.seed);
        self.write_bytes(&end)?;
        self.file.commit()?;
        self.cache.evict_oldest(&self.path);
        Ok(())
    }

    fn write_header(&mut self) -> Result<(), FileError> {
        let head = std::mem::take(&mut self.header);
        let outcome = self.write_bytes(&head);
        self.header = head;
        outcome
    }

    fn write_block(&mut self) -> Result<(), FileError> {
        let mut packed = std::mem::take(&mut self.compressed);
        block::compress(&self.pending, self.seed, self.block_count, &mut packed);
        let outcome = self.write_bytes(&packed);
        self.compressed = packed;
        self.plain_len = self.plain_len.saturating_add(self.pending.len() as u64);
        self.block_count = self.block_count.saturating_add(1);
        self.pending.clear();
        outcome
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.stored_len = self.stored_len.saturating_add(bytes.len() as u64);
        let written = if self.stored_len.saturating_add(FOOTER_SIZE as u64) > self.cache.limit {
            Err(std::io::ErrorKind::FileTooLarge.into())
        } else {
            self.file.write_all(bytes)
        };
        self.failed = written.is_err();
        written.map_err(FileError::wrap("write", &self.path))
    }

    fn check_usable(&self) -> Result<(), FileError> {
        if self.failed {
            return Err(FileError::wrap("write", &self.path)(std::io::ErrorKind::BrokenPipe.into()));
        }
        Ok(())
    }
}
