//! The demo server over real HTTP: ids, parameters, lists, redirects. What it refuses is in `refusals`, how bodies come
//! and what is in them in `bodies`, what the services' documents ask for in `document`.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests may fail a test")]

mod bodies;
mod document;
mod refusals;

use reqwest::{Client, RequestBuilder, Response, redirect::Policy};
use serde_json::{Value, json};
use unspool::demo::{self, DEMO_KEY, DEMO_VARIANT, Running};

const LAMP: &str = "8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a";

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

/// A thread in a list. The rest is skipped: the hostile one has text that is no Unicode.
#[derive(serde::Deserialize)]
struct Listed {
    id: String,
}

#[tokio::test]
async fn an_application_lists_its_threads_as_a_bare_array() {
    let server = server().await;
    let ids = async |query: &str| {
        let path = format!("applications/{DEMO_VARIANT}/threads{query}");
        let body = sent(sgp(&server, &path)).await.bytes().await.expect("a body");
        let listed: Vec<Listed> = serde_json::from_slice(&body).expect("an array");
        listed.into_iter().map(|thread| thread.id).collect::<Vec<_>>()
    };
    let (live, all) = (ids("").await, ids("?include_archived=true").await);
    assert!(live.iter().any(|id| id == LAMP));
    assert!(live.iter().any(|id| id == "demo-hostile"));
    assert!(!live.iter().any(|id| id == "demo-empty"));
    assert!(all.iter().any(|id| id == "demo-empty"));
    assert!(!all.iter().any(|id| id == "demo-by-account"));
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
