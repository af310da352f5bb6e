//! A generated thread: the night desk of a network of parcel lockers, with any number of turns. The content is
//! deterministic. Turns are generated while the client reads, so that memory does not grow with the length. The turns and
//! their texts are in [`mod@turn`], their traces in [`spans`].

mod spans;
mod turn;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{DEMO_ACCOUNT, DEMO_VARIANT, canned::DemoThread};
use turn::GeneratedTurn;

/// The application spec of every generated thread.
const SPEC: &str = "a91b7c3e-2d45-4f68-8e10-5b6c7d8e9f02";
/// The person at the desk.
const USER: &str = "1d0f7f2e-8b6a-4c58-9d1e-2f6a0c4b7e11";
/// 2026-03-02T21:00:00Z, the first night, in seconds.
const FIRST_NIGHT: i64 = 1_772_485_200;
/// The average time between turns, in seconds.
const TURN_INTERVAL_S: i64 = 391;

/// Whether a response includes spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanInclusion {
    Included,
    Omitted,
}

/// Returns the body of the thread in chunks: the opening, one chunk per turn, the closing.
pub fn body(
    entry: &DemoThread,
    turns: u32,
    spans: SpanInclusion,
) -> impl Iterator<Item = String> + Send + use<> {
    body_without_end(entry, turns, spans).chain(std::iter::once("]}".to_owned()))
}

/// Returns chunks like [`body`], without the closing.
pub fn body_without_end(
    entry: &DemoThread,
    turns: u32,
    spans: SpanInclusion,
) -> impl Iterator<Item = String> + Send + use<> {
    let thread = thread(entry);
    let opening = format!("{{\"application_spec_id\":\"{SPEC}\",\"thread\":{thread},\"messages\":[");
    let id = entry.id;
    let turns = (0..turns).map(move |index| {
        let comma = if index == 0 { "" } else { "," };
        format!("{comma}{}", turn(id, index, spans))
    });
    std::iter::once(opening).chain(turns)
}

/// Returns chunks like [`body`], which end in the middle of one more turn.
pub fn truncated_body(
    entry: &DemoThread,
    turns: u32,
    spans: SpanInclusion,
) -> impl Iterator<Item = String> + Send + use<> {
    let next = turn(entry.id, turns, spans).to_string();
    let half: String = next.chars().take(next.chars().count() / 2).collect();
    body_without_end(entry, turns, spans).chain(std::iter::once(format!(",{half}")))
}

/// Returns the `thread` object.
pub fn thread(entry: &DemoThread) -> Value {
    json!({
        "id": entry.id,
        "title": entry.title,
        "application_variant_id": DEMO_VARIANT,
        "thread_metadata": { "desk": "night", "network": "lockers", "channel": "console" },
        "account_id": DEMO_ACCOUNT,
        "created_by_user_id": USER,
        "created_by_identity_type": "service_account",
        "created_at": timestamp(0),
        "updated_at": timestamp(TURN_INTERVAL_S * 1000 * 5000),
    })
}

/// Returns the time `millis` milliseconds after the first night began.
fn timestamp(millis: i64) -> String {
    let start = Timestamp::from_second(FIRST_NIGHT).unwrap_or_default();
    start.saturating_add(SignedDuration::from_millis(millis)).unwrap_or(start).to_string()
}

/// Returns the start of the turn with this index.
pub fn turn_time(index: u32) -> String {
    timestamp(i64::from(index) * TURN_INTERVAL_S * 1000)
}

/// Returns a title for a thread that begins with the turn with this index.
pub fn turn_title(index: u32) -> String {
    let turn = GeneratedTurn::new(index);
    format!("{:?}: {} {}, locker {}", turn.topic, turn.town, turn.place, turn.unit)
}

fn turn(thread: &str, index: u32, spans: SpanInclusion) -> Value {
    turn_of((SPEC, DEMO_VARIANT), thread, index, spans)
}

/// Returns the turn with this index in a thread of an application and a variant.
pub fn turn_of(
    (application, variant): (&str, &str),
    thread: &str,
    index: u32,
    spans: SpanInclusion,
) -> Value {
    let turn = GeneratedTurn::new(index);
    let id = interaction_id(index);
    let mut entry = json!({
        "id": id,
        "input": { "query": turn.question() },
        "output": turn.output(),
        "aggregated": index < 400,
        "application_spec_id": application,
        "application_variant_id": variant,
        "start_timestamp": timestamp(turn.start_ms),
        "duration_ms": turn.duration_ms,
        "operation_status": turn.status(),
        "created_at": timestamp(turn.start_ms),
        "chat_thread_id": thread,
        "interaction_source": "AGENTS_SERVICE",
        "models": [turn.model()],
    });
    if let Some(fields) = entry.as_object_mut() {
        fields.insert("operation_metadata".to_owned(), turn.metadata());
    }
    let mut message = json!({ "entry": entry });
    if let Some(fields) = message.as_object_mut() {
        if spans == SpanInclusion::Included {
            fields.insert("spans".to_owned(), Value::Array(spans::spans(&turn, &id)));
        }
        if let Some(feedback) = feedback(&turn, thread, &id) {
            fields.insert("feedback".to_owned(), feedback);
        }
    }
    message
}

fn feedback(turn: &GeneratedTurn, thread: &str, id: &str) -> Option<Value> {
    let (sentiment, description) = turn.feedback()?;
    Some(json!({
        "id": format!("fb{}", id.get(2..).unwrap_or_default()),
        "chat_thread_id": thread,
        "application_interaction_id": id,
        "sentiment": sentiment,
        "description": description,
        "created_at": timestamp(turn.start_ms + turn.duration_ms + 21_000),
    }))
}

fn interaction_id(index: u32) -> String {
    format!("10c4e200-0000-4000-8000-{:012}", u64::from(index) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::canned;

    fn entry() -> &'static DemoThread {
        canned::find("sgp", "demo-5000").expect("the long thread")
    }

    #[test]
    fn chunks_join_to_one_thread_with_or_without_spans() {
        for (spans, has) in [(SpanInclusion::Included, true), (SpanInclusion::Omitted, false)] {
            let text: String = body(entry(), 70, spans).collect();
            let thread: Value = serde_json::from_str(&text).expect("JSON");
            let messages = thread["messages"].as_array().expect("messages");
            assert_eq!(messages.len(), 70);
            assert!(messages.iter().all(|message| message.get("spans").is_some() == has));
        }
    }

    #[test]
    fn a_truncated_body_ends_inside_a_turn() {
        let whole: String = body(entry(), 5, SpanInclusion::Included).collect();
        let broken: String = truncated_body(entry(), 4, SpanInclusion::Included).collect();
        assert!(whole.starts_with(&broken));
        assert!(broken.len() < whole.len());
    }

    #[test]
    fn every_span_but_the_root_has_a_parent_in_its_turn() {
        for index in 0..120 {
            let turn = turn("t", index, SpanInclusion::Included);
            let spans = turn["spans"].as_array().expect("spans");
            let ids: Vec<&Value> = spans.iter().map(|span| &span["id"]).collect();
            let roots = spans.iter().filter(|span| span.get("parent_id").is_none()).count();
            assert_eq!(roots, 1, "turn {index}");
            let orphans =
                spans.iter().filter_map(|span| span.get("parent_id")).filter(|id| !ids.contains(id));
            assert_eq!(orphans.count(), 0, "turn {index}");
        }
    }
}
