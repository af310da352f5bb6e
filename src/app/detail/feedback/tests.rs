use super::sift::{Kind, Sift};
use super::*;
use crate::domain::Raw;
use crate::provider;

/// Turns with this feedback: a sentiment and words; no sentiment, no feedback.
fn heads(said: &[(&str, &str)]) -> Heads {
    let sgp = provider::named("sgp").unwrap();
    let turn = |(index, (sentiment, words)): (usize, &(&str, &str))| {
        let mut body = serde_json::json!({"entry": {"id": "e", "input": {"query": "q"}, "output": {}}});
        if !sentiment.is_empty() {
            body["feedback"] = serde_json::json!({"id": "f", "sentiment": sentiment, "description": words});
        }
        sgp.head(Raw::owned(body.to_string().into_bytes()), u32::try_from(index).unwrap())
    };
    said.iter().enumerate().map(turn).collect()
}

fn passing(heads: &Heads, kind: Kind, phrase: &str) -> Vec<u32> {
    let mut sift = Sift::default();
    sift.set_kind(kind);
    if !phrase.is_empty() {
        sift.set_phrase(phrase, Some(Finder::new(&Query::new(phrase)).unwrap()));
    }
    while sift.step(heads, provider::named("sgp").unwrap()) {}
    sift.passing
}

#[test]
fn feedback_is_listed_by_kind_and_by_its_words() {
    let heads = heads(&[
        ("positive", "Works now."),
        ("", ""),
        ("negative", "Wrong!"),
        ("positive", ""),
        ("negative", "It works, but slowly."),
    ]);
    assert_eq!(passing(&heads, Kind::All, ""), [0, 2, 3, 4]);
    assert_eq!(passing(&heads, Kind::Negative, ""), [2, 4]);
    assert_eq!(passing(&heads, Kind::Positive, ""), [0, 3]);
    assert_eq!(passing(&heads, Kind::Words, ""), [0, 2, 4]);
    assert_eq!(passing(&heads, Kind::All, "works"), [0, 4], "smart case");
    assert_eq!(passing(&heads, Kind::All, "Works"), [0]);
    assert_eq!(passing(&heads, Kind::Negative, "re:^it"), [4]);
    assert!(passing(&heads, Kind::Words, "nowhere").is_empty());
}

#[test]
fn what_grew_is_looked_at_from_where_the_last_step_ended() {
    let sgp = provider::named("sgp").unwrap();
    let mut sift = Sift::default();
    assert!(!sift.step(&heads(&[("negative", "a")]), sgp));
    assert!(!sift.step(&heads(&[("negative", "a"), ("positive", "b")]), sgp));
    assert_eq!(sift.passing, [0, 1]);
}

#[test]
fn another_copy_keeps_what_is_wanted_and_counts_anew() {
    let mut view = FeedbackView::default();
    view.sift.set_kind(Kind::Negative);
    view.count(&heads(&[("negative", ""), ("positive", ""), ("odd", "")]));
    assert_eq!(view.counts, [3, 1, 1]);
    view.count(&heads(&[("negative", "")]));
    assert_eq!((view.counts, view.sift.kind), ([1, 1, 0], Kind::Negative));
}
