//! The thread as a readable conversation: messages with times and tools, then an outline of the trace and the feedback. All
//! text is sanitized; times are in UTC, so that the output is the same everywhere.

use std::io::{self, Write};

use super::blocks::{self, BlockSink, Heading};
use super::{ExportedMessage, ExportedThread, Unreadable, Writer, metadata, span_tree};
use crate::domain::{Feedback, Language, Message, Role, Side, Span};
use crate::text::{Safe, TextForm};

/// Writes the thread as text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conversation;

impl Writer for Conversation {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        writeln!(out, "{}", metadata::title(document))?;
        let fields = metadata::thread_fields(document).into_iter().map(|(label, value)| match label {
            "Service" => format!("{value} thread"),
            "Thread" => value,
            _ => format!("{}: {value}", label.to_lowercase()),
        });
        writeln!(out, "{}", fields.collect::<Vec<_>>().join(" · "))
    }

    fn write_message(&mut self, out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        let message = item.message;
        writeln!(out, "\n{}", message_heading(item))?;
        for (label, text) in metadata::notes(item) {
            let colon = if text.is_empty() { "" } else { ": " };
            writeln!(out, "✎ {label}{colon}{text}")?;
        }
        for error in &message.read_errors {
            writeln!(out, "! {}", Safe::line(error))?;
        }
        if let Some(error) = &message.error {
            writeln!(out, "✗ {}", span_tree::error_line(error))?;
        }
        for side in &message.sides {
            write_side(out, message, side, item.raw)?;
        }
        write_trace(out, &message.spans)?;
        message.feedback.iter().try_for_each(|feedback| write_feedback(out, feedback))
    }

    fn write_unreadable(&mut self, out: &mut dyn Write, message: &Unreadable<'_>) -> io::Result<()> {
        writeln!(out, "\n── {} ── unreadable: {}", message.number, Safe::line(message.reason))
    }

    fn end(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        document.warnings.iter().try_for_each(|warning| writeln!(out, "\nnote: {}", Safe::line(warning)))
    }
}

/// Formats number and metadata on one line.
fn message_heading(item: &ExportedMessage<'_>) -> String {
    let mut parts = vec![item.number.to_string()];
    parts.extend(metadata::message_fields(item).into_iter().map(|(label, value)| match label {
        "Tokens" => format!("{value} tokens"),
        _ => value,
    }));
    format!("── {}", parts.join(" ── "))
}

fn write_side(out: &mut dyn Write, message: &Message, side: &Side, raw: &[u8]) -> io::Result<()> {
    let name = side.role_text.as_deref().unwrap_or(side.role.as_str());
    writeln!(out, "{}:", Safe::line(name))?;
    if side.blocks.is_empty() {
        let is_missing_answer = message.role == Role::Turn && side.role == Role::Assistant;
        return writeln!(out, "  {}", if is_missing_answer { "(no answer)" } else { "(empty)" });
    }
    blocks::write_blocks(
        &mut TextBlocks { out, indent: INDENT },
        &side.blocks,
        TextForm::of_speaker(side.role),
        raw,
    )
}

/// Writes the spans as a tree.
fn write_trace(out: &mut dyn Write, spans: &[Span]) -> io::Result<()> {
    if spans.is_empty() {
        return Ok(());
    }
    let (lines, failed) = span_tree::lines(spans, span_tree::MAX_SPANS);
    writeln!(out, "trace: {}", span_tree::title(spans, failed))?;
    lines.iter().try_for_each(|line| writeln!(out, "  {line}"))
}

fn write_feedback(out: &mut dyn Write, feedback: &Feedback) -> io::Result<()> {
    write!(out, "feedback: {}", Safe::line(&feedback.sentiment_text))?;
    if let Some(time) = feedback.created_at {
        write!(out, " ({})", metadata::format_time(time))?;
    }
    if feedback.description.is_empty() {
        return writeln!(out);
    }
    writeln!(out)?;
    TextBlocks { out, indent: INDENT }.verbatim(&feedback.description)
}

/// Columns per level of indentation.
const INDENT: usize = 2;

struct TextBlocks<'w> {
    out: &'w mut dyn Write,
    /// Columns before each line.
    indent: usize,
}

impl BlockSink for TextBlocks<'_> {
    /// The maximum number of bytes of JSON; `--format json` has all of it.
    const MAX_JSON_BYTES: usize = 16 << 10;

    /// Writes Markdown as its source.
    fn prose(&mut self, text: &str) -> io::Result<()> {
        self.verbatim(text)
    }

    fn verbatim(&mut self, text: &str) -> io::Result<()> {
        for line in Safe::text(text).lines() {
            if line.is_empty() {
                writeln!(self.out)?;
            } else {
                writeln!(self.out, "{:indent$}{line}", "", indent = self.indent)?;
            }
        }
        Ok(())
    }

    fn code(&mut self, _: Language, text: &str) -> io::Result<()> {
        self.verbatim(text)
    }

    fn note(&mut self, text: &str) -> io::Result<()> {
        self.verbatim(text)
    }

    fn begin_section(&mut self, heading: Heading<'_>) -> io::Result<()> {
        let Heading { kind, name, detail } = heading;
        let space = if kind.is_empty() || name.is_empty() { "" } else { " " };
        let colon = if detail.is_empty() { "" } else { ": " };
        let label = format!("[{kind}{space}{name}{colon}{detail}]");
        writeln!(self.out, "{:indent$}{}", "", Safe::line(&label), indent = self.indent)?;
        self.indent += INDENT;
        Ok(())
    }

    fn end_section(&mut self) -> io::Result<()> {
        self.indent -= INDENT;
        Ok(())
    }
}
