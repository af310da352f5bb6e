//! What stands around the messages of SGP's answer.

use crate::domain::Thread;
use crate::json::{Kind, Value};
use crate::provider::fields;

/// A first message with an `entry` is SGP's, one without is not; where there is none, the fields around decide.
pub(super) fn matches_body(envelope: &[u8], first: Option<&[u8]>) -> bool {
    if let Some(first) = first.map(Value::of).filter(|first| first.kind() == Kind::Object) {
        return first.get("entry").is_some();
    }
    let [thread, spec, thread_id, count] =
        Value::of(envelope).get_many(["thread", "application_spec_id", "thread_id", "message_count"]);
    spec.is_some() || (thread.is_some() && thread_id.is_none() && count.is_none())
}

pub(super) fn read_thread(envelope: &[u8]) -> Thread {
    let thread = Value::of(envelope).get("thread").unwrap_or(Value::of(b""));
    let [id, title, created, updated, archived] =
        thread.get_many(["id", "title", "created_at", "updated_at", "archived_at"]);
    Thread {
        id: fields::non_empty_text(id),
        title: fields::non_empty_text(title),
        created_at: created.and_then(fields::timestamp),
        updated_at: updated.and_then(fields::timestamp),
        archived_at: archived.and_then(fields::timestamp),
        message_count: None,
        envelope: envelope.to_vec(),
        details: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_by_first_message_then_by_envelope() {
        for (envelope, first, wanted) in [
            (r#"{"messages":["#, Some(r#"{"entry":{}}"#), true),
            (r#"{"thread":{},"messages":["#, Some(r#"{"role":"user"}"#), false),
            (r#"{"thread":{},"messages":["#, Some("null"), true),
            (r#"{"thread":{"id":"x"},"messages":["#, None, true),
            (r#"{"messages":[],"application_spec_id":"x"}"#, None, true),
            (r#"{"messages":[],"thread_id":7,"thread":{"model":"m"}}"#, None, false),
            (r#"{"messages":["#, None, false),
            ("", None, false),
        ] {
            assert_eq!(matches_body(envelope.as_bytes(), first.map(str::as_bytes)), wanted, "{envelope}");
        }
    }

    #[test]
    fn reads_a_thread_with_fields_of_any_type() {
        let read = read_thread(
            br#"{"thread":{"id":7,"title":null,"created_at":"x","updated_at":1.5},"messages":[]}"#,
        );
        assert_eq!(read.id.as_deref(), Some("7"));
        assert_eq!((read.title, read.created_at, read.updated_at.unwrap().0), (None, None, 1_500_000));
        assert_eq!(read_thread(b"[]").id, None);
    }
}
