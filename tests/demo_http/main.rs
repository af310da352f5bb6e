//! The demo server over real HTTP: ids, parameters, lists, redirects. Errors are tested in `errors`, bodies in `bodies`, and
//! the essentials of the services' documents are in `schema`.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests may fail a test")]

mod bodies;
mod errors;
mod schema;

use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde_json::{Value, json};
use unspool::testing::demo::{self, DEMO_KEY, DEMO_VARIANT, DemoServer};

const LAMP: &str = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

async fn start_server() -> DemoServer {
    demo::start(None).await.expect("a free port")
}

fn client() -> Client {
    Client::builder().redirect(Policy::none()).no_proxy().build().expect("a client")
}

fn sgp_request(server: &DemoServer, rest: &str) -> RequestBuilder {
    client().get(format!("{}/v4/{rest}", server.base_url())).header("x-api-key", DEMO_KEY)
}

fn camelai_request(server: &DemoServer, rest: &str) -> RequestBuilder {
    client().get(format!("{}/api/v1/{rest}", server.base_url())).bearer_auth(DEMO_KEY)
}

fn messages_request(server: &DemoServer, entry: &demo::DemoThread) -> RequestBuilder {
    match entry.service {
        "sgp" => sgp_request(server, &format!("threads/{}/messages?fetch_spans=true", entry.id)),
        _ => camelai_request(server, &format!("threads/{}/messages", entry.id)),
    }
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("a response")
}

async fn status(request: RequestBuilder) -> u16 {
    send(request).await.status().as_u16()
}

async fn fetch_json(request: RequestBuilder) -> (u16, Value) {
    let response = send(request).await;
    assert_eq!(header(&response, "content-type"), "application/json");
    let status = response.status().as_u16();
    let body = response.bytes().await.expect("a body");
    (status, serde_json::from_slice(&body).expect("JSON"))
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn a_thread_of_another_user_opens_only_by_account() {
    let server = start_server().await;
    let path = "threads/demo-by-account/messages";
    for query in ["", "?fetch_by_account=false", "?fetch_by_account=null"] {
        assert_eq!(status(sgp_request(&server, &format!("{path}{query}"))).await, 404, "{query}");
    }
    let (code, thread) = fetch_json(sgp_request(&server, &format!("{path}?fetch_by_account=true"))).await;
    assert_eq!((code, &thread["thread"]["id"]), (200, &json!("demo-by-account")));
}

#[tokio::test]
async fn spans_are_sent_only_on_request() {
    let server = start_server().await;
    for id in [LAMP, "demo-hostile", "demo-v0"] {
        let (mut with, mut without) = (0, 0);
        for (query, count) in [("fetch_spans=true", &mut with), ("", &mut without)] {
            let body = send(sgp_request(&server, &format!("threads/{id}/messages?{query}"))).await;
            *count = body.text().await.expect("a body").matches("\"spans\":").count();
        }
        assert!(with > 0, "{id}");
        assert_eq!(without, 0, "{id}");
    }
}

#[tokio::test]
async fn omitting_spans_changes_nothing_else() {
    let server = start_server().await;
    let path = format!("threads/{LAMP}/messages");
    let (_, mut with) = fetch_json(sgp_request(&server, &format!("{path}?fetch_spans=1"))).await;
    let (_, without) = fetch_json(sgp_request(&server, &format!("{path}?fetch_spans=0"))).await;
    for message in with["messages"].as_array_mut().expect("messages") {
        message.as_object_mut().expect("a message").remove("spans");
    }
    assert_eq!(with, without);
}

#[tokio::test]
async fn sgp_answers_under_a_path_prefix_too() {
    let server = start_server().await;
    let url = format!("{}/public/v4/threads/{LAMP}/messages", server.base_url());
    let (code, thread) = fetch_json(client().get(url).header("x-api-key", DEMO_KEY)).await;
    assert_eq!((code, &thread["thread"]["id"]), (200, &json!(LAMP)));
}

#[tokio::test]
async fn moved_threads_redirect_to_their_target() {
    let server = start_server().await;
    let response = send(sgp_request(&server, "threads/demo-moved/messages?fetch_spans=true")).await;
    assert_eq!(response.status(), 307);
    assert_eq!(header(&response, "location"), format!("/v4/threads/{LAMP}/messages?fetch_spans=true"));
    let elsewhere = send(sgp_request(&server, "threads/demo-elsewhere/messages")).await;
    assert_eq!(elsewhere.status(), 307);
    let location = header(&elsewhere, "location").to_owned();
    assert!(location.starts_with("http://localhost:"), "{location}");
    let response = send(camelai_request(&server, "threads/1504/messages")).await;
    assert_eq!(header(&response, "location"), "/api/v1/threads/1001/messages");
}

/// A listed thread. Other fields are skipped, because the hostile thread has text that is not Unicode.
#[derive(serde::Deserialize)]
struct Listed {
    id: String,
}

#[tokio::test]
async fn an_application_lists_its_threads_as_a_bare_array() {
    let server = start_server().await;
    let ids = async |query: &str| {
        let path = format!("applications/{DEMO_VARIANT}/threads{query}");
        let body = send(sgp_request(&server, &path)).await.bytes().await.expect("a body");
        let listed: Vec<Listed> = serde_json::from_slice(&body).expect("an array");
        listed.into_iter().map(|thread| thread.id).collect::<Vec<_>>()
    };
    let (live, all) = (ids("").await, ids("?include_archived=true").await);
    assert!(live.iter().any(|id| id == LAMP));
    assert!(live.iter().any(|id| id == "demo-hostile"));
    assert!(!live.iter().any(|id| id == "demo-empty"));
    assert!(all.iter().any(|id| id == "demo-empty"));
    assert!(!all.iter().any(|id| id == "demo-by-account"));
    let (_, none) = fetch_json(sgp_request(&server, "applications/other/threads")).await;
    assert_eq!(none, json!([]));
}

#[tokio::test]
async fn camelai_serves_thread_details_with_and_without_a_trailing_slash() {
    let server = start_server().await;
    for slash in ["", "/"] {
        let (code, thread) = fetch_json(camelai_request(&server, &format!("threads/1001{slash}"))).await;
        assert_eq!((code, &thread["id"]), (200, &json!(1001)));
        let (code, refusal) = fetch_json(camelai_request(&server, &format!("threads/1404{slash}"))).await;
        assert_eq!((code, refusal), (404, json!({ "detail": "No Thread matches the given query." })));
    }
}

#[tokio::test]
async fn camelai_lists_threads_in_linked_pages() {
    let server = start_server().await;
    let (_, first) = fetch_json(camelai_request(&server, "threads/?page_size=3")).await;
    assert_eq!(first["count"], 5);
    assert_eq!(first["results"].as_array().expect("results").len(), 3);
    assert_eq!(first["previous"], Value::Null);
    let next = first["next"].as_str().expect("a next page");
    let (_, second) = fetch_json(client().get(next).bearer_auth(DEMO_KEY)).await;
    assert_eq!(second["results"].as_array().expect("results").len(), 2);
    assert_eq!(second["next"], Value::Null);
    assert!(second["previous"].is_string());
    let (code, refusal) = fetch_json(camelai_request(&server, "threads/?page=9")).await;
    assert_eq!((code, refusal), (404, json!({ "detail": "Invalid page." })));
    let (code, refusal) = fetch_json(camelai_request(&server, "threads/?page_size=many")).await;
    assert_eq!((code, &refusal["details"]["page_size"][0]), (400, &json!("A valid integer is required.")));
}

#[tokio::test]
async fn a_dropped_server_stops_listening() {
    let server = start_server().await;
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
async fn every_canned_thread_is_listed_once_with_a_note() {
    let mut ids: Vec<(&str, &str)> =
        demo::canned_threads().iter().map(|entry| (entry.service, entry.id)).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all);
    for entry in demo::canned_threads() {
        assert!(!entry.note.is_empty(), "{}", entry.id);
        assert!(entry.service == "sgp" || entry.id.parse::<i64>().is_ok(), "{}", entry.id);
    }
}
