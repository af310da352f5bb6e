//! The input of the terminal: waiting for bytes and reading them.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use rustix::termios::ttyname;

use super::TERMINAL_DEVICE;

/// The input of the terminal, opened for reading.
#[derive(Debug)]
pub struct TtyInput(OwnedFd);

/// The reason for the end of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wakeup {
    /// Bytes, or the end of the terminal, can be read.
    Input,
    /// The other end of the pipe was closed.
    Stopped,
    Timeout,
}

impl TtyInput {
    /// Opens standard input if it is a terminal, else the terminal of this process: by the name of its device where
    /// possible, as macOS cannot poll `/dev/tty`.
    ///
    /// # Errors
    /// The terminal cannot be opened.
    pub fn open() -> io::Result<Self> {
        let stdin = io::stdin();
        if stdin.is_terminal() {
            return Ok(Self(stdin.as_fd().try_clone_to_owned()?));
        }
        let by_name = ttyname(io::stdout(), Vec::new())
            .ok()
            .and_then(|name| File::open(Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()))).ok());
        Ok(Self(by_name.map_or_else(|| File::open(TERMINAL_DEVICE), Ok)?.into()))
    }

    /// Waits until there is input, `stopped` is closed, or the time is over. Input takes precedence over the timeout.
    ///
    /// # Errors
    /// The terminal cannot be polled.
    pub fn wait(&self, stopped: &impl AsFd, timeout: Option<Duration>) -> io::Result<Wakeup> {
        // Rounded up, so that the time is over afterwards.
        let timeout = timeout.and_then(|time| Timespec::try_from(time + Duration::from_micros(1)).ok());
        let mut fds = [PollFd::new(stopped, PollFlags::IN), PollFd::new(&self.0, PollFlags::IN)];
        match poll(&mut fds, timeout.as_ref()) {
            Ok(0) => Ok(Wakeup::Timeout),
            Ok(_) => {
                let is_stopped = fds.first().is_some_and(|fd| !fd.revents().is_empty());
                Ok(if is_stopped { Wakeup::Stopped } else { Wakeup::Input })
            }
            // The caller computes the rest of the time and waits again.
            Err(Errno::INTR) => Ok(Wakeup::Timeout),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns whether `stopped` is closed within this time.
    pub fn is_stopped_within(stopped: &impl AsFd, time: Duration) -> bool {
        let Ok(time) = Timespec::try_from(time) else { return false };
        poll(&mut [PollFd::new(stopped, PollFlags::IN)], Some(&time)).is_ok_and(|ready| ready > 0)
    }

    /// Reads the available bytes.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match read(&self.0, buffer) {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(len) => Ok(len),
            Err(Errno::INTR | Errno::AGAIN) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}
