//! HTTP responses: a status, a content type, a body. The content is the services'.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

const JSON: &str = "application/json";

/// Returns a response with JSON text and a content length.
pub fn json_text(status: StatusCode, text: impl Into<Body>) -> Response {
    (status, [(header::CONTENT_TYPE, JSON)], text.into()).into_response()
}

/// Returns a response with a JSON value and a content length.
pub fn json_value(status: StatusCode, value: &Value) -> Response {
    json_text(status, value.to_string())
}

/// Returns `{"detail": …}`, the error format of FastAPI and of Django REST Framework.
pub fn detail(status: StatusCode, text: &str) -> Response {
    json_value(status, &json!({ "detail": text }))
}

/// Returns `{"error": …}`, the error format that camelAI documents.
pub fn error(status: StatusCode, text: &str) -> Response {
    json_value(status, &json!({ "error": text }))
}

/// Adds the retry delay in both headers: milliseconds take precedence over seconds.
pub fn with_retry_after(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert("retry-after-ms", HeaderValue::from_static("120"));
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// Returns a refusal with a retry delay of two seconds, in seconds only.
pub fn throttled() -> Response {
    let mut response = detail(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests");
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// Adds the authentication scheme.
pub fn with_challenge(mut response: Response, scheme: &'static str) -> Response {
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
    response
}

/// Returns the error page of a proxy that cannot reach the service.
pub fn bad_gateway() -> Response {
    const PAGE: &str = "<html><head><title>502 Bad Gateway</title></head>\
        <body><center><h1>502 Bad Gateway</h1></center><hr><center>demo-proxy</center></body></html>\n";
    html_page(StatusCode::BAD_GATEWAY, PAGE)
}

/// Returns an HTML page with status 200 in place of JSON, like the sign-in page of a network.
pub fn sign_in_page() -> Response {
    const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Welcome to Guest Wi-Fi</title></head>\n\
        <body><h1>Please sign in</h1><form method=\"post\"><input name=\"room\"><button>Connect</button></form></body></html>\n";
    html_page(StatusCode::OK, PAGE)
}

fn html_page(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}

/// Returns a 307 redirect to another address.
pub fn redirect(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
