//! The thread as one HTML file that loads and executes nothing: escaped text, inline styles, traces as SVG.

mod contents;
mod markdown;
mod trace;

use std::io::{self, Write};

use super::blocks::{self, BlockSink, Heading};
use super::{ExportedMessage, ExportedThread, Payloads, Unreadable, Writer, artifact, metadata, span_tree};
use crate::domain::{Artifact, CodeField, Feedback, Language, Role, Side};
use crate::text::table::Table;
use crate::text::{Safe, TextForm, number};
use contents::Contents;

/// The style sheet: light or dark like the reader's system, readable without colours, for windows, phones and paper.
const STYLE: &str = include_str!("../../assets/export.css");

/// Writes the thread as HTML.
#[derive(Clone, Debug)]
pub struct Html {
    payloads: Payloads,
    contents: Contents,
}

impl Html {
    /// Creates a writer that writes the payloads of these spans.
    pub fn new(payloads: Payloads) -> Self {
        Self { payloads, contents: Contents::default() }
    }
}

impl Writer for Html {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        let chosen = self.payloads;
        self.payloads = chosen.resolve(document);
        self.contents = Contents::new(document);
        let title = escape(&metadata::title(document));
        write_head(out, &title, &trace::bar_style())?;
        write_metadata(out, &metadata::thread_fields(document))?;
        self.contents.write_start_links(out)?;
        if chosen != self.payloads && self.payloads == Payloads::Failed {
            writeln!(
                out,
                "<p class=\"dim\">A long thread: only failed spans have payloads (--payloads all).</p>"
            )?;
        }
        writeln!(out, "</header>\n<main>")
    }

    fn write_message(&mut self, out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        let message = item.message;
        let role = escape(&Safe::line(message.role_name()));
        let problem = if self.contents.is_problem(item.number) { " problem" } else { "" };
        writeln!(out, "<article class=\"message{problem}\" id=\"m{}\">", item.number)?;
        writeln!(out, "<h2><a href=\"#m{0}\">{0}</a> {role}</h2>", item.number)?;
        write_facts(out, &metadata::message_fields(item))?;
        self.contents.write_problem_links(out, item.number)?;
        for (label, text) in metadata::notes(item) {
            writeln!(out, "<p class=\"note\"><b>{}</b> {}</p>", escape(&label), escape(&text))?;
        }
        for error in &message.read_errors {
            writeln!(out, "<p class=\"error\">{}</p>", escape(&Safe::line(error)))?;
        }
        if let Some(error) = &message.error {
            writeln!(out, "<p class=\"error\">✗ {}</p>", escape(&span_tree::error_line(error)))?;
        }
        for side in &message.sides {
            write_side(out, side, message.role, item.raw)?;
        }
        blocks::write_citations(&mut HtmlBlocks { out, wraps: false }, message, item.raw)?;
        let failed = trace::write_trace(out, item, self.payloads)?;
        self.contents.add(item.number, message, &failed);
        message.feedback.iter().try_for_each(|feedback| write_feedback(out, feedback))?;
        writeln!(out, "</article>")
    }

    fn write_unreadable(&mut self, out: &mut dyn Write, message: &Unreadable<'_>) -> io::Result<()> {
        let number = message.number;
        self.contents.add_unreadable(number);
        writeln!(out, "<article class=\"message problem\" id=\"m{number}\">")?;
        writeln!(out, "<h2><a href=\"#m{number}\">{number}</a> unreadable</h2>")?;
        self.contents.write_problem_links(out, number)?;
        writeln!(out, "<p class=\"error\">{}</p>\n</article>", escape(&Safe::line(message.reason)))
    }

    fn end(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        writeln!(out, "</main>")?;
        self.contents.write(out)?;
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

/// Writes the start of a page up to its heading, with an escaped title and additional style rules.
pub(super) fn write_head(out: &mut dyn Write, title: &str, style: &str) -> io::Result<()> {
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<meta name=\"referrer\" content=\"no-referrer\">\n<title>{title}</title>")?;
    writeln!(out, "<style>\n{STYLE}{style}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>")
}

/// Escapes sanitized text for HTML, between tags or in quotes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for (at, c) in text.char_indices() {
        match c {
            // An intended space at the end of a line.
            ' ' if text.as_bytes().get(at + 1) == Some(&b'\n') => out.push_str("&#32;"),
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

/// Writes fields as one paragraph, because pages with fewer elements load faster.
fn write_facts(out: &mut dyn Write, fields: &[metadata::MetadataField]) -> io::Result<()> {
    if fields.is_empty() {
        return Ok(());
    }
    let facts: Vec<String> = fields.iter().map(|(label, value)| format!("{label} {value}")).collect();
    writeln!(out, "<p class=\"dim\">{}</p>", escape(&facts.join(" · ")))
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
    blocks::write_blocks(&mut HtmlBlocks { out, wraps: false }, &side.blocks, form, raw)?;
    writeln!(out, "</section>")
}

fn join_heading(heading: Heading<'_>) -> String {
    heading.parts().collect::<Vec<_>>().join(" · ")
}

struct HtmlBlocks<'w> {
    out: &'w mut dyn Write,
    /// Whether long lines of code wrap, as in payloads. Otherwise they scroll, also with the keyboard.
    wraps: bool,
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
        let scrolls = if self.wraps { "" } else { " tabindex=\"0\"" };
        writeln!(self.out, "<pre{scrolls}>{first}{}</pre>", escape(&Safe::text(text)))
    }

    fn note(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "<p class=\"dim\">{}</p>", escape(&Safe::line(text)))
    }

    /// Starts a section, which opens when it is clicked, without a script.
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

    /// Writes an artifact. It is visible at once; its code is in a section.
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
        writeln!(self.out, "<div class=\"wide\" tabindex=\"0\"><table>")?;
        if !table.head.is_empty() {
            writeln!(self.out, "<thead>")?;
            self.table_row(&table.head, "th scope=\"col\"", "th")?;
            writeln!(self.out, "</thead>")?;
        }
        writeln!(self.out, "<tbody>")?;
        table.rows.iter().take(artifact::MAX_ROWS).try_for_each(|row| self.table_row(row, "td", "td"))?;
        writeln!(self.out, "</tbody></table></div>")?;
        match table.rows.len().saturating_sub(artifact::MAX_ROWS) {
            0 => Ok(()),
            more => self.note(&format!("… {}", number::pluralize(more, "more row"))),
        }
    }

    fn table_row(&mut self, cells: &[String], open: &str, close: &str) -> io::Result<()> {
        write!(self.out, "<tr>")?;
        for cell in cells {
            // An empty cell is not a heading.
            let (open, close) = if cell.is_empty() { ("td", "td") } else { (open, close) };
            write!(self.out, "<{open}>{}</{close}>", escape(&Safe::text(cell)))?;
        }
        writeln!(self.out, "</tr>")
    }
}

/// Writes text with its own line breaks.
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
