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
    REFUSED_ACCOUNT, REFUSED_KEY, Site,
    catalogue::{self, Answer, Entry},
    desk::{self, Spans},
    pace::{self, Ending},
    reply,
};

/// How long the slow thread makes a reader wait for its next turn.
const PAUSE: Duration = Duration::from_millis(300);

pub(super) fn routes() -> Router<Site> {
    Router::new()
        .route("/v4/threads/{id}/messages", get(messages))
        .route("/v4/applications/{variant}/threads", get(threads))
}

pub(super) fn no_such_path() -> Response {
    reply::detail(StatusCode::NOT_FOUND, "Not Found")
}

/// The parameters of the messages call.
#[derive(Clone, Copy)]
struct Wanted {
    spans: Spans,
    by_account: bool,
}

async fn messages(
    State(site): State<Site>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = refused(&headers) {
        return refusal;
    }
    let query = query.unwrap_or_default();
    let wanted = match wanted(&query) {
        Ok(wanted) => wanted,
        Err(complaints) => return unprocessable(complaints),
    };
    match catalogue::find("sgp", &id) {
        Some(entry) => answer(site, entry, wanted, Asked { headers: &headers, query: &query }),
        None => refusal(404),
    }
}

/// What else of the request can matter to an answer.
struct Asked<'a> {
    headers: &'a HeaderMap,
    query: &'a str,
}

fn answer(site: Site, entry: &Entry, wanted: Wanted, asked: Asked<'_>) -> Response {
    match entry.answer {
        Answer::Body(body) => thread(body, wanted.spans),
        Answer::ByAccount(body) if wanted.by_account => thread(body, wanted.spans),
        Answer::ByAccount(_) => refusal(404),
        Answer::NeedsAccount(body) if account(asked.headers).is_some() => thread(body, wanted.spans),
        Answer::NeedsAccount(_) => refusal(401),
        Answer::Made(turns) => pace::flowing(desk::body(entry, turns, wanted.spans)),
        Answer::Slow(turns) => pace::paced(desk::body(entry, turns, wanted.spans), PAUSE, Ending::Whole),
        Answer::Stalls(turns) => {
            pace::paced(desk::unended(entry, turns, wanted.spans), Duration::ZERO, Ending::Silent)
        }
        Answer::Breaks(turns) => {
            pace::paced(desk::broken(entry, turns, wanted.spans), Duration::ZERO, Ending::Broken)
        }
        Answer::Refusal(status) => refusal(status),
        Answer::SignInPage => reply::sign_in_page(),
        Answer::Moved(id) => reply::moved(&format!("/v4/threads/{id}/messages?{}", asked.query)),
        Answer::Elsewhere => {
            // Another name of the same machine is another host, and nothing leaves the machine.
            let port = site.addr.port();
            reply::moved(&format!("http://localhost:{port}/v4/threads/demo-empty/messages"))
        }
    }
}

/// The answer to a request that carries no key or account that will do.
fn refused(headers: &HeaderMap) -> Option<Response> {
    let key = text(headers, "x-api-key");
    if key.is_empty() || key == REFUSED_KEY {
        return Some(refusal(401));
    }
    (account(headers) == Some(REFUSED_ACCOUNT)).then(|| refusal(403))
}

fn account(headers: &HeaderMap) -> Option<&str> {
    Some(text(headers, "x-selected-account-id")).filter(|account| !account.is_empty())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim()
}

fn wanted(query: &str) -> Result<Wanted, Vec<Value>> {
    let mut complaints = Vec::new();
    let mut spans = false;
    let mut by_account = false;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let slot = match name.as_ref() {
            "fetch_spans" => &mut spans,
            "fetch_by_account" => &mut by_account,
            _ => continue,
        };
        match truth(&value) {
            Some(truth) => *slot = truth,
            None => complaints.push(json!({
                "loc": ["query", name],
                "msg": "Input should be a valid boolean, unable to interpret input",
                "type": "bool_parsing",
                "input": value,
            })),
        }
    }
    let spans = if spans { Spans::Sent } else { Spans::LeftOut };
    if complaints.is_empty() { Ok(Wanted { spans, by_account }) } else { Err(complaints) }
}

/// The words for a boolean or null that pydantic takes; null is the default, false.
fn truth(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "y" | "on" | "t" => Some(true),
        "false" | "0" | "no" | "n" | "off" | "f" | "null" | "none" | "" => Some(false),
        _ => None,
    }
}

fn thread(body: &'static str, spans: Spans) -> Response {
    match spans {
        Spans::Sent => reply::json_text(StatusCode::OK, body),
        Spans::LeftOut => match without_spans(body) {
            Ok(body) => reply::json_text(StatusCode::OK, body),
            Err(_) => refusal(500),
        },
    }
}

/// A thread's body, its parts as they are. Old servers leave the last field out.
#[derive(Deserialize, Serialize)]
struct History {
    thread: Box<RawValue>,
    messages: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_spec_id: Option<Box<RawValue>>,
}

/// The body without the `spans` of its messages. A message that is not a JSON object, or that cannot be read, stays.
fn without_spans(body: &str) -> serde_json::Result<String> {
    let mut history: History = serde_json::from_str(body)?;
    for message in &mut history.messages {
        let Ok(Value::Object(mut fields)) = serde_json::from_str(message.get()) else { continue };
        fields.shift_remove("spans");
        *message = serde_json::value::to_raw_value(&fields)?;
    }
    serde_json::to_string(&history)
}

/// The variant's threads, the texts in them as they are.
async fn threads(Path(variant): Path<String>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    if let Some(refusal) = refused(&headers) {
        return refusal;
    }
    let query = query.unwrap_or_default();
    let archived_too = form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| name == "include_archived" && truth(&value) == Some(true));
    let listed: Vec<Box<RawValue>> = catalogue::catalogue()
        .iter()
        .filter_map(record)
        .filter(|thread| is_listed(thread, &variant, archived_too))
        .collect();
    match serde_json::to_string(&listed) {
        Ok(list) => reply::json_text(StatusCode::OK, list),
        Err(_) => refusal(500),
    }
}

/// The fields of a `thread` that say whether a list has it.
#[derive(Deserialize)]
struct Shelf {
    application_variant_id: String,
    archived_at: Option<String>,
}

fn is_listed(thread: &RawValue, variant: &str, archived_too: bool) -> bool {
    serde_json::from_str::<Shelf>(thread.get()).is_ok_and(|shelf| {
        shelf.application_variant_id == variant && (archived_too || shelf.archived_at.is_none())
    })
}

/// The `thread` object of an entry that a user can list: those only an admin can read are not among them.
fn record(entry: &'static Entry) -> Option<Box<RawValue>> {
    match entry.answer {
        Answer::Body(body) | Answer::NeedsAccount(body) if entry.service == "sgp" => {
            Some(serde_json::from_str::<History>(body).ok()?.thread)
        }
        Answer::Made(_) | Answer::Slow(_) => serde_json::value::to_raw_value(&desk::thread(entry)).ok(),
        Answer::Body(_)
        | Answer::NeedsAccount(_)
        | Answer::ByAccount(_)
        | Answer::Stalls(_)
        | Answer::Breaks(_)
        | Answer::Refusal(_)
        | Answer::SignInPage
        | Answer::Moved(_)
        | Answer::Elsewhere => None,
    }
}

fn unprocessable(complaints: Vec<Value>) -> Response {
    reply::json_value(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "detail": complaints }))
}

fn refusal(status: u16) -> Response {
    match status {
        401 => reply::detail(StatusCode::UNAUTHORIZED, "Unauthorized"),
        403 => reply::detail(StatusCode::FORBIDDEN, "User does not have access to this account."),
        404 => reply::detail(StatusCode::NOT_FOUND, "Chat thread not found."),
        409 => reply::detail(StatusCode::CONFLICT, "The thread is being moved to cold storage."),
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
        429 => reply::with_retry_after(reply::detail(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests")),
        502 => reply::bad_gateway(),
        503 => {
            let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            let answer = (StatusCode::SERVICE_UNAVAILABLE, plain, "Down for maintenance until 07:30 UTC.\n");
            reply::with_retry_after(answer.into_response())
        }
        _ => reply::json_value(
            StatusCode::INTERNAL_SERVER_ERROR,
            &json!({ "error": "upstream failure", "status_code": 500 }),
        ),
    }
}
