//! The log: a file in the state's folder that only its owner can read, made when the first line is written. What is ours
//! is logged and nothing of libraries, which would write down headers; every line passes the text gate.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::config::Config;
use crate::platform;
use crate::storage::files::{Folders, create_private_folder};
use crate::text::Safe;

/// When it is longer than this at the start, it becomes the old one and a new one is begun; in bytes.
const MAX_LOG_SIZE: u64 = 1 << 20;

/// Where the log is.
pub fn path(folders: &Folders) -> PathBuf {
    folders.state.join("unspool.log")
}

/// Where the log before this one is.
pub fn old_path(folders: &Folders) -> PathBuf {
    folders.state.join("unspool.log.1")
}

/// Begins to log. What is still to be written is written when the value is dropped.
pub fn start(folders: &Folders, level: &str) -> Option<WorkerGuard> {
    if level == "off" || !Config::LOG_LEVELS.contains(&level) {
        return None;
    }
    let file =
        LazyFile { folder: folders.state.clone(), path: path(folders), old: old_path(folders), file: None };
    let (writer, guard): (NonBlocking, WorkerGuard) =
        NonBlockingBuilder::default().thread_name("log").finish(SanitizedWriter(file));
    let filter = EnvFilter::new(format!("off,unspool={level}"));
    let logging = tracing_subscriber::fmt().with_writer(writer).with_ansi(false).with_env_filter(filter);
    // A second start, as in tests, keeps the first one.
    logging.try_init().ok().map(|()| guard)
}

/// A file that is opened when there is something to write.
struct LazyFile {
    folder: PathBuf,
    path: PathBuf,
    old: PathBuf,
    file: Option<File>,
}

impl LazyFile {
    fn get_or_open(&mut self) -> io::Result<&mut File> {
        if self.file.is_none() {
            create_private_folder(&self.folder).map_err(|error| error.source)?;
            if fs::metadata(&self.path).is_ok_and(|found| found.len() > MAX_LOG_SIZE) {
                fs::rename(&self.path, &self.old)?;
            }
            self.file = Some(open_private(&self.path)?);
        }
        self.file.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    platform::set_owner_only(options.create(true).append(true));
    platform::open_no_follow(&mut options, path)
}

impl Write for LazyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.get_or_open()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), File::flush)
    }
}

/// Puts each line through the gate; a line comes in one piece.
struct SanitizedWriter<W>(W);

impl<W: Write> Write for SanitizedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let line = Safe::line(text.trim_end_matches('\n')).into_string() + "\n";
        self.0.write_all(line.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_sanitized_and_the_file_is_private_and_created_lazily() {
        let home = tempfile::tempdir().unwrap();
        let folders = Folders::under(home.path());
        let lazy = || LazyFile {
            folder: folders.state.clone(),
            path: path(&folders),
            old: old_path(&folders),
            file: None,
        };
        let mut log = SanitizedWriter(lazy());
        log.flush().unwrap();
        assert!(!folders.state.exists());
        log.write_all(b"a title \x1b[31m\nforged line\n").unwrap();
        let text = fs::read_to_string(path(&folders)).unwrap();
        assert_eq!((text.lines().count(), text.contains('\u{1b}')), (1, false), "{text}");
        let standing = platform::file_access(&path(&folders).metadata().unwrap());
        assert!(standing.is_none_or(|standing| standing.mode == 0o600), "{standing:?}");
        fs::write(path(&folders), vec![b'x'; 1 + (1 << 20)]).unwrap();
        SanitizedWriter(lazy()).write_all(b"new\n").unwrap();
        assert_eq!(fs::read_to_string(path(&folders)).unwrap(), "new\n");
        assert!(old_path(&folders).exists());
    }
}
