//! Every status with every kind of body, and the headers that control retries.

use std::time::Duration;

use unspool::testing::domain::FetchProgress;
use unspool::testing::net::{FetchErrorKind, Limits};

use crate::{
    server::{Server, Step, answer, raw},
    support::{fetch, fetch_skipping_waits, limits},
};

const BODIES: [(&str, &str); 3] = [
    ("Content-Type: application/json\r\n", r#"{"detail":"no"}"#),
    ("Content-Type: text/html\r\n", "<html><h1>Bad Gateway</h1>"),
    ("", ""),
];

#[tokio::test]
async fn every_error_status_keeps_its_body_and_only_some_are_retried() {
    for status in [
        400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 418, 422, 425, 429, 451, 500, 501, 502, 503, 504,
        529, 599,
    ] {
        let is_retried = matches!(status, 408 | 409 | 429 | 500..=599);
        for (headers, sent) in BODIES {
            let server = Server::start(vec![answer(status, headers, sent)]).await;
            let (outcome, sink) = fetch(&server.url("/t")).await;
            let error = outcome.unwrap_err();
            let FetchErrorKind::Status { status: got, body, content_type, .. } = error.kind.as_ref() else {
                panic!("{error:?}");
            };
            assert_eq!((*got, body.as_slice()), (status, sent.as_bytes()));
            assert_eq!(content_type.is_some(), !headers.is_empty());
            let attempts = if is_retried { 3 } else { 1 };
            assert_eq!((error.attempts as usize, server.requests.count()), (attempts, attempts), "{status}");
            assert!(sink.bytes.is_empty() && sink.responses.is_empty());
        }
    }
}

#[tokio::test]
async fn a_service_that_recovers_is_not_an_error() {
    let server =
        Server::start(vec![answer(500, "", "x"), answer(429, "", "x"), answer(200, "", "whole")]).await;
    let (outcome, sink) = fetch(&server.url("/t")).await;
    assert_eq!((outcome.unwrap().attempts, sink.bytes.as_slice()), (3, &b"whole"[..]));
    let attempts: Vec<_> = sink
        .progress
        .iter()
        .filter_map(|progress| match progress {
            FetchProgress::RetryScheduled { attempt, max_attempts, reason, .. } => {
                Some((*attempt, *max_attempts, reason.as_str()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        attempts,
        [(2, 3, "HTTP 500 (Internal Server Error)"), (3, 3, "HTTP 429 (Too Many Requests)")]
    );
}

/// Returns the wait after a 429 with these headers; it is skipped, so the test does not sleep.
async fn retry_wait(headers: &str) -> Duration {
    let server = Server::start(vec![answer(429, headers, ""), answer(200, "", "whole")]).await;
    let (outcome, sink) = fetch_skipping_waits(Limits::default(), &server.url("/t")).await;
    assert_eq!(outcome.unwrap().attempts, 2);
    sink.waits()[0]
}

#[tokio::test]
async fn retry_after_is_honoured_in_every_form_and_can_be_skipped() {
    let from = "Date: Fri, 02 Jan 2026 00:00:00 GMT\r\n";
    for (headers, millis) in [
        ("Retry-After: 30\r\n", 30_000),
        ("Retry-After: 29.5\r\n", 29_500),
        ("retry-after-ms: 28000\r\n", 28_000),
        ("Retry-After: 3\r\nretry-after-ms: 27000\r\n", 27_000),
        (&format!("{from}Retry-After: Fri, 02 Jan 2026 00:00:26 GMT\r\n"), 26_000),
        (&format!("{from}Retry-After: Friday, 02-Jan-26 00:00:25 GMT\r\n"), 25_000),
        (&format!("{from}Retry-After: Fri Jan  2 00:00:24 2026\r\n"), 24_000),
    ] {
        assert_eq!(retry_wait(headers).await, Duration::from_millis(millis), "{headers:?}");
    }
}

#[tokio::test]
async fn an_invalid_retry_after_falls_back_to_the_usual_wait() {
    let usual = Duration::from_millis(375)..=Duration::from_millis(500);
    for headers in [
        "",
        "Retry-After: 0\r\n",
        "Retry-After: -1\r\n",
        "Retry-After: soon\r\n",
        "Retry-After: 1e999\r\n",
        "Retry-After: Fri, 02 Jan 1970 00:00:26 GMT\r\n",
    ] {
        let wait = retry_wait(headers).await;
        assert!(usual.contains(&wait), "{headers:?}: {wait:?}");
    }
}

#[tokio::test]
async fn a_long_retry_after_is_part_of_the_error() {
    let server = Server::start(vec![answer(429, "Retry-After: 3600\r\n", "slow down")]).await;
    let (outcome, _) = fetch(&server.url("/t")).await;
    let error = outcome.unwrap_err();
    let FetchErrorKind::Status { retry_after, .. } = *error.kind else { panic!("{error:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(3600)));
    assert!(error.hint().contains("in 60 min"), "{}", error.hint());
}

#[tokio::test]
async fn x_should_retry_overrides_only_where_allowed() {
    for (status, header, attempts) in
        [(503, "false", 1), (400, "true", 3), (401, "true", 1), (404, "true", 1), (422, "true", 1)]
    {
        let server = Server::start(vec![answer(status, &format!("x-should-retry: {header}\r\n"), "")]).await;
        let (outcome, _) = fetch(&server.url("/t")).await;
        assert_eq!(outcome.unwrap_err().attempts, attempts, "{status} {header}");
    }
}

#[tokio::test]
async fn an_error_body_is_capped() {
    let head = raw("HTTP/1.1 404 Not Found", "");
    let server = Server::start(vec![vec![head, Step::Flood(vec![b'x'; 1000])]]).await;
    let (outcome, _) = fetch(&server.url("/t")).await;
    let FetchErrorKind::Status { body, .. } = *outcome.unwrap_err().kind else { panic!() };
    assert_eq!(body.len(), 64 << 10);
}

#[tokio::test]
async fn a_stalled_or_truncated_error_body_keeps_the_status() {
    let part = raw("HTTP/1.1 404 Not Found\nContent-Length: 100", "part");
    for script in [vec![part.clone(), Step::Stall], vec![part]] {
        let server = Server::start(vec![script]).await;
        let limits = Limits { idle: Duration::from_millis(50), ..limits() };
        let (outcome, _) = fetch_skipping_waits(limits, &server.url("/t")).await;
        let error = outcome.unwrap_err();
        let FetchErrorKind::Status { status, body, .. } = error.kind.as_ref() else { panic!("{error:?}") };
        assert_eq!((*status, body.as_slice()), (404, &b"part"[..]));
    }
}
