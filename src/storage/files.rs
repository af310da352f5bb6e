//! Files of our own: where they live, how they are written so that nobody else can read them and nobody finds half of
//! one. Names that come from data have no business here: callers pass names of their own making.

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

/// What could not be done to which file. The path may hold any character: it passes the text gate before it is shown.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {}: {}", path.display(), reason(source))]
pub struct FileError {
    /// As in "cannot write PATH".
    pub operation: &'static str,
    pub path: PathBuf,
    pub source: io::Error,
}

impl FileError {
    /// For `map_err`.
    pub fn wrap(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self { operation: doing, path: path.to_owned(), source }
    }

    /// One sentence: what to do now.
    pub fn hint(&self) -> &'static str {
        match self.source.kind() {
            io::ErrorKind::PermissionDenied => "Check who owns it and its folder, and their modes.",
            io::ErrorKind::NotFound => "Check the path.",
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "Free some space on that disk.",
            io::ErrorKind::ReadOnlyFilesystem => "Choose a folder that can be written, with UNSPOOL_HOME.",
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => "Move what is in the way.",
            _ if self.is_link() => {
                "It is a symbolic link, which is not followed here: replace it by a plain file."
            }
            _ => "Check the disk and the path.",
        }
    }

    fn is_link(&self) -> bool {
        platform::is_symlink_error(&self.source)
    }
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        io::ErrorKind::Other => error.to_string(),
        // Kinds that the library does not know are all called the same; the system's own words say more.
        kind => Some(kind.to_string())
            .filter(|words| !words.contains("uncategorized"))
            .unwrap_or_else(|| error.to_string()),
    }
}

/// Makes a folder, and those above it, that only its owner can enter; one that exists is narrowed to that. So only
/// for folders that belong to this program alone.
///
/// # Errors
/// It cannot be made, or is in the way as something else.
pub fn create_private_folder(path: &Path) -> Result<(), FileError> {
    platform::create_private_folder(path).map_err(FileError::wrap("make the folder", path))
}

/// Opens a file of ours for reading; a symbolic link in its place is an error.
///
/// # Errors
/// It is not there, is a link or cannot be read.
pub fn open_no_follow(path: &Path) -> Result<File, FileError> {
    platform::open_no_follow(OpenOptions::new().read(true), path).map_err(FileError::wrap("read", path))
}

/// Held while a file is read, changed and written again, so that two instances take turns. Ends with the value, and
/// with the process, however that ends.
#[derive(Debug)]
pub struct FileLock(File);

impl FileLock {
    /// Waits its turn at `path`, a file that is only there for this. A holder that was stopped must not stop everyone:
    /// when `patience` has run out there is no turn, but no error either.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn acquire(path: &Path, patience: Duration) -> Result<Option<Self>, FileError> {
        const RETRY_INTERVAL: Duration = Duration::from_millis(10);
        let mut options = OpenOptions::new();
        platform::set_owner_only(options.create(true).write(true).truncate(false));
        let file = platform::open_no_follow(&mut options, path).map_err(FileError::wrap("lock", path))?;
        let begun = Instant::now();
        loop {
            if file.try_lock().is_ok() {
                return Ok(Some(Self(file)));
            }
            if begun.elapsed() >= patience {
                return Ok(None);
            }
            thread::sleep(RETRY_INTERVAL);
        }
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing would do the same; a lock that cannot be given back ends with the process.
        let _given_back = self.0.unlock().is_ok();
    }
}

#[cfg(test)]
mod tests;
