//! Malformed and unusual bodies, each with its own outcome.

use super::*;
use crate::json::Kind;

fn end_of(body: &str) -> BodyEnd {
    split_whole(body).1.end
}

#[test]
fn bodies_without_messages_report_the_reason() {
    let none = |why| BodyEnd::NoMessages(why);
    assert_eq!(end_of(r#"{"error":"no such thread"}"#), none(NoMessages::Absent));
    assert_eq!(end_of(r#"{"messages":null}"#), none(NoMessages::Null));
    assert_eq!(end_of(r#"{"messages": {"a":1} }"#), none(NoMessages::NotAnArray(Kind::Object)));
    assert_eq!(end_of(r#"{"data":{"messages":[{"id":1}]}}"#), none(NoMessages::Nested("data".to_owned())));
    assert_eq!(end_of("null"), none(NoMessages::NotAnObject(Kind::Null)));
    assert_eq!(end_of(" \"a b\" "), none(NoMessages::NotAnObject(Kind::String)));
}

#[test]
fn non_json_bodies_report_their_first_bytes() {
    assert_eq!(end_of(""), BodyEnd::Empty);
    assert_eq!(end_of("\u{feff} \n"), BodyEnd::Empty);
    let page = " <!DOCTYPE html><title>Sign in</title>";
    assert_eq!(end_of(page), BodyEnd::NotJson { prefix: page.as_bytes().to_vec(), is_html: true });
    assert_eq!(end_of("true story"), BodyEnd::NotJson { prefix: b"true story".to_vec(), is_html: false });
    let long = "no ".repeat(400);
    let (_, outcome) = split(long.as_bytes(), list_all(), &[300]);
    assert_eq!(outcome.end, BodyEnd::NotJson { prefix: long.as_bytes()[..512].to_vec(), is_html: false });
}

#[test]
fn envelope_is_the_body_without_its_messages() {
    let (_, outcome) = split_whole(r#"{"a":[1], "messages" : [{"id":1} , {"id":2}],"message_count": "2" }"#);
    assert_eq!(outcome.envelope, br#"{"a":[1], "messages" : [],"message_count": "2" }"#);
    assert_eq!((outcome.declared_count, outcome.is_envelope_truncated), (Some(2), false));
    assert_eq!(split_whole("[]").1.envelope, br#"{"messages":[]}"#);
}

#[test]
fn data_after_the_thread_is_reported_but_not_read() {
    assert_eq!(end_of(r#"{"messages":[]} oops"#), BodyEnd::TrailingGarbage { offset: 16 });
    assert_eq!(end_of(r#"{"messages":[]}{"messages":[1]}"#), BodyEnd::SecondValue { offset: 15 });
    assert_eq!(split_whole("{\"messages\":[{}],\"a\":1}\n[]").1.envelope, br#"{"messages":[],"a":1}"#);
    assert_eq!(end_of(r#"{"messages":[]}] "#), BodyEnd::TrailingGarbage { offset: 15 });
    assert_eq!(end_of("[1]\0\0"), BodyEnd::Complete);
    assert_eq!(end_of("[]\0\0"), BodyEnd::NoMessages(NoMessages::EmptyArray));
}

#[test]
fn truncated_body_yields_its_complete_messages() {
    let (messages, outcome) =
        split_whole(r#"{"thread":{"id":"t"},"messages":[{"id":1},{"id":2,"list":[{"id":3},{"id":4"#);
    assert_eq!(outcome.end, BodyEnd::Truncated { offset: 74 });
    assert_eq!(messages[0], (r#"{"id":1}"#.to_owned(), Completeness::Whole));
    assert_eq!(messages[1], (r#"{"id":2,"list":[{"id":3},{"id":4"#.to_owned(), Completeness::CutOff));
    assert_eq!((messages.len(), outcome.broken_count), (2, 1));
    assert_eq!(outcome.envelope, br#"{"thread":{"id":"t"},"messages":[]}"#);
    assert_eq!(end_of(r#"{"thr"#), BodyEnd::Truncated { offset: 5 });
    assert_eq!(end_of(r#"[{"id":1},"#), BodyEnd::Truncated { offset: 10 });
}

#[test]
fn repeated_messages_are_read_one_after_another() {
    let (messages, outcome) = split_whole(r#"{"messages":[{"id":1}],"messages":null,"messages":[{"id":2}]}"#);
    assert_eq!(messages.len(), 2);
    assert!(outcome.has_repeated_messages);
    assert_eq!(outcome.end, BodyEnd::Complete);
}

#[test]
fn junk_bytes_between_messages_are_skipped() {
    let (messages, outcome) = split_whole("[{\"id\":1}\0\0,\u{1},{\"id\":2}},\u{feff}{\"id\":3}]");
    assert_eq!(messages.iter().filter(|(_, completeness)| *completeness == Completeness::Whole).count(), 3);
    assert_eq!((messages.len(), outcome.skipped_bytes, outcome.end), (3, 7, BodyEnd::Complete));
}

#[test]
fn elements_may_be_any_value() {
    let (messages, _) = split_whole(r#"[null, 1e400,NaN,"a]",[1,[2]] ,{}]"#);
    let texts: Vec<_> = messages.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(texts, ["null", "1e400", "NaN", "\"a]\"", "[1,[2]]", "{}"]);
}

#[test]
fn lines_are_messages_and_an_invalid_line_is_one_broken_message() {
    let body = "{\"id\":1}\r\n\n{\"id\":2}\nnot, json { at all\n{\"id\":3}";
    let (messages, outcome) = split_whole(body);
    let texts: Vec<_> = messages.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(texts, ["{\"id\":1}", "{\"id\":2}", "not, json { at all", "{\"id\":3}"]);
    assert_eq!((outcome.broken_count, outcome.end), (1, BodyEnd::Complete));
}

#[test]
fn message_over_the_limit_stops_reading() {
    let body = format!("[{{\"id\":1}},{{\"text\":\"{}\"}},{{\"id\":3}}]", "x".repeat(1 << 20));
    let limits = Limits { message: 100_000, ..list_all() };
    let (messages, outcome) = split(body.as_bytes(), limits, &[1000]);
    assert_eq!(outcome.end, BodyEnd::TooLarge { offset: 10 });
    assert_eq!(outcome.byte_len, body.len() as u64);
    assert_eq!(messages.iter().map(|(bytes, _)| bytes.len()).collect::<Vec<_>>(), [8, 64 * 1024]);
    let no_messages = format!("{{\"text\":\"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(split(no_messages.as_bytes(), limits, &[1000]).1.end, BodyEnd::TooLarge { offset: 0 });
}

#[test]
fn last_element_is_kept_at_the_end_of_the_body() {
    let texts = |body: &str| split_whole(body).0;
    assert_eq!(
        texts("{\"id\":1}\n{\"id\":2}\nnot json").last().unwrap(),
        &("not json".to_owned(), Completeness::Broken)
    );
    assert_eq!(texts("[{\"id\":1},tru").last().unwrap(), &("tru".to_owned(), Completeness::CutOff));
    assert_eq!(texts(r#"{"a":,"b":}"#), []);
    assert_eq!(texts(r#"{"a":,"messages":[{"id":1}]}"#).len(), 1);
}

#[test]
fn pushing_after_finish_changes_nothing() {
    let mut splitter = Splitter::new(list_all());
    splitter.push(br#"{"messages":[{"id":1}],"thread":{"id":"t"}}"#);
    let outcome = splitter.finish();
    splitter.push(b"more");
    assert_eq!(splitter.finish(), outcome);
    assert_eq!(splitter.envelope(), outcome.envelope);
}

/// Builds a full message of either service, compact or pretty-printed.
fn realistic_message(index: usize, turn: bool, pretty: bool) -> String {
    let span = |n: usize| serde_json::json!({ "id": format!("s{index}-{n}"), "name": "step", "list": [{ "id": 1 }, { "id": 2 }] });
    let spans: Vec<_> = (0..3).map(span).collect();
    let value = match turn {
        true => {
            serde_json::json!({ "entry": { "id": index, "input": "say \"{\"" }, "spans": spans, "feedback": null })
        }
        false => {
            serde_json::json!({ "id": index, "role": "user", "content": [{ "id": 1, "text": "[" }], "artifacts": spans })
        }
    };
    if pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() }
}

#[test]
fn nested_objects_never_become_messages_wherever_the_body_ends() {
    for (turn, pretty) in [(true, true), (true, false), (false, true), (false, false)] {
        for count in 1..4 {
            let messages: Vec<_> = (0..count).map(|index| realistic_message(index, turn, pretty)).collect();
            let list = messages.join(if pretty { ",\n  " } else { "," });
            for (prefix, tail) in [("{\"messages\": [", "], \"thread\": {}}"), ("[", "]")] {
                let body = format!("{prefix}{list}{tail}");
                for end in 0..body.len() {
                    let (found, _) = split(&body.as_bytes()[..end], list_all(), &[]);
                    let started = (0..count)
                        .filter(|index| {
                            let before: usize = messages[..*index].iter().map(String::len).sum();
                            prefix.len() + before + index * if pretty { 4 } else { 1 } < end
                        })
                        .count();
                    assert_eq!(found.len(), started, "{:?}", body.get(..end));
                }
            }
        }
    }
}

#[test]
fn first_message_stays_whole_when_the_body_ends_right_after_it() {
    let message = r#"{"id":0,"role":"u","artifacts":[{"id":1,"t":2},{"id":3,"t":4}]}"#;
    for prefix in ["{\"messages\":[", "["] {
        let (found, outcome) = split_whole(&format!("{prefix}{message}"));
        assert_eq!(found, [(message.to_owned(), Completeness::Whole)]);
        assert!(matches!(outcome.end, BodyEnd::Truncated { .. }));
    }
}
