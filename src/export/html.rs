//! The thread as one HTML file that loads and runs nothing: escaped text, inline styles, traces as SVG.

mod markdown;
mod style;
mod waterfall;

use std::io::{self, Write};

use super::blocks::{self, BlockSink, Heading};
use super::{ExportedMessage, ExportedThread, Unreadable, Writer, artifact, metadata, span_tree};
use crate::domain::{Artifact, CodeField, Feedback, Language, Role, Side};
use crate::text::table::Table;
use crate::text::{Safe, TextForm, number};

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

    fn write_message(&mut self, out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        let message = item.message;
        let role = escape(&Safe::line(message.role_name()));
        let problem = if message.status.is_problem() { " problem" } else { "" };
        writeln!(out, "<article class=\"message{problem}\" id=\"m{}\">", item.number)?;
        writeln!(out, "<h2><a href=\"#m{0}\">{0}</a> {role}</h2>", item.number)?;
        write_metadata(out, &metadata::message_fields(item))?;
        for error in &message.read_errors {
            writeln!(out, "<p class=\"error\">{}</p>", escape(&Safe::line(error)))?;
        }
        if let Some(error) = &message.error {
            writeln!(out, "<p class=\"error\">✗ {}</p>", escape(&span_tree::error_line(error)))?;
        }
        for side in &message.sides {
            write_side(out, side, message.role, item.raw)?;
        }
        blocks::write_citations(&mut HtmlBlocks { out }, message, item.raw)?;
        waterfall::write_waterfall(out, &message.spans)?;
        message.feedback.iter().try_for_each(|feedback| write_feedback(out, feedback))?;
        writeln!(out, "</article>")
    }

    fn write_unreadable(&mut self, out: &mut dyn Write, message: &Unreadable<'_>) -> io::Result<()> {
        writeln!(
            out,
            "<article class=\"message problem\" id=\"m{0}\">\n<h2><a href=\"#m{0}\">{0}</a> unreadable</h2>\n\
             <p class=\"error\">{1}</p>\n</article>",
            message.number,
            escape(&Safe::line(message.reason))
        )
    }

    fn end(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        writeln!(out, "</main>")?;
        if !document.warnings.is_empty() {
            writeln!(out, "<footer>")?;
            for warning in document.warnings {
                writeln!(out, "<p>{}</p>", escape(&Safe::line(warning)))?;
            }
            writeln!(out, "</footer>")?;
        }
        writeln!(out, "</body>\n</html>")
    }
}

/// Escapes sanitized text for HTML, between tags or in quotes.
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

fn write_metadata(out: &mut dyn Write, fields: &[metadata::MetadataField]) -> io::Result<()> {
    write!(out, "<dl>")?;
    for (label, value) in fields {
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
    let form = TextForm::of_speaker(side.role);
    blocks::write_blocks(&mut HtmlBlocks { out }, &side.blocks, form, raw)?;
    writeln!(out, "</section>")
}

fn join_heading(heading: Heading<'_>) -> String {
    heading.parts().collect::<Vec<_>>().join(" · ")
}

struct HtmlBlocks<'w> {
    out: &'w mut dyn Write,
}

impl BlockSink for HtmlBlocks<'_> {
    const MAX_JSON_BYTES: usize = 256 << 10;

    fn prose(&mut self, text: &str) -> io::Result<()> {
        markdown::write_markdown(self.out, text)
    }

    fn verbatim(&mut self, text: &str) -> io::Result<()> {
        write_plain_text(self.out, text)
    }

    fn output(&mut self, text: &str) -> io::Result<()> {
        self.code(Language::Plain, text)
    }

    fn output_table(&mut self, table: &Table, _: &str) -> io::Result<()> {
        self.table(table)
    }

    fn code(&mut self, _: Language, text: &str) -> io::Result<()> {
        // Browsers drop a newline at the start.
        let first = if text.starts_with('\n') { "\n" } else { "" };
        writeln!(self.out, "<pre>{first}{}</pre>", escape(&Safe::text(text)))
    }

    fn note(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "<p class=\"dim\">{}</p>", escape(&Safe::line(text)))
    }

    /// A section opens when it is clicked, without a script.
    fn begin_section(&mut self, heading: Heading<'_>) -> io::Result<()> {
        let summary = join_heading(heading);
        writeln!(self.out, "<details><summary>{}</summary>", escape(&Safe::line(&summary)))
    }

    fn end_section(&mut self) -> io::Result<()> {
        writeln!(self.out, "</details>")
    }

    fn code_field(&mut self, field: &CodeField) -> io::Result<()> {
        self.note(&field.label)?;
        self.code(field.language, &field.text)
    }

    /// The artifact is visible at once; its code is in a section.
    fn artifact(&mut self, artifact: &Artifact, raw: &[u8]) -> io::Result<()> {
        self.note(&join_heading(Heading::of_artifact(artifact)))?;
        if let Some(chart) = artifact::draw_chart(artifact, raw) {
            self.code(Language::Plain, &chart)?;
        }
        let tables = [artifact::chart_numbers(artifact, raw), artifact::parse_table(artifact)];
        tables.iter().flatten().try_for_each(|table| self.table(table))?;
        if let Some(note) = artifact::remaining_rows_note(artifact) {
            self.note(&note)?;
        }
        if artifact.code.is_empty() {
            return Ok(());
        }
        let heading = Heading { kind: "code", ..Heading::default() };
        blocks::write_section(self, heading, |sink| blocks::write_code_fields(sink, &artifact.code))
    }
}

impl HtmlBlocks<'_> {
    fn table(&mut self, table: &Table) -> io::Result<()> {
        writeln!(self.out, "<div class=\"wide\"><table>")?;
        let head = std::iter::once((&table.head, "th")).filter(|(head, _)| !head.is_empty());
        for (cells, tag) in head.chain(table.rows.iter().take(artifact::MAX_ROWS).map(|row| (row, "td"))) {
            write!(self.out, "<tr>")?;
            for cell in cells {
                write!(self.out, "<{tag}>{}</{tag}>", escape(&Safe::text(cell)))?;
            }
            writeln!(self.out, "</tr>")?;
        }
        writeln!(self.out, "</table></div>")?;
        match table.rows.len().saturating_sub(artifact::MAX_ROWS) {
            0 => Ok(()),
            more => self.note(&format!("… {}", number::pluralize(more, "more row"))),
        }
    }
}

/// Text with its own line breaks.
fn write_plain_text(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "<div class=\"text\">{}</div>", escape(&Safe::text(text)))
}

fn write_feedback(out: &mut dyn Write, feedback: &Feedback) -> io::Result<()> {
    let time = feedback.created_at.map(metadata::format_time).unwrap_or_default();
    let title = join_heading(Heading { kind: "feedback", name: &feedback.sentiment_text, detail: &time });
    writeln!(out, "<section class=\"feedback\">\n<h3>{}</h3>", escape(&Safe::line(&title)))?;
    if !feedback.description.is_empty() {
        write_plain_text(out, &feedback.description)?;
    }
    writeln!(out, "</section>")
}
