//! The essentials of the two OpenAPI documents: the required fields, and the kind of each field.

use jiff::Timestamp;
use serde_json::Value;

const STATUSES: &str = "SUCCESS ERROR CANCELED";
const SOURCES: &str = "EXTERNAL_AI EVALUATION SGP_CHAT AGENTS_SERVICE";
const IDENTITIES: &str = "user service_account";
const OPERATIONS: &str = "TEXT_INPUT TEXT_OUTPUT COMPLETION_INPUT COMPLETION KB_RETRIEVAL KB_INPUT RERANKING \
    EXTERNAL_ENDPOINT PROMPT_ENGINEERING DOCUMENT_INPUT MAP_REDUCE DOCUMENT_SEARCH DOCUMENT_PROMPT CUSTOM \
    CODE_EXECUTION DATA_MANIPULATION EVALUATION FILE_RETRIEVAL KB_ADD_CHUNK KB_MANAGEMENT GUARDRAIL \
    OUTPUT_GUARDRAIL TRACER AGENT_TRACER AGENT_WORKFLOW STANDALONE";

/// The kind of a field.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Integer,
    Boolean,
    Object,
    Strings,
    Time,
    OneOf(&'static str),
}
use Kind::{Boolean, Integer, Object, OneOf, Strings, Text, Time};

/// The kinds with the names of their fields; required fields end with `!`.
type Schema = &'static [(Kind, &'static str)];

const THREAD: Schema = &[
    (Text, "id! title! application_variant_id! account_id! created_by_user_id!"),
    (OneOf(IDENTITIES), "created_by_identity_type!"),
    (Time, "created_at! updated_at! archived_at"),
    (Object, "thread_metadata"),
];
const ENTRY: Schema = &[
    (Text, "id! application_spec_id! application_variant_id! chat_thread_id"),
    (Object, "input! output! operation_metadata"),
    (Boolean, "aggregated!"),
    (Time, "start_timestamp! created_at!"),
    (Integer, "duration_ms!"),
    (OneOf(STATUSES), "operation_status!"),
    (OneOf(SOURCES), "interaction_source"),
    (Strings, "models"),
];
const SPAN: Schema = &[
    (
        Text,
        "id! node_id! application_interaction_id application_variant_id trace_id parent_id group_id account_id",
    ),
    (Text, "created_by_user_id"),
    (OneOf(OPERATIONS), "operation_type!"),
    (OneOf(STATUSES), "operation_status!"),
    (OneOf(IDENTITIES), "created_by_identity_type"),
    (Time, "start_timestamp! end_timestamp"),
    (Integer, "duration_ms!"),
    (Object, "operation_input operation_output operation_expected operation_metadata"),
];
const FEEDBACK: Schema = &[
    (Text, "id! chat_thread_id! application_interaction_id! description!"),
    (OneOf("positive negative"), "sentiment!"),
    (Time, "created_at!"),
];
const MESSAGE: Schema = &[
    (Integer, "id!"),
    (Time, "created_at!"),
    (OneOf("UI API MCP"), "source!"),
    (OneOf("user assistant system tool hidden"), "role"),
];

fn matches_kind(kind: Kind, value: &Value) -> bool {
    match kind {
        Text => value.is_string(),
        Integer => value.is_i64(),
        Boolean => value.is_boolean(),
        Object => value.is_object(),
        Strings => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
        Time => value.as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok()),
        OneOf(words) => value.as_str().is_some_and(|word| words.split(' ').any(|known| known == word)),
    }
}

fn assert_matches_schema(path: &str, value: &Value, schema: Schema) {
    assert!(value.is_object(), "{path} is not an object");
    for (kind, names) in schema {
        for name in names.split(' ') {
            let required = name.ends_with('!');
            let name = name.trim_end_matches('!');
            let is_valid = value.get(name).map_or(!required, |field| matches_kind(*kind, field));
            assert!(is_valid, "{path}: {name}: {:?}", value.get(name));
        }
    }
}

/// Panics unless the body is an SGP thread with this id.
pub fn assert_sgp_thread(id: &str, body: &Value) {
    assert!(body["application_spec_id"].is_string(), "{id}");
    assert_matches_schema(id, &body["thread"], THREAD);
    assert_eq!(body["thread"]["id"], *id);
    for (index, message) in body["messages"].as_array().expect("messages").iter().enumerate() {
        let path = format!("{id}[{index}]");
        let entry = &message["entry"];
        assert_matches_schema(&path, entry, ENTRY);
        assert_eq!(entry["chat_thread_id"], *id, "{path}");
        if let Some(spans) = message.get("spans") {
            for span in spans.as_array().expect("a list") {
                assert_matches_schema(&format!("{path} {}", span["node_id"]), span, SPAN);
                assert_eq!(span["application_interaction_id"], entry["id"], "{path}");
            }
        }
        if let Some(feedback) = message.get("feedback") {
            assert_matches_schema(&path, feedback, FEEDBACK);
            assert_eq!(feedback["application_interaction_id"], entry["id"], "{path}");
        }
    }
}

/// Panics unless the body is a camelAI thread with this id and messages in chronological order.
pub fn assert_camelai_thread(id: &str, body: &Value) {
    let messages = body["messages"].as_array().expect("messages");
    assert_eq!(body["message_count"], messages.len());
    assert_eq!(body["thread_id"].to_string(), id);
    let mut last = None;
    for (index, message) in messages.iter().enumerate() {
        assert_matches_schema(&format!("{id}[{index}]"), message, MESSAGE);
        let time: Timestamp = message["created_at"].as_str().expect("a time").parse().expect("a time");
        assert!(last <= Some(time), "{id}[{index}] is older than the message before it");
        last = Some(time);
    }
}
