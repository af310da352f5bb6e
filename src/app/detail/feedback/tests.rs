use super::filter::{FeedbackFilter, FeedbackKind};
use super::*;
use crate::domain::Raw;
use crate::provider;

/// Turns with this feedback: a sentiment and words; no sentiment, no feedback.
fn summaries_with_feedback(said: &[(&str, &str)]) -> MessageSummaries {
    let sgp = provider::by_id("sgp").unwrap();
    let turn = |(index, (sentiment, words)): (usize, &(&str, &str))| {
        let mut body = serde_json::json!({"entry": {"id": "e", "input": {"query": "q"}, "output": {}}});
        if !sentiment.is_empty() {
            body["feedback"] = serde_json::json!({"id": "f", "sentiment": sentiment, "description": words});
        }
        sgp.read_summary(Raw::owned(body.to_string().into_bytes()), u32::try_from(index).unwrap())
    };
    said.iter().enumerate().map(turn).collect()
}

fn matching(heads: &MessageSummaries, kind: FeedbackKind, phrase: &str) -> Vec<u32> {
    let mut sift = FeedbackFilter::default();
    sift.set_kind(kind);
    if !phrase.is_empty() {
        sift.set_phrase(phrase, Some(Finder::new(&Query::new(phrase)).unwrap()));
    }
    while sift.step(heads, provider::by_id("sgp").unwrap()) {}
    sift.matching
}

#[test]
fn filters_feedback_by_kind_and_by_phrase() {
    let heads = summaries_with_feedback(&[
        ("positive", "Works now."),
        ("", ""),
        ("negative", "Wrong!"),
        ("positive", ""),
        ("negative", "It works, but slowly."),
    ]);
    assert_eq!(matching(&heads, FeedbackKind::All, ""), [0, 2, 3, 4]);
    assert_eq!(matching(&heads, FeedbackKind::Negative, ""), [2, 4]);
    assert_eq!(matching(&heads, FeedbackKind::Positive, ""), [0, 3]);
    assert_eq!(matching(&heads, FeedbackKind::WithComment, ""), [0, 2, 4]);
    assert_eq!(matching(&heads, FeedbackKind::All, "works"), [0, 4], "smart case");
    assert_eq!(matching(&heads, FeedbackKind::All, "Works"), [0]);
    assert_eq!(matching(&heads, FeedbackKind::Negative, "re:^it"), [4]);
    assert!(matching(&heads, FeedbackKind::WithComment, "nowhere").is_empty());
}

#[test]
fn continues_from_the_last_scanned_message() {
    let sgp = provider::by_id("sgp").unwrap();
    let mut sift = FeedbackFilter::default();
    assert!(!sift.step(&summaries_with_feedback(&[("negative", "a")]), sgp));
    assert!(!sift.step(&summaries_with_feedback(&[("negative", "a"), ("positive", "b")]), sgp));
    assert_eq!(sift.matching, [0, 1]);
}

#[test]
fn reloaded_thread_keeps_the_filter_and_recounts() {
    let mut view = FeedbackView::default();
    view.filter.set_kind(FeedbackKind::Negative);
    view.update_counts(&summaries_with_feedback(&[("negative", ""), ("positive", ""), ("odd", "")]));
    assert_eq!(view.counts, [3, 1, 1]);
    view.update_counts(&summaries_with_feedback(&[("negative", "")]));
    assert_eq!((view.counts, view.filter.kind), ([1, 1, 0], FeedbackKind::Negative));
}
