//! The camelAI API of the demo: messages and details of a thread, the list of threads. Statuses and bodies follow the
//! service's contract, and the conventions of Django REST Framework where the contract is silent.

use std::sync::atomic::Ordering;

use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::get,
};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    REFUSED_KEY, ServerState,
    canned::{self, CAMELAI_THREADS, CannedResponse, DemoThread},
    response,
};

/// The default and maximum number of threads on a page. The maximum is small, so that even few threads fill pages.
const PAGE_SIZE_LIMIT: usize = 3;
/// One of this many requests for a page after the first shifts the order.
const SHIFT_EVERY: usize = 3;

pub(super) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/api/v1/threads/", get(threads))
        .route("/api/v1/threads/{id}/messages", get(messages))
        .route("/api/v1/threads/{id}", get(details))
        .route("/api/v1/threads/{id}/", get(details))
}

pub(super) fn path_not_found() -> Response {
    response::detail(StatusCode::NOT_FOUND, "Not found.")
}

async fn messages(Path(id): Path<String>, headers: HeaderMap) -> Response {
    if let Some(refusal) = check_auth(&headers) {
        return refusal;
    }
    if id.parse::<i64>().is_err() {
        return path_not_found();
    }
    canned::find("camelai", &id).map_or_else(|| error_response(404), respond)
}

fn respond(entry: &DemoThread) -> Response {
    match entry.response {
        CannedResponse::Body(body) => response::json_text(StatusCode::OK, body),
        CannedResponse::Error(status) => error_response(status),
        CannedResponse::SignInPage => response::sign_in_page(),
        CannedResponse::Redirect(id) => response::redirect(&format!("/api/v1/threads/{id}/messages")),
        CannedResponse::ByAccount(_)
        | CannedResponse::NeedsAccount(_)
        | CannedResponse::Generated(_)
        | CannedResponse::Slow(_)
        | CannedResponse::Stall(_)
        | CannedResponse::Disconnect(_)
        | CannedResponse::CrossHostRedirect => error_response(404),
    }
}

async fn details(Path(id): Path<String>, headers: HeaderMap) -> Response {
    if let Some(refusal) = check_auth(&headers) {
        return refusal;
    }
    let Ok(id) = id.parse::<i64>() else { return path_not_found() };
    let details =
        thread_details().into_iter().find(|thread| thread.get("id").and_then(Value::as_i64) == Some(id));
    match details {
        Some(thread) => response::json_value(StatusCode::OK, &thread),
        None => response::detail(StatusCode::NOT_FOUND, "No Thread matches the given query."),
    }
}

async fn threads(
    State(state): State<ServerState>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = check_auth(&headers) {
        return refusal;
    }
    let query = query.unwrap_or_default();
    let (page, size) =
        match (integer_param(&query, "page", 1), integer_param(&query, "page_size", PAGE_SIZE_LIMIT)) {
            (Ok(page), Ok(size)) => (page, size.clamp(1, PAGE_SIZE_LIMIT)),
            (Err(name), _) | (_, Err(name)) => return invalid_integer(name),
        };
    let mut all = thread_details();
    // Sometimes a message is added to the last thread between two pages, which moves it to the front.
    let is_later_page = page > 1 && page <= all.len().div_ceil(size);
    let earlier = state.later_pages.fetch_add(usize::from(is_later_page), Ordering::Relaxed);
    let shift = (earlier + usize::from(is_later_page)).div_ceil(SHIFT_EVERY);
    let count = all.len().max(1);
    all.rotate_right(shift % count);
    let first = page.saturating_sub(1).saturating_mul(size);
    if page == 0 || (first >= all.len() && page > 1) {
        return response::detail(StatusCode::NOT_FOUND, "Invalid page.");
    }
    let link = |page: usize| format!("http://{}/api/v1/threads/?page={page}&page_size={size}", state.addr);
    let next = (first.saturating_add(size) < all.len()).then(|| link(page.saturating_add(1)));
    let previous = (page > 1).then(|| link(page - 1));
    let results: Vec<&Value> = all.iter().skip(first).take(size).collect();
    let list = json!({ "count": all.len(), "next": next, "previous": previous, "results": results });
    response::json_value(StatusCode::OK, &list)
}

/// Parses a number parameter; the error is its name.
fn integer_param<'a>(query: &str, name: &'a str, default: usize) -> Result<usize, &'a str> {
    match form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name) {
        Some((_, value)) => value.parse().map_err(|_| name),
        None => Ok(default),
    }
}

fn invalid_integer(name: &str) -> Response {
    let details = json!({ name: ["A valid integer is required."] });
    response::json_value(StatusCode::BAD_REQUEST, &json!({ "error": "Invalid request", "details": details }))
}

fn thread_details() -> Vec<Value> {
    serde_json::from_str(CAMELAI_THREADS).unwrap_or_default()
}

/// Returns the error response to a request without a valid key.
fn check_auth(headers: &HeaderMap) -> Option<Response> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = authorization.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().trim();
    match key {
        "" => Some(error_response(401)),
        REFUSED_KEY => {
            let refusal = response::error(StatusCode::UNAUTHORIZED, "Invalid API key");
            Some(response::with_challenge(refusal, "Bearer"))
        }
        _ => None,
    }
}

fn error_response(status: u16) -> Response {
    match status {
        401 => {
            let text = "Authentication credentials were not provided.";
            response::with_challenge(response::detail(StatusCode::UNAUTHORIZED, text), "Bearer")
        }
        402 => {
            let text = "Payment required. Your free credits are used up.";
            response::error(StatusCode::PAYMENT_REQUIRED, text)
        }
        403 => response::error(StatusCode::FORBIDDEN, "You do not have access to this thread."),
        404 => response::error(StatusCode::NOT_FOUND, "Thread not found."),
        422 => response::json_value(
            StatusCode::UNPROCESSABLE_ENTITY,
            &json!({ "thread_id": ["A valid integer is required."] }),
        ),
        429 => {
            response::with_retry_after(response::error(StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded"))
        }
        502 => response::bad_gateway(),
        _ => response::json_value(
            StatusCode::INTERNAL_SERVER_ERROR,
            &json!({ "error": "Internal server error", "hint": "Try again in a few minutes." }),
        ),
    }
}
