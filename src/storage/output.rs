//! Output to standard output, or to a file that appears once it is complete. Existing files are only overwritten with
//! `--force`; a closed pipe is not an error.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::{ExitCode, UserError};
use crate::storage::files::{AtomicFile, FileError};
use crate::text::Safe;

/// The size of the write buffer.
const BUFFER_BYTES: usize = 64 << 10;

/// The treatment of an existing file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverwritePolicy {
    #[default]
    Keep,
    Replace,
}

/// The destination of output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum OutputTarget {
    #[default]
    Stdout,
    File {
        path: PathBuf,
        overwrite: OverwritePolicy,
    },
}

impl OutputTarget {
    /// Creates a target; no path and `-` mean standard output.
    pub fn new(path: Option<&Path>, overwrite: OverwritePolicy) -> Self {
        match path {
            Some(path) if path != Path::new("-") => Self::File { path: path.to_owned(), overwrite },
            _ => Self::Stdout,
        }
    }

    /// If the target is a folder, returns the file with this name in it.
    #[must_use]
    pub fn resolve_in_folder(self, name: &str) -> Self {
        match self {
            Self::File { path, overwrite } if path.is_dir() => {
                Self::File { path: path.join(name), overwrite }
            }
            other => other,
        }
    }

    /// Checks, before anything is fetched, that the target can be written.
    ///
    /// # Errors
    /// The file exists and must not be replaced.
    pub fn ensure_writable(&self) -> Result<(), UserError> {
        match self {
            Self::File { path, overwrite: OverwritePolicy::Keep } if is_occupied(path) => {
                Err(already_exists_error(path))
            }
            _ => Ok(()),
        }
    }

    /// Like [`Self::ensure_writable`], for commands that cannot write into a folder.
    ///
    /// # Errors
    /// A file that exists and may not be replaced, or a folder.
    pub fn ensure_writable_file(&self) -> Result<(), UserError> {
        match self {
            Self::File { path, .. } if path.is_dir() => Err(already_exists_error(path)),
            _ => self.ensure_writable(),
        }
    }
}

/// Returns whether the path is a device or a pipe, which is written to rather than replaced.
fn is_stream(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

fn is_occupied(path: &Path) -> bool {
    path.symlink_metadata().is_ok() && !is_stream(path) && !path.is_dir()
}

fn already_exists_error(path: &Path) -> UserError {
    let name = path.display().to_string();
    let name = Safe::line(&name);
    if path.is_dir() {
        return UserError::new(format!("{name} is a folder"), "Pass a file name.", ExitCode::Failure);
    }
    let hint = "Choose another name, or pass --force to replace it.";
    UserError::new(format!("{name} already exists"), hint, ExitCode::Failure)
}

/// Converts a file error for the user.
pub fn file_error(error: FileError) -> UserError {
    UserError::new(error.to_string(), error.hint(), ExitCode::Failure)
}

enum Destination {
    Stdout(Stdout),
    Stream(File, PathBuf),
    File(AtomicFile, PathBuf, OverwritePolicy),
}

impl Destination {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Stdout(out) => out,
            Self::Stream(file, _) => file,
            Self::File(file, ..) => file,
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer().write(bytes).map_err(|error| self.name_file(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush().map_err(|error| self.name_file(error))
    }
}

impl Destination {
    /// Adds the path to a write error, unless it is a closed pipe.
    fn name_file(&self, error: io::Error) -> io::Error {
        match self {
            Self::Stream(_, path) | Self::File(_, path, _)
                if !matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::Interrupted) =>
            {
                io::Error::new(error.kind(), FileError::wrap("write", path)(error))
            }
            Self::Stdout(_) | Self::Stream(..) | Self::File(..) => error,
        }
    }
}

/// The temporary file of an unfinished output, to be removed if a signal ends the program.
#[derive(Clone, Debug, Default)]
pub struct TempFileGuard(Arc<Mutex<Option<PathBuf>>>);

impl TempFileGuard {
    fn set(&self, path: Option<PathBuf>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = path;
    }

    /// Removes the file, if any.
    pub fn remove(&self) {
        let path = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The file may have been removed, or renamed to its final name, in the meantime.
        let _ = path.map(std::fs::remove_file);
    }
}

/// An open output.
pub struct Output(BufWriter<Destination>);

impl Output {
    /// Opens the target for writing.
    ///
    /// # Errors
    /// The file cannot be created, or it exists.
    pub fn open(target: OutputTarget) -> Result<Self, UserError> {
        target.ensure_writable()?;
        let destination = match target {
            OutputTarget::Stdout => Destination::Stdout(io::stdout()),
            OutputTarget::File { path, .. } if is_stream(&path) => {
                let file =
                    OpenOptions::new().write(true).open(&path).map_err(FileError::wrap("write", &path));
                Destination::Stream(file.map_err(file_error)?, path)
            }
            OutputTarget::File { path, overwrite } => {
                Destination::File(AtomicFile::create(&path).map_err(file_error)?, path, overwrite)
            }
        };
        Ok(Self(BufWriter::with_capacity(BUFFER_BYTES, destination)))
    }

    /// Registers the temporary file with `temp_file`.
    #[must_use]
    pub fn guarded_by(self, temp_file: &TempFileGuard) -> Self {
        if let Destination::File(file, ..) = self.0.get_ref() {
            temp_file.set(Some(file.temporary_path().to_owned()));
        }
        self
    }

    /// Discards the written bytes; returns false if the destination cannot discard them.
    ///
    /// # Errors
    /// The file cannot be truncated.
    pub fn restart(&mut self) -> io::Result<bool> {
        self.0.flush()?;
        match self.0.get_mut() {
            Destination::File(file, ..) => file.restart().map(|()| true).map_err(|error| error.source),
            Destination::Stdout(_) | Destination::Stream(..) => Ok(false),
        }
    }

    /// Flushes the output; a file gets its final name.
    ///
    /// # Errors
    /// A file with that name was created in the meantime, or the disk is full.
    pub fn finish(self) -> Result<(), UserError> {
        let destination = self.0.into_inner().map_err(|error| write_error(error.error()))?;
        match destination {
            Destination::Stdout(mut out) => out.flush().map_err(|error| write_error(&error)),
            Destination::Stream(..) => Ok(()),
            Destination::File(file, _, OverwritePolicy::Replace) => file.commit().map_err(file_error),
            Destination::File(file, path, OverwritePolicy::Keep) => match file.commit_new() {
                Ok(true) => Ok(()),
                Ok(false) => Err(already_exists_error(&path)),
                Err(error) => Err(file_error(error)),
            },
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Converts a write error for the user. A closed pipe is a success without a message.
pub fn write_error(error: &io::Error) -> UserError {
    if let Some(named) = error.get_ref().and_then(|inner| inner.downcast_ref::<FileError>()) {
        return UserError::new(named.to_string(), named.hint(), ExitCode::Failure);
    }
    match error.kind() {
        io::ErrorKind::BrokenPipe => UserError::new("", "", ExitCode::Success),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            UserError::new("the disk is full", "Free some space on that disk.", ExitCode::Failure)
        }
        _ => UserError::new(format!("cannot write the output: {error}"), "", ExitCode::Failure),
    }
}
