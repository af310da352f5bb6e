//! Retrieved texts under a heading each, with what the answer took over; for a reranker, where each came from.

use std::collections::HashMap;

use crate::domain::{Chunk, SpanPart};
use crate::json::Value;
use crate::provider::payload as shapes;
use crate::text::{Line, StyledRun, number};
use crate::theme::Role;
use crate::view::chunks::{ChunkList, answer_overlap_finder};
use crate::view::document::{Body, Fold, Section};
use crate::view::payload::DocumentBuilder;

/// Chunks that begin unfolded.
const MAX_OPEN_CHUNKS: usize = 20;

/// Draws a list of chunks.
pub(super) fn draw(sheet: &mut DocumentBuilder<'_>, name: &str, list: Value<'_>) {
    let chunks = shapes::read_chunks(list).unwrap_or_default();
    let taker = answer_overlap_finder(sheet.context.message);
    let ranking = ChunkList { chunks: &chunks, overlap_finder: &taker, width: sheet.width };
    let before = (sheet.context.part == SpanPart::Output).then(|| input_ranks(sheet)).flatten();
    let moved = |place: usize| {
        let before = before.as_ref()?;
        Some(rank_change(before.get(chunk_key(chunks.get(place)?)).copied(), place))
    };
    let entries = ranking.entries(moved);
    sheet.add_spacer();
    let count = number::pluralize(chunks.len(), "chunk");
    sheet.add_lines(vec![Line {
        spans: vec![StyledRun::new(name, Role::Strong), StyledRun::new(&format!("  {count}"), Role::Dim)],
    }]);
    for (place, (heading, body)) in entries.into_iter().enumerate() {
        let fold = if place < MAX_OPEN_CHUNKS { Fold::Open } else { Fold::Closed };
        sheet.sections.push(Section::foldable(heading, Body::Lines(body), Role::Dim, fold));
    }
    if let Some(more) = ranking.overflow_line() {
        sheet.add_lines(vec![more]);
    }
    if let Some(before) = &before {
        draw_dropped_count(sheet, before.len(), chunks.len());
    }
}

/// What a chunk is known by: its id, else its text.
fn chunk_key(chunk: &Chunk) -> &str {
    chunk.id.as_deref().unwrap_or(&chunk.text)
}

/// The places that the chunks had in the input, from 0, if the input has a list of them.
fn input_ranks(sheet: &DocumentBuilder<'_>) -> Option<HashMap<String, usize>> {
    let input = Value::of(sheet.context.span.input.slice(sheet.context.raw));
    let [chunks, context, documents] = input.get_many(["chunks", "context", "documents"]);
    let list = [chunks, context, documents].into_iter().flatten().find_map(shapes::read_chunks)?;
    let places = list.iter().enumerate().rev().map(|(place, chunk)| (chunk_key(chunk).to_owned(), place));
    Some(places.collect())
}

/// From where a chunk came to this place.
fn rank_change(from: Option<usize>, to: usize) -> StyledRun {
    match from {
        None => StyledRun::new("new      ", Role::Dim),
        Some(from) if from == to => StyledRun::new("=        ", Role::Dim),
        Some(from) => {
            let (sign, style) = if from > to { ("▲", Role::Ok) } else { ("▼", Role::Warn) };
            StyledRun::new(&format!("{:<9}", format!("{sign} was {}", from + 1)), style)
        }
    }
}

/// How many of the input's chunks did not come through.
fn draw_dropped_count(sheet: &mut DocumentBuilder<'_>, before: usize, after: usize) {
    let gone = before.saturating_sub(after);
    if gone > 0 {
        let note = format!("{} of {} dropped", number::pluralize(gone, "chunk"), before);
        sheet.add_lines(vec![Line::styled(&note, Role::Dim)]);
    }
}
