//! Unwritable homes and full disks: the program works, without cached copies and history.

#![cfg(target_os = "linux")]

use std::path::Path;

use tokio::runtime::Runtime;
use unspool::testing::demo::{self, DEMO_KEY, DemoServer};

use crate::session::Session;

/// Returns a service whose threads are cached, unlike those of `--demo`.
fn start_server() -> (Runtime, DemoServer) {
    let runtime = Runtime::new().unwrap();
    let running = runtime.block_on(demo::start(None)).unwrap();
    (runtime, running)
}

fn assert_works(mut session: Session, about: &str) {
    session.sees("12 messages");
    // Either of the two may be reported last.
    let notices = ["The response is not cached", "Recent threads are not stored"];
    session.waits_for("a notice", |screen| notices.iter().any(|notice| screen.contains(notice)));
    session.types("j");
    // From the start, or from the first problem unless a setting turns that off.
    session.waits_for("the next message", |screen| {
        screen.contains("Messages 2/12") || screen.contains("Messages 4/12")
    });
    session.opens("sgp:demo-404");
    session.sees("Could not open");
    session.types("i\x15");
    session.opens("camelai:1666");
    session.sees("15 messages");
    session.types("q");
    let ended = session.ends();
    assert_eq!(ended.code, Ok(0), "{about}: {}", ended.text);
    ended.assert_terminal_restored();
}

#[test]
fn an_unwritable_home_only_disables_cache_and_history() {
    let (_runtime, service) = start_server();
    let url = service.base_url();
    let keys = [("SGP_API_KEY", DEMO_KEY), ("CAMEL_API_KEY", DEMO_KEY)];
    for home in ["/proc/nowhere", "/sys/unspool", "/dev/null/unspool"] {
        let args = ["--log", "debug", "--base-url", &url, "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"];
        let variables = [keys[0], keys[1], ("UNSPOOL_HOME", home)];
        assert_works(Session::start_with(&args, &variables), home);
        let variables = [keys[0], keys[1], ("UNSPOOL_HOME", ""), ("HOME", home)];
        assert_works(Session::start_with(&args, &variables), home);
    }
}

#[test]
fn a_full_disk_only_disables_cache_and_history() {
    let (_runtime, service) = start_server();
    let program = env!("CARGO_BIN_EXE_unspool");
    // Writes beyond this file size fail; an unhandled signal would end the program.
    for blocks in [0, 1, 8] {
        let script = format!(
            "ulimit -f {blocks}; exec '{program}' --log debug --base-url {} sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a",
            service.base_url()
        );
        let keys = [("SGP_API_KEY", DEMO_KEY), ("CAMEL_API_KEY", DEMO_KEY)];
        assert_works(Session::run(Path::new("/bin/sh"), &["-c", &script], &keys), &blocks.to_string());
    }
}
