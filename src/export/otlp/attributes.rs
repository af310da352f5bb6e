//! Attributes of spans: creation, and the size and truncation of their texts.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;

/// The attribute that marks a span with truncated texts.
const TRUNCATED_KEY: &str = "unspool.truncated";

/// The attributes of a span under construction. Unknown values are omitted.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes(pub Vec<KeyValue>);

impl Attributes {
    /// Adds a text, unless it is empty.
    pub(super) fn text(&mut self, key: impl Into<String>, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.0.push(attribute(key, Value::StringValue(value)));
        }
    }

    pub(super) fn int(&mut self, key: impl Into<String>, value: Option<i64>) {
        self.0.extend(value.map(|value| attribute(key, Value::IntValue(value))));
    }

    /// Adds a finite number.
    pub(super) fn float(&mut self, key: impl Into<String>, value: Option<f64>) {
        let value = value.filter(|value| value.is_finite());
        self.0.extend(value.map(|value| attribute(key, Value::DoubleValue(value))));
    }

    pub(super) fn flag(&mut self, key: impl Into<String>) {
        self.0.push(attribute(key, Value::BoolValue(true)));
    }

    /// Adds a list of texts, unless it is empty.
    pub(super) fn texts(&mut self, key: impl Into<String>, values: Vec<String>) {
        if !values.is_empty() {
            let values = values.into_iter().map(|text| AnyValue { value: Some(Value::StringValue(text)) });
            self.0.push(attribute(key, Value::ArrayValue(ArrayValue { values: values.collect() })));
        }
    }

    /// Adds a text and its type, unless the text is empty.
    pub(super) fn payload(&mut self, [value_key, type_key]: [&str; 2], value: String, mime_type: &str) {
        if !value.is_empty() {
            self.text(value_key, value);
            self.text(type_key, mime_type);
        }
    }
}

fn attribute(key: impl Into<String>, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

/// Returns the value of an attribute; those built here always have one.
pub(super) fn value(attribute: &KeyValue) -> Option<&Value> {
    attribute.value.as_ref()?.value.as_ref()
}

/// Returns the total length of the texts of a span, in bytes.
pub fn text_bytes(span: &Span) -> usize {
    let attributes = span.events.iter().map(|event| &event.attributes).chain([&span.attributes]).flatten();
    let texts = attributes.map(|attribute| match value(attribute) {
        Some(Value::StringValue(text)) => text.len(),
        _ => 0,
    });
    let status = span.status.as_ref().map_or(0, |status| status.message.len());
    span.name.len() + status + texts.sum::<usize>()
}

/// Truncates every text of the span to `max` bytes and marks a span with truncated texts.
#[must_use]
pub fn truncate_texts(mut span: Span, max: usize) -> Span {
    let mut any = truncate(&mut span.name, max);
    if let Some(status) = &mut span.status {
        any |= truncate(&mut status.message, max);
    }
    let events = span.events.iter_mut().map(|event| &mut event.attributes);
    for attribute in events.chain([&mut span.attributes]).flatten() {
        if let Some(AnyValue { value: Some(Value::StringValue(text)) }) = &mut attribute.value {
            any |= truncate(text, max);
        }
    }
    if any && !span.attributes.iter().any(|attribute| attribute.key == TRUNCATED_KEY) {
        span.attributes.push(attribute(TRUNCATED_KEY, Value::BoolValue(true)));
    }
    span
}

/// Returns whether the text was too long.
fn truncate(text: &mut String, max: usize) -> bool {
    let is_too_long = text.len() > max;
    text.truncate(text.floor_char_boundary(max));
    is_too_long
}
