//! A turn as a trace: the turn is the root, with its spans as a tree below it. Spans without a usable parent become
//! children of the root; spans that the body repeats get distinct ids.

use std::borrow::Cow;
use std::collections::HashMap;

use opentelemetry_proto::tonic::trace::v1 as otlp;

use super::attributes::Attributes;
use super::chat::{ChatMessage, Direction, add_messages};
use super::context::{MessageTime, ThreadContext};
use super::span::{TraceIds, add_feedback, add_kind, add_models, add_usage, set_status};
use super::{conventions, payload};
use crate::domain::{Block, ByteRange, Role, Side, Span, Timestamp, Usage};
use crate::export::json::to_strict_json;
use crate::export::service_fields::{render, write_span_fields};
use crate::export::time::rfc3339;
use crate::export::usage_shares::UsageShares;
use crate::export::{ExportedMessage, side_text, status_word};
use crate::trace::{Forest, Node, turn_time_range};

/// Returns the spans of a turn: the root first, parents before children. `name` is unique within the thread.
pub(super) fn turn_spans(item: &ExportedMessage<'_>, thread: &ThreadContext, name: &str) -> Vec<otlp::Span> {
    let forest = Forest::new(&item.message.spans);
    let usage = UsageShares::new(item.message, &forest);
    let builder = TurnBuilder { item, thread, ids: TraceIds::new(thread, name) };
    let root = builder.root_span(&forest, &usage.message);
    let mut spans = vec![root];
    let mut counts: HashMap<(&str, &str), u32> = HashMap::new();
    let mut ids: Vec<Vec<u8>> = Vec::with_capacity(forest.len());
    for (index, node) in forest.nodes().iter().enumerate() {
        let Some(span) = item.message.spans.get(node.span as usize) else { continue };
        let count = counts.entry((span.trace_id.as_deref().unwrap_or_default(), &span.id)).or_default();
        *count += 1;
        let root_id = spans.first().map(|root| root.span_id.clone()).unwrap_or_default();
        let parent = node.parent.and_then(|parent| ids.get(parent as usize)).unwrap_or(&root_id).clone();
        let child = builder.child_span((span, node, *count), usage.nodes.get(index));
        ids.push(child.span_id.clone());
        spans.push(otlp::Span { parent_span_id: parent, ..child });
    }
    spans
}

struct TurnBuilder<'a> {
    item: &'a ExportedMessage<'a>,
    thread: &'a ThreadContext,
    ids: TraceIds<'a>,
}

impl TurnBuilder<'_> {
    fn root_span(&self, forest: &Forest, usage: &Usage) -> otlp::Span {
        let message = self.item.message;
        let is_timed = message.created_at.is_some() || message.spans.iter().any(|span| span.start.is_some());
        let borrowed = (!is_timed).then(|| MessageTime::of(self.item, self.thread));
        let start = message.created_at.or(borrowed.map(|time| Timestamp(time.micros)));
        let mut range = turn_time_range(start, message.duration_ms, forest);
        if borrowed.is_some() {
            range.end = range.end.max(range.start);
        }
        let question = side_text(message, Some(Role::User));
        let name = self.thread.trace_name(&question, message.role_name());
        let mut root = self.ids.new_span(&["root"], &name, "CHAIN", [range.start, range.end]);
        let mut attributes = Attributes::default();
        add_kind(&mut attributes, "CHAIN");
        self.thread.add_root_attributes(&mut attributes, self.item.raw);
        add_message_attributes(&mut attributes, self.item);
        if let Some(time) = borrowed {
            time.add_mark(&mut attributes);
        }
        for (role, direction, keys) in [
            (Role::User, Direction::Input, ["input.value", "input.mime_type"]),
            (Role::Assistant, Direction::Output, ["output.value", "output.mime_type"]),
        ] {
            attributes.payload(keys, side_text(message, Some(role)).into_owned(), "text/plain");
            add_messages(
                &mut attributes,
                direction,
                &ChatMessage::of_sides(message, Some(role), self.item.raw),
            );
        }
        self.add_cited_documents(&mut attributes);
        add_models(&mut attributes, &message.models);
        add_usage(&mut attributes, usage);
        root.attributes = attributes.0;
        add_feedback(&mut root, &message.feedback);
        set_status(&mut root, message.status, message.error.as_ref());
        root
    }

    /// Adds the documents that the turn itself has.
    fn add_cited_documents(&self, attributes: &mut Attributes) {
        let blocks = self.item.message.sides.iter().flat_map(|side: &Side| &side.blocks);
        let chunks: Vec<_> = blocks
            .filter_map(|block| if let Block::Chunks(chunks) = block { Some(chunks.clone()) } else { None })
            .flatten()
            .collect();
        payload::add_chunks(attributes, "retrieval.documents", &chunks);
    }

    fn child_span(&self, (span, node, count): (&Span, &Node, u32), usage: Option<&Usage>) -> otlp::Span {
        let kind = conventions::span_kind(&span.operation);
        let trace = span.trace_id.as_deref().unwrap_or_default();
        let occurrence = if count > 1 { count.to_string() } else { String::new() };
        let names = ["span", trace, &span.id, &occurrence];
        let is_timed = span.start.is_some() || node.start != 0;
        let own = [node.start, node.end];
        let times = if is_timed { own } else { [MessageTime::of(self.item, self.thread).micros; 2] };
        let mut child = self.ids.new_span(&names, &span.name, kind, times);
        let mut attributes = Attributes::default();
        add_kind(&mut attributes, kind);
        attributes.text("unspool.operation", &span.operation);
        attributes.text("unspool.span.id", &span.id);
        attributes.text("unspool.parent.id", span.parent_id.as_deref().unwrap_or_default());
        attributes.text("unspool.trace.id", trace);
        attributes.text("unspool.status", status_word(span.status, &span.status_text).unwrap_or_default());
        attributes.int("unspool.reported_ms", span.duration_ms);
        if span.start.is_none() {
            attributes.text("unspool.time.source", "neighbor");
        }
        add_unreadable_time(&mut attributes, "unspool.start.text", span.start, &span.start_text);
        add_unreadable_time(&mut attributes, "unspool.end.text", span.end, &span.end_text);
        add_models(&mut attributes, &span.models);
        usage.into_iter().for_each(|usage| add_usage(&mut attributes, usage));
        for (range, keys) in [
            (span.input, ["input.value", "input.mime_type"]),
            (span.output, ["output.value", "output.mime_type"]),
            (span.expected, ["unspool.expected.value", "unspool.expected.mime_type"]),
            (span.metadata, ["metadata", "unspool.metadata.mime_type"]),
        ] {
            attributes.payload(keys, self.json_text(range).into_owned(), "application/json");
        }
        attributes.text("unspool.fields", render(|json| write_span_fields(json, self.bytes(span.raw))));
        self.add_kind_attributes(&mut attributes, kind, span);
        child.attributes = attributes.0;
        set_status(&mut child, span.status, span.error.as_ref());
        child
    }

    /// Adds the attributes of models, tools and searches.
    fn add_kind_attributes(&self, attributes: &mut Attributes, kind: &str, span: &Span) {
        let (input, output) = (self.bytes(span.input), self.bytes(span.output));
        match kind {
            "LLM" => {
                let reasons = payload::finish_reasons(output, self.bytes(span.metadata));
                payload::add_model_messages(attributes, input, output, &reasons);
                attributes.text("llm.finish_reason", reasons.first().cloned().unwrap_or_default());
                attributes.texts("gen_ai.response.finish_reasons", reasons);
            }
            "TOOL" => {
                attributes.text("tool.name", &span.name);
                attributes.text("gen_ai.tool.name", &span.name);
                attributes.text("tool.parameters", self.json_text(span.input));
                attributes.text("gen_ai.tool.call.arguments", self.json_text(span.input));
                attributes.text("gen_ai.tool.call.result", self.json_text(span.output));
            }
            "RERANKER" => payload::add_reranking(attributes, self.bytes(span.metadata), span.models.first()),
            _ => {}
        }
        payload::add_documents(attributes, kind, input, output);
    }

    fn bytes(&self, range: ByteRange) -> &[u8] {
        range.slice(self.item.raw)
    }

    /// Returns a payload without its indentation.
    fn json_text(&self, range: ByteRange) -> Cow<'_, str> {
        let bytes = self.bytes(range);
        to_strict_json(bytes).unwrap_or_else(|| String::from_utf8_lossy(bytes))
    }
}

/// Adds the fields of a message.
pub(super) fn add_message_attributes(attributes: &mut Attributes, item: &ExportedMessage<'_>) {
    let message = item.message;
    attributes.text("unspool.message.id", &message.id);
    attributes.int("unspool.message.number", i64::try_from(item.number).ok());
    attributes.text("unspool.status", status_word(message.status, &message.status_text).unwrap_or_default());
    attributes.int("unspool.reported_ms", message.duration_ms);
    add_unreadable_time(attributes, "unspool.created.text", message.created_at, &message.created_text);
    attributes.texts("unspool.read_errors", message.read_errors.clone());
}

/// Adds the text of a time that cannot be parsed.
fn add_unreadable_time(attributes: &mut Attributes, key: &str, time: Option<Timestamp>, text: &str) {
    if time.and_then(rfc3339).is_none() {
        attributes.text(key, text);
    }
}
