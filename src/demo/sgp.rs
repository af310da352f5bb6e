//! SGP's side of the demo: messages of a thread, threads of an application variant. Statuses and bodies follow the
//! service's contract, FastAPI's habits where it is silent.

use std::time::Duration;

use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};
use url::form_urlencoded;

use super::{
    REFUSED_ACCOUNT, REFUSED_KEY, ServerState,
    catalogue::{self, CannedResponse, DemoThread},
    generated::{self, SpanInclusion},
    response,
    streaming::{self, StreamEnd},
};

/// How long the slow thread makes a reader wait for its next turn.
const SLOW_TURN_DELAY: Duration = Duration::from_millis(300);

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/v4/threads/{id}/messages", get(messages))
        .route("/v4/applications/{variant}/threads", get(threads))
}

pub(super) fn path_not_found() -> Response {
    response::detail(StatusCode::NOT_FOUND, "Not Found")
}

/// The parameters of the messages call.
#[derive(Clone, Copy)]
struct MessagesQuery {
    spans: SpanInclusion,
    by_account: bool,
}

async fn messages(
    State(site): State<ServerState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = check_auth(&headers) {
        return refusal;
    }
    let query = query.unwrap_or_default();
    let wanted = match parse_query(&query) {
        Ok(wanted) => wanted,
        Err(complaints) => return unprocessable(complaints),
    };
    match catalogue::find("sgp", &id) {
        Some(entry) => respond(site, entry, wanted, RequestParts { headers: &headers, query: &query }),
        None => error_response(404),
    }
}

/// What else of the request can matter to an answer.
struct RequestParts<'a> {
    headers: &'a HeaderMap,
    query: &'a str,
}

fn respond(
    site: ServerState,
    entry: &DemoThread,
    wanted: MessagesQuery,
    asked: RequestParts<'_>,
) -> Response {
    match entry.response {
        CannedResponse::Body(body) => thread_response(body, wanted.spans),
        CannedResponse::ByAccount(body) if wanted.by_account => thread_response(body, wanted.spans),
        CannedResponse::ByAccount(_) => error_response(404),
        CannedResponse::NeedsAccount(body) if account(asked.headers).is_some() => {
            thread_response(body, wanted.spans)
        }
        CannedResponse::NeedsAccount(_) => error_response(401),
        CannedResponse::Generated(turns) => {
            streaming::stream_unpaced(generated::body(entry, turns, wanted.spans))
        }
        CannedResponse::Slow(turns) => streaming::stream_paced(
            generated::body(entry, turns, wanted.spans),
            SLOW_TURN_DELAY,
            StreamEnd::Complete,
        ),
        CannedResponse::Stall(turns) => streaming::stream_paced(
            generated::body_without_end(entry, turns, wanted.spans),
            Duration::ZERO,
            StreamEnd::Stall,
        ),
        CannedResponse::Disconnect(turns) => streaming::stream_paced(
            generated::truncated_body(entry, turns, wanted.spans),
            Duration::ZERO,
            StreamEnd::Disconnect,
        ),
        CannedResponse::Error(status) => error_response(status),
        CannedResponse::SignInPage => response::sign_in_page(),
        CannedResponse::Redirect(id) => {
            response::redirect(&format!("/v4/threads/{id}/messages?{}", asked.query))
        }
        CannedResponse::CrossHostRedirect => {
            // Another name of the same machine is another host, and nothing leaves the machine.
            let port = site.addr.port();
            response::redirect(&format!("http://localhost:{port}/v4/threads/demo-empty/messages"))
        }
    }
}

/// The answer to a request that carries no key or account that will do.
fn check_auth(headers: &HeaderMap) -> Option<Response> {
    let key = header_text(headers, "x-api-key");
    if key.is_empty() || key == REFUSED_KEY {
        return Some(error_response(401));
    }
    (account(headers) == Some(REFUSED_ACCOUNT)).then(|| error_response(403))
}

fn account(headers: &HeaderMap) -> Option<&str> {
    Some(header_text(headers, "x-selected-account-id")).filter(|account| !account.is_empty())
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim()
}

fn parse_query(query: &str) -> Result<MessagesQuery, Vec<Value>> {
    let mut complaints = Vec::new();
    let mut spans = false;
    let mut by_account = false;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let slot = match name.as_ref() {
            "fetch_spans" => &mut spans,
            "fetch_by_account" => &mut by_account,
            _ => continue,
        };
        match parse_bool(&value) {
            Some(truth) => *slot = truth,
            None => complaints.push(json!({
                "loc": ["query", name],
                "msg": "Input should be a valid boolean, unable to interpret input",
                "type": "bool_parsing",
                "input": value,
            })),
        }
    }
    let spans = if spans { SpanInclusion::Included } else { SpanInclusion::Omitted };
    if complaints.is_empty() { Ok(MessagesQuery { spans, by_account }) } else { Err(complaints) }
}

/// The words for a boolean or null that pydantic takes; null is the default, false.
fn parse_bool(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "y" | "on" | "t" => Some(true),
        "false" | "0" | "no" | "n" | "off" | "f" | "null" | "none" | "" => Some(false),
        _ => None,
    }
}

fn thread_response(body: &'static str, spans: SpanInclusion) -> Response {
    match spans {
        SpanInclusion::Included => response::json_text(StatusCode::OK, body),
        SpanInclusion::Omitted => match without_spans(body) {
            Ok(body) => response::json_text(StatusCode::OK, body),
            Err(_) => error_response(500),
        },
    }
}

/// A thread's body, its parts as they are. Old servers leave the last field out.
#[derive(Deserialize, Serialize)]
struct ThreadBody {
    thread: Box<RawValue>,
    messages: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_spec_id: Option<Box<RawValue>>,
}

/// The body without the `spans` of its messages. A message that is not a JSON object, or that cannot be read, stays.
fn without_spans(body: &str) -> serde_json::Result<String> {
    let mut history: ThreadBody = serde_json::from_str(body)?;
    for message in &mut history.messages {
        let Ok(Value::Object(mut fields)) = serde_json::from_str(message.get()) else { continue };
        fields.shift_remove("spans");
        *message = serde_json::value::to_raw_value(&fields)?;
    }
    serde_json::to_string(&history)
}

/// The variant's threads, the texts in them as they are.
async fn threads(Path(variant): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    if let Some(refusal) = check_auth(&headers) {
        return refusal;
    }
    let query = query.unwrap_or_default();
    let archived_too = form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| name == "include_archived" && parse_bool(&value) == Some(true));
    let listed: Vec<Box<RawValue>> = catalogue::catalogue()
        .iter()
        .filter_map(listed_thread)
        .filter(|thread| is_listed(thread, &variant, archived_too))
        .collect();
    match serde_json::to_string(&listed) {
        Ok(list) => response::json_text(StatusCode::OK, list),
        Err(_) => error_response(500),
    }
}

/// The fields of a `thread` that say whether a list has it.
#[derive(Deserialize)]
struct ListingFields {
    application_variant_id: String,
    archived_at: Option<String>,
}

fn is_listed(thread: &RawValue, variant: &str, archived_too: bool) -> bool {
    serde_json::from_str::<ListingFields>(thread.get()).is_ok_and(|shelf| {
        shelf.application_variant_id == variant && (archived_too || shelf.archived_at.is_none())
    })
}

/// The `thread` object of an entry that a user can list: those only an admin can read are not among them.
fn listed_thread(entry: &'static DemoThread) -> Option<Box<RawValue>> {
    match entry.response {
        CannedResponse::Body(body) | CannedResponse::NeedsAccount(body) if entry.service == "sgp" => {
            Some(serde_json::from_str::<ThreadBody>(body).ok()?.thread)
        }
        CannedResponse::Generated(_) | CannedResponse::Slow(_) => {
            serde_json::value::to_raw_value(&generated::thread(entry)).ok()
        }
        CannedResponse::Body(_)
        | CannedResponse::NeedsAccount(_)
        | CannedResponse::ByAccount(_)
        | CannedResponse::Stall(_)
        | CannedResponse::Disconnect(_)
        | CannedResponse::Error(_)
        | CannedResponse::SignInPage
        | CannedResponse::Redirect(_)
        | CannedResponse::CrossHostRedirect => None,
    }
}

fn unprocessable(complaints: Vec<Value>) -> Response {
    response::json_value(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "detail": complaints }))
}

fn error_response(status: u16) -> Response {
    match status {
        401 => response::detail(StatusCode::UNAUTHORIZED, "Unauthorized"),
        403 => response::detail(StatusCode::FORBIDDEN, "User does not have access to this account."),
        404 => response::detail(StatusCode::NOT_FOUND, "Chat thread not found."),
        409 => response::detail(StatusCode::CONFLICT, "The thread is being moved to cold storage."),
        422 => unprocessable(vec![
            json!({
                "loc": ["path", "thread_id"],
                "msg": "Input should be a valid UUID, invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `m` at 3",
                "type": "uuid_parsing",
                "input": "demo-422",
                "ctx": { "error": "invalid character" },
            }),
            json!({
                "loc": ["body", "messages", 0, "content"],
                "msg": "Field required",
                "type": "missing",
                "input": { "role": "user" },
            }),
        ]),
        429 => {
            response::with_retry_after(response::detail(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"))
        }
        502 => response::bad_gateway(),
        503 => {
            let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            let answer = (StatusCode::SERVICE_UNAVAILABLE, plain, "Down for maintenance until 07:30 UTC.\n");
            response::with_retry_after(answer.into_response())
        }
        _ => response::json_value(
            StatusCode::INTERNAL_SERVER_ERROR,
            &json!({ "error": "upstream failure", "status_code": 500 }),
        ),
    }
}
