//! A run of the program in a pseudo-terminal: keys in, a screen out, and no timing except a deadline.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;
use vt100::{Color, MouseProtocolMode, Parser};

use crate::output;

/// The time between two repeated keys.
const KEY_INTERVAL: Duration = Duration::from_millis(150);

/// The deadline of a test, far beyond the needs of a busy machine.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The deadline of a whole session, after which the run of all tests ends, even if a write to the terminal or a lock
/// blocks.
const SESSION_TIMEOUT: Duration = Duration::from_secs(300);

struct ScreenState {
    /// Whether further output is ignored.
    is_closed: bool,
    parser: Parser,
    bytes: Vec<u8>,
}

pub struct Session {
    master: Option<Box<dyn MasterPty + Send>>,
    slave: Option<Box<dyn SlavePty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    /// Closed when the reader has ended.
    reader_end: mpsc::Receiver<()>,
    screen_state: Arc<(Mutex<ScreenState>, Condvar)>,
    exit: mpsc::Receiver<Exit>,
    pid: Pid,
    flags_before: String,
    home: TempDir,
    /// Closing it notifies the watchdog of the end of the session.
    _watchdog: mpsc::Sender<()>,
}

/// The exit code, or the signal that killed the program.
pub type Exit = Result<u32, String>;

fn to_exit(status: ExitStatus) -> Exit {
    match status.signal() {
        Some(signal) => Err(signal.to_owned()),
        None => Ok(status.exit_code()),
    }
}

/// The modes of the terminal.
#[derive(Debug, PartialEq, Eq)]
pub struct Modes {
    pub alternate_screen: bool,
    pub cursor_hidden: bool,
    pub bracketed_paste: bool,
    pub mouse: bool,
    pub line_wrap: bool,
}

/// The modes that a shell expects.
pub const INITIAL_MODES: Modes = Modes {
    alternate_screen: false,
    cursor_hidden: false,
    bracketed_paste: false,
    mouse: false,
    line_wrap: true,
};

pub struct SessionEnd {
    pub code: Exit,
    pub modes: Modes,
    /// The text left on the screen.
    pub text: String,
    /// The terminal's flags before and after the run; `None` if the terminal was closed.
    pub flags: Option<(String, String)>,
    /// Everything that was written to the terminal.
    pub bytes: Vec<u8>,
}

fn non_zero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

/// Returns a command with a minimal, fixed environment.
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
    /// Starts the program in a terminal of 100 × 30.
    pub fn start(args: &[&str]) -> Self {
        Self::start_with(args, &[])
    }

    /// Starts the demo with its first thread open.
    pub fn with_thread() -> Self {
        let mut session = Self::start(&["--demo", "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"]);
        session.sees("Messages 1/12");
        session.settles();
        session
    }

    /// Starts the program with additional environment variables.
    pub fn start_with(args: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::run(Path::new(env!("CARGO_BIN_EXE_unspool")), args, variables)
    }

    /// Returns the program's working folder and home.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Starts another program.
    pub fn run(program: &Path, args: &[&str], variables: &[(&str, &str)]) -> Self {
        let home = TempDir::new().unwrap();
        // Threads open at their start, so that a test knows where it is.
        std::fs::create_dir(home.path().join("config")).unwrap();
        std::fs::write(home.path().join("config/config.toml"), "open_at_problem = false\n").unwrap();
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
        let screen_state = Arc::new((
            Mutex::new(ScreenState {
                is_closed: false,
                parser: Parser::new(non_zero(30), non_zero(100), 0),
                bytes: Vec::new(),
            }),
            Condvar::new(),
        ));
        let (reader_guard, reader_end) = mpsc::channel();
        let read_all = reader_loop(pair.master.try_clone_reader().unwrap(), Arc::clone(&screen_state));
        thread::spawn(move || {
            let _open_until_the_end = reader_guard;
            read_all();
        });
        let (exit_sender, exit) = mpsc::channel();
        thread::spawn(move || {
            let code = child.wait().map_or_else(|error| Err(error.to_string()), to_exit);
            let _receiver_gone = exit_sender.send(code);
        });
        Self {
            writer: Some(pair.master.take_writer().unwrap()),
            master: Some(pair.master),
            slave: Some(pair.slave),
            reader_end,
            _watchdog: start_watchdog(Arc::clone(&screen_state), pid),
            screen_state,
            exit,
            pid,
            flags_before,
            home,
        }
    }

    /// Sends bytes like a keyboard.
    pub fn types(&mut self, bytes: &str) {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(bytes.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// Opens a thread with the thread box.
    pub fn opens(&mut self, typed: &str) {
        self.types(&format!("\x1b[200~{typed}\x1b[201~"));
        self.sees(typed);
        self.types("\r");
    }

    pub fn resizes(&mut self, cols: u16, rows: u16) {
        self.screen_state.0.lock().unwrap().parser.set_size(non_zero(rows), non_zero(cols));
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    pub fn signals(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    pub fn screen(&self) -> String {
        text(&self.screen_state.0.lock().unwrap().parser)
    }

    /// Returns the RGB colours of the text on the screen.
    pub fn foregrounds(&self) -> HashSet<(u8, u8, u8)> {
        let state = self.screen_state.0.lock().unwrap();
        let screen = state.parser.screen();
        let cells = (0..30).flat_map(|row| (0..100).map(move |column| (row, column)));
        let colours = cells.filter_map(|(row, column)| match screen.cell(row, column)?.fgcolor() {
            Color::Rgb(red, green, blue) => Some((red, green, blue)),
            Color::Default | Color::Idx(_) => None,
        });
        colours.collect()
    }

    pub fn modes(&self) -> Modes {
        modes(&self.screen_state.0.lock().unwrap())
    }

    /// Waits until this text is on the screen.
    pub fn sees(&self, text: &str) {
        self.waits_for(text, |screen| screen.contains(text));
    }

    /// Waits until this text is no longer on the screen.
    pub fn no_longer_sees(&self, text: &str) {
        self.waits_for(&format!("no {text}"), |screen| !screen.contains(text));
    }

    /// Waits until the screen fulfils a condition, checking after every output.
    pub fn waits_for(&self, description: &str, condition: impl Fn(&str) -> bool) {
        if !self.is_seen_within(TIMEOUT, condition) {
            panic!("timed out waiting for {description:?}; on the screen:\n{}", self.screen());
        }
    }

    /// Returns whether the screen fulfils a condition within this time.
    fn is_seen_within(&self, time: Duration, condition: impl Fn(&str) -> bool) -> bool {
        let deadline = Instant::now() + time;
        let mut state = self.screen_state.0.lock().unwrap();
        loop {
            if condition(&text(&state.parser)) {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            state = self.screen_state.1.wait_timeout(state, left).unwrap().0;
        }
    }

    /// Presses a key again and again until this text is on the screen.
    pub fn types_until(&mut self, key: &str, text: &str) {
        for _ in 0..TIMEOUT.as_millis() / KEY_INTERVAL.as_millis() {
            self.types(key);
            if self.is_seen_within(KEY_INTERVAL, |screen| screen.contains(text)) {
                return;
            }
        }
        panic!("{key:?} has no effect; on the screen:\n{}", self.screen());
    }

    /// Presses a key again and again until the program ends.
    pub fn types_until_the_end(mut self, key: &str) -> SessionEnd {
        for _ in 0..TIMEOUT.as_millis() / KEY_INTERVAL.as_millis() {
            self.types(key);
            if let Ok(code) = self.exit.recv_timeout(KEY_INTERVAL) {
                return self.ends_with(code);
            }
        }
        panic!("{key:?} does not end the program; on the screen:\n{}", self.screen());
    }

    /// Waits until all input so far was handled and drawn, by opening and closing the help.
    pub fn settles(&mut self) {
        self.types("?");
        self.sees("esc close");
        self.types("\x1b");
        self.no_longer_sees("esc close");
    }

    /// Quits the program, and checks that it exits with 0, wrote only harmless output, and restored the terminal.
    pub fn ends_well(mut self) {
        self.settles();
        self.types("q");
        let ended = self.ends();
        assert_eq!(ended.code, Ok(0));
        output::assert_harmless(&ended.bytes);
        ended.assert_terminal_restored();
    }

    /// Waits for the program to end and returns its results.
    pub fn ends(self) -> SessionEnd {
        let Ok(code) = self.exit.recv_timeout(TIMEOUT) else {
            panic!("the program does not end; on the screen:\n{}", self.screen());
        };
        self.ends_with(code)
    }

    fn ends_with(mut self, code: Exit) -> SessionEnd {
        let after = self.master.as_ref().map(|master| flags(&**master));
        // The reader ends once the other side of the terminal is closed everywhere.
        self.slave = None;
        self.waits_for_reader("a process that the program started keeps the terminal");
        let state = self.screen_state.0.lock().unwrap();
        SessionEnd {
            code,
            modes: modes(&state),
            text: text(&state.parser),
            flags: after.map(|after| (self.flags_before.clone(), after)),
            bytes: state.bytes.clone(),
        }
    }

    /// Closes the terminal and returns the program's exit code.
    pub fn hangs_up(mut self) -> Exit {
        self.screen_state.0.lock().unwrap().is_closed = true;
        // The reader holds the terminal too, until it is woken by output.
        self.types("?");
        self.waits_for_reader("the terminal does not wake the reader");
        self.writer = None;
        self.slave = None;
        self.master = None;
        let Ok(code) = self.exit.recv_timeout(TIMEOUT) else {
            panic!("the program outlives its terminal");
        };
        code
    }

    fn waits_for_reader(&self, failure: &str) {
        let end = self.reader_end.recv_timeout(TIMEOUT);
        assert_eq!(end, Err(RecvTimeoutError::Disconnected), "{failure}; on the screen:\n{}", self.screen());
    }
}

impl Drop for Session {
    /// Kills the program, and its children in its process group, if the test failed.
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
    }
}

/// Ends the run of all tests when a session exceeds its time; returns the channel that is closed at its end.
fn start_watchdog(screen_state: Arc<(Mutex<ScreenState>, Condvar)>, pid: Pid) -> mpsc::Sender<()> {
    let (sender, end) = mpsc::channel();
    let test = thread::current().name().unwrap_or_default().to_owned();
    thread::spawn(move || {
        if end.recv_timeout(SESSION_TIMEOUT) == Err(RecvTimeoutError::Timeout) {
            let _ = kill_process_group(pid, Signal::KILL);
            let screen = screen_state.0.try_lock().map(|state| text(&state.parser)).unwrap_or_default();
            let report = format!("\n{test} hangs; on the screen:\n{screen}\n");
            // The output of a thread is captured, unless written so.
            let _ = std::io::stderr().write_all(report.as_bytes());
            std::process::exit(101);
        }
    });
    sender
}

/// Waits until a condition outside the screen holds.
pub fn waits_until(description: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + TIMEOUT;
    while !condition() {
        assert!(Instant::now() < deadline, "timed out waiting for {description}");
        thread::yield_now();
    }
}

impl SessionEnd {
    /// Checks that the terminal is in the state before the run.
    pub fn assert_terminal_restored(&self) {
        assert_eq!(self.modes, INITIAL_MODES, "{}", self.text);
        let (before, after) = self.flags.as_ref().unwrap();
        assert_eq!(before, after);
    }
}

/// Returns the screen's lines without trailing spaces.
fn text(parser: &Parser) -> String {
    parser.screen().contents().lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

fn modes(state: &ScreenState) -> Modes {
    let screen = state.parser.screen();
    // The emulator ignores this mode.
    let last = |sequence: &[u8]| state.bytes.windows(sequence.len()).rposition(|window| window == sequence);
    Modes {
        alternate_screen: screen.alternate_screen(),
        cursor_hidden: screen.hide_cursor(),
        bracketed_paste: screen.bracketed_paste(),
        mouse: screen.mouse_protocol_mode() != MouseProtocolMode::None,
        line_wrap: last(b"\x1b[?7l") <= last(b"\x1b[?7h"),
    }
}

/// Returns the terminal's flags (echo, line editing, signal keys …), as text for comparison.
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

fn reader_loop(
    mut reader: Box<dyn Read + Send>,
    screen_state: Arc<(Mutex<ScreenState>, Condvar)>,
) -> impl FnOnce() {
    move || {
        let mut buffer = [0; 1 << 16];
        // A closed pseudo-terminal usually ends with an error.
        while let Ok(len) = reader.read(&mut buffer)
            && len > 0
        {
            let (bytes, _) = buffer.split_at(len);
            let mut state = screen_state.0.lock().unwrap();
            if state.is_closed {
                return;
            }
            state.parser.process(bytes);
            state.bytes.extend_from_slice(bytes);
            drop(state);
            screen_state.1.notify_all();
        }
    }
}
