//! Without a terminal the program says so, touches nothing, and ends with the code for wrong usage.

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
fn output_that_is_no_terminal_is_refused_before_anything_is_written() {
    let home = TempDir::new().unwrap();
    let output = program(&home).arg("--demo").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("not a terminal") && said.contains("unspool show"), "{said}");
    assert!(!said.contains('\x1b'), "{said:?}");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_gets_labelled_lines() {
    let mut session = Session::start_with(&["--demo", "demo-empty"], &[("TERM", "dumb")]);
    session.sees("There are no messages.");
    session.types("q\n");
    let ended = session.ends();
    assert_eq!(ended.code, Ok(0));
    assert!(!ended.bytes.contains(&0x1b), "{:?}", String::from_utf8_lossy(&ended.bytes));
    ended.leaves_the_terminal_as_it_was();
}

#[test]
fn a_key_is_never_taken_from_the_arguments() {
    let home = TempDir::new().unwrap();
    let output = program(&home).args(["--api-key", "canary"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_full_disk_at_the_other_end_is_no_panic() {
    let home = TempDir::new().unwrap();
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    let output = program(&home).arg("--help").stdout(full).stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{said}");
}

#[test]
fn a_body_that_is_taken_for_the_other_services_is_said_to_be_and_its_text_stays() {
    let body = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/camelai_thread_messages.json");
    let mut session = Session::start(&[body, "--provider", "sgp"]);
    session.sees("this body looks like camelAI's");
    session.sees("run with");
    session.types("5");
    session.sees("role: \"system\"");
    session.ends_well();
}
