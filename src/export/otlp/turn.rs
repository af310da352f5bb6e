//! One message as a trace: itself as the root, its spans below as their tree is. Spans without a usable parent hang from
//! the root; spans that the body repeats are kept apart.

use std::collections::HashMap;

use super::ids::Id;
use super::{Attributes, Code, Moment, OtlpSpan, Value, names};
use crate::domain::{Message, Piece, Role, Side, Span, SpanError, Status, Usage};
use crate::export::{Document, Item, status_word};
use crate::trace::{Forest, own_usage, turn_stretch};

/// Counts how often a message id has come: ids should be unique and are not always.
#[derive(Clone, Debug, Default)]
pub struct Numbering(HashMap<String, u32>);

impl Numbering {
    /// A name for the message that no other message of the thread has.
    fn name(&mut self, item: &Item<'_>) -> String {
        if item.message.id.is_empty() {
            return format!("#{}", item.index);
        }
        let seen = self.0.entry(item.message.id.clone()).or_default();
        *seen += 1;
        if *seen == 1 { item.message.id.clone() } else { format!("{}#{seen}", item.message.id) }
    }
}

/// The spans of a message, the root first, parents before children.
pub fn turn(document: &Document<'_>, item: &Item<'_>, numbering: &mut Numbering) -> Vec<OtlpSpan> {
    let service = document.provider.service();
    let thread = document.thread.id.as_deref().unwrap_or_default();
    let message = numbering.name(item);
    let forest = Forest::new(&item.message.spans);
    let maker = Maker { item, names: [service, thread, &message], forest: &forest };
    let mut spans = vec![maker.root(thread)];
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
        let times = (nanos(node.start), nanos(node.end));
        let mut made = maker.span(span, times, usages.get(at).or(span.usage.as_ref()));
        made.span_id = id;
        made.parent = parent.or_else(|| spans.first().map(|root| root.span_id));
        spans.push(made);
    }
    spans
}

/// Microseconds to nanoseconds; before 1970 is 1970, and what no signed number holds is the last moment.
fn nanos(micros: i64) -> u64 {
    u64::try_from(micros.max(0).saturating_mul(1000)).unwrap_or(0)
}

struct Maker<'a> {
    item: &'a Item<'a>,
    /// Service, thread and message.
    names: [&'a str; 3],
    forest: &'a Forest,
}

impl Maker<'_> {
    fn span_id(&self, span: &Span, count: u32) -> [u8; 8] {
        let [service, thread, message] = self.names;
        let trace = span.trace_id.as_deref().unwrap_or_default();
        let again = if count > 1 { count.to_string() } else { String::new() };
        Id::of(&[service, thread, message, "span", trace, &span.id, &again]).span()
    }

    fn blank(&self, name: &str, (start, end): (u64, u64)) -> OtlpSpan {
        let name = if name.is_empty() { "span" } else { name };
        OtlpSpan {
            trace_id: Id::of(&self.names).trace(),
            span_id: [0; 8],
            parent: None,
            name: name.to_owned(),
            start,
            end: end.max(start),
            attributes: Vec::new(),
            moments: Vec::new(),
            code: Code::Unset,
            message: String::new(),
        }
    }

    fn root(&self, thread: &str) -> OtlpSpan {
        let message = self.item.message;
        let stretch = turn_stretch(message.created_at, message.duration_ms, self.forest);
        let (start, end) = (nanos(stretch.start), nanos(stretch.end));
        let mut root = self.blank(message.role_word(), (start, end));
        root.span_id = Id::of(&[&self.names[..], &["root"]].concat()).span();
        let attributes = &mut root.attributes;
        attributes.push(("openinference.span.kind", Value::Text(root_kind(message.role).to_owned())));
        attributes.push(("session.id", Value::Text(thread.to_owned())));
        attributes.push(("gen_ai.conversation.id", Value::Text(thread.to_owned())));
        attributes.push(("unspool.message.id", Value::Text(message.id.clone())));
        let status = status_word(message.status, &message.status_text);
        attributes.extend(status.map(|status| ("unspool.status", Value::Text(status.to_owned()))));
        Self::sides(message, attributes);
        models(attributes, &message.models);
        if message.spans.iter().all(|span| span.usage.is_none()) {
            usage(attributes, message.usage.as_ref());
        }
        for feedback in &message.feedback {
            root.moments.push(Moment {
                name: "gen_ai.evaluation.result",
                time: feedback.created_at.map_or(end, |at| nanos(at.0)),
                attributes: vec![
                    ("gen_ai.evaluation.name", Value::Text("user_feedback".to_owned())),
                    ("gen_ai.evaluation.score.label", Value::Text(feedback.sentiment_text.clone())),
                    ("gen_ai.evaluation.explanation", Value::Text(feedback.description.clone())),
                ],
            });
        }
        Self::ended(&mut root, message.status, message.error.as_ref());
        root
    }

    fn sides(message: &Message, attributes: &mut Attributes) {
        for side in &message.sides {
            let names = match side.role {
                Role::Assistant | Role::Turn => ["output.value", "output.mime_type"],
                _ => ["input.value", "input.mime_type"],
            };
            payload(attributes, names, (Side::text(side), "text/plain"));
        }
    }

    fn span(&self, span: &Span, times: (u64, u64), used: Option<&Usage>) -> OtlpSpan {
        let mut made = self.blank(&span.name, times);
        let kind = names::kind(&span.operation);
        let attributes = &mut made.attributes;
        attributes.push(("openinference.span.kind", Value::Text(kind.to_owned())));
        attributes.extend(
            names::operation(kind).map(|word| ("gen_ai.operation.name", Value::Text(word.to_owned()))),
        );
        attributes.push(("unspool.operation", Value::Text(span.operation.clone())));
        attributes.push(("unspool.span.id", Value::Text(span.id.clone())));
        attributes.extend(span.trace_id.clone().map(|id| ("unspool.trace.id", Value::Text(id))));
        let status = status_word(span.status, &span.status_text);
        attributes.extend(status.map(|status| ("unspool.status", Value::Text(status.to_owned()))));
        models(attributes, &span.models);
        usage(attributes, used);
        for (piece, names) in [
            (span.input, ["input.value", "input.mime_type"]),
            (span.output, ["output.value", "output.mime_type"]),
            (span.expected, ["unspool.expected.value", "unspool.expected.mime_type"]),
            (span.metadata, ["metadata", "unspool.metadata.mime_type"]),
        ] {
            payload(attributes, names, (self.json(piece), "application/json"));
        }
        Self::ended(&mut made, span.status, span.error.as_ref());
        made
    }

    fn json(&self, piece: Piece) -> String {
        String::from_utf8_lossy(piece.of(self.item.raw)).into_owned()
    }

    fn ended(span: &mut OtlpSpan, status: Status, error: Option<&SpanError>) {
        span.code = match status {
            _ if error.is_some() => Code::Error,
            Status::Error => Code::Error,
            Status::Success => Code::Ok,
            Status::Canceled | Status::Other | Status::Unknown => Code::Unset,
        };
        let Some(error) = error else { return };
        span.message = error.message.clone();
        span.moments.push(Moment {
            name: "exception",
            time: span.end,
            attributes: vec![
                ("exception.type", Value::Text(error.kind.clone())),
                ("exception.message", Value::Text(span.message.clone())),
            ],
        });
        span.attributes.push(("error.type", Value::Text(error.kind.clone())));
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

fn models(attributes: &mut Attributes, models: &[String]) {
    if let Some(model) = models.first() {
        attributes.push(("gen_ai.request.model", Value::Text(model.clone())));
        attributes.push(("llm.model_name", Value::Text(model.clone())));
    }
}

fn usage(attributes: &mut Attributes, usage: Option<&Usage>) {
    let Some(usage) = usage else { return };
    for (names, count) in [
        (["gen_ai.usage.input_tokens", "llm.token_count.prompt"], usage.input_tokens),
        (["gen_ai.usage.output_tokens", "llm.token_count.completion"], usage.output_tokens),
    ] {
        attributes.extend(count.into_iter().flat_map(|count| names.map(|name| (name, Value::Int(count)))));
    }
    attributes.extend(usage.total().map(|total| ("llm.token_count.total", Value::Int(total))));
    let cost = usage.cost_usd.filter(|cost| cost.is_finite());
    attributes.extend(cost.map(|cost| ("llm.cost.total", Value::Float(cost))));
}

/// A text and its type, unless it is empty.
fn payload(attributes: &mut Attributes, names: [&'static str; 2], (text, mime): (String, &str)) {
    if !text.is_empty() {
        let [value_name, mime_name] = names;
        attributes.push((value_name, Value::Text(text)));
        attributes.push((mime_name, Value::Text(mime.to_owned())));
    }
}
