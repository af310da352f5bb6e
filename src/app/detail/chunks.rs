//! Retrieved texts as a ranked list with score bars, titles and sources.

use crate::domain::Chunk;
use crate::text::{self, Line, Run};
use crate::theme::Role;

/// Cells of a score bar.
const BAR: usize = 10;

/// One entry a chunk: rank, score, title and source in a line, then its text.
pub fn lines(chunks: &[Chunk], width: usize) -> Vec<Line> {
    let best = chunks.iter().filter_map(|chunk| chunk.score).fold(0.0f64, f64::max);
    let mut lines = Vec::new();
    for (rank, chunk) in chunks.iter().enumerate() {
        lines.push(heading(rank + 1, chunk, best));
        for mut line in text::plain(&chunk.text, width.saturating_sub(4).max(1), Role::Text) {
            line.spans.insert(0, Run::new("    ", Role::Text));
            lines.push(line);
        }
    }
    lines
}

fn heading(rank: usize, chunk: &Chunk, best: f64) -> Line {
    let mut spans = vec![Run::new(&format!("{rank:>3} "), Role::Dim)];
    if let Some(score) = chunk.score {
        let share = if best > 0.0 { (score / best).clamp(0.0, 1.0) } else { 0.0 };
        let cells = (share * BAR as f64).round() as usize;
        spans.push(Run::new(&"█".repeat(cells), Role::Accent));
        spans.push(Run::new(&"░".repeat(BAR - cells), Role::Dim));
        spans.push(Run::new(&format!(" {score:.3}  "), Role::NumberLiteral));
    }
    let label = chunk.title.as_deref().or(chunk.id.as_deref()).unwrap_or("chunk");
    spans.push(Run::new(label, Role::Strong));
    if let Some(source) = &chunk.source {
        spans.push(Run::new(&format!("  {source}"), Role::Dim));
    }
    Line { spans }
}
