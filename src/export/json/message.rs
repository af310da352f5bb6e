//! One message in the common model, with its spans and its feedback.

use std::io;

use super::block;
use super::writer::JsonWriter;
use crate::domain::{Feedback, Message, Role, Side, Span, SpanError, Timestamp, Usage};
use crate::export::{ExportedMessage, status_word};

/// Writes a message as one object.
pub fn write_message(json: &mut JsonWriter<'_>, item: &ExportedMessage<'_>) -> io::Result<()> {
    let ExportedMessage { message, raw, .. } = *item;
    json.object(|json| {
        json.field("id", &message.id)?;
        json.field("index", item.index)?;
        json.field("role", message.role_name())?;
        write_timestamp(json, ["created_at", "created_at_text"], message.created_at, &message.created_text)?;
        json.field("status", status_word(message.status, &message.status_text))?;
        json.field("duration_ms", message.duration_ms)?;
        write_sides(json, message, raw)?;
        write_strings(json, "models", &message.models)?;
        write_usage(json, message.usage.as_ref())?;
        write_error(json, message.error.as_ref())?;
        json.key("spans")?;
        json.array(|json| message.spans.iter().try_for_each(|one| write_span(json, one, raw)))?;
        json.key("feedback")?;
        json.array(|json| message.feedback.iter().try_for_each(|one| write_feedback(json, one)))?;
        if !message.read_errors.is_empty() {
            write_strings(json, "faults", &message.read_errors)?;
        }
        Ok(())
    })
}

/// A time, and as it came where it could not be read.
fn write_timestamp(
    json: &mut JsonWriter<'_>,
    [name, name_text]: [&'static str; 2],
    stamp: Option<Timestamp>,
    text: &str,
) -> io::Result<()> {
    json.field(name, stamp)?;
    if stamp.is_none() && !text.is_empty() {
        json.field(name_text, text)?;
    }
    Ok(())
}

fn write_strings(json: &mut JsonWriter<'_>, name: &'static str, words: &[String]) -> io::Result<()> {
    json.key(name)?;
    json.array(|json| words.iter().try_for_each(|word| json.value(word)))
}

/// A turn has a text for each side, another message one text; blocks follow where there is more than text.
fn write_sides(json: &mut JsonWriter<'_>, message: &Message, raw: &[u8]) -> io::Result<()> {
    if message.role != Role::Turn {
        let text: Vec<String> = message.sides.iter().map(Side::text).collect();
        json.field("text", &text.join("\n\n"))?;
        return write_blocks(json, "blocks", message.sides.iter(), raw);
    }
    let of = |role: Role| message.sides.iter().filter(move |side| side.role == role);
    let text = |role| of(role).map(Side::text).collect::<Vec<_>>().join("\n\n");
    json.field("user", &text(Role::User))?;
    json.field("assistant", &text(Role::Assistant))?;
    write_blocks(json, "user_blocks", of(Role::User), raw)?;
    write_blocks(json, "assistant_blocks", of(Role::Assistant), raw)
}

fn write_blocks<'a>(
    json: &mut JsonWriter<'_>,
    name: &'static str,
    sides: impl Iterator<Item = &'a Side>,
    raw: &[u8],
) -> io::Result<()> {
    let all: Vec<_> = sides.flat_map(|side| &side.blocks).collect();
    if all.iter().all(|block| block.plain_text().is_some()) {
        return Ok(());
    }
    json.key(name)?;
    json.array(|json| all.iter().try_for_each(|one| block::write_block(json, one, raw)))
}

/// Tokens and money under `usage`, null where nothing is known.
pub fn write_usage(json: &mut JsonWriter<'_>, usage: Option<&Usage>) -> io::Result<()> {
    json.key("usage")?;
    let Some(usage) = usage else { return json.value(None::<i64>) };
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

fn write_span(json: &mut JsonWriter<'_>, span: &Span, raw: &[u8]) -> io::Result<()> {
    json.object(|json| {
        json.field("id", &span.id)?;
        json.field("name", &span.name)?;
        json.field("operation", &span.operation)?;
        json.field("status", status_word(span.status, &span.status_text))?;
        json.field("trace_id", span.trace_id.as_deref())?;
        json.field("parent_id", span.parent_id.as_deref())?;
        json.field("start", span.start)?;
        json.field("end", span.end)?;
        json.field("duration_ms", span.duration_ms)?;
        for (name, piece) in [
            ("input", span.input),
            ("output", span.output),
            ("expected", span.expected),
            ("metadata", span.metadata),
        ] {
            json.key(name)?;
            json.embed(piece.slice(raw))?;
        }
        write_error(json, span.error.as_ref())?;
        write_strings(json, "models", &span.models)?;
        write_usage(json, span.usage.as_ref())
    })
}

/// One piece of feedback as an object.
pub fn write_feedback(json: &mut JsonWriter<'_>, feedback: &Feedback) -> io::Result<()> {
    json.object(|json| {
        json.field("id", &feedback.id)?;
        json.field("sentiment", &feedback.sentiment_text)?;
        json.field("description", &feedback.description)?;
        write_timestamp(json, ["created_at", "created_at_text"], feedback.created_at, &feedback.created_text)
    })
}
