use super::*;

fn messages_of(body: &str) -> Vec<String> {
    error_messages(body.as_bytes())
}

#[test]
fn reads_messages_from_every_error_format() {
    for (body, expected) in [
        (r#"{"detail":"Unauthorized"}"#, vec!["Unauthorized"]),
        (r#"{"error":"e","detail":"d","message":"m"}"#, vec!["e", "d", "m"]),
        (r#"{"error":{"message":"m","code":7}}"#, vec!["m"]),
        (r#"{"error":{"code":7}}"#, vec!["code: 7"]),
        (r#"{"detail":["a","b"]}"#, vec!["a", "b"]),
        (
            r#"{"detail":[{"loc":["query","x"],"msg":"bad"},{"loc":["body","m",0,"c"],"msg":"gone"},{"msg":"n"}]}"#,
            vec!["query.x: bad", "body.m[0].c: gone", "n"],
        ),
        (r#"{"detail":[{"loc":"query","msg":"bad"}]}"#, vec!["bad"]),
        (
            r#"{"thread_id":["one","two"],"page":"three"}"#,
            vec!["thread_id: one", "thread_id: two", "page: three"],
        ),
        (r#"{"error":"e","details":{"page":["p"]},"hint":"h"}"#, vec!["e", "h", "page: p"]),
        (r#"{"error":"e","details":"d"}"#, vec!["e", "d"]),
        (r#"{"error":true,"message":"m"}"#, vec!["m"]),
        (r#"["a",{"message":"b"}]"#, vec!["a", "b"]),
        (r#""just text""#, vec!["just text"]),
        ("upstream  connect\nerror", vec!["upstream connect error"]),
        ("", vec![]),
        ("{}", vec![]),
        ("null", vec!["null"]),
        (r#"{"detail":"cut o"#, vec!["cut o"]),
    ] {
        assert_eq!(messages_of(body), expected, "{body}");
    }
}

#[test]
fn reduces_an_html_page_to_its_title_or_text() {
    for (page, expected) in [
        ("<html><head><title>502 Bad\n Gateway</title></head><body>x</body></html>", "502 Bad Gateway"),
        ("<!DOCTYPE html><TITLE lang=en>A &amp; B</TITLE>", "A & B"),
        ("<html><title></title><h1>No <b>way</b></h1>", "No way"),
        ("<p>Sign <i>in</i></p> please", "Sign in please"),
        ("<", ""),
        ("<title>", ""),
    ] {
        let expected: Vec<&str> = Some(expected).filter(|text| !text.is_empty()).into_iter().collect();
        assert_eq!(messages_of(page), expected, "{page}");
    }
}

#[test]
fn limits_the_number_and_length_of_messages() {
    let long = format!(r#"{{"detail":"{}"}}"#, "word ".repeat(10_000));
    let messages = messages_of(&long);
    assert!(
        messages[0].chars().count() <= MAX_MESSAGE_CHARS + 1 && messages[0].ends_with('…'),
        "{messages:?}"
    );
    let unbroken = messages_of(&"x".repeat(100_000));
    assert_eq!(unbroken[0].chars().count(), MAX_MESSAGE_CHARS + 1);
    let many: Vec<String> = (0..50).map(|i| format!("\"e{i}\"")).collect();
    let messages = messages_of(&format!("[{}]", many.join(",")));
    assert_eq!(
        (messages.len(), messages.last().map(String::as_str)),
        (MAX_MESSAGES + 1, Some("… and 38 more"))
    );
}

#[test]
fn accepts_bytes_that_are_not_utf8() {
    assert_eq!(error_messages(b"\xFF\xFE"), ["\u{FFFD}\u{FFFD}"]);
    assert_eq!(error_messages(b"\x1f\x8b\x08\0").len(), 1);
}
