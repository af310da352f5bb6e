//! Tests of the alignment of two trees.

use proptest::prelude::*;

use super::{hostile_spans, span};
use crate::domain::Span;
use crate::trace::{ComparedTrace, Forest, Pair, align};

fn compare(left: &[Span], right: &[Span]) -> Vec<Pair> {
    let (l, r) = (Forest::new(left), Forest::new(right));
    align(ComparedTrace { forest: &l, spans: left }, ComparedTrace { forest: &r, spans: right })
}

fn with_name(name: &str, span: Span) -> Span {
    Span { name: name.to_owned(), ..span }
}

/// Returns the names on both sides, `-` for none, in the order of the pairs.
fn render_pairs(left: &[Span], right: &[Span]) -> String {
    let (l, r) = (Forest::new(left), Forest::new(right));
    let name = |forest: &Forest, spans: &[Span], at: Option<u32>| {
        at.map_or("-".to_owned(), |at| forest.span(spans, at).unwrap().name.clone())
    };
    let line = |pair: &Pair| format!("{}={}", name(&l, left, pair.left), name(&r, right, pair.right));
    compare(left, right).iter().map(line).collect::<Vec<_>>().join(" ")
}

#[test]
fn spans_match_by_name_below_matched_parents() {
    let left = [
        span("turn", "", 0, 100),
        with_name("search", span("1", "turn", 0, 10)),
        with_name("rerank", span("2", "turn", 10, 20)),
        with_name("answer", span("3", "turn", 30, 90)),
        with_name("call", span("4", "3", 30, 80)),
    ];
    let right = [
        span("turn", "", 0, 300),
        with_name("search", span("a", "turn", 0, 15)),
        with_name("search", span("b", "turn", 20, 30)),
        with_name("call", span("c", "b", 20, 30)),
        with_name("answer", span("d", "turn", 30, 290)),
    ];
    assert_eq!(
        render_pairs(&left, &right),
        "turn=turn search=search rerank=- -=search call=call answer=answer"
    );
    let pairs = compare(&left, &right);
    assert_eq!(pairs[1].delta_micros, Some(5_000));
    assert_eq!((pairs[4].is_moved, pairs[4].depth, pairs[4].delta_micros), (true, 2, Some(-40_000)));
    assert!(!pairs[5].is_moved);
}

#[test]
fn single_roots_match_with_any_names_and_others_do_not() {
    let turn = [span("turn", "", 0, 1), with_name("search", span("1", "turn", 0, 1))];
    let replay = [
        Span { operation: "OTHER".to_owned(), ..span("replay", "", 0, 1) },
        with_name("search", span("2", "replay", 0, 1)),
    ];
    assert_eq!(render_pairs(&turn, &replay), "turn=replay search=search");
    let two = [replay[0].clone(), span("second", "", 1, 2)];
    assert_eq!(render_pairs(&turn, &two), "turn=- search=- -=replay -=second");
    let operation = [Span { operation: "OTHER".to_owned(), ..turn[1].clone() }];
    let other = [turn[0].clone(), operation[0].clone()];
    assert_eq!(render_pairs(&turn, &other), "turn=turn search=- -=search", "the operation counts as well");
}

#[test]
fn lists_too_long_for_an_optimal_match_are_still_matched() {
    let steps = |count: i64, every: i64| -> Vec<Span> {
        let name = |at: i64| if at % every == 0 { "odd".to_owned() } else { format!("step {}", at % 50) };
        (0..count).map(|at| with_name(&name(at), span(&at.to_string(), "", at, at + 1))).collect()
    };
    let pairs = compare(&steps(2500, 7), &steps(2500, 11));
    let both = pairs.iter().filter(|pair| pair.left.is_some() && pair.right.is_some()).count();
    assert!(both > 1000, "{both} of 2500 found");
}

proptest! {
    #[test]
    fn trace_aligns_with_itself(spans in hostile_spans()) {
        for (at, pair) in (0u32..).zip(compare(&spans, &spans)) {
            prop_assert_eq!((pair.left, pair.right), (Some(at), Some(at)));
            prop_assert!(pair.delta_micros.is_none_or(|micros| micros == 0));
        }
    }

    #[test]
    fn every_node_is_in_exactly_one_pair_below_a_paired_parent(left in hostile_spans(), right in hostile_spans()) {
        let pairs = compare(&left, &right);
        let (l, r) = (Forest::new(&left), Forest::new(&right));
        let mut lefts: Vec<u32> = pairs.iter().filter_map(|pair| pair.left).collect();
        lefts.sort_unstable();
        prop_assert!(lefts.into_iter().eq(0..l.len() as u32));
        prop_assert!(pairs.iter().filter_map(|pair| pair.right).eq(0..r.len() as u32));
        for pair in &pairs {
            let (Some(a), Some(b)) = (pair.left, pair.right) else { continue };
            let (name, other) = (&l.span(&left, a).unwrap().name, &r.span(&right, b).unwrap().name);
            let are_single_roots = (a, b) == (0, 0) && l.roots().count() == 1 && r.roots().count() == 1;
            prop_assert!(name == other || are_single_roots);
            if pair.is_moved {
                continue;
            }
            let above = (l.node(a).unwrap().parent, r.node(b).unwrap().parent);
            let paired = |pair: &Pair| (pair.left, pair.right) == above;
            prop_assert!(above == (None, None) || pairs.iter().any(paired));
        }
    }
}
