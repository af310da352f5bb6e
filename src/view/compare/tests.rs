//! Comparisons of whole messages.

use super::spans::MAX_PAGE_BYTES;
use super::*;
use crate::view::document::Fold;

fn document(pair: &MessagePair, width: usize) -> Document {
    super::document(pair, width, &|| false).unwrap()
}

#[test]
fn a_stopped_comparison_is_no_page() {
    let pair = MessagePair { left: turn("x", ""), right: turn("y", "") };
    assert!(super::document(&pair, 80, &|| true).is_none());
}

fn turn(answer: &str, spans: &str) -> ComparedMessage {
    let body = format!(
        r#"{{"entry":{{"id":"m","input":{{"query":"same question"}},"output":{{"response":"{answer}"}},"operation_status":"SUCCESS","duration_ms":2000}},"spans":[{spans}]}}"#
    );
    ComparedMessage {
        service: "sgp",
        raw: Raw::owned(body.into_bytes()),
        id: b"m".to_vec(),
        replies: Vec::new(),
        label: answer.to_owned(),
        thread: String::new(),
        time: None,
    }
}

fn span(id: &str, name: &str, end: u32, output: &str) -> String {
    format!(
        r#"{{"id":"{id}","node_id":"{name}","operation_type":"COMPLETION","operation_status":"SUCCESS",
        "start_timestamp":"2026-01-01T00:00:00Z","end_timestamp":"2026-01-01T00:00:{end:02}Z","operation_output":{output}}}"#
    )
}

fn rows(document: &Document) -> Vec<String> {
    document.window(0..document.len()).iter().map(|row| row.line.plain_text().trim_end().to_owned()).collect()
}

#[test]
fn comparison_shows_texts_spans_and_payloads() {
    let old = [span("a", "plan", 2, r#"{"x":1}"#), span("b", "gone", 1, "{}")].join(",");
    let new = [span("c", "plan", 5, r#"{"x":2}"#), span("d", "fresh", 1, "{}")].join(",");
    let pair = MessagePair { left: turn("the red lamp", &old), right: turn("the blue lamp", &new) };
    let mut document = document(&pair, 100);
    let shown = rows(&document);
    assert_eq!(shown[0..2], ["− Before: the red lamp", "+ After:  the blue lamp"]);
    assert_eq!(shown[2], "duration  2.0 s");
    assert!(shown.contains(&"› user  1 equal line".to_owned()));
    assert!(shown.contains(&"the redblue lamp".to_owned()), "{shown:?}");
    assert!(shown.contains(&"Spans  1 in both  1 removed  1 added".to_owned()), "{shown:?}");
    let pairs: Vec<&String> = shown.iter().filter(|row| row.contains("COMPLETION")).collect();
    assert!(
        pairs[0].starts_with("≠ COMPLETION") && pairs[0].ends_with("2.0 s      5.0 s     +3.0 s"),
        "{pairs:?}"
    );
    assert!(
        pairs[1].starts_with("  − COMPLETION       gone")
            && pairs[2].starts_with("  + COMPLETION       fresh")
    );
    document.set_all_folds(Fold::Open);
    let opened = rows(&document);
    assert!(
        opened.contains(&"Output".to_owned()) && opened.contains(&"  \"x\": 12".to_owned()),
        "{opened:?}"
    );
}

#[test]
fn a_turn_and_its_replay_have_their_spans_paired_side_by_side() {
    let child = |id: &str, parent: &str, name: &str, end: u32, output: &str| {
        let parent = format!(r#""parent_id":"{parent}","id":"{id}""#);
        span(id, name, end, output).replacen(&format!(r#""id":"{id}""#), &parent, 1)
    };
    let old = [
        span("a", "turn", 9, "{}"),
        child("b", "a", "plan", 2, r#"{"x":1}"#),
        child("c", "b", "call", 1, "{}"),
    ];
    let new = [
        span("d", "replay", 9, "{}"),
        child("e", "d", "plan", 5, r#"{"x":2}"#),
        child("f", "d", "call", 1, "{}"),
    ];
    let pair = MessagePair {
        left: turn("the red lamp", &old.join(",")),
        right: turn("the blue lamp", &new.join(",")),
    };
    let mut document = document(&pair, 140);
    document.set_all_folds(Fold::Open);
    let shown = rows(&document);
    assert!(shown.contains(&"Spans  3 in both  1 moved".to_owned()), "{shown:#?}");
    assert!(shown.iter().any(|row| row.contains("turn → replay")), "{shown:#?}");
    assert!(shown.iter().any(|row| row.contains("↷") && row.contains("call (moved)")), "{shown:#?}");
    let beside = shown.iter().find(|row| row.contains("│")).unwrap();
    assert!(beside.starts_with("the red lamp ") && beside.ends_with("│ the blue lamp"), "{shown:#?}");
}

#[test]
fn the_earlier_message_is_before_the_later_one() {
    let at = |micros, label: &str| ComparedMessage {
        time: Some(Timestamp(micros)),
        thread: label.to_owned(),
        ..turn(label, "")
    };
    let pair = MessagePair::in_order(at(2, "late"), at(1, "early"));
    assert_eq!(pair.labels(), ["early · early", "late · late"], "threads are named if they differ");
    assert_eq!(MessagePair::in_order(turn("a", ""), turn("b", "")).labels(), ["a", "b"]);
}

#[test]
fn messages_without_spans_or_unreadable_can_be_compared() {
    let broken = ComparedMessage { raw: Raw::owned(b"nonsense".to_vec()), ..turn("x", "") };
    let empty = ComparedMessage { service: "nobody", raw: Raw::default(), ..turn("", "") };
    for (left, right) in [(broken.clone(), turn("x", "")), (turn("x", ""), broken), (empty.clone(), empty)] {
        assert!(!document(&MessagePair { left, right }, 1).is_empty());
    }
}

#[test]
fn large_payloads_are_skipped_and_the_total_size_is_bounded() {
    let many = |fill: &str| {
        let value = format!("\"{}\"", fill.repeat(MAX_COMPARED_BYTES / 2));
        (0..100).map(|at| span(&at.to_string(), &at.to_string(), 1, &value)).collect::<Vec<_>>().join(",")
    };
    let huge = format!("\"{}\"", "x".repeat(MAX_COMPARED_BYTES + 1));
    let left = turn("a", &format!("{},{}", many("a"), span("h", "huge", 1, &huge)));
    let right = turn("a", &format!("{},{}", many("b"), span("h", "huge", 1, "1")));
    let mut document = document(&MessagePair { left, right }, 80);
    document.set_all_folds(Fold::Open);
    let refused = rows(&document).iter().filter(|row| row.ends_with("too large to compare")).count();
    assert_eq!(refused, 101 - MAX_PAGE_BYTES / (MAX_COMPARED_BYTES / 2 + 2));
}

#[test]
fn equal_lines_far_from_a_change_are_collapsed() {
    let line = |text: &str, style| Line::styled(text, style);
    let mut lines: Vec<Line> = (0..9).map(|at| line(&at.to_string(), Role::Text)).collect();
    lines[4] = line("x", Role::Added);
    let plain = |lines: Vec<Line>| trim_to_context(lines).iter().map(Line::plain_text).collect::<Vec<_>>();
    assert_eq!(plain(lines), ["… 2 equal lines", "2", "3", "x", "5", "6", "… 2 equal lines"]);
    assert_eq!(plain(vec![line("a", Role::Text)]), ["… 1 equal line"]);
    assert!(plain(Vec::new()).is_empty());
}

#[test]
fn content_other_than_text_is_compared() {
    let message = |content: &str| ComparedMessage {
        service: "camelai",
        raw: Raw::owned(format!(r#"{{"id":1,"role":"assistant","content":{content}}}"#).into_bytes()),
        ..turn("", "")
    };
    let call = |sql: &str| {
        message(&format!(
            r#"[{{"type":"tool_use","id":"t","name":"run_query","input":{{"query":"{sql}"}}}}]"#
        ))
    };
    let shown =
        rows(&document(&MessagePair { left: call("SELECT a FROM t"), right: call("SELECT b FROM t") }, 80));
    assert!(shown.contains(&"SELECT ab FROM t".to_owned()), "{shown:?}");
    assert!(!shown.iter().any(|row| row.starts_with("duration")), "the duration is unknown: {shown:?}");
    let shown = rows(&document(&MessagePair { left: message("7"), right: message("true") }, 80));
    assert!(!shown.iter().any(|row| row.contains("equal line")), "{shown:?}");
}

#[test]
fn questions_are_compared_with_all_their_replies() {
    let message = |id: u32, minute: u32, role: &str, content: &str| {
        format!(
            r#"{{"id":{id},"role":"{role}","created_at":"2026-07-02T08:{minute:02}:00Z","content":[{content}]}}"#
        )
    };
    let text = |text: &str| format!(r#"{{"type":"text","text":"{text}"}}"#);
    let call = |name: &str, sql: &str| {
        format!(r#"{{"type":"tool_use","id":"t","name":"{name}","input":{{"query":"{sql}"}}}}"#)
    };
    let asked = |question: &str, replies: Vec<String>| ComparedMessage {
        service: "camelai",
        raw: Raw::owned(message(1, 0, "user", &text(question)).into_bytes()),
        replies: replies.into_iter().map(|reply| Raw::owned(reply.into_bytes())).collect(),
        ..turn(question, "")
    };
    let left = asked(
        "Why?",
        vec![
            message(2, 1, "assistant", &call("run_query", "SELECT a")),
            message(3, 2, "assistant", &text("So.")),
        ],
    );
    let right = asked(
        "Why?",
        vec![
            message(5, 1, "assistant", &call("run_query", "SELECT b")),
            message(6, 2, "assistant", &call("plot", "x")),
            message(7, 4, "assistant", &text("So it is.")),
        ],
    );
    let shown = rows(&document(&MessagePair { left, right }, 80));
    for expected in [
        "duration  2 min 0 s → 4 min 0 s",
        "replies   2 → 3",
        "calls     1 → 2",
        "› user  1 equal line",
        "SELECT ab",
    ] {
        assert!(shown.iter().any(|row| row.contains(expected)), "{expected}: {shown:#?}");
    }
    let speakers: Vec<&String> = shown.iter().filter(|row| row.contains("assistant")).collect();
    assert!(!shown.iter().any(|row| row.starts_with("spans")), "none on either side: {shown:#?}");
    assert!(speakers.len() == 3 && speakers[1].ends_with("assistant  added"), "{shown:#?}");
}
