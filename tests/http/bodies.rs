//! Bodies that end early, have a wrong length, are compressed incorrectly, or never end.

use std::io::Write as _;

use unspool::testing::domain::FetchProgress;
use unspool::testing::net::{Client, FetchControl, FetchErrorKind, Limits};

use crate::{
    gzip,
    server::{Script, Server, Step, answer, raw},
    support::{RecordingSink, fetch, fetch_with, limits, request},
};

fn truncated_response() -> Script {
    vec![raw("HTTP/1.1 200 OK\nContent-Length: 20", "0123456789")]
}

fn chunked_response(body: &str) -> Script {
    vec![raw("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nConnection: close", body)]
}

fn gzipped_response(body: &[u8]) -> Script {
    answer(200, "Content-Encoding: gzip\r\nContent-Type: application/json\r\n", body)
}

#[tokio::test]
async fn a_complete_body_arrives_with_its_length() {
    let server = Server::start(vec![answer(200, "Content-Type: application/json\r\n", "[1,2]")]).await;
    let (outcome, sink) = fetch(&server.url("/t")).await;
    let done = outcome.unwrap();
    assert_eq!(
        (done.bytes, done.attempts, done.head.content_length, done.head.content_type.as_deref()),
        (5, 1, Some(5), Some("application/json"))
    );
    assert_eq!(sink.bytes, b"[1,2]");
    assert_eq!(sink.progress.first(), Some(&FetchProgress::Connecting));
    assert_eq!(sink.progress.last(), Some(&FetchProgress::Receiving { bytes: 5, total: Some(5) }));
}

#[tokio::test]
async fn a_truncated_body_is_retried_and_the_received_part_reported() {
    let server = Server::start(vec![truncated_response()]).await;
    let (outcome, sink) = fetch(&server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert!(matches!(*error.kind, FetchErrorKind::ConnectionLost { .. }), "{error:?}");
    assert_eq!((error.received_bytes, error.attempts, error.exit_code().code()), (10, 3, 6));
    assert_eq!((sink.bytes.as_slice(), sink.responses.len()), (&b"0123456789"[..], 3));
    assert_eq!(server.requests.count(), 3);
}

#[tokio::test]
async fn a_later_attempt_replaces_the_body_of_an_earlier_one() {
    let server = Server::start(vec![truncated_response(), answer(200, "", "whole")]).await;
    let (outcome, sink) = fetch(&server.url("/t")).await;
    assert_eq!(outcome.unwrap().attempts, 2);
    assert_eq!(sink.bytes, b"whole");
}

#[tokio::test]
async fn the_first_partial_body_is_kept_if_later_attempts_fail() {
    let server = Server::start(vec![truncated_response(), answer(503, "", "busy")]).await;
    let (outcome, sink) = fetch(&server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert!(matches!(*error.kind, FetchErrorKind::Status { status: 503, .. }));
    assert_eq!((error.received_bytes, error.attempts), (10, 3));
    assert_eq!((sink.bytes.as_slice(), sink.responses.len()), (&b"0123456789"[..], 1));
}

#[tokio::test]
async fn reset_or_closed_connections_are_retried() {
    let reset_in_body = vec![raw("HTTP/1.1 200 OK\nContent-Length: 20", "01234"), Step::Reset];
    for script in [vec![Step::Reset], vec![], reset_in_body] {
        let server = Server::start(vec![script.clone(), script, answer(200, "", "whole")]).await;
        let (outcome, sink) = fetch(&server.url("/t")).await;
        assert_eq!(outcome.unwrap().attempts, 3);
        assert_eq!(sink.bytes, b"whole");
    }
}

#[tokio::test]
async fn truncated_chunks_are_connection_errors_and_invalid_chunks_protocol_errors() {
    let server = Server::start(vec![chunked_response("5\r\nhello\r\n")]).await;
    let (outcome, _) = fetch(&server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert!(
        matches!(*error.kind, FetchErrorKind::ConnectionLost { .. }) && error.received_bytes == 5,
        "{error:?}"
    );
    for body in ["5\r\nhello\r\nzz\r\n", "5\r\nhello\r\nffffffffffffffffff\r\nx", "5\r\nhello!!\r\n0\r\n\r\n"]
    {
        let server = Server::start(vec![chunked_response(body)]).await;
        let (outcome, sink) = fetch(&server.url("/t")).await;
        let error = outcome.unwrap_err();
        assert!(matches!(*error.kind, FetchErrorKind::InvalidResponse { .. }), "{body:?}: {error:?}");
        assert_eq!(
            (error.attempts, error.exit_code().code(), sink.bytes.as_slice()),
            (1, 7, &b"hello"[..]),
            "{body:?}"
        );
    }
}

#[tokio::test]
async fn invalid_http_is_not_retried() {
    let flood = format!("HTTP/1.1 200 OK\r\nX-Long: {}", "x".repeat(1 << 20));
    for bytes in [
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 999999 What\r\n\r\n",
        "HTTP/1.1 200 OK\r\nbad header\x01name: x\r\n\r\n",
        flood.as_str(),
    ] {
        let server = Server::start(vec![vec![Step::Send(bytes.into())]]).await;
        let (outcome, _) = fetch(&server.url("/t")).await;
        let error = outcome.unwrap_err();
        let start = bytes.get(..60).unwrap_or(bytes);
        assert!(matches!(*error.kind, FetchErrorKind::InvalidResponse { .. }), "{start:?}: {error:?}");
        assert_eq!((error.attempts, error.exit_code().code()), (1, 7), "{start:?}");
    }
}

#[tokio::test]
async fn bytes_beyond_the_declared_length_are_ignored() {
    let server = Server::start(vec![vec![raw("HTTP/1.1 200 OK\nContent-Length: 5", "hello and more")]]).await;
    let (outcome, sink) = fetch(&server.url("/t")).await;
    assert_eq!((outcome.unwrap().bytes, sink.bytes.as_slice()), (5, &b"hello"[..]));
}

#[tokio::test]
async fn a_body_that_ends_with_its_connection_has_no_declared_length() {
    let server = Server::start(vec![vec![raw("HTTP/1.0 200 OK", "until the end")]]).await;
    let (outcome, sink) = fetch(&server.url("/t")).await;
    assert_eq!((outcome.unwrap().head.content_length, sink.bytes.as_slice()), (None, &b"until the end"[..]));
}

#[tokio::test]
async fn empty_bodies_are_accepted() {
    let server = Server::start(vec![answer(200, "", "")]).await;
    let (outcome, sink) = fetch(&server.url("/t")).await;
    assert_eq!((outcome.unwrap().bytes, sink.responses.len()), (0, 1));
    let server = Server::start(vec![vec![raw("HTTP/1.1 204 No Content", "")]]).await;
    let (outcome, _) = fetch(&server.url("/t")).await;
    assert!(matches!(*outcome.unwrap_err().kind, FetchErrorKind::Status { status: 204, .. }));
}

#[tokio::test]
async fn an_html_page_is_passed_on_with_its_content_type() {
    let server =
        Server::start(vec![answer(200, "Content-Type: Text/HTML; charset=utf-8\r\n", "<html>")]).await;
    let (outcome, sink) = fetch(&server.url("/t")).await;
    assert_eq!(outcome.unwrap().head, sink.responses[0]);
    assert_eq!(sink.responses[0].content_type.as_deref(), Some("Text/HTML; charset=utf-8"));
    assert_eq!(sink.bytes, b"<html>");
}

#[tokio::test]
async fn a_declared_length_beyond_the_cap_is_rejected_immediately() {
    let server =
        Server::start(vec![vec![raw("HTTP/1.1 200 OK\nContent-Length: 1001", ""), Step::Stall]]).await;
    let (outcome, sink) = fetch_with(Limits { max_body: 1000, ..limits() }, &server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert_eq!(*error.kind, FetchErrorKind::TooLarge { limit: 1000, content_length: Some(1001) });
    assert_eq!((error.attempts, error.exit_code().code(), sink.responses.len()), (1, 1, 0));
    assert!(error.hint().contains("max_body"));
}

#[tokio::test]
async fn a_body_without_end_stops_exactly_at_the_cap() {
    let head = raw("HTTP/1.1 200 OK", "");
    let server = Server::start(vec![vec![head, Step::Flood(vec![b'x'; 4096])]]).await;
    let (outcome, sink) = fetch_with(Limits { max_body: 100_001, ..limits() }, &server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert_eq!(*error.kind, FetchErrorKind::TooLarge { limit: 100_001, content_length: None });
    assert_eq!((error.received_bytes, sink.bytes.len()), (100_001, 100_001));
}

#[tokio::test]
async fn a_body_exactly_as_large_as_the_cap_is_accepted() {
    let server = Server::start(vec![answer(200, "", "12345")]).await;
    let (outcome, _) = fetch_with(Limits { max_body: 5, ..limits() }, &server.url("/t")).await;
    assert_eq!(outcome.unwrap().bytes, 5);
}

#[tokio::test]
async fn a_decompression_bomb_stops_at_the_cap() {
    let bomb = gzip::decompression_bomb(300_000);
    assert!(bomb.len() < 500_000);
    let server = Server::start(vec![gzipped_response(&bomb)]).await;
    let (outcome, sink) = fetch_with(Limits { max_body: 1 << 20, ..limits() }, &server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert!(matches!(*error.kind, FetchErrorKind::TooLarge { .. }), "{error:?}");
    assert_eq!(sink.bytes.len(), 1 << 20);
    assert!(sink.bytes.iter().all(|byte| *byte == 0));
}

#[tokio::test]
async fn a_body_that_unpacks_to_200_times_its_size_is_refused() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    (0..80).for_each(|_| encoder.write_all(&[b' '; 1 << 20]).unwrap());
    let server = Server::start(vec![gzipped_response(&encoder.finish().unwrap())]).await;
    let (outcome, sink) = fetch_with(Limits { max_body: 1 << 30, ..limits() }, &server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert_eq!(*error.kind, FetchErrorKind::SuspiciousRatio { ratio: 200 });
    assert_eq!((error.attempts, error.exit_code().code()), (1, 7));
    assert!(error.to_string().contains("200 times its size") && error.hint().contains("curl --compressed"));
    assert!(sink.bytes.len() <= 64 << 20, "{}", sink.bytes.len());
}

#[tokio::test]
async fn gzipped_bodies_are_decompressed() {
    let body = b"{\"messages\":[]}".repeat(10_000);
    let server = Server::start(vec![gzipped_response(&gzip::gzip_stored(&body))]).await;
    let (outcome, sink) = fetch(&server.url("/t")).await;
    let done = outcome.unwrap();
    assert_eq!((done.bytes, done.head.content_length), (body.len() as u64, None));
    assert!(sink.bytes == body);
    assert!(server.requests.heads()[0].to_ascii_lowercase().contains("accept-encoding: gzip\r\n"));
}

#[tokio::test]
async fn truncated_gzip_is_a_connection_error_and_damaged_gzip_a_protocol_error() {
    let whole = gzip::gzip_stored(&b"0123456789".repeat(1000));
    let server = Server::start(vec![gzipped_response(&whole[..5000])]).await;
    let (outcome, _) = fetch(&server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert!(matches!(*error.kind, FetchErrorKind::ConnectionLost { .. }) && error.attempts == 3, "{error:?}");

    let mut bad_checksum = whole.clone();
    let at = bad_checksum.len() - 6;
    bad_checksum[at] ^= 1;
    let mut bad_length = whole.clone();
    bad_length[13] ^= 1;
    for body in [bad_checksum, bad_length, b"not compressed".to_vec()] {
        let server = Server::start(vec![gzipped_response(&body)]).await;
        let (outcome, _) = fetch(&server.url("/t")).await;
        let error = outcome.unwrap_err();
        assert!(
            matches!(*error.kind, FetchErrorKind::InvalidResponse { .. }) && error.attempts == 1,
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn an_unexpected_content_encoding_is_rejected() {
    let server = Server::start(vec![answer(200, "Content-Encoding: br\r\n", "\x0b\x02\u{0}hello\x03")]).await;
    let (outcome, sink) = fetch(&server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert!(matches!(*error.kind, FetchErrorKind::InvalidResponse { .. }), "{error:?}");
    assert!(sink.bytes.is_empty());
}

#[tokio::test]
async fn a_body_sink_can_stop_the_fetch() {
    let head = raw("HTTP/1.1 200 OK", "");
    let server = Server::start(vec![vec![head, Step::Flood(vec![b'x'; 4096])]]).await;
    let mut sink = RecordingSink { stop_after: Some(10_000), ..RecordingSink::default() };
    let outcome =
        Client::new(limits()).get(&request(&server.url("/t")), &mut sink, &FetchControl::none()).await;
    assert_eq!(*outcome.unwrap_err().kind, FetchErrorKind::Cancelled);
}
