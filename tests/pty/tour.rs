//! A tour of the demo.

use std::path::Path;

use crate::output;
use crate::session::Session;

#[test]
fn a_user_opens_a_thread_browses_it_and_quits() {
    let mut session = Session::start(&["--demo"]);
    session.sees("lamp order 4471");
    // The first suggestion is the support chat.
    session.types("\r");
    session.sees("Messages 1/12");
    session.types("j");
    session.sees("Messages 2/12");
    session.types("G");
    session.sees("Messages 12/12");
    session.types("gg");
    session.sees("Messages 1/");
    session.types("2\r");
    session.sees("tool:get_order");
    session.types("zM");
    session.no_longer_sees("tool:get_order");
    session.types("zR");
    session.sees("tool:get_order");
    session.settles();

    session.resizes(20, 5);
    session.waits_for("a small screen", |screen| {
        let lines: Vec<&str> = screen.lines().collect();
        lines.len() <= 5 && lines.iter().all(|line| line.chars().count() <= 20) && screen.contains("Spans")
    });
    session.resizes(100, 30);
    session.sees("tool:get_order");
    session.settles();

    session.types("q");
    let ended = session.ends();
    assert_eq!(ended.code, Ok(0));
    ended.assert_terminal_restored();
    output::assert_harmless(&ended.bytes);
}

#[test]
fn a_thread_of_the_second_application_takes_four_keys_and_has_neighbours() {
    let mut session = Session::start(&["--demo"]);
    session.sees("lamp order 4471");
    session.types("\x14");
    session.sees("2,000 threads · 1 refused · incomplete");
    session.sees("Closed pilot: 403 Forbidden");
    // All at once: keys wait until their rows are listed.
    session.types("l)\r");
    session.sees("Messages 1/");
    session.types("b");
    session.sees("› Support assistant");
    session.types("\x1b");
    session.sees("Messages 1/");
    session.types("]tb");
    session.sees("› Support assistant");
    session.types("/zürich harbour");
    session.sees("shown · 1 refused");
    session.types("\r");
    session.settles();
    session.types("\r");
    session.sees("Zürich harbour");
    session.types("q");
    let ended = session.ends();
    assert_eq!(ended.code, Ok(0));
    ended.assert_terminal_restored();
    output::assert_harmless(&ended.bytes);
}

#[test]
fn errors_negative_feedback_and_slow_spans_are_at_most_three_keys_away() {
    let mut session = Session::start(&["--demo", "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"]);
    session.sees("Messages 1/12");
    session.settles();
    session.types("]e");
    session.sees("Messages 7/12");
    session.sees("traced");
    session.types("gg]d");
    session.sees("Messages 3/12");
    session.types("ggp\r");
    session.sees("Messages 10/12");
    session.types("q");
    assert_eq!(session.ends().code, Ok(0));
}

#[test]
fn the_mouse_selects_a_message_and_a_tab() {
    let mut session = Session::start(&["--demo", "sgp:demo-5000"]);
    session.sees("Messages 1/5000");
    session.types("\x1b[<0;5;6M\x1b[<0;5;6m");
    session.sees("Messages 3/5000");
    session.types("\x1b[<65;5;10M");
    session.no_longer_sees("Messages 3/5000");
    session.types("q");
    assert_eq!(session.ends().code, Ok(0));
}

#[test]
fn a_slow_thread_can_be_read_while_loading_and_quit_immediately() {
    let mut session = Session::start(&["--demo", "demo-stall"]);
    session.sees("/3 ");
    session.types("j");
    session.sees("Messages 2/3");
    session.types("q");
    assert_eq!(session.ends().code, Ok(0));
}

#[test]
fn piped_input_is_opened_and_keys_are_read_from_the_terminal() {
    let body = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/sgp-lamp-order.json");
    let program = env!("CARGO_BIN_EXE_unspool");
    for input in [format!("cat '{body}' | '{program}'"), format!("'{program}' < '{body}'")] {
        let mut session = Session::run(Path::new("/bin/sh"), &["-c", &input], &[]);
        session.sees("Messages 1/12");
        session.types("j");
        session.sees("Messages 2/12");
        session.types("q");
        assert_eq!(session.ends().code, Ok(0));
    }
    let nothing = format!("'{program}' < /dev/null");
    let mut session = Session::run(Path::new("/bin/sh"), &["-c", &nothing], &[]);
    session.sees("Paste a thread id");
    session.types("\x1bq");
    assert_eq!(session.ends().code, Ok(0));
}

#[test]
fn the_demo_starts_inside_the_program_and_opens_at_the_first_problem() {
    let home = tempfile::TempDir::new().unwrap();
    let mut session = Session::start_with(&[], &[("UNSPOOL_HOME", home.path().to_str().unwrap())]);
    session.sees("Three ways to begin");
    session.sees("F1 help");
    session.types("\r");
    session.sees("lamp order 4471");
    session.types("lamp 4471\r");
    session.sees("Messages 3/12");
    session.sees("3 of 12: negative feedback");
    session.types("q");
    assert_eq!(session.ends().code, Ok(0));
    assert!(!home.path().join("state/history.jsonl").exists(), "the demo leaves no history");
}

#[test]
fn a_file_that_is_opened_again_returns_to_its_place() {
    let home = tempfile::TempDir::new().unwrap();
    let body = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/sgp-lamp-order.json");
    let variables = [("UNSPOOL_HOME", home.path().to_str().unwrap())];
    let mut session = Session::start_with(&[body], &variables);
    session.sees("3 of 12: negative feedback");
    session.types("5G");
    session.sees("Messages 5/12");
    session.settles();
    session.types("q");
    assert_eq!(session.ends().code, Ok(0));
    let mut session = Session::start_with(&[body], &variables);
    session.sees("5 of 12: where you left");
    session.sees("Messages 5/12");
    session.types("q");
    assert_eq!(session.ends().code, Ok(0));
}

#[test]
fn an_api_error_is_shown_in_the_services_words() {
    let mut session = Session::start(&["--demo", "sgp:demo-404"]);
    session.sees("The thread was not found.");
    session.sees("sgp:demo-404");
    session.sees("HTTP 404");
    session.types("q");
    session.ends().assert_terminal_restored();
}

#[test]
fn no_color_writes_no_colour_sequences() {
    let mut session =
        Session::start_with(&["--demo", "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"], &[("NO_COLOR", "1")]);
    session.sees("Messages 1/");
    session.types("2");
    session.sees("tool:get_order");
    session.types("q");
    let written = String::from_utf8(session.ends().bytes).unwrap();
    let colours =
        regex::Regex::new(r"\x1b\[(?:\d+;)*(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|[34]8;)[0-9;]*m").unwrap();
    assert_eq!(colours.find(&written).map(|found| found.as_str()), None);
}

const ADDRESSES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/field/web_addresses.json");

#[test]
fn web_addresses_are_links_with_their_whole_address() {
    let mut session = Session::start(&[ADDRESSES]);
    session.sees("for details.");
    session.settles();
    session.types("q");
    let ended = session.ends();
    output::assert_harmless(&ended.bytes);
    ended.assert_terminal_restored();
    let links = output::links(&ended.bytes);
    // Each of its rows has the whole address.
    assert!(links.len() > 3, "{links:?}");
    for link in links {
        assert!(link.starts_with("https://app.example.com/") && link.ends_with("wxyz0123456789"), "{link}");
    }
}

#[test]
fn links_can_be_turned_off() {
    let home = tempfile::TempDir::new().unwrap();
    std::fs::create_dir(home.path().join("config")).unwrap();
    std::fs::write(home.path().join("config/config.toml"), "links = false\n").unwrap();
    let off = [("UNSPOOL_HOME", home.path().to_str().unwrap())];
    for variables in [off, [("TERM", "linux")]] {
        let mut session = Session::start_with(&[ADDRESSES], &variables);
        session.sees("for details.");
        session.settles();
        session.types("q");
        assert_eq!(output::links(&session.ends().bytes), [""; 0], "{variables:?}");
    }
}
