//! The thread as Markdown: what was said stands in block quotes, so that whatever it opens ends with it; code and JSON in
//! fences longer than any run of backticks inside; everything else escaped.

mod escape;
mod neutralize;

use std::io::{self, Write};

use super::{ExportedMessage, ExportedThread, Unreadable, Writer, artifact as made, metadata, span_tree};
use crate::domain::{Artifact, Block, Chunk, CodeField, Feedback, Language, Role, Side};
use crate::json::pretty;
use crate::text::{Safe, number};
use escape::{escape_inline, write_code_block, write_quote};

/// JSON longer than this is cut, in bytes.
const MAX_JSON_BYTES: usize = 64 << 10;

/// Writes the thread as Markdown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Markdown;

impl Writer for Markdown {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        writeln!(out, "# {}\n", escape_inline(&metadata::title(document)))?;
        write_metadata_table(out, &metadata::thread_fields(document))
    }

    fn write_message(
        &mut self,
        out: &mut dyn Write,
        _: &ExportedThread<'_>,
        item: &ExportedMessage<'_>,
    ) -> io::Result<()> {
        let message = item.message;
        writeln!(out, "\n## {}. {}\n", item.number, escape_inline(&Safe::line(message.role_name())))?;
        write_metadata_table(out, &metadata::message_fields(item))?;
        for fault in &message.read_errors {
            writeln!(out, "\n**Not read:** {}", escape_inline(&Safe::line(fault)))?;
        }
        if let Some(error) = &message.error {
            writeln!(out, "\n**Failed:** {}", escape_inline(&span_tree::error_line(error)))?;
        }
        for side in &message.sides {
            write_side(out, side, message.role, item.raw)?;
        }
        if !message.spans.is_empty() {
            let (lines, failed) = span_tree::lines(&message.spans, span_tree::MAX_SPANS);
            let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
            writeln!(out, "\n### Trace: {}{failed}\n", number::pluralize(message.spans.len(), "span"))?;
            write_code_block(out, "text", &lines.join("\n"))?;
        }
        message.feedback.iter().try_for_each(|one| write_feedback(out, one))
    }

    fn write_unreadable(
        &mut self,
        out: &mut dyn Write,
        _: &ExportedThread<'_>,
        lost: &Unreadable<'_>,
    ) -> io::Result<()> {
        writeln!(out, "\n## {}. Unreadable\n\n{}", lost.number, escape_inline(&Safe::line(lost.reason)))
    }

    fn end(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        if document.warnings.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n## Notes\n")?;
        document
            .warnings
            .iter()
            .try_for_each(|oddity| writeln!(out, "- {}", escape_inline(&Safe::line(oddity))))
    }
}

fn write_metadata_table(out: &mut dyn Write, facts: &[metadata::MetadataField]) -> io::Result<()> {
    if facts.is_empty() {
        return Ok(());
    }
    writeln!(out, "| | |\n|---|---|")?;
    facts.iter().try_for_each(|(label, value)| writeln!(out, "| {label} | {} |", escape_inline(value)))
}

fn write_side(out: &mut dyn Write, side: &Side, role: Role, raw: &[u8]) -> io::Result<()> {
    if role == Role::Turn {
        writeln!(out, "\n### {}", escape_inline(side.role.as_str()))?;
    }
    if side.blocks.is_empty() {
        return writeln!(out, "\n*(empty)*");
    }
    side.blocks.iter().try_for_each(|one| write_block(out, one, raw))
}

fn write_block(out: &mut dyn Write, one: &Block, raw: &[u8]) -> io::Result<()> {
    match one {
        Block::Markdown(text) => {
            writeln!(out)?;
            write_quoted_markdown(out, text)
        }
        Block::Thinking(text) => {
            write_label(out, "Thinking", "", "")?;
            write_quoted_markdown(out, text)
        }
        Block::ToolCall { name, description, code, input, .. } => {
            write_label(out, "Tool call", name, description)?;
            if code.is_empty() { write_json(out, input.slice(raw)) } else { write_code_fields(out, code) }
        }
        Block::ToolResult { is_error, blocks, .. } => {
            write_label(out, if *is_error { "Tool failed" } else { "Tool result" }, "", "")?;
            blocks.iter().try_for_each(|inner| write_block(out, inner, raw))
        }
        Block::Chunks(chunks) => chunks.iter().try_for_each(|one| write_chunk(out, one)),
        Block::Artifact(one) => write_artifact(out, one, raw),
        Block::Json { label: name, raw: piece } => {
            write_label(out, "JSON", name, "")?;
            write_json(out, piece.slice(raw))
        }
    }
}

/// Markdown in a quote, without HTML and images.
fn write_quoted_markdown(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let safe = Safe::text(text);
    match neutralize::neutralize(&safe) {
        Some(tame) => write_quote(out, &tame),
        None => write_code_block(out, "text", &safe),
    }
}

/// A line of its own that says what follows.
fn write_label(out: &mut dyn Write, kind: &str, name: &str, description: &str) -> io::Result<()> {
    write!(out, "\n**{kind}**")?;
    for text in [name, description].into_iter().filter(|text| !text.is_empty()) {
        write!(out, " · {}", escape_inline(&Safe::line(text)))?;
    }
    writeln!(out, "\n")
}

fn write_json(out: &mut dyn Write, raw: &[u8]) -> io::Result<()> {
    write_code_block(out, "json", &pretty(raw, MAX_JSON_BYTES))?;
    if raw.len() > MAX_JSON_BYTES {
        writeln!(out, "\n*(cut: {} in all)*", number::bytes(raw.len() as u64))?;
    }
    Ok(())
}

fn write_code_fields(out: &mut dyn Write, code: &[CodeField]) -> io::Result<()> {
    code.iter().try_for_each(|field| {
        write_label(out, "", &field.label, "")?;
        write_code_block(out, language_name(field.language), &field.text)
    })
}

fn language_name(language: Language) -> &'static str {
    match language {
        Language::Sql => "sql",
        Language::Python => "python",
        Language::Json => "json",
        Language::Plain => "text",
    }
}

fn write_chunk(out: &mut dyn Write, chunk: &Chunk) -> io::Result<()> {
    let name = chunk.title.as_deref().or(chunk.source.as_deref()).or(chunk.id.as_deref());
    let score = chunk.score.map(|score| format!("{score:.3}")).unwrap_or_default();
    write_label(out, "Context", name.unwrap_or_default(), &score)?;
    write_quoted_markdown(out, &chunk.text)
}

fn write_artifact(out: &mut dyn Write, artifact: &Artifact, raw: &[u8]) -> io::Result<()> {
    let kind = if artifact.is_chart { "Chart" } else { "Table" };
    write_label(out, kind, &artifact.title, &artifact.description)?;
    let drawn = made::draw_artifact(artifact, raw);
    if !drawn.is_empty() {
        write_code_block(out, "text", &drawn)?;
    }
    write_code_fields(out, &artifact.code)
}

fn write_feedback(out: &mut dyn Write, feedback: &Feedback) -> io::Result<()> {
    let when = feedback.created_at.map(metadata::format_time).unwrap_or_default();
    write_label(out, "Feedback", &feedback.sentiment_text, &when)?;
    if feedback.description.is_empty() { Ok(()) } else { write_quoted_markdown(out, &feedback.description) }
}
