//! The parts that all spans have: ids, times, status, usage and models.

use opentelemetry_proto::tonic::trace::v1 as otlp;
use opentelemetry_proto::tonic::trace::v1::span::{Event, SpanKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

use super::attributes::Attributes;
use super::context::ThreadContext;
use super::conventions;
use super::ids::HashedId;
use crate::domain::{Feedback, Sentiment, SpanError, Status, Usage};

/// The names from which the ids of a trace are derived: those of its thread, and of its first message.
#[derive(Clone, Copy, Debug)]
pub(super) struct TraceIds<'a>(pub [&'a str; 3]);

impl<'a> TraceIds<'a> {
    pub(super) fn new(thread: &'a ThreadContext, message: &'a str) -> Self {
        Self([&thread.id_prefix, &thread.id, message])
    }

    pub(super) fn trace_id(self) -> Vec<u8> {
        HashedId::of(&self.0).trace_id().to_vec()
    }

    pub(super) fn span_id(self, names: &[&str]) -> Vec<u8> {
        HashedId::of(&[&self.0[..], names].concat()).span_id().to_vec()
    }

    /// Returns a span with ids, name, kind and times in microseconds.
    pub(super) fn new_span(
        self,
        names: &[&str],
        name: &str,
        kind: &str,
        [start, end]: [i64; 2],
    ) -> otlp::Span {
        let start = to_nanos(start);
        let span_kind = if conventions::is_client(kind) { SpanKind::Client } else { SpanKind::Internal };
        otlp::Span {
            trace_id: self.trace_id(),
            span_id: self.span_id(names),
            name: if name.is_empty() { "span".to_owned() } else { name.to_owned() },
            kind: span_kind as i32,
            start_time_unix_nano: start,
            end_time_unix_nano: to_nanos(end).max(start),
            ..otlp::Span::default()
        }
    }
}

/// Converts microseconds to nanoseconds. Times before 1970 become 0, and overflow is clamped.
fn to_nanos(micros: i64) -> u64 {
    u64::try_from(micros.max(0).saturating_mul(1000)).unwrap_or(0)
}

/// Adds the kind and the operation of a span.
pub(super) fn add_kind(attributes: &mut Attributes, kind: &str) {
    attributes.text("openinference.span.kind", kind);
    attributes.text("gen_ai.operation.name", conventions::operation_name(kind).unwrap_or_default());
}

/// Adds the first model and its maker.
pub(super) fn add_models(attributes: &mut Attributes, models: &[String]) {
    let Some(model) = models.first() else { return };
    attributes.text("gen_ai.request.model", model);
    attributes.text("llm.model_name", model);
    if let Some([name, provider]) = conventions::provider_names(model) {
        attributes.text("gen_ai.provider.name", name);
        attributes.text("llm.provider", provider);
    }
    if models.len() > 1 {
        attributes.texts("unspool.models", models.to_vec());
    }
}

/// Adds tokens and cost.
pub(super) fn add_usage(attributes: &mut Attributes, usage: &Usage) {
    for (key, count) in [
        ("gen_ai.usage.input_tokens", usage.input_tokens),
        ("llm.token_count.prompt", usage.input_tokens),
        ("gen_ai.usage.output_tokens", usage.output_tokens),
        ("llm.token_count.completion", usage.output_tokens),
        ("gen_ai.usage.cache_read.input_tokens", usage.cached_tokens),
        ("llm.token_count.prompt_details.cache_read", usage.cached_tokens),
        ("gen_ai.usage.reasoning.output_tokens", usage.reasoning_tokens),
        ("llm.token_count.completion_details.reasoning", usage.reasoning_tokens),
        ("llm.token_count.total", usage.total()),
    ] {
        attributes.int(key, count);
    }
    attributes.float("llm.cost.total", usage.cost_usd);
}

/// Sets the status and the error of a span.
pub(super) fn set_status(span: &mut otlp::Span, status: Status, error: Option<&SpanError>) {
    let code = match status {
        _ if error.is_some() => StatusCode::Error,
        Status::Error => StatusCode::Error,
        Status::Success => StatusCode::Ok,
        Status::Canceled | Status::Other | Status::Unknown => StatusCode::Unset,
    };
    let message = error.map(|error| error.message.clone()).unwrap_or_default();
    span.status = Some(otlp::Status { code: code as i32, message });
    let Some(error) = error else { return };
    let mut event = Attributes::default();
    event.text("exception.type", &error.kind);
    event.text("exception.message", &error.message);
    span.events.push(Event {
        name: "exception".to_owned(),
        time_unix_nano: span.end_time_unix_nano,
        attributes: event.0,
        ..Event::default()
    });
    let mut attributes = Attributes::default();
    attributes.text("error.type", if error.kind.is_empty() { "_OTHER" } else { &error.kind });
    attributes.text("unspool.error.category", &error.category);
    span.attributes.extend(attributes.0);
}

/// Returns the score of feedback: 1 for positive, 0 for negative.
pub(super) fn feedback_score(feedback: &Feedback) -> Option<f64> {
    match feedback.sentiment {
        Sentiment::Positive => Some(1.0),
        Sentiment::Negative => Some(0.0),
        Sentiment::Other => None,
    }
}

/// Adds feedback as events.
pub(super) fn add_feedback(span: &mut otlp::Span, feedback: &[Feedback]) {
    let end = span.end_time_unix_nano;
    span.events.extend(feedback.iter().map(|feedback| {
        let mut event = Attributes::default();
        event.text("gen_ai.evaluation.name", "user_feedback");
        event.text("gen_ai.evaluation.score.label", &feedback.sentiment_text);
        event.float("gen_ai.evaluation.score.value", feedback_score(feedback));
        event.text("gen_ai.evaluation.explanation", &feedback.description);
        event.text("unspool.feedback.id", &feedback.id);
        Event {
            name: "gen_ai.evaluation.result".to_owned(),
            time_unix_nano: feedback.created_at.map_or(end, |time| to_nanos(time.0)),
            attributes: event.0,
            ..Event::default()
        }
    }));
}
