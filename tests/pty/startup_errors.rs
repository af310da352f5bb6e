//! Startup errors: without a terminal the program reports it, writes nothing, and exits with the code of a usage error.

use std::fs::File;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::session::Session;

fn program(home: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_unspool"));
    command.env_clear().env("UNSPOOL_HOME", home.path()).env("TERM", "xterm-256color").stdin(Stdio::null());
    command
}

#[test]
fn without_a_terminal_the_tui_exits_before_writing_anything() {
    let home = TempDir::new().unwrap();
    let output = program(&home).arg("--demo").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("not a terminal") && stderr.contains("unspool show"), "{stderr}");
    assert!(!stderr.contains('\x1b'), "{stderr:?}");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_dumb_terminal_gets_plain_mode() {
    let mut session = Session::start_with(&["--demo", "demo-empty"], &[("TERM", "dumb")]);
    session.sees("This thread has no messages.");
    session.types("q\n");
    let ended = session.ends();
    assert_eq!(ended.code, Ok(0));
    assert!(!ended.bytes.contains(&0x1b), "{:?}", String::from_utf8_lossy(&ended.bytes));
    ended.assert_terminal_restored();
}

#[test]
fn a_key_is_never_accepted_as_an_argument() {
    let home = TempDir::new().unwrap();
    let output = program(&home).args(["--api-key", "canary"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn writing_help_to_a_full_disk_does_not_panic() {
    let home = TempDir::new().unwrap();
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    let output = program(&home).arg("--help").stdout(full).stderr(Stdio::piped()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[test]
fn a_body_of_another_provider_is_reported_and_shown_raw() {
    let body = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/camelai_thread_messages.json");
    let mut session = Session::start(&[body, "--provider", "sgp"]);
    session.sees("this body looks like a camelAI thread");
    session.sees("run with");
    session.types("5");
    session.sees("role: \"system\"");
    session.ends_well();
}
