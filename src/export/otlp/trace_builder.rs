//! The conversion of messages to traces: a turn with both sides is one trace; other messages form a trace from one question
//! to the next.

use std::collections::HashMap;

use opentelemetry_proto::tonic::trace::v1 as otlp;

use super::context::ThreadContext;
use super::conversation::Conversation;
use super::span::feedback_score;
use super::turn::turn_spans;
use crate::domain::{Feedback, Role};
use crate::export::ExportedMessage;
use crate::text::hex;

/// Builds the traces of one thread, message by message. Ids depend on the thread only, so that sending it twice does not
/// duplicate it.
#[derive(Debug, Default)]
pub struct TraceBuilder {
    /// The salt, which is part of all ids.
    salt: String,
    names: IdDisambiguator,
    thread: Option<ThreadContext>,
    conversation: Conversation,
    annotations: Vec<Annotation>,
}

/// Feedback on a span, for backends that keep it outside of spans.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// The id of the span, hexadecimal.
    pub span_id: String,
    pub label: String,
    pub score: Option<f64>,
    pub explanation: String,
    /// The id of the feedback.
    pub identifier: String,
}

impl TraceBuilder {
    /// Creates a builder whose ids differ from those of builders with another salt.
    pub fn with_salt(salt: String) -> Self {
        Self { salt, ..Self::default() }
    }

    /// Takes the annotations of the traces so far.
    pub fn take_annotations(&mut self) -> Vec<Annotation> {
        std::mem::take(&mut self.annotations)
    }

    /// Adds a message, in the order of the thread; returns the spans of complete traces, each root first, parents before
    /// children.
    pub fn add(&mut self, item: &ExportedMessage<'_>) -> Vec<otlp::Span> {
        let thread = self.thread.get_or_insert_with(|| ThreadContext::new(item.document, &self.salt));
        let name = self.names.unique_name(item);
        let is_turn = item.message.role == Role::Turn;
        let mut spans = match is_turn || self.conversation.is_ended_by(item.message) {
            true => std::mem::take(&mut self.conversation).into_spans(thread),
            false => Vec::new(),
        };
        if is_turn {
            let turn = turn_spans(item, thread, &name);
            if let Some(root) = turn.first() {
                self.annotations.extend(annotations(root, &item.message.feedback));
            }
            spans.extend(turn);
        } else {
            self.conversation.push(item, name, thread);
        }
        spans
    }

    /// Returns the spans of the last trace.
    pub fn finish(&mut self) -> Vec<otlp::Span> {
        let conversation = std::mem::take(&mut self.conversation);
        self.thread.as_ref().map(|thread| conversation.into_spans(thread)).unwrap_or_default()
    }
}

fn annotations(span: &otlp::Span, feedback: &[Feedback]) -> Vec<Annotation> {
    let span_id = hex(&span.span_id);
    let annotation = |feedback: &Feedback| Annotation {
        span_id: span_id.clone(),
        label: feedback.sentiment_text.clone(),
        score: feedback_score(feedback),
        explanation: feedback.description.clone(),
        identifier: feedback.id.clone(),
    };
    feedback.iter().map(annotation).collect()
}

/// Counts the occurrences of each message id, which are not always unique.
#[derive(Clone, Debug, Default)]
struct IdDisambiguator(HashMap<String, u32>);

impl IdDisambiguator {
    /// Returns a name for the message that is unique within the thread.
    fn unique_name(&mut self, item: &ExportedMessage<'_>) -> String {
        if item.message.id.is_empty() {
            return format!("#{}", item.index);
        }
        let count = self.0.entry(item.message.id.clone()).or_default();
        *count += 1;
        if *count == 1 { item.message.id.clone() } else { format!("{}#{count}", item.message.id) }
    }
}
