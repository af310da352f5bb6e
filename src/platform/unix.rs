//! Linux, macOS and their relatives.

use std::{
    fs::{DirBuilder, File, Metadata, OpenOptions, Permissions, set_permissions},
    io,
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    },
    path::Path,
    process::Command,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
    io::{Errno, ioctl_fionread},
    process::{Pid, Resource, Rlimit, Signal, geteuid, getpid, kill_process, kill_process_group, setrlimit},
    termios::{OptionalActions, Termios, tcgetattr, tcsetattr},
};
use tempfile::NamedTempFile;
use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
};

use super::{FileAccess, Owner};

/// The device that keys come from when standard input is something else.
pub const TERMINAL_DEVICE: &str = "/dev/tty";
/// The pager and the editor where the environment names none.
pub const PAGER: &str = "less";
pub const EDITOR: &str = "vi";
/// Whether the system can [stop] a program and resume it later.
pub const CAN_SUSPEND: bool = true;

/// Opens as the options say, but not what a symbolic link leads to.
///
/// # Errors
/// Those of opening, and one that [`is_link_error`] knows.
pub fn open_no_follow(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(path)
}

/// Opens for reading without waiting for anybody, in case it is a pipe.
///
/// # Errors
/// Those of opening.
pub fn open_nonblocking(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)
}

/// A file that these options make is its owner's alone.
pub fn set_owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// Whether [`open_plain`] refused a symbolic link.
pub fn is_symlink_error(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

/// Makes a folder, and those above it, that only its owner can enter; one that exists is narrowed to that.
///
/// # Errors
/// It cannot be made, or is in the way as something else.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    if path.metadata()?.permissions().mode() & 0o077 != 0 {
        set_permissions(path, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Who can get at it.
pub fn file_access(found: &Metadata) -> Option<FileAccess> {
    let owner = match found.uid() {
        uid if uid == geteuid().as_raw() => Owner::User,
        0 => Owner::Root,
        _ => Owner::Other,
    };
    Some(FileAccess { owner, mode: found.permissions().mode() & 0o777 })
}

/// Whether what is at the path, itself and not what it leads to, is this open file.
pub fn is_same_file(path: &Path, opened: &File) -> bool {
    let there = path.symlink_metadata().map(|found| (found.dev(), found.ino()));
    let ours = opened.metadata().map(|found| (found.dev(), found.ino()));
    matches!((there, ours), (Ok(there), Ok(ours)) if there == ours)
}

/// Moves a finished file to its place, whatever is there; whoever has that one open keeps it.
///
/// # Errors
/// It cannot be moved there; the old one is still whole.
pub fn replace_file(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    temporary.persist(path).map(|_| ()).map_err(|refused| refused.error)
}

/// A command line as the user's shell reads it.
pub fn shell_command(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(line);
    command
}

/// A dump of the memory would hold the key.
pub fn forbid_core_dumps() {
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

/// Whether a terminal that was written to says that it is no more.
pub fn is_terminal_gone(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::IO.raw_os_error())
}

/// Stops the program until the shell resumes it. False if it cannot be stopped.
pub fn suspend_process() -> bool {
    // Comes back here after SIGCONT.
    kill_process(getpid(), Signal::TSTP).is_ok()
}

/// Puts a program that is about to be started into a group of its own, with all that it starts.
pub fn new_process_group(command: &mut tokio::process::Command) {
    command.process_group(0);
}

/// Ends a program that was started in a group of [its own](own_family), and what it has started. One that is gone
/// already needs no end.
pub fn kill_process_tree(id: u32) {
    let group = i32::try_from(id).ok().and_then(Pid::from_raw);
    let _was_there = group.is_some_and(|group| kill_process_group(group, Signal::KILL).is_ok());
}

/// From now on a file that may not grow any more costs that file, as a full disk does, and not the program.
pub fn ignore_file_size_signal(runtime: &Runtime) {
    let _inside = runtime.enter();
    // Once there is a handler, writing fails with an error instead; nobody waits for the signal itself.
    let _listens = signal(SignalKind::from_raw(Signal::XFSZ.as_raw())).is_ok();
}

fn open_terminal() -> Option<File> {
    OpenOptions::new().read(true).write(true).open(TERMINAL_DEVICE).ok()
}

/// How the terminal treats what is typed: echo, line editing and the like.
#[derive(Debug)]
pub struct TtyState(Option<Termios>);

impl TtyState {
    /// As it is now.
    pub fn capture() -> Self {
        Self(open_terminal().and_then(|tty| tcgetattr(tty).ok()))
    }

    /// As it was then.
    pub fn restore(&self) {
        if let (Some(before), Some(tty)) = (&self.0, open_terminal()) {
            let _ = tcsetattr(tty, OptionalActions::Now, before);
        }
    }
}

/// What was typed and not read. The library that reads hears of new input only, and reads at most 1024 bytes when it
/// does: without a word the rest of a flood waits for the next key, and a full buffer, which takes no more, for ever.
#[derive(Debug)]
pub struct PendingInput(Option<File>);

impl PendingInput {
    /// Looks at our terminal.
    pub fn open() -> Self {
        Self(open_terminal())
    }

    /// Whether there is something that was not read. If so, whoever waits for input is told: setting the terminal to
    /// what it is makes the system say that it can be read.
    pub fn wake(&self) -> bool {
        let Some(tty) = &self.0 else { return false };
        let waits = ioctl_fionread(tty).is_ok_and(|bytes| bytes > 0);
        if waits && let Ok(line) = tcgetattr(tty) {
            let _ = tcsetattr(tty, OptionalActions::Now, &line);
        }
        waits
    }
}

/// Sees whether a pipe has more to read at the moment.
#[derive(Debug)]
pub struct PipePoll(OwnedFd);

impl PipePoll {
    /// On an open file; none if the system has no more descriptors.
    pub fn file(file: &File) -> Option<Self> {
        file.as_fd().try_clone_to_owned().ok().map(Self)
    }

    /// On standard input.
    pub fn stdin() -> Option<Self> {
        io::stdin().as_fd().try_clone_to_owned().ok().map(Self)
    }

    /// Whether nothing comes for so long: neither bytes nor the end.
    pub fn is_idle_for(&self, patience: Duration) -> bool {
        let Ok(patience) = Timespec::try_from(patience) else { return false };
        poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&patience)) == Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_pipe_is_idle_until_bytes_or_eof_arrive() {
        let (reader, mut writer) = io::pipe().unwrap();
        let reader = File::from(OwnedFd::from(reader));
        let lookout = PipePoll::file(&reader).unwrap();
        assert!(lookout.is_idle_for(Duration::ZERO));
        writer.write_all(b"x").unwrap();
        assert!(!lookout.is_idle_for(Duration::ZERO));
        io::Read::read_exact(&mut &reader, &mut [0]).unwrap();
        assert!(lookout.is_idle_for(Duration::ZERO));
        drop(writer);
        assert!(!lookout.is_idle_for(Duration::ZERO));
    }
}
