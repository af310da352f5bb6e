//! The output of `show`.

use std::{
    io::{BufRead, BufReader, Read, Write},
    path::PathBuf,
    process::Stdio,
};

use serde_json::Value;

use crate::support::{CANARY, Demo, assert_harmless, bodies, run, temp_folder, text, unspool_command};

#[test]
fn every_body_is_shown_as_valid_json_and_harmless_text() {
    for body in bodies() {
        let path = body.to_str().unwrap();
        let json = run(&["show", path, "--format", "json"]);
        assert_eq!(json.status.code(), Some(0), "{path}");
        let value: Value = serde_json::from_slice(&json.stdout).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert!(value["messages"].is_array() && value["provider"].is_string(), "{path}");
        assert_harmless(text(&json.stdout), path);
        let conversation = run(&["show", path]);
        assert_eq!(conversation.status.code(), Some(0), "{path}");
        assert_harmless(text(&conversation.stdout), path);
        assert_harmless(text(&conversation.stderr), path);
    }
}

#[test]
fn raw_output_is_the_body_byte_for_byte() {
    for body in bodies() {
        let path = body.to_str().unwrap();
        assert!(run(&["show", path, "--format", "raw"]).stdout == std::fs::read(&body).unwrap(), "{path}");
    }
    let demo = Demo::start();
    let shown = demo.run(&["show", "demo-hostile", "--provider", "sgp", "--format", "raw"]);
    assert!(shown.stdout == std::fs::read("assets/demo/sgp-hostile.json").unwrap());
}

#[test]
fn json_output_has_the_common_model() {
    let shown = run(&["show", "tests/fixtures/sgp_thread_messages_spans.json", "--format", "json"]);
    let value: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(value["provider"], "sgp");
    assert_eq!(value["thread"]["title"], "Refund policy for annual plans");
    assert_eq!(value["thread"]["created_at"], "2026-09-01T09:00:00.120000Z");
    let first = &value["messages"][0];
    assert_eq!(first["role"], "turn");
    assert_eq!(first["user"], "Can I get a refund on an annual plan after 20 days?");
    assert_eq!(first["usage"]["cost_usd"], 0.00612);
    let spans = first["spans"].as_array().unwrap();
    assert_eq!(spans.len(), 7);
    assert!(spans.iter().all(|span| span["started_at"].as_str().unwrap().ends_with('Z')));
    assert!(spans[2]["input"].is_object() && spans[2]["parent_id"] == spans[0]["id"]);
    assert_eq!(first["feedback"][0]["sentiment"], "positive");
}

#[test]
fn turns_are_sorted_by_time() {
    let body = r#"{"thread":{"id":"t"},"messages":[
        {"entry":{"id":"b","input":{"query":"second"},"output":{},"start_timestamp":"2026-09-01T10:00:00"}},
        {"entry":{"id":"a","input":{"query":"first"},"output":{},"start_timestamp":"2026-09-01T09:00:00"}}]}"#;
    let shown = unspool_command().args(["show", "-", "--format", "json"]).write_stdin(body).output().unwrap();
    let value: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let ids: Vec<&str> =
        value["messages"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(value["messages"][0]["index"], 1);
}

#[test]
fn unreadable_messages_are_reported_and_the_rest_is_shown() {
    let shown = run(&["show", "assets/demo/sgp-hostile.json", "--format", "json"]);
    let value: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(
        (value["messages"].as_array().unwrap().len(), value["unreadable"][0]["index"].as_i64()),
        (10, Some(6))
    );
    assert!(text(&shown.stderr).contains("7 unreadable messages"), "{}", text(&shown.stderr));
    let quiet = run(&["show", "assets/demo/sgp-hostile.json", "--quiet"]);
    assert_eq!((quiet.status.code(), text(&quiet.stderr)), (Some(0), ""));
}

#[test]
fn a_gzipped_body_is_read_like_any_other() {
    let plain = run(&["show", "assets/demo/sgp-lamp-order.json"]);
    let body = std::fs::read("assets/demo/sgp-lamp-order.json").unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&body).unwrap();
    let packed =
        unspool_command().args(["show", "-"]).write_stdin(encoder.finish().unwrap()).output().unwrap();
    assert_eq!((packed.status.code(), text(&packed.stdout)), (Some(0), text(&plain.stdout)));
}

#[test]
fn the_readable_part_of_a_truncated_body_is_shown() {
    let whole = std::fs::read("tests/fixtures/sgp_thread_messages_spans.json").unwrap();
    let half = &whole[..whole.len() / 2];
    let shown = unspool_command().args(["show", "-", "--format", "json"]).write_stdin(half).output().unwrap();
    assert_eq!(shown.status.code(), Some(7));
    let value: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert!(!value["messages"].as_array().unwrap().is_empty());
    assert!(text(&shown.stderr).contains("incomplete"), "{}", text(&shown.stderr));
}

#[test]
fn the_title_is_read_from_a_details_request() {
    let demo = Demo::start();
    let shown = demo.run(&["show", "camelai:1001", "--format", "json"]);
    let value: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(value["thread"]["title"], "An analysis: why did margin fall?");
    assert!(!text(&shown.stdout).contains(CANARY) && !text(&shown.stderr).contains(CANARY));
}

#[test]
fn files_are_overwritten_only_with_force() {
    let path = temp_folder("show-overwrite").join("out.txt");
    let name = path.to_str().unwrap();
    let body = "tests/fixtures/camelai_thread_messages.json";
    for format in ["text", "raw"] {
        std::fs::write(&path, "mine").unwrap();
        let refused = run(&["show", body, "--format", format, "-o", name]);
        assert_eq!((refused.status.code(), std::fs::read(&path).unwrap()), (Some(1), b"mine".to_vec()));
        assert!(text(&refused.stderr).contains("--force"));
        let replaced = run(&["show", body, "--format", format, "-o", name, "--force"]);
        assert_eq!((replaced.status.code(), replaced.stdout.len()), (Some(0), 0));
        assert!(std::fs::read(&path).unwrap().len() > 1000);
    }
    let left: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1);
}

#[test]
fn output_can_be_a_relative_file_or_a_device() {
    let folder = temp_folder("show-here");
    let body = std::fs::canonicalize("tests/fixtures/camelai_thread_messages.json").unwrap();
    let body = body.to_str().unwrap();
    let written =
        unspool_command().current_dir(&folder).args(["show", body, "-o", "here.txt"]).output().unwrap();
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    assert!(folder.join("here.txt").is_file());
    assert_eq!(run(&["show", body, "-o", "/dev/null"]).status.code(), Some(0));
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
}

/// Writes a body larger than a pipe's buffer.
fn write_large_body() -> PathBuf {
    let path = temp_folder("show-large").join("large.json");
    let turn = |at: usize| {
        format!(r#"{{"entry":{{"id":"{at}","input":{{"query":"{}"}},"output":{{}}}}}}"#, "q".repeat(400))
    };
    let turns: Vec<String> = (0..1000).map(turn).collect();
    std::fs::write(&path, format!(r#"{{"thread":{{"id":"large"}},"messages":[{}]}}"#, turns.join(",\n")))
        .unwrap();
    path
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let body = write_large_body();
    for format in ["text", "json", "raw"] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_unspool"))
            .env_clear()
            .args(["show", body.to_str().unwrap(), "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""), "{format}");
    }
}

#[test]
fn a_signal_ends_the_program_and_leaves_no_temporary_file() {
    use rustix::process::{Pid, Signal, kill_process};
    let demo = Demo::start();
    let folder = temp_folder("show-signal");
    let to = folder.join("out.json");
    let args =
        ["show", "sgp:demo-stall", "--format", "raw", "-o", to.to_str().unwrap(), "--base-url", &demo.url()];
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_unspool"))
            .env_clear()
            .env("HOME", env!("CARGO_TARGET_TMPDIR"))
            .env("SGP_API_KEY", CANARY)
            .args(args)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let files = || std::fs::read_dir(&folder).unwrap().count();
        while files() == 0 {
            assert_eq!(child.try_wait().unwrap(), None);
            std::thread::yield_now();
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!((child.wait().unwrap().code(), files()), (Some(code), 0));
    }
}

/// Runs the program with this home.
fn run_with_home(demo: &Demo, home: &std::path::Path, args: &[&str]) -> std::process::Output {
    demo.command(args).env("UNSPOOL_HOME", home).output().unwrap()
}

#[test]
fn raw_caches_threads_and_nothing_else() {
    let demo = Demo::start();
    let home = temp_folder("raw-cached");
    let body = std::fs::read("assets/demo/sgp-hostile.json").unwrap();
    let raw = ["show", "demo-hostile", "--provider", "sgp", "--format", "raw"];
    assert!(run_with_home(&demo, &home, &raw).stdout == body);
    let mut offline = raw.to_vec();
    offline.push("--offline");
    let cached = run_with_home(&demo, &home, &offline);
    assert!(cached.stdout == body && cached.status.code() == Some(0), "{}", text(&cached.stderr));
    for thread in ["demo-sign-in-page", "demo-401"] {
        let none = run_with_home(&demo, &home, &["show", thread, "--provider", "sgp", "--format", "raw"]);
        let cached = run_with_home(
            &demo,
            &home,
            &["show", thread, "--provider", "sgp", "--format", "raw", "--offline"],
        );
        assert_eq!(cached.status.code(), Some(5), "{thread}: {}", text(&none.stderr));
    }
}

#[test]
fn raw_falls_back_to_the_cache_when_the_network_is_down() {
    let home = temp_folder("raw-offline");
    let body = std::fs::read("assets/demo/sgp-hostile.json").unwrap();
    let raw = ["show", "demo-hostile", "--provider", "sgp", "--format", "raw"];
    let stopped_url = {
        let demo = Demo::start();
        assert!(run_with_home(&demo, &home, &raw).stdout == body);
        demo.url()
    };
    let mut command = unspool_command();
    command
        .env("SGP_API_KEY", CANARY)
        .env("UNSPOOL_HOME", &home)
        .args(raw)
        .args(["--base-url", &stopped_url]);
    let cached = command.output().unwrap();
    assert_eq!(cached.status.code(), Some(6), "{}", text(&cached.stderr));
    assert!(
        cached.stdout == body && text(&cached.stderr).contains("the cached copy"),
        "{}",
        text(&cached.stderr)
    );
}

#[test]
fn filter_redaction_and_fail_on_apply_to_messages() {
    let body = "tests/fixtures/sgp_thread_messages_spans.json";
    let all = run(&["show", body, "--format", "json"]);
    let failed = run(&["show", body, "--format", "json", "--filter", "status:error", "--fail-on", "error"]);
    let count =
        |out: &[u8]| serde_json::from_slice::<Value>(out).unwrap()["messages"].as_array().unwrap().len();
    assert_eq!((count(&all.stdout), count(&failed.stdout), failed.status.code()), (7, 2, Some(1)));
    assert!(text(&failed.stderr).contains("found "), "{}", text(&failed.stderr));
    let fine = run(&["show", body, "--filter", "!status:error !feedback:negative", "--fail-on", "negative"]);
    assert_eq!(fine.status.code(), Some(0), "{}", text(&fine.stderr));
    let masked = run(&["show", body, "--redact-pattern", "plan=annual plan"]);
    assert!(!text(&masked.stdout).contains("annual plan") && text(&masked.stderr).contains("masked: "));
    assert_eq!(run(&["show", body, "--format", "raw", "--filter", "status:error"]).status.code(), Some(2));
    assert_eq!(run(&["export", body, "--format", "csv", "--fail-on", "error"]).status.code(), Some(1));
}

#[test]
fn plain_mode_shows_the_input_and_output_of_a_span() {
    let body = "tests/fixtures/sgp_thread_messages_spans.json";
    let ended = unspool_command().args(["--plain", body]).write_stdin("s\ns 2\ns 999\nq\n").output().unwrap();
    let out = text(&ended.stdout);
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    assert!(out.contains("Span 2, level ") && out.contains("\nInput: {"), "{out}");
    assert!(out.contains("No span 999"), "{out}");
}

#[test]
fn a_time_is_shown_as_such_or_as_its_text() {
    let shown = run(&["show", "tests/fixtures/camelai_times.json", "--format", "json"]);
    let thread: Value = serde_json::from_str(text(&shown.stdout)).unwrap();
    for message in thread["messages"].as_array().unwrap() {
        let written: Value = serde_json::from_str(message["text"].as_str().unwrap()).unwrap();
        let is_given = !written.is_null() && written != "";
        let (time, verbatim) = (&message["created_at"], &message["created_at_text"]);
        assert_eq!(time.is_null() && verbatim.is_null(), !is_given, "{message}");
    }
    let at = |id: &str| {
        let all = thread["messages"].as_array().unwrap();
        let found = all.iter().find(|message| message["id"] == id).unwrap();
        (
            found["created_at"].as_str().map(str::to_owned),
            found["created_at_text"].as_str().map(str::to_owned),
        )
    };
    for id in ["9", "10", "12", "13", "14"] {
        assert_eq!(at(id).0.as_deref(), Some("2026-09-01T09:00:01.000000Z"), "{id}");
    }
    assert_eq!(at("27").0.as_deref(), Some("9999-12-31T23:59:59.000000Z"));
    assert_eq!(at("32"), (None, Some("2026-02-30T00:00:00Z".to_owned())));
}

#[test]
fn plain_mode_begins_with_a_numbered_list_and_reads_without_signs() {
    let commands = "3\nl\no 1\n$\nF feedback:negative\nn\nF\nd\nD\nD\nc 1\nx nonsense\nq\n";
    let ended = unspool_command().args(["--demo", "--plain"]).write_stdin(commands).output().unwrap();
    let out = text(&ended.stdout);
    assert_eq!(ended.status.code(), Some(0), "{out}");
    for seen in [
        "1: A wrong answer: lamp order 4471, sgp:8c5e1a70",
        "Opening camelai:1001.",
        "Opening sgp:8c5e1a70",
        "Message 12 of 12",
        "2 of 12 messages match.",
        "Message 3 of 12",
        "No negative feedback before this message.",
        "Type x and a format:",
    ] {
        assert!(out.contains(seen), "{seen} is missing in {out}");
    }
    assert!(!out.contains("**"), "{out}");
}

#[test]
fn plain_mode_lists_the_account_and_opens_a_thread_by_its_number() {
    let commands = "b\nb turku old mill\nb app:support user:svc-nightly\nb nonsense:1\nb turku 878\no 1\nq\n";
    let ended = unspool_command().args(["--demo", "--plain"]).write_stdin(commands).output().unwrap();
    let out = text(&ended.stdout);
    assert_eq!(ended.status.code(), Some(0), "{out}");
    for seen in [
        "2,000 threads, the list is incomplete.",
        "Could not list variant Closed pilot: 403 Forbidden.",
        "1,960 more threads. Type b and words to see fewer.",
        "of 2,000 threads with \"turku old mill\"",
        "of 2,000 threads with \"app:support user:svc-nightly\"",
        "Unknown filter",
        "1 of 2,000 threads with \"turku 878\"",
        "1: Cold: Turku old mill, locker 878, 2026-11-20",
        "Opening sgp:acc00005-0000-4000-8000-000000000207.",
        "Thread: Cold: Turku old mill, locker 878.",
    ] {
        assert!(out.contains(seen), "{seen} is missing in {out}");
    }
}

#[test]
fn plain_mode_reads_chunks_as_sentences() {
    let body = "assets/demo/sgp-lamp-order.json";
    let commands: String =
        "3\n".chars().chain((1..=13).flat_map(|n| format!("c {n}\n").chars().collect::<Vec<_>>())).collect();
    let ended = unspool_command().args(["--plain", body]).write_stdin(commands).output().unwrap();
    let out = text(&ended.stdout);
    assert!(out.contains("Chunk 1 of 5: "), "{out}");
    assert!(out.contains("Warning: ") && out.contains("superseded"), "{out}");
}

#[test]
fn every_command_that_reads_a_thread_has_the_demo() {
    let lamp = "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";
    for args in [
        ["show", lamp].as_slice(),
        &["export", lamp, "--format", "markdown"],
        &["spans", lamp],
        &["feedback", lamp],
        &["stats", lamp],
        &["push", lamp, "--otlp", "http://127.0.0.1:1", "--dry-run"],
    ] {
        for flags in [[args, &["--demo"]].concat(), [&["--demo"], args].concat()] {
            let ended =
                unspool_command().args(&flags).env("SGP_API_KEY", "not-for-the-demo").output().unwrap();
            assert_eq!(ended.status.code(), Some(0), "{flags:?}: {}", text(&ended.stderr));
            assert!(!ended.stdout.is_empty(), "{flags:?}");
        }
    }
}
