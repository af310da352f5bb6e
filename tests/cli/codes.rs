//! The table of exit codes.

use crate::support::{Demo, assert_harmless, bare, run, text};

#[test]
fn every_failure_has_its_code_and_says_why() {
    let demo = Demo::start();
    for (id, code) in [
        ("sgp:demo-401", 4),
        ("sgp:demo-403", 4),
        ("sgp:demo-404", 5),
        ("sgp:demo-422", 1),
        ("sgp:demo-429", 1),
        ("sgp:demo-502", 1),
        ("sgp:demo-elsewhere", 1),
        ("sgp:demo-moved", 1),
        ("sgp:demo-sign-in-page", 7),
        ("sgp:demo-truncated", 6),
        ("camelai:1402", 1),
        ("camelai:1404", 5),
        ("camelai:1001", 0),
        ("sgp:demo-empty", 0),
    ] {
        let ended = demo.run(&["show", id]);
        assert_eq!(ended.status.code(), Some(code), "{id}: {}", text(&ended.stderr));
        assert_eq!(code == 0, ended.stderr.is_empty(), "{id}");
        assert_harmless(text(&ended.stderr), id);
    }
}

#[test]
fn what_is_wrong_on_this_side_has_its_code_too() {
    for (args, code) in [
        (&["show", "/nowhere/thread.json"][..], 5),
        (&["show", "sgp:abc"], 4),
        (&["show", "sgp:abc", "--base-url", "http://example.com"], 2),
        (&["show", "what is this"], 2),
        (&["show"], 2),
        (&["show", "a", "--format", "pdf"], 2),
        (&["show", "tests/fixtures/error_non_json_502.txt"], 7),
        (&["show", "Cargo.lock"], 7),
        (&["show", "tests/fixtures/camelai_error_404.json"], 7),
        (&["--help"], 0),
        (&["--version"], 0),
    ] {
        let ended = run(args);
        assert_eq!(ended.status.code(), Some(code), "{args:?}: {}", text(&ended.stderr));
        assert_eq!(code != 0, !ended.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn a_body_that_is_taken_for_the_other_services_says_whose_it_is() {
    let camelai = "tests/fixtures/camelai_thread_messages.json";
    let sgp = "tests/fixtures/sgp_thread_messages_spans.json";
    for (body, said, seems) in [(camelai, "sgp", "camelai"), (sgp, "camelai", "sgp")] {
        for command in
            [&["show"][..], &["show", "--quiet"], &["export", "--format", "markdown"], &["spans"], &["stats"]]
        {
            let args = [command, &[body, "--provider", said]].concat();
            let ended = run(&args);
            assert_eq!(ended.status.code(), Some(7), "{args:?}");
            let told = text(&ended.stderr);
            assert!(told.contains(&format!("run with --provider {seems}")), "{args:?}: {told}");
        }
        let raw = run(&["show", body, "--provider", said, "--format", "raw"]);
        assert_eq!((raw.status.code(), raw.stdout), (Some(0), std::fs::read(body).unwrap()));
        let push = ["push", body, "--provider", said, "--otlp", "http://localhost:1", "--dry-run"];
        let ended = run(&push);
        assert_eq!((ended.status.code(), text(&ended.stdout)), (Some(7), ""));
    }
}

#[test]
fn a_thread_of_which_nothing_can_be_read_was_not_understood() {
    let shown = |body: &'static str| {
        bare().args(["show", "-", "--provider", "sgp"]).write_stdin(body).output().unwrap()
    };
    let none = shown(r#"{"messages":[1,"two"]}"#);
    assert_eq!(none.status.code(), Some(7));
    assert!(text(&none.stdout).contains("── 2 ── unreadable"), "{}", text(&none.stdout));
    assert!(text(&none.stderr).contains("not one of its messages could be read"));
    assert_eq!(shown(r#"{"messages":[1,{"entry":{"id":"a"}}]}"#).status.code(), Some(0));
    assert_eq!(shown(r#"{"messages":[]}"#).status.code(), Some(0));
}

#[test]
fn a_refused_connection_is_the_network() {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = bare();
    command.env("SGP_API_KEY", "k").args([
        "show",
        "sgp:abc",
        "--base-url",
        &format!("http://127.0.0.1:{port}"),
    ]);
    assert_eq!(command.output().unwrap().status.code(), Some(6));
}

#[test]
fn an_empty_pipe_is_not_a_thread() {
    let ended = bare().args(["show", "-"]).write_stdin("").output().unwrap();
    assert_eq!(ended.status.code(), Some(7));
}
