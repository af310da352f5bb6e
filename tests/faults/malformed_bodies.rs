//! Odd bodies end to end: what the screen and `show` say of each, and that the messages beside the odd one are there.

use std::sync::Arc;

use unspool::commands::load::load;
use unspool::net::Client;

use crate::browser::Browser;
use crate::server::answer;
use crate::test_env::TestEnv;

const FIRST: &str =
    r#"{"entry":{"id":"e0","input":{"query":"first question"},"output":{"response":"a"}},"spans":[]}"#;
const LAST: &str =
    r#"{"entry":{"id":"e9","input":{"query":"last question"},"output":{"response":"a"}},"spans":[]}"#;

/// A turn with more members in its entry.
fn turn(members: &str) -> String {
    format!(
        r#"{{"entry":{{"id":"e1","input":{{"query":"odd question"}},"output":{{"response":"a"}}{members}}},"spans":[]}}"#
    )
}

fn body(odd: &str) -> Vec<u8> {
    format!(r#"{{"thread":{{"id":"lamp","title":"Odd"}},"messages":[{FIRST},{odd},{LAST}]}}"#).into_bytes()
}

/// A body, what is said of it (nothing, if it can be shown as it is), and how many of its messages cannot be read.
fn malformed_bodies() -> Vec<(&'static str, Vec<u8>, &'static str, usize)> {
    let deep = "[".repeat(1_000_000);
    let digits = "9".repeat(400);
    let plain = body(&turn(""));
    let with = |tail: &str| [plain.as_slice(), tail.as_bytes()].concat();
    let mut bad_text = body(&turn(""));
    let at = bad_text.windows(3).position(|word| word == b"odd").unwrap();
    bad_text[at..at + 3].copy_from_slice(b"\xff\xfe\x80");
    let declared = String::from_utf8(plain.clone()).unwrap().replacen(
        "{\"thread\"",
        "{\"message_count\":10,\"thread\"",
        1,
    );
    let camelai = format!(r#"{{"id":1,"role":"user","content":"odd question"}},{FIRST}"#);
    vec![
        ("depth", body(&turn(&format!(",\"deep\":{deep}{}", "]".repeat(1_000_000)))), "", 0),
        (
            "depth without an end",
            body(&turn(&format!(",\"deep\":{deep}"))),
            "one of its messages is broken",
            1,
        ),
        ("digits", body(&turn(&format!(",\"duration_ms\":{digits},\"x\":-{digits}"))), "", 0),
        ("1e400", body(&turn(",\"duration_ms\":1e400,\"x\":-1e-400")), "", 0),
        ("NaN", body(&turn(",\"duration_ms\":NaN,\"x\":[Infinity,-Infinity]")), "", 0),
        ("bad UTF-8", bad_text, "", 0),
        ("a mark at the start", [b"\xef\xbb\xbf".as_slice(), &plain].concat(), "", 0),
        (
            "duplicate keys",
            body(&turn(",\"input\":{\"query\":\"odd question\"},\"id\":\"e1\",\"id\":\"e2\"")),
            "",
            0,
        ),
        ("two values", with("{\"messages\":[]}"), "a second JSON value follows", 0),
        ("garbage", with(" and more"), "something that is not JSON follows", 0),
        ("a count that lies", declared.into_bytes(), "it says 10 messages and has 3", 0),
        ("no objects", body("null,\"x\",[1],7"), "", 4),
        ("a lost quote", body(&turn("").replacen("\"e1\"", "\"e1", 1)), "one of its messages is broken", 1),
        ("another service's message", body(&camelai), "", 1),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_message_is_reported_and_its_neighbours_are_shown() {
    for (about, body, says, lost) in malformed_bodies() {
        let desk = TestEnv::start(|_| vec![answer(200, "", &body)]).await;
        let mut browser = Browser::open(&desk);
        browser.rests().await;
        let screen = browser.screen();
        assert!(screen.contains("first question") && screen.contains("last question"), "{about}: {screen}");
        assert!(screen.contains(says), "{about}: {screen}");
        assert_eq!(screen.contains("unreadable"), lost > 0, "{about}: {screen}");
        browser.answers_keys();
        let world = desk.context();
        let client = Arc::new(Client::new(world.limits.clone()));
        let loaded = load(TestEnv::source(), &world, &client, &mut |_| {}).await.unwrap();
        assert_eq!(loaded.exit_code, 0, "{about}");
        assert_eq!(loaded.summaries.iter().filter(|head| head.read_error.is_some()).count(), lost, "{about}");
        assert!(
            loaded.body_summary.warnings.iter().any(|oddity| oddity.contains(says)) || says.is_empty(),
            "{about}: {loaded:?}"
        );
        desk.assert_key_not_leaked(about);
    }
}
