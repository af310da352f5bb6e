//! An entry in the making, fed while its body arrives.

use std::{io::Write, path::PathBuf};

use super::{
    Cache, Extent, Key, block,
    format::{END, End, Head},
};
use crate::domain::Stamp;
use crate::runtime::files::{AtomicFile, FileError};

/// Takes a body piece by piece. Dropped without [`Writer::commit`] it leaves no trace, and neither does a kill: what
/// that leaves is swept by the next instance. After an error all further calls fail too, so it is enough to look at
/// the last one, or at none.
#[derive(Debug)]
pub struct Writer {
    cache: Cache,
    path: PathBuf,
    file: AtomicFile,
    head: Vec<u8>,
    seed: u32,
    /// Plain bytes of a block; at most [`block::SIZE`].
    pub(super) full: usize,
    /// Plain bytes that do not fill a block yet.
    pending: Vec<u8>,
    packed: Vec<u8>,
    plain: u64,
    blocks: u32,
    stored: u64,
    failed: bool,
}

impl Writer {
    pub(super) fn begin(cache: &Cache, key: &Key, fetched: Stamp) -> Result<Self, FileError> {
        let path = cache.path(key);
        let Some((head, seed)) = Head::new(key.clone(), fetched).written() else {
            return Err(FileError::of("write", &path)(std::io::ErrorKind::InvalidInput.into()));
        };
        let mut writer = Self {
            cache: cache.clone(),
            file: AtomicFile::create(&path)?,
            path,
            head,
            seed,
            full: block::SIZE,
            pending: Vec::new(),
            packed: Vec::new(),
            plain: 0,
            blocks: 0,
            stored: 0,
            failed: false,
        };
        writer.put_head()?;
        Ok(writer)
    }

    /// The next bytes of the body.
    ///
    /// # Errors
    /// The disk refuses, or the entry alone is larger than the cache may be.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.usable()?;
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = self.full.saturating_sub(self.pending.len());
            let (now, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.pending.extend_from_slice(now);
            rest = later;
            if self.pending.len() >= self.full {
                self.put_block()?;
            }
        }
        Ok(())
    }

    /// Forgets what came so far: the body begins again.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn restart(&mut self) -> Result<(), FileError> {
        self.usable()?;
        self.failed = true;
        self.file.restart()?;
        self.failed = false;
        self.pending.clear();
        (self.plain, self.blocks, self.stored) = (0, 0, 0);
        self.put_head()
    }

    /// Puts the entry in its place and makes room for it at the cost of the oldest ones.
    ///
    /// # Errors
    /// As for [`Writer::push`]; the entry that was there before is still there then.
    pub fn commit(mut self, extent: Extent) -> Result<(), FileError> {
        self.usable()?;
        if !self.pending.is_empty() {
            self.put_block()?;
        }
        let end = End { plain: self.plain, blocks: self.blocks, extent }.written(self.seed);
        self.put(&end)?;
        self.file.commit()?;
        self.cache.make_room(&self.path);
        Ok(())
    }

    fn put_head(&mut self) -> Result<(), FileError> {
        let head = std::mem::take(&mut self.head);
        let outcome = self.put(&head);
        self.head = head;
        outcome
    }

    fn put_block(&mut self) -> Result<(), FileError> {
        let mut packed = std::mem::take(&mut self.packed);
        block::pack(&self.pending, self.seed, self.blocks, &mut packed);
        let outcome = self.put(&packed);
        self.packed = packed;
        self.plain = self.plain.saturating_add(self.pending.len() as u64);
        self.blocks = self.blocks.saturating_add(1);
        self.pending.clear();
        outcome
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.stored = self.stored.saturating_add(bytes.len() as u64);
        let written = if self.stored.saturating_add(END as u64) > self.cache.limit {
            Err(std::io::ErrorKind::FileTooLarge.into())
        } else {
            self.file.write_all(bytes)
        };
        self.failed = written.is_err();
        written.map_err(FileError::of("write", &self.path))
    }

    fn usable(&self) -> Result<(), FileError> {
        if self.failed {
            return Err(FileError::of("write", &self.path)(std::io::ErrorKind::BrokenPipe.into()));
        }
        Ok(())
    }
}
