//! The hits of a search in one message, in the order in which `n` visits them: lines of its text, spans and their
//! payloads, feedback, and bytes that only the raw JSON contains.

use std::sync::Arc;

use crate::domain::{ByteRange, MessageKey, Raw, SearchId, Span, SpanPart};
use crate::search::Finder;
use crate::view::document::Document;
use crate::view::{MessageView, flowed_text};

/// Hits of one message that `n` visits.
const MAX_HITS: usize = 5000;

/// The position of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// A line of the Message tab by its section and its index in it; the section may be folded.
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

/// The hit to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitTarget {
    First,
    Last,
    /// The one at this byte of the message's JSON.
    At(usize),
}

/// A search in one message. A task runs it for large messages.
#[derive(Clone, Debug)]
pub struct HitJob {
    pub search: SearchId,
    pub message: MessageKey,
    pub raw: Raw,
    pub view: Arc<MessageView>,
    /// The Message tab.
    pub text: Document,
    pub finder: Finder,
    pub target: HitTarget,
}

/// The hits of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HitResult {
    pub search: SearchId,
    pub message: MessageKey,
    pub hits: Vec<Hit>,
    /// The index of the hit to go to.
    pub target: usize,
}

impl HitJob {
    /// Finds the hits. The time grows with the size of the message.
    pub fn run(&self) -> HitResult {
        let Self { search, message, raw, view, text, finder, target } = self;
        let hits = in_message(text, raw, view, finder);
        let target = match *target {
            HitTarget::First => 0,
            HitTarget::Last => hits.len().saturating_sub(1),
            HitTarget::At(offset) => position_of(&hits, raw, view, finder, offset),
        };
        HitResult { search: *search, message: *message, hits, target }
    }
}

/// Finds the hits of a message: in `text`, its Message tab, and in `raw`, its JSON. The parts of a very large message that are
/// not shown are searched only if the others have no hit.
fn in_message(text: &Document, raw: &Raw, view: &MessageView, finder: &Finder) -> Vec<Hit> {
    let mut hits = document_hits(text, finder);
    let has_text = !hits.is_empty();
    let spans = SpanIndex::new(view);
    let mut in_spans = Vec::new();
    let mut elsewhere = Vec::new();
    for range in finder.hits(view.parsed_raw(raw).bytes(), MAX_HITS) {
        match spans.hit_at(range.start) {
            Some(hit) => in_spans.push(hit),
            None => elsewhere.push(range.start),
        }
    }
    in_spans.sort_by_key(|hit| span_order(*hit));
    in_spans.dedup();
    hits.extend(in_spans);
    let feedback = &view.message.feedback;
    let in_feedback = feedback.iter().any(|one| !finder.text_hits(&one.description, 1).is_empty());
    if in_feedback {
        hits.push(Hit::Feedback);
    }
    if !has_text && !in_feedback {
        hits.extend(elsewhere.into_iter().map(|at| Hit::Raw { offset: view.offset_in_message(at) }));
    }
    if hits.is_empty() && view.shortened.is_some() {
        let omitted = finder.hits(raw.bytes(), MAX_HITS);
        hits.extend(omitted.into_iter().map(|range| Hit::Raw { offset: range.start }));
    }
    hits
}

/// Returns the index of the hit at this byte of the JSON. A hit in the text is found by its number among the hits outside
/// spans.
fn position_of(hits: &[Hit], raw: &Raw, view: &MessageView, finder: &Finder, offset: usize) -> usize {
    let spans = SpanIndex::new(view);
    let parsed = view.offset_in_parsed(offset);
    let hit = spans.hit_at(parsed).unwrap_or(Hit::Raw { offset });
    hits.iter().position(|other| *other == hit).unwrap_or_else(|| {
        let is_before = |range: &std::ops::Range<usize>| range.start < parsed;
        let before = finder.hits(view.parsed_raw(raw).bytes(), MAX_HITS).into_iter().take_while(is_before);
        let number = before.filter(|range| spans.hit_at(range.start).is_none()).count();
        let texts = hits.iter().take_while(|hit| matches!(hit, Hit::Text { .. })).count();
        number.min(texts.saturating_sub(1))
    })
}

/// Returns the order of the span tree, each span before its payloads.
fn span_order(hit: Hit) -> (u32, usize, usize) {
    match hit {
        Hit::Span { node } => (node, 0, 0),
        Hit::Payload { node, part, offset } => (node, part as usize + 1, offset),
        Hit::Text { .. } | Hit::Feedback | Hit::Raw { .. } => (u32::MAX, 0, 0),
    }
}

fn document_hits(document: &Document, finder: &Finder) -> Vec<Hit> {
    let mut lines = flowed_text::hit_lines(document, finder, MAX_HITS);
    lines.dedup();
    lines.into_iter().map(|(section, line)| Hit::Text { section, line }).collect()
}

/// The spans of a message by their byte ranges.
struct SpanIndex<'a> {
    view: &'a MessageView,
    /// Start, end and index of each span, sorted.
    ranges: Vec<(u32, u32, u32)>,
}

impl<'a> SpanIndex<'a> {
    fn new(view: &'a MessageView) -> Self {
        let range = |(index, span): (u32, &Span)| {
            (span.raw.start, span.raw.start.saturating_add(span.raw.len), index)
        };
        let mut ranges: Vec<_> = (0u32..).zip(&view.message.spans).map(range).collect();
        ranges.sort_unstable();
        Self { view, ranges }
    }

    fn hit_at(&self, offset: usize) -> Option<Hit> {
        let at = u32::try_from(offset).ok()?;
        let last = self.ranges.partition_point(|(start, _, _)| *start <= at).checked_sub(1)?;
        let (_, end, index) = *self.ranges.get(last)?;
        if at >= end {
            return None;
        }
        let node = self.view.forest.node_of_span(index)?;
        let span = self.view.message.spans.get(index as usize)?;
        let contains = |range: ByteRange| at >= range.start && at < range.start.saturating_add(range.len);
        let part = SpanPart::ALL.into_iter().find(|part| contains(part.byte_range(span)));
        Some(match part {
            Some(part) => Hit::Payload { node, part, offset: offset - part.byte_range(span).start as usize },
            None => Hit::Span { node },
        })
    }
}
