//! Where in a message the hits of a search stand: lines of its text, spans and their payloads, feedback, and what only
//! the raw JSON has. In the order in which `n` visits them.

use crate::app::detail::MessageViewState;
use crate::domain::{ByteRange, Span, SpanPart};
use crate::search::Finder;
use crate::view::document::Document;
use crate::view::{MessageView, flowed_text};

/// Hits of one message that `n` goes through; more are one hit at the end.
const MAX_HITS: usize = 5000;

/// One place in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// A line of the Message tab, by its section and the line in it; folded or not.
    Text { section: usize, line: usize },
    /// A span: its name, type or status.
    Span { node: u32 },
    /// A byte of a span's payload.
    Payload { node: u32, part: SpanPart, offset: usize },
    /// The message's feedback.
    Feedback,
    /// A byte of the raw JSON that no other tab shows.
    Raw { offset: usize },
}

/// All hits of a message.
pub fn in_message(shown: &MessageViewState, finder: &Finder) -> Vec<Hit> {
    let mut hits = document_hits(&shown.text, finder);
    let has_text = !hits.is_empty();
    let raw = finder.hits(shown.raw.bytes(), MAX_HITS);
    let spans = SpanIndex::new(&shown.view);
    let mut in_spans = Vec::new();
    let mut elsewhere = Vec::new();
    for range in raw {
        match spans.hit_at(range.start) {
            Some(hit) => in_spans.push(hit),
            None => elsewhere.push(range.start),
        }
    }
    in_spans.sort_by_key(|hit| span_order(*hit));
    in_spans.dedup();
    hits.extend(in_spans);
    let said = &shown.view.message.feedback;
    let in_feedback = said.iter().any(|one| !finder.text_hits(&one.description, 1).is_empty());
    if in_feedback {
        hits.push(Hit::Feedback);
    }
    if !has_text && !in_feedback {
        hits.extend(elsewhere.into_iter().map(|offset| Hit::Raw { offset }));
    }
    hits
}

/// Spans in the order of the tree, the span itself before its payloads.
fn span_order(hit: Hit) -> (u32, usize, usize) {
    match hit {
        Hit::Span { node } => (node, 0, 0),
        Hit::Payload { node, part, offset } => (node, part as usize + 1, offset),
        Hit::Text { .. } | Hit::Feedback | Hit::Raw { .. } => (u32::MAX, 0, 0),
    }
}

fn document_hits(document: &Document, finder: &Finder) -> Vec<Hit> {
    let mut places = flowed_text::hit_lines(document, finder, MAX_HITS);
    places.dedup();
    places.into_iter().map(|(section, line)| Hit::Text { section, line }).collect()
}

/// The spans of a message by where they lie in its bytes.
struct SpanIndex<'a> {
    prepared: &'a MessageView,
    /// Start, end and index of each span, sorted.
    ranges: Vec<(u32, u32, u32)>,
}

impl<'a> SpanIndex<'a> {
    fn new(prepared: &'a MessageView) -> Self {
        let place = |(index, span): (u32, &Span)| {
            (span.raw.start, span.raw.start.saturating_add(span.raw.len), index)
        };
        let mut places: Vec<_> = (0u32..).zip(&prepared.message.spans).map(place).collect();
        places.sort_unstable();
        Self { prepared, ranges: places }
    }

    fn hit_at(&self, offset: usize) -> Option<Hit> {
        let at = u32::try_from(offset).ok()?;
        let last = self.ranges.partition_point(|(start, _, _)| *start <= at).checked_sub(1)?;
        let (_, end, index) = *self.ranges.get(last)?;
        if at >= end {
            return None;
        }
        let node = self.prepared.forest.node_of_span(index)?;
        let span = self.prepared.message.spans.get(index as usize)?;
        let holds = |piece: ByteRange| at >= piece.start && at < piece.start.saturating_add(piece.len);
        let part = SpanPart::ALL.into_iter().find(|part| holds(part.byte_range(span)));
        Some(match part {
            Some(part) => Hit::Payload { node, part, offset: offset - part.byte_range(span).start as usize },
            None => Hit::Span { node },
        })
    }
}
