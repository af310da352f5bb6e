//! Services that are slow, silent or send single bytes, and fetches that the user cancels.

use std::time::Duration;

use tokio::net::TcpListener;
use unspool::testing::domain::FetchProgress;
use unspool::testing::net::{Client, FetchErrorKind, Limits, TimeoutStage, fetch_control};

use crate::{
    server::{Server, Step, answer, raw},
    support::{RecordingSink, fetch, fetch_with, limits, request},
};

const SHORT_TIMEOUT: Duration = Duration::from_millis(50);

fn timeout(stage: TimeoutStage, limit: Duration) -> FetchErrorKind {
    FetchErrorKind::Timeout { stage, limit }
}

#[tokio::test]
async fn a_service_that_never_answers_times_out_without_retry() {
    for script in
        [vec![Step::Stall], vec![Step::Drip(b'H')], vec![Step::Send("HTTP/1.1 200".into()), Step::Stall]]
    {
        let server = Server::start(vec![script]).await;
        // A head that arrives byte by byte or incompletely counts as silence.
        let (outcome, _) =
            fetch_with(Limits { response: SHORT_TIMEOUT, ..limits() }, &server.url("/t")).await;
        let error = outcome.unwrap_err();
        match *error.kind {
            FetchErrorKind::Timeout { stage: TimeoutStage::ResponseHead, .. } => {
                assert_eq!((error.attempts, error.exit_code().code()), (1, 6))
            }
            FetchErrorKind::InvalidResponse { .. } => assert_eq!(error.exit_code().code(), 7),
            ref other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_stalled_body_times_out_and_its_part_is_kept() {
    let server =
        Server::start(vec![vec![raw("HTTP/1.1 200 OK\nContent-Length: 20", "0123456789"), Step::Stall]])
            .await;
    let (outcome, sink) = fetch_with(Limits { idle: SHORT_TIMEOUT, ..limits() }, &server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert_eq!(*error.kind, timeout(TimeoutStage::Chunk, SHORT_TIMEOUT));
    assert_eq!((error.received_bytes, error.attempts, sink.bytes.len()), (10, 1, 10));
}

#[tokio::test]
async fn bytes_received_before_a_pause_are_reported_during_it() {
    let chunks = "5\r\n01234\r\n5\r\n56789\r\n";
    let script = vec![raw("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", chunks), Step::Stall];
    // The second chunk follows the first too soon to have its own progress update.
    let sink =
        fetch_and_cancel(script, |progress| matches!(progress, FetchProgress::Receiving { bytes: 10, .. }))
            .await;
    let expected = [5, 10].map(|bytes| FetchProgress::Receiving { bytes, total: None });
    assert!(sink.progress.ends_with(&expected), "{:?}", sink.progress);
}

#[tokio::test]
async fn a_dripping_body_fails_the_throughput_check() {
    let server = Server::start(vec![vec![raw("HTTP/1.1 200 OK", ""), Step::Drip(b'x')]]).await;
    let limits = Limits { throughput_window: SHORT_TIMEOUT, min_window_bytes: u64::MAX, ..limits() };
    let (outcome, sink) = fetch_with(limits, &server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert_eq!(*error.kind, timeout(TimeoutStage::Throughput, SHORT_TIMEOUT));
    assert!(error.received_bytes > 0 && error.received_bytes == sink.bytes.len() as u64);
}

#[tokio::test]
async fn a_large_body_with_enough_throughput_may_take_many_windows() {
    let body = vec![b'x'; 8 << 20];
    let server = Server::start(vec![answer(200, "", &body)]).await;
    let limits = Limits { throughput_window: Duration::from_micros(10), min_window_bytes: 1, ..limits() };
    let (outcome, sink) = fetch_with(limits, &server.url("/t")).await;
    assert_eq!((outcome.unwrap().bytes, sink.bytes.len()), (8 << 20, 8 << 20));
}

#[tokio::test]
async fn a_refused_connection_is_tried_three_times() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (outcome, sink) = fetch(&format!("http://127.0.0.1:{port}/t")).await;
    let error = outcome.unwrap_err();
    assert!(matches!(*error.kind, FetchErrorKind::Connect { .. }), "{error:?}");
    assert_eq!((error.attempts, error.exit_code().code(), sink.waits().len()), (3, 6, 2));
}

#[tokio::test]
async fn a_stalled_tls_handshake_is_a_connection_timeout() {
    let server = Server::start_without_reading(vec![vec![Step::Stall]]).await;
    let limits = Limits { connect: SHORT_TIMEOUT, ..limits() };
    let (outcome, _) = fetch_with(limits, &format!("https://127.0.0.1:{}/t", server.port)).await;
    let error = outcome.unwrap_err();
    assert_eq!((error.kind.as_ref(), error.attempts), (&timeout(TimeoutStage::Connect, SHORT_TIMEOUT), 3));
}

#[tokio::test]
async fn tls_failures_are_not_retried() {
    let alert = vec![Step::Send(vec![0x15, 3, 3, 0, 2, 2, 0x28]), Step::Stall];
    let http = vec![Step::Send("HTTP/1.1 400 Bad Request\r\n\r\n".into()), Step::Stall];
    for script in [alert, http] {
        let server = Server::start_without_reading(vec![script]).await;
        let (outcome, _) = fetch(&format!("https://127.0.0.1:{}/t", server.port)).await;
        let error = outcome.unwrap_err();
        assert!(matches!(*error.kind, FetchErrorKind::Tls { .. }), "{error:?}");
        assert_eq!((error.attempts, error.exit_code().code(), server.requests.count()), (1, 6, 1));
    }
}

/// Cancels a fetch at a matching progress update. The limits are the defaults, so an ignored cancellation hangs the test.
async fn fetch_and_cancel(script: Vec<Step>, when: fn(&FetchProgress) -> bool) -> RecordingSink {
    let server = Server::start(vec![script]).await;
    let (handle, control) = fetch_control();
    let mut sink = RecordingSink { cancel_on: Some((when, handle)), ..RecordingSink::default() };
    let outcome = Client::new(Limits::default()).get(&request(&server.url("/t")), &mut sink, &control).await;
    let error = outcome.unwrap_err();
    assert_eq!(*error.kind, FetchErrorKind::Cancelled);
    assert_eq!(error.received_bytes, sink.bytes.len() as u64);
    sink
}

#[tokio::test]
async fn a_fetch_can_be_cancelled_at_every_stage() {
    fetch_and_cancel(vec![Step::Stall], |progress| matches!(progress, FetchProgress::Connecting)).await;
    let part = vec![raw("HTTP/1.1 200 OK\nContent-Length: 20", "0123456789"), Step::Stall];
    let sink = fetch_and_cancel(part, |progress| matches!(progress, FetchProgress::Receiving { .. })).await;
    assert_eq!(sink.bytes, b"0123456789");
    let later = answer(429, "Retry-After: 30\r\n", "");
    let sink =
        fetch_and_cancel(later, |progress| matches!(progress, FetchProgress::RetryScheduled { .. })).await;
    assert_eq!(sink.waits(), [Duration::from_secs(30)]);
}

#[tokio::test]
async fn a_dropped_handle_does_not_affect_the_fetch() {
    let server = Server::start(vec![answer(503, "", ""), answer(200, "", "whole")]).await;
    let (handle, control) = fetch_control();
    drop(handle);
    let mut sink = RecordingSink::default();
    let outcome = Client::new(limits()).get(&request(&server.url("/t")), &mut sink, &control).await;
    assert_eq!(outcome.unwrap().attempts, 2);
}
