use proptest::prelude::*;

use super::*;
use crate::domain::{Note, NotePlace, Raw};
use crate::provider;

fn matches_message(filter: &str, message: &str) -> bool {
    let provider = provider::by_id("sgp").unwrap();
    let summary = provider.read_summary(Raw::owned(message.as_bytes().to_vec()), 0);
    assert!(summary.read_error.is_none(), "{:?}", summary.read_error);
    Filter::new(filter).unwrap().matches(&summary, provider)
}

/// Returns the names of the spans of `TURN` that match.
fn matching_spans(filter: &str) -> Vec<String> {
    let message = provider::by_id("sgp").unwrap().read_message(TURN.as_bytes());
    let spans = SpanFilter::new(filter).unwrap().select(&message.spans, (&message.id, TURN.as_bytes()));
    spans.into_iter().map(|span| span.name).collect()
}

fn error(filter: &str) -> String {
    Filter::new(filter).unwrap_err().to_string()
}

const TURN: &str = r#"{"entry": {"id": "e", "input": {"query": "A Refund?"}, "output": {"response": "Yes, **brain** research"},
    "start_timestamp": "2026-09-01T09:00:01Z", "duration_ms": 6200, "operation_status": "ERROR",
    "models": ["openai/gpt-4o"], "operation_metadata": {"usage": {"total_tokens": 2500}}},
    "spans": [{"id": "s", "node_id": "Find Docs", "operation_type": "KB_RETRIEVAL", "operation_status": "SUCCESS",
    "start_timestamp": "2026-09-01T09:00:01Z", "duration_ms": 10, "operation_output": {"text": "it’s here"}},
    {"id": "t", "node_id": "answer", "operation_type": "COMPLETION", "operation_status": "ERROR",
    "start_timestamp": "2026-09-01T09:00:02Z", "duration_ms": 5000, "operation_metadata": {"usage": {"total_tokens": 900}}}],
    "feedback": {"id": "f", "sentiment": "negative", "description": "wrong", "created_at": "2026-09-01T09:00:01Z"}}"#;

#[test]
fn noted_finds_messages_and_spans_with_notes() {
    let provider = provider::by_id("sgp").unwrap();
    let summary = provider.read_summary(Raw::owned(TURN.as_bytes().to_vec()), 0);
    let message = provider.read_message(TURN.as_bytes());
    let note = |span: Option<&str>, text: &str| Note {
        place: NotePlace { message_id: "e".to_owned(), span_id: span.map(str::to_owned) },
        text: text.to_owned(),
        ..Note::default()
    };
    let none = ThreadNotes::default();
    let on_message = ThreadNotes::new([note(None, "Wrong policy")]);
    let on_span = ThreadNotes::new([note(Some("t"), "")]);
    for (filter, notes, matches, spans) in [
        ("noted:yes", &none, false, vec![]),
        ("noted:no", &none, true, vec!["Find Docs", "answer"]),
        ("noted:yes", &on_message, true, vec![]),
        ("noted:policy", &on_message, true, vec![]),
        ("noted:\"wrong policy\" status:error", &on_message, true, vec![]),
        ("noted:refund", &on_message, false, vec![]),
        ("noted:yes", &on_span, true, vec!["answer"]),
        ("!noted:yes", &on_span, false, vec!["Find Docs"]),
    ] {
        let notes = Arc::new(notes.clone());
        let of_messages = Filter::new(filter).unwrap().with_notes(Arc::clone(&notes));
        assert_eq!(of_messages.matches(&summary, provider), matches, "{filter}");
        let of_spans = SpanFilter::new(filter).unwrap().with_notes(notes);
        let found = of_spans.select(&message.spans, (&message.id, TURN.as_bytes()));
        let names: Vec<&str> = found.iter().map(|span| span.name.as_str()).collect();
        if !filter.contains("status:") {
            assert_eq!(names, spans, "{filter}");
        }
    }
}

#[test]
fn a_filter_depends_on_notes_by_its_terms_and_not_by_its_text() {
    for (text, expected) in [
        ("noted:yes", true),
        ("Noted : no", true),
        ("role:user (status:error OR !noted:policy)", true),
        ("\"noted:yes\"", false),
        ("re:noted:yes", false),
        ("span:\"noted:yes\"", false),
        ("", false),
    ] {
        assert_eq!(Filter::new(text).unwrap().uses_notes(), expected, "{text}");
    }
}

#[test]
fn each_kind_of_term_matches_or_not() {
    for yes in [
        "",
        "status:error",
        "duration>5s duration<7s",
        "duration>=6200ms",
        "feedback:negative",
        "op:kb_retrieval",
        "span:find",
        "tokens>2000",
        "model:gpt-4o",
        "refund",
        "\"a refund\"",
        "!status:success",
        "spans:2",
        "has:feedback !has:tools",
        "\"brain research\"",
        "it's",
        "re:^yes",
        "ID:e",
    ] {
        assert!(matches_message(yes, TURN), "{yes}");
    }
    for no in ["status:success", "duration>7s", "!refund", "Refund!", "op:GUARDRAIL", "tokens<10", "spans>2"]
    {
        assert!(!matches_message(no, TURN), "{no}");
    }
}

#[test]
fn expressions_have_quotes_spaces_alternatives_and_groups() {
    for yes in [
        "span:\"Find Docs\"",
        "span: \"find docs\"",
        "duration > 4s",
        "duration >4s tokens <= 3k",
        "duration > 4 s (duration < 7 s)",
        "duration>= 6200ms",
        "tokens: 2500",
        "tokens = 2,500",
        "refund OR nowhere",
        "nowhere or refund",
        "not nowhere",
        "not status:success and refund",
        "!(status:success OR tokens<10)",
        "(nowhere OR refund) (status:success OR status:error)",
        "not not refund",
        "! nowhere",
        "nowhere tokens<10 OR refund",
        "refund?",
        "(op:KB_RETRIEVAL)",
    ] {
        assert!(matches_message(yes, TURN), "{yes}");
    }
    for no in [
        "span:\"Find Dogs\"",
        "duration > 7 s",
        "refund AND nowhere",
        "not (refund)",
        "refund nowhere OR tokens<10",
        "\"refund or\"",
    ] {
        let filter = Filter::new(no);
        assert!(filter.is_err() || !matches_message(no, TURN), "{no}");
    }
    assert!(Filter::new("f(x) re:(a|b)c https://a.b/c 10:30").is_ok());
}

#[test]
fn invalid_expressions_are_errors() {
    for invalid in [
        "duration>soon",
        "\"open",
        "span:\"open",
        "status:",
        "status:odd",
        "op:",
        "(refund",
        "refund)",
        "()",
        "OR refund",
        "refund OR",
        "not",
        "refund and",
        "status>error",
        "tokns > 5",
        "duration ><5",
        "re:(",
    ] {
        assert!(Filter::new(invalid).is_err(), "{invalid}");
    }
    assert!(Filter::new(&"(".repeat(10_000)).is_err());
    assert!(Filter::new(&format!("{}x", "!".repeat(10_000))).is_ok());
}

#[test]
fn unknown_term_suggests_only_similar_terms() {
    assert_eq!(error("statsu:error"), "Unknown filter \"statsu:\". Did you mean \"status:\"?");
    assert_eq!(error("user:x"), "Unknown filter \"user:\". Did you mean \"role:user\"?");
    assert_eq!(error("note:x"), "Unknown filter \"note:\". Did you mean \"noted:\"?");
    assert_eq!(error("error:x"), "Unknown filter \"error:\". Did you mean \"status:error\"?");
    assert_eq!(error("latency>5"), "Unknown filter \"latency:\". Did you mean \"duration>\"?");
    assert_eq!(error("tokns > 5"), "Unknown filter \"tokns:\". Did you mean \"tokens:\"?");
    for unknown in ["zzzz:error", "thread:7", "xy:z", "it:x", "text:x"] {
        let text = error(unknown);
        assert!(text.contains("Use role, status") && text.contains("quote the text"), "{text}");
    }
    for known in ["cost>0.1", "COST > 0.1", "ID:x", "cost", "thread"] {
        assert!(Filter::new(known).is_ok(), "{known}");
    }
}

#[test]
fn a_message_is_in_error_if_one_of_its_spans_is() {
    let failed_span = TURN.replacen("\"ERROR\"", "\"SUCCESS\"", 1);
    assert!(matches_message("status:error", &failed_span));
    assert!(matches_message("has:error", &failed_span));
    assert!(!matches_message("status:success", &failed_span));
    let fine = failed_span.replace("\"ERROR\"", "\"SUCCESS\"");
    assert!(!matches_message("status:error", &fine));
    assert!(matches_message("status:success", &fine));
}

#[test]
fn spans_are_filtered_by_their_own_properties() {
    for (filter, names) in [
        ("", &["Find Docs", "answer"][..]),
        ("status:error", &["answer"]),
        ("status:success", &["Find Docs"]),
        ("op:completion", &["answer"]),
        ("name:\"find docs\"", &["Find Docs"]),
        ("span:answer", &["answer"]),
        ("duration < 1s", &["Find Docs"]),
        ("tokens>800", &["answer"]),
        ("it's", &["Find Docs"]),
        ("id:t OR op:kb", &["Find Docs", "answer"]),
        ("refund", &[]),
    ] {
        assert_eq!(matching_spans(filter), names, "{filter}");
    }
    let error = SpanFilter::new("role:user").unwrap_err().to_string();
    assert_eq!(error, "\"role:\" filters messages, not spans; use --message-filter");
}

#[test]
fn costs_compare_in_messages_and_in_spans() {
    let turn = TURN
        .replace("\"usage\": {\"total_tokens\": 900}", "\"usage\": {\"total_tokens\": 900}, \"cost\": 0.02");
    assert_ne!(turn, TURN);
    for yes in
        ["cost>0.01", "cost<0.03", "cost>=0.02", "cost<=0.02", "cost=0.02", "cost:0.02", "cost > $0.01"]
    {
        assert!(matches_message(yes, &turn), "{yes}");
        let span = SpanFilter::new(yes).unwrap();
        let message = provider::by_id("sgp").unwrap().read_message(turn.as_bytes());
        let names: Vec<String> = span
            .select(&message.spans, (&message.id, turn.as_bytes()))
            .into_iter()
            .map(|span| span.name)
            .collect();
        assert_eq!(names, ["answer"], "{yes}");
    }
    for no in ["cost>0.02", "cost<0.02", "cost=0", "cost<=0.019"] {
        assert!(!matches_message(no, &turn), "{no}");
        assert!(!matches_message(no, TURN), "{no}: unknown costs match nothing");
    }
}

#[test]
fn completions_follow_operators() {
    assert_eq!(completions("(sta"), ["status:"]);
    assert!(completions("not has:e").contains(&"has:error".to_owned()));
}

proptest! {
    #[test]
    fn parsing_never_panics(source in "(\\PC{0,4}|[a-z]{0,4}|status|duration|[:<>=()!\" ]|OR|not|\n){0,20}") {
        let _ = Filter::new(&source);
        let _ = SpanFilter::new(&source);
        let _ = completions(&source);
    }

    #[test]
    fn negation_selects_the_others(terms in proptest::collection::vec(
        prop_oneof![Just("status:error"), Just("nowhere"), Just("tokens>1"), Just("op:x"), Just("OR"), Just("not")], 1..7))
    {
        let source = terms.join(" ");
        prop_assume!(Filter::new(&source).is_ok());
        prop_assert_ne!(matches_message(&source, TURN), matches_message(&format!("!({source})"), TURN));
    }
}
