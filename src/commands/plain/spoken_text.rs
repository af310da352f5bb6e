//! Texts of the plain mode in a form for screen readers: Markdown without its markup, chunks as sentences.

use super::{PlainSession, print_sanitized};
use crate::domain::{Chunk, Role, Side, Timestamp};
use crate::json::Value;
use crate::provider::payload;
use crate::text::{Line, TextForm, ToolOutput, markdown, number};
use crate::view::chunks::outdated_fields;

/// A width that no line reaches, because screen readers wrap by themselves.
const UNWRAPPED_COLUMNS: usize = 10_000;

/// Returns the text of one side of a message, and a note about omitted parts.
pub(super) fn side_text(side: &Side) -> (String, Option<String>) {
    let text = side.text();
    // Instructions are often Markdown as well.
    let form = match side.role {
        Role::System | Role::Developer | Role::Hidden => TextForm::Markdown,
        role => TextForm::of_speaker(role),
    };
    match form {
        TextForm::Markdown => {
            let lines = markdown::render(&text, UNWRAPPED_COLUMNS);
            let lines: Vec<String> = lines.iter().map(Line::plain_text).collect();
            (lines.join("\n"), None)
        }
        TextForm::Verbatim => (text, None),
        TextForm::ToolOutput => {
            let output = ToolOutput::read(&text);
            (output.text().to_owned(), output.removed_note())
        }
    }
}

/// Describes a chunk in sentences: title, page, score, state, text.
pub(super) fn chunk_sentences(
    index: usize,
    count: usize,
    chunk: &Chunk,
    answered_at: Option<Timestamp>,
) -> String {
    let title = chunk.title.as_deref().or(chunk.id.as_deref()).unwrap_or("no title");
    let mut facts = vec![format!("Chunk {} of {count}: {title}", index + 1)];
    facts.extend(chunk.page.as_ref().map(|page| format!("page {page}")));
    facts.extend(chunk.score.map(|score| format!("score {}", (score * 1000.0).round() / 1000.0)));
    facts.extend(chunk.source.as_ref().map(|source| format!("source {source}")));
    let warnings: Vec<String> = outdated_fields(chunk, answered_at)
        .map(|(key, value)| format!("{} {value}", key.replace('_', " ")))
        .collect();
    let warning =
        if warnings.is_empty() { String::new() } else { format!(" Warning: {}.", warnings.join(", ")) };
    let text = chunk.text.trim();
    let text = if text.is_empty() { "It has no text." } else { text };
    format!("{}.{warning}\n{text}", facts.join(", "))
}

impl PlainSession<'_> {
    /// Prints the chunks that a span retrieved, by its number in the span list.
    pub(super) fn print_chunks(&self, number: &str) {
        let (Some(summary), Some(message)) = (self.summary(self.position), self.read_message()) else {
            return;
        };
        let Some(span) = self.find_span(&message, number) else { return };
        let output = summary.raw.bytes_in(span.output);
        let chunks = payload::find_chunks(Value::of(output)).unwrap_or_default();
        if chunks.is_empty() {
            return print_sanitized(&format!(
                "Span {number} has no chunks. Type s {number} for its payload."
            ));
        }
        print_sanitized(&format!("{}.", number::pluralize(chunks.len(), "chunk")));
        for (index, chunk) in chunks.iter().enumerate() {
            print_sanitized(&chunk_sentences(index, chunks.len(), chunk, summary.time));
        }
    }
}
