//! The faults, each with the expected reaction of the client.

use std::time::Duration;

use unspool::testing::net::Limits;

use crate::gzip;
use crate::server::{Script, Server, Step, answer, raw};
use crate::test_env::thread_body;

/// The expected result of a faulty response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Nothing,
    /// The messages before the fault.
    Partial,
    /// The whole thread, despite the fault.
    Complete,
    /// A row with the reason why it cannot be read.
    Unreadable,
}

/// A fault and its expected effects.
pub struct Case {
    pub name: &'static str,
    pub script: Script,
    pub limits: fn(&mut Limits),
    pub attempts: usize,
    pub code: u8,
    pub outcome: Outcome,
    /// The expected message on the screen.
    pub message: &'static str,
    /// The expected hint; a partial thread has none.
    pub hint: &'static str,
}

const SHORT_TIMEOUT: Duration = Duration::from_millis(60);

fn default_limits(_: &mut Limits) {}
fn short_response_timeout(limits: &mut Limits) {
    limits.response = SHORT_TIMEOUT;
}
fn short_idle_timeout(limits: &mut Limits) {
    limits.idle = SHORT_TIMEOUT;
}
fn strict_throughput(limits: &mut Limits) {
    (limits.throughput_window, limits.min_window_bytes) = (SHORT_TIMEOUT, u64::MAX);
}
fn small_body_limit(limits: &mut Limits) {
    limits.max_body = 1000;
}

const BUSY_HINT: &str = "Try again; for a large thread, raise answer_timeout.";
const RETRY_HINT: &str = "Try again; the messages received so far are kept.";
const TRUNCATED_HINT: &str = "Try again; if it keeps happening, ask the operator of the service or proxy.";
const UNREACHABLE_HINT: &str = "Check the host and port, and that they are reachable from here.";
const WRONG_SERVER_HINT: &str = "Check the base URL and proxies: the response may come from another server.";

fn case(name: &'static str, script: Script) -> Case {
    let (message, hint) = ("connection lost", TRUNCATED_HINT);
    Case {
        name,
        script,
        limits: default_limits,
        attempts: 3,
        code: 6,
        outcome: Outcome::Nothing,
        message,
        hint,
    }
}

/// Returns a body that ends inside its third message.
fn truncated_thread() -> Vec<u8> {
    let whole = thread_body();
    let end = whole.len() * 9 / 10;
    whole.get(..end).unwrap().to_vec()
}

fn response_head(headers: &str) -> String {
    format!("HTTP/1.1 200 OK\nContent-Type: application/json\n{headers}")
}

/// The service sends nothing, too little, or never stops.
pub fn slow() -> Vec<Case> {
    let waits = |limits, message, hint| {
        move |name, script| Case { limits, attempts: 1, message, hint, ..case(name, script) }
    };
    let late = waits(short_response_timeout, "no response within 0.06 s", BUSY_HINT);
    let idle = waits(short_idle_timeout, "no data for 0.06 s", RETRY_HINT);
    let throttled = waits(strict_throughput, "almost no data in 0.06 s", RETRY_HINT);
    let part = Step::Send(truncated_thread());
    vec![
        late("silence", vec![Step::Stall]),
        late("half a status line", vec![Step::Send("HTTP/1.1 20".into()), Step::Stall]),
        late("half a head", vec![Step::Send("HTTP/1.1 200 OK\r\nContent-".into()), Step::Stall]),
        idle("no body", vec![raw(&response_head("Content-Length: 9000"), ""), Step::Stall]),
        idle(
            "a body that stops at once",
            vec![raw(&response_head("Content-Length: 9000"), "{\"messages\":["), Step::Stall],
        ),
        Case {
            outcome: Outcome::Partial,
            ..idle(
                "a body that stops inside a message",
                vec![raw(&response_head("Content-Length: 90000"), ""), part.clone(), Step::Stall],
            )
        },
        throttled("a body that drips", vec![raw(&response_head(""), ""), Step::Drip(b' ')]),
        Case {
            outcome: Outcome::Partial,
            ..throttled("messages, then dripping", vec![raw(&response_head(""), ""), part, Step::Drip(b' ')])
        },
    ]
}

/// The connection ends early.
pub fn truncated() -> Vec<Case> {
    let part = |headers: &str| vec![raw(&response_head(headers), truncated_thread())];
    let reset = |mut script: Script| {
        script.push(Step::Reset);
        script
    };
    let mut chunked = format!("{:x}\r\n", truncated_thread().len()).into_bytes();
    chunked.extend(truncated_thread());
    vec![
        case("closed without a response", vec![Step::Send(Vec::new())]),
        case("reset without a response", vec![Step::Reset]),
        case("closed inside the head", vec![Step::Send("HTTP/1.1 200 OK\r\nConte".into())]),
        case("closed before the body", vec![raw(&response_head("Content-Length: 9000"), "")]),
        case("reset before the body", reset(vec![raw(&response_head("Content-Length: 9000"), "{")])),
        Case { outcome: Outcome::Partial, ..case("shorter than its length", part("Content-Length: 90000")) },
        Case {
            outcome: Outcome::Partial,
            ..case("reset inside the body", reset(part("Content-Length: 90000")))
        },
        Case {
            outcome: Outcome::Partial,
            ..case(
                "chunks without a last chunk",
                vec![raw(&response_head("Transfer-Encoding: chunked"), chunked)],
            )
        },
    ]
}

/// Wrong lengths and bodies that are too large.
pub fn invalid_lengths() -> Vec<Case> {
    let invalid = |name, script| Case {
        attempts: 1,
        code: 7,
        message: "invalid HTTP response",
        hint: WRONG_SERVER_HINT,
        ..case(name, script)
    };
    let large = |name, script| Case {
        limits: small_body_limit,
        attempts: 1,
        code: 1,
        message: "the body exceeds 1,000 bytes",
        hint: "Raise max_body above 1,000",
        ..case(name, script)
    };
    let length =
        |length: &str| vec![raw(&response_head(&format!("Content-Length: {length}")), thread_body())];
    let noise = vec![b' '; 4096];
    vec![
        invalid("a negative length", length("-1")),
        invalid("a length in words", length("many")),
        invalid("a length beyond all integers", length("99999999999999999999999")),
        invalid("two lengths", length("5\nContent-Length: 6")),
        invalid("no HTTP", vec![Step::Send("SSH-2.0-OpenSSH_9.7\r\n\r\n".into())]),
        invalid(
            "an endless head",
            vec![Step::Send("HTTP/1.1 200 OK\r\nX: ".into()), Step::Flood(vec![b'x'; 65536])],
        ),
        large("declared too large", answer(200, "", &noise)),
        large("too large without a length", vec![raw(&response_head(""), ""), Step::Flood(noise.clone())]),
        invalid("an invalid gzip body", answer(200, "Content-Encoding: gzip\r\n", "{}")),
        Case {
            code: 0,
            outcome: Outcome::Complete,
            ..invalid(
                "a gzip body",
                answer(200, "Content-Encoding: gzip\r\n", gzip::gzip_stored(&thread_body())),
            )
        },
        large(
            "too large when decompressed",
            answer(200, "Content-Encoding: gzip\r\n", gzip::decompression_bomb(1000)),
        ),
    ]
}

/// Bodies that are not threads.
pub fn bodies() -> Vec<Case> {
    let foreign = |name, body: &[u8], message| Case {
        attempts: 1,
        code: 7,
        message,
        hint: "",
        ..case(name, answer(200, "Content-Type: application/json\r\n", body))
    };
    vec![
        foreign("a web page", b"<!doctype html><title>Sign in</title>", "web page"),
        foreign("nothing", b"", "empty"),
        foreign("null", b"null", "Could not open"),
        foreign("a number", b"1e400", "Could not open"),
        foreign("NaN", b"NaN", "Could not open"),
        foreign("an error with status 200", br#"{"detail":"no such thread"}"#, "Could not open"),
        foreign("binary", b"\x00\x1b[2J\x9b\xff\xfe", "Could not open"),
        Case {
            code: 6,
            outcome: Outcome::Unreadable,
            ..foreign("a million brackets", &vec![b'['; 1 << 20], "cannot be read")
        },
    ]
}

/// Redirects of every kind.
pub fn redirects(other_origin: &Server) -> Vec<Case> {
    let target = other_origin.url("/steal");
    let mut cases = Vec::new();
    for status in [300, 301, 302, 303, 305, 306, 307, 308, 399] {
        for location in
            [target.as_str(), "", "/login", "file:///etc/passwd", "http://[broken", "//evil.example/x"]
        {
            let header =
                if location.is_empty() { String::new() } else { format!("Location: {location}\r\n") };
            let script = answer(status, &header, "moved");
            cases.push(Case {
                attempts: 1,
                code: 1,
                message: "redirects are not followed",
                hint: "Check the base URL: a redirect often means a login page",
                ..case("redirect", script)
            });
        }
    }
    cases
}

/// The message and hint for a port without a server, which no script can play.
pub const CONNECTION_REFUSED: (&str, &str) = ("connection failed", UNREACHABLE_HINT);
