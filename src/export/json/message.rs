//! A message in the common model, with its spans and feedback.

use std::io;

use super::block;
use super::writer::JsonWriter;
use crate::domain::{Feedback, Message, Role, Side, Span, SpanError, Timestamp, Usage};
use crate::export::rows::measured_ms;
use crate::export::service_fields::{write_message_fields, write_span_fields};
use crate::export::time::rfc3339;
use crate::export::usage_shares::UsageShares;
use crate::export::{ExportedMessage, side_text, status_word};
use crate::trace::{Forest, message_usage_with};

/// Writes a message as one object.
pub fn write_message(json: &mut JsonWriter<'_>, item: &ExportedMessage<'_>) -> io::Result<()> {
    let ExportedMessage { message, raw, .. } = *item;
    let forest = Forest::new(&message.spans);
    let shares = UsageShares::new(message, &forest);
    let own = shares.by_span(&forest, message.spans.len());
    json.object(|json| {
        json.field("id", &message.id)?;
        json.field("index", item.index)?;
        json.field("role", message.role_name())?;
        write_timestamp(json, ["created_at", "created_at_text"], message.created_at, &message.created_text)?;
        json.field("status", status_word(message.status, &message.status_text))?;
        json.field("reported_ms", message.duration_ms)?;
        json.field("duration_ms", measured_ms(message, &forest))?;
        write_sides(json, message, raw)?;
        write_strings(json, "models", &message.models)?;
        write_usage(json, "usage", Some(&message_usage_with(message, &forest)))?;
        write_usage(json, "own_usage", Some(&shares.message))?;
        write_error(json, message.error.as_ref())?;
        json.key("spans")?;
        json.array(|json| {
            message.spans.iter().zip(&own).try_for_each(|(span, own)| write_span(json, (span, own), raw))
        })?;
        json.key("feedback")?;
        json.array(|json| message.feedback.iter().try_for_each(|feedback| write_feedback(json, feedback)))?;
        write_notes(json, item)?;
        if !message.read_errors.is_empty() {
            write_strings(json, "read_errors", &message.read_errors)?;
        }
        json.key("fields")?;
        write_message_fields(json, raw)
    })
}

/// Writes the user's notes on the message and its spans, if there are any.
fn write_notes(json: &mut JsonWriter<'_>, item: &ExportedMessage<'_>) -> io::Result<()> {
    let notes = item.document.notes.of_message(&item.message.id);
    if notes.is_empty() {
        return Ok(());
    }
    json.key("notes")?;
    json.array(|json| {
        notes.iter().try_for_each(|note| {
            json.object(|json| {
                json.field("span_id", note.place.span_id.as_deref())?;
                json.field("text", note.text.as_str())?;
                json.field("written_at", Some(note.written_at))
            })
        })
    })
}

/// Writes a time, and its text if the time is null.
fn write_timestamp(
    json: &mut JsonWriter<'_>,
    [name, name_text]: [&'static str; 2],
    stamp: Option<Timestamp>,
    text: &str,
) -> io::Result<()> {
    json.field(name, stamp)?;
    if stamp.and_then(rfc3339).is_none() && !text.is_empty() {
        json.field(name_text, text)?;
    }
    Ok(())
}

fn write_strings(json: &mut JsonWriter<'_>, name: &'static str, words: &[String]) -> io::Result<()> {
    json.key(name)?;
    json.array(|json| words.iter().try_for_each(|word| json.value(word)))
}

/// Writes a text for each side of a turn, or one text for another message; blocks follow if there is more than text.
fn write_sides(json: &mut JsonWriter<'_>, message: &Message, raw: &[u8]) -> io::Result<()> {
    if message.role != Role::Turn {
        json.field("text", side_text(message, None).as_ref())?;
        return write_blocks(json, "blocks", message.sides.iter(), raw);
    }
    json.field("user", side_text(message, Some(Role::User)).as_ref())?;
    json.field("assistant", side_text(message, Some(Role::Assistant)).as_ref())?;
    let sides = |role: Role| message.sides.iter().filter(move |side| side.role == role);
    write_blocks(json, "user_blocks", sides(Role::User), raw)?;
    write_blocks(json, "assistant_blocks", sides(Role::Assistant), raw)
}

fn write_blocks<'a>(
    json: &mut JsonWriter<'_>,
    name: &'static str,
    sides: impl Iterator<Item = &'a Side>,
    raw: &[u8],
) -> io::Result<()> {
    let blocks: Vec<_> = sides.flat_map(|side| &side.blocks).collect();
    if blocks.iter().all(|block| block.plain_text().is_some()) {
        return Ok(());
    }
    json.key(name)?;
    json.array(|json| blocks.iter().try_for_each(|block| block::write_block(json, block, raw)))
}

/// Writes tokens and cost; null if unknown.
fn write_usage(json: &mut JsonWriter<'_>, name: &'static str, usage: Option<&Usage>) -> io::Result<()> {
    json.key(name)?;
    let Some(usage) = usage.filter(|usage| !usage.is_empty()) else { return json.value(None::<i64>) };
    json.object(|json| {
        json.field("input_tokens", usage.input_tokens)?;
        json.field("output_tokens", usage.output_tokens)?;
        json.field("cached_tokens", usage.cached_tokens)?;
        json.field("reasoning_tokens", usage.reasoning_tokens)?;
        json.field("total_tokens", usage.total())?;
        json.field("cost_usd", usage.cost_usd)
    })
}

fn write_error(json: &mut JsonWriter<'_>, error: Option<&SpanError>) -> io::Result<()> {
    json.key("error")?;
    let Some(error) = error else { return json.value(None::<i64>) };
    json.object(|json| {
        json.field("type", &error.kind)?;
        json.field("message", &error.message)?;
        json.field("category", &error.category)
    })
}

fn write_span(json: &mut JsonWriter<'_>, (span, own): (&Span, &Usage), raw: &[u8]) -> io::Result<()> {
    json.object(|json| {
        json.field("id", &span.id)?;
        json.field("name", &span.name)?;
        json.field("operation", &span.operation)?;
        json.field("status", status_word(span.status, &span.status_text))?;
        json.field("trace_id", span.trace_id.as_deref())?;
        json.field("parent_id", span.parent_id.as_deref())?;
        write_timestamp(json, ["started_at", "started_at_text"], span.start, &span.start_text)?;
        write_timestamp(json, ["ended_at", "ended_at_text"], span.end, &span.end_text)?;
        json.field("reported_ms", span.duration_ms)?;
        json.field("duration_ms", span.duration_micros().map(|micros| micros as f64 / 1000.0))?;
        for (name, range) in [
            ("input", span.input),
            ("output", span.output),
            ("expected", span.expected),
            ("metadata", span.metadata),
        ] {
            json.key(name)?;
            json.embed(range.slice(raw))?;
        }
        write_error(json, span.error.as_ref())?;
        write_strings(json, "models", &span.models)?;
        write_usage(json, "usage", span.usage.as_ref())?;
        write_usage(json, "own_usage", Some(own))?;
        json.key("fields")?;
        write_span_fields(json, span.raw.slice(raw))
    })
}

/// Writes a feedback entry as an object.
fn write_feedback(json: &mut JsonWriter<'_>, feedback: &Feedback) -> io::Result<()> {
    json.object(|json| {
        json.field("id", &feedback.id)?;
        json.field("sentiment", &feedback.sentiment_text)?;
        json.field("description", &feedback.description)?;
        write_timestamp(json, ["created_at", "created_at_text"], feedback.created_at, &feedback.created_text)
    })
}
