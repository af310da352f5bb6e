//! Atomic files: written to a temporary file in the same folder, then moved into place.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{FileError, platform};

const PREFIX: &str = ".unspool-";
const SUFFIX: &str = ".tmp";

/// An unfinished file. Dropped without [`AtomicFile::commit`] it leaves no trace. Only its owner can read it from the
/// start. The commit replaces a symbolic link without following it.
#[derive(Debug)]
pub struct AtomicFile {
    temporary: NamedTempFile,
    path: PathBuf,
}

impl AtomicFile {
    /// Creates the temporary file in the folder of `path`.
    ///
    /// # Errors
    /// The folder is missing or not writable.
    pub fn create(path: &Path) -> Result<Self, FileError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let temporary = tempfile::Builder::new()
            .prefix(PREFIX)
            .suffix(SUFFIX)
            .tempfile_in(folder)
            .map_err(FileError::wrap("write", path))?;
        // The lock marks the file as in use for `sweep`. If locks do not work, nothing is removed.
        let _locked = temporary.as_file().try_lock().is_ok();
        Ok(Self { temporary, path: path.to_owned() })
    }

    /// Returns the path of the temporary file; gone after a commit.
    pub fn temporary_path(&self) -> &Path {
        self.temporary.path()
    }

    /// Changes the place of the file, for one whose name depends on its content. It must be on the same file system.
    #[must_use]
    pub fn with_path(self, path: &Path) -> Self {
        Self { path: path.to_owned(), ..self }
    }

    /// Moves the file into place.
    ///
    /// # Errors
    /// The move fails; the old file stays intact.
    pub fn commit(self) -> Result<(), FileError> {
        let Self { temporary, path } = self;
        platform::replace_file(temporary, &path).map_err(FileError::wrap("write", &path))
    }

    /// Moves the file into place like [`AtomicFile::commit`], but never replaces a file. Returns false if one exists.
    ///
    /// # Errors
    /// The move fails for another reason.
    pub fn commit_new(self) -> Result<bool, FileError> {
        let Self { temporary, path } = self;
        match temporary.persist_noclobber(&path) {
            Ok(_) => Ok(true),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(FileError::wrap("write", &path)(error.error)),
        }
    }

    /// Empties the file.
    ///
    /// # Errors
    /// The file cannot be emptied.
    pub fn restart(&mut self) -> Result<(), FileError> {
        let file = self.temporary.as_file_mut();
        let result = file.set_len(0).and_then(|()| io::Seek::rewind(file));
        result.map_err(FileError::wrap("write", &self.path))
    }

    /// Flushes the bytes to the disk, so that they survive a crash of the machine after the commit.
    ///
    /// # Errors
    /// The flush fails.
    pub fn sync(&self) -> Result<(), FileError> {
        self.temporary.as_file().sync_all().map_err(FileError::wrap("write", &self.path))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.temporary.as_file_mut().flush()
    }
}

/// Writes a small file atomically and flushes it to the disk.
///
/// # Errors
/// The write fails; the old file stays intact.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(FileError::wrap("write", path))?;
    file.sync()?;
    file.commit()
}

/// Removes temporary files of dead processes and returns their number. Files of running instances are locked.
pub fn sweep(folder: &Path) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .filter(|entry| is_temporary(&entry.path()) && remove_if_abandoned(&entry.path()))
        .count()
}

fn is_temporary(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
}

/// Removes a file that no process holds locked.
fn remove_if_abandoned(path: &Path) -> bool {
    let Ok(file) = super::open_no_follow(path) else { return false };
    is_unlocked(&file) && fs::remove_file(path).is_ok()
}

fn is_unlocked(file: &File) -> bool {
    match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => false,
    }
}
