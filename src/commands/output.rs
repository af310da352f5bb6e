//! Where output goes: standard output, or a file that appears when it is whole. Nothing that exists is overwritten
//! unless that is asked for; a pipe that closes is not an error.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::{ExitCode, UserError};
use crate::storage::files::{AtomicFile, FileError};
use crate::text::Safe;

/// Bytes collected before they go out.
const BUFFER_BYTES: usize = 64 << 10;

/// What may be done to a file that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OverwritePolicy {
    #[default]
    Keep,
    Replace,
}

impl OverwritePolicy {
    /// From the flag `--force`.
    pub fn from_flag(force: bool) -> Self {
        if force { Self::Replace } else { Self::Keep }
    }
}

/// Where output is to go.
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
    /// What `-o` says; nothing and `-` mean standard output.
    pub fn new(path: Option<&Path>, existing: OverwritePolicy) -> Self {
        match path {
            Some(path) if path != Path::new("-") => Self::File { path: path.to_owned(), overwrite: existing },
            _ => Self::Stdout,
        }
    }

    /// Whether it is an existing folder, in which the file gets a name of its own.
    pub fn is_folder(&self) -> bool {
        matches!(self, Self::File { path, .. } if path.is_dir())
    }

    /// The same, with this name if it is a folder.
    #[must_use]
    pub fn resolve_in_folder(self, name: &str) -> Self {
        match self {
            Self::File { path, overwrite: existing } if path.is_dir() => {
                Self::File { path: path.join(name), overwrite: existing }
            }
            other => other,
        }
    }

    /// Refuses what could not be written in the end, before anything is fetched for it.
    ///
    /// # Errors
    /// A file that is there and may not be replaced.
    pub fn ensure_writable(&self) -> Result<(), UserError> {
        match self {
            Self::File { path, overwrite: OverwritePolicy::Keep } if is_occupied(path) => {
                Err(already_exists_error(path))
            }
            _ => Ok(()),
        }
    }

    /// The same where it has to be a file.
    ///
    /// # Errors
    /// A folder, too.
    pub fn ensure_writable_file(&self) -> Result<(), UserError> {
        match self {
            Self::File { path, .. } if path.is_dir() => Err(already_exists_error(path)),
            _ => self.ensure_writable(),
        }
    }
}

/// Devices and pipes are written to, not replaced.
fn is_stream(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir())
}

fn is_occupied(path: &Path) -> bool {
    path.symlink_metadata().is_ok() && !is_stream(path) && !path.is_dir()
}

fn already_exists_error(path: &Path) -> UserError {
    if path.is_dir() {
        let what = format!("{} is a folder", Safe::line(&path.display().to_string()));
        return UserError::new(what, "Name a file in it.", ExitCode::Failure);
    }
    let what = format!("{} is there already", Safe::line(&path.display().to_string()));
    UserError::new(what, "Choose another name, or replace it with --force.", ExitCode::Failure)
}

fn file_error(error: &FileError) -> UserError {
    UserError::new(error.to_string(), error.hint(), ExitCode::Failure)
}

enum Destination {
    Stdout(Stdout),
    Stream(File),
    File(AtomicFile, PathBuf, OverwritePolicy),
}

impl Destination {
    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Stdout(out) => out,
            Self::Stream(file) => file,
            Self::File(file, ..) => file,
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }
}

/// The file that is in the making, so that it can be removed when the program is told to end meanwhile.
#[derive(Clone, Debug, Default)]
pub struct TempFileGuard(Arc<Mutex<Option<PathBuf>>>);

impl TempFileGuard {
    fn set(&self, path: Option<PathBuf>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = path;
    }

    /// Removes what there is.
    pub fn remove(&self) {
        let path = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A file that is gone or has got its name by now is what was wanted.
        let _ = path.map(std::fs::remove_file);
    }
}

/// Output in the making.
pub struct Output(BufWriter<Destination>);

impl Output {
    /// Begins to write.
    ///
    /// # Errors
    /// The file cannot be made, or is there.
    pub fn open(target: OutputTarget) -> Result<Self, UserError> {
        target.ensure_writable()?;
        let kind = match target {
            OutputTarget::Stdout => Destination::Stdout(io::stdout()),
            OutputTarget::File { path, .. } if is_stream(&path) => {
                let opened = OpenOptions::new().write(true).open(&path);
                Destination::Stream(
                    opened.map_err(FileError::wrap("write", &path)).map_err(|error| file_error(&error))?,
                )
            }
            OutputTarget::File { path, overwrite: existing } => {
                let file = AtomicFile::create(&path).map_err(|error| file_error(&error))?;
                Destination::File(file, path, existing)
            }
        };
        Ok(Self(BufWriter::with_capacity(BUFFER_BYTES, kind)))
    }

    /// The same, known to who listens for signals.
    #[must_use]
    pub fn guarded_by(self, leftover: &TempFileGuard) -> Self {
        if let Destination::File(file, ..) = self.0.get_ref() {
            leftover.set(Some(file.temporary_path().to_owned()));
        }
        self
    }

    /// Forgets what was written, where that can be undone.
    ///
    /// # Errors
    /// The disk refuses; `Ok(false)` where what is written is gone for good.
    pub fn restart(&mut self) -> io::Result<bool> {
        self.0.flush()?;
        match self.0.get_mut() {
            Destination::File(file, ..) => file.restart().map(|()| true).map_err(|error| error.source),
            Destination::Stdout(_) | Destination::Stream(_) => Ok(false),
        }
    }

    /// All is written: a file gets its name.
    ///
    /// # Errors
    /// Something has the name by now, or the disk is full.
    pub fn finish(self) -> Result<(), UserError> {
        let kind = self.0.into_inner().map_err(|error| write_error(error.error()))?;
        match kind {
            Destination::Stdout(mut out) => out.flush().map_err(|error| write_error(&error)),
            Destination::Stream(_) => Ok(()),
            Destination::File(file, _, OverwritePolicy::Replace) => {
                file.commit().map_err(|error| file_error(&error))
            }
            Destination::File(file, path, OverwritePolicy::Keep) => match file.commit_new() {
                Ok(true) => Ok(()),
                Ok(false) => Err(already_exists_error(&path)),
                Err(error) => Err(file_error(&error)),
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

/// An error of writing as a failure; a closed pipe ends quietly, with exit code 0 and nothing to say.
pub fn write_error(error: &io::Error) -> UserError {
    match error.kind() {
        io::ErrorKind::BrokenPipe => UserError::new("", "", ExitCode::Success),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            UserError::new("the disk is full", "Free some space on that disk.", ExitCode::Failure)
        }
        _ => UserError::new(format!("the output could not be written: {error}"), "", ExitCode::Failure),
    }
}
