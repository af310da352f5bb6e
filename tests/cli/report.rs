//! The output of `spans`, `feedback` and `stats`.

use serde_json::Value;

use crate::support::{Demo, assert_harmless, bodies, read_csv, run, temp_folder, text, unspool_command};

const SPANS: &str = "tests/fixtures/sgp_thread_messages_spans.json";
const AGENT: &str = "assets/demo/sgp-stock-agent.json";

fn report_rows(args: &[&str]) -> Vec<Value> {
    let ended = run(&[args, &["--format", "ndjson"]].concat());
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    text(&ended.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_report_of_every_body_is_harmless_and_equal_in_each_format() {
    let paths: Vec<String> = bodies().iter().map(|body| body.to_str().unwrap().to_owned()).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    for report in ["spans", "feedback", "stats"] {
        let of = |format: &str| {
            let ended = run(&[&[report, "--format", format], paths.as_slice()].concat());
            assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
            let out = String::from_utf8(ended.stdout).unwrap();
            assert_harmless(&out, report);
            out
        };
        let array: Vec<Value> = serde_json::from_str(&of("json")).unwrap();
        let lines: Vec<Value> =
            of("ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(array == lines && array.len() > 5, "{report}");
        let (head, rows) = read_csv(&of("csv"));
        let names: Vec<&String> = array[0].as_object().unwrap().keys().skip(1).collect();
        assert_eq!((rows.len(), head.iter().collect::<Vec<_>>()), (array.len(), names));
        assert!(of("text").contains("sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a"));
    }
}

#[test]
fn span_rows_have_depth_operation_and_duration() {
    let spans = report_rows(&["spans", SPANS]);
    let depths: Vec<i64> = spans.iter().take(3).map(|span| span["depth"].as_i64().unwrap()).collect();
    assert_eq!(depths, [0, 1, 1]);
    assert_eq!(
        (spans[1]["operation"].as_str(), spans[1]["duration_ms"].as_f64()),
        (Some("GUARDRAIL"), Some(142.0))
    );
    assert!(spans.iter().any(|span| span["error_type"] == "ProgrammingError"));
}

#[test]
fn stats_count_messages_and_operations_per_thread_and_in_total() {
    let one = report_rows(&["stats", SPANS]);
    assert_eq!(
        (one[0]["scope"].as_str(), one[0]["count"].as_i64(), one[0]["errors"].as_i64()),
        (Some("messages"), Some(7), Some(1))
    );
    assert_eq!((one[0]["positive"].as_i64(), one[0]["negative"].as_i64()), (Some(2), Some(1)));
    let completions = one.iter().find(|row| row["operation"] == "COMPLETION").unwrap();
    assert_eq!((completions["count"].as_i64(), completions["max_ms"].as_f64().is_some()), (Some(3), true));
    let both = report_rows(&["stats", SPANS, AGENT]);
    let all = both.iter().find(|row| row["thread_id"].is_null()).unwrap();
    assert_eq!(all["count"].as_i64(), Some(13));
}

#[test]
fn fail_on_sets_the_exit_code() {
    for (report, body, fail_on, code) in [
        ("stats", SPANS, "error", 1),
        ("feedback", SPANS, "negative", 1),
        ("spans", SPANS, "error,negative", 1),
        ("stats", "assets/demo/camelai-margin.json", "negative", 0),
        ("stats", "assets/demo/sgp-empty.json", "error,negative", 0),
    ] {
        let ended = run(&[report, body, "--fail-on", fail_on, "--quiet"]);
        assert_eq!(ended.status.code(), Some(code), "{report} {body}");
        assert_eq!(text(&ended.stderr).lines().count(), code as usize, "{}", text(&ended.stderr));
        assert!(!ended.stdout.is_empty());
    }
    let filtered = run(&["stats", SPANS, "--fail-on", "negative", "--filter", "feedback:positive"]);
    assert_eq!(filtered.status.code(), Some(0));
}

#[test]
fn threads_are_read_from_a_list_and_one_failure_does_not_stop_the_others() {
    let demo = Demo::start();
    let list = temp_folder("report-list").join("threads.txt");
    std::fs::write(&list, format!("# mine\n{SPANS}\n\nsgp:demo-404\n  {AGENT}  \n")).unwrap();
    let ended = demo.run(&["stats", "--from", list.to_str().unwrap(), "--format", "ndjson"]);
    assert_eq!(ended.status.code(), Some(5));
    assert!(text(&ended.stderr).contains("sgp:demo-404"), "{}", text(&ended.stderr));
    let ids: Vec<String> = text(&ended.stdout)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|row| row["scope"] == "messages")
        .map(|row| row["thread_id"].as_str().unwrap_or("all").to_owned())
        .collect();
    assert_eq!(ids, ["8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a", "b7d0c6e2-5f1a-4c3e-9a84-2d6f0b1e7c95", "all"]);
    let piped = unspool_command()
        .args(["feedback", "--from", "-", "--format", "csv"])
        .write_stdin(SPANS)
        .output()
        .unwrap();
    assert_eq!((piped.status.code(), text(&piped.stdout).lines().count()), (Some(0), 4));
}

#[test]
fn missing_or_invalid_arguments_are_usage_errors() {
    for args in [
        &["stats"][..],
        &["spans", "--from", "/dev/null"],
        &["stats", SPANS, "--fail-on", "rain"],
        &["stats", "what is this"],
    ] {
        assert_eq!(run(args).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn feedback_is_counted_per_message_in_any_case() {
    let body = "tests/fixtures/sgp_feedback_spellings.json";
    let thread: Value =
        serde_json::from_str(text(&run(&["export", body, "--format", "json"]).stdout)).unwrap();
    let rated = thread["messages"].as_array().unwrap().iter().filter(|message| {
        let entries = message["feedback"].as_array().unwrap();
        entries.iter().any(|entry| {
            entry["sentiment"].as_str().is_some_and(|word| word.eq_ignore_ascii_case("negative"))
        })
    });
    let negative = rated.count();
    let stats = report_rows(&["stats", body]);
    assert_eq!(stats[0]["negative"].as_u64(), Some(negative as u64));
    assert_eq!(stats[0]["positive"], 1, "the message with two thumbs counts as negative");
    let shown = run(&["show", body, "--filter", "feedback:negative", "--format", "json"]);
    let shown: Value = serde_json::from_str(text(&shown.stdout)).unwrap();
    assert_eq!(shown["messages"].as_array().unwrap().len(), negative);
}
