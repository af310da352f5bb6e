//! A message as a trace: the message is the root, with its spans as a tree below it. Spans without a usable parent become
//! children of the root; spans that the body repeats get distinct ids.

use std::collections::HashMap;

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1 as otlp;
use opentelemetry_proto::tonic::trace::v1::span::{Event, SpanKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

use super::attributes::{attribute, text};
use super::conventions;
use super::ids::HashedId;
use crate::domain::{ByteRange, Message, Role, Side, Span, SpanError, Status, Usage};
use crate::export::{ExportedMessage, status_word};
use crate::trace::{Forest, message_usage_with, own_usage, total_usage, turn_time_range};

/// Counts the occurrences of each message id, which are not always unique.
#[derive(Clone, Debug, Default)]
pub struct IdDisambiguator(HashMap<String, u32>);

impl IdDisambiguator {
    /// A name for the message that is unique within the thread.
    fn unique_name(&mut self, item: &ExportedMessage<'_>) -> String {
        if item.message.id.is_empty() {
            return format!("#{}", item.index);
        }
        let count = self.0.entry(item.message.id.clone()).or_default();
        *count += 1;
        if *count == 1 { item.message.id.clone() } else { format!("{}#{count}", item.message.id) }
    }
}

/// The spans of a message: the root first, parents before children.
pub fn turn_spans(item: &ExportedMessage<'_>, id_disambiguator: &mut IdDisambiguator) -> Vec<otlp::Span> {
    let service = item.document.provider.id();
    let thread = item.document.thread.id.as_deref().unwrap_or_default();
    let message = id_disambiguator.unique_name(item);
    let forest = Forest::new(&item.message.spans);
    let usage = UsageShares::new(item.message, &forest);
    let builder = SpanBuilder { item, id_parts: [service, thread, &message], forest: &forest, usage: &usage };
    let root = builder.root_span(thread);
    let root_id = root.span_id.clone();
    let mut spans = vec![root];
    let mut counts: HashMap<(&str, &str), u32> = HashMap::new();
    let mut ids: Vec<Vec<u8>> = Vec::with_capacity(forest.len());
    for (index, node) in forest.nodes().iter().enumerate() {
        let Some(span) = item.message.spans.get(node.span as usize) else { continue };
        let count = counts.entry((span.trace_id.as_deref().unwrap_or_default(), &span.id)).or_default();
        *count += 1;
        let id = builder.span_id(span, *count);
        let parent = node.parent.and_then(|parent| ids.get(parent as usize)).unwrap_or(&root_id);
        let times = (to_nanos(node.start), to_nanos(node.end));
        spans.push(otlp::Span {
            span_id: id.clone(),
            parent_span_id: parent.clone(),
            ..builder.child_span(span, times, usage.spans.get(index))
        });
        ids.push(id);
    }
    spans
}

/// Converts microseconds to nanoseconds. Times before 1970 become 0, and overflow is clamped.
fn to_nanos(micros: i64) -> u64 {
    u64::try_from(micros.max(0).saturating_mul(1000)).unwrap_or(0)
}

struct SpanBuilder<'a> {
    item: &'a ExportedMessage<'a>,
    /// Service, thread and message.
    id_parts: [&'a str; 3],
    forest: &'a Forest,
    usage: &'a UsageShares,
}

/// The usage of a message, split so that the sum over its OTLP spans is that of the message.
struct UsageShares {
    /// The part that no span reports.
    root: Usage,
    /// For each node of the forest, without that of the nodes below it; empty if the message reports less than its spans.
    spans: Vec<Usage>,
}

impl UsageShares {
    fn new(message: &Message, forest: &Forest) -> Self {
        let (whole, of_spans) = (message_usage_with(message, forest), total_usage(forest, &message.spans));
        if !of_spans.is_within(&whole) {
            return Self { root: whole, spans: Vec::new() };
        }
        Self { root: whole.without(&of_spans), spans: own_usage(forest, &message.spans) }
    }
}

impl SpanBuilder<'_> {
    fn span_id(&self, span: &Span, count: u32) -> Vec<u8> {
        let [service, thread, message] = self.id_parts;
        let trace = span.trace_id.as_deref().unwrap_or_default();
        let occurrence = if count > 1 { count.to_string() } else { String::new() };
        HashedId::of(&[service, thread, message, "span", trace, &span.id, &occurrence]).span_id().to_vec()
    }

    fn empty_span(&self, name: &str, (start, end): (u64, u64)) -> otlp::Span {
        let name = if name.is_empty() { "span" } else { name };
        otlp::Span {
            trace_id: HashedId::of(&self.id_parts).trace_id().to_vec(),
            name: name.to_owned(),
            kind: SpanKind::Internal as i32,
            start_time_unix_nano: start,
            end_time_unix_nano: end.max(start),
            ..otlp::Span::default()
        }
    }

    fn root_span(&self, thread: &str) -> otlp::Span {
        let message = self.item.message;
        let range = turn_time_range(message.created_at, message.duration_ms, self.forest);
        let (start, end) = (to_nanos(range.start), to_nanos(range.end));
        let mut root = self.empty_span(message.role_name(), (start, end));
        root.span_id = HashedId::of(&[&self.id_parts[..], &["root"]].concat()).span_id().to_vec();
        root.attributes = vec![
            text("openinference.span.kind", root_kind(message.role)),
            text("session.id", thread),
            text("gen_ai.conversation.id", thread),
            text("unspool.message.id", &message.id),
        ];
        let status = status_word(message.status, &message.status_text);
        root.attributes.extend(status.map(|status| text("unspool.status", status)));
        add_sides(message, &mut root.attributes);
        add_models(&mut root.attributes, &message.models);
        add_usage(&mut root.attributes, Some(&self.usage.root));
        root.events.extend(message.feedback.iter().map(|feedback| Event {
            name: "gen_ai.evaluation.result".to_owned(),
            time_unix_nano: feedback.created_at.map_or(end, |time| to_nanos(time.0)),
            attributes: vec![
                text("gen_ai.evaluation.name", "user_feedback"),
                text("gen_ai.evaluation.score.label", &feedback.sentiment_text),
                text("gen_ai.evaluation.explanation", &feedback.description),
            ],
            ..Event::default()
        }));
        set_status(&mut root, message.status, message.error.as_ref());
        root
    }

    /// A span without its ids.
    fn child_span(&self, span: &Span, times: (u64, u64), usage: Option<&Usage>) -> otlp::Span {
        let mut child = self.empty_span(&span.name, times);
        let kind = conventions::span_kind(&span.operation);
        let attributes = &mut child.attributes;
        attributes.push(text("openinference.span.kind", kind));
        attributes.extend(conventions::operation_name(kind).map(|name| text("gen_ai.operation.name", name)));
        attributes.push(text("unspool.operation", &span.operation));
        attributes.push(text("unspool.span.id", &span.id));
        attributes.extend(span.trace_id.as_ref().map(|id| text("unspool.trace.id", id)));
        let status = status_word(span.status, &span.status_text);
        attributes.extend(status.map(|status| text("unspool.status", status)));
        add_models(attributes, &span.models);
        add_usage(attributes, usage);
        for (range, keys) in [
            (span.input, ["input.value", "input.mime_type"]),
            (span.output, ["output.value", "output.mime_type"]),
            (span.expected, ["unspool.expected.value", "unspool.expected.mime_type"]),
            (span.metadata, ["metadata", "unspool.metadata.mime_type"]),
        ] {
            add_payload(attributes, keys, (self.json_text(range), "application/json"));
        }
        set_status(&mut child, span.status, span.error.as_ref());
        child
    }

    fn json_text(&self, range: ByteRange) -> String {
        String::from_utf8_lossy(range.slice(self.item.raw)).into_owned()
    }
}

fn add_sides(message: &Message, attributes: &mut Vec<KeyValue>) {
    for side in &message.sides {
        let keys = match side.role {
            Role::Assistant | Role::Turn => ["output.value", "output.mime_type"],
            _ => ["input.value", "input.mime_type"],
        };
        add_payload(attributes, keys, (Side::text(side), "text/plain"));
    }
}

fn set_status(span: &mut otlp::Span, status: Status, error: Option<&SpanError>) {
    let code = match status {
        _ if error.is_some() => StatusCode::Error,
        Status::Error => StatusCode::Error,
        Status::Success => StatusCode::Ok,
        Status::Canceled | Status::Other | Status::Unknown => StatusCode::Unset,
    };
    let message = error.map(|error| error.message.clone()).unwrap_or_default();
    span.status = Some(otlp::Status { code: code as i32, message });
    let Some(error) = error else { return };
    span.events.push(Event {
        name: "exception".to_owned(),
        time_unix_nano: span.end_time_unix_nano,
        attributes: vec![text("exception.type", &error.kind), text("exception.message", &error.message)],
        ..Event::default()
    });
    span.attributes.push(text("error.type", &error.kind));
}

fn root_kind(role: Role) -> &'static str {
    match role {
        Role::Assistant => "LLM",
        Role::Tool => "TOOL",
        Role::Turn
        | Role::User
        | Role::System
        | Role::Hidden
        | Role::Developer
        | Role::Other
        | Role::Unknown => "CHAIN",
    }
}

fn add_models(attributes: &mut Vec<KeyValue>, models: &[String]) {
    if let Some(model) = models.first() {
        attributes.push(text("gen_ai.request.model", model));
        attributes.push(text("llm.model_name", model));
    }
}

fn add_usage(attributes: &mut Vec<KeyValue>, usage: Option<&Usage>) {
    let Some(usage) = usage else { return };
    for (key, count) in [
        ("gen_ai.usage.input_tokens", usage.input_tokens),
        ("llm.token_count.prompt", usage.input_tokens),
        ("gen_ai.usage.output_tokens", usage.output_tokens),
        ("llm.token_count.completion", usage.output_tokens),
        ("llm.token_count.total", usage.total()),
    ] {
        attributes.extend(count.map(|count| attribute(key, Value::IntValue(count))));
    }
    let cost = usage.cost_usd.filter(|cost| cost.is_finite());
    attributes.extend(cost.map(|cost| attribute("llm.cost.total", Value::DoubleValue(cost))));
}

/// Adds a text and its type, unless the text is empty.
fn add_payload(attributes: &mut Vec<KeyValue>, keys: [&str; 2], (value, mime_type): (String, &str)) {
    if !value.is_empty() {
        let [value_key, type_key] = keys;
        attributes.push(text(value_key, value));
        attributes.push(text(type_key, mime_type));
    }
}
