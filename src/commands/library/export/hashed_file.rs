//! A file of an export with the checksum of its bytes.

use std::io::{self, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::storage::files::{AtomicFile, FileError};
use crate::text::hex;

/// An unfinished file; dropped without [`HashedFile::commit`] it leaves no trace.
pub(super) struct HashedFile {
    file: AtomicFile,
    sha256: Sha256,
    bytes: u64,
}

impl HashedFile {
    /// Creates the file.
    ///
    /// # Errors
    /// The folder is missing or not writable.
    pub(super) fn create(path: &Path) -> Result<Self, FileError> {
        Ok(Self { file: AtomicFile::create(path)?, sha256: Sha256::new(), bytes: 0 })
    }

    /// Moves the file into place; returns its size, and its checksum as `sha256sum` prints it.
    ///
    /// # Errors
    /// The disk is full, or fails.
    pub(super) fn commit(self) -> Result<(u64, String), FileError> {
        self.file.sync()?;
        self.file.commit()?;
        Ok((self.bytes, hex(self.sha256.finalize())))
    }
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.sha256.update(bytes.get(..count).unwrap_or(bytes));
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
