//! The thread as a conversation to read: who said what and when, tools, then the outline of the trace and what people
//! thought of the answer. Everything passes the gate; times are in UTC, so that the same thread reads the same
//! everywhere.

mod blocks;

use std::io::{self, Write};

use super::{ExportedMessage, ExportedThread, Unreadable, Writer, metadata, span_tree};
use crate::domain::{Feedback, Message, Role, Side, Span};
use crate::text::{Safe, number};

/// Writes the thread as text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conversation;

impl Writer for Conversation {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        writeln!(out, "{}", metadata::title(document))?;
        let facts = metadata::thread_fields(document).into_iter().map(|(label, value)| match label {
            "Service" => format!("{value} thread"),
            "Thread" => value,
            _ => format!("{}: {value}", label.to_lowercase()),
        });
        writeln!(out, "{}", facts.collect::<Vec<_>>().join(" · "))
    }

    fn write_message(
        &mut self,
        out: &mut dyn Write,
        _: &ExportedThread<'_>,
        item: &ExportedMessage<'_>,
    ) -> io::Result<()> {
        let message = item.message;
        writeln!(out, "\n{}", message_heading(item))?;
        for fault in &message.read_errors {
            writeln!(out, "! {}", Safe::line(fault))?;
        }
        if let Some(error) = &message.error {
            writeln!(out, "✗ {}", span_tree::error_line(error))?;
        }
        for side in &message.sides {
            write_side(out, message, side, item.raw)?;
        }
        write_trace(out, &message.spans)?;
        message.feedback.iter().try_for_each(|one| write_feedback(out, one))
    }

    fn write_unreadable(
        &mut self,
        out: &mut dyn Write,
        _: &ExportedThread<'_>,
        lost: &Unreadable<'_>,
    ) -> io::Result<()> {
        writeln!(out, "\n── {} ── unreadable: {}", lost.number, Safe::line(lost.reason))
    }

    fn end(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        document.warnings.iter().try_for_each(|oddity| writeln!(out, "\nnote: {}", Safe::line(oddity)))
    }
}

/// Number and facts in one line.
fn message_heading(item: &ExportedMessage<'_>) -> String {
    let mut facts = vec![item.number.to_string()];
    facts.extend(metadata::message_fields(item).into_iter().map(|(label, value)| match label {
        "Tokens" => format!("{value} tokens"),
        _ => value,
    }));
    format!("── {}", facts.join(" ── "))
}

fn write_side(out: &mut dyn Write, message: &Message, side: &Side, raw: &[u8]) -> io::Result<()> {
    let name = side.role_text.as_deref().unwrap_or(side.role.as_str());
    writeln!(out, "{}:", Safe::line(name))?;
    if side.blocks.is_empty() {
        let due = message.role == Role::Turn && side.role == Role::Assistant;
        return writeln!(out, "  {}", if due { "(no answer)" } else { "(empty)" });
    }
    side.blocks.iter().try_for_each(|block| blocks::write_block(out, block, raw, 2))
}

/// The spans as a tree.
fn write_trace(out: &mut dyn Write, spans: &[Span]) -> io::Result<()> {
    if spans.is_empty() {
        return Ok(());
    }
    let (lines, failed) = span_tree::lines(spans, span_tree::MAX_SPANS);
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    writeln!(out, "trace: {}{failed}", number::pluralize(spans.len(), "span"))?;
    lines.iter().try_for_each(|line| writeln!(out, "  {line}"))
}

fn write_feedback(out: &mut dyn Write, feedback: &Feedback) -> io::Result<()> {
    write!(out, "feedback: {}", Safe::line(&feedback.sentiment_text))?;
    if let Some(at) = feedback.created_at {
        write!(out, " ({})", metadata::format_time(at))?;
    }
    if feedback.description.is_empty() {
        return writeln!(out);
    }
    writeln!(out)?;
    blocks::write_indented(out, &feedback.description, 2)
}
