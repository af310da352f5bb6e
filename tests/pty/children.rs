//! External programs in the terminal, and prompts: they receive the signals from the keyboard, and the terminal is restored
//! afterwards.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use crate::session::{Session, SessionEnd, waits_until};

const LAMP: &str = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

/// Writes a shell script that can be run.
fn script(folder: &Path, content: &str) -> PathBuf {
    let path = folder.join("script");
    fs::write(&path, format!("#!/bin/sh\n{content}\n")).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
    path
}

/// Returns the demo with a thread open, and this script as pager.
fn session_with_pager(folder: &Path, content: &str) -> Session {
    let pager = script(folder, content);
    let session = Session::start_with(&["--demo", LAMP], &[("PAGER", pager.to_str().unwrap())]);
    session.sees("Messages 1/12");
    session
}

/// Quits from the list; the terminal must be as before.
fn quits(mut session: Session) {
    session.settles();
    session.types("q");
    let ended = session.ends();
    assert_eq!(ended.code, Ok(0));
    ended.assert_terminal_restored();
}

#[test]
fn ctrl_c_and_ctrl_backslash_in_a_pager_belong_to_the_pager() {
    let folder = tempfile::tempdir().unwrap();
    let traps = "trap 'echo interrupted' INT; trap 'echo quit key' QUIT; echo ready";
    // A signal ends a `read` without a line.
    let mut session =
        session_with_pager(folder.path(), &format!("{traps}; until read line </dev/tty; do :; done"));
    session.types("v");
    session.sees("ready");
    // The shell may miss a signal between two reads.
    session.types_until("\x03", "interrupted");
    session.types_until("\x1c", "quit key");
    session.types("\n");
    session.sees("Messages 1/12");
    quits(session);
}

#[test]
fn ctrl_c_in_less_then_q_returns_to_the_program() {
    let mut session = Session::start_with(&["--demo", LAMP], &[("PAGER", "less")]);
    session.sees("Messages 1/12");
    session.types("v");
    session.sees("(END)");
    session.types("\x03");
    // less drops keys that are typed while it handles the signal.
    session.types_until("h", "SUMMARY OF LESS COMMANDS");
    session.types("q");
    session.sees("(END)");
    session.types("q");
    session.sees("Messages 1/12");
    quits(session);
}

#[test]
fn a_pager_that_ctrl_c_kills_leaves_the_program_running() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session_with_pager(folder.path(), "stty -echo; echo ready; read line </dev/tty");
    session.types("v");
    session.sees("ready");
    session.types("\x03");
    session.sees("Messages 1/12");
    session.sees("failed");
    quits(session);
}

#[test]
fn a_pager_that_turns_echo_off_and_succeeds_does_not_outlive_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let done = folder.path().join("done");
    let content = format!("stty -echo -icanon </dev/tty; touch '{}'", done.display());
    let mut session = session_with_pager(folder.path(), &content);
    session.types("v");
    // Until then the screen is that from before the pager.
    waits_until("the end of the pager", || done.exists());
    session.sees("Messages 1/12");
    quits(session);
}

/// A pager that ignores requests to end, even that of its terminal, and changes the terminal.
const STUBBORN: &str = "trap '' TERM HUP INT QUIT; stty -echo -icanon </dev/tty; printf '\\033[?1003hready'
read line </dev/tty; sleep 1000";

/// Checks that the browser entered and left its screen once, and draws nothing after that.
fn assert_never_entered_again(ended: &SessionEnd) {
    let written = String::from_utf8_lossy(&ended.bytes);
    let count = |sequence: &str| written.matches(sequence).count();
    assert_eq!((count("\x1b[?1049h"), count("\x1b[?1049l")), (1, 1), "{written:?}");
    let (_, after) = written.rsplit_once("\x1b[?1003h").unwrap();
    assert!(after.contains("\x1b[?1003l"), "{after:?}");
}

/// Checks that a signal ends the program and the pager in front of it.
fn assert_ends_with_pager(mut session: Session, signal: Signal, code: u32) {
    session.types("v");
    session.sees("ready");
    session.signals(signal);
    let ended = session.ends();
    assert_eq!(ended.code, Ok(code));
    ended.assert_terminal_restored();
    assert_never_entered_again(&ended);
}

#[test]
fn a_request_to_end_reaches_a_pager_that_ignores_it_and_the_program() {
    let folder = tempfile::tempdir().unwrap();
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let session = session_with_pager(folder.path(), STUBBORN);
        assert_ends_with_pager(session, signal, code);
    }
}

#[test]
fn a_forced_exit_ends_a_pager() {
    let folder = tempfile::tempdir().unwrap();
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let pager = script(folder.path(), STUBBORN);
        // Without the fail point, as in release builds, the pager is ended first.
        let variables = [("PAGER", pager.to_str().unwrap()), ("UNSPOOL_FAIL", "ending a child:hang")];
        let session = Session::start_with(&["--demo", LAMP], &variables);
        session.sees("Messages 1/12");
        assert_ends_with_pager(session, signal, code);
    }
}

#[test]
fn a_pager_that_stops_alone_gives_the_shell_the_terminal_until_it_continues() {
    let folder = tempfile::tempdir().unwrap();
    let pager = script(folder.path(), "echo ready; kill -STOP $$; echo continued; read line </dev/tty");
    let program = env!("CARGO_BIN_EXE_unspool");
    let line = format!("set -m; '{program}' --demo {LAMP}; echo the shell is here; read line; fg; echo bye");
    let variables = [("PAGER", pager.to_str().unwrap())];
    let mut session = Session::run(Path::new("/bin/sh"), &["-c", &line], &variables);
    session.sees("Messages 1/12");
    session.types("v");
    session.sees("the shell is here");
    session.types("\n");
    session.sees("continued");
    session.types("\n");
    session.sees("Messages 1/12");
    session.settles();
    session.types("q");
    session.sees("bye");
    let ended = session.ends();
    assert_eq!(ended.code, Ok(0));
    ended.assert_terminal_restored();
}

#[test]
fn a_shell_command_cannot_take_the_keyboard() {
    let mut session = Session::start(&["--demo", LAMP]);
    session.sees("Messages 1/12");
    for command in ["read line </dev/tty", "stty sane </dev/tty"] {
        session.types("|");
        session.types(command);
        session.sees(command);
        session.types("\r");
        session.sees("tried to read the terminal");
        session.types("\x1b");
        session.no_longer_sees("x save ");
        session.settles();
    }
    quits(session);
}

#[test]
fn login_turns_echo_on_again_however_it_ends() {
    for (keys, signal, code) in [
        ("\x03", None, 130),
        ("half a key", Some(Signal::TERM), 143),
        ("", Some(Signal::HUP), 129),
        ("", Some(Signal::INT), 130),
        ("", Some(Signal::QUIT), 131),
    ] {
        let mut session = Session::start(&["login", "--provider", "sgp"]);
        session.sees("API key for");
        session.types(keys);
        if let Some(signal) = signal {
            session.signals(signal);
        }
        let ended = session.ends();
        assert_eq!(ended.code, Ok(code), "{keys:?} {signal:?}");
        ended.assert_terminal_restored();
    }
}

#[test]
fn the_file_of_a_killed_program_is_removed_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let editor = script(folder.path(), "echo editing; read line </dev/tty");
    let temporary = folder.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let variables = [("VISUAL", editor.to_str().unwrap()), ("TMPDIR", temporary.to_str().unwrap())];
    let files = || fs::read_dir(&temporary).unwrap().count();
    let mut session = Session::start_with(&["--demo", LAMP], &variables);
    session.sees("Messages 1/12");
    session.types("E");
    session.sees("editing");
    assert_eq!(files(), 1);
    session.signals(Signal::KILL);
    session.types("\n");
    assert!(session.ends().code.is_err());
    assert_eq!(files(), 1);
    let session = Session::start_with(&["--demo", LAMP], &variables);
    session.sees("Messages 1/12");
    waits_until("the removal of the file", || files() == 0);
    quits(session);
}
