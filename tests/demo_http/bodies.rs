//! Complete, slow and truncated bodies, and threads that conform to the services' documents.

use std::time::Duration;

use serde_json::{Value, value::RawValue};
use unspool::testing::demo::{self, DEMO_ACCOUNT, DemoServer};
use unspool::testing::domain::Message;
use unspool::testing::provider;

use crate::{LAMP, fetch_json, header, messages_request, schema, send, sgp_request, start_server};

/// The threads whose bodies violate the documents on purpose.
const NONCONFORMING: [&str; 3] = ["demo-hostile", "demo-v0", "1666"];

#[tokio::test]
async fn static_threads_have_a_content_length_and_generated_ones_do_not() {
    let server = start_server().await;
    let fixed = send(sgp_request(&server, &format!("threads/{LAMP}/messages?fetch_spans=true"))).await;
    assert!(header(&fixed, "content-length").parse::<usize>().expect("a length") > 100_000);
    let generated = send(sgp_request(&server, "threads/demo-5000/messages")).await;
    assert_eq!(header(&generated, "content-length"), "");
}

#[tokio::test]
async fn the_long_thread_is_complete_and_has_errors_and_feedback() {
    let server = start_server().await;
    let (_, mut thread) = fetch_json(sgp_request(&server, "threads/demo-5000/messages")).await;
    let messages = thread["messages"].as_array().expect("messages");
    assert_eq!(messages.len(), 5000);
    let count = |matches: &dyn Fn(&Value) -> bool| messages.iter().filter(|message| matches(message)).count();
    assert!(count(&|m| m["entry"]["operation_status"] == "ERROR") > 100);
    assert!(count(&|m| m["entry"]["operation_status"] == "CANCELED") > 40);
    assert!(count(&|m| m["feedback"]["sentiment"] == "negative") > 100);
    assert!(count(&|m| m["feedback"]["sentiment"] == "positive") > 400);
    // The same code generates the other turns.
    thread["messages"].as_array_mut().expect("messages").truncate(300);
    schema::assert_sgp_thread("demo-5000", &thread);
}

/// The clock advances only during waits, so the test measures the server's pauses without taking time.
#[tokio::test(start_paused = true)]
async fn the_slow_thread_takes_eight_seconds_and_is_deterministic() {
    let server = start_server().await;
    let mut bodies = Vec::new();
    for _ in 0..2 {
        let start = tokio::time::Instant::now();
        let response = send(sgp_request(&server, "threads/demo-slow/messages?fetch_spans=true")).await;
        bodies.push(response.bytes().await.expect("a body"));
        assert!(start.elapsed() >= Duration::from_millis(27 * 300));
    }
    assert!(bodies[0] == bodies[1], "two bodies differ");
    let thread: Value = serde_json::from_slice(&bodies[0]).expect("JSON");
    let messages = thread["messages"].as_array().expect("messages");
    assert_eq!(messages.len(), 27);
    schema::assert_sgp_thread("demo-slow", &thread);
    let spans = messages.iter().map(|m| m["spans"].as_array().map_or(0, Vec::len));
    assert_eq!(spans.filter(|count| *count >= 7).count(), 27);
}

#[tokio::test]
async fn the_stalling_thread_sends_three_turns_and_stays_open() {
    let server = start_server().await;
    let mut response = send(sgp_request(&server, "threads/demo-stall/messages")).await;
    let mut received = String::new();
    while received.matches("\"entry\":").count() < 3 {
        received
            .push_str(&String::from_utf8_lossy(&response.chunk().await.expect("no failure").expect("more")));
    }
    let more = tokio::time::timeout(Duration::from_millis(50), async {
        while response.chunk().await.expect("no failure").is_some() {}
    });
    assert!(more.await.is_err(), "it ended");
}

#[tokio::test]
async fn the_truncated_thread_disconnects_inside_its_fifth_turn() {
    let server = start_server().await;
    let mut response = send(sgp_request(&server, "threads/demo-truncated/messages")).await;
    let mut received = Vec::new();
    let is_broken = loop {
        match response.chunk().await {
            Ok(Some(bytes)) => received.extend(bytes),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(is_broken, "the body ended normally");
    assert_eq!(String::from_utf8_lossy(&received).matches("\"entry\":").count(), 5);
}

/// Returns every static thread that conforms to the documents.
async fn conforming_threads(server: &DemoServer) -> Vec<(&'static demo::DemoThread, Value)> {
    let mut threads = Vec::new();
    for entry in demo::canned_threads() {
        if matches!(entry.id, "demo-5000" | "demo-slow" | "demo-stall" | "demo-truncated") {
            continue;
        }
        if NONCONFORMING.contains(&entry.id) {
            continue;
        }
        let request = match entry.id {
            "demo-by-account" => {
                sgp_request(server, "threads/demo-by-account/messages?fetch_by_account=true&fetch_spans=true")
            }
            _ => messages_request(server, entry),
        };
        let response = send(request.header("x-selected-account-id", DEMO_ACCOUNT)).await;
        if response.status() == 200 && header(&response, "content-type") == "application/json" {
            let body = response.bytes().await.expect("a body");
            threads.push((entry, serde_json::from_slice(&body).expect("JSON")));
        }
    }
    threads
}

#[tokio::test]
async fn threads_conform_to_the_schemas_of_their_services() {
    let server = start_server().await;
    let threads = conforming_threads(&server).await;
    assert_eq!(threads.len(), 9);
    for (entry, thread) in &threads {
        match entry.service {
            "sgp" => schema::assert_sgp_thread(entry.id, thread),
            _ => schema::assert_camelai_thread(entry.id, thread),
        }
    }
}

#[tokio::test]
async fn the_lamp_order_has_deep_spans_and_an_outdated_document() {
    let server = start_server().await;
    let (_, thread) =
        fetch_json(sgp_request(&server, &format!("threads/{LAMP}/messages?fetch_spans=true"))).await;
    let messages = thread["messages"].as_array().expect("messages");
    let wrong =
        messages.iter().find(|m| m["feedback"]["sentiment"] == "negative").expect("negative feedback");
    let spans = wrong["spans"].as_array().expect("spans");
    let reranker = spans.iter().find(|span| span["operation_type"] == "RERANKING").expect("a reranker");
    let first = &reranker["operation_output"]["chunks"][0]["metadata"]["valid_until"];
    assert!(first.as_str().expect("a date") < wrong["entry"]["start_timestamp"].as_str().expect("a time"));
    assert!(depth(spans) >= 5, "{}", depth(spans));
    assert!(
        messages
            .iter()
            .flat_map(|m| m["spans"].as_array())
            .flatten()
            .any(|span| !span["operation_expected"].is_null())
    );
}

fn depth(spans: &[Value]) -> usize {
    let up = |span: &Value| spans.iter().find(|other| other["id"] == span["parent_id"]).cloned();
    spans.iter().map(|span| std::iter::successors(Some(span.clone()), up).count()).max().unwrap_or(0)
}

/// The messages of a body, verbatim.
#[derive(serde::Deserialize)]
struct Messages<'a> {
    #[serde(borrow)]
    messages: Vec<&'a RawValue>,
}

#[tokio::test]
async fn conforming_threads_are_read_without_errors() {
    let server = start_server().await;
    for (entry, thread) in conforming_threads(&server).await {
        let body = thread.to_string();
        let body: Messages<'_> = serde_json::from_str(&body).expect("messages");
        let provider = provider::by_id(entry.service).expect("a known service");
        for raw in body.messages {
            let message = provider.read_message(raw.get().as_bytes());
            assert_eq!(message.read_errors, Vec::<String>::new(), "{} {}", entry.id, message.id);
        }
    }
}

#[tokio::test]
async fn hostile_messages_do_not_affect_their_neighbours() {
    let server = start_server().await;
    for (service, id, expected) in [("sgp", "demo-hostile", (7, 10)), ("camelai", "1666", (1, 14))] {
        let entry = demo::canned_threads().iter().find(|entry| entry.id == id).expect("an entry");
        let body = send(messages_request(&server, entry)).await.text().await.expect("a body");
        let body: Messages<'_> = serde_json::from_str(&body).expect("messages");
        let provider = provider::by_id(service).expect("a known service");
        let is_empty = |message: &Message| message.sides.iter().all(|side| side.blocks.is_empty());
        let read = body.messages.iter().map(|raw| provider.read_message(raw.get().as_bytes()));
        let (unreadable, readable): (Vec<_>, Vec<_>) =
            read.partition(|message| is_empty(message) && !message.read_errors.is_empty());
        assert_eq!((unreadable.len(), readable.len()), expected, "{id}");
    }
}
