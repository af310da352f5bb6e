//! Unwritable disks: threads are shown nevertheless, and failed writes are reported.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::{Command, Output};

use crate::assert_harmless::assert_harmless;
use crate::server::answer;
use crate::test_env::{KEY, TestEnv, files_below, thread_body};

/// Runs a shell command that starts the program.
fn run_shell(line: &str, home: &str) -> Output {
    let mut command = Command::new("/bin/sh");
    command.env_clear().env("UNSPOOL_HOME", home).env("SGP_API_KEY", KEY).args(["-c", line]);
    let output = command.output().unwrap();
    for stream in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(stream);
        assert_harmless(&text, line);
        assert!(!text.contains(KEY), "{line}");
    }
    output
}

fn program_path() -> &'static str {
    env!("CARGO_BIN_EXE_unspool")
}

#[tokio::test(flavor = "multi_thread")]
async fn show_needs_no_disk() {
    let env = TestEnv::start(|_| vec![answer(200, "", thread_body())]).await;
    let (home, url) = (env.home.path().to_str().unwrap().to_owned(), env.server.url(""));
    tokio::task::spawn_blocking(move || {
        for (before, home) in [
            ("", "/proc/nowhere"),
            ("", "/sys/unspool"),
            ("ulimit -f 0;", home.as_str()),
            ("ulimit -f 1;", home.as_str()),
        ] {
            for format in ["text", "json", "raw"] {
                let line = format!(
                    "{before} exec '{}' show sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a --base-url {url} --format {format}",
                    program_path()
                );
                let output = run_shell(&line, home);
                let stderr = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.code(), Some(0), "{line} in {home}: {stderr} {:?}", output.status);
                assert!(String::from_utf8_lossy(&output.stdout).contains("Refund policy"), "{line}");
                assert_eq!(stderr, "", "{line}");
            }
        }
        let bodies = files_below(Path::new(&home));
        assert!(
            !bodies.iter().any(|path| path.extension().is_some_and(|end| end == "body" || end == "tmp")),
            "{bodies:?}"
        );
    })
    .await
    .unwrap();
    env.assert_key_not_leaked("no disk");
}

#[test]
fn write_failures_are_reported_and_leave_no_partial_file() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let (home, out) = (home.path().to_str().unwrap(), out.to_str().unwrap());
    let body = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/sgp_thread_messages_spans.json");
    for args in [
        format!("show {body} -o {out}/a.txt"),
        format!("show {body} --format raw -o {out}/a.json"),
        format!("export {body} --format html -o {out}/a.html"),
    ] {
        let output = run_shell(&format!("ulimit -f 1; exec '{}' {args}", program_path()), home);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args}: {stderr} {:?}", output.status);
        assert!(stderr.starts_with("unspool: ") && stderr.contains("file too large"), "{args}: {stderr}");
        assert_eq!(files_below(Path::new(out)), Vec::<std::path::PathBuf>::new(), "{args}");
    }
    for args in [format!("show {body}"), format!("show {body} --format raw"), format!("stats {body}")] {
        let output = run_shell(&format!("exec '{}' {args} > /dev/full", program_path()), home);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args}: {stderr}");
        assert!(stderr.contains("the disk is full"), "{args}: {stderr}");
    }
}
