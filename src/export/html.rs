//! The thread as one HTML file that loads nothing and runs nothing: text escaped, styles inside, traces as SVG.

mod markdown;
mod style;
mod waterfall;

use std::io::{self, Write};

use super::{ExportedMessage, ExportedThread, Unreadable, Writer, artifact as made, metadata, span_tree};
use crate::domain::{Artifact, Block, Chunk, CodeField, Feedback, Role, Side};
use crate::json::pretty;
use crate::text::table::Table;
use crate::text::{Safe, number};

/// JSON longer than this is cut, in bytes.
const MAX_JSON_BYTES: usize = 256 << 10;

/// Writes the thread as HTML.
#[derive(Clone, Copy, Debug, Default)]
pub struct Html;

impl Writer for Html {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        let title = escape(&metadata::title(document));
        writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
        writeln!(
            out,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        )?;
        writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
        writeln!(out, "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{title}</title>")?;
        writeln!(out, "<style>\n{}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>", style::STYLE)?;
        write_metadata(out, &metadata::thread_fields(document))?;
        writeln!(out, "</header>\n<main>")
    }

    fn write_message(
        &mut self,
        out: &mut dyn Write,
        _: &ExportedThread<'_>,
        item: &ExportedMessage<'_>,
    ) -> io::Result<()> {
        let message = item.message;
        let role = escape(&Safe::line(message.role_name()));
        let problem = if message.status.is_problem() { " problem" } else { "" };
        writeln!(out, "<article class=\"message{problem}\" id=\"m{}\">", item.number)?;
        writeln!(out, "<h2><a href=\"#m{0}\">{0}</a> {role}</h2>", item.number)?;
        write_metadata(out, &metadata::message_fields(item))?;
        for fault in &message.read_errors {
            writeln!(out, "<p class=\"error\">{}</p>", escape(&Safe::line(fault)))?;
        }
        if let Some(error) = &message.error {
            writeln!(out, "<p class=\"error\">✗ {}</p>", escape(&span_tree::error_line(error)))?;
        }
        for side in &message.sides {
            write_side(out, side, message.role, item.raw)?;
        }
        waterfall::write_waterfall(out, &message.spans)?;
        message.feedback.iter().try_for_each(|one| write_feedback(out, one))?;
        writeln!(out, "</article>")
    }

    fn write_unreadable(
        &mut self,
        out: &mut dyn Write,
        _: &ExportedThread<'_>,
        lost: &Unreadable<'_>,
    ) -> io::Result<()> {
        writeln!(
            out,
            "<article class=\"message problem\" id=\"m{0}\">\n<h2><a href=\"#m{0}\">{0}</a> unreadable</h2>\n\
             <p class=\"error\">{1}</p>\n</article>",
            lost.number,
            escape(&Safe::line(lost.reason))
        )
    }

    fn end(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        writeln!(out, "</main>")?;
        if !document.warnings.is_empty() {
            writeln!(out, "<footer>")?;
            for oddity in document.warnings {
                writeln!(out, "<p>{}</p>", escape(&Safe::line(oddity)))?;
            }
            writeln!(out, "</footer>")?;
        }
        writeln!(out, "</body>\n</html>")
    }
}

/// Text that passed the gate, as HTML between tags or in quotes.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

fn write_metadata(out: &mut dyn Write, facts: &[metadata::MetadataField]) -> io::Result<()> {
    write!(out, "<dl>")?;
    for (label, value) in facts {
        write!(out, "<div><dt>{label}</dt><dd>{}</dd></div>", escape(value))?;
    }
    writeln!(out, "</dl>")
}

fn write_side(out: &mut dyn Write, side: &Side, role: Role, raw: &[u8]) -> io::Result<()> {
    writeln!(out, "<section class=\"side {}\">", side.role.as_str())?;
    if role == Role::Turn {
        writeln!(out, "<h3>{}</h3>", side.role.as_str())?;
    }
    if side.blocks.is_empty() {
        writeln!(out, "<p class=\"dim\">(empty)</p>")?;
    }
    side.blocks.iter().try_for_each(|one| write_block(out, one, raw))?;
    writeln!(out, "</section>")
}

fn write_block(out: &mut dyn Write, one: &Block, raw: &[u8]) -> io::Result<()> {
    match one {
        Block::Markdown(text) => markdown::write_markdown(out, text),
        Block::Thinking(text) => write_details(out, "thinking", |out| markdown::write_markdown(out, text)),
        Block::ToolCall { name, description, code, input, .. } => {
            write_details(out, &join_label("tool call", name, description), |out| {
                if code.is_empty() { write_json(out, input.slice(raw)) } else { write_code_fields(out, code) }
            })
        }
        Block::ToolResult { is_error, blocks, .. } => {
            write_details(out, if *is_error { "tool failed" } else { "tool result" }, |out| {
                blocks.iter().try_for_each(|inner| write_block(out, inner, raw))
            })
        }
        Block::Chunks(chunks) => chunks.iter().try_for_each(|one| write_chunk(out, one)),
        Block::Artifact(one) => write_artifact(out, one, raw),
        Block::Json { label, raw: piece } => {
            write_details(out, label, |out| write_json(out, piece.slice(raw)))
        }
    }
}

fn join_label(kind: &str, name: &str, description: &str) -> String {
    let parts = [kind, name, description];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Text with its own line breaks.
fn write_plain_text(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "<div class=\"text\">{}</div>", escape(&Safe::text(text)))
}

fn write_code(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "<pre>{}</pre>", escape(&Safe::text(text)))
}

/// Something that opens when it is clicked; no script is needed for that.
fn write_details(
    out: &mut dyn Write,
    summary: &str,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    writeln!(out, "<details><summary>{}</summary>", escape(&Safe::line(summary)))?;
    fill(out)?;
    writeln!(out, "</details>")
}

fn write_json(out: &mut dyn Write, raw: &[u8]) -> io::Result<()> {
    write_code(out, &pretty(raw, MAX_JSON_BYTES))?;
    if raw.len() > MAX_JSON_BYTES {
        writeln!(out, "<p class=\"dim\">(cut: {} in all)</p>", number::bytes(raw.len() as u64))?;
    }
    Ok(())
}

fn write_code_fields(out: &mut dyn Write, all: &[CodeField]) -> io::Result<()> {
    all.iter().try_for_each(|field| {
        writeln!(out, "<p class=\"dim\">{}</p>", escape(&Safe::line(&field.label)))?;
        write_code(out, &field.text)
    })
}

fn write_chunk(out: &mut dyn Write, chunk: &Chunk) -> io::Result<()> {
    let name = chunk.title.as_deref().or(chunk.source.as_deref()).or(chunk.id.as_deref());
    let score = chunk.score.map(|score| format!("{score:.3}")).unwrap_or_default();
    write_details(out, &join_label("context", name.unwrap_or_default(), &score), |out| {
        write_plain_text(out, &chunk.text)
    })
}

/// What an answer made stands open; the code that made it opens when it is clicked.
fn write_artifact(out: &mut dyn Write, artifact: &Artifact, raw: &[u8]) -> io::Result<()> {
    let kind = if artifact.is_chart { "chart" } else { "table" };
    let title = join_label(kind, &artifact.title, &artifact.description);
    writeln!(out, "<p class=\"dim\">{}</p>", escape(&Safe::line(&title)))?;
    if let Some(chart) = made::draw_chart(artifact, raw) {
        write_code(out, &chart)?;
    }
    if let Some(rows) = made::parse_table(artifact) {
        write_table(out, &rows)?;
    }
    if let Some(more) = made::remaining_rows_note(artifact) {
        writeln!(out, "<p class=\"dim\">{more}</p>")?;
    }
    if artifact.code.is_empty() {
        Ok(())
    } else {
        write_details(out, "made by", |out| write_code_fields(out, &artifact.code))
    }
}

fn write_table(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    writeln!(out, "<div class=\"wide\"><table>")?;
    let head = std::iter::once((&table.head, "th")).filter(|(head, _)| !head.is_empty());
    for (cells, name) in head.chain(table.rows.iter().take(made::MAX_ROWS).map(|row| (row, "td"))) {
        write!(out, "<tr>")?;
        for cell in cells {
            write!(out, "<{name}>{}</{name}>", escape(&Safe::text(cell)))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</table></div>")?;
    let more = table.rows.len().saturating_sub(made::MAX_ROWS);
    if more > 0 {
        writeln!(out, "<p class=\"dim\">… {}</p>", number::pluralize(more, "more row"))
    } else {
        Ok(())
    }
}

fn write_feedback(out: &mut dyn Write, feedback: &Feedback) -> io::Result<()> {
    let when = feedback.created_at.map(metadata::format_time).unwrap_or_default();
    let title = join_label("feedback", &feedback.sentiment_text, &when);
    writeln!(out, "<section class=\"feedback\">\n<h3>{}</h3>", escape(&Safe::line(&title)))?;
    if !feedback.description.is_empty() {
        write_plain_text(out, &feedback.description)?;
    }
    writeln!(out, "</section>")
}
