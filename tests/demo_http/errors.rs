//! Errors with their status, body and headers; required keys and accounts; invalid parameters.

use crate::{
    LAMP, camelai_request, client, fetch_json, header, messages_request, send, sgp_request, start_server,
    status,
};
use serde_json::json;
use unspool::testing::demo::{self, DEMO_ACCOUNT, DEMO_KEY, DEMO_VARIANT, REFUSED_ACCOUNT, REFUSED_KEY};

fn first_number(note: &str) -> Option<u16> {
    note.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 3)?.parse().ok()
}

#[tokio::test]
async fn every_error_thread_has_the_status_of_its_note() {
    let server = start_server().await;
    let mut count = 0;
    for entry in demo::canned_threads().iter().filter(|entry| entry.title.starts_with("Refused")) {
        let expected = first_number(entry.note).expect("a status in the note");
        assert_eq!(
            status(messages_request(&server, entry)).await,
            expected,
            "{} {}",
            entry.service,
            entry.id
        );
        count += 1;
    }
    assert_eq!(count, 17);
}

#[tokio::test]
async fn error_bodies_follow_the_contract() {
    let server = start_server().await;
    let at = |id: &str| sgp_request(&server, &format!("threads/{id}/messages"));
    assert_eq!(fetch_json(at("demo-401")).await, (401, json!({ "detail": "Unauthorized" })));
    assert_eq!(fetch_json(at("no such")).await, (404, json!({ "detail": "Chat thread not found." })));
    let (_, errors) = fetch_json(at("demo-422")).await;
    assert_eq!(errors["detail"][0]["loc"], json!(["path", "thread_id"]));
    assert_eq!(errors["detail"][1]["loc"], json!(["body", "messages", 0, "content"]));
    assert_eq!(
        fetch_json(at("demo-500")).await.1,
        json!({ "error": "upstream failure", "status_code": 500 })
    );
    let at = |id: &str| camelai_request(&server, &format!("threads/{id}/messages"));
    assert_eq!(fetch_json(at("1403")).await.1, json!({ "error": "You do not have access to this thread." }));
    assert_eq!(fetch_json(at("999999")).await, (404, json!({ "error": "Thread not found." })));
    assert_eq!(fetch_json(at("1422")).await.1, json!({ "thread_id": ["A valid integer is required."] }));
    assert_eq!(status(at("seven")).await, 404);
}

#[tokio::test]
async fn too_many_requests_always_has_retry_headers() {
    let server = start_server().await;
    for _ in 0..3 {
        let response = send(sgp_request(&server, "threads/demo-429/messages")).await;
        assert_eq!(response.status(), 429);
        assert_eq!(header(&response, "retry-after-ms"), "120");
        assert_eq!(header(&response, "retry-after"), "1");
    }
}

#[tokio::test]
async fn html_pages_have_an_html_content_type() {
    let server = start_server().await;
    for (id, expected) in [("demo-502", 502), ("demo-sign-in-page", 200)] {
        let response = send(sgp_request(&server, &format!("threads/{id}/messages"))).await;
        assert_eq!(response.status(), expected, "{id}");
        assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8", "{id}");
    }
}

#[tokio::test]
async fn a_missing_or_refused_key_gets_401_everywhere() {
    let server = start_server().await;
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
    assert_eq!(fetch_json(swapped).await, (401, json!({ "detail": "Unauthorized" })));
    let swapped = client().get(format!("{base}/api/v1/threads/1001")).header("x-api-key", DEMO_KEY);
    let detail = json!({ "detail": "Authentication credentials were not provided." });
    assert_eq!(fetch_json(swapped).await, (401, detail));
}

#[tokio::test]
async fn refused_and_missing_accounts_get_an_error() {
    let server = start_server().await;
    let main = format!("threads/{LAMP}/messages");
    let refused = sgp_request(&server, &main).header("x-selected-account-id", REFUSED_ACCOUNT);
    let detail = json!({ "detail": "User does not have access to this account." });
    assert_eq!(fetch_json(refused).await, (403, detail));
    assert_eq!(status(sgp_request(&server, &main).header("x-selected-account-id", DEMO_ACCOUNT)).await, 200);
    let needs = "threads/demo-needs-account/messages";
    assert_eq!(status(sgp_request(&server, needs)).await, 401);
    assert_eq!(status(sgp_request(&server, needs).header("x-selected-account-id", DEMO_ACCOUNT)).await, 200);
}

#[tokio::test]
async fn every_invalid_boolean_parameter_is_reported() {
    let server = start_server().await;
    let path = format!("threads/{LAMP}/messages?fetch_spans=yes%20please&fetch_by_account=2");
    let (code, body) = fetch_json(sgp_request(&server, &path)).await;
    assert_eq!(code, 422);
    let errors = body["detail"].as_array().expect("errors");
    assert_eq!(errors.len(), 2);
    assert_eq!(errors[0]["loc"], json!(["query", "fetch_spans"]));
    assert_eq!(errors[0]["input"], "yes please");
    assert_eq!(errors[1]["loc"], json!(["query", "fetch_by_account"]));
}
