//! The text in place of a payload while untraced time is selected: its duration, and the steps before and after it.

use crate::domain::Span;
use crate::text::{self, number};
use crate::theme::Role;
use crate::trace::{Forest, Gap};
use crate::view::document::{Body, Document, Section, SectionSource};

/// Returns the document of a gap.
pub fn document(forest: &Forest, spans: &[Span], gap: Gap, width: usize) -> Document {
    let sentence = sentence(forest, spans, gap);
    let note =
        "No span covers this time: waiting, work without instrumentation, or spans that did not arrive.";
    let lines = text::wrap_styled(&sentence, width, Role::Text);
    Document::new(vec![
        Section::text(Body::Lines(lines), Role::Gap).with_source(SectionSource::Untraced),
        Section::text(Body::Lines(text::wrap_styled(note, width, Role::Dim)), Role::Gap),
    ])
}

/// Returns the duration of a gap and its neighbours.
pub fn sentence(forest: &Forest, spans: &[Span], gap: Gap) -> String {
    let name = |node: u32| {
        let span = forest.span(spans, node);
        span.map_or("a span", |span| if span.name.is_empty() { &span.operation } else { &span.name })
    };
    let siblings = || gap.parent.map_or_else(|| forest.roots(), |parent| forest.children(parent));
    let parent = gap.parent.map_or("the turn", name);
    // Of parallel spans, the one that ended last precedes the gap.
    let before = siblings().take_while(|node| forest.node(*node).is_some_and(|node| node.start < gap.start));
    let before = before.max_by_key(|node| forest.node(*node).map(|node| node.end)).map(name);
    let after =
        siblings().find(|node| forest.node(*node).is_some_and(|node| node.start > gap.start)).map(name);
    let duration = number::duration(Some(gap.micros));
    let place = match (before, after) {
        (Some(before), Some(after)) => format!("between {before} and {after}"),
        (Some(before), None) => format!("after {before}, until the end of {parent}"),
        (None, Some(after)) => format!("from the start of {parent} until {after}"),
        (None, None) => format!("in {parent}"),
    };
    format!("untraced, {duration} {place}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use crate::trace::{GapThreshold, all_gaps};

    fn span(name: &str, parent: Option<&str>, start: i64, end: i64) -> Span {
        Span {
            id: name.to_owned(),
            name: name.to_owned(),
            parent_id: parent.map(str::to_owned),
            start: Some(Timestamp::from_millis(start)),
            end: Some(Timestamp::from_millis(end)),
            ..Span::default()
        }
    }

    #[test]
    fn names_the_steps_around_the_time() {
        let spans = [
            span("turn", None, 0, 1000),
            span("rewrite", Some("turn"), 100, 300),
            span("parallel", Some("turn"), 150, 200),
            span("retrieve", Some("turn"), 610, 700),
        ];
        let forest = Forest::new(&spans);
        let gaps = all_gaps(&forest, GapThreshold::default());
        let sentences: Vec<String> = gaps.iter().map(|gap| sentence(&forest, &spans, *gap)).collect();
        assert_eq!(
            sentences,
            [
                "untraced, 100 ms from the start of turn until rewrite",
                "untraced, 310 ms between rewrite and retrieve",
                "untraced, 300 ms after retrieve, until the end of turn",
            ]
        );
    }
}
