//! The columns of each kind of row. They are documented and stay: names are only ever added, at the end.

use super::{Cell, Row};
use crate::domain::{Feedback, Message, Role, Side, Span, SpanError, Usage};
use crate::export::json::to_strict_json;
use crate::export::{ExportedMessage, ExportedThread, Unreadable, status_word};

/// Which thread a row belongs to.
fn thread_columns(document: &ExportedThread<'_>, kind: &'static str) -> Row {
    vec![
        ("type", Cell::text(kind)),
        ("service", Cell::text(document.provider.id())),
        ("thread_id", document.thread.id.as_deref().into()),
    ]
}

/// A message in one row.
pub fn message_row(document: &ExportedThread<'_>, item: &ExportedMessage<'_>) -> Row {
    let message = item.message;
    let side = |role: Role| {
        let texts = message.sides.iter().filter(|side| side.role == role).map(Side::text);
        texts.collect::<Vec<_>>().join("\n\n")
    };
    let is_turn = message.role == Role::Turn;
    let other = || message.sides.iter().map(Side::text).collect::<Vec<_>>().join("\n\n");
    let mut row = thread_columns(document, "message");
    row.extend([
        ("message_id", Cell::text(&message.id)),
        ("number", Cell::count(item.number)),
        ("index", Cell::Int(i64::from(item.index))),
        ("role", Cell::text(message.role_name())),
        ("created_at", message.created_at.into()),
        ("status", status_word(message.status, &message.status_text).into()),
        ("duration_ms", message.duration_ms.into()),
        ("user", if is_turn { Cell::text(side(Role::User)) } else { Cell::Null }),
        ("assistant", if is_turn { Cell::text(side(Role::Assistant)) } else { Cell::Null }),
        ("text", if is_turn { Cell::Null } else { Cell::text(other()) }),
        ("models", joined_cell(&message.models)),
    ]);
    row.extend(usage_columns(message.usage.as_ref()));
    row.extend(error_columns(message.error.as_ref()));
    row.extend([
        ("spans", Cell::count(message.spans.len())),
        ("span_errors", Cell::count(message.spans.iter().filter(|span| span.is_failed()).count())),
        ("sentiment", message.feedback.first().map(|one| one.sentiment_text.as_str()).into()),
        ("feedback", message.feedback.first().map(|one| one.description.as_str()).into()),
    ]);
    row
}

/// A span in one row; its payloads are JSON in text.
pub fn span_row(
    document: &ExportedThread<'_>,
    item: &ExportedMessage<'_>,
    span: &Span,
    depth: Option<u32>,
) -> Row {
    let payload = |piece: crate::domain::ByteRange| match piece.slice(item.raw) {
        [] => Cell::Null,
        bytes => Cell::text(to_strict_json(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes))),
    };
    let mut row = thread_columns(document, "span");
    row.extend([
        ("message_id", Cell::text(&item.message.id)),
        ("number", Cell::count(item.number)),
        ("span_id", Cell::text(&span.id)),
        ("parent_id", span.parent_id.as_deref().into()),
        ("trace_id", span.trace_id.as_deref().into()),
        ("depth", depth.map(i64::from).into()),
        ("name", Cell::text(&span.name)),
        ("operation", Cell::text(&span.operation)),
        ("status", status_word(span.status, &span.status_text).into()),
        ("start", span.start.into()),
        ("end", span.end.into()),
        ("duration_ms", span.duration_micros().map(|micros| micros as f64 / 1000.0).into()),
        ("models", joined_cell(&span.models)),
    ]);
    row.extend(usage_columns(span.usage.as_ref()));
    row.extend(error_columns(span.error.as_ref()));
    row.extend([
        ("input", payload(span.input)),
        ("output", payload(span.output)),
        ("expected", payload(span.expected)),
        ("metadata", payload(span.metadata)),
    ]);
    row
}

/// A piece of feedback in one row.
pub fn feedback_row(
    document: &ExportedThread<'_>,
    (number, message): (usize, &Message),
    feedback: &Feedback,
) -> Row {
    let mut row = thread_columns(document, "feedback");
    row.extend([
        ("message_id", Cell::text(&message.id)),
        ("number", Cell::count(number)),
        ("feedback_id", Cell::text(&feedback.id)),
        ("sentiment", Cell::text(&feedback.sentiment_text)),
        ("description", Cell::text(&feedback.description)),
        ("created_at", feedback.created_at.into()),
    ]);
    row
}

/// A message that could not be read.
pub fn unreadable_row(document: &ExportedThread<'_>, lost: &Unreadable<'_>) -> Row {
    let mut row = thread_columns(document, "unreadable");
    row.extend([
        ("number", Cell::count(lost.number)),
        ("index", Cell::Int(i64::from(lost.index))),
        ("reason", Cell::text(lost.reason)),
    ]);
    row
}

fn joined_cell(words: &[String]) -> Cell {
    if words.is_empty() { Cell::Null } else { Cell::text(words.join(", ")) }
}

/// Tokens and money, as columns.
pub fn usage_columns(usage: Option<&Usage>) -> [(&'static str, Cell); 6] {
    let none = Usage::default();
    let usage = usage.unwrap_or(&none);
    [
        ("input_tokens", usage.input_tokens.into()),
        ("output_tokens", usage.output_tokens.into()),
        ("cached_tokens", usage.cached_tokens.into()),
        ("reasoning_tokens", usage.reasoning_tokens.into()),
        ("total_tokens", usage.total().into()),
        ("cost_usd", usage.cost_usd.into()),
    ]
}

fn error_columns(error: Option<&SpanError>) -> [(&'static str, Cell); 2] {
    [
        ("error_type", error.map(|error| error.kind.as_str()).into()),
        ("error_message", error.map(|error| error.message.as_str()).into()),
    ]
}
