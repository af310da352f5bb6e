//! The log: a private file in the state folder, created with the first line. Only this program's events are logged, because
//! those of libraries may include headers. Every line passes the text gate.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

use crate::config::Config;
use crate::platform;
use crate::storage::files::{Folders, create_private_folder};
use crate::text::Safe;

/// The size in bytes above which the log is rotated at startup.
const MAX_LOG_SIZE: u64 = 1 << 20;

/// Returns the path of the log.
pub fn path(folders: &Folders) -> PathBuf {
    folders.state.join("unspool.log")
}

/// Returns the path of the rotated log.
pub fn old_path(folders: &Folders) -> PathBuf {
    folders.state.join("unspool.log.1")
}

/// Starts logging. Dropping the guard writes pending lines.
pub fn start(folders: &Folders, level: &str) -> Option<WorkerGuard> {
    if level == "off" || !Config::LOG_LEVELS.contains(&level) {
        return None;
    }
    let file =
        LazyFile { folder: folders.state.clone(), path: path(folders), old: old_path(folders), file: None };
    let (writer, guard): (NonBlocking, WorkerGuard) =
        NonBlockingBuilder::default().thread_name("log").finish(SanitizedWriter(file));
    let filter = EnvFilter::new(format!("off,unspool={level}"));
    let subscriber = tracing_subscriber::fmt().with_writer(writer).with_ansi(false).with_env_filter(filter);
    // If logging is started twice, as in tests, the first subscriber stays.
    subscriber.try_init().ok().map(|()| guard)
}

/// A file that is opened on the first write.
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
            if fs::metadata(&self.path).is_ok_and(|metadata| metadata.len() > MAX_LOG_SIZE) {
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

/// A writer that sanitizes each line. The subscriber writes a line in one call.
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
        let access = platform::file_access(&path(&folders).metadata().unwrap());
        assert!(access.is_none_or(|access| access.mode == 0o600), "{access:?}");
        fs::write(path(&folders), vec![b'x'; 1 + (1 << 20)]).unwrap();
        SanitizedWriter(lazy()).write_all(b"new\n").unwrap();
        assert_eq!(fs::read_to_string(path(&folders)).unwrap(), "new\n");
        assert!(old_path(&folders).exists());
    }
}
