//! Filters and searches on the command line.

use serde_json::Value;

use crate::support::{run, text};

const SPANS: &str = "tests/fixtures/sgp_thread_messages_spans.json";
const BOLD: &str = "tests/fixtures/camelai_bold_words.json";
const USAGE: &str = "tests/fixtures/sgp_span_usage.json";

/// Returns the values of a column of a report's rows.
fn column(args: &[&str], name: &str) -> Vec<Value> {
    let ended = run(&[args, &["--format", "ndjson"]].concat());
    assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
    text(&ended.stdout)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()[name].clone())
        .collect()
}

#[test]
fn filter_finds_words_across_markup() {
    let message_count = |filter: &str| {
        let ended = run(&["show", BOLD, "--format", "json", "--filter", filter]);
        assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
        let thread: Value = serde_json::from_str(text(&ended.stdout)).unwrap();
        thread["messages"].as_array().unwrap().len()
    };
    for filter in ["\"brain research\"", "\"**brain** research\"", "re:brain\\s+research"] {
        assert_eq!(message_count(filter), 1, "{filter}");
    }
    assert_eq!(message_count("\"brain surgery\""), 0);
}

#[test]
fn filter_without_a_match_prints_the_checked_count() {
    for (args, notice) in [
        (&["stats", USAGE, "--filter", "span:\"No such\""][..], "no match for span:\"No such\" in 1 message"),
        (&["show", USAGE, "--filter", "zzqq"], "no match for zzqq in 1 message"),
        (&["spans", SPANS, "--filter", "op:NONE"], "no match for op:NONE in 19 spans of 7 messages"),
        (&["spans", SPANS, "--message-filter", "zzqq"], "no match for zzqq in 7 messages"),
    ] {
        let ended = run(args);
        assert_eq!(ended.status.code(), Some(0), "{args:?}");
        assert!(text(&ended.stderr).contains(notice), "{args:?}: {}", text(&ended.stderr));
        let quiet = run(&[args, &["--quiet"]].concat());
        assert!(quiet.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn filter_of_a_thread_that_cannot_be_read_prints_only_the_error() {
    let ended = run(&["spans", "no-such-file.json", "--filter", "op:NONE"]);
    let printed = text(&ended.stderr);
    assert!(printed.contains("file not found") && !printed.contains("no match"), "{printed}");
}

#[test]
fn quoted_values_select_messages_for_fail_on() {
    let ended = run(&["stats", USAGE, "--filter", "span:\"Search Docs\""]);
    assert!(ended.stderr.is_empty() && ended.status.code() == Some(0), "{}", text(&ended.stderr));
    assert_eq!(run(&["stats", USAGE, "--filter", "span:"]).status.code(), Some(2));
}

#[test]
fn spans_are_filtered_one_by_one_and_keep_their_depth() {
    let all = column(&["spans", SPANS], "name");
    let failed = column(&["spans", SPANS, "--filter", "status:error"], "status");
    assert!(
        !failed.is_empty() && failed.len() < all.len() && failed.iter().all(|status| status == "ERROR"),
        "{failed:?}"
    );
    let depths = column(&["spans", SPANS, "--filter", "not status:error"], "depth");
    assert!(depths.iter().any(|depth| depth.as_i64() > Some(0)), "{depths:?}");
    let of_failed = column(&["spans", SPANS, "--message-filter", "status:error"], "name");
    assert!(of_failed.len() >= failed.len());
    let refused = run(&["spans", SPANS, "--filter", "role:user"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("--message-filter"), "{}", text(&refused.stderr));
    let one = run(&["spans", SPANS, "--filter", "status:error", "--fail-on", "error", "--quiet"]);
    let none = run(&["spans", SPANS, "--filter", "status:success", "--fail-on", "error", "--quiet"]);
    assert_eq!((one.status.code(), none.status.code()), (Some(1), Some(0)));
}

#[test]
fn language_has_a_page() {
    for args in [&["help", "filter"][..], &["filter"], &["filter", "--help"]] {
        let ended = run(args);
        assert_eq!(ended.status.code(), Some(0));
        assert!(text(&ended.stdout).contains("status:error OR feedback:negative"), "{args:?}");
    }
    let invalid = run(&["show", SPANS, "--filter", "(status:error"]);
    assert!(text(&invalid.stderr).contains("unspool help filter"), "{}", text(&invalid.stderr));
}
