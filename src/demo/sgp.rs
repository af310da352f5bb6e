//! The SGP API of the demo: messages of a thread, threads of an application variant. Statuses and bodies follow the
//! service's contract, and the conventions of FastAPI where the contract is silent.

use std::{sync::atomic::Ordering, time::Duration};

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
    account::{self, AccountThread, ListMode, VARIANTS},
    canned::{self, CannedResponse, DemoThread},
    generated::{self, SpanInclusion},
    response,
    streaming::{self, StreamEnd},
};

/// The pause between the turns of the slow thread.
const SLOW_TURN_DELAY: Duration = Duration::from_millis(300);

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/v4/threads/{id}/messages", get(messages))
        .route("/user-info", get(user_info))
        .route("/v4/application-specs", get(applications))
        .route("/v4/application-variants", get(variants))
        .route("/v4/applications/{variant}/threads", get(threads))
}

pub(super) fn path_not_found() -> Response {
    response::detail(StatusCode::NOT_FOUND, "Not Found")
}

/// The query parameters of the messages endpoint.
#[derive(Clone, Copy)]
struct MessagesQuery {
    spans: SpanInclusion,
    by_account: bool,
}

async fn messages(
    State(state): State<ServerState>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = check_auth(&headers) {
        return refusal;
    }
    let query = query.unwrap_or_default();
    let options = match parse_query(&query) {
        Ok(options) => options,
        Err(errors) => return unprocessable(errors),
    };
    match canned::find("sgp", &id) {
        Some(entry) => respond(state, entry, options, RequestParts { headers: &headers, query: &query }),
        None => match AccountThread::find(&id).filter(|thread| !thread.is_gone()) {
            Some(thread) => response::json_value(StatusCode::OK, &thread.body(options.spans)),
            None => error_response(404),
        },
    }
}

/// The other parts of a request that a response can depend on.
struct RequestParts<'a> {
    headers: &'a HeaderMap,
    query: &'a str,
}

fn respond(
    state: ServerState,
    entry: &DemoThread,
    options: MessagesQuery,
    request: RequestParts<'_>,
) -> Response {
    match entry.response {
        CannedResponse::Body(body) => thread_response(body, options.spans),
        CannedResponse::ByAccount(body) if options.by_account => thread_response(body, options.spans),
        CannedResponse::ByAccount(_) => error_response(404),
        CannedResponse::NeedsAccount(body) if account(request.headers).is_some() => {
            thread_response(body, options.spans)
        }
        CannedResponse::NeedsAccount(_) => error_response(401),
        CannedResponse::Generated(turns) => {
            streaming::stream_unpaced(generated::body(entry, turns, options.spans))
        }
        CannedResponse::Slow(turns) => streaming::stream_paced(
            generated::body(entry, turns, options.spans),
            SLOW_TURN_DELAY,
            StreamEnd::Complete,
        ),
        CannedResponse::Stall(turns) => streaming::stream_paced(
            generated::body_without_end(entry, turns, options.spans),
            Duration::ZERO,
            StreamEnd::Stall,
        ),
        CannedResponse::Disconnect(turns) => streaming::stream_paced(
            generated::truncated_body(entry, turns, options.spans),
            Duration::ZERO,
            StreamEnd::Disconnect,
        ),
        CannedResponse::Error(status) => error_response(status),
        CannedResponse::SignInPage => response::sign_in_page(),
        CannedResponse::Redirect(id) => {
            response::redirect(&format!("/v4/threads/{id}/messages?{}", request.query))
        }
        CannedResponse::CrossHostRedirect => {
            // `localhost` is a different host to the client, but no data leaves the machine.
            let port = state.addr.port();
            response::redirect(&format!("http://localhost:{port}/v4/threads/demo-empty/messages"))
        }
    }
}

/// Returns the error response to a request without a valid key or account.
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
    let mut errors = Vec::new();
    let mut spans = false;
    let mut by_account = false;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let slot = match name.as_ref() {
            "fetch_spans" => &mut spans,
            "fetch_by_account" => &mut by_account,
            _ => continue,
        };
        match parse_bool(&value) {
            Some(value) => *slot = value,
            None => errors.push(json!({
                "loc": ["query", name],
                "msg": "Input should be a valid boolean, unable to interpret input",
                "type": "bool_parsing",
                "input": value,
            })),
        }
    }
    let spans = if spans { SpanInclusion::Included } else { SpanInclusion::Omitted };
    if errors.is_empty() { Ok(MessagesQuery { spans, by_account }) } else { Err(errors) }
}

/// Parses the words that pydantic accepts for a boolean or null; null is the default, false.
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

/// A thread's body with verbatim parts. Old servers omit the last field.
#[derive(Deserialize, Serialize)]
struct ThreadBody {
    thread: Box<RawValue>,
    messages: Vec<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    application_spec_id: Option<Box<RawValue>>,
}

/// Removes the `spans` of all messages. A message that is not a JSON object, or is invalid, stays unchanged.
fn without_spans(body: &str) -> serde_json::Result<String> {
    let mut thread: ThreadBody = serde_json::from_str(body)?;
    for message in &mut thread.messages {
        let Ok(Value::Object(mut fields)) = serde_json::from_str(message.get()) else { continue };
        fields.shift_remove("spans");
        *message = serde_json::value::to_raw_value(&fields)?;
    }
    serde_json::to_string(&thread)
}

/// Returns the accounts that the key can see; needs no account.
async fn user_info(headers: HeaderMap) -> Response {
    check_auth(&headers).unwrap_or_else(|| response::json_value(StatusCode::OK, &account::user_info()))
}

async fn applications(RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let query = query.unwrap_or_default();
    let rows = account::application_rows(has_flag(&query, "include_archived"));
    check_auth(&headers).unwrap_or_else(|| page(&rows, &query))
}

async fn variants(RawQuery(query): RawQuery, headers: HeaderMap) -> Response {
    let query = query.unwrap_or_default();
    let spec = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "application_spec_id");
    let rows: Vec<Value> = account::variant_rows()
        .into_iter()
        .filter(|row| {
            spec.as_ref().is_none_or(|(_, spec)| row.get("application_spec_id") == Some(&json!(spec)))
        })
        .collect();
    check_auth(&headers).unwrap_or_else(|| page(&rows, &query))
}

/// Returns the page of a list that the query names.
fn page(rows: &[Value], query: &str) -> Response {
    const MAX_LIMIT: usize = 10_000;
    let number = |name: &str, default: usize| {
        let value = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
        value.map_or(Some(default), |(_, value)| value.parse().ok())
    };
    let (Some(page @ 1..), Some(limit @ 1..=MAX_LIMIT)) = (number("page", 1), number("limit", 100)) else {
        return unprocessable(vec![json!({
            "loc": ["query", "limit"],
            "msg": "ensure this value is less than or equal to 10000",
            "type": "value_error.number.not_le",
            "ctx": { "limit_value": MAX_LIMIT },
        })]);
    };
    let items: Vec<&Value> = rows.iter().skip((page - 1).saturating_mul(limit)).take(limit).collect();
    let body = json!({
        "items": items,
        "current_page": page,
        "items_per_page": limit,
        "total_item_count": rows.len(),
    });
    response::json_value(StatusCode::OK, &body)
}

fn has_flag(query: &str, flag: &str) -> bool {
    form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| name == flag && parse_bool(&value) == Some(true))
}

/// One request of this many for a throttled list is refused with 429.
const THROTTLED_EVERY: usize = 4;

/// Lists the threads of a variant; the objects of the canned threads are verbatim.
async fn threads(
    State(state): State<ServerState>,
    Path(variant): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = check_auth(&headers) {
        return refusal;
    }
    match VARIANTS.iter().find(|known| known.id == variant).map(|known| known.list_mode) {
        Some(ListMode::Refused) => {
            return response::detail(StatusCode::FORBIDDEN, "User does not have access to this variant.");
        }
        Some(ListMode::Throttled) => {
            let earlier = state.throttled_requests.fetch_add(1, Ordering::Relaxed);
            if earlier % THROTTLED_EVERY == THROTTLED_EVERY - 1 {
                return response::throttled();
            }
        }
        Some(ListMode::Current | ListMode::Old) | None => {}
    }
    let include_archived = has_flag(&query.unwrap_or_default(), "include_archived");
    let canned = canned::canned_threads()
        .iter()
        .filter_map(listed_thread)
        .filter(|thread| is_listed(thread, &variant, include_archived));
    let generated = AccountThread::of_variant(&variant)
        .filter(|thread| thread.is_listed(include_archived))
        .filter_map(|thread| serde_json::value::to_raw_value(&thread.to_json()).ok());
    let listed: Vec<Box<RawValue>> = canned.chain(generated).collect();
    match serde_json::to_string(&listed) {
        Ok(list) => response::json_text(StatusCode::OK, list),
        Err(_) => error_response(500),
    }
}

/// The fields of a `thread` that decide whether it is listed.
#[derive(Deserialize)]
struct ListingFields {
    application_variant_id: String,
    archived_at: Option<String>,
}

fn is_listed(thread: &RawValue, variant: &str, include_archived: bool) -> bool {
    serde_json::from_str::<ListingFields>(thread.get()).is_ok_and(|fields| {
        fields.application_variant_id == variant && (include_archived || fields.archived_at.is_none())
    })
}

/// Returns the `thread` object of an entry, or `None` if users cannot list it.
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

fn unprocessable(errors: Vec<Value>) -> Response {
    response::json_value(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "detail": errors }))
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
            let content_type = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
            let body = "Down for maintenance until 07:30 UTC.\n";
            let maintenance = (StatusCode::SERVICE_UNAVAILABLE, content_type, body);
            response::with_retry_after(maintenance.into_response())
        }
        _ => response::json_value(
            StatusCode::INTERNAL_SERVER_ERROR,
            &json!({ "error": "upstream failure", "status_code": 500 }),
        ),
    }
}
