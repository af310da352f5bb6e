//! The faults, each with how the client is to take it.

use std::time::Duration;

use unspool::net::Limits;

use crate::gzip;
use crate::server::{Script, Server, Step, answer, raw};
use crate::test_env::thread_body;

/// What came of a body that broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Nothing,
    /// The messages that came before.
    Partial,
    /// All of it: the fault did no harm.
    Complete,
    /// A row that says why it cannot be read.
    Unreadable,
}

/// One fault.
pub struct Case {
    pub name: &'static str,
    pub script: Script,
    pub limits: fn(&mut Limits),
    pub tries: usize,
    pub code: u8,
    pub outcome: Outcome,
    /// What the screen says.
    pub message: &'static str,
    /// What it advises; for a part of a thread there is none.
    pub hint: &'static str,
}

const SHORT_TIMEOUT: Duration = Duration::from_millis(60);

fn default_limits(_: &mut Limits) {}
fn short_answer_timeout(limits: &mut Limits) {
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

const BUSY_HINT: &str = "The service may be busy with a large thread: try again";
const RETRY_HINT: &str = "Try again; what came so far can be read.";
const TRUNCATED_HINT: &str = "Try again; if it keeps ending early, ask whoever runs the service or proxy.";
const UNREACHABLE_HINT: &str = "Check that the host and port are right and can be reached from here.";
const WRONG_SERVER_HINT: &str = "Check the base URL and proxies: what answers there may not be the service.";

fn case(name: &'static str, script: Script) -> Case {
    let (says, advises) = ("the connection ended before the answer did", TRUNCATED_HINT);
    Case {
        name,
        script,
        limits: default_limits,
        tries: 3,
        code: 6,
        outcome: Outcome::Nothing,
        message: says,
        hint: advises,
    }
}

/// Messages first and then whatever else: 2 of them are complete.
fn truncated_thread() -> Vec<u8> {
    let whole = thread_body();
    let end = whole.len() * 9 / 10;
    whole.get(..end).unwrap().to_vec()
}

fn response_head(more: &str) -> String {
    format!("HTTP/1.1 200 OK\nContent-Type: application/json\n{more}")
}

/// The service says nothing, too little, or never stops.
pub fn slow() -> Vec<Case> {
    let late = |name, script| Case {
        limits: short_answer_timeout,
        tries: 1,
        message: "no answer within 0.06 s",
        hint: BUSY_HINT,
        ..case(name, script)
    };
    let idle = |name, script| Case {
        limits: short_idle_timeout,
        tries: 1,
        message: "nothing came for 0.06 s",
        hint: RETRY_HINT,
        ..case(name, script)
    };
    let pace = |name, script| Case {
        limits: strict_throughput,
        tries: 1,
        message: "almost nothing came in 0.06 s",
        hint: RETRY_HINT,
        ..case(name, script)
    };
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
                "a body that stops within",
                vec![raw(&response_head("Content-Length: 90000"), ""), part.clone(), Step::Stall],
            )
        },
        pace("a body that drips", vec![raw(&response_head(""), ""), Step::Drip(b' ')]),
        Case {
            outcome: Outcome::Partial,
            ..pace("messages, then drops", vec![raw(&response_head(""), ""), part, Step::Drip(b' ')])
        },
    ]
}

/// The connection ends too early.
pub fn truncated() -> Vec<Case> {
    let part = |more: &str| vec![raw(&response_head(more), truncated_thread())];
    let reset = |mut script: Script| {
        script.push(Step::Reset);
        script
    };
    let mut chunked = format!("{:x}\r\n", truncated_thread().len()).into_bytes();
    chunked.extend(truncated_thread());
    vec![
        case("closed without a word", vec![Step::Send(Vec::new())]),
        case("reset without a word", vec![Step::Reset]),
        case("closed within the head", vec![Step::Send("HTTP/1.1 200 OK\r\nConte".into())]),
        case("closed before the body", vec![raw(&response_head("Content-Length: 9000"), "")]),
        case("reset before the body", reset(vec![raw(&response_head("Content-Length: 9000"), "{")])),
        Case { outcome: Outcome::Partial, ..case("cut short of its length", part("Content-Length: 90000")) },
        Case {
            outcome: Outcome::Partial,
            ..case("reset within the body", reset(part("Content-Length: 90000")))
        },
        Case {
            outcome: Outcome::Partial,
            ..case("chunks without an end", vec![raw(&response_head("Transfer-Encoding: chunked"), chunked)])
        },
    ]
}

/// Lengths that lie and bodies that are too large.
pub fn invalid_lengths() -> Vec<Case> {
    let garbled = |name, script| Case {
        tries: 1,
        code: 7,
        message: "the answer could not be understood as HTTP",
        hint: WRONG_SERVER_HINT,
        ..case(name, script)
    };
    let large = |name, script| Case {
        limits: small_body_limit,
        tries: 1,
        code: 1,
        message: "the body is larger than 1,000 bytes",
        hint: "Raise max_body above 1,000",
        ..case(name, script)
    };
    let length =
        |length: &str| vec![raw(&response_head(&format!("Content-Length: {length}")), thread_body())];
    let noise = vec![b' '; 4096];
    vec![
        garbled("a negative length", length("-1")),
        garbled("a length in words", length("many")),
        garbled("a length past all numbers", length("99999999999999999999999")),
        garbled("two lengths", length("5\nContent-Length: 6")),
        garbled("no HTTP", vec![Step::Send("SSH-2.0-OpenSSH_9.7\r\n\r\n".into())]),
        garbled(
            "an endless head",
            vec![Step::Send("HTTP/1.1 200 OK\r\nX: ".into()), Step::Flood(vec![b'x'; 65536])],
        ),
        large("declared too large", answer(200, "", &noise)),
        large("too large without a word", vec![raw(&response_head(""), ""), Step::Flood(noise.clone())]),
        garbled("a packed body that is none", answer(200, "Content-Encoding: gzip\r\n", "{}")),
        Case {
            code: 0,
            outcome: Outcome::Complete,
            ..garbled(
                "a packed body",
                answer(200, "Content-Encoding: gzip\r\n", gzip::gzip_stored(&thread_body())),
            )
        },
        large(
            "too large when unpacked",
            answer(200, "Content-Encoding: gzip\r\n", gzip::decompression_bomb(1000)),
        ),
    ]
}

/// Bodies that are no thread.
pub fn bodies() -> Vec<Case> {
    let odd = |name, body: &[u8], says| Case {
        tries: 1,
        code: 7,
        message: says,
        hint: "",
        ..case(name, answer(200, "Content-Type: application/json\r\n", body))
    };
    vec![
        odd("a web page", b"<!doctype html><title>Sign in</title>", "web page"),
        odd("nothing", b"", "empty"),
        odd("null", b"null", "Could not open"),
        odd("a number", b"1e400", "Could not open"),
        odd("NaN", b"NaN", "Could not open"),
        odd("an error with status 200", br#"{"detail":"no such thread"}"#, "Could not open"),
        odd("binary", b"\x00\x1b[2J\x9b\xff\xfe", "Could not open"),
        Case {
            code: 6,
            outcome: Outcome::Unreadable,
            ..odd("a million brackets", &vec![b'['; 1 << 20], "cannot be read")
        },
    ]
}

/// Redirects of every kind.
pub fn redirects(elsewhere: &Server) -> Vec<Case> {
    let there = elsewhere.url("/steal");
    let mut cases = Vec::new();
    for status in [300, 301, 302, 303, 304, 305, 306, 307, 308, 399] {
        for location in
            [there.as_str(), "", "/login", "file:///etc/passwd", "http://[broken", "//evil.example/x"]
        {
            let header =
                if location.is_empty() { String::new() } else { format!("Location: {location}\r\n") };
            let script = answer(status, &header, "moved");
            let advises = "Check the base URL: a redirect often means a login page";
            cases.push(Case {
                tries: 1,
                code: 1,
                message: "which is not followed",
                hint: advises,
                ..case("redirect", script)
            });
        }
    }
    cases
}

/// A port where nobody listens is not played by a server; it stands here for its words.
pub const CONNECTION_REFUSED: (&str, &str) = ("no connection", UNREACHABLE_HINT);
