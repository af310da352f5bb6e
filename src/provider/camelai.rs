//! camelAI (legacy REST): a thread is a list of messages in the order in which they were written.

mod address;
mod artifact;
mod listing;
mod message;

use super::error_body::{self, ServiceHints};
use super::{
    AccessError, ApiError, Capabilities, EnvVariable, ListScope, Listing, ParsedThreadId, Provider, Request,
    ServiceAccess, fields,
};
use std::time::Duration;

use crate::domain::{ListedThread, Message, MessageSummary, Raw, Thread, Timestamp};
use crate::json::{Kind, Value};

/// camelAI.
#[derive(Clone, Copy, Debug)]
pub struct Camelai;

impl Provider for Camelai {
    fn id(&self) -> &'static str {
        "camelai"
    }

    fn display_name(&self) -> &'static str {
        "camelAI"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            no_spans_reason: Some("camelAI does not record spans."),
            no_feedback_reason: Some("camelAI's API does not return feedback."),
            has_turns: false,
            is_ordered: true,
        }
    }

    fn parse_thread_id(&self, text: &str) -> Option<ParsedThreadId> {
        address::parse_thread_id(text)
    }

    fn check_id(&self, id: &str) -> Result<(), String> {
        address::parse_id(id).map(drop)
    }

    fn env_variables(&self) -> &'static [EnvVariable] {
        &address::ENV_VARIABLES
    }

    fn access_from_env(&self, lookup: &dyn Fn(&str) -> Option<String>) -> ServiceAccess {
        address::access_from_env(lookup)
    }

    fn messages_request(&self, id: &str, access: &ServiceAccess) -> Result<Request, AccessError> {
        address::messages_request(id, access)
    }

    fn details_request(&self, id: &str, access: &ServiceAccess) -> Option<Request> {
        address::details_request(id, access).ok()
    }

    fn start_listing(
        &self,
        access: &ServiceAccess,
        scope: &ListScope,
    ) -> Result<Box<dyn Listing>, AccessError> {
        Ok(Box::new(listing::CamelaiListing::new(access, scope)?))
    }

    /// Returns whether a body is of camelAI: its first message has a role, content or source, but no `entry`. If the first
    /// message does not decide, the other fields do.
    fn matches_body(&self, envelope: &[u8], first: Option<&[u8]>) -> bool {
        if let Some(first) = first.map(Value::of).filter(|first| first.kind() == Kind::Object) {
            let [entry, role, content, source] = first.get_many(["entry", "role", "content", "source"]);
            if entry.is_some() || role.or(content).or(source).is_some() {
                return entry.is_none();
            }
        }
        fields::first_present(Value::of(envelope), ["thread_id", "message_count"]).is_some()
    }

    fn read_summary(&self, raw: Raw, index: u32) -> MessageSummary {
        message::read_summary(raw, index)
    }

    fn read_message(&self, raw: &[u8]) -> Message {
        message::read_message(raw)
    }

    fn read_thread(&self, envelope: &[u8]) -> Thread {
        let [id, count, inner] = Value::of(envelope).get_many(["thread_id", "message_count", "thread"]);
        Thread {
            id: fields::non_empty_text(id),
            title: inner.and_then(|thread| fields::non_empty_string(thread.get("title"))),
            message_count: count.and_then(Value::as_i64),
            envelope: envelope.to_vec(),
            ..Thread::default()
        }
    }

    /// Adds the title, which only the details have. Ignores anything that is not an object.
    fn add_details(&self, thread: &mut Thread, details: &[u8]) {
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

    fn details_of_listed(&self, thread: &ListedThread) -> Option<Vec<u8>> {
        let time = |at: Option<Timestamp>| at.map(|at| at.0);
        let details = serde_json::json!({
            "id": thread.id,
            "title": thread.title,
            "created_at": time(thread.created_at),
            "last_modified": time(thread.updated_at),
            "message_count": thread.message_count,
        });
        serde_json::to_vec(&details).ok()
    }

    fn requested_delay(&self, body: &[u8]) -> Option<Duration> {
        listing::requested_seconds(body).map(Duration::from_secs)
    }

    fn explain_error(&self, status: u16, body: &[u8], _access: &ServiceAccess) -> ApiError {
        let hints = ServiceHints {
            key_variable: "CAMEL_API_KEY",
            base_url_variable: "CAMEL_API_URL",
            on_401: "Check CAMEL_API_KEY.",
            on_403: "This key is not allowed to read this thread: check that CAMEL_API_KEY belongs to the thread's account.",
            on_404: "Check the thread id: it does not exist, or it belongs to another account than CAMEL_API_KEY.",
        };
        ApiError {
            messages: error_body::error_messages(body),
            hint: error_body::hint_for_status(status, &hints),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn matches_by_first_message_then_by_envelope() {
        for (envelope, first, expected) in [
            (r#"{"messages":["#, Some(r#"{"id":1,"source":"API"}"#), true),
            (r#"{"messages":["#, Some(r#"{"role":"user","content":""}"#), true),
            (r#"{"thread_id":7,"messages":["#, Some(r#"{"entry":{},"role":"x"}"#), false),
            (r#"{"thread_id":7,"messages":["#, Some("null"), true),
            (r#"{"messages":[],"message_count":0}"#, None, true),
            (r#"{"messages":[],"thread":{}}"#, None, false),
            (r#"{"messages":["#, None, false),
        ] {
            assert_eq!(
                Camelai.matches_body(envelope.as_bytes(), first.map(str::as_bytes)),
                expected,
                "{envelope}"
            );
        }
    }

    #[test]
    fn details_fill_in_missing_thread_fields() {
        let mut read = Camelai.read_thread(br#"{"messages":[],"thread_id":7,"message_count":"17"}"#);
        assert_eq!((read.id.as_deref(), read.message_count), (Some("7"), Some(17)));
        let before = read.clone();
        Camelai.add_details(&mut read, b"<html>");
        assert_eq!(read, before);
        Camelai.add_details(
            &mut read,
            br#"{"id":9,"title":"T","last_modified":"1970-01-01T00:00:01Z","message_count":3}"#,
        );
        assert_eq!((read.id.as_deref(), read.title.as_deref()), (Some("7"), Some("T")));
        assert_eq!((read.updated_at, read.message_count), (Some(Timestamp(1_000_000)), Some(17)));
        assert!(read.details.is_some());
    }
}
