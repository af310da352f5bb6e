//! Where output goes: standard output, or a file that appears when it is whole. Nothing that exists is overwritten
//! unless that is asked for; a pipe that closes is not an error.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::trouble;
use crate::event::Failure;
use crate::runtime::files::{AtomicFile, FileError};
use crate::text::Safe;

/// Bytes collected before they go out.
const BUFFER: usize = 64 << 10;

/// What may be done to a file that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Existing {
    #[default]
    Keep,
    Replace,
}

impl Existing {
    /// From the flag `--force`.
    pub fn from_flag(force: bool) -> Self {
        if force { Self::Replace } else { Self::Keep }
    }
}

/// Where output is to go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Target {
    #[default]
    Stdout,
    File {
        path: PathBuf,
        existing: Existing,
    },
}

impl Target {
    /// What `-o` says; nothing and `-` mean standard output.
    pub fn new(path: Option<&Path>, existing: Existing) -> Self {
        match path {
            Some(path) if path != Path::new("-") => Self::File { path: path.to_owned(), existing },
            _ => Self::Stdout,
        }
    }

    /// Whether it is an existing folder, in which the file gets a name of its own.
    pub fn is_folder(&self) -> bool {
        matches!(self, Self::File { path, .. } if path.is_dir())
    }

    /// The same, with this name if it is a folder.
    #[must_use]
    pub fn in_folder(self, name: &str) -> Self {
        match self {
            Self::File { path, existing } if path.is_dir() => Self::File { path: path.join(name), existing },
            other => other,
        }
    }

    /// Refuses what could not be written in the end, before anything is fetched for it.
    ///
    /// # Errors
    /// A file that is there and may not be replaced.
    pub fn check(&self) -> Result<(), Failure> {
        match self {
            Self::File { path, existing: Existing::Keep } if is_taken(path) => Err(taken(path)),
            _ => Ok(()),
        }
    }

    /// The same where it has to be a file.
    ///
    /// # Errors
    /// A folder, too.
    pub fn check_file(&self) -> Result<(), Failure> {
        match self {
            Self::File { path, .. } if path.is_dir() => Err(taken(path)),
            _ => self.check(),
        }
    }
}

/// Devices and pipes are written to, not replaced.
fn is_stream(path: &Path) -> bool {
    path.metadata().is_ok_and(|about| !about.is_file() && !about.is_dir())
}

fn is_taken(path: &Path) -> bool {
    path.symlink_metadata().is_ok() && !is_stream(path) && !path.is_dir()
}

fn taken(path: &Path) -> Failure {
    if path.is_dir() {
        let what = format!("{} is a folder", Safe::line(&path.display().to_string()));
        return trouble(what, "Name a file in it.", 1);
    }
    let what = format!("{} is there already", Safe::line(&path.display().to_string()));
    trouble(what, "Choose another name, or replace it with --force.", 1)
}

fn refused(error: &FileError) -> Failure {
    trouble(error.to_string(), error.advice(), 1)
}

enum Kind {
    Stdout(Stdout),
    Stream(File),
    File(AtomicFile, PathBuf, Existing),
}

impl Kind {
    fn sink(&mut self) -> &mut dyn Write {
        match self {
            Self::Stdout(out) => out,
            Self::Stream(file) => file,
            Self::File(file, ..) => file,
        }
    }
}

impl Write for Kind {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink().flush()
    }
}

/// The file that is in the making, so that it can be removed when the program is told to end meanwhile.
#[derive(Clone, Debug, Default)]
pub struct Leftover(Arc<Mutex<Option<PathBuf>>>);

impl Leftover {
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
pub struct Output(BufWriter<Kind>);

impl Output {
    /// Begins to write.
    ///
    /// # Errors
    /// The file cannot be made, or is there.
    pub fn open(target: Target) -> Result<Self, Failure> {
        target.check()?;
        let kind = match target {
            Target::Stdout => Kind::Stdout(io::stdout()),
            Target::File { path, .. } if is_stream(&path) => {
                let opened = OpenOptions::new().write(true).open(&path);
                Kind::Stream(opened.map_err(FileError::of("write", &path)).map_err(|error| refused(&error))?)
            }
            Target::File { path, existing } => {
                let file = AtomicFile::create(&path).map_err(|error| refused(&error))?;
                Kind::File(file, path, existing)
            }
        };
        Ok(Self(BufWriter::with_capacity(BUFFER, kind)))
    }

    /// The same, known to who listens for signals.
    #[must_use]
    pub fn guarded(self, leftover: &Leftover) -> Self {
        if let Kind::File(file, ..) = self.0.get_ref() {
            leftover.set(Some(file.temporary().to_owned()));
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
            Kind::File(file, ..) => file.restart().map(|()| true).map_err(|error| error.source),
            Kind::Stdout(_) | Kind::Stream(_) => Ok(false),
        }
    }

    /// All is written: a file gets its name.
    ///
    /// # Errors
    /// Something has the name by now, or the disk is full.
    pub fn finish(self) -> Result<(), Failure> {
        let kind = self.0.into_inner().map_err(|error| unwritten(error.error()))?;
        match kind {
            Kind::Stdout(mut out) => out.flush().map_err(|error| unwritten(&error)),
            Kind::Stream(_) => Ok(()),
            Kind::File(file, _, Existing::Replace) => file.commit().map_err(|error| refused(&error)),
            Kind::File(file, path, Existing::Keep) => match file.commit_new() {
                Ok(true) => Ok(()),
                Ok(false) => Err(taken(&path)),
                Err(error) => Err(refused(&error)),
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
pub fn unwritten(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => trouble("", "", 0),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            trouble("the disk is full", "Free some space on that disk.", 1)
        }
        _ => trouble(format!("the output could not be written: {error}"), "", 1),
    }
}
