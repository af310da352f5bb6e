//! The thread as a conversation to read: who said what and when, tools, then the outline of the trace and what people
//! thought of the answer. Everything passes the gate; times are in UTC, so that the same thread reads the same
//! everywhere.

mod blocks;

use std::io::{self, Write};

use jiff::tz::TimeZone;

use super::{Document, Item, Lost, Writer};
use crate::domain::{Feedback, Message, Role, Side, Span, SpanError, Stamp};
use crate::text::{Safe, number, time};
use crate::trace::{Flags, Forest};

/// Spans of one message that the outline shows.
const SPANS_SHOWN: usize = 200;

/// How deep the outline is indented at most.
const DEEPEST: usize = 24;

/// Writes the thread as text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conversation;

impl Writer for Conversation {
    fn begin(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        let thread = document.thread;
        let title = thread.title.as_deref().filter(|title| !title.trim().is_empty());
        writeln!(out, "{}", Safe::line(title.unwrap_or("(no title)")))?;
        let mut facts = vec![format!("{} thread", document.provider.name())];
        facts.extend(thread.id.as_ref().map(|id| Safe::line(id).into_string()));
        facts.push(number::counted(document.heads.len(), "message"));
        facts.extend(thread.created_at.map(|at| format!("created {}", moment(at))));
        facts.extend(thread.archived_at.map(|at| format!("archived {}", moment(at))));
        writeln!(out, "{}", facts.join(" · "))
    }

    fn message(&mut self, out: &mut dyn Write, _: &Document<'_>, item: &Item<'_>) -> io::Result<()> {
        let message = item.message;
        writeln!(out, "\n{}", heading(item))?;
        for fault in &message.faults {
            writeln!(out, "! {}", Safe::line(fault))?;
        }
        if let Some(error) = &message.error {
            writeln!(out, "✗ {}", failure(error))?;
        }
        for side in &message.sides {
            self::side(out, message, side, item.raw)?;
        }
        outline(out, &message.spans)?;
        message.feedback.iter().try_for_each(|one| feedback(out, one))
    }

    fn lost(&mut self, out: &mut dyn Write, _: &Document<'_>, lost: &Lost<'_>) -> io::Result<()> {
        writeln!(out, "\n── {} ── unreadable: {}", lost.number, Safe::line(lost.reason))
    }

    fn end(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        document.oddities.iter().try_for_each(|oddity| writeln!(out, "\nnote: {}", Safe::line(oddity)))
    }
}

fn moment(stamp: Stamp) -> String {
    format!("{} {} UTC", time::date(stamp, &TimeZone::UTC), time::clock(stamp, &TimeZone::UTC))
}

/// Number, time, status, duration, models, tokens and id in one line.
fn heading(item: &Item<'_>) -> String {
    let message = item.message;
    let mut facts = vec![item.number.to_string()];
    match message.created_at {
        Some(at) => facts.push(moment(at)),
        None if !message.created_text.is_empty() => {
            facts.push(Safe::line(&message.created_text).into_string());
        }
        None => {}
    }
    if !message.status_text.is_empty() {
        facts.push(Safe::line(&message.status_text).into_string());
    }
    facts.extend(message.duration_ms.map(|ms| number::duration(Some(ms.saturating_mul(1000)))));
    if !message.models.is_empty() {
        facts.push(Safe::line(&message.models.join(", ")).into_string());
    }
    let usage = message.usage.as_ref();
    facts.extend(usage.and_then(|usage| usage.total()).map(|n| format!("{} tokens", number::tokens(n))));
    facts.extend(usage.and_then(|usage| usage.cost_usd).map(number::money));
    if !message.id.is_empty() {
        facts.push(Safe::line(&message.id).into_string());
    }
    format!("── {}", facts.join(" ── "))
}

fn failure(error: &SpanError) -> String {
    let kind = if error.kind.is_empty() { "error" } else { &error.kind };
    Safe::line(&format!("{kind}: {}", error.message)).into_string()
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
fn outline(out: &mut dyn Write, spans: &[Span]) -> io::Result<()> {
    if spans.is_empty() {
        return Ok(());
    }
    let forest = Forest::new(spans);
    let failed = forest.nodes().iter().filter(|node| node.flags.has(Flags::FAILED)).count();
    let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
    writeln!(out, "trace: {}{failed}", number::counted(spans.len(), "span"))?;
    for node in forest.nodes().iter().take(SPANS_SHOWN) {
        let Some(span) = spans.get(node.span as usize) else { continue };
        let indent = " ".repeat(2 + 2 * (node.depth as usize).min(DEEPEST));
        writeln!(out, "{indent}{}", step(span, node.flags))?;
    }
    if forest.len() > SPANS_SHOWN {
        writeln!(out, "  … and {} more", forest.len() - SPANS_SHOWN)?;
    }
    Ok(())
}

fn step(span: &Span, flags: Flags) -> String {
    let mark = match () {
        () if flags.has(Flags::FAILED) => "✗",
        () if flags.has(Flags::CANCELED) => "⊘",
        () if flags.has(Flags::UNFINISHED) => "…",
        () => "•",
    };
    let mut text = format!("{mark} {}", Safe::line(&span.name));
    if span.operation != span.name {
        text.push_str(&format!(" [{}]", Safe::line(&span.operation)));
    }
    text.push_str(&format!(" {}", number::duration(span.measured_micros())));
    if let Some(error) = &span.error {
        text.push_str(&format!(" ({})", failure(error)));
    }
    text
}

fn feedback(out: &mut dyn Write, feedback: &Feedback) -> io::Result<()> {
    write!(out, "feedback: {}", Safe::line(&feedback.sentiment_text))?;
    if let Some(at) = feedback.created_at {
        write!(out, " ({})", moment(at))?;
    }
    if feedback.description.is_empty() {
        return writeln!(out);
    }
    writeln!(out)?;
    blocks::indented(out, &feedback.description, 2)
}
