//! A broken message must not cost its neighbours.

use super::*;

/// Builds a message in the form of one of the services.
fn message(index: usize, turn: bool) -> String {
    if turn {
        format!(
            r#"{{"entry":{{"id":"e-{index}","input":{{"query":"why, {{\"entry\"?"}}}},"spans":[{{"id":"s1","n":[1]}},{{"id":"s2"}}],"feedback":null}}"#
        )
    } else {
        format!(
            r#"{{"id":{index},"role":"user","content":[{{"type":"text","text":"a \"b\" c"}}],"artifacts":[{{"id":7,"title":"x"}},{{"id":8,"title":"y"}}]}}"#
        )
    }
}

fn body_with(messages: &[String]) -> String {
    format!("{{\"thread\":{{}},\"messages\":[{}],\"after\":1}}", messages.join(","))
}

#[test]
fn missing_quote_or_bracket_loses_at_most_two_messages() {
    for turn in [true, false] {
        let good: Vec<_> = (0..6).map(|index| message(index, turn)).collect();
        for broken in [0, 2, 5] {
            for at in 0..good[broken].len() {
                if !b"\"{}[]".contains(&good[broken].as_bytes()[at]) {
                    continue;
                }
                let mut messages = good.clone();
                messages[broken].remove(at);
                let (found, _) = split_whole(&body_with(&messages));
                let kept = good.iter().filter(|text| found.iter().any(|(other, _)| other == *text)).count();
                // The next message may be lost too, where a quote pairs with one in it.
                assert!(
                    kept >= 4 && found.len() <= 9,
                    "{kept} kept: {broken} {at} {}\n{found:#?}",
                    messages[broken]
                );
            }
        }
    }
}

#[test]
fn extra_quote_or_bracket_loses_at_most_two_messages() {
    for turn in [true, false] {
        let good: Vec<_> = (0..6).map(|index| message(index, turn)).collect();
        for (broken, extra) in
            [0, 2, 5].into_iter().flat_map(|n| "\"{}[]".chars().map(move |extra| (n, extra)))
        {
            for at in 1..good[broken].len() {
                let mut messages = good.clone();
                messages[broken].insert(at, extra);
                let (found, _) = split_whole(&body_with(&messages));
                let kept = good.iter().filter(|text| found.iter().any(|(other, _)| other == *text)).count();
                // The next message may be lost too, where a quote pairs with one in it.
                assert!(
                    kept >= 4 && found.len() <= 9,
                    "{kept} kept: {broken} {at} {}\n{found:#?}",
                    messages[broken]
                );
            }
        }
    }
}

#[test]
fn broken_message_is_one_element_marked_broken() {
    let messages = [message(0, true), message(1, true).replace("s1\"", "s1"), message(2, true)];
    let (found, outcome) = split_whole(&body_with(&messages));
    let expected = [Completeness::Whole, Completeness::Broken, Completeness::Whole];
    assert_eq!(found.iter().map(|(_, completeness)| *completeness).collect::<Vec<_>>(), expected);
    assert_eq!(found[1].0, messages[1]);
    assert_eq!((outcome.end, outcome.broken_count), (BodyEnd::Complete, 1));
    assert_eq!(outcome.envelope, br#"{"thread":{},"messages":[],"after":1}"#);
}

#[test]
fn broken_line_does_not_affect_the_others() {
    let lines: Vec<_> = (0..5).map(|index| message(index, false)).collect();
    let body = lines.join("\n").replacen("\"user\"", "\"user", 1);
    let (found, outcome) = split_whole(&body);
    assert_eq!(found.iter().filter(|(_, completeness)| *completeness == Completeness::Whole).count(), 4);
    assert_eq!(outcome.end, BodyEnd::Complete);
}

#[test]
fn many_broken_messages_are_resynced_in_one_pass() {
    let bad = message(1, true).replace("s1\"", "s1");
    let messages: Vec<_> = std::iter::once(message(0, true)).chain(vec![bad; 20_000]).collect();
    let (found, outcome) = split_whole(&body_with(&messages));
    assert_eq!((found.len(), outcome.broken_count), (20_001, 20_000));
}

/// Runs of elements that are not objects.
const NON_OBJECTS: [&str; 7] =
    ["null", "7,8", "\"a, b\",true", "[1,[2]],\"x\"", "1e400,NaN,null,null", "\"\"", "[]"];

#[test]
fn non_objects_next_to_a_broken_message_do_not_affect_its_neighbours() {
    for others in NON_OBJECTS {
        for turn in [true, false] {
            let bad = message(1, turn)
                .replacen(":1", ":", 1)
                .replacen("\"entry\"?", "entry?", 1)
                .replacen('}', "", 1);
            let good: Vec<_> = [0, 2, 3, 4].map(|index| message(index, turn)).into();
            for order in [
                "good bad others good good good",
                "good others bad good good good",
                "good bad good others good good",
            ] {
                let mut left = good.iter();
                let parts: Vec<_> = order
                    .split(' ')
                    .map(|part| match part {
                        "good" => left.next().unwrap().clone(),
                        "bad" => bad.clone(),
                        _ => others.to_owned(),
                    })
                    .collect();
                let (found, outcome) = split_whole(&body_with(&parts));
                let kept = |text: &&String| {
                    found
                        .iter()
                        .any(|(other, completeness)| other == *text && *completeness == Completeness::Whole)
                };
                assert_eq!(good.iter().filter(kept).count(), 4, "{order} {others}\n{found:#?}");
                assert_eq!(outcome.end, BodyEnd::Complete);
            }
        }
    }
}

#[test]
fn non_object_lines_do_not_affect_their_neighbours() {
    let good: Vec<_> = (0..4).map(|index| message(index, false)).collect();
    let bad = message(9, false).replacen("\"user\"", "\"user", 1);
    for other in ["null", "[1]", "\"a\"", "what is this"] {
        let lines = [&good[0], &bad, &good[1], &other.to_owned(), &good[2], &other.to_owned(), &good[3]];
        let (found, _) = split_whole(&lines.map(String::as_str).join("\n"));
        for text in &good {
            assert!(found.contains(&(text.clone(), Completeness::Whole)), "{other}: {text}\n{found:#?}");
        }
    }
}

#[test]
fn junk_after_a_non_object_stays_out_of_the_previous_message() {
    let (first, bad, last) =
        (message(0, false), message(1, false).replacen("\"user\"", "\"user", 1), message(2, false));
    let body = format!("[{first},{bad},{first},null,!?,{last},{last}]");
    let (found, _) = split_whole(&body);
    let whole = found
        .iter()
        .filter(|(text, completeness)| *completeness == Completeness::Whole && text.starts_with('{'))
        .count();
    assert!(whole >= 3, "{found:#?}");
}

#[test]
fn very_deep_brackets_are_counted() {
    let deep = format!("{}{}", "[".repeat(70_000), "]".repeat(70_000));
    let bad = message(1, false).replacen("\"user\"", &format!("\"user\",\"deep\":{deep},\"x"), 1);
    let messages = [message(0, false), bad, message(2, false), message(3, false)];
    let (found, _) = split_whole(&body_with(&messages));
    for good in [&messages[0], &messages[2], &messages[3]] {
        assert!(found.contains(&(good.clone(), Completeness::Whole)));
    }
}

#[test]
fn truncated_message_does_not_affect_its_neighbours() {
    for turn in [true, false] {
        let good: Vec<_> = (0..6).map(|index| message(index, turn)).collect();
        for broken in [0, 2, 5] {
            for (at, close) in (1..good[broken].len()).flat_map(|at| [(at, ""), (at, "}")]) {
                let mut messages = good.clone();
                messages[broken] = format!("{}{close}", good[broken].get(..at).unwrap());
                let (found, _) = split_whole(&body_with(&messages));
                let lost: Vec<_> = (0..6)
                    .filter(|index| *index != broken)
                    .filter(|index| !found.contains(&(good[*index].clone(), Completeness::Whole)))
                    .collect();
                assert!(lost.is_empty(), "{lost:?} of {}\n{found:#?}", messages[broken]);
            }
        }
    }
}

#[test]
fn nested_messages_stay_nested_when_another_is_truncated() {
    let inner = message(7, false);
    let nesting =
        message(1, false).replace("\"role\"", &format!("\"role\":1,\"replies\":[{inner},{inner}],\"was\""));
    let good = [message(0, false), nesting.clone(), nesting];
    let last = message(3, false);
    let cut = last.get(..70).unwrap();
    for order in [[&*good[0], &good[1], cut, &good[2]], [&good[0], cut, &good[1], &good[2]]] {
        let (found, outcome) = split_whole(&body_with(&order.map(str::to_owned)));
        assert_eq!(found.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>(), order);
        assert_eq!((outcome.end, outcome.broken_count), (BodyEnd::Complete, 1));
    }
}

#[test]
fn many_truncated_messages_take_no_quadratic_time() {
    for at in [60, 75, 100] {
        for turn in [true, false] {
            let (good, cut) = (message(1, turn), message(2, turn).get(..at).unwrap().to_owned());
            let messages: Vec<_> =
                (0..20_000).map(|index| if index % 2 == 0 { good.clone() } else { cut.clone() }).collect();
            let (found, _) = split_whole(&body_with(&messages));
            let kept = found
                .iter()
                .filter(|(text, completeness)| *text == good && *completeness == Completeness::Whole)
                .count();
            assert!(kept > 9_000, "{kept} of {} at {at} {turn}", found.len());
        }
    }
}
