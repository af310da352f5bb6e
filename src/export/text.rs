//! The thread as a conversation to read: who said what and when, tools, then the outline of the trace and what people
//! thought of the answer. Everything passes the gate; times are in UTC, so that the same thread reads the same
//! everywhere.

mod blocks;

use std::io::{self, Write};

use super::{Document, Item, Lost, Writer, facts, outline};
use crate::domain::{Feedback, Message, Role, Side, Span};
use crate::text::{Safe, number};

/// Writes the thread as text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conversation;

impl Writer for Conversation {
    fn begin(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        writeln!(out, "{}", facts::title(document))?;
        let facts = facts::thread(document).into_iter().map(|(label, value)| match label {
            "Service" => format!("{value} thread"),
            "Thread" => value,
            _ => format!("{}: {value}", label.to_lowercase()),
        });
        writeln!(out, "{}", facts.collect::<Vec<_>>().join(" · "))
    }

    fn message(&mut self, out: &mut dyn Write, _: &Document<'_>, item: &Item<'_>) -> io::Result<()> {
        let message = item.message;
        writeln!(out, "\n{}", heading(item))?;
        for fault in &message.faults {
            writeln!(out, "! {}", Safe::line(fault))?;
        }
        if let Some(error) = &message.error {
            writeln!(out, "✗ {}", outline::failure(error))?;
        }
        for side in &message.sides {
            self::side(out, message, side, item.raw)?;
        }
        trace(out, &message.spans)?;
        message.feedback.iter().try_for_each(|one| feedback(out, one))
    }

    fn lost(&mut self, out: &mut dyn Write, _: &Document<'_>, lost: &Lost<'_>) -> io::Result<()> {
        writeln!(out, "\n── {} ── unreadable: {}", lost.number, Safe::line(lost.reason))
    }

    fn end(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        document.oddities.iter().try_for_each(|oddity| writeln!(out, "\nnote: {}", Safe::line(oddity)))
    }
}

/// Number and facts in one line.
fn heading(item: &Item<'_>) -> String {
    let mut facts = vec![item.number.to_string()];
    facts.extend(facts::message(item).into_iter().map(|(label, value)| match label {
        "Tokens" => format!("{value} tokens"),
        _ => value,
    }));
    format!("── {}", facts.join(" ── "))
}

fn side(out: &mut dyn Write, message: &Message, side: &Side, raw: &[u8]) -> io::Result<()> {
    let name = side.role_text.as_deref().unwrap_or(side.role.word());
    writeln!(out, "{}:", Safe::line(name))?;
    if side.blocks.is_empty() {
        let due = message.role == Role::Turn && side.role == Role::Assistant;
        return writeln!(out, "  {}", if due { "(no answer)" } else { "(empty)" });
    }
    side.blocks.iter().try_for_each(|block| blocks::write(out, block, raw, 2))
}

/// The spans as a tree.
fn trace(out: &mut dyn Write, spans: &[Span]) -> io::Result<()> {
    if spans.is_empty() {
        return Ok(());
    }
    let (lines, failed) = outline::lines(spans, outline::SHOWN);
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    writeln!(out, "trace: {}{failed}", number::counted(spans.len(), "span"))?;
    lines.iter().try_for_each(|line| writeln!(out, "  {line}"))
}

fn feedback(out: &mut dyn Write, feedback: &Feedback) -> io::Result<()> {
    write!(out, "feedback: {}", Safe::line(&feedback.sentiment_text))?;
    if let Some(at) = feedback.created_at {
        write!(out, " ({})", facts::moment(at))?;
    }
    if feedback.description.is_empty() {
        return writeln!(out);
    }
    writeln!(out)?;
    blocks::indented(out, &feedback.description, 2)
}
