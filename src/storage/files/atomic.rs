//! Files that are there whole or not at all: written beside their place and then moved into it.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{FileError, platform};

const PREFIX: &str = ".unspool-";
const SUFFIX: &str = ".tmp";

/// A file in the making. Dropped without [`AtomicFile::commit`] it leaves no trace. Only its owner can read it, from
/// the first moment; what it replaces, also a symbolic link, is replaced and never followed.
#[derive(Debug)]
pub struct AtomicFile {
    temporary: NamedTempFile,
    path: PathBuf,
}

impl AtomicFile {
    /// Begins the file that will be at `path`, in the same folder, which has to be there.
    ///
    /// # Errors
    /// The folder is missing or cannot be written.
    pub fn create(path: &Path) -> Result<Self, FileError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let temporary = tempfile::Builder::new()
            .prefix(PREFIX)
            .suffix(SUFFIX)
            .tempfile_in(folder)
            .map_err(FileError::wrap("write", path))?;
        // The lock tells `sweep` that this is in use; where locks do not work, nothing is swept.
        let _locked = temporary.as_file().try_lock().is_ok();
        Ok(Self { temporary, path: path.to_owned() })
    }

    /// Where it is while it is in the making; gone after a commit.
    pub fn temporary_path(&self) -> &Path {
        self.temporary.path()
    }

    /// Moves it to its place.
    ///
    /// # Errors
    /// It cannot be moved there; the old file is still whole.
    pub fn commit(self) -> Result<(), FileError> {
        let Self { temporary, path } = self;
        platform::replace_file(temporary, &path).map_err(FileError::wrap("write", &path))
    }

    /// As [`AtomicFile::commit`], but only if there is nothing at its place yet; false if there is.
    ///
    /// # Errors
    /// It cannot be moved there for another reason.
    pub fn commit_new(self) -> Result<bool, FileError> {
        let Self { temporary, path } = self;
        match temporary.persist_noclobber(&path) {
            Ok(_) => Ok(true),
            Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(refused) => Err(FileError::wrap("write", &path)(refused.error)),
        }
    }

    /// Begins again with an empty file.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn restart(&mut self) -> Result<(), FileError> {
        let file = self.temporary.as_file_mut();
        let emptied = file.set_len(0).and_then(|()| io::Seek::rewind(file));
        emptied.map_err(FileError::wrap("write", &self.path))
    }

    /// Makes sure that a crash of the machine after the commit finds these bytes.
    ///
    /// # Errors
    /// The disk refuses.
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

/// Writes a small file whole, and makes sure that it is on the disk.
///
/// # Errors
/// Whatever stands in the way; the old file is still whole then.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(FileError::wrap("write", path))?;
    file.sync()?;
    file.commit()
}

/// Removes files in the making whose makers are gone, and returns how many. Those of running instances are locked.
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

/// Removes it if nobody holds it.
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
