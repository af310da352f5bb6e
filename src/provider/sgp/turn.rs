//! A turn: its summary for the list, and the complete message. Both read the same fields in the same way.

use super::span::SpanCounts;
use super::turn_text::{self, Speaker};
use super::{span, span_error};
use crate::domain::{
    ByteRange, Feedback, Message, MessageFlags, MessageSummary, Raw, Role, Sentiment, Side, Status,
};
use crate::json::{Kind, Value};
use crate::provider::{fields, usage};

/// The parts of a message, and the reason if it is unreadable.
struct Parts<'a> {
    entry: Value<'a>,
    spans: Option<Value<'a>>,
    feedback: Option<Value<'a>>,
    read_error: Option<String>,
}

impl<'a> Parts<'a> {
    fn of(message: &'a [u8]) -> Self {
        let (members, error) = fields::pick_checked(Value::of(message), PART_KEYS);
        Self::from_members(members, error)
    }

    /// Reads the parts like `of`, and counts the spans in the same walk, because they are most of a message.
    fn with_span_counts(message: &'a [u8]) -> (Self, SpanCounts) {
        let message = Value::of(message);
        let (mut values, mut counts) = ([None; 3], SpanCounts::default());
        let mut members = message.members();
        loop {
            let mut visited = SpanCounts::default();
            let next = members.next_visiting(|key| key.is("spans"), |span| visited.add(span));
            let Some((key, value, whole)) = next else { break };
            let Some(index) = PART_KEYS.iter().position(|name| key.is(name)) else { continue };
            let value = Some(value).filter(|value| value.kind() != Kind::Null);
            if key.is("spans") {
                counts =
                    if whole.is_some() { visited } else { value.map(SpanCounts::of).unwrap_or_default() };
            }
            values.iter_mut().skip(index).take(1).for_each(|slot| *slot = value);
        }
        (Self::from_members(values, fields::object_error(message, &members)), counts)
    }

    fn from_members([entry, spans, feedback]: [Option<Value<'a>>; 3], error: Option<String>) -> Self {
        let read_error = error.or_else(|| entry.is_none().then(|| "it has no \"entry\"".to_owned()));
        Self { entry: entry.unwrap_or(Value::of(b"")), spans, feedback, read_error }
    }
}

const PART_KEYS: [&str; 3] = ["entry", "spans", "feedback"];

const ENTRY_KEYS: [&str; 9] = [
    "id",
    "input",
    "output",
    "operation_status",
    "start_timestamp",
    "created_at",
    "duration_ms",
    "operation_metadata",
    "models",
];

/// The fields of an entry.
struct Entry<'a> {
    id: Option<Value<'a>>,
    input: Option<Value<'a>>,
    output: Option<Value<'a>>,
    status: Option<Value<'a>>,
    start: Option<Value<'a>>,
    created: Option<Value<'a>>,
    duration: Option<Value<'a>>,
    metadata: Option<Value<'a>>,
    models: Option<Value<'a>>,
    read_error: Option<String>,
}

impl<'a> Entry<'a> {
    fn of(entry: Value<'a>) -> Self {
        let ([id, input, output, status, start, created, duration, metadata, models], read_error) =
            fields::pick_checked(entry, ENTRY_KEYS);
        Self { id, input, output, status, start, created, duration, metadata, models, read_error }
    }

    fn status_text(&self) -> String {
        fields::text(self.status)
    }
}

/// Reads the summary for the message list.
pub(super) fn read_summary(raw: Raw, index: u32) -> MessageSummary {
    let bytes = raw.bytes();
    let (parts, counts) = Parts::with_span_counts(bytes);
    if let Some(reason) = parts.read_error {
        return MessageSummary::unreadable(raw, index, reason);
    }
    let entry = Entry::of(parts.entry);
    if let Some(reason) = entry.read_error {
        return MessageSummary::unreadable(raw, index, format!("its \"entry\": {reason}"));
    }
    let (preview, flags) = read_preview(bytes, &entry);
    MessageSummary {
        span_count: counts.spans,
        failed_span_count: counts.failed,
        id: fields::optional_byte_range(bytes, entry.id),
        preview,
        role: Role::Turn,
        status: entry.status.map_or(Status::Unknown, |status| Status::from_name(&status.text())),
        sentiment: parts.feedback.and_then(overall_sentiment),
        flags,
        time: [entry.start, entry.created].into_iter().flatten().find_map(fields::timestamp),
        duration_ms: entry.duration.and_then(Value::as_i64),
        ..MessageSummary::blank(raw.clone(), index)
    }
}

/// Returns the range of the question, or of the answer if there is none; as text if possible.
fn read_preview(message: &[u8], entry: &Entry<'_>) -> (ByteRange, MessageFlags) {
    let mut flags = MessageFlags::default();
    if turn_text::is_empty_output(entry.output) {
        flags |= MessageFlags::EMPTY_ANSWER;
    }
    if entry.output.is_some_and(turn_text::has_tool_calls) {
        flags |= MessageFlags::TOOLS;
    }
    let sides = [(entry.input, Speaker::User), (entry.output, Speaker::Assistant)];
    for (value, speaker) in sides {
        let Some(value) = value.filter(|value| !fields::is_blank(*value)) else { continue };
        let text = turn_text::text_of(value, speaker).filter(|text| !fields::is_blank(*text));
        let preview = text.unwrap_or(value);
        if preview.kind() != Kind::String {
            flags |= MessageFlags::PREVIEW_IS_JSON;
        }
        return (fields::byte_range(message, preview), flags);
    }
    (ByteRange::default(), flags)
}

/// Reads a complete turn. Unreadable parts become read errors; everything else is read anyway.
pub(super) fn read_message(raw: &[u8]) -> Message {
    let parts = Parts::of(raw);
    let entry = Entry::of(parts.entry);
    let mut read_errors = Vec::new();
    match (&parts.read_error, &entry.read_error) {
        (Some(reason), _) => read_errors.push(format!("this message cannot be read: {reason}")),
        (None, Some(reason)) => {
            read_errors.push(format!("the \"entry\" of this message cannot be read: {reason}"))
        }
        (None, None) => {}
    }
    let (created_at, created_text) = fields::first_timestamp([entry.start, entry.created]);
    let spans = match parts.spans {
        Some(list) if list.kind() == Kind::Array => span::read_spans(raw, list, &mut read_errors),
        Some(other) => {
            read_errors.push(format!("its spans are {}, not a list", fields::kind_name(other)));
            Vec::new()
        }
        None => Vec::new(),
    };
    let mut models = Vec::new();
    usage::add_models(&mut models, entry.models);
    usage::add_models(&mut models, entry.metadata.filter(|metadata| metadata.kind() == Kind::Object));
    Message {
        id: fields::text(entry.id),
        role: Role::Turn,
        created_at,
        created_text,
        status: Status::from_name(&entry.status_text()),
        status_text: entry.status_text(),
        duration_ms: entry.duration.and_then(Value::as_i64),
        sides: read_sides(raw, &entry),
        spans,
        feedback: parts
            .feedback
            .map(|feedback| read_all_feedback(feedback, &mut read_errors))
            .unwrap_or_default(),
        models,
        usage: usage::read_usage([entry.metadata, entry.output, Some(parts.entry)]),
        error: span_error::read_error(entry.metadata),
        fields: raw_fields(raw, &parts, &entry),
        read_errors,
    }
}

/// Reads only the feedback on a turn.
pub(super) fn read_feedback(raw: &[u8]) -> Vec<Feedback> {
    let feedback = Parts::of(raw).feedback;
    feedback.into_iter().flat_map(feedback_objects).map(read_feedback_object).collect()
}

fn read_sides(raw: &[u8], entry: &Entry<'_>) -> Vec<Side> {
    let user = turn_text::read_blocks(raw, entry.input, Speaker::User);
    let assistant = turn_text::read_blocks(raw, entry.output, Speaker::Assistant);
    vec![
        Side { role: Role::User, role_text: None, blocks: user },
        Side { role: Role::Assistant, role_text: None, blocks: assistant },
    ]
}

fn raw_fields(raw: &[u8], parts: &Parts<'_>, entry: &Entry<'_>) -> Vec<(&'static str, ByteRange)> {
    let all = [("entry", Some(parts.entry)), ("operation_metadata", entry.metadata)];
    let ranges = all.into_iter().map(|(name, value)| (name, fields::optional_byte_range(raw, value)));
    ranges.filter(|(_, range)| !range.is_empty()).collect()
}

/// Returns the feedback objects: the service sends one object; a list is read as well.
fn feedback_objects(feedback: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    let one = Some(feedback).filter(|feedback| feedback.kind() == Kind::Object);
    one.into_iter().chain(feedback.elements().filter(|item| item.kind() == Kind::Object))
}

/// Returns the sentiment of [`Message::main_feedback`].
fn overall_sentiment(feedback: Value<'_>) -> Option<Sentiment> {
    let all = feedback_objects(feedback).map(|one| Sentiment::from_name(&fields::text(one.get("sentiment"))));
    all.min_by_key(|sentiment| sentiment.precedence())
}

fn read_all_feedback(feedback: Value<'_>, errors: &mut Vec<String>) -> Vec<Feedback> {
    if !matches!(feedback.kind(), Kind::Object | Kind::Array) {
        errors.push(format!("its feedback is {}, not an object", fields::kind_name(feedback)));
    }
    feedback_objects(feedback).map(read_feedback_object).collect()
}

fn read_feedback_object(feedback: Value<'_>) -> Feedback {
    let [id, sentiment, description, created, message_id] =
        feedback.get_many(["id", "sentiment", "description", "created_at", "application_interaction_id"]);
    let sentiment_text = fields::text(sentiment);
    let (created_at, created_text) = fields::first_timestamp([created]);
    Feedback {
        id: fields::text(id),
        sentiment: Sentiment::from_name(&sentiment_text),
        sentiment_text,
        description: fields::text(description),
        created_at,
        created_text,
        message_id: fields::non_empty_text(message_id),
    }
}
