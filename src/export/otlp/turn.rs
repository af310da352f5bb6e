//! One message as a trace: itself as the root, its spans below as their tree is. Spans without a usable parent hang from
//! the root; spans that the body repeats are kept apart.

use std::collections::HashMap;

use super::ids::HashedId;
use super::{AttributeValue, Attributes, OtlpSpan, SpanEvent, StatusCode, conventions};
use crate::domain::{ByteRange, Message, Role, Side, Span, SpanError, Status, Usage};
use crate::export::{ExportedMessage, ExportedThread, status_word};
use crate::trace::{Forest, own_usage, turn_time_range};

/// Counts how often a message id has come: ids should be unique and are not always.
#[derive(Clone, Debug, Default)]
pub struct IdDisambiguator(HashMap<String, u32>);

impl IdDisambiguator {
    /// A name for the message that no other message of the thread has.
    fn unique_name(&mut self, item: &ExportedMessage<'_>) -> String {
        if item.message.id.is_empty() {
            return format!("#{}", item.index);
        }
        let seen = self.0.entry(item.message.id.clone()).or_default();
        *seen += 1;
        if *seen == 1 { item.message.id.clone() } else { format!("{}#{seen}", item.message.id) }
    }
}

/// The spans of a message, the root first, parents before children.
pub fn turn_spans(
    document: &ExportedThread<'_>,
    item: &ExportedMessage<'_>,
    numbering: &mut IdDisambiguator,
) -> Vec<OtlpSpan> {
    let service = document.provider.id();
    let thread = document.thread.id.as_deref().unwrap_or_default();
    let message = numbering.unique_name(item);
    let forest = Forest::new(&item.message.spans);
    let maker = SpanBuilder { item, id_parts: [service, thread, &message], forest: &forest };
    let mut spans = vec![maker.root_span(thread)];
    let usages = own_usage(&forest, &item.message.spans);
    let mut seen: HashMap<(&str, &str), u32> = HashMap::new();
    let mut ids: Vec<[u8; 8]> = Vec::with_capacity(forest.len());
    for (at, node) in forest.nodes().iter().enumerate() {
        let Some(span) = item.message.spans.get(node.span as usize) else { continue };
        let count = seen.entry((span.trace_id.as_deref().unwrap_or_default(), &span.id)).or_default();
        *count += 1;
        let id = maker.span_id(span, *count);
        ids.push(id);
        let parent = node.parent.and_then(|parent| ids.get(parent as usize)).copied();
        let times = (to_nanos(node.start), to_nanos(node.end));
        let mut made = maker.build_span(span, times, usages.get(at).or(span.usage.as_ref()));
        made.span_id = id;
        made.parent_span_id = parent.or_else(|| spans.first().map(|root| root.span_id));
        spans.push(made);
    }
    spans
}

/// Microseconds to nanoseconds; before 1970 is 1970, and what no signed number holds is the last moment.
fn to_nanos(micros: i64) -> u64 {
    u64::try_from(micros.max(0).saturating_mul(1000)).unwrap_or(0)
}

struct SpanBuilder<'a> {
    item: &'a ExportedMessage<'a>,
    /// Service, thread and message.
    id_parts: [&'a str; 3],
    forest: &'a Forest,
}

impl SpanBuilder<'_> {
    fn span_id(&self, span: &Span, count: u32) -> [u8; 8] {
        let [service, thread, message] = self.id_parts;
        let trace = span.trace_id.as_deref().unwrap_or_default();
        let again = if count > 1 { count.to_string() } else { String::new() };
        HashedId::of(&[service, thread, message, "span", trace, &span.id, &again]).span_id()
    }

    fn empty_span(&self, name: &str, (start, end): (u64, u64)) -> OtlpSpan {
        let name = if name.is_empty() { "span" } else { name };
        OtlpSpan {
            trace_id: HashedId::of(&self.id_parts).trace_id(),
            span_id: [0; 8],
            parent_span_id: None,
            name: name.to_owned(),
            start,
            end: end.max(start),
            attributes: Vec::new(),
            events: Vec::new(),
            status_code: StatusCode::Unset,
            status_message: String::new(),
        }
    }

    fn root_span(&self, thread: &str) -> OtlpSpan {
        let message = self.item.message;
        let stretch = turn_time_range(message.created_at, message.duration_ms, self.forest);
        let (start, end) = (to_nanos(stretch.start), to_nanos(stretch.end));
        let mut root = self.empty_span(message.role_name(), (start, end));
        root.span_id = HashedId::of(&[&self.id_parts[..], &["root"]].concat()).span_id();
        let attributes = &mut root.attributes;
        attributes
            .push(("openinference.span.kind", AttributeValue::Text(root_kind(message.role).to_owned())));
        attributes.push(("session.id", AttributeValue::Text(thread.to_owned())));
        attributes.push(("gen_ai.conversation.id", AttributeValue::Text(thread.to_owned())));
        attributes.push(("unspool.message.id", AttributeValue::Text(message.id.clone())));
        let status = status_word(message.status, &message.status_text);
        attributes.extend(status.map(|status| ("unspool.status", AttributeValue::Text(status.to_owned()))));
        Self::add_sides(message, attributes);
        add_models(attributes, &message.models);
        if message.spans.iter().all(|span| span.usage.is_none()) {
            add_usage(attributes, message.usage.as_ref());
        }
        for feedback in &message.feedback {
            root.events.push(SpanEvent {
                name: "gen_ai.evaluation.result",
                time: feedback.created_at.map_or(end, |at| to_nanos(at.0)),
                attributes: vec![
                    ("gen_ai.evaluation.name", AttributeValue::Text("user_feedback".to_owned())),
                    ("gen_ai.evaluation.score.label", AttributeValue::Text(feedback.sentiment_text.clone())),
                    ("gen_ai.evaluation.explanation", AttributeValue::Text(feedback.description.clone())),
                ],
            });
        }
        Self::set_status(&mut root, message.status, message.error.as_ref());
        root
    }

    fn add_sides(message: &Message, attributes: &mut Attributes) {
        for side in &message.sides {
            let names = match side.role {
                Role::Assistant | Role::Turn => ["output.value", "output.mime_type"],
                _ => ["input.value", "input.mime_type"],
            };
            add_payload(attributes, names, (Side::text(side), "text/plain"));
        }
    }

    fn build_span(&self, span: &Span, times: (u64, u64), used: Option<&Usage>) -> OtlpSpan {
        let mut made = self.empty_span(&span.name, times);
        let kind = conventions::span_kind(&span.operation);
        let attributes = &mut made.attributes;
        attributes.push(("openinference.span.kind", AttributeValue::Text(kind.to_owned())));
        attributes.extend(
            conventions::operation_name(kind)
                .map(|word| ("gen_ai.operation.name", AttributeValue::Text(word.to_owned()))),
        );
        attributes.push(("unspool.operation", AttributeValue::Text(span.operation.clone())));
        attributes.push(("unspool.span.id", AttributeValue::Text(span.id.clone())));
        attributes.extend(span.trace_id.clone().map(|id| ("unspool.trace.id", AttributeValue::Text(id))));
        let status = status_word(span.status, &span.status_text);
        attributes.extend(status.map(|status| ("unspool.status", AttributeValue::Text(status.to_owned()))));
        add_models(attributes, &span.models);
        add_usage(attributes, used);
        for (piece, names) in [
            (span.input, ["input.value", "input.mime_type"]),
            (span.output, ["output.value", "output.mime_type"]),
            (span.expected, ["unspool.expected.value", "unspool.expected.mime_type"]),
            (span.metadata, ["metadata", "unspool.metadata.mime_type"]),
        ] {
            add_payload(attributes, names, (self.json_text(piece), "application/json"));
        }
        Self::set_status(&mut made, span.status, span.error.as_ref());
        made
    }

    fn json_text(&self, piece: ByteRange) -> String {
        String::from_utf8_lossy(piece.slice(self.item.raw)).into_owned()
    }

    fn set_status(span: &mut OtlpSpan, status: Status, error: Option<&SpanError>) {
        span.status_code = match status {
            _ if error.is_some() => StatusCode::Error,
            Status::Error => StatusCode::Error,
            Status::Success => StatusCode::Ok,
            Status::Canceled | Status::Other | Status::Unknown => StatusCode::Unset,
        };
        let Some(error) = error else { return };
        span.status_message = error.message.clone();
        span.events.push(SpanEvent {
            name: "exception",
            time: span.end,
            attributes: vec![
                ("exception.type", AttributeValue::Text(error.kind.clone())),
                ("exception.message", AttributeValue::Text(span.status_message.clone())),
            ],
        });
        span.attributes.push(("error.type", AttributeValue::Text(error.kind.clone())));
    }
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

fn add_models(attributes: &mut Attributes, models: &[String]) {
    if let Some(model) = models.first() {
        attributes.push(("gen_ai.request.model", AttributeValue::Text(model.clone())));
        attributes.push(("llm.model_name", AttributeValue::Text(model.clone())));
    }
}

fn add_usage(attributes: &mut Attributes, usage: Option<&Usage>) {
    let Some(usage) = usage else { return };
    for (names, count) in [
        (["gen_ai.usage.input_tokens", "llm.token_count.prompt"], usage.input_tokens),
        (["gen_ai.usage.output_tokens", "llm.token_count.completion"], usage.output_tokens),
    ] {
        attributes
            .extend(count.into_iter().flat_map(|count| names.map(|name| (name, AttributeValue::Int(count)))));
    }
    attributes.extend(usage.total().map(|total| ("llm.token_count.total", AttributeValue::Int(total))));
    let cost = usage.cost_usd.filter(|cost| cost.is_finite());
    attributes.extend(cost.map(|cost| ("llm.cost.total", AttributeValue::Float(cost))));
}

/// A text and its type, unless it is empty.
fn add_payload(attributes: &mut Attributes, names: [&'static str; 2], (text, mime): (String, &str)) {
    if !text.is_empty() {
        let [value_name, mime_name] = names;
        attributes.push((value_name, AttributeValue::Text(text)));
        attributes.push((mime_name, AttributeValue::Text(mime.to_owned())));
    }
}
