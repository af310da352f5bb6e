//! Retrieved chunks, each under a heading, with the parts that the answer quotes; for a reranker, with rank changes.

use std::collections::HashMap;

use crate::domain::{Chunk, SpanPart};
use crate::json::Value;
use crate::provider::payload as shapes;
use crate::text::{Line, StyledRun, number};
use crate::theme::Role;
use crate::view::chunks::{ChunkList, answer_overlap_finder};
use crate::view::document::{Body, Fold, Section};
use crate::view::message::blocks::section_title;
use crate::view::payload::DocumentBuilder;

/// Chunks that begin open.
const MAX_OPEN_CHUNKS: usize = 20;

/// Draws a list of chunks.
pub(super) fn draw(builder: &mut DocumentBuilder<'_>, name: &str, list: Value<'_>) {
    let values = list;
    let chunks = shapes::read_chunks(list).unwrap_or_default();
    let overlap_finder = answer_overlap_finder(builder.context.message);
    let list = ChunkList {
        chunks: &chunks,
        overlap_finder: &overlap_finder,
        width: builder.width,
        answered_at: builder.context.message.created_at,
    };
    let old_ranks = (builder.context.part == SpanPart::Output).then(|| input_ranks(builder)).flatten();
    let change = |index: usize| {
        let old_ranks = old_ranks.as_ref()?;
        Some(rank_change(old_ranks.get(chunk_key(chunks.get(index)?)).copied(), index))
    };
    let entries = list.entries(change);
    builder.add_spacer();
    let count = number::pluralize(chunks.len(), "chunk");
    builder.add_lines(vec![section_title(name, &count)]);
    for ((index, (heading, body)), value) in entries.into_iter().enumerate().zip(values.elements()) {
        let fold = if index < MAX_OPEN_CHUNKS { Fold::Open } else { Fold::Closed };
        let section = Section::foldable(heading, Body::Lines(body), Role::Dim, fold);
        builder.draw_from(value, |builder| builder.push(section));
    }
    if let Some(more) = list.overflow_line() {
        builder.add_lines(vec![more]);
    }
    if let Some(old_ranks) = &old_ranks {
        draw_dropped_count(builder, old_ranks.len(), chunks.len());
    }
}

/// Returns the identity of a chunk: its id, else its text.
fn chunk_key(chunk: &Chunk) -> &str {
    chunk.id.as_deref().unwrap_or(&chunk.text)
}

/// Returns the ranks of the chunks in the input, from 0, if the input has a list of chunks.
fn input_ranks(builder: &DocumentBuilder<'_>) -> Option<HashMap<String, usize>> {
    let input = Value::of(builder.context.span.input.slice(builder.context.raw));
    let list = shapes::find_chunks(input)?;
    let ranks = list.iter().enumerate().rev().map(|(rank, chunk)| (chunk_key(chunk).to_owned(), rank));
    Some(ranks.collect())
}

/// Returns the change of a chunk's rank, padded to a fixed width.
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

/// Adds the number of chunks of the input that the output lacks.
fn draw_dropped_count(builder: &mut DocumentBuilder<'_>, before: usize, after: usize) {
    let dropped = before.saturating_sub(after);
    if dropped > 0 {
        let note = format!("{} of {} dropped", number::pluralize(dropped, "chunk"), before);
        builder.add_lines(vec![Line::styled(&note, Role::Dim)]);
    }
}
