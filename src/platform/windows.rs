//! Windows. A file inherits its access list from its folder: files under the user's profile belong to the user (and the
//! administrators) unless someone changed that. This module neither changes nor checks these lists.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    os::windows::{fs::OpenOptionsExt, process::CommandExt},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use tempfile::NamedTempFile;
use winapi_util::file::information;

use super::FileAccess;

/// The device to read keys from when standard input is not a terminal.
pub const TERMINAL_DEVICE: &str = "CONIN$";
/// The default pager and editor.
pub const PAGER: &str = "more";
pub const EDITOR: &str = "notepad";
/// Whether [`suspend_process`] works on this system.
pub const CAN_SUSPEND: bool = false;

/// Opens a link itself (`FILE_FLAG_OPEN_REPARSE_POINT`).
const OPEN_REPARSE_POINT: u32 = 0x0020_0000;
/// Opens folders too (`FILE_FLAG_BACKUP_SEMANTICS`).
const BACKUP_SEMANTICS: u32 = 0x0200_0000;
/// Attempts to replace a file that other programs keep opening.
const MAX_REPLACE_ATTEMPTS: u32 = 50;
const REPLACE_RETRY_DELAY: Duration = Duration::from_millis(2);
/// `ERROR_SHARING_VIOLATION`.
const SHARING_VIOLATION: i32 = 32;
/// `ERROR_STOPPED_ON_SYMLINK`.
const STOPPED_ON_SYMLINK: i32 = 681;
/// Errors of a console whose window is closed: `ERROR_INVALID_HANDLE`, `ERROR_NO_DATA`, `ERROR_PIPE_NOT_CONNECTED`.
const CONSOLE_GONE_ERRORS: [i32; 3] = [6, 232, 233];

/// Opens a file with these options without following a symbolic link.
///
/// # Errors
/// The file cannot be opened; [`is_symlink_error`] recognizes a refused link.
pub fn open_no_follow(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file = options.custom_flags(OPEN_REPARSE_POINT).open(path)?;
    let is_symlink = file.metadata()?.is_symlink();
    if is_symlink { Err(io::Error::from_raw_os_error(STOPPED_ON_SYMLINK)) } else { Ok(file) }
}

/// Opens for reading. (Named pipes have their own namespace here, so a path never names one.)
///
/// # Errors
/// The file cannot be opened.
pub fn open_nonblocking(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(BACKUP_SEMANTICS).open(path)
}

/// Does nothing: a file inherits its access list from its folder.
pub fn set_owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Returns whether [`open_no_follow`] refused a symbolic link.
pub fn is_symlink_error(error: &io::Error) -> bool {
    error.raw_os_error() == Some(STOPPED_ON_SYMLINK)
}

/// Creates a folder and its parents; each inherits its access list from its parent.
///
/// # Errors
/// The folder cannot be created, or the path is not a folder.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Always unknown: there are no permission bits, and access lists are not read.
pub fn file_access(_metadata: &Metadata) -> Option<FileAccess> {
    None
}

/// Returns whether the path, without following a link, is this open file.
pub fn is_same_file(path: &Path, opened: &File) -> bool {
    let identity =
        |file: &File| information(file).map(|info| (info.volume_serial_number(), info.file_index()));
    let flags = OPEN_REPARSE_POINT | BACKUP_SEMANTICS;
    let at_path = OpenOptions::new().access_mode(0).custom_flags(flags).open(path);
    let at_path = at_path.and_then(|file| identity(&file));
    matches!((at_path, identity(opened)), (Ok(at_path), Ok(open)) if at_path == open)
}

/// Moves a finished file over its destination; readers of the replaced file keep it. Where the file system cannot
/// replace an open file, that file is first moved aside, so for a moment nothing is at the destination.
///
/// # Errors
/// The move failed; the old file is intact.
pub fn replace_file(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    let (file, source) = temporary.keep().map_err(|failed| failed.error)?;
    drop(file);
    let mut moved = fs::rename(&source, path);
    for attempt in 0..MAX_REPLACE_ATTEMPTS {
        if moved.as_ref().err().is_none_or(|error| !is_in_use(error)) || path.is_dir() {
            break;
        }
        // The old file disappears when its last reader closes it; until then it is named like a temporary file.
        let aside = source.with_extension(format!("{attempt}.tmp"));
        // Another program may move or remove it first.
        let _moved_aside = fs::rename(path, &aside).is_ok();
        moved = fs::rename(&source, path);
        let _removed = fs::remove_file(&aside).is_ok();
        if moved.is_err() {
            thread::sleep(REPLACE_RETRY_DELAY);
        }
    }
    moved.inspect_err(|_| {
        let _removed = fs::remove_file(&source).is_ok();
    })
}

/// Returns whether an operation failed because another program has the file open.
fn is_in_use(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied || error.raw_os_error() == Some(SHARING_VIOLATION)
}

/// The program that opens web addresses, and its first arguments; none is a shell.
pub const LINK_OPENER: &[&str] = &["rundll32", "url.dll,FileProtocolHandler"];

/// Returns a command that runs this line in the user's shell; `cmd` gets it verbatim.
pub fn shell_command(line: &str) -> Command {
    let mut command = Command::new("cmd");
    command.raw_arg(format!("/D /S /C \"{line}\""));
    command
}

/// Does nothing: a lock would keep other programs from reading the file.
pub fn mark_in_use(_file: &File) {}

/// Always true, as files are not marked: the system's own cleaning removes those that are left.
pub fn is_marked_in_use(_file: &File) -> bool {
    true
}

/// Does nothing: the system does not stop programs that read the console.
pub fn keep_from_terminal(_command: &mut Command) {}

/// Waits until a child ends; children never stop here.
///
/// # Errors
/// The child cannot be waited for.
pub fn wait_for(child: &mut Child, _on_stop: impl FnMut()) -> io::Result<ExitStatus> {
    child.wait()
}

/// Ends the process: there are no signals.
pub fn send_signal(id: u32, _number: i32) {
    kill(id);
}

/// Kills a process. Does nothing if it has ended.
pub fn kill(id: u32) {
    kill_process_tree(id);
}

/// Does nothing: processes never stop here.
pub fn continue_process(_id: u32) {}

/// Returns `None`: no limit is known.
pub(super) fn address_space_limit() -> Option<u64> {
    None
}

/// Does nothing: the system writes no dumps unless its administrator enables them.
pub fn forbid_core_dumps() {}

/// Returns `None`: network folders are not recognized here.
pub fn network_file_system(_path: &Path) -> Option<&'static str> {
    None
}

/// Does nothing.
pub fn yield_to_other_threads() {}

/// Returns whether a write failed because the terminal is gone.
pub fn is_terminal_gone(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| CONSOLE_GONE_ERRORS.contains(&code))
}

/// Not supported: always false.
pub fn suspend_process() -> bool {
    false
}

/// Does nothing: the system tracks the parents of processes.
pub fn new_process_group(_command: &mut tokio::process::Command) {}

/// Kills a program with its descendants. Does nothing if it has ended.
pub fn kill_process_tree(id: u32) {
    let mut command = Command::new("taskkill");
    command.args(["/F", "/T", "/PID"]).arg(id.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _killed = command.status().is_ok();
}

/// Returns nothing: the terminal library has the size of the console.
pub fn terminal_size() -> Option<(u16, u16)> {
    None
}

/// Does nothing: there is no file size limit.
pub fn ignore_file_size_signal(_runtime: &tokio::runtime::Runtime) {}

/// The console's line settings; entering the terminal sets them every time.
#[derive(Clone, Debug)]
pub struct TtyState;

impl TtyState {
    /// Returns the current settings.
    pub fn capture() -> Self {
        Self
    }

    /// Does nothing.
    pub fn restore(&self) {}
}

/// Not supported: pipes cannot be polled here, so received messages are shown when more data arrives.
#[derive(Debug)]
pub struct PipePoll;

impl PipePoll {
    /// Always `None`.
    pub fn file(_file: &File) -> Option<Self> {
        None
    }

    /// Always `None`.
    pub fn stdin() -> Option<Self> {
        None
    }

    /// Always false.
    pub fn is_idle_for(&self, _timeout: Duration) -> bool {
        false
    }
}
