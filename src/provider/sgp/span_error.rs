//! The error of an operation, in the format of Scale's tracing in the metadata (`error`, `error_type`, `error_message`,
//! `error_category`), and in looser formats.

use crate::domain::SpanError;
use crate::json::{Kind, Value};
use crate::provider::fields;

const ERROR_KEYS: [&str; 4] = ["error", "error_type", "error_message", "error_category"];

/// Reads the error from the metadata; `None` if there is none.
pub(super) fn read_error(metadata: Option<Value<'_>>) -> Option<SpanError> {
    let [error, kind, message, category] = metadata?.get_many(ERROR_KEYS);
    if !is_failure(error, kind, message) {
        return None;
    }
    let mut span_error = SpanError {
        kind: fields::text(kind),
        message: fields::text(message),
        category: fields::text(category),
    };
    if let Some(error) = error.filter(|error| error.kind() != Kind::Bool) {
        let [inner_kind, code, inner_message] = error.get_many(["type", "code", "message"]);
        if span_error.kind.is_empty() {
            span_error.kind = fields::text(inner_kind.or(code));
        }
        if span_error.message.is_empty() {
            span_error.message = fields::text(inner_message.or(Some(error)));
        }
    }
    Some(span_error)
}

/// Returns whether the metadata has an error.
pub(super) fn has_error(metadata: Value<'_>) -> bool {
    let [error, kind, message, _] = metadata.get_many(ERROR_KEYS);
    is_failure(error, kind, message)
}

/// Returns whether these members mean a failure: `error` decides if present, otherwise a message or a type does.
fn is_failure(error: Option<Value<'_>>, kind: Option<Value<'_>>, message: Option<Value<'_>>) -> bool {
    match error {
        Some(flag) if flag.kind() == Kind::Bool => flag.as_bool() == Some(true),
        Some(number) if number.kind() == Kind::Number => number.as_f64() != Some(0.0),
        Some(value) => !fields::is_blank(value),
        None => [kind, message].into_iter().flatten().any(|value| !fields::is_blank(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as_tuple(metadata: &str) -> Option<(String, String, String)> {
        let value = Value::of(metadata.as_bytes());
        let error = read_error(Some(value));
        assert_eq!(error.is_some(), has_error(value), "{metadata}");
        error.map(|error| (error.kind, error.message, error.category))
    }

    #[test]
    fn reads_scale_tracing_errors() {
        let text = r#"{"error":true,"error_type":"T","error_message":"m","error_category":"platform"}"#;
        assert_eq!(read_as_tuple(text), Some(("T".into(), "m".into(), "platform".into())));
    }

    #[test]
    fn reads_looser_error_formats() {
        for (text, kind, message) in [
            (r#"{"error":true}"#, "", ""),
            (r#"{"error_message":"m"}"#, "", "m"),
            (r#"{"error":"m"}"#, "", "m"),
            (r#"{"error":{"type":"T","message":"m"}}"#, "T", "m"),
            (r#"{"error":{"code":7,"message":"m"},"error_type":"T"}"#, "T", "m"),
        ] {
            assert_eq!(read_as_tuple(text), Some((kind.into(), message.into(), String::new())), "{text}");
        }
    }

    #[test]
    fn returns_none_without_error() {
        for text in [
            "null",
            "[]",
            "{}",
            r#"{"error":false,"error_message":"m"}"#,
            r#"{"error":null,"error_message":""}"#,
            r#"{"error":"","error_type":null}"#,
            r#"{"error":0}"#,
            r#"{"errors":["x"]}"#,
        ] {
            assert_eq!(read_as_tuple(text), None, "{text}");
        }
    }
}
