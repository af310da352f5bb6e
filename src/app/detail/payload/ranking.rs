//! Retrieved texts under a heading each, with what the answer took over; for a reranker, where each came from.

use std::collections::HashMap;

use crate::app::detail::chunks::{Ranking, taker};
use crate::app::detail::payload::Sheet;
use crate::app::detail::spans::Part;
use crate::app::document::{Body, Fold, Section};
use crate::domain::Chunk;
use crate::json::Value;
use crate::provider::payload as shapes;
use crate::text::{Line, Run, number};
use crate::theme::Role;

/// Chunks that begin unfolded.
const OPEN: usize = 20;

/// Draws a list of chunks.
pub(super) fn draw(sheet: &mut Sheet<'_>, name: &str, list: Value<'_>) {
    let chunks = shapes::chunks(list).unwrap_or_default();
    let taker = taker(sheet.look.message);
    let ranking = Ranking { chunks: &chunks, taker: &taker, width: sheet.width };
    let before = (sheet.look.part == Part::Output).then(|| earlier(sheet)).flatten();
    let moved = |place: usize| {
        let before = before.as_ref()?;
        Some(moved(before.get(identity(chunks.get(place)?)).copied(), place))
    };
    let entries = ranking.entries(moved);
    sheet.apart();
    let count = number::counted(chunks.len(), "chunk");
    sheet.lines(vec![Line {
        spans: vec![Run::new(name, Role::Strong), Run::new(&format!("  {count}"), Role::Dim)],
    }]);
    for (place, (heading, body)) in entries.into_iter().enumerate() {
        let fold = if place < OPEN { Fold::Open } else { Fold::Closed };
        sheet.sections.push(Section::folding(heading, Body::Lines(body), Role::Dim, fold));
    }
    if let Some(more) = ranking.more() {
        sheet.lines(vec![more]);
    }
    if let Some(before) = &before {
        dropped(sheet, before.len(), chunks.len());
    }
}

/// What a chunk is known by: its id, else its text.
fn identity(chunk: &Chunk) -> &str {
    chunk.id.as_deref().unwrap_or(&chunk.text)
}

/// The places that the chunks had in the input, from 0, if the input has a list of them.
fn earlier(sheet: &Sheet<'_>) -> Option<HashMap<String, usize>> {
    let input = Value::of(sheet.look.span.input.of(sheet.look.raw));
    let [chunks, context, documents] = input.pick(["chunks", "context", "documents"]);
    let list = [chunks, context, documents].into_iter().flatten().find_map(shapes::chunks)?;
    let places = list.iter().enumerate().rev().map(|(place, chunk)| (identity(chunk).to_owned(), place));
    Some(places.collect())
}

/// From where a chunk came to this place.
fn moved(from: Option<usize>, to: usize) -> Run {
    match from {
        None => Run::new("new      ", Role::Dim),
        Some(from) if from == to => Run::new("=        ", Role::Dim),
        Some(from) => {
            let (sign, style) = if from > to { ("▲", Role::Ok) } else { ("▼", Role::Warn) };
            Run::new(&format!("{:<9}", format!("{sign} was {}", from + 1)), style)
        }
    }
}

/// How many of the input's chunks did not come through.
fn dropped(sheet: &mut Sheet<'_>, before: usize, after: usize) {
    let gone = before.saturating_sub(after);
    if gone > 0 {
        let note = format!("{} of {} dropped", number::counted(gone, "chunk"), before);
        sheet.lines(vec![Line::styled(&note, Role::Dim)]);
    }
}
