//! A run of the program in a pseudo-terminal: keys in, a screen out, nothing by the clock but a deadline for hope.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use vt100::{MouseProtocolMode, Parser};

use crate::output;

/// When a test gives up: far beyond what a busy machine needs.
const TIMEOUT: Duration = Duration::from_secs(60);

struct ScreenState {
    /// Whether nobody wants to see any more.
    is_closed: bool,
    parser: Parser,
    bytes: Vec<u8>,
}

pub struct Session {
    master: Option<Box<dyn MasterPty + Send>>,
    slave: Option<Box<dyn SlavePty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    reader: Option<JoinHandle<()>>,
    seen: Arc<(Mutex<ScreenState>, Condvar)>,
    exit: mpsc::Receiver<Exit>,
    pid: Pid,
    flags_before: String,
    home: TempDir,
}

/// The exit code, or the signal that killed the program.
pub type Exit = Result<u32, String>;

fn to_exit(status: ExitStatus) -> Exit {
    match status.signal() {
        Some(signal) => Err(signal.to_owned()),
        None => Ok(status.exit_code()),
    }
}

/// What a terminal is like when a program has gone.
#[derive(Debug, PartialEq, Eq)]
pub struct Modes {
    pub alternate_screen: bool,
    pub cursor_hidden: bool,
    pub bracketed_paste: bool,
    pub mouse: bool,
}

/// As a shell wants to find it.
pub const INITIAL_MODES: Modes =
    Modes { alternate_screen: false, cursor_hidden: false, bracketed_paste: false, mouse: false };

pub struct SessionEnd {
    pub code: Exit,
    pub modes: Modes,
    /// What is left on the screen.
    pub text: String,
    /// The terminal's own flags, before the run and after it; `None` after a terminal that is gone.
    pub flags: Option<(String, String)>,
    /// Everything that was written.
    pub bytes: Vec<u8>,
}

fn non_zero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

/// A command with nothing of this machine's environment in it.
fn command(program: &Path, home: &Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.env_clear();
    let folder = home.to_str().unwrap();
    for (name, value) in [
        ("TERM", "xterm-256color"),
        ("LANG", "C.UTF-8"),
        ("TZ", "UTC"),
        ("HOME", folder),
        ("UNSPOOL_HOME", folder),
        ("PATH", "/usr/bin:/bin"),
    ] {
        command.env(name, value);
    }
    command.cwd(home);
    command
}

impl Session {
    /// The program with these arguments, in a terminal of 100 × 30.
    pub fn start(args: &[&str]) -> Self {
        Self::start_with(args, &[])
    }

    /// With these variables besides.
    pub fn start_with(args: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::run(Path::new(env!("CARGO_BIN_EXE_unspool")), args, variables)
    }

    /// Where the program runs, and its home.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Another program.
    pub fn run(program: &Path, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let home = TempDir::new().unwrap();
        let size = PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let flags_before = flags(&*pair.master);
        let mut command = command(program, home.path());
        command.args(args);
        for (name, value) in variables {
            command.env(name, value);
        }
        let mut child = pair.slave.spawn_command(command).unwrap();
        let pid = Pid::from_raw(i32::try_from(child.process_id().unwrap()).unwrap()).unwrap();
        let seen = Arc::new((
            Mutex::new(ScreenState {
                is_closed: false,
                parser: Parser::new(non_zero(30), non_zero(100), 0),
                bytes: Vec::new(),
            }),
            Condvar::new(),
        ));
        let reader = thread::spawn(reader_loop(pair.master.try_clone_reader().unwrap(), Arc::clone(&seen)));
        let (told, exit) = mpsc::channel();
        thread::spawn(move || {
            let code = child.wait().map_or_else(|error| Err(error.to_string()), to_exit);
            let _nobody_waits = told.send(code);
        });
        Self {
            writer: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
            slave: Some(pair.slave),
            reader: Some(reader),
            seen,
            exit,
            pid,
            flags_before,
            home,
        }
    }

    /// Bytes as a keyboard sends them.
    pub fn types(&mut self, bytes: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(bytes.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Opens a thread by the thread box.
    pub fn opens(&mut self, typed: &str) {
        self.types(&format!("\x1b[200~{typed}\x1b[201~"));
        self.sees(typed);
        self.types("\r");
    }

    pub fn resizes(&mut self, cols: u16, rows: u16) {
        self.seen.0.lock().unwrap().parser.set_size(non_zero(rows), non_zero(cols));
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    pub fn signals(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    pub fn screen(&self) -> String {
        text(&self.seen.0.lock().unwrap().parser)
    }

    pub fn modes(&self) -> Modes {
        modes(&self.seen.0.lock().unwrap().parser)
    }

    /// Waits until this is on the screen.
    pub fn sees(&self, text: &str) {
        self.waits_for(text, |screen| screen.contains(text));
    }

    /// Waits until this is no longer on the screen.
    pub fn no_longer_sees(&self, text: &str) {
        self.waits_for(&format!("no {text}"), |screen| !screen.contains(text));
    }

    /// Waits until the screen is as wanted; wakes up with every byte that comes.
    pub fn waits_for(&self, what: &str, wanted: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + TIMEOUT;
        let mut seen = self.seen.0.lock().unwrap();
        loop {
            let text = text(&seen.parser);
            if wanted(&text) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                panic!("waited in vain for {what:?}; on the screen:\n{text}");
            }
            seen = self.seen.1.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Waits until everything typed so far has been taken in and drawn: the help opens and closes again.
    pub fn settles(&mut self) {
        self.types("?");
        self.sees("esc closes");
        self.types("\x1b");
        self.no_longer_sees("esc closes");
    }

    /// Leaves the program: it ends by itself, has written nothing that a terminal should not get, and the terminal is as it
    /// was.
    pub fn ends_well(mut self) {
        self.settles();
        self.types("q");
        let ended = self.ends();
        assert_eq!(ended.code, Ok(0));
        output::assert_harmless(&ended.bytes);
        ended.assert_terminal_restored();
    }

    /// Waits for the program's end and looks at what it leaves.
    pub fn ends(mut self) -> SessionEnd {
        let Ok(code) = self.exit.recv_timeout(TIMEOUT) else {
            panic!("the program does not end; on the screen:\n{}", self.screen());
        };
        let after = self.master.as_ref().map(|master| flags(&**master));
        // The reader comes to its end when nobody holds the other side of the terminal any more.
        self.slave = None;
        self.reader.take().unwrap().join().unwrap();
        let seen = self.seen.0.lock().unwrap();
        SessionEnd {
            code,
            modes: modes(&seen.parser),
            text: text(&seen.parser),
            flags: after.map(|after| (self.flags_before.clone(), after)),
            bytes: seen.bytes.clone(),
        }
    }

    /// The terminal goes away; comes back with the program's exit code.
    pub fn hangs_up(mut self) -> Exit {
        self.seen.0.lock().unwrap().is_closed = true;
        // The reader holds the terminal too, until something makes it look up.
        self.types("?");
        self.reader.take().unwrap().join().unwrap();
        self.writer = None;
        self.slave = None;
        self.master = None;
        let Ok(code) = self.exit.recv_timeout(TIMEOUT) else {
            let _ = kill_process(self.pid, Signal::KILL);
            panic!("the program outlives its terminal");
        };
        code
    }
}

impl Drop for Session {
    /// A test that failed leaves no program behind.
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

impl SessionEnd {
    /// The terminal is as it was before the run.
    pub fn assert_terminal_restored(&self) {
        assert_eq!(self.modes, INITIAL_MODES, "{}", self.text);
        let (before, after) = self.flags.as_ref().unwrap();
        assert_eq!(before, after);
    }
}

/// The screen's lines without the blanks at their ends.
fn text(parser: &Parser) -> String {
    parser.screen().contents().lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn modes(parser: &Parser) -> Modes {
    let screen = parser.screen();
    Modes {
        alternate_screen: screen.alternate_screen(),
        cursor_hidden: screen.hide_cursor(),
        bracketed_paste: screen.bracketed_paste(),
        mouse: screen.mouse_protocol_mode() != MouseProtocolMode::None,
    }
}

/// Echo, line editing, signals by keys and the like, as text for comparison.
fn flags(master: &dyn MasterPty) -> String {
    let termios = master.get_termios().unwrap();
    let mut text = String::new();
    write!(
        text,
        "{:?} {:?} {:?} {:?} {:?}",
        termios.input_flags,
        termios.output_flags,
        termios.local_flags,
        termios.control_flags,
        termios.control_chars
    )
    .unwrap();
    text
}

fn reader_loop(mut from: Box<dyn Read + Send>, seen: Arc<(Mutex<ScreenState>, Condvar)>) -> impl FnOnce() {
    move || {
        let mut buffer = [0; 1 << 16];
        // An error is the usual end of a pseudo-terminal.
        while let Ok(len) = from.read(&mut buffer)
            && len > 0
        {
            let (now, _) = buffer.split_at(len);
            let mut inside = seen.0.lock().unwrap();
            if inside.is_closed {
                return;
            }
            inside.parser.process(now);
            inside.bytes.extend_from_slice(now);
            drop(inside);
            seen.1.notify_all();
        }
    }
}
