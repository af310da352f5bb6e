//! Windows. Access to files is a matter of lists there, which a file gets from its folder: what is under the user's
//! profile is the user's alone (and the administrators') unless somebody has opened it, and nothing here changes or
//! checks those lists.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    os::windows::{fs::OpenOptionsExt, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use tempfile::NamedTempFile;
use winapi_util::file::information;

use super::Standing;

/// The device that keys come from when standard input is something else.
pub const TERMINAL: &str = "CONIN$";
/// The pager and the editor where the environment names none.
pub const PAGER: &str = "more";
pub const EDITOR: &str = "notepad";
/// Whether the system can [stop] a program and resume it later.
pub const CAN_STOP: bool = false;

/// Opens a link itself (`FILE_FLAG_OPEN_REPARSE_POINT`), and folders too (`FILE_FLAG_BACKUP_SEMANTICS`).
const LINK: u32 = 0x0020_0000;
const FOLDER: u32 = 0x0200_0000;
/// How often somebody else may open what is to be replaced in just the wrong moment.
const TURNS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(2);
/// `ERROR_SHARING_VIOLATION`.
const SHARING: i32 = 32;
/// `ERROR_STOPPED_ON_SYMLINK`.
const STOPPED: i32 = 681;
/// `ERROR_INVALID_HANDLE`, `ERROR_NO_DATA`, `ERROR_PIPE_NOT_CONNECTED`: what a console says whose window is closed.
const GONE: [i32; 3] = [6, 232, 233];

/// Opens as the options say, but not what a symbolic link leads to.
///
/// # Errors
/// Those of opening, and one that [`is_link_error`] knows.
pub fn open_plain(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file = options.custom_flags(LINK).open(path)?;
    if file.metadata()?.is_symlink() { Err(io::Error::from_raw_os_error(STOPPED)) } else { Ok(file) }
}

/// Opens for reading. (Pipes have a place of their own here and do not stand between files.)
///
/// # Errors
/// Those of opening.
pub fn open_at_once(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(FOLDER).open(path)
}

/// Nothing to say: a file gets its list from its folder.
pub fn owner_only(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Whether [`open_plain`] refused a symbolic link.
pub fn is_link_error(error: &io::Error) -> bool {
    error.raw_os_error() == Some(STOPPED)
}

/// Makes a folder, and those above it; each gets its list from the one above.
///
/// # Errors
/// It cannot be made, or is in the way as something else.
pub fn create_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Nothing is known: there are no modes, and lists are not read.
pub fn standing(_found: &Metadata) -> Option<Standing> {
    None
}

/// Whether what is at the path, itself and not what it leads to, is this open file.
pub fn is_same_file(path: &Path, opened: &File) -> bool {
    let identity =
        |file: &File| information(file).map(|found| (found.volume_serial_number(), found.file_index()));
    let there = OpenOptions::new().access_mode(0).custom_flags(LINK | FOLDER).open(path);
    let there = there.and_then(|file| identity(&file));
    matches!((there, identity(opened)), (Ok(there), Ok(ours)) if there == ours)
}

/// Moves a finished file to its place, whatever is there; whoever has that one open keeps it. Where the file system cannot
/// replace what is open, that is moved aside first, so that for a moment there is nothing at the place.
///
/// # Errors
/// It cannot be moved there; the old one is still whole.
pub fn replace(temporary: NamedTempFile, path: &Path) -> io::Result<()> {
    let (file, kept) = temporary.keep().map_err(|refused| refused.error)?;
    drop(file);
    let mut moved = fs::rename(&kept, path);
    for turn in 0..TURNS {
        if moved.as_ref().err().is_none_or(|error| !is_in_use(error)) || path.is_dir() {
            break;
        }
        // It goes when the last one closes it; until then it has the name of a file in the making.
        let aside = kept.with_extension(format!("{turn}.tmp"));
        let _others_may_be_quicker = fs::rename(path, &aside).is_ok();
        moved = fs::rename(&kept, path);
        let _removed = fs::remove_file(&aside).is_ok();
        if moved.is_err() {
            thread::sleep(PAUSE);
        }
    }
    moved.inspect_err(|_| {
        let _removed = fs::remove_file(&kept).is_ok();
    })
}

/// Whether somebody has the file open that an operation needs alone.
fn is_in_use(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied || error.raw_os_error() == Some(SHARING)
}

/// A command line as the user's shell reads it: `cmd` takes it as it was typed.
pub fn shell(line: &str) -> Command {
    let mut command = Command::new("cmd");
    command.raw_arg(format!("/D /S /C \"{line}\""));
    command
}

/// Nothing to forbid: the system keeps no dumps of programs unless its administrator has asked for them.
pub fn forbid_core_dumps() {}

/// Whether a terminal that was written to says that it is no more.
pub fn is_terminal_gone(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| GONE.contains(&code))
}

/// There is no such thing here.
pub fn stop() -> bool {
    false
}

/// Nothing to prepare: the system knows who has started whom.
pub fn own_family(_command: &mut tokio::process::Command) {}

/// Ends a program and what it has started. One that is gone already needs no end.
pub fn end_family(id: u32) {
    let mut command = Command::new("taskkill");
    command.args(["/F", "/T", "/PID"]).arg(id.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _was_there = command.status().is_ok();
}

/// Nothing to outlive: there are no such limits.
pub fn outlive_limits(_runtime: &tokio::runtime::Runtime) {}

/// How the console treats what is typed; it is set anew whenever it is taken.
#[derive(Debug)]
pub struct Line;

impl Line {
    /// As it is now.
    pub fn look() -> Self {
        Self
    }

    /// Nothing to restore.
    pub fn restore(&self) {}
}

/// What was typed and not read: a console tells of it until it is read.
#[derive(Debug)]
pub struct Unread;

impl Unread {
    /// Looks at our console.
    pub fn watch() -> Self {
        Self
    }

    /// Nobody has to be told.
    pub fn rouse(&self) -> bool {
        false
    }
}

/// Would see whether a pipe has more to read; there is no such question for a pipe here, so what came shows with what
/// comes next.
#[derive(Debug)]
pub struct Lookout;

impl Lookout {
    /// None.
    pub fn file(_file: &File) -> Option<Self> {
        None
    }

    /// None.
    pub fn stdin() -> Option<Self> {
        None
    }

    /// Never known.
    pub fn is_quiet(&self, _patience: Duration) -> bool {
        false
    }
}
