//! The program's own files: their folders, and private, atomic writes. File names must not come from untrusted data.

mod atomic;
mod folders;

use std::{
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

pub use atomic::{AtomicFile, sweep, write_atomic};
pub use folders::Folders;

use crate::platform;

/// A failed file operation. The path may contain any character and must pass the text gate before it is shown.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {}: {}", path.display(), reason(source))]
pub struct FileError {
    /// The verb of the message "cannot write PATH".
    pub operation: &'static str,
    pub path: PathBuf,
    pub source: io::Error,
}

impl FileError {
    /// Returns a function for `map_err`.
    pub fn wrap(operation: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { operation, path: path.to_owned(), source }
    }

    /// Returns the next step for the user, in one sentence.
    pub fn hint(&self) -> &'static str {
        match self.source.kind() {
            io::ErrorKind::PermissionDenied => "Check the owner and mode of the file and its folder.",
            io::ErrorKind::NotFound => "Check the path.",
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "Free some disk space.",
            io::ErrorKind::ReadOnlyFilesystem => "Set UNSPOOL_HOME to a writable folder.",
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                "Move the file or folder that is in the way."
            }
            _ if self.is_link() => {
                "Symbolic links are not followed here: replace the link with a plain file."
            }
            _ => "Check the disk and the path.",
        }
    }

    fn is_link(&self) -> bool {
        platform::is_symlink_error(&self.source)
    }
}

/// Returns the reason without the path, which the message names already.
fn reason(error: &io::Error) -> String {
    // The error of a temporary file wraps that of the system and adds the path.
    let inner = error.get_ref().and_then(|wrapper| wrapper.source()?.downcast_ref::<io::Error>());
    let error = inner.unwrap_or(error);
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::Other => error.to_string(),
        // All unknown kinds share one name; the message of the system is more specific.
        kind => Some(kind.to_string())
            .filter(|name| !name.contains("uncategorized"))
            .unwrap_or_else(|| error.to_string()),
    }
}

/// Creates a folder and its parents so that only its owner can enter; restricts an existing one. Use it only for folders
/// that belong to this program.
///
/// # Errors
/// The folder cannot be created, or a file is in its place.
pub fn create_private_folder(path: &Path) -> Result<(), FileError> {
    platform::create_private_folder(path).map_err(FileError::wrap("create the folder", path))
}

/// Opens one of the program's own files for reading, but not through a symbolic link, and not a pipe, which might never
/// end.
///
/// # Errors
/// The file does not exist, is a link, no regular file, or cannot be read.
pub fn open_no_follow(path: &Path) -> Result<File, FileError> {
    let open = || {
        let file = platform::open_no_follow(OpenOptions::new().read(true), path)?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not a regular file")) }
    };
    open().map_err(FileError::wrap("read", path))
}

/// A folder that only its owner can enter, removed on drop.
#[derive(Debug)]
pub struct TemporaryFolder(tempfile::TempDir);

impl TemporaryFolder {
    /// Creates the folder in the system's folder for temporary files.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn create() -> Result<Self, FileError> {
        let folder = tempfile::Builder::new().prefix("unspool-").tempdir();
        folder.map(Self).map_err(FileError::wrap("create a folder in", &std::env::temp_dir()))
    }

    /// Returns the path.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// An advisory lock for read-modify-write access to a file by several instances. Released on drop, and when the process
/// ends in any way.
#[derive(Debug)]
pub struct FileLock(File);

impl FileLock {
    /// Waits for the lock on `path`, a file that serves no other purpose. After `max_wait`, returns `None` instead of an
    /// error, because a suspended holder must not block other instances.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn acquire(path: &Path, max_wait: Duration) -> Result<Option<Self>, FileError> {
        const RETRY_INTERVAL: Duration = Duration::from_millis(10);
        let mut options = OpenOptions::new();
        platform::set_owner_only(options.create(true).write(true).truncate(false));
        let file = platform::open_no_follow(&mut options, path).map_err(FileError::wrap("lock", path))?;
        let started = Instant::now();
        loop {
            if file.try_lock().is_ok() {
                return Ok(Some(Self(file)));
            }
            if started.elapsed() >= max_wait {
                return Ok(None);
            }
            thread::sleep(RETRY_INTERVAL);
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing the file also releases the lock; a lock that cannot be released ends with the process.
        let _released = self.0.unlock().is_ok();
    }
}

/// Returns the path independent of the working folder, with a leading `~/` expanded.
pub fn absolute_path(path: &Path) -> PathBuf {
    let path = expand_home(path);
    std::path::absolute(&path).unwrap_or(path)
}

/// Expands a leading `~/`, which no shell does for input in the thread box.
pub fn expand_home(path: &Path) -> PathBuf {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_path_buf());
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_path_buf(),
    }
}

#[cfg(test)]
mod tests;
