//! Malformed bodies end to end: the warnings on the screen and in `show`, and the messages next to the malformed one.

use std::sync::Arc;

use unspool::testing::commands::load::load;
use unspool::testing::net::Client;

use crate::browser::Browser;
use crate::server::answer;
use crate::test_env::TestEnv;

const FIRST: &str =
    r#"{"entry":{"id":"e0","input":{"query":"first question"},"output":{"response":"a"}},"spans":[]}"#;
const LAST: &str =
    r#"{"entry":{"id":"e9","input":{"query":"last question"},"output":{"response":"a"}},"spans":[]}"#;

/// Returns a turn with additional members in its entry.
fn turn(members: &str) -> String {
    format!(
        r#"{{"entry":{{"id":"e1","input":{{"query":"odd question"}},"output":{{"response":"a"}}{members}}},"spans":[]}}"#
    )
}

fn body(middle: &str) -> Vec<u8> {
    format!(r#"{{"thread":{{"id":"lamp","title":"Odd"}},"messages":[{FIRST},{middle},{LAST}]}}"#).into_bytes()
}

/// Bodies, each with a name, the expected warning (empty if there is none), and the number of unreadable messages.
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
        ("depth without an end", body(&turn(&format!(",\"deep\":{deep}"))), "1 message has broken JSON", 1),
        ("digits", body(&turn(&format!(",\"duration_ms\":{digits},\"x\":-{digits}"))), "", 0),
        ("1e400", body(&turn(",\"duration_ms\":1e400,\"x\":-1e-400")), "", 0),
        ("NaN", body(&turn(",\"duration_ms\":NaN,\"x\":[Infinity,-Infinity]")), "", 0),
        ("bad UTF-8", bad_text, "", 0),
        ("a byte order mark", [b"\xef\xbb\xbf".as_slice(), &plain].concat(), "", 0),
        (
            "duplicate keys",
            body(&turn(",\"input\":{\"query\":\"odd question\"},\"id\":\"e1\",\"id\":\"e2\"")),
            "",
            0,
        ),
        ("two values", with("{\"messages\":[]}"), "a second JSON value at byte", 0),
        ("garbage", with(" and more"), "data that is not JSON follows", 0),
        ("a wrong count", declared.into_bytes(), "message_count says 10, found 3", 0),
        ("no objects", body("null,\"x\",[1],7"), "", 4),
        ("a lost quote", body(&turn("").replacen("\"e1\"", "\"e1", 1)), "1 message has broken JSON", 1),
        ("another service's message", body(&camelai), "", 1),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_message_is_reported_and_its_neighbours_are_shown() {
    for (about, body, warning, unreadable) in malformed_bodies() {
        let env = TestEnv::start(|_| vec![answer(200, "", &body)]).await;
        let mut browser = Browser::open(&env);
        browser.wait_until_loaded().await;
        let screen = browser.screen();
        assert!(screen.contains("first question") && screen.contains("last question"), "{about}: {screen}");
        assert!(screen.contains(warning), "{about}: {screen}");
        assert_eq!(screen.contains("unreadable"), unreadable > 0, "{about}: {screen}");
        browser.assert_responsive();
        let context = env.context();
        let client = Arc::new(Client::new(context.limits.clone()));
        let loaded = load(TestEnv::source(), &context, &client, &mut |_| {}).await.unwrap();
        assert_eq!(loaded.exit_code.code(), 0, "{about}");
        assert_eq!(
            loaded.summaries.iter().filter(|summary| summary.read_error.is_some()).count(),
            unreadable,
            "{about}"
        );
        assert!(
            loaded.body_summary.warnings.iter().any(|text| text.contains(warning)) || warning.is_empty(),
            "{about}: {loaded:?}"
        );
        env.assert_key_not_leaked(about);
    }
}
