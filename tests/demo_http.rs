//! The demo server over real HTTP: every entry of its list answers as its note says, keys are asked for, parameters are
//! honoured, and the threads it serves keep to the documents of the two services.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde_json::{Value, json};
use unspool::demo::{self, DEMO_ACCOUNT, DEMO_KEY, DEMO_VARIANT, REFUSED_ACCOUNT, REFUSED_KEY, Running};

const LAMP: &str = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";
/// Threads whose bodies break the documents on purpose.
const ODD: [&str; 3] = ["demo-hostile", "demo-v0", "1666"];

async fn server() -> Running {
    demo::start(None).await.expect("a free port")
}

fn client() -> Client {
    Client::builder().redirect(Policy::none()).no_proxy().build().expect("a client")
}

fn sgp(server: &Running, rest: &str) -> RequestBuilder {
    client().get(format!("{}/v4/{rest}", server.base_url())).header("x-api-key", DEMO_KEY)
}

fn camelai(server: &Running, rest: &str) -> RequestBuilder {
    client().get(format!("{}/api/v1/{rest}", server.base_url())).bearer_auth(DEMO_KEY)
}

fn messages_of(server: &Running, entry: &demo::Entry) -> RequestBuilder {
    match entry.service {
        "sgp" => sgp(server, &format!("threads/{}/messages?fetch_spans=true", entry.id)),
        _ => camelai(server, &format!("threads/{}/messages", entry.id)),
    }
}

async fn sent(request: RequestBuilder) -> Response {
    request.send().await.expect("an answer")
}

async fn status(request: RequestBuilder) -> u16 {
    sent(request).await.status().as_u16()
}

async fn json_of(request: RequestBuilder) -> (u16, Value) {
    let response = sent(request).await;
    assert_eq!(header(&response, "content-type"), "application/json");
    let status = response.status().as_u16();
    let body = response.bytes().await.expect("a body");
    (status, serde_json::from_slice(&body).expect("JSON"))
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

fn first_number(note: &str) -> Option<u16> {
    note.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 3)?.parse().ok()
}

#[tokio::test]
async fn every_refusal_in_the_list_has_the_status_of_its_note() {
    let server = server().await;
    let mut seen = 0;
    for entry in demo::catalogue().iter().filter(|entry| entry.title.starts_with("Refused")) {
        let wanted = first_number(entry.note).expect("a status in the note");
        assert_eq!(status(messages_of(&server, entry)).await, wanted, "{} {}", entry.service, entry.id);
        seen += 1;
    }
    assert_eq!(seen, 17);
}

#[tokio::test]
async fn refusals_have_the_bodies_of_the_contract() {
    let server = server().await;
    let at = |id: &str| sgp(&server, &format!("threads/{id}/messages"));
    assert_eq!(json_of(at("demo-401")).await, (401, json!({ "detail": "Unauthorized" })));
    assert_eq!(json_of(at("no such")).await, (404, json!({ "detail": "Chat thread not found." })));
    let (_, complaints) = json_of(at("demo-422")).await;
    assert_eq!(complaints["detail"][0]["loc"], json!(["path", "thread_id"]));
    assert_eq!(complaints["detail"][1]["loc"], json!(["body", "messages", 0, "content"]));
    assert_eq!(json_of(at("demo-500")).await.1, json!({ "error": "upstream failure", "status_code": 500 }));
    let at = |id: &str| camelai(&server, &format!("threads/{id}/messages"));
    assert_eq!(json_of(at("1403")).await.1, json!({ "error": "You do not have access to this thread." }));
    assert_eq!(json_of(at("999999")).await, (404, json!({ "error": "Thread not found." })));
    assert_eq!(json_of(at("1422")).await.1, json!({ "thread_id": ["A valid integer is required."] }));
    assert_eq!(status(at("seven")).await, 404);
}

#[tokio::test]
async fn the_busy_service_says_how_long_to_wait_every_time() {
    let server = server().await;
    for _ in 0..3 {
        let answer = sent(sgp(&server, "threads/demo-429/messages")).await;
        assert_eq!(answer.status(), 429);
        assert_eq!(header(&answer, "retry-after-ms"), "120");
        assert_eq!(header(&answer, "retry-after"), "1");
    }
}

#[tokio::test]
async fn pages_of_html_come_as_html() {
    let server = server().await;
    for (id, wanted) in [("demo-502", 502), ("demo-sign-in-page", 200)] {
        let answer = sent(sgp(&server, &format!("threads/{id}/messages"))).await;
        assert_eq!(answer.status(), wanted, "{id}");
        assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8", "{id}");
    }
}

#[tokio::test]
async fn no_key_and_the_refused_key_get_401_everywhere() {
    let server = server().await;
    let base = server.base_url();
    let threads = format!("v4/threads/{LAMP}/messages");
    let variant = format!("v4/applications/{DEMO_VARIANT}/threads");
    for path in [
        threads.as_str(),
        variant.as_str(),
        "api/v1/threads/1001/messages",
        "api/v1/threads/1001",
        "api/v1/threads/",
    ] {
        let url = format!("{base}/{path}");
        assert_eq!(status(client().get(&url)).await, 401, "{path}");
        let refused = client().get(&url).header("x-api-key", REFUSED_KEY).bearer_auth(REFUSED_KEY);
        assert_eq!(status(refused).await, 401, "{path}");
        let any = client().get(&url).header("x-api-key", "any").bearer_auth("any");
        assert_eq!(status(any).await, 200, "{path}");
    }
    let swapped = client().get(format!("{base}/v4/threads/{LAMP}/messages")).bearer_auth(DEMO_KEY);
    assert_eq!(json_of(swapped).await, (401, json!({ "detail": "Unauthorized" })));
    let swapped = client().get(format!("{base}/api/v1/threads/1001")).header("x-api-key", DEMO_KEY);
    let detail = json!({ "detail": "Authentication credentials were not provided." });
    assert_eq!(json_of(swapped).await, (401, detail));
}

#[tokio::test]
async fn accounts_are_refused_and_asked_for() {
    let server = server().await;
    let main = format!("threads/{LAMP}/messages");
    let refused = sgp(&server, &main).header("x-selected-account-id", REFUSED_ACCOUNT);
    let detail = json!({ "detail": "User does not have access to this account." });
    assert_eq!(json_of(refused).await, (403, detail));
    assert_eq!(status(sgp(&server, &main).header("x-selected-account-id", DEMO_ACCOUNT)).await, 200);
    let needs = "threads/demo-needs-account/messages";
    assert_eq!(status(sgp(&server, needs)).await, 401);
    assert_eq!(status(sgp(&server, needs).header("x-selected-account-id", DEMO_ACCOUNT)).await, 200);
}

#[tokio::test]
async fn somebody_elses_thread_opens_by_account_only() {
    let server = server().await;
    let path = "threads/demo-by-account/messages";
    for query in ["", "?fetch_by_account=false", "?fetch_by_account=null"] {
        assert_eq!(status(sgp(&server, &format!("{path}{query}"))).await, 404, "{query}");
    }
    let (code, thread) = json_of(sgp(&server, &format!("{path}?fetch_by_account=true"))).await;
    assert_eq!((code, &thread["thread"]["id"]), (200, &json!("demo-by-account")));
}

#[tokio::test]
async fn spans_come_only_if_asked_for() {
    let server = server().await;
    for id in [LAMP, "demo-hostile", "demo-v0"] {
        let (mut with, mut without) = (0, 0);
        for (query, count) in [("fetch_spans=true", &mut with), ("", &mut without)] {
            let body = sent(sgp(&server, &format!("threads/{id}/messages?{query}"))).await;
            *count = body.text().await.expect("a body").matches("\"spans\":").count();
        }
        assert!(with > 0, "{id}");
        assert_eq!(without, 0, "{id}");
    }
}

#[tokio::test]
async fn leaving_the_spans_out_leaves_everything_else_as_it_was() {
    let server = server().await;
    let path = format!("threads/{LAMP}/messages");
    let (_, mut with) = json_of(sgp(&server, &format!("{path}?fetch_spans=1"))).await;
    let (_, without) = json_of(sgp(&server, &format!("{path}?fetch_spans=0"))).await;
    for message in with["messages"].as_array_mut().expect("messages") {
        message.as_object_mut().expect("a message").remove("spans");
    }
    assert_eq!(with, without);
}

#[tokio::test]
async fn parameters_that_are_no_booleans_get_a_complaint_each() {
    let server = server().await;
    let path = format!("threads/{LAMP}/messages?fetch_spans=yes%20please&fetch_by_account=2");
    let (code, body) = json_of(sgp(&server, &path)).await;
    assert_eq!(code, 422);
    let complaints = body["detail"].as_array().expect("complaints");
    assert_eq!(complaints.len(), 2);
    assert_eq!(complaints[0]["loc"], json!(["query", "fetch_spans"]));
    assert_eq!(complaints[0]["input"], "yes please");
    assert_eq!(complaints[1]["loc"], json!(["query", "fetch_by_account"]));
}

#[tokio::test]
async fn sgp_answers_under_a_path_prefix_too() {
    let server = server().await;
    let url = format!("{}/v4/threads/{LAMP}/messages", server.prefixed_url());
    let (code, thread) = json_of(client().get(url).header("x-api-key", DEMO_KEY)).await;
    assert_eq!((code, &thread["thread"]["id"]), (200, &json!(LAMP)));
}

#[tokio::test]
async fn moved_threads_point_where_they_say() {
    let server = server().await;
    let here = sent(sgp(&server, "threads/demo-moved/messages?fetch_spans=true")).await;
    assert_eq!(here.status(), 307);
    assert_eq!(header(&here, "location"), format!("/v4/threads/{LAMP}/messages?fetch_spans=true"));
    let elsewhere = sent(sgp(&server, "threads/demo-elsewhere/messages")).await;
    assert_eq!(elsewhere.status(), 307);
    let location = header(&elsewhere, "location").to_owned();
    assert!(location.starts_with("http://localhost:"), "{location}");
    let here = sent(camelai(&server, "threads/1504/messages")).await;
    assert_eq!(header(&here, "location"), "/api/v1/threads/1001/messages");
}

#[tokio::test]
async fn an_application_lists_its_threads_as_a_bare_array() {
    let server = server().await;
    let (_, live) = json_of(sgp(&server, &format!("applications/{DEMO_VARIANT}/threads"))).await;
    let (_, all) =
        json_of(sgp(&server, &format!("applications/{DEMO_VARIANT}/threads?include_archived=true"))).await;
    let ids = |list: &Value| -> Vec<String> {
        list.as_array()
            .expect("an array")
            .iter()
            .map(|t| t["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    assert!(ids(&live).contains(&LAMP.to_owned()));
    assert!(!ids(&live).contains(&"demo-empty".to_owned()));
    assert!(ids(&all).contains(&"demo-empty".to_owned()));
    assert!(!ids(&all).contains(&"demo-by-account".to_owned()));
    let (_, none) = json_of(sgp(&server, "applications/other/threads")).await;
    assert_eq!(none, json!([]));
}

#[tokio::test]
async fn camelai_tells_a_threads_details_with_and_without_a_slash() {
    let server = server().await;
    for slash in ["", "/"] {
        let (code, thread) = json_of(camelai(&server, &format!("threads/1001{slash}"))).await;
        assert_eq!((code, &thread["id"]), (200, &json!(1001)));
        let (code, refusal) = json_of(camelai(&server, &format!("threads/1404{slash}"))).await;
        assert_eq!((code, refusal), (404, json!({ "detail": "No Thread matches the given query." })));
    }
}

#[tokio::test]
async fn camelai_lists_threads_in_pages_that_lead_to_each_other() {
    let server = server().await;
    let (_, first) = json_of(camelai(&server, "threads/?page_size=3")).await;
    assert_eq!(first["count"], 5);
    assert_eq!(first["results"].as_array().expect("results").len(), 3);
    assert_eq!(first["previous"], Value::Null);
    let next = first["next"].as_str().expect("a next page");
    let (_, second) = json_of(client().get(next).bearer_auth(DEMO_KEY)).await;
    assert_eq!(second["results"].as_array().expect("results").len(), 2);
    assert_eq!(second["next"], Value::Null);
    assert!(second["previous"].is_string());
    let (code, refusal) = json_of(camelai(&server, "threads/?page=9")).await;
    assert_eq!((code, refusal), (404, json!({ "detail": "Invalid page." })));
    let (code, refusal) = json_of(camelai(&server, "threads/?page_size=many")).await;
    assert_eq!((code, &refusal["details"]["page_size"][0]), (400, &json!("A valid integer is required.")));
}

#[tokio::test]
async fn whole_threads_say_their_length_and_made_ones_do_not() {
    let server = server().await;
    let whole = sent(sgp(&server, &format!("threads/{LAMP}/messages?fetch_spans=true"))).await;
    assert!(header(&whole, "content-length").parse::<usize>().expect("a length") > 100_000);
    let made = sent(sgp(&server, "threads/demo-5000/messages")).await;
    assert_eq!(header(&made, "content-length"), "");
}

#[tokio::test]
async fn the_long_thread_is_whole_and_has_its_share_of_trouble() {
    let server = server().await;
    let (_, thread) = json_of(sgp(&server, "threads/demo-5000/messages?fetch_spans=true")).await;
    document::sgp("demo-5000", &thread);
    let messages = thread["messages"].as_array().expect("messages");
    assert_eq!(messages.len(), 5000);
    let count = |wanted: &dyn Fn(&Value) -> bool| messages.iter().filter(|message| wanted(message)).count();
    assert!(count(&|m| m["entry"]["operation_status"] == "ERROR") > 100);
    assert!(count(&|m| m["entry"]["operation_status"] == "CANCELED") > 40);
    assert!(count(&|m| m["feedback"]["sentiment"] == "negative") > 100);
    assert!(count(&|m| m["feedback"]["sentiment"] == "positive") > 400);
    let spans: usize = messages.iter().map(|m| m["spans"].as_array().map_or(0, Vec::len)).sum();
    assert!((38_000..42_000).contains(&spans), "{spans}");
}

/// The clock stands still but for waits, so this takes no time and still tells how long the server paused.
#[tokio::test(start_paused = true)]
async fn the_slow_thread_takes_eight_seconds_and_is_the_same_every_time() {
    let server = server().await;
    let mut bodies = Vec::new();
    for _ in 0..2 {
        let start = tokio::time::Instant::now();
        let answer = sent(sgp(&server, "threads/demo-slow/messages?fetch_spans=true")).await;
        bodies.push(answer.bytes().await.expect("a body"));
        assert!(start.elapsed() >= Duration::from_millis(27 * 300));
    }
    assert!(bodies[0] == bodies[1], "two readings differ");
    let thread: Value = serde_json::from_slice(&bodies[0]).expect("JSON");
    assert_eq!(thread["messages"].as_array().expect("messages").len(), 27);
    document::sgp("demo-slow", &thread);
}

#[tokio::test]
async fn the_silent_line_keeps_three_turns_and_stays_open() {
    let server = server().await;
    let mut answer = sent(sgp(&server, "threads/demo-stall/messages")).await;
    let mut got = String::new();
    while got.matches("\"entry\":").count() < 3 {
        got.push_str(&String::from_utf8_lossy(&answer.chunk().await.expect("no failure").expect("more")));
    }
    let more = tokio::time::timeout(Duration::from_millis(50), async {
        while answer.chunk().await.expect("no failure").is_some() {}
    });
    assert!(more.await.is_err(), "it ended");
}

#[tokio::test]
async fn the_broken_line_fails_inside_its_fifth_turn() {
    let server = server().await;
    let mut answer = sent(sgp(&server, "threads/demo-truncated/messages")).await;
    let mut got = Vec::new();
    let failed = loop {
        match answer.chunk().await {
            Ok(Some(bytes)) => got.extend(bytes),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(failed, "the body ended as if it were whole");
    assert_eq!(String::from_utf8_lossy(&got).matches("\"entry\":").count(), 5);
}

#[tokio::test]
async fn a_dropped_server_listens_no_more() {
    let server = server().await;
    let url = format!("{}/v4/threads/{LAMP}/messages", server.base_url());
    let addr = server.addr;
    assert_eq!(status(client().get(&url).header("x-api-key", DEMO_KEY)).await, 200);
    drop(server);
    let mut refused = false;
    for _ in 0..1000 {
        tokio::task::yield_now().await;
        refused = tokio::net::TcpStream::connect(addr).await.is_err();
        if refused {
            break;
        }
    }
    assert!(refused);
}

#[tokio::test]
async fn the_list_names_every_thread_once_and_says_something_about_it() {
    let mut ids: Vec<(&str, &str)> =
        demo::catalogue().iter().map(|entry| (entry.service, entry.id)).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all);
    for entry in demo::catalogue() {
        assert!(!entry.note.is_empty(), "{}", entry.id);
        assert!(entry.service == "sgp" || entry.id.parse::<i64>().is_ok(), "{}", entry.id);
    }
}

/// Every entry that answers with a thread of ours, but those made by code and those that are odd on purpose.
async fn threads(server: &Running) -> Vec<(&'static demo::Entry, Value)> {
    let mut found = Vec::new();
    for entry in demo::catalogue() {
        if matches!(entry.id, "demo-5000" | "demo-slow" | "demo-stall" | "demo-truncated") {
            continue;
        }
        if ODD.contains(&entry.id) {
            continue;
        }
        let request = match entry.id {
            "demo-by-account" => {
                sgp(server, "threads/demo-by-account/messages?fetch_by_account=true&fetch_spans=true")
            }
            _ => messages_of(server, entry),
        };
        let answer = sent(request.header("x-selected-account-id", DEMO_ACCOUNT)).await;
        if answer.status() == 200 && header(&answer, "content-type") == "application/json" {
            let body = answer.bytes().await.expect("a body");
            found.push((entry, serde_json::from_slice(&body).expect("JSON")));
        }
    }
    found
}

#[tokio::test]
async fn the_threads_keep_to_the_documents_of_their_services() {
    let server = server().await;
    let threads = threads(&server).await;
    assert_eq!(threads.len(), 9);
    for (entry, thread) in &threads {
        match entry.service {
            "sgp" => document::sgp(entry.id, thread),
            _ => document::camelai(entry.id, thread),
        }
    }
}

#[tokio::test]
async fn the_lamp_order_has_what_the_story_needs() {
    let server = server().await;
    let (_, thread) = json_of(sgp(&server, &format!("threads/{LAMP}/messages?fetch_spans=true"))).await;
    let messages = thread["messages"].as_array().expect("messages");
    let wrong = messages.iter().find(|m| m["feedback"]["sentiment"] == "negative").expect("a thumb down");
    let spans = wrong["spans"].as_array().expect("spans");
    let kept = spans.iter().find(|span| span["operation_type"] == "RERANKING").expect("a reranker");
    let first = &kept["operation_output"]["chunks"][0]["metadata"]["valid_until"];
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

/// The essentials of the two OpenAPI documents.
mod document {
    use jiff::Timestamp;
    use serde_json::Value;

    const STATUSES: &[&str] = &["SUCCESS", "ERROR", "CANCELED"];
    const SOURCES: &[&str] = &["EXTERNAL_AI", "EVALUATION", "SGP_CHAT", "AGENTS_SERVICE"];
    const IDENTITIES: &[&str] = &["user", "service_account"];
    const SENTIMENTS: &[&str] = &["positive", "negative"];
    const OPERATIONS: &[&str] = &[
        "TEXT_INPUT",
        "TEXT_OUTPUT",
        "COMPLETION_INPUT",
        "COMPLETION",
        "KB_RETRIEVAL",
        "KB_INPUT",
        "RERANKING",
        "EXTERNAL_ENDPOINT",
        "PROMPT_ENGINEERING",
        "DOCUMENT_INPUT",
        "MAP_REDUCE",
        "DOCUMENT_SEARCH",
        "DOCUMENT_PROMPT",
        "CUSTOM",
        "CODE_EXECUTION",
        "DATA_MANIPULATION",
        "EVALUATION",
        "FILE_RETRIEVAL",
        "KB_ADD_CHUNK",
        "KB_MANAGEMENT",
        "GUARDRAIL",
        "OUTPUT_GUARDRAIL",
        "TRACER",
        "AGENT_TRACER",
        "AGENT_WORKFLOW",
        "STANDALONE",
    ];

    /// What a field has to be.
    #[derive(Clone, Copy)]
    enum Kind {
        Text,
        Integer,
        Boolean,
        Object,
        Texts,
        Time,
        OneOf(&'static [&'static str]),
    }
    use Kind::{Boolean, Integer, Object, OneOf, Text, Texts, Time};

    /// Required fields and others.
    type Schema = (&'static [(&'static str, Kind)], &'static [(&'static str, Kind)]);

    const THREAD: Schema = (
        &[
            ("id", Text),
            ("title", Text),
            ("application_variant_id", Text),
            ("account_id", Text),
            ("created_by_user_id", Text),
            ("created_by_identity_type", OneOf(IDENTITIES)),
            ("created_at", Time),
            ("updated_at", Time),
        ],
        &[("thread_metadata", Object), ("archived_at", Time)],
    );
    const ENTRY: Schema = (
        &[
            ("id", Text),
            ("input", Object),
            ("output", Object),
            ("aggregated", Boolean),
            ("application_spec_id", Text),
            ("application_variant_id", Text),
            ("start_timestamp", Time),
            ("duration_ms", Integer),
            ("operation_status", OneOf(STATUSES)),
            ("created_at", Time),
        ],
        &[
            ("operation_metadata", Object),
            ("models", Texts),
            ("chat_thread_id", Text),
            ("interaction_source", OneOf(SOURCES)),
        ],
    );
    const SPAN: Schema = (
        &[
            ("id", Text),
            ("node_id", Text),
            ("operation_type", OneOf(OPERATIONS)),
            ("operation_status", OneOf(STATUSES)),
            ("start_timestamp", Time),
            ("duration_ms", Integer),
        ],
        &[
            ("application_interaction_id", Text),
            ("application_variant_id", Text),
            ("operation_input", Object),
            ("operation_output", Object),
            ("operation_expected", Object),
            ("operation_metadata", Object),
            ("end_timestamp", Time),
            ("trace_id", Text),
            ("parent_id", Text),
            ("group_id", Text),
            ("account_id", Text),
            ("created_by_user_id", Text),
            ("created_by_identity_type", OneOf(IDENTITIES)),
        ],
    );
    const FEEDBACK: Schema = (
        &[
            ("id", Text),
            ("chat_thread_id", Text),
            ("application_interaction_id", Text),
            ("sentiment", OneOf(SENTIMENTS)),
            ("description", Text),
            ("created_at", Time),
        ],
        &[],
    );
    const MESSAGE: Schema = (
        &[("id", Integer), ("created_at", Time), ("source", OneOf(&["UI", "API", "MCP"]))],
        &[("role", OneOf(&["user", "assistant", "system", "tool", "hidden"]))],
    );

    fn is(kind: Kind, value: &Value) -> bool {
        match kind {
            Text => value.is_string(),
            Integer => value.is_i64(),
            Boolean => value.is_boolean(),
            Object => value.is_object(),
            Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
            Time => value.as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok()),
            OneOf(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        }
    }

    fn check(place: &str, value: &Value, (required, optional): Schema) {
        assert!(value.is_object(), "{place} is no object");
        for (name, kind) in required {
            assert!(
                value.get(name).is_some_and(|field| is(*kind, field)),
                "{place}: {name}: {:?}",
                value.get(name)
            );
        }
        for (name, kind) in optional {
            assert!(
                value.get(name).is_none_or(|field| is(*kind, field)),
                "{place}: {name}: {:?}",
                value.get(name)
            );
        }
    }

    pub fn sgp(id: &str, body: &Value) {
        assert!(body["application_spec_id"].is_string(), "{id}");
        check(id, &body["thread"], THREAD);
        assert_eq!(body["thread"]["id"], *id);
        for (index, message) in body["messages"].as_array().expect("messages").iter().enumerate() {
            let place = format!("{id}[{index}]");
            let entry = &message["entry"];
            check(&place, entry, ENTRY);
            assert_eq!(entry["chat_thread_id"], *id, "{place}");
            for span in message.get("spans").map_or(&Vec::new(), |spans| spans.as_array().expect("a list")) {
                check(&format!("{place} {}", span["node_id"]), span, SPAN);
                assert_eq!(span["application_interaction_id"], entry["id"], "{place}");
            }
            if let Some(feedback) = message.get("feedback") {
                check(&place, feedback, FEEDBACK);
                assert_eq!(feedback["application_interaction_id"], entry["id"], "{place}");
            }
        }
    }

    pub fn camelai(id: &str, body: &Value) {
        let messages = body["messages"].as_array().expect("messages");
        assert_eq!(body["message_count"], messages.len());
        assert_eq!(body["thread_id"].to_string(), id);
        let mut last = None;
        for (index, message) in messages.iter().enumerate() {
            check(&format!("{id}[{index}]"), message, MESSAGE);
            let time: Timestamp = message["created_at"].as_str().expect("a time").parse().expect("a time");
            assert!(last <= Some(time), "{id}[{index}] is older than the message before it");
            last = Some(time);
        }
    }
}
