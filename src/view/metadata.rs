//! The document of the Metadata tab: every field of the message and of the thread, known or unknown, with its type;
//! times with zone and age.

use crate::domain::{Message, Origin, Raw, Timestamp, Usage};
use crate::json::{Kind, Value};
use crate::text::time::TimeFormat;
use crate::text::{self, Line, Safe, StyledRun};
use crate::theme::Role;
use crate::trace;
use crate::view::MessageView;
use crate::view::document::{Body, Document, Section};
use crate::view::thread::OpenThread;

/// Nested objects are expanded to this depth; deeper ones are shown as JSON.
const MAX_DEPTH: usize = 4;

/// The maximum number of fields in one section; the Raw tab has the rest.
const MAX_FIELDS: usize = 1000;

/// Bytes of a value that are shown.
const MAX_VALUE_BYTES: usize = 2000;

/// The format of times, and the time that ages refer to.
#[derive(Clone, Copy, Debug)]
pub struct TimeContext<'a> {
    pub time_format: &'a TimeFormat,
    pub now: Timestamp,
}

impl TimeContext<'_> {
    /// Formats a time in the user's zone, with its age.
    pub fn format(&self, stamp: Timestamp) -> String {
        format!("{}  ({})", text::time::full(stamp, self.time_format), text::number::age(stamp, self.now))
    }
}

/// One row before alignment.
struct Field {
    path: String,
    kind: &'static str,
    value: String,
    style: Role,
}

/// Builds the tab, wrapped to `width` columns.
pub fn document(
    view: &MessageView,
    raw: &Raw,
    thread: &OpenThread,
    width: usize,
    time: &TimeContext<'_>,
) -> Document {
    let (message, parsed) = (&view.message, view.parsed_raw(raw));
    let mut sections = Vec::new();
    push_section(&mut sections, "Message", message_fields(message, raw, time), width);
    for (label, range) in &message.fields {
        let mut fields = Vec::new();
        collect_fields(&mut fields, Value::of(parsed.bytes_in(*range)), time);
        push_section(&mut sections, label, fields, width);
    }
    push_section(&mut sections, "Thread", thread_fields(thread, time), width);
    let mut fields = Vec::new();
    collect_fields(&mut fields, Value::of(&thread.metadata.envelope), time);
    fields.retain(|field| field.path != "messages");
    push_section(&mut sections, "Thread, raw fields", fields, width);
    if let Some(details) = &thread.metadata.details {
        let mut fields = Vec::new();
        collect_fields(&mut fields, Value::of(details), time);
        push_section(&mut sections, "Thread details", fields, width);
    }
    Document::new(sections)
}

fn field(path: &str, kind: &'static str, value: impl Into<String>) -> Field {
    Field { path: path.to_owned(), kind, value: value.into(), style: Role::Text }
}

/// Returns the fields that the program derives from a message.
fn message_fields(message: &Message, raw: &Raw, time: &TimeContext<'_>) -> Vec<Field> {
    let mut fields = vec![field("id", "id", &*message.id), field("role", "", message.role.as_str())];
    let created = message.created_at.map_or_else(|| message.created_text.clone(), |stamp| time.format(stamp));
    fields.push(field("time", "time", created));
    if !message.status_text.is_empty() {
        fields.push(field("status", "", &*message.status_text));
    }
    if let Some(ms) = message.duration_ms {
        fields.push(field("duration", "", text::number::duration(Some(ms.saturating_mul(1000)))));
    }
    if !message.models.is_empty() {
        fields.push(field("models", "", message.models.join(", ")));
    }
    usage_fields(&mut fields, &trace::message_usage(message));
    fields.push(field("spans", "", message.spans.len().to_string()));
    fields.push(field("size", "", text::number::bytes(raw.len() as u64)));
    fields
}

fn usage_fields(fields: &mut Vec<Field>, usage: &Usage) {
    let rows = [
        ("tokens in", usage.input_tokens),
        ("tokens out", usage.output_tokens),
        ("tokens cached", usage.cached_tokens),
        ("tokens reasoning", usage.reasoning_tokens),
        ("tokens total", usage.total()),
    ];
    for (name, count) in rows {
        if let Some(count) = count {
            fields.push(field(name, "", text::number::count(count)));
        }
    }
    if let Some(cost) = usage.cost_usd {
        fields.push(field("cost", "", text::number::money(cost)));
    }
}

fn thread_fields(thread: &OpenThread, time: &TimeContext<'_>) -> Vec<Field> {
    let mut fields =
        vec![field("title", "", thread.title()), field("opened from", "", thread.source.to_input())];
    if let Some(provider) = thread.provider() {
        fields.push(field("service", "", provider.display_name()));
    }
    let origin = match &thread.origin {
        Origin::Network { host } => format!("{host}, {}", time.format(thread.fetched_at)),
        Origin::File { .. } => format!("file, read {}", time.format(thread.fetched_at)),
        Origin::Cache { fetched_at } => format!("cached copy of {}", time.format(*fetched_at)),
    };
    fields.push(field("source", "", origin));
    fields.push(field("messages", "", thread.summaries.len().to_string()));
    if let Some(count) = thread.metadata.message_count {
        fields.push(field("messages, as reported", "", count.to_string()));
    }
    for (name, stamp) in [
        ("created", thread.metadata.created_at),
        ("updated", thread.metadata.updated_at),
        ("archived", thread.metadata.archived_at),
    ] {
        if let Some(stamp) = stamp {
            fields.push(field(name, "time", time.format(stamp)));
        }
    }
    if let Some(summary) = &thread.body_summary {
        fields.push(field("body", "", text::number::bytes(summary.bytes)));
        for warning in &summary.warnings {
            fields.push(Field { style: Role::Warn, ..field("warning", "", &**warning) });
        }
    }
    fields
}

/// Collects every member of an object, those of nested objects by dotted path. Not recursive.
fn collect_fields(fields: &mut Vec<Field>, top: Value<'_>, time: &TimeContext<'_>) {
    let mut open = vec![(String::new(), 0usize, top.members())];
    while let Some((prefix, depth, members)) = open.last_mut() {
        if fields.len() >= MAX_FIELDS {
            fields.push(field("…", "", "See the Raw tab for more fields."));
            return;
        }
        let Some((key, value)) = members.next() else {
            open.pop();
            continue;
        };
        let key = key.text();
        let path = if prefix.is_empty() { key.into_owned() } else { format!("{prefix}.{key}") };
        if value.kind() == Kind::Object && !value.is_empty() && *depth + 1 < MAX_DEPTH {
            let depth = *depth + 1;
            open.push((path, depth, value.members()));
        } else {
            fields.push(leaf_field(path, value, time));
        }
    }
}

fn leaf_field(path: String, value: Value<'_>, time: &TimeContext<'_>) -> Field {
    let (kind, text, style) = match value.kind() {
        Kind::Null => ("null", "null".to_owned(), Role::Dim),
        Kind::Bool => ("boolean", value.text().into_owned(), Role::Keyword),
        Kind::Number => ("number", truncate(&value.text()), Role::NumberLiteral),
        Kind::String => return string_field(path, value, time),
        Kind::Array => ("list", truncate(&json_preview(value)), Role::Text),
        Kind::Object => ("object", truncate(&json_preview(value)), Role::Text),
        Kind::Invalid => ("not JSON", truncate(&json_preview(value)), Role::Error),
    };
    Field { path, kind, value: text, style }
}

/// Returns the first `MAX_VALUE_BYTES` characters of a text.
fn truncate(text: &str) -> String {
    text.chars().take(MAX_VALUE_BYTES).collect()
}

/// Returns the beginning of a value's JSON on one line; the rest of a large value is not scanned.
fn json_preview(value: Value<'_>) -> String {
    let raw = value.raw();
    let start = raw.get(..MAX_VALUE_BYTES).unwrap_or(raw);
    let text = crate::json::collapse_whitespace(&String::from_utf8_lossy(start));
    if raw.len() > MAX_VALUE_BYTES {
        format!("{text} …  {}", text::number::bytes(raw.len() as u64))
    } else {
        text
    }
}

fn string_field(path: String, value: Value<'_>, time: &TimeContext<'_>) -> Field {
    let mut text = crate::json::decode_prefix(value.raw(), MAX_VALUE_BYTES);
    if value.raw().len() > MAX_VALUE_BYTES {
        text.push_str(&format!(" …  {}", text::number::bytes(value.raw().len() as u64)));
    }
    let name = path.rsplit('.').next().unwrap_or_default();
    let is_time = name.ends_with("_at") || name.contains("time") || name == "last_modified";
    match Timestamp::parse(&text).filter(|_| is_time) {
        Some(stamp) => Field { path, kind: "time", value: time.format(stamp), style: Role::Text },
        None => Field { path, kind: "text", value: text, style: Role::StringLiteral },
    }
}

fn push_section(sections: &mut Vec<Section>, title: &str, fields: Vec<Field>, width: usize) {
    if fields.is_empty() {
        return;
    }
    if !sections.is_empty() {
        sections.push(Section::text(Body::Lines(vec![Line::default()]), Role::Dim));
    }
    let names = fields.iter().map(|field| text::width::columns(&field.path)).max().unwrap_or(0);
    let names = names.min(width * 2 / 5).min(44);
    let kinds = fields.iter().map(|field| field.kind.len()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for field in &fields {
        lines.extend(aligned_lines(field, names, kinds, width));
    }
    let title = Line::styled(title, Role::Heading);
    sections.push(Section::with_heading(title, Body::Lines(lines), Role::Dim));
}

/// Formats name, type and value in columns; a long value wraps in its column.
fn aligned_lines(field: &Field, names: usize, kinds: usize, width: usize) -> Vec<Line> {
    let indent = names + kinds + 4;
    let safe = Safe::text(&field.value);
    let rows = text::wrap_styled(safe.as_str(), width.saturating_sub(indent).max(8), field.style);
    let name = text::width::pad_right(Safe::line(&field.path).as_str(), names);
    let mut lines = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        let mut spans = if index == 0 {
            vec![
                StyledRun::new(&format!("{name}  "), Role::Key),
                StyledRun::new(&format!("{:<kinds$}  ", field.kind), Role::Dim),
            ]
        } else {
            vec![StyledRun::new(&" ".repeat(indent), Role::Text)]
        };
        spans.extend(row.spans);
        lines.push(Line::new(spans));
    }
    lines
}
