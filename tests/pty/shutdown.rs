//! Every way to end the program restores the terminal.

use std::io;
use std::path::Path;

use ratatui::backend::Backend;
use rustix::process::Signal;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use unspool::testing::app::{App, Prefs};
use unspool::testing::app_loop::event_loop::{EffectHandler, EventLoop};
use unspool::testing::domain::Timestamp;
use unspool::testing::effect::{Effect, ExternalProgram};
use unspool::testing::event::Event;
use unspool::testing::terminal::{self, panic_hook};

use crate::output;
use crate::session::{INITIAL_MODES, Session};

/// Returns the demo with a thread open, in the alternate screen.
fn session_with_thread() -> Session {
    let session = Session::start(&["--demo", "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"]);
    session.sees("Messages 1/");
    let modes = session.modes();
    assert!(
        modes.alternate_screen
            && modes.bracketed_paste
            && modes.mouse
            && modes.cursor_hidden
            && !modes.line_wrap,
        "{modes:?}"
    );
    session
}

#[test]
fn quit_keys_restore_the_terminal() {
    for keys in ["q", "\x03", "i\x03", "?qq"] {
        let mut session = session_with_thread();
        session.types(keys);
        let ended = session.ends();
        assert_eq!(ended.code, Ok(0), "{keys:?}");
        ended.assert_terminal_restored();
        output::assert_harmless(&ended.bytes);
    }
}

#[test]
fn terminating_signals_restore_the_terminal() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130), (Signal::QUIT, 131)] {
        let session = session_with_thread();
        session.signals(signal);
        let ended = session.ends();
        assert_eq!(ended.code, Ok(code), "{signal:?}");
        ended.assert_terminal_restored();
    }
}

#[test]
fn a_killed_program_leaves_a_restored_terminal() {
    for keys in ["", "\x0c"] {
        let mut session = session_with_thread();
        session.types(keys);
        session.signals(Signal::KILL);
        session.sees("unspool: killed, or out of memory");
        let ended = session.ends();
        assert!(ended.code.is_err(), "{:?}", ended.code);
        ended.assert_terminal_restored();
    }
}

#[test]
fn the_program_ends_when_the_terminal_is_gone_even_without_sighup() {
    assert_eq!(session_with_thread().hangs_up(), Ok(129));
    let program = env!("CARGO_BIN_EXE_unspool");
    let script = format!("trap '' HUP; exec '{program}' --demo");
    let session = Session::run(Path::new("/bin/sh"), &["-c", &script], &[]);
    session.sees("lamp order 4471");
    assert_eq!(session.hangs_up(), Ok(129));
}

#[test]
fn suspending_restores_the_terminal_and_resuming_re_enters_it() {
    let program = env!("CARGO_BIN_EXE_unspool");
    let script =
        format!("set -m; '{program}' --demo sgp:demo-404; echo the shell is here; read line; fg; echo bye");
    let mut session = Session::run(Path::new("/bin/sh"), &["-c", &script], &[]);
    session.sees("Could not open sgp:demo-404");
    session.settles();
    let before = session.screen();
    session.types("i");
    session.sees("choose");
    session.types("\x1a");
    session.sees("the shell is here");
    assert_eq!(session.modes(), INITIAL_MODES);
    session.types("\n");
    session.sees("choose");
    session.types("\t");
    session.waits_for("the screen as before", |screen| screen == before);
    session.types("q");
    session.sees("bye");
    let ended = session.ends();
    assert_eq!(ended.code, Ok(0));
    ended.assert_terminal_restored();
    // A cursor position request would put its reply among the keys.
    assert!(!String::from_utf8_lossy(&ended.bytes).contains("\x1b[6n"));
}

/// Set in the child process that panics.
const PANIC_VAR: &str = "UNSPOOL_TEST_PANICS";

/// An effect handler whose clock panics after the first frame.
struct PanickingHandler {
    clock_reads: std::cell::Cell<usize>,
}

impl EffectHandler for PanickingHandler {
    fn perform(&mut self, _effect: Effect) {}

    fn now(&self) -> Timestamp {
        self.clock_reads.set(self.clock_reads.get() + 1);
        assert!(self.clock_reads.get() < 4, "panic in the loop");
        Timestamp(0)
    }

    fn run_in_terminal(&mut self, _program: ExternalProgram) -> Option<String> {
        None
    }

    fn suspend(&mut self) -> bool {
        false
    }
}

/// Enters the terminal like the program, and panics in the middle of the event loop.
fn panic_in_the_loop() -> io::Result<()> {
    panic_hook::install_hook();
    panic_hook::set_tui_active();
    let mut screen = terminal::enter().map_err(io::Error::other)?;
    let size = screen.backend().size()?;
    let mut app = App::new(Prefs::default(), size.width, size.height);
    let (keys, mut input) = mpsc::channel(8);
    let (_outbox, mut events) = mpsc::channel(8);
    keys.try_send(Ok(Event::Tick)).map_err(io::Error::other)?;
    keys.try_send(Ok(Event::Tick)).map_err(io::Error::other)?;
    keys.try_send(Ok(Event::Tick)).map_err(io::Error::other)?;
    let run = EventLoop {
        terminal: &mut screen,
        app: &mut app,
        input: &mut input,
        events: &mut events,
        effect_handler: &mut PanickingHandler { clock_reads: std::cell::Cell::new(0) },
        links: None,
    };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run.run()).map(drop)
}

/// Runs this test in a child process with a terminal, because the program itself cannot be made to panic.
#[test]
fn a_panic_restores_the_terminal_and_is_readable() {
    if std::env::var_os(PANIC_VAR).is_some() {
        return panic_in_the_loop().unwrap();
    }
    let executable = std::env::current_exe().unwrap();
    let name = "shutdown::a_panic_restores_the_terminal_and_is_readable";
    let args = ["--exact", name, "--nocapture", "--test-threads=1"];
    let session = Session::run(&executable, &args, &[(PANIC_VAR, "1"), ("RUST_BACKTRACE", "0")]);
    let ended = session.ends();
    assert_ne!(ended.code, Ok(0));
    assert!(ended.text.contains("panic in the loop"), "{}", ended.text);
    let written = String::from_utf8_lossy(&ended.bytes);
    assert!(written.contains("\x1b[?1049h"), "the terminal was never entered");
    ended.assert_terminal_restored();
}

/// Starts the program with an active fail point, which debug builds have.
fn start_failing_at(fail_point: &str, args: &[&str]) -> Option<Session> {
    cfg!(debug_assertions).then(|| Session::start_with(args, &[("UNSPOOL_FAIL", fail_point)]))
}

#[test]
fn a_panic_while_drawing_ends_the_program_with_sanitized_output() {
    // One thread never finishes loading, the other does.
    for thread in ["demo-stall", "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"] {
        let Some(session) = start_failing_at("draw", &["--demo", thread]) else { return };
        let ended = session.ends();
        assert_eq!(ended.code, Ok(101), "{}", ended.text);
        assert!(ended.text.contains("fail point draw"), "{}", ended.text);
        let written = String::from_utf8_lossy(&ended.bytes);
        assert!(written.contains("\x1b[?1049h"), "the terminal was never entered");
        let (_, after) = written.rsplit_once("\x1b[?25h").unwrap();
        assert!(!after.contains(['\x1b', '\u{202e}']), "{after:?}");
        ended.assert_terminal_restored();
    }
}

#[test]
fn a_panic_in_a_task_is_shown_and_keys_still_work() {
    for (fail_point, text, keys, error) in [
        ("fetching", "Thread", "", "Internal error (fetch)"),
        ("searching", "Messages 1/", "/lamp\r", "Internal error (search)"),
    ] {
        let thread = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";
        let Some(mut session) = start_failing_at(fail_point, &["--demo", thread]) else { return };
        session.sees(text);
        session.types(keys);
        session.sees(error);
        session.settles();
        session.types("q");
        let ended = session.ends();
        assert_eq!(ended.code, Ok(0), "{fail_point}");
        output::assert_harmless(&ended.bytes);
        ended.assert_terminal_restored();
    }
}

#[test]
fn the_key_command_ends_with_the_program() {
    let home = tempfile::tempdir().unwrap();
    let fifo = home.path().join("held");
    rustix::fs::mkfifoat(rustix::fs::CWD, &fifo, rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    let config = home.path().join("config");
    std::fs::create_dir(&config).unwrap();
    let script = format!("exec 9>'{}'; echo started >&9; tail -f /dev/null & wait", fifo.display());
    let text = format!("[profiles.slow]\nservice = \"sgp\"\nkey_command = [\"sh\", \"-c\", \"{script}\"]\n");
    std::fs::write(config.join("config.toml"), text).unwrap();
    let home = home.path().to_str().unwrap();
    let args = ["--profile", "slow", "--base-url", "https://127.0.0.1:9", "sgp:lamp"];
    let mut session = Session::start_with(&args, &[("UNSPOOL_HOME", home)]);
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        use std::io::BufRead;
        for line in io::BufReader::new(std::fs::File::open(fifo).unwrap()).lines() {
            sender.send(line.unwrap()).unwrap();
        }
    });
    assert_eq!(lines.recv().unwrap(), "started");
    session.types("q");
    assert_eq!(session.ends().code, Ok(0));
    let end = lines.recv_timeout(std::time::Duration::from_secs(30));
    assert_eq!(end, Err(std::sync::mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn a_loop_that_hangs_is_ended_by_signals_and_by_ctrl_c() {
    for (signal, code) in [(Some(Signal::TERM), 143), (Some(Signal::HUP), 129), (None, 130)] {
        let thread = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";
        let Some(mut session) = start_failing_at("drawn:hang", &["--demo", thread]) else { return };
        session.sees("Messages 1/");
        match signal {
            Some(signal) => session.signals(signal),
            None => session.types("jj\x03"),
        }
        let ended = session.ends();
        assert_eq!(ended.code, Ok(code), "{signal:?}");
        ended.assert_terminal_restored();
    }
}
