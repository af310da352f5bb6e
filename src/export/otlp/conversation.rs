//! Messages with one side as traces: a trace lasts from one question to the next, with a span for each answer of the model
//! and each call of a tool. The time of a message is its end: an answer begins at the end of the previous message, a tool
//! at its call. A duration that the service reports is counted back from the end.

use opentelemetry_proto::tonic::trace::v1 as otlp;

use super::attributes::Attributes;
use super::chat::{ChatMessage, Direction, Part, add_messages};
use super::context::{MessageTime, ThreadContext};
use super::span::{TraceIds, add_feedback, add_kind, add_models, add_usage, set_status};
use super::turn::add_message_attributes;
use crate::domain::{Block, Feedback, Message, Role, SpanError, Status, Usage};
use crate::export::ExportedMessage;
use crate::export::service_fields::{render, write_message_fields};
use crate::json::Value;

/// The messages of the trace so far.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    steps: Vec<Step>,
    /// Whether a question, an answer or a result is among them.
    has_begun: bool,
}

/// A message of the trace.
#[derive(Debug)]
struct Step {
    /// The name, unique within the thread.
    name: String,
    role: Role,
    chat: ChatMessage,
    time: MessageTime,
    /// The reported duration in microseconds.
    duration: Option<i64>,
    models: Vec<String>,
    usage: Option<Usage>,
    status: Status,
    error: Option<SpanError>,
    feedback: Vec<Feedback>,
    attributes: Attributes,
    raw: Vec<u8>,
}

/// The maximum number of calls that may wait for their results; beyond that, the oldest one is dropped.
const MAX_OPEN_CALLS: usize = 1000;

/// A call that has no result yet.
struct OpenCall {
    id: String,
    /// The index of its span.
    span: usize,
    start: i64,
}

impl Conversation {
    /// Returns whether the message begins the next trace.
    pub(super) fn is_ended_by(&self, message: &Message) -> bool {
        self.has_begun && message.role == Role::User && !has_results(message)
    }

    pub(super) fn push(&mut self, item: &ExportedMessage<'_>, name: String, thread: &ThreadContext) {
        let message = item.message;
        self.has_begun |= matches!(message.role, Role::User | Role::Assistant | Role::Tool);
        let duration = Value::of(item.raw).get_path(&["metadata", "duration_ms"]).and_then(Value::as_f64);
        let duration = duration.filter(|ms| (0.0..1e12).contains(ms)).map(|ms| (ms * 1000.0) as i64);
        let mut attributes = Attributes::default();
        add_message_attributes(&mut attributes, item);
        let chat = ChatMessage::of_sides(message, None, item.raw).into_iter().next();
        let empty = || ChatMessage { role: message.role_name().to_owned(), ..ChatMessage::default() };
        self.steps.push(Step {
            name,
            role: message.role,
            chat: chat.unwrap_or_else(empty),
            time: MessageTime::of(item, thread),
            duration: duration.or_else(|| Some(message.duration_ms?.max(0).saturating_mul(1000))),
            models: message.models.clone(),
            usage: message.usage.clone(),
            status: message.status,
            error: message.error.clone(),
            feedback: message.feedback.clone(),
            attributes,
            raw: item.raw.to_vec(),
        });
    }

    /// Returns the spans of the trace, the root first; an empty list without messages.
    pub(super) fn into_spans(self, thread: &ThreadContext) -> Vec<otlp::Span> {
        let question = self.steps.iter().find(|step| step.role == Role::User).or(self.steps.first());
        let Some(question) = question else { return Vec::new() };
        let mut builder = ConversationBuilder {
            ids: TraceIds::new(thread, &question.name),
            spans: Vec::new(),
            open: Vec::new(),
            inputs: Vec::new(),
            before: question.time.micros,
        };
        let root_id = builder.ids.span_id(&["root"]);
        self.steps.iter().for_each(|step| builder.add(step));
        let children = builder.finish();
        let mut root = root_span(&self.steps, question, thread);
        for child in &children {
            let start = root.start_time_unix_nano;
            root.start_time_unix_nano = start.min(child.start_time_unix_nano);
            root.end_time_unix_nano = root.end_time_unix_nano.max(child.end_time_unix_nano);
        }
        let children =
            children.into_iter().map(|child| otlp::Span { parent_span_id: root_id.clone(), ..child });
        std::iter::once(root).chain(children).collect()
    }
}

fn has_results(message: &Message) -> bool {
    let mut blocks = message.sides.iter().flat_map(|side| &side.blocks);
    blocks.any(|block| matches!(block, Block::ToolResult { .. }))
}

/// Returns the root: the question, and the last answer.
fn root_span(steps: &[Step], question: &Step, thread: &ThreadContext) -> otlp::Span {
    let text = question.chat.text();
    let is_question = question.role == Role::User;
    let name = thread.trace_name(if is_question { &text } else { "" }, question.role.as_str());
    let last = steps.last().map_or(question.time, |step| step.time);
    let first = steps.first().map_or(question.time, |step| step.time).micros.min(question.time.micros);
    let ids = TraceIds::new(thread, &question.name);
    let mut root = ids.new_span(&["root"], &name, "AGENT", [first, last.micros]);
    let mut attributes = question.attributes.clone();
    add_kind(&mut attributes, "AGENT");
    thread.add_root_attributes(&mut attributes, &question.raw);
    question.time.add_mark(&mut attributes);
    let inputs: Vec<ChatMessage> = steps
        .iter()
        .filter(|step| !step.is_answer() && step.role != Role::Tool)
        .map(|step| step.chat.clone())
        .collect();
    let answer = steps.iter().rfind(|step| step.is_answer());
    let keys = ["input.value", "input.mime_type"];
    attributes.payload(keys, text, "text/plain");
    add_messages(&mut attributes, Direction::Input, &inputs);
    if let Some(answer) = answer {
        attributes.payload(["output.value", "output.mime_type"], answer.chat.text(), "text/plain");
        add_messages(&mut attributes, Direction::Output, std::slice::from_ref(&answer.chat));
    }
    let mut usage = Usage::default();
    let mut others = String::new();
    for step in steps.iter().filter(|step| !step.is_answer()) {
        step.usage.iter().for_each(|more| usage.add(more));
        if step.name != question.name && step.role != Role::Tool {
            others.push_str(if others.is_empty() { "[" } else { "," });
            others.push_str(&step.fields());
        }
        add_feedback(&mut root, &step.feedback);
    }
    if !others.is_empty() {
        attributes.text("unspool.other_messages", others + "]");
    }
    add_usage(&mut attributes, &usage);
    root.attributes = attributes.0;
    let error = answer.and_then(|answer| answer.error.as_ref());
    set_status(&mut root, answer.map_or(Status::Unknown, |answer| answer.status), error);
    root
}

impl Step {
    fn is_answer(&self) -> bool {
        match self.role {
            Role::Assistant => true,
            Role::Unknown | Role::Other => self.usage.is_some() || !self.models.is_empty(),
            Role::User | Role::System | Role::Tool | Role::Hidden | Role::Developer | Role::Turn => false,
        }
    }

    fn fields(&self) -> String {
        render(|json| write_message_fields(json, &self.raw))
    }

    fn start(&self, before: i64) -> i64 {
        let end = self.time.micros;
        self.duration.map_or(before.min(end), |duration| end.saturating_sub(duration))
    }
}

struct ConversationBuilder<'a> {
    ids: TraceIds<'a>,
    spans: Vec<otlp::Span>,
    open: Vec<OpenCall>,
    /// The messages since the last answer.
    inputs: Vec<ChatMessage>,
    /// The time of the previous message.
    before: i64,
}

impl ConversationBuilder<'_> {
    fn add(&mut self, step: &Step) {
        // A call without a result lasts at most until the next message.
        for call in &self.open {
            if let Some(span) = self.spans.get_mut(call.span) {
                let end = u64::try_from(step.time.micros.saturating_mul(1000)).unwrap_or(0);
                span.end_time_unix_nano = span.end_time_unix_nano.max(end);
            }
        }
        if step.is_answer() {
            self.add_answer(step);
        } else {
            self.inputs.push(step.chat.clone());
        }
        self.add_results(step);
        self.before = step.time.micros;
    }

    fn add_answer(&mut self, step: &Step) {
        let model = step.models.first().map(String::as_str).unwrap_or_default();
        let name = format!("chat {model}");
        let times = [step.start(self.before), step.time.micros];
        let mut span = self.ids.new_span(&["model", &step.name], name.trim_end(), "LLM", times);
        let mut attributes = step.attributes.clone();
        add_kind(&mut attributes, "LLM");
        step.time.add_mark(&mut attributes);
        add_models(&mut attributes, &step.models);
        step.usage.iter().for_each(|usage| add_usage(&mut attributes, usage));
        attributes.text("metadata", step.fields());
        let inputs = std::mem::take(&mut self.inputs);
        let input = inputs.iter().map(ChatMessage::text).filter(|text| !text.is_empty());
        let input = input.collect::<Vec<_>>().join("\n\n");
        attributes.payload(["input.value", "input.mime_type"], input, "text/plain");
        attributes.payload(["output.value", "output.mime_type"], step.chat.text(), "text/plain");
        add_messages(&mut attributes, Direction::Input, &inputs);
        add_messages(&mut attributes, Direction::Output, std::slice::from_ref(&step.chat));
        span.attributes = attributes.0;
        add_feedback(&mut span, &step.feedback);
        set_status(&mut span, step.status, step.error.as_ref());
        self.spans.push(span);
        self.add_calls(step);
    }

    fn add_calls(&mut self, step: &Step) {
        let mut number = 0_usize;
        for part in &step.chat.parts {
            let Part::ToolCall { id, name, arguments } = part else { continue };
            number += 1;
            let occurrence = number.to_string();
            let names = ["tool", &step.name, id, &occurrence];
            let mut span = self.tool_span(&names, name, [step.time.micros; 2]);
            let mut attributes = Attributes(std::mem::take(&mut span.attributes));
            attributes.text("unspool.message.id", step.name.as_str());
            attributes.text("gen_ai.tool.call.id", id);
            attributes.text("tool.id", id);
            attributes.text("tool.parameters", arguments);
            attributes.text("gen_ai.tool.call.arguments", arguments);
            attributes.payload(["input.value", "input.mime_type"], arguments.clone(), "application/json");
            step.time.add_mark(&mut attributes);
            span.attributes = attributes.0;
            if self.open.len() >= MAX_OPEN_CALLS {
                let oldest = self.open.remove(0);
                self.mark_unfinished(&oldest);
            }
            self.open.push(OpenCall { id: id.clone(), span: self.spans.len(), start: step.time.micros });
            self.spans.push(span);
        }
    }

    fn tool_span(&self, names: &[&str], name: &str, times: [i64; 2]) -> otlp::Span {
        let name = if name.is_empty() { "tool" } else { name };
        let mut span = self.ids.new_span(names, &format!("execute_tool {name}"), "TOOL", times);
        let mut attributes = Attributes::default();
        add_kind(&mut attributes, "TOOL");
        attributes.text("tool.name", name);
        attributes.text("gen_ai.tool.name", name);
        span.attributes = attributes.0;
        span
    }

    /// Adds results to their calls. Other parts of a tool's message belong to its last result.
    fn add_results(&mut self, step: &Step) {
        let is_tool = step.role == Role::Tool;
        let mut results: Vec<(String, String, bool)> = Vec::new();
        let mut rest = Vec::new();
        for part in &step.chat.parts {
            match part {
                Part::ToolResult { id, result, is_error } => {
                    results.push((id.clone(), result.clone(), *is_error))
                }
                Part::Text(text) | Part::Reasoning(text) | Part::Other(text) if is_tool => {
                    rest.push(text.clone())
                }
                Part::Text(_) | Part::Reasoning(_) | Part::Other(_) | Part::ToolCall { .. } => {}
            }
        }
        if is_tool && results.is_empty() {
            results.push((String::new(), String::new(), step.status == Status::Error));
        }
        if let Some((_, result, _)) = results.last_mut() {
            let parts = std::iter::once(std::mem::take(result)).chain(rest).filter(|text| !text.is_empty());
            *result = parts.collect::<Vec<_>>().join("\n\n");
        }
        let is_only = results.len() == 1;
        for (number, result) in results.into_iter().enumerate() {
            self.add_result(step, (number, is_only), result);
        }
    }

    fn add_result(
        &mut self,
        step: &Step,
        (number, is_only): (usize, bool),
        (id, result, is_error): (String, String, bool),
    ) {
        let by_id = self.open.iter().position(|call| call.id == id);
        let position = by_id.or_else(|| (id.is_empty() && !self.open.is_empty()).then_some(0));
        let (index, called) = match position {
            Some(position) => {
                let call = self.open.remove(position);
                (call.span, call.start)
            }
            None => {
                let names = ["result", &step.name, &id, &number.to_string()];
                self.spans.push(self.tool_span(&names, "", [step.time.micros; 2]));
                (self.spans.len() - 1, self.before)
            }
        };
        let start = if is_only { step.start(called) } else { called.min(step.time.micros) };
        let times = self.ids.new_span(&[], "", "TOOL", [start, step.time.micros]);
        let Some(span) = self.spans.get_mut(index) else { return };
        (span.start_time_unix_nano, span.end_time_unix_nano) =
            (times.start_time_unix_nano, times.end_time_unix_nano);
        let mut attributes = Attributes(std::mem::take(&mut span.attributes));
        attributes.text("unspool.result.message.id", step.name.as_str());
        attributes.text("gen_ai.tool.call.result", &result);
        attributes.payload(["output.value", "output.mime_type"], result.clone(), mime_type(&result));
        attributes.text("metadata", step.fields());
        if position.is_none() {
            attributes.text("gen_ai.tool.call.id", id);
            step.time.add_mark(&mut attributes);
        }
        span.attributes = attributes.0;
        let error = SpanError { kind: "tool_error".to_owned(), message: result, category: String::new() };
        let is_error = is_error || step.error.is_some();
        let status = if is_error { Status::Error } else { Status::Success };
        set_status(span, status, is_error.then_some(step.error.as_ref().unwrap_or(&error)));
    }

    fn finish(mut self) -> Vec<otlp::Span> {
        for call in std::mem::take(&mut self.open) {
            self.mark_unfinished(&call);
        }
        self.spans
    }

    fn mark_unfinished(&mut self, call: &OpenCall) {
        if let Some(span) = self.spans.get_mut(call.span) {
            let mut attributes = Attributes::default();
            attributes.flag("unspool.unfinished");
            span.attributes.extend(attributes.0);
        }
    }
}

fn mime_type(text: &str) -> &'static str {
    if text.starts_with(['{', '[']) { "application/json" } else { "text/plain" }
}
