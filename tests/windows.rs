//! The program on Windows, in a temporary home: platform differences, and equal behaviour otherwise.

#![cfg(windows)]
#![expect(clippy::unwrap_used, reason = "a helper that cannot do its part fails the test")]

use std::path::PathBuf;
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use unspool::testing::demo::{self, DEMO_KEY};

const LAMP: &str = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

struct Home {
    folder: TempDir,
    runtime: Runtime,
    demo: demo::DemoServer,
}

impl Home {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let demo = runtime.block_on(demo::start(None)).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), runtime, demo }
    }

    fn command(&self, args: &[&str]) -> Command {
        let _alive = &self.runtime;
        let mut command = Command::cargo_bin("unspool").unwrap();
        for name in ["SGP_API_KEY", "EGP_API_KEY", "CAMEL_API_KEY", "UNSPOOL_PROFILE", "TERM"] {
            command.env_remove(name);
        }
        command.env("UNSPOOL_HOME", self.folder.path()).env("TZ", "Europe/Oslo").args(args);
        command.env("SGP_CLIENT_BASE_URL", self.demo.base_url());
        command
    }

    fn path(&self, rest: &str) -> PathBuf {
        self.folder.path().join(rest)
    }
}

fn stdout_of(output: Output) -> String {
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_key_is_stored_and_a_thread_is_shown_and_cached_again() {
    let home = Home::new();
    let login = home.command(&["login", "--provider", "sgp"]).write_stdin(format!("{DEMO_KEY}\r\n")).output();
    assert!(stdout_of(login.unwrap()).contains("as private as that folder"));
    assert!(home.path("config\\keys\\sgp.key").is_file());
    for _ in 0..2 {
        assert!(
            stdout_of(home.command(&["show", LAMP]).output().unwrap())
                .starts_with("A wrong answer: lamp order 4471")
        );
    }
    assert!(stdout_of(home.command(&["show", LAMP, "--offline"]).output().unwrap()).contains("Halden"));
    assert!(stdout_of(home.command(&["cache", "list"]).output().unwrap()).contains("1 copy"));
    let report = stdout_of(home.command(&["doctor"]).output().unwrap());
    assert!(report.contains("access: not checked on Windows") && !report.contains("FAIL"), "{report}");
    stdout_of(home.command(&["forget", "--all", "--yes"]).output().unwrap());
    assert!(!home.path("cache").exists());
}

#[test]
fn files_and_pipes_are_read_and_output_has_no_carriage_returns() {
    let home = Home::new();
    let file = std::path::absolute("tests\\fixtures\\sgp_thread_messages_spans.json").unwrap();
    let text = stdout_of(home.command(&["show", file.to_str().unwrap()]).output().unwrap());
    assert!(!text.is_empty() && !text.contains('\r'));
    let body = std::fs::read(&file).unwrap();
    let raw = home.command(&["show", "-", "--format", "raw"]).write_stdin(body.clone()).output().unwrap();
    assert_eq!(raw.stdout, body);
    let out = home.path("out.md");
    let out_arg = out.to_str().unwrap();
    let export = ["export", file.to_str().unwrap(), "--format", "markdown", "-o", out_arg];
    for _ in 0..2 {
        home.command(&export).output().unwrap();
    }
    assert!(!std::fs::read_to_string(&out).unwrap().contains('\r'));
}

#[test]
fn without_a_console_the_tui_exits_with_a_usage_error() {
    let output = Home::new().command(&["--demo"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
