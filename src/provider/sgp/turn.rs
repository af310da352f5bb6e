//! A turn: the small head for the list, and the whole message for when it is looked at. Both read the same fields in
//! the same way.

use super::said::{self, Speaker};
use super::span::Count;
use super::{failure, span};
use crate::domain::{Feedback, Head, Marks, Message, Piece, Raw, Role, Sentiment, Side, Status};
use crate::json::{Kind, Value};
use crate::provider::{read, usage};

/// The parts of a message, and why it cannot be read if it cannot.
struct Parts<'a> {
    entry: Value<'a>,
    spans: Option<Value<'a>>,
    feedback: Option<Value<'a>>,
    fault: Option<String>,
}

impl<'a> Parts<'a> {
    fn of(message: &'a [u8]) -> Self {
        let (found, fault) = read::fields(Value::of(message), PARTS);
        Self::with(found, fault)
    }

    /// As `of`, and counts the spans on the way: they are most of a message, and looked at only once like this.
    fn counted(message: &'a [u8]) -> (Self, Count) {
        let message = Value::of(message);
        let (mut found, mut count) = ([None; 3], Count::default());
        let mut members = message.members();
        loop {
            let mut passed = Count::default();
            let next = members.next_through(|key| key.is("spans"), |span| passed.add(span));
            let Some((key, value, whole)) = next else { break };
            let Some(place) = PARTS.iter().position(|name| key.is(name)) else { continue };
            let value = Some(value).filter(|value| value.kind() != Kind::Null);
            if key.is("spans") {
                count = if whole.is_some() { passed } else { value.map(Count::of).unwrap_or_default() };
            }
            found.iter_mut().skip(place).take(1).for_each(|slot| *slot = value);
        }
        (Self::with(found, read::fault(message, &members)), count)
    }

    fn with([entry, spans, feedback]: [Option<Value<'a>>; 3], fault: Option<String>) -> Self {
        let fault = fault.or_else(|| entry.is_none().then(|| "it has no \"entry\"".to_owned()));
        Self { entry: entry.unwrap_or(Value::of(b"")), spans, feedback, fault }
    }
}

const PARTS: [&str; 3] = ["entry", "spans", "feedback"];

const NAMES: [&str; 9] = [
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

/// The fields of an entry that are read.
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
    fault: Option<String>,
}

impl<'a> Entry<'a> {
    fn of(entry: Value<'a>) -> Self {
        let ([id, input, output, status, start, created, duration, metadata, models], fault) =
            read::fields(entry, NAMES);
        Self { id, input, output, status, start, created, duration, metadata, models, fault }
    }

    fn status_text(&self) -> String {
        read::text(self.status)
    }
}

/// What the list needs of a turn.
pub(super) fn head(raw: Raw, index: u32) -> Head {
    let bytes = raw.bytes();
    let (parts, count) = Parts::counted(bytes);
    if let Some(reason) = parts.fault {
        return Head::unreadable(raw, index, reason);
    }
    let entry = Entry::of(parts.entry);
    if let Some(reason) = entry.fault {
        return Head::unreadable(raw, index, format!("its \"entry\": {reason}"));
    }
    let (preview, marks) = preview(bytes, &entry);
    Head {
        spans: count.spans,
        span_errors: count.failed,
        id: read::place(bytes, entry.id),
        preview,
        role: Role::Turn,
        status: entry.status.map_or(Status::Unknown, |status| Status::from_word(&status.text())),
        sentiment: parts.feedback.and_then(sentiment),
        marks,
        time: [entry.start, entry.created].into_iter().flatten().find_map(read::stamp),
        duration_ms: entry.duration.and_then(Value::as_i64),
        ..Head::blank(raw.clone(), index)
    }
}

/// The question if there is one, else the answer; as text if possible.
fn preview(message: &[u8], entry: &Entry<'_>) -> (Piece, Marks) {
    let mut marks = Marks::default();
    if said::is_empty(entry.output) {
        marks = marks.with(Marks::EMPTY_ANSWER);
    }
    if entry.output.is_some_and(said::has_tools) {
        marks = marks.with(Marks::TOOLS);
    }
    let sides = [(entry.input, Speaker::User), (entry.output, Speaker::Assistant)];
    for (value, speaker) in sides {
        let Some(value) = value.filter(|value| !read::is_blank(*value)) else { continue };
        let text = said::text_of(value, speaker).filter(|text| !read::is_blank(*text));
        let shown = text.unwrap_or(value);
        if shown.kind() != Kind::String {
            marks = marks.with(Marks::PREVIEW_IS_JSON);
        }
        return (read::piece(message, shown), marks);
    }
    (Piece::default(), marks)
}

/// All of a turn. What cannot be read is told in its faults, and everything else is there all the same.
pub(super) fn message(raw: &[u8]) -> Message {
    let parts = Parts::of(raw);
    let entry = Entry::of(parts.entry);
    let mut faults = Vec::new();
    match (&parts.fault, &entry.fault) {
        (Some(reason), _) => faults.push(format!("this message cannot be read: {reason}")),
        (None, Some(reason)) => {
            faults.push(format!("the \"entry\" of this message cannot be read: {reason}"))
        }
        (None, None) => {}
    }
    let (created_at, created_text) = read::moment([entry.start, entry.created]);
    let spans = match parts.spans {
        Some(list) if list.kind() == Kind::Array => span::read_all(raw, list, &mut faults),
        Some(other) => {
            faults.push(format!("its spans are {}, not a list", read::kind_word(other)));
            Vec::new()
        }
        None => Vec::new(),
    };
    let mut models = Vec::new();
    usage::add_models(&mut models, entry.models);
    usage::add_models(&mut models, entry.metadata.filter(|metadata| metadata.kind() == Kind::Object));
    Message {
        id: read::text(entry.id),
        role: Role::Turn,
        created_at,
        created_text,
        status: Status::from_word(&entry.status_text()),
        status_text: entry.status_text(),
        duration_ms: entry.duration.and_then(Value::as_i64),
        sides: sides(raw, &entry),
        spans,
        feedback: parts.feedback.map(|feedback| all_feedback(feedback, &mut faults)).unwrap_or_default(),
        models,
        usage: usage::usage([entry.metadata, entry.output]),
        error: failure::of(entry.metadata),
        fields: fields(raw, &parts, &entry),
        faults,
    }
}

fn sides(raw: &[u8], entry: &Entry<'_>) -> Vec<Side> {
    let user = said::blocks(raw, entry.input, Speaker::User);
    let assistant = said::blocks(raw, entry.output, Speaker::Assistant);
    vec![
        Side { role: Role::User, role_text: None, blocks: user },
        Side { role: Role::Assistant, role_text: None, blocks: assistant },
    ]
}

fn fields(raw: &[u8], parts: &Parts<'_>, entry: &Entry<'_>) -> Vec<(&'static str, Piece)> {
    let all = [("entry", Some(parts.entry)), ("operation_metadata", entry.metadata)];
    let places = all.into_iter().map(|(name, value)| (name, read::place(raw, value)));
    places.filter(|(_, piece)| !piece.is_empty()).collect()
}

/// Feedback comes as one object; a list of them is read as well.
fn each(feedback: Value<'_>) -> impl Iterator<Item = Value<'_>> {
    let one = Some(feedback).filter(|feedback| feedback.kind() == Kind::Object);
    one.into_iter().chain(feedback.elements().filter(|item| item.kind() == Kind::Object))
}

/// The sentiment that the list shows: a negative one first, as it is what somebody looks for.
fn sentiment(feedback: Value<'_>) -> Option<Sentiment> {
    let mut all = each(feedback).map(|one| sentiment_of(&read::text(one.get("sentiment"))));
    let first = all.next()?;
    Some(if all.any(|other| other == Sentiment::Negative) { Sentiment::Negative } else { first })
}

fn sentiment_of(word: &str) -> Sentiment {
    match word {
        "positive" => Sentiment::Positive,
        "negative" => Sentiment::Negative,
        _ => Sentiment::Other,
    }
}

fn all_feedback(feedback: Value<'_>, faults: &mut Vec<String>) -> Vec<Feedback> {
    if !matches!(feedback.kind(), Kind::Object | Kind::Array) {
        faults.push(format!("its feedback is {}, not an object", read::kind_word(feedback)));
    }
    each(feedback).map(one_feedback).collect()
}

fn one_feedback(feedback: Value<'_>) -> Feedback {
    let [id, sentiment, description, created, message_id] =
        feedback.pick(["id", "sentiment", "description", "created_at", "application_interaction_id"]);
    let sentiment_text = read::text(sentiment);
    let (created_at, created_text) = read::moment([created]);
    Feedback {
        id: read::text(id),
        sentiment: sentiment_of(&sentiment_text),
        sentiment_text,
        description: read::text(description),
        created_at,
        created_text,
        message_id: read::word(message_id),
    }
}
