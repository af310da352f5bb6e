//! The program itself: exit codes, harmless output, and no trace of the key.

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use unspool::testing::demo;

use crate::assert_harmless::assert_harmless;
use crate::server::{Script, Server, Step, answer, raw};
use crate::test_env::{KEY, TestEnv, assert_no_key_below, files_below, thread_body};

/// Runs the program in a temporary home with an empty environment.
fn run_unspool(home: &Path, args: &[&str]) -> Output {
    let mut command = Command::cargo_bin("unspool").unwrap();
    let home = home.to_str().unwrap();
    command.env_clear().env("HOME", home).env("UNSPOOL_HOME", home);
    command.env("SGP_API_KEY", KEY).env("CAMEL_API_KEY", KEY).args(args);
    command.output().unwrap()
}

/// Checks everything that the program wrote to its streams and to disk.
fn assert_safe_output(output: &Output, home: &Path, about: &str) {
    for stream in [&output.stdout, &output.stderr] {
        let text = std::str::from_utf8(stream).unwrap();
        assert_harmless(text, about);
        assert!(!text.contains(KEY), "{about}: the key was printed: {text}");
    }
    assert_no_key_below(home);
}

fn fault_cases(other_origin: &Server) -> Vec<(&'static str, Script, i32, usize)> {
    let retry_soon = "retry-after-ms: 1\r\n";
    let redirect = format!("Location: {}\r\n", other_origin.url("/steal"));
    let half = thread_body().get(..2000).unwrap().to_vec();
    let repeated = format!("{{\"detail\":\"bad key {KEY} \u{1b}[2J\u{202e}\"}}");
    vec![
        ("401", answer(401, "", &repeated), 4, 1),
        ("403", answer(403, "", "<title>\u{9b}2J no</title>"), 4, 1),
        ("404", answer(404, "", ""), 5, 1),
        ("410", answer(410, "", "{}"), 5, 1),
        ("422", answer(422, "", "{\"detail\":[{\"loc\":[\"\u{1b}c\"],\"msg\":\"\u{7}\"}]}"), 1, 1),
        ("429", answer(429, retry_soon, ""), 1, 3),
        ("500", answer(500, retry_soon, "\u{1b}]52;c;eA==\u{7}"), 1, 3),
        ("504", answer(504, retry_soon, ""), 1, 3),
        ("301", answer(301, &redirect, ""), 1, 1),
        ("307", answer(307, &redirect, ""), 1, 1),
        ("302 to a file", answer(302, "Location: file:///etc/passwd\r\n", ""), 1, 1),
        ("no HTTP", vec![Step::Send("220 ftp \u{1b}[2J ready\r\n\r\n".into())], 7, 1),
        ("a web page", answer(200, "", "<html><title>\u{1b}[2JSign in</title>"), 7, 1),
        ("an empty body", answer(200, "", ""), 7, 1),
        ("a length in words", vec![raw("HTTP/1.1 200 OK\nContent-Length: many", &half)], 7, 1),
        ("a complete response with half a body", answer(200, "", &half), 6, 1),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn show_exits_with_the_code_of_each_fault_and_does_not_leak_the_key() {
    let other_origin = Server::start(vec![answer(200, "", thread_body())]).await;
    for (about, script, code, attempts) in fault_cases(&other_origin) {
        let env = TestEnv::start(|_| vec![script]).await;
        let (home, url) = (env.home.path().to_owned(), env.server.url(""));
        let origin = url.clone();
        let output = tokio::task::spawn_blocking(move || {
            let output = run_unspool(&home, &["show", "sgp:lamp", "--base-url", &url]);
            assert_safe_output(&output, &home, about);
            output
        })
        .await
        .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{about}: {stderr}");
        assert!(stderr.starts_with("unspool: "), "{about}: {stderr}");
        assert!(stderr.matches(origin.trim_end_matches('/')).count() <= 1, "{about}: {stderr}");
        assert_eq!(env.server.requests.count(), attempts, "{about}: {stderr}");
        env.assert_key_not_leaked(about);
    }
    assert_eq!(other_origin.requests.count(), 0);
}

/// The report formats.
const REPORT_FORMATS: &[&str] = &["text", "json", "ndjson", "csv"];

/// Checks the output of every command and format for this body.
fn assert_every_format_is_safe(home: &Path, body: &str) {
    let commands: [(&str, &[&str]); 5] = [
        ("show", &["text", "json"]),
        ("export", &["markdown", "html", "json", "ndjson", "csv", "otlp", "chrome"]),
        ("spans", REPORT_FORMATS),
        ("feedback", REPORT_FORMATS),
        ("stats", REPORT_FORMATS),
    ];
    for (command, formats) in commands {
        for format in formats {
            let output = run_unspool(home, &[command, body, "--format", format]);
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{command} {body} {format}: {stderr}");
            assert_safe_output(&output, home, &format!("{command} {body} as {format}"));
        }
    }
}

fn is_thread_body(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    let is_list = path.parent().is_some_and(|folder| folder.ends_with("lists"));
    name.ends_with(".json")
        && !is_list
        && !["error", "_list", "-threads", "_minimal"].iter().any(|word| name.contains(word))
}

#[test]
fn every_format_of_every_body_has_no_terminal_controls() {
    let home = tempfile::tempdir().unwrap();
    let bodies: Vec<_> =
        ["tests/fixtures", "assets/demo"].iter().flat_map(|folder| files_below(Path::new(folder))).collect();
    let mut count = 0;
    for body in bodies.iter().filter(|path| is_thread_body(path)) {
        assert_every_format_is_safe(home.path(), body.to_str().unwrap());
        count += 1;
    }
    assert!(count >= 15);
}

#[tokio::test(flavor = "multi_thread")]
async fn cached_hostile_threads_are_listed_harmlessly_and_without_the_key() {
    let hostile = std::fs::read("assets/demo/sgp-hostile.json").unwrap();
    let env = TestEnv::start(|_| vec![answer(200, "", &hostile)]).await;
    let (home, url) = (env.home.path().to_owned(), env.server.url(""));
    tokio::task::spawn_blocking(move || {
        let shown = run_unspool(&home, &["show", "sgp:demo-hostile", "--base-url", &url]);
        assert_eq!(shown.status.code(), Some(0));
        assert_safe_output(&shown, &home, "show");
        assert!(!files_below(&home).is_empty(), "no cached copy");
        for args in [
            &["cache", "list"][..],
            &["cache", "show", "sgp:demo-hostile"],
            &["cache", "verify"],
            &["cache", "path"],
            &["show", "sgp:demo-hostile", "--offline", "--base-url", &url],
            &["cache", "clear", "--yes"],
        ] {
            let output = run_unspool(&home, args);
            assert_safe_output(&output, &home, &args.join(" "));
            assert_eq!(
                output.status.code(),
                Some(0),
                "{args:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    })
    .await
    .unwrap();
    env.assert_key_not_leaked("a whole thread");
}

#[test]
fn errors_about_hostile_arguments_are_harmless() {
    let home = tempfile::tempdir().unwrap();
    let evil = "\u{1b}[2J\u{202e}\u{9b}31m\u{7}";
    for args in [
        &["show", evil][..],
        &["show", &format!("sgp:{evil}")],
        &["show", &format!("/nowhere/{evil}.json")],
        &["show", "sgp:a", "--base-url", evil],
        &["show", "sgp:a", "--base-url", &format!("https://{KEY}:x@example.com")],
        &["cache", "show", evil],
        &["show", "assets/demo/sgp-empty.json", "-o", &format!("/nowhere/{evil}")],
    ] {
        let output = run_unspool(home.path(), args);
        assert_ne!(output.status.code(), Some(0), "{args:?}");
        assert_safe_output(&output, home.path(), &format!("{args:?}"));
    }
    assert!(demo::DEMO_KEY != KEY);
}
