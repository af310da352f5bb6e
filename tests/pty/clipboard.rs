//! Copying without a display: through the terminal, and through tmux to the outer terminal.

use std::path::Path;
use std::process::Command;

use crate::output;
use crate::session::Session;

const ID: &str = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";
const QUESTION: &str = "Hi! I ordered a Fjell desk lamp (order 4471) last week. Has it shipped yet?";

#[test]
fn a_value_is_copied_once_and_complete() {
    let mut session = Session::start(&["--demo", ID, "--tab", "raw", "--path", "$.entry.input.query"]);
    session.sees("$.entry.input.query");
    session.types("yy");
    session.sees("Copied value (75 B, OSC 52)");
    session.types("q");
    let ended = session.ends();
    assert_eq!(ended.code, Ok(0));
    assert_eq!(output::clipboard_writes(&ended.bytes), [QUESTION]);
}

#[test]
fn every_copy_command_copies_its_value() {
    let mut session = Session::start(&["--demo", ID, "--tab", "raw", "--path", "$.entry.input.query"]);
    session.sees("$.entry.input.query");
    for (keys, notice) in [
        ("yp", "Copied path within the message"),
        ("yq", "Copied jq filter for the message's JSON (yj)"),
        ("yk", "Copied key"),
        ("yt", "Copied thread id"),
        ("yi", "Copied message id"),
    ] {
        session.types(keys);
        session.sees(notice);
    }
    session.types("yc");
    session.sees("Copied command");
    session.types("q");
    let command = format!(
        "unspool sgp:{ID} --demo --message f2c3feab-f6c4-4313-99a9-a3677285d074 --tab raw --path '$.entry.input.query'"
    );
    let expected = [
        "$.entry.input.query",
        ".entry.input.query",
        "query",
        ID,
        "f2c3feab-f6c4-4313-99a9-a3677285d074",
        &command,
    ];
    assert_eq!(output::clipboard_writes(&session.ends().bytes), expected);
}

/// The filter starts at the message, and `yj` copies the JSON that it starts at.
#[test]
fn a_copied_filter_finds_its_value_in_the_copied_json() {
    let mut session = Session::start(&["--demo", ID, "--tab", "raw", "--path", "$.entry.input.query"]);
    session.sees("$.entry.input.query");
    session.types("yq");
    session.sees("Copied jq filter for the message's JSON (yj)");
    session.types("yj");
    session.sees("Copied JSON");
    session.types("q");
    let copies = output::clipboard_writes(&session.ends().bytes);
    let [filter, json] = &copies[..] else { panic!("{copies:?}") };
    let message: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(message.pointer(&filter.replace('.', "/")), Some(&QUESTION.into()), "{json}");
}

#[test]
fn inside_tmux_the_outer_terminal_gets_the_value_once() {
    let tmux = Path::new("/usr/bin/tmux");
    if Command::new(tmux).arg("-V").output().is_err() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("tmux");
    let program = format!("{} --demo {ID}", env!("CARGO_BIN_EXE_unspool"));
    let args = ["-S", socket.to_str().unwrap(), "-f", "/dev/null", "new-session", &program];
    let mut session = Session::run(tmux, &args, &[]);
    session.sees("/12 ");
    session.types("yt");
    session.sees(", tmux)");
    session.types("q");
    session.sees("[exited]");
    let ended = session.ends();
    assert_eq!(output::clipboard_writes(&ended.bytes), [ID]);
}

#[test]
fn command_output_is_shown_copied_and_saved_and_the_command_sees_no_key() {
    let mut session = Session::start_with(&["--demo", ID], &[("SGP_API_KEY", "canary-5c1e9b")]);
    session.sees("/12 ");
    session.types("|");
    let command = "printf '%s ' taken; wc -c; env | grep -c API_KEY";
    session.types(command);
    session.sees(command);
    session.types("\r");
    session.sees("taken 3");
    session.sees("x save ");
    session.types("yy");
    session.sees("Copied output");
    session.types("x");
    session.sees("Saved output to unspool-output.txt");
    session.types("x");
    session.sees("Saved output to unspool-output-2.txt");
    session.types("\x1b");
    session.no_longer_sees("x save ");
    session.types("q");
    let ended = session.ends();
    let copied = output::clipboard_writes(&ended.bytes);
    assert!(
        copied.len() == 1 && copied[0].starts_with("taken ") && copied[0].ends_with("\n0\n"),
        "{copied:?}"
    );
}

#[test]
fn text_too_large_for_the_clipboard_can_be_saved_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let body = folder.path().join("long.json");
    let content = "a line of a long answer ".repeat(4000);
    let json = format!(r#"{{"thread_id":1,"messages":[{{"id":1,"role":"user","content":"{content}"}}]}}"#);
    std::fs::write(&body, json).unwrap();
    let mut session = Session::start(&[body.to_str().unwrap()]);
    // A dangling symlink takes the name.
    std::os::unix::fs::symlink("/nowhere", session.home().join("unspool-text.txt")).unwrap();
    session.sees("Messages 1/1");
    session.types("yy");
    session.sees("w saves it to a file");
    session.types("j");
    session.no_longer_sees("w saves it to a file");
    session.types("wyy");
    session.sees("w saves it to a file");
    session.types("w");
    session.sees("Saved text to unspool-text-2.txt");
    let path = session.home().join("unspool-text-2.txt");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert!(!session.home().join("unspool-text-3.txt").exists());
    session.types("q");
    assert_eq!(output::clipboard_writes(&session.ends().bytes), Vec::<String>::new());
}

#[test]
fn the_last_of_two_copies_stays_in_the_clipboard() {
    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).display().to_string();
    rustix::fs::mkfifoat(rustix::fs::CWD, path("gate"), rustix::fs::Mode::from_raw_mode(0o600)).unwrap();
    // The first copy waits for the file.
    let line = format!(
        "if mkdir '{}' 2>/dev/null; then read line <'{}'; fi; cat >'{}'",
        path("first"),
        path("gate"),
        path("copied")
    );
    std::fs::create_dir(home.path().join("config")).unwrap();
    let config = format!("clipboard = [\"sh\", \"-c\", \"{line}\"]\n");
    std::fs::write(home.path().join("config/config.toml"), config).unwrap();
    let mut session = Session::start_with(&["--demo", ID], &[("UNSPOOL_HOME", &path(""))]);
    session.sees("/12 ");
    session.types("yi");
    session.types("yt");
    session.settles();
    std::fs::write(path("gate"), "open\n").unwrap();
    session.sees("Copied thread id");
    session.settles();
    assert_eq!(std::fs::read_to_string(path("copied")).unwrap(), ID);
    session.ends_well();
}

#[test]
fn inside_screen_the_outer_terminal_gets_the_value() {
    let mut session = Session::start_with(&["--demo", ID], &[("STY", "1.pts-0.host")]);
    session.sees("/12 ");
    session.types("yt");
    session.sees("OSC 52, screen)");
    session.types("q");
    let written = String::from_utf8(session.ends().bytes).unwrap();
    // screen passes the content of each control string on.
    let passed: String =
        written.split("\x1bP").skip(1).filter_map(|part| part.split("\x1b\\").next()).collect();
    assert_eq!(output::clipboard_writes(passed.as_bytes()), [ID]);
}
