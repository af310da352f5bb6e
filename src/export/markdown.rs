//! The thread as Markdown: what was said stands in block quotes, so that whatever it opens ends with it; code and JSON in
//! fences longer than any run of backticks inside; everything else escaped.

mod escape;
mod tame;

use std::io::{self, Write};

use super::{Document, Item, Lost, Writer, artifact as made, facts, outline};
use crate::domain::{Artifact, Block, Chunk, CodeField, Feedback, Language, Role, Side};
use crate::json::pretty;
use crate::text::{Safe, number};
use escape::{fenced, inline, quoted};

/// JSON longer than this is cut, in bytes.
const JSON_SHOWN: usize = 64 << 10;

/// Writes the thread as Markdown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Markdown;

impl Writer for Markdown {
    fn begin(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        writeln!(out, "# {}\n", inline(&facts::title(document)))?;
        table(out, &facts::thread(document))
    }

    fn message(&mut self, out: &mut dyn Write, _: &Document<'_>, item: &Item<'_>) -> io::Result<()> {
        let message = item.message;
        writeln!(out, "\n## {}. {}\n", item.number, inline(&Safe::line(message.role_word())))?;
        table(out, &facts::message(item))?;
        for fault in &message.faults {
            writeln!(out, "\n**Not read:** {}", inline(&Safe::line(fault)))?;
        }
        if let Some(error) = &message.error {
            writeln!(out, "\n**Failed:** {}", inline(&outline::failure(error)))?;
        }
        for side in &message.sides {
            self::side(out, side, message.role, item.raw)?;
        }
        if !message.spans.is_empty() {
            let (lines, failed) = outline::lines(&message.spans, outline::SHOWN);
            let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
            writeln!(out, "\n### Trace: {}{failed}\n", number::counted(message.spans.len(), "span"))?;
            fenced(out, "text", &lines.join("\n"))?;
        }
        message.feedback.iter().try_for_each(|one| feedback(out, one))
    }

    fn lost(&mut self, out: &mut dyn Write, _: &Document<'_>, lost: &Lost<'_>) -> io::Result<()> {
        writeln!(out, "\n## {}. Unreadable\n\n{}", lost.number, inline(&Safe::line(lost.reason)))
    }

    fn end(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        if document.oddities.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n## Notes\n")?;
        document.oddities.iter().try_for_each(|oddity| writeln!(out, "- {}", inline(&Safe::line(oddity))))
    }
}

fn table(out: &mut dyn Write, facts: &[facts::Fact]) -> io::Result<()> {
    if facts.is_empty() {
        return Ok(());
    }
    writeln!(out, "| | |\n|---|---|")?;
    facts.iter().try_for_each(|(label, value)| writeln!(out, "| {label} | {} |", inline(value)))
}

fn side(out: &mut dyn Write, side: &Side, role: Role, raw: &[u8]) -> io::Result<()> {
    if role == Role::Turn {
        writeln!(out, "\n### {}", inline(side.role.word()))?;
    }
    if side.blocks.is_empty() {
        return writeln!(out, "\n*(empty)*");
    }
    side.blocks.iter().try_for_each(|one| block(out, one, raw))
}

fn block(out: &mut dyn Write, one: &Block, raw: &[u8]) -> io::Result<()> {
    match one {
        Block::Markdown(text) => {
            writeln!(out)?;
            said(out, text)
        }
        Block::Thinking(text) => {
            label(out, "Thinking", "", "")?;
            said(out, text)
        }
        Block::ToolCall { name, description, code, input, .. } => {
            label(out, "Tool call", name, description)?;
            if code.is_empty() { json(out, input.of(raw)) } else { fields(out, code) }
        }
        Block::ToolResult { is_error, blocks, .. } => {
            label(out, if *is_error { "Tool failed" } else { "Tool result" }, "", "")?;
            blocks.iter().try_for_each(|inner| block(out, inner, raw))
        }
        Block::Chunks(chunks) => chunks.iter().try_for_each(|one| chunk(out, one)),
        Block::Artifact(one) => artifact(out, one, raw),
        Block::Json { label: name, raw: piece } => {
            label(out, "JSON", name, "")?;
            json(out, piece.of(raw))
        }
    }
}

/// Markdown in a quote, without HTML and images.
fn said(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let safe = Safe::text(text);
    match tame::tamed(&safe) {
        Some(tame) => quoted(out, &tame),
        None => fenced(out, "text", &safe),
    }
}

/// A line of its own that says what follows.
fn label(out: &mut dyn Write, kind: &str, name: &str, description: &str) -> io::Result<()> {
    write!(out, "\n**{kind}**")?;
    for text in [name, description].into_iter().filter(|text| !text.is_empty()) {
        write!(out, " · {}", inline(&Safe::line(text)))?;
    }
    writeln!(out, "\n")
}

fn json(out: &mut dyn Write, raw: &[u8]) -> io::Result<()> {
    fenced(out, "json", &pretty(raw, JSON_SHOWN))?;
    if raw.len() > JSON_SHOWN {
        writeln!(out, "\n*(cut: {} in all)*", number::bytes(raw.len() as u64))?;
    }
    Ok(())
}

fn fields(out: &mut dyn Write, code: &[CodeField]) -> io::Result<()> {
    code.iter().try_for_each(|field| {
        label(out, "", &field.label, "")?;
        fenced(out, language(field.language), &field.text)
    })
}

fn language(language: Language) -> &'static str {
    match language {
        Language::Sql => "sql",
        Language::Python => "python",
        Language::Json => "json",
        Language::Plain => "text",
    }
}

fn chunk(out: &mut dyn Write, chunk: &Chunk) -> io::Result<()> {
    let name = chunk.title.as_deref().or(chunk.source.as_deref()).or(chunk.id.as_deref());
    let score = chunk.score.map(|score| format!("{score:.3}")).unwrap_or_default();
    label(out, "Context", name.unwrap_or_default(), &score)?;
    said(out, &chunk.text)
}

fn artifact(out: &mut dyn Write, artifact: &Artifact, raw: &[u8]) -> io::Result<()> {
    let kind = if artifact.is_chart { "Chart" } else { "Table" };
    label(out, kind, &artifact.title, &artifact.description)?;
    let drawn = made::drawn(artifact, raw);
    if !drawn.is_empty() {
        fenced(out, "text", &drawn)?;
    }
    fields(out, &artifact.code)
}

fn feedback(out: &mut dyn Write, feedback: &Feedback) -> io::Result<()> {
    let when = feedback.created_at.map(facts::moment).unwrap_or_default();
    label(out, "Feedback", &feedback.sentiment_text, &when)?;
    if feedback.description.is_empty() { Ok(()) } else { said(out, &feedback.description) }
}
