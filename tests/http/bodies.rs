//! Bodies that end early, lie about their length, are packed wrongly or never end.

use unspool::runtime::http::{Client, Control, Fault, Limits, Notice};

use crate::{
    pack,
    server::{Script, Server, Step, answer, raw},
    support::{Heard, fetch, fetch_with, limits, request},
};

fn ten_of_twenty() -> Script {
    vec![raw("HTTP/1.1 200 OK\nContent-Length: 20", "0123456789")]
}

fn chunked(body: &str) -> Script {
    vec![raw("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nConnection: close", body)]
}

fn gzipped(body: &[u8]) -> Script {
    answer(200, "Content-Encoding: gzip\r\nContent-Type: application/json\r\n", body)
}

#[tokio::test]
async fn a_whole_body_arrives_with_its_length() {
    let server = Server::start(vec![answer(200, "Content-Type: application/json\r\n", "[1,2]")]).await;
    let (outcome, heard) = fetch(&server.url("/t")).await;
    let done = outcome.unwrap();
    assert_eq!((done.bytes, done.tries, done.answer.declared, done.answer.html()), (5, 1, Some(5), false));
    assert_eq!(heard.bytes, b"[1,2]");
    assert_eq!(heard.notices.first(), Some(&Notice::Connecting));
    assert_eq!(heard.notices.last(), Some(&Notice::Receiving { bytes: 5, total: Some(5) }));
}

#[tokio::test]
async fn a_truncated_body_is_tried_again_and_what_came_is_told() {
    let server = Server::start(vec![ten_of_twenty()]).await;
    let (outcome, heard) = fetch(&server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert!(matches!(*error.fault, Fault::Broken { .. }), "{error:?}");
    assert_eq!((error.received, error.tries, error.exit_code()), (10, 3, 6));
    assert_eq!((heard.bytes.as_slice(), heard.answers.len()), (&b"0123456789"[..], 3));
    assert_eq!(server.seen.count(), 3);
}

#[tokio::test]
async fn a_later_try_replaces_what_an_earlier_one_brought() {
    let server = Server::start(vec![ten_of_twenty(), answer(200, "", "whole")]).await;
    let (outcome, heard) = fetch(&server.url("/t")).await;
    assert_eq!(outcome.unwrap().tries, 2);
    assert_eq!(heard.bytes, b"whole");
}

#[tokio::test]
async fn the_first_part_is_kept_if_all_later_tries_bring_nothing() {
    let server = Server::start(vec![ten_of_twenty(), answer(503, "", "busy")]).await;
    let (outcome, heard) = fetch(&server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert_eq!((error.status(), error.received, error.tries), (Some(503), 10, 3));
    assert_eq!((heard.bytes.as_slice(), heard.answers.len()), (&b"0123456789"[..], 1));
}

#[tokio::test]
async fn connections_that_are_reset_or_closed_are_tried_again() {
    let reset_in_body = vec![raw("HTTP/1.1 200 OK\nContent-Length: 20", "01234"), Step::Reset];
    for script in [vec![Step::Reset], vec![], reset_in_body] {
        let server = Server::start(vec![script.clone(), script, answer(200, "", "whole")]).await;
        let (outcome, heard) = fetch(&server.url("/t")).await;
        assert_eq!(outcome.unwrap().tries, 3);
        assert_eq!(heard.bytes, b"whole");
    }
}

#[tokio::test]
async fn a_chunked_body_that_ends_early_is_broken_and_a_garbled_one_is_not_understood() {
    let server = Server::start(vec![chunked("5\r\nhello\r\n")]).await;
    let (outcome, _) = fetch(&server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert!(matches!(*error.fault, Fault::Broken { .. }) && error.received == 5, "{error:?}");
    for body in ["5\r\nhello\r\nzz\r\n", "5\r\nhello\r\nffffffffffffffffff\r\nx", "5\r\nhello!!\r\n0\r\n\r\n"]
    {
        let server = Server::start(vec![chunked(body)]).await;
        let (outcome, heard) = fetch(&server.url("/t")).await;
        let error = outcome.unwrap_err();
        assert!(matches!(*error.fault, Fault::Garbled { .. }), "{body:?}: {error:?}");
        assert_eq!(
            (error.tries, error.exit_code(), heard.bytes.as_slice()),
            (1, 7, &b"hello"[..]),
            "{body:?}"
        );
    }
}

#[tokio::test]
async fn what_is_not_http_is_not_understood_and_not_tried_again() {
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
        let shown = bytes.get(..60).unwrap_or(bytes);
        assert!(matches!(*error.fault, Fault::Garbled { .. }), "{shown:?}: {error:?}");
        assert_eq!((error.tries, error.exit_code()), (1, 7), "{shown:?}");
    }
}

#[tokio::test]
async fn bytes_past_the_declared_length_are_no_part_of_the_body() {
    let server = Server::start(vec![vec![raw("HTTP/1.1 200 OK\nContent-Length: 5", "hello and more")]]).await;
    let (outcome, heard) = fetch(&server.url("/t")).await;
    assert_eq!((outcome.unwrap().bytes, heard.bytes.as_slice()), (5, &b"hello"[..]));
}

#[tokio::test]
async fn a_body_that_ends_with_its_connection_has_no_declared_length() {
    let server = Server::start(vec![vec![raw("HTTP/1.0 200 OK", "until the end")]]).await;
    let (outcome, heard) = fetch(&server.url("/t")).await;
    assert_eq!((outcome.unwrap().answer.declared, heard.bytes.as_slice()), (None, &b"until the end"[..]));
}

#[tokio::test]
async fn empty_bodies_are_bodies() {
    for script in [answer(200, "", ""), vec![raw("HTTP/1.1 204 No Content", "")]] {
        let server = Server::start(vec![script]).await;
        let (outcome, heard) = fetch(&server.url("/t")).await;
        assert_eq!((outcome.unwrap().bytes, heard.answers.len()), (0, 1));
    }
}

#[tokio::test]
async fn a_web_page_is_passed_on_and_flagged() {
    let server =
        Server::start(vec![answer(200, "Content-Type: Text/HTML; charset=utf-8\r\n", "<html>")]).await;
    let (outcome, heard) = fetch(&server.url("/t")).await;
    assert!(outcome.unwrap().answer.html());
    assert_eq!((heard.answers[0].html(), heard.bytes.as_slice()), (true, &b"<html>"[..]));
}

#[tokio::test]
async fn a_declared_length_past_the_cap_is_refused_at_once() {
    let server =
        Server::start(vec![vec![raw("HTTP/1.1 200 OK\nContent-Length: 1001", ""), Step::Stall]]).await;
    let (outcome, heard) = fetch_with(Limits { max_body: 1000, ..limits() }, &server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert_eq!(*error.fault, Fault::TooLarge { limit: 1000, declared: Some(1001) });
    assert_eq!((error.tries, error.exit_code(), heard.answers.len()), (1, 1, 0));
    assert!(error.advice().contains("max_body"));
}

#[tokio::test]
async fn a_body_without_end_stops_exactly_at_the_cap() {
    let head = raw("HTTP/1.1 200 OK", "");
    let server = Server::start(vec![vec![head, Step::Flood(vec![b'x'; 4096])]]).await;
    let (outcome, heard) = fetch_with(Limits { max_body: 100_001, ..limits() }, &server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert_eq!(*error.fault, Fault::TooLarge { limit: 100_001, declared: None });
    assert_eq!((error.received, heard.bytes.len()), (100_001, 100_001));
}

#[tokio::test]
async fn a_body_exactly_as_large_as_the_cap_is_fine() {
    let server = Server::start(vec![answer(200, "", "12345")]).await;
    let (outcome, _) = fetch_with(Limits { max_body: 5, ..limits() }, &server.url("/t")).await;
    assert_eq!(outcome.unwrap().bytes, 5);
}

#[tokio::test]
async fn a_small_packed_body_that_unpacks_without_end_stops_at_the_cap() {
    let bomb = pack::bomb(300_000);
    assert!(bomb.len() < 500_000);
    let server = Server::start(vec![gzipped(&bomb)]).await;
    let (outcome, heard) = fetch_with(Limits { max_body: 1 << 20, ..limits() }, &server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert!(matches!(*error.fault, Fault::TooLarge { .. }), "{error:?}");
    assert_eq!(heard.bytes.len(), 1 << 20);
    assert!(heard.bytes.iter().all(|byte| *byte == 0));
}

#[tokio::test]
async fn packed_bodies_are_unpacked() {
    let body = b"{\"messages\":[]}".repeat(10_000);
    let server = Server::start(vec![gzipped(&pack::stored(&body))]).await;
    let (outcome, heard) = fetch(&server.url("/t")).await;
    let done = outcome.unwrap();
    assert_eq!((done.bytes, done.answer.declared), (body.len() as u64, None));
    assert!(heard.bytes == body);
    assert!(server.seen.heads()[0].to_ascii_lowercase().contains("accept-encoding: gzip\r\n"));
}

#[tokio::test]
async fn packed_bodies_that_end_early_are_broken_and_damaged_ones_are_not_understood() {
    let whole = pack::stored(&b"0123456789".repeat(1000));
    let server = Server::start(vec![gzipped(&whole[..5000])]).await;
    let (outcome, _) = fetch(&server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert!(matches!(*error.fault, Fault::Broken { .. }) && error.tries == 3, "{error:?}");

    let mut bad_sum = whole.clone();
    let place = bad_sum.len() - 6;
    bad_sum[place] ^= 1;
    let mut bad_length = whole.clone();
    bad_length[13] ^= 1;
    for body in [bad_sum, bad_length, b"not packed at all".to_vec()] {
        let server = Server::start(vec![gzipped(&body)]).await;
        let (outcome, _) = fetch(&server.url("/t")).await;
        let error = outcome.unwrap_err();
        assert!(matches!(*error.fault, Fault::Garbled { .. }) && error.tries == 1, "{error:?}");
    }
}

#[tokio::test]
async fn a_packing_that_was_not_asked_for_is_not_understood() {
    let server = Server::start(vec![answer(200, "Content-Encoding: br\r\n", "\x0b\x02\u{0}hello\x03")]).await;
    let (outcome, heard) = fetch(&server.url("/t")).await;
    let error = outcome.unwrap_err();
    assert!(matches!(*error.fault, Fault::Garbled { .. }), "{error:?}");
    assert!(heard.bytes.is_empty());
}

#[tokio::test]
async fn a_receiver_that_wants_no_more_ends_the_fetch() {
    let head = raw("HTTP/1.1 200 OK", "");
    let server = Server::start(vec![vec![head, Step::Flood(vec![b'x'; 4096])]]).await;
    let mut heard = Heard { enough: Some(10_000), ..Heard::default() };
    let outcome = Client::new(limits()).get(&request(&server.url("/t")), &mut heard, &Control::none()).await;
    assert_eq!(*outcome.unwrap_err().fault, Fault::Cancelled);
}
