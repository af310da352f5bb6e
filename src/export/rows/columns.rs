//! The columns of threads, messages, spans and feedback. They are documented and stable: new names are only added at the
//! end.

use std::io;

use super::{Cell, Row, SCHEMA_VERSION};
use crate::domain::{Block, ByteRange, Feedback, Message, Role, Span, SpanError, Timestamp, Usage};
use crate::export::json::{JsonWriter, to_strict_json, write_block};
use crate::export::service_fields::{render, write_members, write_message_fields, write_span_fields};
use crate::export::time::rfc3339;
use crate::export::usage_shares::UsageShares;
use crate::export::{ExportedMessage, ExportedThread, SpanDetails, Unreadable, side_text, status_word};
use crate::json::Value;
use crate::trace::{Forest, message_usage_with, turn_time_range};

/// Returns the kind of a row, and the thread that it belongs to.
pub(super) fn thread_columns(document: &ExportedThread<'_>, kind: &'static str) -> Row {
    vec![
        ("type", Cell::text(kind)),
        ("service", Cell::text(document.provider.id())),
        ("thread_id", document.thread.id.as_deref().into()),
    ]
}

/// Returns the row of a message.
pub fn message_row(item: &ExportedMessage<'_>) -> Row {
    let message = item.message;
    let is_turn = message.role == Role::Turn;
    let text = |role: Option<Role>| match role.is_some() == is_turn {
        true => Cell::text(side_text(message, role)),
        false => Cell::Null,
    };
    let feedback = message.main_feedback();
    let forest = Forest::new(&message.spans);
    let own = UsageShares::new(message, &forest).message;
    let mut row = thread_columns(item.document, "message");
    row.extend([
        ("message_id", Cell::text(&message.id)),
        ("number", Cell::count(item.number)),
        ("body_index", Cell::Int(i64::from(item.index))),
        ("role", Cell::text(message.role_name())),
        ("created_at", message.created_at.into()),
        ("status", status_word(message.status, &message.status_text).into()),
        ("reported_ms", message.duration_ms.into()),
        ("duration_ms", measured_ms(message, &forest).into()),
        ("question", text(Some(Role::User))),
        ("answer", text(Some(Role::Assistant))),
        ("text", text(None)),
        ("models", joined_cell(&message.models)),
    ]);
    row.extend(usage_columns(Some(&message_usage_with(message, &forest))));
    row.extend(error_columns(message.error.as_ref()));
    row.extend([
        ("span_count", Cell::count(message.spans.len())),
        ("failed_span_count", Cell::count(message.spans.iter().filter(|span| span.is_failed()).count())),
        ("sentiment", feedback.map(|feedback| feedback.sentiment_text.as_str()).into()),
        ("feedback", feedback.map(|feedback| feedback.description.as_str()).into()),
        ("created_at_text", time_text_cell(message.created_at, &message.created_text)),
    ]);
    row.extend(own_usage_columns(&own));
    row.extend([
        ("reasoning", Cell::from(reasoning(message).as_deref())),
        ("other_blocks", other_blocks_cell(message, item.raw)),
        ("fields", json_cell(|json| write_message_fields(json, item.raw))),
        ("read_errors", joined_cell(&message.read_errors)),
        ("note", note_cell(item, None)),
    ]);
    row
}

/// Returns the user's note on a message or on one of its spans; empty for a bookmark.
fn note_cell(item: &ExportedMessage<'_>, span_id: Option<&str>) -> Cell {
    let notes = item.document.notes.of_message(&item.message.id);
    notes.iter().find(|note| note.place.span_id.as_deref() == span_id).map(|note| note.text.as_str()).into()
}

/// Returns the time from the start of a turn to its end, from its own times and those of its spans.
pub fn measured_ms(message: &Message, forest: &Forest) -> Option<f64> {
    let is_known = message.duration_ms.is_some() || !forest.is_empty();
    let range = turn_time_range(message.created_at, message.duration_ms, forest);
    is_known.then(|| range.micros() as f64 / 1000.0)
}

/// Returns the model's reasoning, separated by blank lines.
fn reasoning(message: &Message) -> Option<String> {
    let blocks = message.sides.iter().flat_map(|side| &side.blocks);
    let thoughts: Vec<&str> = blocks
        .filter_map(|block| if let Block::Thinking(text) = block { Some(text.as_str()) } else { None })
        .collect();
    (!thoughts.is_empty()).then(|| thoughts.join("\n\n"))
}

/// Returns the blocks that are in no other column or row.
fn other_blocks_cell(message: &Message, raw: &[u8]) -> Cell {
    let blocks = message.sides.iter().flat_map(|side| &side.blocks);
    let mut others = blocks.filter(|block| matches!(block, Block::Json { .. })).peekable();
    if others.peek().is_none() {
        return Cell::Null;
    }
    json_cell(|json| json.array(|json| others.try_for_each(|block| write_block(json, block, raw))))
}

/// Creates a cell of JSON text.
pub(super) fn json_cell(fill: impl FnOnce(&mut JsonWriter<'_>) -> io::Result<()>) -> Cell {
    Cell::text(render(fill))
}

/// Returns the row of the thread.
pub fn thread_row(document: &ExportedThread<'_>) -> Row {
    let thread = document.thread;
    let warnings = |json: &mut JsonWriter<'_>| {
        json.array(|json| document.warnings.iter().try_for_each(|warning| json.value(warning.as_str())))
    };
    let mut row = thread_columns(document, "thread");
    row.extend([
        ("schema_version", Cell::Int(SCHEMA_VERSION)),
        ("title", thread.title.as_deref().into()),
        ("created_at", thread.created_at.into()),
        ("updated_at", thread.updated_at.into()),
        ("archived_at", thread.archived_at.into()),
        ("message_count", thread.message_count.into()),
        ("messages_read", Cell::count(document.summaries.len())),
        (
            "fields",
            json_cell(|json| {
                json.object(|json| write_members(json, Value::of(&thread.envelope), &["messages"]))
            }),
        ),
        (
            "details",
            thread.details.as_deref().map_or(Cell::Null, |details| json_cell(|json| json.embed(details))),
        ),
        ("warnings", json_cell(warnings)),
    ]);
    row
}

/// Returns the row of a span; its payloads are JSON text.
pub fn span_row(item: &ExportedMessage<'_>, span: &Span, details: &SpanDetails) -> Row {
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
        ("depth", details.depth.map(i64::from).into()),
        ("name", Cell::text(&span.name)),
        ("operation", Cell::text(&span.operation)),
        ("status", status_word(span.status, &span.status_text).into()),
        ("started_at", span.start.into()),
        ("ended_at", span.end.into()),
        ("reported_ms", span.duration_ms.into()),
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
        ("started_at_text", time_text_cell(span.start, &span.start_text)),
        ("ended_at_text", time_text_cell(span.end, &span.end_text)),
    ]);
    row.extend(own_usage_columns(&details.own_usage));
    row.push(("fields", json_cell(|json| write_span_fields(json, span.raw.slice(item.raw)))));
    row.push(("note", note_cell(item, Some(&span.id))));
    row
}

/// Returns the row of a feedback entry.
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

/// Returns the row of an unreadable message.
pub fn unreadable_row(message: &Unreadable<'_>) -> Row {
    let mut row = thread_columns(message.document, "unreadable");
    row.extend([
        ("number", Cell::count(message.number)),
        ("body_index", Cell::Int(i64::from(message.index))),
        ("reason", Cell::text(message.reason)),
    ]);
    row
}

/// Returns the text of a time that cannot be parsed.
pub(super) fn time_text_cell(stamp: Option<Timestamp>, text: &str) -> Cell {
    Some(text).filter(|text| stamp.and_then(rfc3339).is_none() && !text.is_empty()).into()
}

fn joined_cell(words: &[String]) -> Cell {
    if words.is_empty() { Cell::Null } else { Cell::text(words.join(", ")) }
}

/// Returns tokens and cost as columns.
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

/// Returns tokens and cost without those of the spans below, so that a sum over messages and spans counts nothing twice.
fn own_usage_columns(usage: &Usage) -> [(&'static str, Cell); 6] {
    [
        ("own_input_tokens", usage.input_tokens.into()),
        ("own_output_tokens", usage.output_tokens.into()),
        ("own_cached_tokens", usage.cached_tokens.into()),
        ("own_reasoning_tokens", usage.reasoning_tokens.into()),
        ("own_total_tokens", usage.total().into()),
        ("own_cost_usd", usage.cost_usd.into()),
    ]
}

fn error_columns(error: Option<&SpanError>) -> [(&'static str, Cell); 3] {
    [
        ("error_type", error.map(|error| error.kind.as_str()).into()),
        ("error_message", error.map(|error| error.message.as_str()).into()),
        (
            "error_category",
            error.map(|error| error.category.as_str()).filter(|category| !category.is_empty()).into(),
        ),
    ]
}
