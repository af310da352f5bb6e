//! Scale SGP (v4): a thread is a list of turns, each with the user's input, the answer, spans and feedback.

mod address;
mod listing;
mod span;
mod span_error;
mod turn;
mod turn_text;

use super::error_body::{self, ServiceHints};
use super::{
    AccessError, ApiError, Capabilities, EnvVariable, ListScope, Listing, ParsedThreadId, Provider, Request,
    ServiceAccess, fields,
};
use crate::domain::{Feedback, Message, MessageSummary, Raw, Thread};
use crate::json::{Kind, Value};

/// Scale SGP.
#[derive(Clone, Copy, Debug)]
pub struct Sgp;

impl Provider for Sgp {
    fn id(&self) -> &'static str {
        "sgp"
    }

    fn display_name(&self) -> &'static str {
        "Scale SGP"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { no_spans_reason: None, no_feedback_reason: None, has_turns: true, is_ordered: false }
    }

    fn parse_thread_id(&self, text: &str) -> Option<ParsedThreadId> {
        address::parse_thread_id(text)
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

    fn start_listing(
        &self,
        access: &ServiceAccess,
        scope: &ListScope,
    ) -> Result<Box<dyn Listing>, AccessError> {
        Ok(Box::new(listing::SgpListing::new(access, scope)?))
    }

    /// Returns whether a body is of SGP: its first message has an `entry`; without a first message the other fields decide.
    fn matches_body(&self, envelope: &[u8], first: Option<&[u8]>) -> bool {
        if let Some(first) = first.map(Value::of).filter(|first| first.kind() == Kind::Object) {
            return first.get("entry").is_some();
        }
        let [thread, spec, thread_id, count] =
            Value::of(envelope).get_many(["thread", "application_spec_id", "thread_id", "message_count"]);
        spec.is_some() || (thread.is_some() && thread_id.is_none() && count.is_none())
    }

    fn read_summary(&self, raw: Raw, index: u32) -> MessageSummary {
        turn::read_summary(raw, index)
    }

    fn read_message(&self, raw: &[u8]) -> Message {
        turn::read_message(raw)
    }

    fn read_feedback(&self, raw: &[u8]) -> Vec<Feedback> {
        turn::read_feedback(raw)
    }

    fn read_thread(&self, envelope: &[u8]) -> Thread {
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

    fn message_thread_id(&self, raw: &[u8]) -> Option<String> {
        fields::non_empty_text(Value::of(raw).get("entry")?.get("chat_thread_id"))
    }

    fn has_spans(&self, raw: &[u8]) -> Option<bool> {
        Some(Value::of(raw).get("spans").is_some())
    }

    fn explain_error(&self, status: u16, body: &[u8], access: &ServiceAccess) -> ApiError {
        ApiError {
            messages: error_body::error_messages(body),
            hint: error_body::hint_for_status(status, &service_hints(access)),
        }
    }
}

fn service_hints(access: &ServiceAccess) -> ServiceHints {
    let has_account = access.account_id.as_deref().is_some_and(|account| !account.trim().is_empty());
    let on_401 = if has_account {
        "Check SGP_API_KEY, and that it belongs to the account in SGP_ACCOUNT_ID."
    } else {
        "Check SGP_API_KEY. SGP_ACCOUNT_ID is not set, and most keys are refused without it."
    };
    let on_403 = match (has_account, access.fetch_by_account) {
        (false, _) => {
            "This key is not allowed to read this thread: set SGP_ACCOUNT_ID to the thread's account."
        }
        (true, false) => {
            "This key is not allowed to read this thread: check SGP_ACCOUNT_ID, or, if the thread is another user's, \
             fetch it by account."
        }
        (true, true) => {
            "This key is not allowed to read this account's threads: check SGP_ACCOUNT_ID, or ask an admin of the account."
        }
    };
    let on_404 = if access.fetch_by_account {
        "Check the thread id and SGP_ACCOUNT_ID."
    } else {
        "Check the thread id. If the thread is another user's, fetch it by account (admins only)."
    };
    ServiceHints {
        key_variable: "SGP_API_KEY",
        base_url_variable: "SGP_CLIENT_BASE_URL",
        on_401,
        on_403,
        on_404,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_by_first_message_then_by_envelope() {
        for (envelope, first, expected) in [
            (r#"{"messages":["#, Some(r#"{"entry":{}}"#), true),
            (r#"{"thread":{},"messages":["#, Some(r#"{"role":"user"}"#), false),
            (r#"{"thread":{},"messages":["#, Some("null"), true),
            (r#"{"thread":{"id":"x"},"messages":["#, None, true),
            (r#"{"messages":[],"application_spec_id":"x"}"#, None, true),
            (r#"{"messages":[],"thread_id":7,"thread":{"model":"m"}}"#, None, false),
            (r#"{"messages":["#, None, false),
            ("", None, false),
        ] {
            assert_eq!(
                Sgp.matches_body(envelope.as_bytes(), first.map(str::as_bytes)),
                expected,
                "{envelope}"
            );
        }
    }

    #[test]
    fn reads_a_thread_with_fields_of_any_type() {
        let read = Sgp.read_thread(
            br#"{"thread":{"id":7,"title":null,"created_at":"x","updated_at":1.5},"messages":[]}"#,
        );
        assert_eq!(read.id.as_deref(), Some("7"));
        assert_eq!((read.title, read.created_at, read.updated_at.unwrap().0), (None, None, 1_500_000));
        assert_eq!(Sgp.read_thread(b"[]").id, None);
    }
}
