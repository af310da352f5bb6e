//! What stands around the messages of camelAI's answer, and the answer about the thread itself.

use crate::domain::Thread;
use crate::json::{Kind, Value};
use crate::provider::fields;

/// A first message with a role, content or source is camelAI's, one with an `entry` is not; where there is none, the
/// fields around decide.
pub(super) fn matches_body(envelope: &[u8], first: Option<&[u8]>) -> bool {
    if let Some(first) = first.map(Value::of).filter(|first| first.kind() == Kind::Object) {
        let [entry, role, content, source] = first.get_many(["entry", "role", "content", "source"]);
        if entry.is_some() || role.or(content).or(source).is_some() {
            return entry.is_none();
        }
    }
    fields::first_present(Value::of(envelope), ["thread_id", "message_count"]).is_some()
}

pub(super) fn read_thread(envelope: &[u8]) -> Thread {
    let [id, count, inner] = Value::of(envelope).get_many(["thread_id", "message_count", "thread"]);
    Thread {
        id: fields::non_empty_text(id),
        title: inner.and_then(|thread| fields::non_empty_string(thread.get("title"))),
        message_count: count.and_then(Value::as_i64),
        envelope: envelope.to_vec(),
        ..Thread::default()
    }
}

/// The messages do not tell the title; the details do. Anything that is not an object is left alone.
pub(super) fn add_details(thread: &mut Thread, details: &[u8]) {
    let value = Value::of(details);
    if value.kind() != Kind::Object {
        return;
    }
    let [id, title, created, modified, count] =
        value.get_many(["id", "title", "created_at", "last_modified", "message_count"]);
    thread.id = thread.id.take().or_else(|| fields::non_empty_text(id));
    thread.title = fields::non_empty_text(title).or_else(|| thread.title.take());
    thread.created_at = created.and_then(fields::timestamp).or(thread.created_at);
    thread.updated_at = modified.and_then(fields::timestamp).or(thread.updated_at);
    thread.message_count = thread.message_count.or_else(|| count.and_then(Value::as_i64));
    thread.details = Some(details.to_vec());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn matches_by_first_message_then_by_envelope() {
        for (envelope, first, wanted) in [
            (r#"{"messages":["#, Some(r#"{"id":1,"source":"API"}"#), true),
            (r#"{"messages":["#, Some(r#"{"role":"user","content":""}"#), true),
            (r#"{"thread_id":7,"messages":["#, Some(r#"{"entry":{},"role":"x"}"#), false),
            (r#"{"thread_id":7,"messages":["#, Some("null"), true),
            (r#"{"messages":[],"message_count":0}"#, None, true),
            (r#"{"messages":[],"thread":{}}"#, None, false),
            (r#"{"messages":["#, None, false),
        ] {
            assert_eq!(matches_body(envelope.as_bytes(), first.map(str::as_bytes)), wanted, "{envelope}");
        }
    }

    #[test]
    fn details_fill_in_missing_thread_fields() {
        let mut read = read_thread(br#"{"messages":[],"thread_id":7,"message_count":"17"}"#);
        assert_eq!((read.id.as_deref(), read.message_count), (Some("7"), Some(17)));
        let before = read.clone();
        add_details(&mut read, b"<html>");
        assert_eq!(read, before);
        add_details(
            &mut read,
            br#"{"id":9,"title":"T","last_modified":"1970-01-01T00:00:01Z","message_count":3}"#,
        );
        assert_eq!((read.id.as_deref(), read.title.as_deref()), (Some("7"), Some("T")));
        assert_eq!((read.updated_at, read.message_count), (Some(Timestamp(1_000_000)), Some(17)));
        assert!(read.details.is_some());
    }
}
