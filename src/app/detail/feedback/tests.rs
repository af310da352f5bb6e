use super::filter::{FeedbackFilter, FeedbackKind};
use super::*;
use crate::domain::Raw;
use crate::provider;

/// Turns with feedback: sentiment and comment. An empty sentiment means no feedback.
fn summaries_with_feedback(feedback: &[(&str, &str)]) -> MessageSummaries {
    let sgp = provider::by_id("sgp").unwrap();
    let turn = |(index, (sentiment, comment)): (usize, &(&str, &str))| {
        let mut body = serde_json::json!({"entry": {"id": "e", "input": {"query": "q"}, "output": {}}});
        if !sentiment.is_empty() {
            body["feedback"] = serde_json::json!({"id": "f", "sentiment": sentiment, "description": comment});
        }
        sgp.read_summary(Raw::owned(body.to_string().into_bytes()), u32::try_from(index).unwrap())
    };
    feedback.iter().enumerate().map(turn).collect()
}

fn matching(summaries: &MessageSummaries, kind: FeedbackKind, phrase: &str) -> Vec<u32> {
    let mut filter = FeedbackFilter::default();
    filter.set_kind(kind);
    if !phrase.is_empty() {
        filter.set_phrase(phrase, Some(Finder::new(&Query::new(phrase)).unwrap()));
    }
    while filter.step(summaries, provider::by_id("sgp").unwrap()) {}
    filter.matching
}

#[test]
fn filters_feedback_by_kind_and_by_phrase() {
    let summaries = summaries_with_feedback(&[
        ("positive", "Works now."),
        ("", ""),
        ("negative", "Wrong!"),
        ("positive", ""),
        ("negative", "It works, but slowly."),
    ]);
    assert_eq!(matching(&summaries, FeedbackKind::All, ""), [0, 2, 3, 4]);
    assert_eq!(matching(&summaries, FeedbackKind::Negative, ""), [2, 4]);
    assert_eq!(matching(&summaries, FeedbackKind::Positive, ""), [0, 3]);
    assert_eq!(matching(&summaries, FeedbackKind::WithComment, ""), [0, 2, 4]);
    assert_eq!(matching(&summaries, FeedbackKind::All, "works"), [0, 4], "smart case");
    assert_eq!(matching(&summaries, FeedbackKind::All, "Works"), [0]);
    assert_eq!(matching(&summaries, FeedbackKind::Negative, "re:^it"), [4]);
    assert!(matching(&summaries, FeedbackKind::WithComment, "nowhere").is_empty());
}

#[test]
fn continues_from_the_last_scanned_message() {
    let sgp = provider::by_id("sgp").unwrap();
    let mut filter = FeedbackFilter::default();
    assert!(!filter.step(&summaries_with_feedback(&[("negative", "a")]), sgp));
    assert!(!filter.step(&summaries_with_feedback(&[("negative", "a"), ("positive", "b")]), sgp));
    assert_eq!(filter.matching, [0, 1]);
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
