//! The spans of a turn. A turn can have ten thousand of them, so each is read in one walk over its members, and payloads
//! are stored as byte ranges.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::span_error;
use crate::domain::{ByteRange, Span, Status};
use crate::json::{Kind, Value};
use crate::provider::content::contains_str;
use crate::provider::{fields, usage};

/// The number of spans and of failed spans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct SpanCounts {
    pub(super) spans: u32,
    pub(super) failed: u32,
}

impl SpanCounts {
    /// Counts the spans of a list.
    pub(super) fn of(spans: Value<'_>) -> Self {
        let mut counts = Self::default();
        spans.elements().for_each(|span| counts.add(span));
        counts
    }

    /// Counts one more span.
    pub(super) fn add(&mut self, span: Value<'_>) {
        self.spans = self.spans.saturating_add(1);
        if ERROR_MARKERS.iter().any(|word| word.find(span.raw()).is_some()) && has_failed(span) {
            self.failed += 1;
        }
    }
}

/// The words of which a failed span contains one, in its status or its metadata.
static ERROR_MARKERS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| [Finder::new("ERROR"), Finder::new("\"error"), Finder::new("\"Error")]);

fn has_failed(span: Value<'_>) -> bool {
    let [status, metadata] = span.get_many(["operation_status", "operation_metadata"]);
    status.and_then(Value::as_str).is_some_and(|word| Status::from_name(&word) == Status::Error)
        || metadata.is_some_and(span_error::has_error)
}

/// Reads every span of the list. An element that is not an object becomes a span with only its JSON, and an error.
pub(super) fn read_spans(message: &[u8], spans: Value<'_>, errors: &mut Vec<String>) -> Vec<Span> {
    let mut elements = spans.elements();
    let mut read = Vec::new();
    for span in elements.by_ref() {
        if span.kind() != Kind::Object {
            errors.push(format!("span {} is {}, not an object", read.len() + 1, fields::kind_name(span)));
        }
        read.push(read_span(message, span));
    }
    if let Some(error) = elements.error() {
        errors.push(format!("the list of spans is broken: {}", error.reason));
    }
    read
}

/// The members of a span that are read.
#[derive(Default)]
struct SpanMembers<'a> {
    id: Option<Value<'a>>,
    name: Option<Value<'a>>,
    operation: Option<Value<'a>>,
    status: Option<Value<'a>>,
    trace_id: Option<Value<'a>>,
    parent_id: Option<Value<'a>>,
    start: Option<Value<'a>>,
    end: Option<Value<'a>>,
    duration: Option<Value<'a>>,
    input: Option<Value<'a>>,
    output: Option<Value<'a>>,
    expected: Option<Value<'a>>,
    metadata: Option<Value<'a>>,
    usage: Option<Value<'a>>,
    attributes: Option<Value<'a>>,
}

impl<'a> SpanMembers<'a> {
    fn of(span: Value<'a>) -> Self {
        let mut members = Self::default();
        for (key, value) in span.members() {
            if let Some(slot) = members.slot(&key.decoded_bytes()) {
                *slot = Some(value).filter(|value| value.kind() != Kind::Null);
            }
        }
        members
    }

    fn slot(&mut self, name: &[u8]) -> Option<&mut Option<Value<'a>>> {
        Some(match name {
            b"id" => &mut self.id,
            b"node_id" => &mut self.name,
            b"operation_type" => &mut self.operation,
            b"operation_status" => &mut self.status,
            b"trace_id" => &mut self.trace_id,
            b"parent_id" => &mut self.parent_id,
            b"start_timestamp" => &mut self.start,
            b"end_timestamp" => &mut self.end,
            b"duration_ms" => &mut self.duration,
            b"operation_input" => &mut self.input,
            b"operation_output" => &mut self.output,
            b"operation_expected" => &mut self.expected,
            b"operation_metadata" => &mut self.metadata,
            b"usage" | b"usage_metadata" => &mut self.usage,
            b"attributes" => &mut self.attributes,
            _ => return None,
        })
    }
}

fn read_span(message: &[u8], span: Value<'_>) -> Span {
    let members = SpanMembers::of(span);
    let range = |value: Option<Value<'_>>| fields::optional_byte_range(message, value);
    let status_text = fields::text(members.status);
    let metadata = members.metadata;
    let mut models = Vec::new();
    if metadata.is_some_and(|metadata| contains_str(metadata.raw(), "model")) {
        usage::add_models(&mut models, metadata);
    }
    let time = |value: Option<Value<'_>>| match value.and_then(fields::timestamp) {
        Some(time) => (Some(time), String::new()),
        None => (None, fields::text(value)),
    };
    let ((start, start_text), (end, end_text)) = (time(members.start), time(members.end));
    Span {
        id: fields::text(members.id),
        name: fields::text(members.name),
        operation: fields::text(members.operation),
        status: Status::from_name(&status_text),
        status_text,
        trace_id: fields::non_empty_text(members.trace_id),
        parent_id: fields::non_empty_text(members.parent_id),
        start,
        end,
        start_text,
        end_text,
        duration_ms: members.duration.and_then(Value::as_i64),
        input: range(members.input),
        output: range(members.output),
        expected: range(members.expected),
        metadata: range(metadata),
        raw: ByteRange::of_subslice(message, span.raw()),
        error: span_error::read_error(metadata.filter(|metadata| contains_str(metadata.raw(), "error"))),
        models,
        usage: usage::read_usage([metadata, members.usage, members.attributes, members.output]),
    }
}
