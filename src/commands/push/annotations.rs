//! Feedback in the form of Phoenix's span annotations.

use serde::Serialize;

use crate::export::otlp::Annotation;

#[derive(Serialize)]
struct Request<'a> {
    data: Vec<SpanAnnotation<'a>>,
}

#[derive(Serialize)]
struct SpanAnnotation<'a> {
    span_id: &'a str,
    name: &'a str,
    annotator_kind: &'a str,
    result: AnnotationResult<'a>,
    identifier: &'a str,
}

#[derive(Serialize)]
struct AnnotationResult<'a> {
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    explanation: &'a str,
}

/// Returns the body of a request; empty if there is nothing to send.
pub(super) fn to_json(annotations: &[Annotation]) -> Vec<u8> {
    if annotations.is_empty() {
        return Vec::new();
    }
    let data = annotations.iter().map(|annotation| SpanAnnotation {
        span_id: &annotation.span_id,
        name: "user_feedback",
        annotator_kind: "HUMAN",
        result: AnnotationResult {
            label: &annotation.label,
            score: annotation.score,
            explanation: &annotation.explanation,
        },
        identifier: &annotation.identifier,
    });
    // Texts and numbers can always be written as JSON.
    serde_json::to_vec(&Request { data: data.collect() }).unwrap_or_default()
}
