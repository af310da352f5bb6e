//! The columns of each kind of row. They are documented and stable: new names are only added at the end.

use super::{Cell, Row};
use crate::domain::{ByteRange, Feedback, Message, Role, Span, SpanError, Timestamp, Usage};
use crate::export::json::to_strict_json;
use crate::export::time::rfc3339;
use crate::export::{ExportedMessage, ExportedThread, Unreadable, side_text, status_word};
use crate::trace::message_usage;

/// The kind of a row, and the thread that it belongs to.
fn thread_columns(document: &ExportedThread<'_>, kind: &'static str) -> Row {
    vec![
        ("type", Cell::text(kind)),
        ("service", Cell::text(document.provider.id())),
        ("thread_id", document.thread.id.as_deref().into()),
    ]
}

/// The row of a message.
pub fn message_row(item: &ExportedMessage<'_>) -> Row {
    let message = item.message;
    let is_turn = message.role == Role::Turn;
    let text = |role: Option<Role>| match role.is_some() == is_turn {
        true => Cell::text(side_text(message, role)),
        false => Cell::Null,
    };
    let feedback = message.main_feedback();
    let mut row = thread_columns(item.document, "message");
    row.extend([
        ("message_id", Cell::text(&message.id)),
        ("number", Cell::count(item.number)),
        ("index", Cell::Int(i64::from(item.index))),
        ("role", Cell::text(message.role_name())),
        ("created_at", message.created_at.into()),
        ("status", status_word(message.status, &message.status_text).into()),
        ("duration_ms", message.duration_ms.into()),
        ("user", text(Some(Role::User))),
        ("assistant", text(Some(Role::Assistant))),
        ("text", text(None)),
        ("models", joined_cell(&message.models)),
    ]);
    row.extend(usage_columns(Some(&message_usage(message))));
    row.extend(error_columns(message.error.as_ref()));
    row.extend([
        ("spans", Cell::count(message.spans.len())),
        ("span_errors", Cell::count(message.spans.iter().filter(|span| span.is_failed()).count())),
        ("sentiment", feedback.map(|feedback| feedback.sentiment_text.as_str()).into()),
        ("feedback", feedback.map(|feedback| feedback.description.as_str()).into()),
        ("created_at_text", time_text_cell(message.created_at, &message.created_text)),
    ]);
    row
}

/// The row of a span; its payloads are JSON text.
pub fn span_row(item: &ExportedMessage<'_>, span: &Span, depth: Option<u32>) -> Row {
    let payload = |range: ByteRange| match range.slice(item.raw) {
        [] => Cell::Null,
        bytes => Cell::text(to_strict_json(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes))),
    };
    let mut row = thread_columns(item.document, "span");
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
        ("start_text", time_text_cell(span.start, &span.start_text)),
        ("end_text", time_text_cell(span.end, &span.end_text)),
    ]);
    row
}

/// The row of a feedback entry.
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
        ("created_at_text", time_text_cell(feedback.created_at, &feedback.created_text)),
    ]);
    row
}

/// The row of an unreadable message.
pub fn unreadable_row(message: &Unreadable<'_>) -> Row {
    let mut row = thread_columns(message.document, "unreadable");
    row.extend([
        ("number", Cell::count(message.number)),
        ("index", Cell::Int(i64::from(message.index))),
        ("reason", Cell::text(message.reason)),
    ]);
    row
}

/// The text of a time that cannot be given as one.
fn time_text_cell(stamp: Option<Timestamp>, text: &str) -> Cell {
    Some(text).filter(|text| stamp.and_then(rfc3339).is_none() && !text.is_empty()).into()
}

fn joined_cell(words: &[String]) -> Cell {
    if words.is_empty() { Cell::Null } else { Cell::text(words.join(", ")) }
}

/// Tokens and cost as columns.
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
