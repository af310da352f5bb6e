//! Bodies with their expected elements marked: ‹a whole message›, «a broken one», ⟨one cut off⟩.

use super::*;

/// Returns the body without its marks, and the marked elements.
fn parse_marks(marked: &str) -> (String, Vec<(String, Completeness)>) {
    let (mut body, mut expected) = (String::new(), Vec::<(String, Completeness)>::new());
    let mut open = None;
    for c in marked.chars() {
        match c {
            '‹' => open = Some((body.len(), Completeness::Whole)),
            '«' => open = Some((body.len(), Completeness::Broken)),
            '⟨' => open = Some((body.len(), Completeness::CutOff)),
            '›' | '»' | '⟩' => {
                let (start, completeness) = open.take().unwrap();
                expected.push((body.get(start..).unwrap().to_owned(), completeness));
            }
            _ => body.push(c),
        }
    }
    (body, expected)
}

/// Checks the splitter's output against the marks.
fn check(case: &str, marked: &str) -> Outcome {
    let (body, expected) = parse_marks(marked);
    let (found, outcome) = split_whole(&body);
    assert!(found == expected, "{case}: {found:#?}");
    let broken = expected.iter().filter(|(_, completeness)| *completeness != Completeness::Whole).count();
    assert_eq!(outcome.broken_count as usize, broken, "{case}");
    outcome
}

fn check_all(cases: &[(&str, &str)]) {
    for (case, marked) in cases {
        assert_eq!(check(case, marked).end, BodyEnd::Complete, "{case}");
    }
}

#[test]
fn broken_message_ends_where_the_next_one_starts() {
    check_all(&[
        (
            "a missing quote, so that an apparent string reaches into the next message",
            r#"[‹{"id":1,"role":"u"}›,«{"id":2,"role":"u}»,‹{"id":3,"role":"u"}›,‹{"id":4,"role":"u"}›]"#,
        ),
        (
            "two missing brackets, so that the next message seems to be in a list",
            r#"[‹{"id":1,"x":1}›,«{"id":2,"a":[{"b":[{"c":1}}}»,‹{"id":3,"x":3}›,‹{"id":4,"x":4}›]"#,
        ),
        (
            "extra brackets, so that the rest looks like elements",
            r#"[‹{"id":1,"role":"u"}›,«{"id":2,"role":"u","list":[{"a":1}}},"b","c"],"z":1}»,‹{"id":3,"role":"u"}›]"#,
        ),
        (
            "mismatched brackets in a message after a broken one",
            r#"[‹{"id":1,"x":1}›,«{"id":2,"x":"a}»,«{"id":3,"x":{"y":1]}»,‹{"id":4,"x":1}›]"#,
        ),
        ("an unclosed last message", r#"[‹{"id":1,"x":1}›,«{"id":2,"x":1»]"#),
        (
            "junk after a non-object belongs to neither message before it",
            r#"[‹{"id":1,"x":1}›,«{"id":2,"x":"a}»,‹{"id":3,"x":3}›,‹null›,«!?»,‹{"id":4,"x":4}›,‹{"id":5,"x":5}›]"#,
        ),
        (
            "a next message with only one member",
            r#"[‹{"id":1,"x":1}›,«{"id":2,"x":"a}»,‹{"id":3}›,‹{"id":4,"x":1}›]"#,
        ),
        ("extra commas after it", r#"[‹{"id":1,"x":1}›,«{"id":2,"x":"a}»,,‹{"id":3,"x":1}›]"#),
        (
            "non-objects after a broken message",
            r#"[‹{"id":1,"x":1}›,«{"id":2,"x":"a}»,‹{"id":3,"x":3}›,‹"x"›,‹[1]›,‹-2›,‹{"id":4,"x":4}›,‹true›]"#,
        ),
    ]);
}

#[test]
fn deep_brackets_hide_no_later_message() {
    let deep = "[".repeat(100_000);
    check(
        "deep",
        &format!(r#"[‹{{"id":1,"x":1}}›,«{{"id":2,"x":{deep}}}»,‹{{"id":3,"x":1}}›,‹{{"id":4,"x":1}}›]"#),
    );
}

#[test]
fn objects_inside_a_broken_message_are_not_messages() {
    let bad = r#"«{"id":2,"role":"u,"n":1,"artifacts":[{"id":7,"title":"x"},{"id":8,"title":"y"}]}»"#;
    let good = |id| format!(r#"‹{{"id":{id},"role":"u"}}›"#);
    let other = |id| format!(r#"‹{{"id":{id},"text":"u"}}›"#);
    let many = vec![good(1); 40].join(",");
    check_all(&[
        ("objects with the same first key", &format!("[{},{bad},{}]", good(1), good(3))),
        ("messages of two kinds", &format!("[{},{},{bad},{},{}]", good(1), other(1), other(3), good(4))),
        (
            "a message of another kind with their second key",
            &format!(r#"[{},‹{{"entry":1,"title":"x"}}›,{bad},{}]"#, good(1), good(3)),
        ),
        (
            "a late message with their keys",
            &format!(r#"[{many},‹{{"id":1,"title":"x"}}›,{bad},{}]"#, good(3)),
        ),
    ]);
}

#[test]
fn broken_first_message_does_not_affect_the_others() {
    check_all(&[
        (
            "a list of objects in it",
            r#"[«{"id":0,"role":"u,"list":[{"s":1},{"s":2},{"s":3},{"s":4}]}»,‹{"id":3,"role":"u"}›,‹{"id":4,"role":"u"}›]"#,
        ),
        (
            "a list longer than the rest of the body",
            &format!(
                r#"[«{{"id":0,"a":"{}","n":[1,"list":[{}]}}»,‹{{"id":1,"x":1}}›,‹{{"id":2,"x":1}}›]"#,
                "a".repeat(80),
                vec![r#"{"s":1}"#; 40].join(",")
            ),
        ),
        (
            "lists of objects in the others",
            r#"[«{"id":0,"n":[1}»,‹{"id":1,"x":1}›,‹{"id":2,"list":[{"s":1},{"s":2}]}›,‹{"id":3,"x":1}›]"#,
        ),
        (
            "others of two kinds",
            r#"[«{"id":0,"role":"u,"n":1}»,‹{"a":1,"role":"u"}›,‹{"b":2,"role":"u"}›,‹{"a":3,"role":"u"}›]"#,
        ),
    ]);
}

#[test]
fn message_truncated_inside_its_own_list_does_not_affect_its_neighbours() {
    check_all(&[
        ("one", r#"[‹{"id":1,"x":1}›,«{"id":2,"list":[1»,‹{"id":3,"x":1}›,‹{"id":4,"x":1}›]"#),
        (
            "one, followed by members of the thread",
            r#"{"messages":[‹{"id":1,"x":1}›,«{"id":2,"list":[1»,‹{"id":3,"x":1}›] , "a" : {"b":[1]},"c":2} "#,
        ),
        (
            "two",
            r#"[‹{"id":1,"x":1}›,«{"id":2,"list":[1»,‹{"id":3,"x":1}›,«{"id":4,"list":[1»,‹{"id":5,"x":1}›]"#,
        ),
    ]);
    let end =
        check("the last", r#"[‹{"id":1,"x":1}›,⟨{"id":2,"x":[{"id":7,"x":1},{"id":8,"x":1},{"id":9,"x"⟩"#)
            .end;
    assert_eq!(end, BodyEnd::Truncated { offset: 70 });
}

#[test]
fn pattern_is_guessed_among_sixteen_kinds_of_objects() {
    let after_kinds = |kinds: usize| {
        let lists: Vec<_> = (0..kinds).map(|kind| format!(r#"{{"n{kind}":0}},{{"n{kind}":1}}"#)).collect();
        format!(r#"[«{{"id":0,"n":[1,"list":[{}]}}»,‹{{"id":1,"x":1}}›,‹{{"id":2,"x":1}}›]"#, lists.join(","))
    };
    check("fifteen others", &after_kinds(15));
    let (body, expected) = parse_marks(&after_kinds(16));
    let (found, outcome) = split_whole(&body);
    assert!(found != expected && outcome.broken_count > 0, "the number of guesses is limited");
}

#[test]
fn pseudo_objects_in_a_broken_last_message_hide_no_message() {
    for list in [r#"{"s"},{"s"},{"s"}"#, "{s :1},{s :2},{s :3}", r#"0,{"s":1}"#] {
        let marked = format!(
            r#"[«{{"id":0,"n":[1}}»,‹{{"id":1,"x":1}}›,‹{{"id":2,"x":1}}›,⟨{{"id":3,"role":"u,"list":[{list}]}}]⟩"#
        );
        assert!(matches!(check(list, &marked).end, BodyEnd::Truncated { .. }));
    }
}

#[test]
fn broken_line_hides_no_other_line() {
    check_all(&[
        (
            "lines of any kind",
            "‹{\"id\":1,\"x\":1}›\n«{\"id\":2,\"x\":\"a}»\n‹{\"id\":3,\"x\":3}›\n‹[1]›\n«[1] x»\n‹\"a\"›\n«\"a\" b»\n\
             «what is this»\n‹{\"id\":4,\"x\":3}›\n‹\"last\"›",
        ),
        ("lines of only a bracket", "‹{\"id\":1}›\n‹[1]›\n‹\"a\"›\n«]»\n«}»\n‹{\"id\":2}›"),
        ("junk on the same line", "‹{\"id\":1}›\n‹{\"id\":2}› «!x»\n‹{\"id\":3}›"),
        ("a missing bracket", "‹{\"id\":1,\"x\":1}›\n«{\"id\":2,\"list\":[1»\n‹{\"id\":3,\"x\":1}›"),
        ("an extra bracket", "‹{\"id\":1,\"x\":1}›\n«{\"id\":2,\"x\":\"a}»\n‹{\"id\":3,\"x\":3}›]\n«what»"),
    ]);
}

#[test]
fn body_ending_after_a_message_keeps_it_as_if_more_followed() {
    for marked in [
        r#"[‹{"id":1,"list":[{"s":1},{"s":2}]}›"#,
        r#"[‹{"id":1,"list":{"s":1]}›"#,
        r#"[‹{"id":1,"x":1}›,‹{"id":2,"x":1}› , "#,
        r#"[‹{"id":1,"x":1}›,«{"id":2,"x":1»,‹{"id":3,"x":1}›}"#,
        r#"[«{"id":1,"x":1»,‹{"id":2,"x":1}›}"#,
    ] {
        assert!(matches!(check(marked, marked).end, BodyEnd::Truncated { .. }), "{marked}");
    }
}

#[test]
fn truncated_lines_differ_from_complete_lines() {
    let end = |marked| check(marked, marked).end;
    assert_eq!(end("‹{\"id\":1}›\n⟨{\"id\":2,\"x\":\"a⟩"), BodyEnd::Truncated { offset: 23 });
    assert_eq!(end("‹{\"id\":1}›\n«{\"id\":2,\"x\":\"a}»\n‹{\"id\":3}›"), BodyEnd::Complete);
}

#[test]
fn stray_backslash_reveals_a_swallowed_or_malformed_message() {
    check_all(&[
        (
            "swallowed",
            r#"[‹{"id":1,"x":1}›,«{"id":2,"x":"a}»,‹{"id":3,"x":"say \"hi\" now"}›,‹{"id":4,"x":1}›]"#,
        ),
        (
            "malformed, with objects in a list",
            r#"[‹{"id":1,"x":1}›,‹{"id":2,"x":[{"id":7,"x":1},{"id":8,"x":1}, {"id":9,"x":1}],"a":\ 1}›,‹{"id":3,"x":1}›]"#,
        ),
    ]);
}

fn not_json(body: &str) -> BodyEnd {
    BodyEnd::NotJson { prefix: body.as_bytes().to_vec(), is_html: false }
}

#[test]
fn objects_outside_the_messages_array_are_not_messages() {
    for (case, marked, end) in [
        (
            "after an array with a message cut off",
            r#"[‹{"id":1,"x":1}›,«{"id":2,"x":1»,‹{"id":3,"x":1}›] oops {"id":4,"x":1}"#,
            BodyEnd::TrailingGarbage { offset: 46 },
        ),
        (
            "in junk, without messages",
            r#"{"a":1 ! {"x":1},{"x":2},{"x":3}}"#,
            not_json(r#"{"a":1 ! {"x":1},{"x":2},{"x":3}}"#),
        ),
        (
            "on lines after junk",
            "{\"error\":1} no\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}",
            not_json("{\"error\":1} no\n{\"a\":1}\n{\"a\":2}\n{\"a\":3}"),
        ),
        (
            "on lines of a member cut off",
            "{\"messages\":[‹{\"id\":1}›],\"log\":[\n{\"a\":1},\n{\"a\":2},\n{\"a\":3}",
            BodyEnd::Truncated { offset: 56 },
        ),
    ] {
        assert_eq!(check(case, marked).end, end, "{case}");
    }
}

#[test]
fn non_object_elements_are_whole_if_separated_by_commas() {
    check_all(&[
        ("commas", r#"[‹{"id":1}›,‹[1]›,‹null›,‹{"id":2}›,‹-1›,‹true›,‹"a"›,‹"b"›,‹[]›]"#),
        ("no comma between strings", r#"[‹"a"› «"b"»]"#),
        ("no comma between numbers", r#"[‹1› «2»]"#),
    ]);
}

#[test]
fn errors_around_the_messages_lose_no_message() {
    for (case, marked, skipped_bytes, envelope) in [
        ("junk before them", r#"{"a":1 !!! "messages":[‹{"id":1}›]}"#, 3, r#"{"a":1}"#),
        ("an extra bracket after them", r#"{"messages":[‹{"id":1}›]],"b":2}"#, 1, r#"{"messages":[]}"#),
        (
            "their array closes too early",
            r#"{"messages":[‹{"id":1}›,‹{"id":2}›],‹{"id":3}›,‹{"id":4}›],"b":2}"#,
            0,
            r#"{"messages":[]}"#,
        ),
        (
            "the whole body closes too early",
            r#"{"messages":[‹{"id":1}›,‹{"id":2}›]},‹{"id":3}›,‹{"id":4}›],"b":2}"#,
            1,
            r#"{"messages":[]}"#,
        ),
        ("NUL bytes after them", "[‹{\"id\":1}›]\0\0", 2, r#"{"messages":[]}"#),
        (
            "an unclosed last message",
            r#"{"thread":{},"messages":[‹{"id":1,"x":1}›,«{"id":2,"x":1»],"after":1}"#,
            0,
            r#"{"thread":{},"messages":[],"after":1}"#,
        ),
    ] {
        let outcome = check(case, marked);
        assert_eq!((outcome.end, outcome.skipped_bytes), (BodyEnd::Complete, skipped_bytes), "{case}");
        assert_eq!(String::from_utf8(outcome.envelope).unwrap(), envelope, "{case}");
    }
}
