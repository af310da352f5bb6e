//! One broken message must not cost the others.

use super::*;

/// Messages as one of the services sends them, all alike.
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

fn body_of(messages: &[String]) -> String {
    format!("{{\"thread\":{{}},\"messages\":[{}],\"after\":1}}", messages.join(","))
}

#[test]
fn a_quote_or_bracket_lost_anywhere_costs_one_message_or_two() {
    for turn in [true, false] {
        let good: Vec<_> = (0..6).map(|index| message(index, turn)).collect();
        for broken in [0, 2, 5] {
            for at in 0..good[broken].len() {
                if !b"\"{}[]".contains(&good[broken].as_bytes()[at]) {
                    continue;
                }
                let mut messages = good.clone();
                messages[broken].remove(at);
                let (found, _) = split_whole(&body_of(&messages));
                let kept = good.iter().filter(|text| found.iter().any(|(other, _)| other == *text)).count();
                // The one that follows can be drawn in, where a quote pairs with one of its own.
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
fn a_quote_or_bracket_too_many_costs_one_message_or_two() {
    for turn in [true, false] {
        let good: Vec<_> = (0..6).map(|index| message(index, turn)).collect();
        for (broken, extra) in
            [0, 2, 5].into_iter().flat_map(|n| "\"{}[]".chars().map(move |extra| (n, extra)))
        {
            for at in 1..good[broken].len() {
                let mut messages = good.clone();
                messages[broken].insert(at, extra);
                let (found, _) = split_whole(&body_of(&messages));
                let kept = good.iter().filter(|text| found.iter().any(|(other, _)| other == *text)).count();
                // The one that follows can be drawn in, where a quote pairs with one of its own.
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
fn the_broken_message_is_one_run_that_says_so() {
    let messages = [message(0, true), message(1, true).replace("s1\"", "s1"), message(2, true)];
    let (found, outcome) = split_whole(&body_of(&messages));
    let wanted = [Condition::Whole, Condition::Broken, Condition::Whole];
    assert_eq!(found.iter().map(|(_, condition)| *condition).collect::<Vec<_>>(), wanted);
    assert_eq!(found[1].0, messages[1]);
    assert_eq!((outcome.end, outcome.broken), (End::Complete, 1));
    assert_eq!(outcome.envelope, br#"{"thread":{},"messages":[],"after":1}"#);
}

#[test]
fn a_broken_line_costs_that_line() {
    let lines: Vec<_> = (0..5).map(|index| message(index, false)).collect();
    let body = lines.join("\n").replacen("\"user\"", "\"user", 1);
    let (found, outcome) = split_whole(&body);
    assert_eq!(found.iter().filter(|(_, condition)| *condition == Condition::Whole).count(), 4);
    assert_eq!(outcome.end, End::Complete);
}

#[test]
fn a_body_full_of_broken_messages_is_sorted_out_in_one_pass() {
    let bad = message(1, true).replace("s1\"", "s1");
    let messages: Vec<_> = std::iter::once(message(0, true)).chain(vec![bad; 20_000]).collect();
    let (found, outcome) = split_whole(&body_of(&messages));
    assert_eq!((found.len(), outcome.broken), (20_001, 20_000));
}

/// Elements that are no messages, in runs.
const OTHERS: [&str; 7] =
    ["null", "7,8", "\"a, b\",true", "[1,[2]],\"x\"", "1e400,NaN,null,null", "\"\"", "[]"];

#[test]
fn what_is_no_object_next_to_a_broken_message_costs_no_neighbour() {
    for others in OTHERS {
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
                let (found, outcome) = split_whole(&body_of(&parts));
                let kept = |text: &&String| {
                    found.iter().any(|(other, how)| other == *text && *how == Condition::Whole)
                };
                assert_eq!(good.iter().filter(kept).count(), 4, "{order} {others}\n{found:#?}");
                assert_eq!(outcome.end, End::Complete);
            }
        }
    }
}

#[test]
fn lines_that_are_no_objects_cost_no_neighbour_either() {
    let good: Vec<_> = (0..4).map(|index| message(index, false)).collect();
    let bad = message(9, false).replacen("\"user\"", "\"user", 1);
    for other in ["null", "[1]", "\"a\"", "what is this"] {
        let lines = [&good[0], &bad, &good[1], &other.to_owned(), &good[2], &other.to_owned(), &good[3]];
        let (found, _) = split_whole(&lines.map(String::as_str).join("\n"));
        for text in &good {
            assert!(found.contains(&(text.clone(), Condition::Whole)), "{other}: {text}\n{found:#?}");
        }
    }
}

#[test]
fn junk_behind_what_is_no_object_stays_out_of_the_message_before() {
    let (first, bad, last) =
        (message(0, false), message(1, false).replacen("\"user\"", "\"user", 1), message(2, false));
    let body = format!("[{first},{bad},{first},null,!?,{last},{last}]");
    let (found, _) = split_whole(&body);
    let whole = found.iter().filter(|(text, how)| *how == Condition::Whole && text.starts_with('{')).count();
    assert!(whole >= 3, "{found:#?}");
}

#[test]
fn brackets_too_deep_to_be_told_apart_are_counted() {
    let deep = format!("{}{}", "[".repeat(70_000), "]".repeat(70_000));
    let bad = message(1, false).replacen("\"user\"", &format!("\"user\",\"deep\":{deep},\"x"), 1);
    let messages = [message(0, false), bad, message(2, false), message(3, false)];
    let (found, _) = split_whole(&body_of(&messages));
    for good in [&messages[0], &messages[2], &messages[3]] {
        assert!(found.contains(&(good.clone(), Condition::Whole)));
    }
}

#[test]
fn a_message_that_is_cut_anywhere_costs_no_neighbour() {
    for turn in [true, false] {
        let good: Vec<_> = (0..6).map(|index| message(index, turn)).collect();
        for broken in [0, 2, 5] {
            for (at, close) in (1..good[broken].len()).flat_map(|at| [(at, ""), (at, "}")]) {
                let mut messages = good.clone();
                messages[broken] = format!("{}{close}", good[broken].get(..at).unwrap());
                let (found, _) = split_whole(&body_of(&messages));
                let lost: Vec<_> = (0..6)
                    .filter(|index| *index != broken)
                    .filter(|index| !found.contains(&(good[*index].clone(), Condition::Whole)))
                    .collect();
                assert!(lost.is_empty(), "{lost:?} of {}\n{found:#?}", messages[broken]);
            }
        }
    }
}

#[test]
fn messages_within_a_message_stay_there_although_another_is_cut() {
    let inner = message(7, false);
    let nesting =
        message(1, false).replace("\"role\"", &format!("\"role\":1,\"replies\":[{inner},{inner}],\"was\""));
    let good = [message(0, false), nesting.clone(), nesting];
    let last = message(3, false);
    let cut = last.get(..70).unwrap();
    for order in [[&*good[0], &good[1], cut, &good[2]], [&good[0], cut, &good[1], &good[2]]] {
        let (found, outcome) = split_whole(&body_of(&order.map(str::to_owned)));
        assert_eq!(found.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>(), order);
        assert_eq!((outcome.end, outcome.broken), (End::Complete, 1));
    }
}

#[test]
fn a_body_full_of_cut_messages_does_not_cost_its_square() {
    for at in [60, 75, 100] {
        for turn in [true, false] {
            let (good, cut) = (message(1, turn), message(2, turn).get(..at).unwrap().to_owned());
            let messages: Vec<_> =
                (0..20_000).map(|index| if index % 2 == 0 { good.clone() } else { cut.clone() }).collect();
            let (found, _) = split_whole(&body_of(&messages));
            let kept = found.iter().filter(|(text, how)| *text == good && *how == Condition::Whole).count();
            assert!(kept > 9_000, "{kept} of {} at {at} {turn}", found.len());
        }
    }
}
