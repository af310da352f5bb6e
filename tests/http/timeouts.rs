//! Services that are slow, silent or drip; and the user's hand on the fetch.

use std::time::Duration;

use tokio::net::TcpListener;
use unspool::runtime::http::{Client, Fault, Limits, Notice, Pending, control};

use crate::{
    server::{Server, Step, answer, raw},
    support::{Heard, fetch, fetch_with, limits, request},
};

const SHORT: Duration = Duration::from_millis(50);

fn timeout(pending: Pending, limit: Duration) -> Fault {
    Fault::Timeout { pending, limit }
}

#[tokio::test]
async fn a_service_that_never_answers_is_given_up_once() {
    for script in
        [vec![Step::Stall], vec![Step::Drip(b'H')], vec![Step::Send("HTTP/1.1 200".into()), Step::Stall]]
    {
        let server = Server::start(vec![script]).await;
        // What is dripped or broken off must not be told from silence.
        let (outcome, _) = fetch_with(Limits { answer: SHORT, ..limits() }, &server.url("/t")).await;
        let error = outcome.unwrap_err();
        match *error.fault {
            Fault::Timeout { pending: Pending::Answer, .. } => {
                assert_eq!((error.tries, error.exit_code()), (1, 6))
            }
            Fault::Garbled { .. } => assert_eq!(error.exit_code(), 7),
            ref other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_body_that_stops_coming_is_given_up_and_what_came_is_kept() {
    let server =
        Server::start(vec![vec![raw("HTTP/1.1 200 OK\nContent-Length: 20", "0123456789"), Step::Stall]])
            .await;
    let (outcome, heard) = fetch_with(Limits { idle: SHORT, ..limits() }, &server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert_eq!(*error.fault, timeout(Pending::Chunk, SHORT));
    assert_eq!((error.received, error.tries, heard.bytes.len()), (10, 1, 10));
}

#[tokio::test]
async fn what_came_before_a_pause_is_told_in_the_pause() {
    let chunks = "5\r\n01234\r\n5\r\n56789\r\n";
    let script = vec![raw("HTTP/1.1 200 OK\nTransfer-Encoding: chunked", chunks), Step::Stall];
    // The second chunk comes too soon after the first to be told by itself.
    let heard = cancelled(script, |notice| matches!(notice, Notice::Receiving { bytes: 10, .. })).await;
    let told = [5, 10].map(|bytes| Notice::Receiving { bytes, total: None });
    assert!(heard.notices.ends_with(&told), "{:?}", heard.notices);
}

#[tokio::test]
async fn a_body_that_drips_is_given_up_although_it_never_pauses() {
    let server = Server::start(vec![vec![raw("HTTP/1.1 200 OK", ""), Step::Drip(b'x')]]).await;
    let limits = Limits { pace_window: SHORT, pace_bytes: u64::MAX, ..limits() };
    let (outcome, heard) = fetch_with(limits, &server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert_eq!(*error.fault, timeout(Pending::Pace, SHORT));
    assert!(error.received > 0 && error.received == heard.bytes.len() as u64);
}

#[tokio::test]
async fn a_large_body_at_a_fair_pace_may_take_many_windows() {
    let body = vec![b'x'; 8 << 20];
    let server = Server::start(vec![answer(200, "", &body)]).await;
    let limits = Limits { pace_window: Duration::from_micros(10), pace_bytes: 1, ..limits() };
    let (outcome, heard) = fetch_with(limits, &server.url("/t")).await;
    assert_eq!((outcome.unwrap().bytes, heard.bytes.len()), (8 << 20, 8 << 20));
}

#[tokio::test]
async fn a_port_that_nobody_listens_at_is_tried_three_times() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (outcome, heard) = fetch(&format!("http://127.0.0.1:{port}/t")).await;
    let error = outcome.unwrap_err();
    assert!(matches!(*error.fault, Fault::Connect { .. }), "{error:?}");
    assert_eq!((error.tries, error.exit_code(), heard.waits().len()), (3, 6, 2));
}

#[tokio::test]
async fn a_handshake_that_never_ends_counts_as_no_connection() {
    let server = Server::start_deaf(vec![vec![Step::Stall]]).await;
    let limits = Limits { connect: SHORT, ..limits() };
    let (outcome, _) = fetch_with(limits, &format!("https://127.0.0.1:{}/t", server.port)).await;
    let error = outcome.unwrap_err();
    assert_eq!((error.fault.as_ref(), error.tries), (&timeout(Pending::Connection, SHORT), 3));
}

#[tokio::test]
async fn tls_that_fails_is_not_tried_again() {
    let alert = vec![Step::Send(vec![0x15, 3, 3, 0, 2, 2, 0x28]), Step::Stall];
    let http = vec![Step::Send("HTTP/1.1 400 Bad Request\r\n\r\n".into()), Step::Stall];
    for script in [alert, http] {
        let server = Server::start_deaf(vec![script]).await;
        let (outcome, _) = fetch(&format!("https://127.0.0.1:{}/t", server.port)).await;
        let error = outcome.unwrap_err();
        assert!(matches!(*error.fault, Fault::Tls { .. }), "{error:?}");
        assert_eq!((error.tries, error.exit_code(), server.seen.count()), (1, 6, 1));
    }
}

/// Runs until `when`, then cancels; the limits are the usual ones, so a fetch that does not listen hangs the test.
async fn cancelled(script: Vec<Step>, when: fn(&Notice) -> bool) -> Heard {
    let server = Server::start(vec![script]).await;
    let (handle, control) = control();
    let mut heard = Heard { cancel_on: Some((when, handle)), ..Heard::default() };
    let outcome = Client::new(Limits::default()).get(&request(&server.url("/t")), &mut heard, &control).await;
    let error = outcome.unwrap_err();
    assert_eq!(*error.fault, Fault::Cancelled);
    assert_eq!(error.received, heard.bytes.len() as u64);
    heard
}

#[tokio::test]
async fn a_fetch_can_be_cancelled_at_every_stage() {
    cancelled(vec![Step::Stall], |notice| matches!(notice, Notice::Connecting)).await;
    let part = vec![raw("HTTP/1.1 200 OK\nContent-Length: 20", "0123456789"), Step::Stall];
    let heard = cancelled(part, |notice| matches!(notice, Notice::Receiving { .. })).await;
    assert_eq!(heard.bytes, b"0123456789");
    let later = answer(429, "Retry-After: 30\r\n", "");
    let heard = cancelled(later, |notice| matches!(notice, Notice::Waiting { .. })).await;
    assert_eq!(heard.waits(), [Duration::from_secs(30)]);
}

#[tokio::test]
async fn a_handle_that_is_dropped_wishes_nothing() {
    let server = Server::start(vec![answer(503, "", ""), answer(200, "", "whole")]).await;
    let (handle, control) = control();
    drop(handle);
    let mut heard = Heard::default();
    let outcome = Client::new(limits()).get(&request(&server.url("/t")), &mut heard, &control).await;
    assert_eq!(outcome.unwrap().tries, 2);
}
