//! However the program ends, the terminal is as it was.

use std::io;
use std::path::Path;

use ratatui::backend::Backend;
use rustix::process::Signal;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use unspool::app::{App, Prefs};
use unspool::domain::Stamp;
use unspool::effect::{Effect, HandOver};
use unspool::event::Event;
use unspool::runtime::event_loop::{Loop, Outside};
use unspool::runtime::terminal;
use unspool::theme::Theme;

use crate::bytes;
use crate::session::{AS_BEFORE, Session};

/// The demo with a thread open, and the terminal taken.
fn with_thread() -> Session {
    let session = Session::start(&["--demo", "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"]);
    session.sees("Messages 1/");
    let modes = session.modes();
    assert!(
        modes.alternate_screen && modes.bracketed_paste && modes.mouse && modes.cursor_hidden,
        "{modes:?}"
    );
    session
}

#[test]
fn keys_that_leave_give_the_terminal_back() {
    for keys in ["q", "\x03", "i\x03", "?qq"] {
        let mut session = with_thread();
        session.types(keys);
        let ended = session.ends();
        assert_eq!(ended.code, Ok(0), "{keys:?}");
        ended.leaves_the_terminal_as_it_was();
        bytes::are_harmless(&ended.bytes);
    }
}

#[test]
fn signals_that_end_the_program_give_the_terminal_back() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130), (Signal::QUIT, 131)] {
        let session = with_thread();
        session.signals(signal);
        let ended = session.ends();
        assert_eq!(ended.code, Ok(code), "{signal:?}");
        ended.leaves_the_terminal_as_it_was();
    }
}

#[test]
fn the_program_ends_with_its_terminal_even_if_nobody_tells_it() {
    assert_eq!(with_thread().hangs_up(), Ok(129));
    let program = env!("CARGO_BIN_EXE_unspool");
    let script = format!("trap '' HUP; exec '{program}' --demo");
    let session = Session::run(Path::new("/bin/sh"), &["-c", &script], &[]);
    session.sees("Lamp order 4471");
    assert_eq!(session.hangs_up(), Ok(129));
}

#[test]
fn suspending_gives_the_terminal_to_the_shell_and_resuming_takes_it_again() {
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
    assert_eq!(session.modes(), AS_BEFORE);
    session.types("\n");
    session.sees("choose");
    session.types("\t");
    session.waits_for("the screen as before", |screen| screen == before);
    session.types("q");
    session.sees("bye");
    let ended = session.ends();
    assert_eq!(ended.code, Ok(0));
    ended.leaves_the_terminal_as_it_was();
    // Whoever asks where the cursor is gets the answer among the keys.
    assert!(!String::from_utf8_lossy(&ended.bytes).contains("\x1b[6n"));
}

/// Set in the process that is to panic.
const INSIDE: &str = "UNSPOOL_TEST_PANICS";

/// The clock of an outside that fails the program once it has drawn.
struct Broken {
    looks: std::cell::Cell<usize>,
}

impl Outside for Broken {
    fn perform(&mut self, _effect: Effect) {}

    fn now(&self) -> Stamp {
        self.looks.set(self.looks.get() + 1);
        assert!(self.looks.get() < 4, "the clock fell from the wall");
        Stamp(0)
    }

    fn hand_over(&mut self, _what: HandOver) -> Option<String> {
        None
    }

    fn suspend(&mut self) -> bool {
        false
    }
}

/// Takes the terminal as the program does, and panics in the middle of the loop.
fn panic_in_the_loop() -> io::Result<()> {
    terminal::give_back_on_panic();
    let mut screen = terminal::take().map_err(io::Error::other)?;
    let size = screen.backend().size()?;
    let mut app = App::new(Prefs::default(), size.width, size.height);
    let (keys, mut input) = mpsc::channel(8);
    let (_outbox, mut events) = mpsc::channel(8);
    keys.try_send(Ok(Event::Tick)).map_err(io::Error::other)?;
    keys.try_send(Ok(Event::Tick)).map_err(io::Error::other)?;
    keys.try_send(Ok(Event::Tick)).map_err(io::Error::other)?;
    let run = Loop {
        terminal: &mut screen,
        app: &mut app,
        theme: &Theme::default(),
        input: &mut input,
        events: &mut events,
        outside: &mut Broken { looks: std::cell::Cell::new(0) },
    };
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run.run()).map(drop)
}

/// Runs itself again in a terminal, to panic there: the program has no way to be made to.
#[test]
fn a_panic_gives_the_terminal_back_and_can_be_read() {
    if std::env::var_os(INSIDE).is_some() {
        return panic_in_the_loop().unwrap();
    }
    let itself = std::env::current_exe().unwrap();
    let name = "endings::a_panic_gives_the_terminal_back_and_can_be_read";
    let args = ["--exact", name, "--nocapture", "--test-threads=1"];
    let session = Session::run(&itself, &args, &[(INSIDE, "1"), ("RUST_BACKTRACE", "0")]);
    let ended = session.ends();
    assert_ne!(ended.code, Ok(0));
    assert!(ended.text.contains("the clock fell from the wall"), "{}", ended.text);
    let written = String::from_utf8_lossy(&ended.bytes);
    assert!(written.contains("\x1b[?1049h"), "the terminal was never taken");
    ended.leaves_the_terminal_as_it_was();
}
