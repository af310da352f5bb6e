//! The thread as one HTML file that loads nothing and runs nothing: text escaped, styles inside, traces as SVG.

mod prose;
mod style;
mod waterfall;

use std::io::{self, Write};

use super::{Document, Item, Lost, Writer, artifact as made, facts, outline};
use crate::domain::{Artifact, Block, Chunk, CodeField, Feedback, Role, Side};
use crate::json::pretty;
use crate::text::table::Table;
use crate::text::{Safe, number};

/// JSON longer than this is cut, in bytes.
const JSON_SHOWN: usize = 256 << 10;

/// Writes the thread as HTML.
#[derive(Clone, Copy, Debug, Default)]
pub struct Html;

impl Writer for Html {
    fn begin(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        let title = escaped(&facts::title(document));
        writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
        writeln!(
            out,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        )?;
        writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
        writeln!(out, "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{title}</title>")?;
        writeln!(out, "<style>\n{}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>", style::STYLE)?;
        list(out, &facts::thread(document))?;
        writeln!(out, "</header>\n<main>")
    }

    fn message(&mut self, out: &mut dyn Write, _: &Document<'_>, item: &Item<'_>) -> io::Result<()> {
        let message = item.message;
        let role = escaped(&Safe::line(message.role_word()));
        let problem = if message.status.is_problem() { " problem" } else { "" };
        writeln!(out, "<article class=\"message{problem}\" id=\"m{}\">", item.number)?;
        writeln!(out, "<h2><a href=\"#m{0}\">{0}</a> {role}</h2>", item.number)?;
        list(out, &facts::message(item))?;
        for fault in &message.faults {
            writeln!(out, "<p class=\"error\">{}</p>", escaped(&Safe::line(fault)))?;
        }
        if let Some(error) = &message.error {
            writeln!(out, "<p class=\"error\">✗ {}</p>", escaped(&outline::failure(error)))?;
        }
        for side in &message.sides {
            self::side(out, side, message.role, item.raw)?;
        }
        waterfall::write(out, &message.spans)?;
        message.feedback.iter().try_for_each(|one| feedback(out, one))?;
        writeln!(out, "</article>")
    }

    fn lost(&mut self, out: &mut dyn Write, _: &Document<'_>, lost: &Lost<'_>) -> io::Result<()> {
        writeln!(
            out,
            "<article class=\"message problem\" id=\"m{0}\">\n<h2><a href=\"#m{0}\">{0}</a> unreadable</h2>\n\
             <p class=\"error\">{1}</p>\n</article>",
            lost.number,
            escaped(&Safe::line(lost.reason))
        )
    }

    fn end(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        writeln!(out, "</main>")?;
        if !document.oddities.is_empty() {
            writeln!(out, "<footer>")?;
            for oddity in document.oddities {
                writeln!(out, "<p>{}</p>", escaped(&Safe::line(oddity)))?;
            }
            writeln!(out, "</footer>")?;
        }
        writeln!(out, "</body>\n</html>")
    }
}

/// Text that passed the gate, as HTML between tags or in quotes.
fn escaped(text: &str) -> String {
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

fn list(out: &mut dyn Write, facts: &[facts::Fact]) -> io::Result<()> {
    write!(out, "<dl>")?;
    for (label, value) in facts {
        write!(out, "<div><dt>{label}</dt><dd>{}</dd></div>", escaped(value))?;
    }
    writeln!(out, "</dl>")
}

fn side(out: &mut dyn Write, side: &Side, role: Role, raw: &[u8]) -> io::Result<()> {
    writeln!(out, "<section class=\"side {}\">", side.role.word())?;
    if role == Role::Turn {
        writeln!(out, "<h3>{}</h3>", side.role.word())?;
    }
    if side.blocks.is_empty() {
        writeln!(out, "<p class=\"dim\">(empty)</p>")?;
    }
    side.blocks.iter().try_for_each(|one| block(out, one, raw))?;
    writeln!(out, "</section>")
}

fn block(out: &mut dyn Write, one: &Block, raw: &[u8]) -> io::Result<()> {
    match one {
        Block::Markdown(text) => prose::write(out, text),
        Block::Thinking(text) => folded(out, "thinking", |out| prose::write(out, text)),
        Block::ToolCall { name, description, code, input, .. } => {
            folded(out, &joined("tool call", name, description), |out| {
                if code.is_empty() { json(out, input.of(raw)) } else { fields(out, code) }
            })
        }
        Block::ToolResult { is_error, blocks, .. } => {
            folded(out, if *is_error { "tool failed" } else { "tool result" }, |out| {
                blocks.iter().try_for_each(|inner| block(out, inner, raw))
            })
        }
        Block::Chunks(chunks) => chunks.iter().try_for_each(|one| chunk(out, one)),
        Block::Artifact(one) => artifact(out, one, raw),
        Block::Json { label, raw: piece } => folded(out, label, |out| json(out, piece.of(raw))),
    }
}

fn joined(kind: &str, name: &str, description: &str) -> String {
    let parts = [kind, name, description];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Text with its own line breaks.
fn plain(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "<div class=\"text\">{}</div>", escaped(&Safe::text(text)))
}

fn code(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "<pre>{}</pre>", escaped(&Safe::text(text)))
}

/// Something that opens when it is clicked; no script is needed for that.
fn folded(
    out: &mut dyn Write,
    summary: &str,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    writeln!(out, "<details><summary>{}</summary>", escaped(&Safe::line(summary)))?;
    fill(out)?;
    writeln!(out, "</details>")
}

fn json(out: &mut dyn Write, raw: &[u8]) -> io::Result<()> {
    code(out, &pretty(raw, JSON_SHOWN))?;
    if raw.len() > JSON_SHOWN {
        writeln!(out, "<p class=\"dim\">(cut: {} in all)</p>", number::bytes(raw.len() as u64))?;
    }
    Ok(())
}

fn fields(out: &mut dyn Write, all: &[CodeField]) -> io::Result<()> {
    all.iter().try_for_each(|field| {
        writeln!(out, "<p class=\"dim\">{}</p>", escaped(&Safe::line(&field.label)))?;
        code(out, &field.text)
    })
}

fn chunk(out: &mut dyn Write, chunk: &Chunk) -> io::Result<()> {
    let name = chunk.title.as_deref().or(chunk.source.as_deref()).or(chunk.id.as_deref());
    let score = chunk.score.map(|score| format!("{score:.3}")).unwrap_or_default();
    folded(out, &joined("context", name.unwrap_or_default(), &score), |out| plain(out, &chunk.text))
}

/// What an answer made stands open; the code that made it opens when it is clicked.
fn artifact(out: &mut dyn Write, artifact: &Artifact, raw: &[u8]) -> io::Result<()> {
    let kind = if artifact.is_chart { "chart" } else { "table" };
    let title = joined(kind, &artifact.title, &artifact.description);
    writeln!(out, "<p class=\"dim\">{}</p>", escaped(&Safe::line(&title)))?;
    if let Some(chart) = made::chart(artifact, raw) {
        code(out, &chart)?;
    }
    if let Some(rows) = made::table(artifact) {
        table(out, &rows)?;
    }
    if let Some(more) = made::more(artifact) {
        writeln!(out, "<p class=\"dim\">{more}</p>")?;
    }
    if artifact.code.is_empty() { Ok(()) } else { folded(out, "made by", |out| fields(out, &artifact.code)) }
}

fn table(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    writeln!(out, "<div class=\"wide\"><table>")?;
    let head = std::iter::once((&table.head, "th")).filter(|(head, _)| !head.is_empty());
    for (cells, name) in head.chain(table.rows.iter().take(made::ROWS).map(|row| (row, "td"))) {
        write!(out, "<tr>")?;
        for cell in cells {
            write!(out, "<{name}>{}</{name}>", escaped(&Safe::text(cell)))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</table></div>")?;
    let more = table.rows.len().saturating_sub(made::ROWS);
    if more > 0 {
        writeln!(out, "<p class=\"dim\">… {}</p>", number::counted(more, "more row"))
    } else {
        Ok(())
    }
}

fn feedback(out: &mut dyn Write, feedback: &Feedback) -> io::Result<()> {
    let when = feedback.created_at.map(facts::moment).unwrap_or_default();
    let title = joined("feedback", &feedback.sentiment_text, &when);
    writeln!(out, "<section class=\"feedback\">\n<h3>{}</h3>", escaped(&Safe::line(&title)))?;
    if !feedback.description.is_empty() {
        plain(out, &feedback.description)?;
    }
    writeln!(out, "</section>")
}
