use super::*;

fn said(body: &str) -> Vec<String> {
    sentences(body.as_bytes())
}

#[test]
fn every_shape_of_an_error_becomes_sentences() {
    for (body, wanted) in [
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
        assert_eq!(said(body), wanted, "{body}");
    }
}

#[test]
fn a_page_is_reduced_to_its_title_or_first_words() {
    for (page, wanted) in [
        ("<html><head><title>502 Bad\n Gateway</title></head><body>x</body></html>", "502 Bad Gateway"),
        ("<!DOCTYPE html><TITLE lang=en>A &amp; B</TITLE>", "A & B"),
        ("<html><title></title><h1>No <b>way</b></h1>", "No way"),
        ("<p>Sign <i>in</i></p> please", "Sign in please"),
        ("<", ""),
        ("<title>", ""),
    ] {
        let wanted: Vec<&str> = Some(wanted).filter(|text| !text.is_empty()).into_iter().collect();
        assert_eq!(said(page), wanted, "{page}");
    }
}

#[test]
fn however_much_is_said_little_is_told() {
    let long = format!(r#"{{"detail":"{}"}}"#, "word ".repeat(10_000));
    let told = said(&long);
    assert!(told[0].chars().count() <= LONGEST_SENTENCE + 1 && told[0].ends_with('…'), "{told:?}");
    let unbroken = said(&"x".repeat(100_000));
    assert_eq!(unbroken[0].chars().count(), LONGEST_SENTENCE + 1);
    let many: Vec<String> = (0..50).map(|i| format!("\"e{i}\"")).collect();
    let told = said(&format!("[{}]", many.join(",")));
    assert_eq!((told.len(), told.last().map(String::as_str)), (MOST_SENTENCES + 1, Some("… and 38 more")));
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    assert_eq!(sentences(b"\xFF\xFE"), ["\u{FFFD}\u{FFFD}"]);
    assert_eq!(sentences(b"\x1f\x8b\x08\0").len(), 1);
}
