//! Properties of every body: bodies that follow the documents are read without errors, bodies that do not follow them lose
//! nothing, and summaries agree with their messages.

use proptest::prelude::*;
use serde_json::Value;
use unspool::testing::domain::{Block, Message, MessageFlags, MessageSummary, Raw, Role, Sentiment};
use unspool::testing::json;
use unspool::testing::provider::{self, Provider};

use crate::generated;
use crate::support::{fixture, messages, service};

/// Reads the summary and the message of the same bytes, and checks that they agree.
fn summary_and_message(service: &dyn Provider, bytes: &[u8]) -> (MessageSummary, Message) {
    let summary = service.read_summary(Raw::owned(bytes.to_vec()), 7);
    let message = service.read_message(bytes);
    assert_eq!((summary.index, summary.raw.bytes()), (7, bytes));
    if summary.read_error.is_some() {
        assert!(!message.read_errors.is_empty(), "{summary:?}");
        return (summary, message);
    }
    let id = json::Value::of(summary.raw.bytes_in(summary.id)).text();
    assert_eq!(id, message.id.as_str());
    assert_eq!(
        (summary.role, summary.status, summary.time),
        (message.role, message.status, message.created_at)
    );
    assert_eq!(summary.duration_ms, message.duration_ms);
    assert_eq!(summary.span_count as usize, message.spans.len());
    let failed = message.spans.iter().filter(|span| span.is_failed()).count();
    assert_eq!(summary.failed_span_count as usize, failed);
    assert_eq!(summary.sentiment.is_some(), !message.feedback.is_empty());
    let negative = message.feedback.iter().any(|feedback| feedback.sentiment == Sentiment::Negative);
    assert_eq!(summary.sentiment == Some(Sentiment::Negative), negative);
    assert_preview_is_in_message(&summary, &message);
    (summary, message)
}

fn collect_texts<'a>(blocks: &'a [Block], texts: &mut Vec<&'a str>) {
    for block in blocks {
        match block {
            Block::Markdown(text) | Block::Thinking(text) => texts.push(text),
            Block::ToolCall { name, .. } => texts.push(name),
            Block::ToolResult { blocks, .. } => collect_texts(blocks, texts),
            Block::Artifact(artifact) => texts.push(&artifact.title),
            Block::Chunks(chunks) => texts.extend(chunks.iter().map(|chunk| chunk.text.as_str())),
            Block::Json { .. } => {}
        }
    }
}

fn assert_preview_is_in_message(summary: &MessageSummary, message: &Message) {
    let preview = json::Value::of(summary.raw.bytes_in(summary.preview));
    assert_eq!(summary.preview.is_empty(), preview.raw().is_empty());
    if summary.flags.contains(MessageFlags::PREVIEW_IS_JSON) || preview.text().trim().is_empty() {
        return;
    }
    assert_eq!(preview.kind(), json::Kind::String);
    let mut texts = Vec::new();
    message.sides.iter().for_each(|side| collect_texts(&side.blocks, &mut texts));
    assert!(texts.contains(&preview.text().as_ref()), "{:?} is not in {texts:?}", preview.text());
}

/// Collects the JSON pointers to all values inside a value.
fn collect_pointers(value: &Value, at: String, all: &mut Vec<String>) {
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(key, inner)| collect_pointers(inner, format!("{at}/{}", escaped(key)), all));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, inner)| collect_pointers(inner, format!("{at}/{i}"), all));
        }
        _ => {}
    }
    all.push(at);
}

/// Returns a sample message with one value replaced: the service, the JSON pointer, and the bytes.
fn message_with_one_value_replaced() -> impl Strategy<Value = (&'static str, String, Vec<u8>)> {
    let samples = [
        ("sgp", "sgp_thread_messages_spans.json"),
        ("sgp", "sgp_thread_messages_nulls.json"),
        ("sgp", "sgp_thread_v0_old_server.json"),
        ("camelai", "camelai_thread_messages.json"),
    ];
    let bodies = samples.map(|(service, file)| (service, fixture(file)));
    let all: Vec<(&'static str, Value)> = bodies
        .iter()
        .flat_map(|(service, body)| {
            messages(body).into_iter().map(|raw| (*service, serde_json::from_slice(raw).unwrap()))
        })
        .collect();
    let replaced =
        |((service, mut message), index, new): ((&'static str, Value), prop::sample::Index, Value)| {
            let mut pointers = Vec::new();
            collect_pointers(&message, String::new(), &mut pointers);
            let pointer = index.get(&pointers).clone();
            *message.pointer_mut(&pointer).unwrap() = new;
            (service, pointer, serde_json::to_vec_pretty(&message).unwrap())
        };
    (prop::sample::select(all), any::<prop::sample::Index>(), generated::any_json()).prop_map(replaced)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_turn_of_the_schema_is_read(turn in generated::turn()) {
        let bytes = serde_json::to_vec(&turn).unwrap();
        let (summary, message) = summary_and_message(service("sgp"), &bytes);
        prop_assert_eq!((&summary.read_error, &message.read_errors), (&None, &Vec::new()));
        let entry = &turn["entry"];
        prop_assert_eq!(Some(message.id.as_str()), entry["id"].as_str());
        prop_assert_eq!(message.duration_ms, entry["duration_ms"].as_i64());
        prop_assert!(message.created_at.is_some(), "{}", entry["start_timestamp"]);
        prop_assert_eq!(summary.role, Role::Turn);
        let spans = turn["spans"].as_array().map_or(&[][..], Vec::as_slice);
        prop_assert_eq!(spans.len(), message.spans.len());
        for (given, read) in spans.iter().zip(&message.spans) {
            prop_assert_eq!(given["node_id"].as_str(), Some(read.name.as_str()));
            prop_assert!(read.start.is_some());
            prop_assert_eq!(given["end_timestamp"].is_string(), read.end.is_some());
            prop_assert_eq!(serde_json::to_vec(given).unwrap(), read.raw.slice(&bytes));
        }
    }

    #[test]
    fn every_message_of_the_schema_is_read(given in generated::message()) {
        let bytes = serde_json::to_vec_pretty(&given).unwrap();
        let (summary, message) = summary_and_message(service("camelai"), &bytes);
        prop_assert_eq!((&summary.read_error, &message.read_errors), (&None, &Vec::new()));
        prop_assert_eq!(message.id, given["id"].to_string());
        prop_assert!(message.created_at.is_some());
        prop_assert_eq!(summary.role, Role::from_name(given["role"].as_str().unwrap_or_default()));
    }

    #[test]
    fn a_field_of_the_wrong_type_loses_no_message((name, pointer, bytes) in message_with_one_value_replaced()) {
        let (summary, message) = summary_and_message(service(name), &bytes);
        let is_entry_replaced = pointer.is_empty() || pointer == "/entry";
        prop_assert!(is_entry_replaced || summary.read_error.is_none(), "{pointer}: {:?}", summary.read_error);
        if pointer.starts_with("/spans") || pointer.starts_with("/feedback") {
            prop_assert!(!message.id.is_empty() && message.created_at.is_some());
        }
    }

    #[test]
    fn any_bytes_are_accepted(bytes in prop::collection::vec(any::<u8>(), 0..200), text in any::<String>()) {
        for service in provider::all() {
            summary_and_message(*service, &bytes);
            let mut thread = service.read_thread(&bytes);
            service.add_details(&mut thread, &bytes);
            service.matches_body(&bytes, Some(&bytes));
            let access = service.access_from_env(&|_| Some("https://host.example/x".to_owned()));
            service.explain_error(500, &bytes, &access);
            if let Some(thread) = service.parse_thread_id(&text) {
                prop_assert_eq!(service.check_id(&thread.id), Ok(()));
                prop_assert!(service.messages_request(&thread.id, &access).is_ok());
            }
            if service.check_id(&text).is_ok() {
                prop_assert!(service.messages_request(&text, &access).is_ok());
            }
        }
    }

    #[test]
    fn a_message_truncated_or_corrupted_anywhere_is_accepted(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        for (name, file) in [("sgp", "sgp_thread_messages_spans.json"), ("camelai", "camelai_thread_messages.json")] {
            let body = fixture(file);
            let mut bytes = which.get(&messages(&body)).to_vec();
            let at = at.index(bytes.len());
            if cut {
                bytes.truncate(at);
            } else {
                bytes[at] = byte;
            }
            let service = service(name);
            let summary = service.read_summary(Raw::owned(bytes.clone()), 0);
            let message = service.read_message(&bytes);
            prop_assert!(summary.read_error.is_none() || !message.read_errors.is_empty());
            prop_assert!(!cut || summary.read_error.is_some());
        }
    }
}
