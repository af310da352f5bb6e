//! The service's own fields of a message or span, for formats that omit nothing. Content that the common model has as text,
//! blocks or spans is not repeated.

use std::io::{self, Write as _};

use super::json::JsonWriter;
use crate::json::Value;

/// The members of a message that the common model has, at its top level and in its `entry`.
const MODEL_MESSAGE_MEMBERS: [&str; 6] = ["content", "artifacts", "tool_calls", "spans", "input", "output"];
/// The members of a span that the common model has.
const MODEL_SPAN_MEMBERS: [&str; 4] =
    ["operation_input", "operation_output", "operation_expected", "operation_metadata"];

/// Writes the fields of a message as an object.
///
/// # Errors
/// The errors of the writer.
pub(super) fn write_message_fields(json: &mut JsonWriter<'_>, raw: &[u8]) -> io::Result<()> {
    json.object(|json| {
        for (key, value) in Value::of(raw).members() {
            let key = key.text();
            if key == "entry" {
                json.dynamic_key(&key)?;
                json.object(|json| write_members(json, value, &MODEL_MESSAGE_MEMBERS))?;
            } else if !MODEL_MESSAGE_MEMBERS.contains(&&*key) {
                json.dynamic_key(&key)?;
                json.embed(value.raw())?;
            }
        }
        Ok(())
    })
}

/// Writes the fields of a span as an object.
///
/// # Errors
/// The errors of the writer.
pub(super) fn write_span_fields(json: &mut JsonWriter<'_>, raw: &[u8]) -> io::Result<()> {
    json.object(|json| write_members(json, Value::of(raw), &MODEL_SPAN_MEMBERS))
}

/// Writes the members of an object, except those with the given names.
///
/// # Errors
/// The errors of the writer.
pub(super) fn write_members(
    json: &mut JsonWriter<'_>,
    object: Value<'_>,
    excluded: &[&str],
) -> io::Result<()> {
    for (key, value) in object.members() {
        let key = key.text();
        if !excluded.contains(&&*key) {
            json.dynamic_key(&key)?;
            json.embed(value.raw())?;
        }
    }
    Ok(())
}

/// Returns the JSON that `fill` writes, as text; empty if it writes nothing.
pub(super) fn render(fill: impl FnOnce(&mut JsonWriter<'_>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    // Writing to memory does not fail.
    let _ = fill(&mut JsonWriter::new(&mut out)).and_then(|()| out.flush());
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_everything_except_the_content() {
        let turn =
            br#"{"entry":{"id":"e","input":{"q":1},"interaction_source":"CHAT"},"spans":[1],"group_id":"g"}"#;
        assert_eq!(
            render(|json| write_message_fields(json, turn)),
            r#"{"entry":{"id":"e","interaction_source":"CHAT"},"group_id":"g"}"#
        );
        let message = br#"{"id":1,"content":"text","metadata":{"a":1},"source":"UI"}"#;
        assert_eq!(
            render(|json| write_message_fields(json, message)),
            r#"{"id":1,"metadata":{"a":1},"source":"UI"}"#
        );
        let span = br#"{"id":"s","operation_input":{},"group_id":"g"}"#;
        assert_eq!(render(|json| write_span_fields(json, span)), r#"{"id":"s","group_id":"g"}"#);
    }
}
