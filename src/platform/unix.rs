//! Linux, macOS and other Unix systems.

mod child;
mod tty_input;

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
    io::Errno,
    process::{
        Pid, Resource, Rlimit, Signal, geteuid, getpid, getrlimit, kill_process, kill_process_group,
        setrlimit,
    },
    termios::{
        InputModes, LocalModes, OptionalActions, OutputModes, Termios, tcgetattr, tcgetwinsize, tcsetattr,
    },
};
use tempfile::NamedTempFile;
use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
};

use super::{FileAccess, Owner};

pub use child::{continue_process, keep_from_terminal, kill, send_signal, wait_for};
pub use tty_input::{TtyInput, Wakeup};

/// The device to read keys from when standard input is not a terminal.
pub const TERMINAL_DEVICE: &str = "/dev/tty";
/// The default pager and editor.
pub const PAGER: &str = "less";
pub const EDITOR: &str = "vi";
/// Whether [`suspend_process`] works on this system.
pub const CAN_SUSPEND: bool = true;

/// Opens a file with these options without following a symbolic link. A named pipe in its place does not block.
///
/// # Errors
/// The file cannot be opened; [`is_symlink_error`] recognizes a refused link.
pub fn open_no_follow(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()).open(path)
}

/// Opens for reading; a named pipe without a writer does not block.
///
/// # Errors
/// The file cannot be opened.
pub fn open_nonblocking(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)
}

/// Makes files created with these options accessible to their owner only.
pub fn set_owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// Marks an open file as used by this process, until it is closed.
pub fn mark_in_use(file: &File) {
    // On a file system without locks the mark is missing, and the next start removes the file too early.
    let _marked = file.try_lock_shared().is_ok();
}

/// Returns whether a process has [marked](mark_in_use) this file.
pub fn is_marked_in_use(file: &File) -> bool {
    file.try_lock().is_err()
}

/// Returns whether [`open_no_follow`] refused a symbolic link.
pub fn is_symlink_error(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

/// Creates a folder and its parents, accessible to their owner only; narrows the permissions of an existing folder.
///
/// # Errors
/// The folder cannot be created, or the path is not a folder.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    if path.metadata()?.permissions().mode() & 0o077 != 0 {
        set_permissions(path, Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Returns the owner and permissions of a file.
pub fn file_access(metadata: &Metadata) -> Option<FileAccess> {
    let owner = match metadata.uid() {
        uid if uid == geteuid().as_raw() => Owner::User,
        0 => Owner::Root,
        _ => Owner::Other,
    };
    Some(FileAccess { owner, mode: metadata.permissions().mode() & 0o777 })
}

/// Returns whether the path, without following a link, is this open file.
pub fn is_same_file(path: &Path, opened: &File) -> bool {
    let identity = |metadata: Metadata| (metadata.dev(), metadata.ino());
    let at_path = path.symlink_metadata().map(identity);
    let open = opened.metadata().map(identity);
    matches!((at_path, open), (Ok(at_path), Ok(open)) if at_path == open)
}

/// Moves a finished file over its destination; readers of the replaced file keep it.
///
/// # Errors
/// The move failed; the old file is intact.
pub fn replace_file(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    temporary.persist(path).map(|_| ()).map_err(|failed| failed.error)
}

/// The program that opens web addresses, and its first arguments; none is a shell.
pub const LINK_OPENER: &[&str] = if cfg!(target_os = "macos") { &["open"] } else { &["xdg-open"] };

/// Returns a command that runs this line in the user's shell.
pub fn shell_command(line: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(line);
    command
}

/// Returns the limit on the memory that this process may map, in bytes.
pub(super) fn address_space_limit() -> Option<u64> {
    getrlimit(Resource::As).current
}

/// Protects the API key in memory: disables core dumps; on Linux no other program of the user can read the memory or the
/// environment of this process.
pub fn forbid_core_dumps() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

/// Returns the name of the network file system that a path is on; `None` on a local disk, or if unknown.
pub fn network_file_system(path: &Path) -> Option<&'static str> {
    #[cfg(target_os = "linux")]
    {
        const SYSTEMS: [(u32, &str); 9] = [
            (0x6969, "NFS"),
            (0x517b, "SMB"),
            (0xff53_4d42, "CIFS"),
            (0xfe53_4d42, "SMB"),
            (0x5346_414f, "AFS"),
            (0x00c3_6400, "Ceph"),
            (0x0bd0_0bd0, "Lustre"),
            (0x0102_1997, "9P"),
            (0x7461_636f, "OCFS2"),
        ];
        // The width of the field differs between machines; all numbers have at most 32 bits.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number has 32 bits")]
        let number = rustix::fs::statfs(path).ok()?.f_type as u32;
        SYSTEMS.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        None
    }
}

/// Gives the other threads of this process precedence. Only on Linux, where each thread has its own priority; elsewhere
/// this would slow the whole process down.
pub fn yield_to_other_threads() {
    #[cfg(target_os = "linux")]
    {
        const NICENESS: i32 = 10;
        let _ = rustix::process::setpriority_process(None, NICENESS);
    }
}

/// Returns the columns and rows of the terminal at standard output, without opening the terminal device, as the terminal
/// library does each time.
pub fn terminal_size() -> Option<(u16, u16)> {
    let size = tcgetwinsize(rustix::stdio::stdout()).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col, size.ws_row))
}

/// Returns whether a write failed because the terminal is gone.
pub fn is_terminal_gone(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::IO.raw_os_error())
}

/// Stops the process until the shell resumes it. Returns false if it cannot be stopped.
pub fn suspend_process() -> bool {
    // Continues here after SIGCONT.
    kill_process(getpid(), Signal::TSTP).is_ok()
}

/// Makes a command start in its own process group, together with its descendants.
pub fn new_process_group(command: &mut tokio::process::Command) {
    command.process_group(0);
}

/// Kills a program started in its [own group](new_process_group), with its descendants. Does nothing if it has ended.
pub fn kill_process_tree(id: u32) {
    let group = i32::try_from(id).ok().and_then(Pid::from_raw);
    let _killed = group.is_some_and(|group| kill_process_group(group, Signal::KILL).is_ok());
}

/// Makes exceeding the file size limit a write error, like a full disk, instead of a signal that kills the program.
pub fn ignore_file_size_signal(runtime: &Runtime) {
    let _guard = runtime.enter();
    // A registered handler is enough: writes then fail with an error. The signal itself is never awaited.
    let _registered = signal(SignalKind::from_raw(Signal::XFSZ.as_raw())).is_ok();
}

/// Returns the terminal of this process, even if its standard input and output are redirected.
pub fn open_terminal() -> Option<File> {
    OpenOptions::new().read(true).write(true).open(TERMINAL_DEVICE).ok()
}

const INPUT_WORDS: [(InputModes, &str); 8] = [
    (InputModes::IGNBRK, "ignbrk"),
    (InputModes::BRKINT, "brkint"),
    (InputModes::PARMRK, "parmrk"),
    (InputModes::ISTRIP, "istrip"),
    (InputModes::INLCR, "inlcr"),
    (InputModes::IGNCR, "igncr"),
    (InputModes::ICRNL, "icrnl"),
    (InputModes::IXON, "ixon"),
];

const LOCAL_WORDS: [(LocalModes, &str); 5] = [
    (LocalModes::ECHO, "echo"),
    (LocalModes::ECHONL, "echonl"),
    (LocalModes::ICANON, "icanon"),
    (LocalModes::ISIG, "isig"),
    (LocalModes::IEXTEN, "iexten"),
];

/// The terminal's line settings: echo, line editing and so on.
#[derive(Clone, Debug)]
pub struct TtyState(Option<Termios>);

impl TtyState {
    /// Returns the current settings.
    pub fn capture() -> Self {
        Self(open_terminal().and_then(|tty| tcgetattr(tty).ok()))
    }

    /// Returns the settings that raw mode changes, as words for `stty`.
    pub fn stty_words(&self) -> String {
        let Some(settings) = &self.0 else { return String::new() };
        let input = INPUT_WORDS.iter().filter(|(mode, _)| settings.input_modes.contains(*mode));
        let local = LOCAL_WORDS.iter().filter(|(mode, _)| settings.local_modes.contains(*mode));
        let output = settings.output_modes.contains(OutputModes::OPOST).then_some("opost");
        let words = input.map(|(_, word)| *word).chain(local.map(|(_, word)| *word)).chain(output);
        words.collect::<Vec<_>>().join(" ")
    }

    /// Restores the captured settings.
    pub fn restore(&self) {
        if let (Some(settings), Some(tty)) = (&self.0, open_terminal()) {
            let _ = tcsetattr(tty, OptionalActions::Now, settings);
        }
    }
}

/// Checks whether a pipe has data to read.
#[derive(Debug)]
pub struct PipePoll(OwnedFd);

impl PipePoll {
    /// Creates a check for an open file; `None` if the system is out of descriptors.
    pub fn file(file: &File) -> Option<Self> {
        file.as_fd().try_clone_to_owned().ok().map(Self)
    }

    /// Creates a check for standard input.
    pub fn stdin() -> Option<Self> {
        io::stdin().as_fd().try_clone_to_owned().ok().map(Self)
    }

    /// Returns whether neither bytes nor the end arrive within this time.
    pub fn is_idle_for(&self, timeout: Duration) -> bool {
        let Ok(timeout) = Timespec::try_from(timeout) else { return false };
        poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&timeout)) == Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn other_programs_cannot_read_the_process() {
        forbid_core_dumps();
        let behavior = rustix::process::dumpable_behavior().unwrap();
        assert_eq!(behavior, rustix::process::DumpableBehavior::NotDumpable);
    }

    #[test]
    fn a_pipe_is_idle_until_bytes_or_eof_arrive() {
        let (reader, mut writer) = io::pipe().unwrap();
        let reader = File::from(OwnedFd::from(reader));
        let pipe = PipePoll::file(&reader).unwrap();
        assert!(pipe.is_idle_for(Duration::ZERO));
        writer.write_all(b"x").unwrap();
        assert!(!pipe.is_idle_for(Duration::ZERO));
        io::Read::read_exact(&mut &reader, &mut [0]).unwrap();
        assert!(pipe.is_idle_for(Duration::ZERO));
        drop(writer);
        assert!(!pipe.is_idle_for(Duration::ZERO));
    }
}
