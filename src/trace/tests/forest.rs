//! Tests of the arena: order, identity, anomalies and hostile lists.

use proptest::prelude::*;

use super::{hostile_spans, span};
use crate::domain::{Span, Status, Timestamp};
use crate::trace::{Flags, Forest, Scale, TimeRange};

/// Returns the ids in row order, each after its depth.
fn outline(spans: &[Span]) -> String {
    let forest = Forest::new(spans);
    let line = |node: &crate::trace::Node| format!("{}{}", node.depth, spans[node.span as usize].id);
    forest.nodes().iter().map(line).collect::<Vec<_>>().join(" ")
}

fn flags_of(spans: &[Span], span: u32) -> Flags {
    let forest = Forest::new(spans);
    forest.node(forest.node_of_span(span).unwrap()).unwrap().flags
}

#[test]
fn children_are_sorted_by_start_then_id_then_position() {
    let spans = [
        span("c", "a", 20, 30),
        span("z", "a", 10, 15),
        span("y", "a", 10, 15),
        span("a", "", 0, 100),
        span("d", "z", 11, 12),
    ];
    assert_eq!(outline(&spans), "0a 1y 1z 2d 1c");
    assert!(flags_of(&spans, 0).contains(Flags::LAST_SIBLING));
    assert!(!flags_of(&spans, 1).contains(Flags::LAST_SIBLING));
}

#[test]
fn first_duplicate_wins_and_the_others_become_roots() {
    let spans = [span("a", "", 0, 10), span("b", "a", 1, 2), span("b", "a", 3, 4), span("c", "b", 3, 4)];
    assert_eq!(outline(&spans), "0a 1b 2c 0b");
    assert!(flags_of(&spans, 2).contains(Flags::DUPLICATE));
    assert!(!flags_of(&spans, 1).contains(Flags::DUPLICATE));
}

#[test]
fn ids_are_unique_only_within_a_trace() {
    let other = |id: &str, parent: &str| Span { trace_id: Some("other".into()), ..span(id, parent, 5, 6) };
    let spans = [span("a", "", 0, 10), other("a", ""), other("b", "a"), other("c", "x"), span("x", "", 6, 7)];
    assert_eq!(outline(&spans), "0a 0a 1b 0c 0x");
    assert!(flags_of(&spans, 3).contains(Flags::ORPHAN), "a parent in another trace does not count");
}

#[test]
fn child_without_a_trace_finds_its_parent_by_unambiguous_id() {
    let child = |id: &str, parent: &str| Span { trace_id: None, ..span(id, parent, 1, 2) };
    let mut spans = vec![span("a", "", 0, 10), child("b", "a")];
    assert_eq!(outline(&spans), "0a 1b");
    spans.push(Span { trace_id: Some("other".into()), ..span("a", "", 20, 30) });
    assert_eq!(outline(&spans), "0a 0b 0a");
    assert!(flags_of(&spans, 1).contains(Flags::ORPHAN));
    spans.push(Span { trace_id: None, ..span("a", "", 40, 50) });
    assert_eq!(outline(&spans), "0a 0a 0a 1b", "a parent without a trace is preferred");
}

#[test]
fn self_parents_and_cycles_are_broken_at_the_earliest_span() {
    let spans = [
        span("s", "s", 0, 1),
        span("b", "c", 7, 9),
        span("c", "a", 6, 9),
        span("a", "b", 5, 9),
        span("t", "b", 8, 9),
    ];
    assert_eq!(outline(&spans), "0s 0a 1c 2b 3t");
    assert_eq!(flags_of(&spans, 0), Flags::SELF_PARENT);
    assert!(flags_of(&spans, 3).contains(Flags::CYCLE));
    assert!(!flags_of(&spans, 1).contains(Flags::CYCLE));
}

#[test]
fn spans_without_an_id_are_neither_duplicates_nor_parents() {
    let spans = [
        span("", "", 0, 9),
        span("", "", 1, 9),
        Span { parent_id: Some(String::new()), ..span("a", "", 2, 9) },
    ];
    assert_eq!(outline(&spans), "0 0 0a");
    assert!(!flags_of(&spans, 1).intersects(Flags::DUPLICATE | Flags::ORPHAN));
}

#[test]
fn anomalous_times_are_flagged_and_resolved() {
    let open = Span { end: None, duration_ms: Some(0), ..span("open", "a", 5, 5) };
    let unplaced = Span { start: None, end: None, duration_ms: Some(2), ..span("unplaced", "a", 0, 0) };
    let from_end =
        Span { start: None, end: Some(Timestamp::from_millis(30)), duration_ms: Some(4), ..open.clone() };
    let lying = Span { duration_ms: Some(9000), ..span("lying", "a", 10, 20) };
    let backwards = span("backwards", "a", 20, 10);
    let spans =
        [span("a", "", 1, 100), open, unplaced, Span { id: "e".into(), ..from_end }, lying, backwards];
    let forest = Forest::new(&spans);
    let placed = |index: u32| {
        let node = forest.node(forest.node_of_span(index).unwrap()).unwrap();
        (node.start / 1000, node.end / 1000, node.flags)
    };
    assert_eq!(placed(1), (5, 100, Flags::UNFINISHED), "runs until the last known time");
    assert_eq!(placed(2), (1, 3, Flags::NO_START), "starts with its parent");
    assert_eq!(placed(3), (26, 30, Flags::NO_START | Flags::LAST_SIBLING));
    assert_eq!(placed(4), (10, 20, Flags::DURATION_MISMATCH));
    assert_eq!(placed(5), (20, 20, Flags::ENDS_BEFORE_START));
}

#[test]
fn failures_propagate_to_ancestors() {
    let failed = Span { status: Status::Error, ..span("c", "b", 2, 3) };
    let spans = [span("a", "", 0, 9), span("b", "a", 1, 8), failed, span("d", "a", 4, 5)];
    assert_eq!(flags_of(&spans, 0), Flags::FAILED_DESCENDANT | Flags::LAST_SIBLING);
    assert!(flags_of(&spans, 1).contains(Flags::FAILED_DESCENDANT));
    assert_eq!(flags_of(&spans, 2), Flags::FAILED | Flags::LAST_SIBLING);
    assert!(!flags_of(&spans, 3).contains(Flags::FAILED_DESCENDANT));
}

#[test]
fn deep_chain_does_not_overflow_the_stack() {
    let parent = |at: i64| if at == 0 { String::new() } else { (at - 1).to_string() };
    let spans: Vec<Span> = (0..100_000).map(|at| span(&at.to_string(), &parent(at), at, 200_000)).collect();
    let forest = Forest::new(&spans);
    assert_eq!(forest.nodes().last().map(|node| node.depth), Some(99_999));
    assert_eq!(forest.node(0).map(|node| node.subtree_len), Some(100_000));
}

proptest! {
    #[test]
    fn every_span_is_in_the_arena_once_below_its_parent(spans in hostile_spans()) {
        let forest = Forest::new(&spans);
        let mut seen: Vec<u32> = forest.nodes().iter().map(|node| node.span).collect();
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..spans.len() as u32).collect::<Vec<_>>());
        for (at, node) in (0u32..).zip(forest.nodes()) {
            prop_assert_eq!(forest.node_of_span(node.span), Some(at));
            prop_assert!(node.start <= node.end);
            let after = at + node.subtree_len;
            prop_assert!(after as usize <= forest.len());
            match node.parent {
                None => prop_assert_eq!(node.depth, 0),
                Some(parent) => {
                    let above = forest.node(parent).unwrap();
                    prop_assert!(parent < at && after <= parent + above.subtree_len);
                    prop_assert_eq!(node.depth, above.depth + 1);
                    prop_assert_eq!(spans[node.span as usize].parent_id.as_deref(), Some(&*spans[above.span as usize].id));
                }
            }
        }
    }

    #[test]
    fn siblings_are_sorted_and_only_the_last_is_flagged(spans in hostile_spans()) {
        let forest = Forest::new(&spans);
        let lists = (0..forest.len() as u32).map(|at| forest.children(at).collect::<Vec<_>>());
        for siblings in lists.chain([forest.roots().collect()]) {
            let key = |at: &u32| {
                let node = forest.node(*at).unwrap();
                (node.start, &spans[node.span as usize].id, node.span)
            };
            prop_assert!(siblings.is_sorted_by_key(key));
            for (place, at) in siblings.iter().enumerate() {
                let last = forest.node(*at).unwrap().flags.contains(Flags::LAST_SIBLING);
                prop_assert_eq!(last, place + 1 == siblings.len());
            }
        }
    }

    #[test]
    fn root_with_a_parent_id_is_flagged_with_the_reason(spans in hostile_spans()) {
        let why = Flags::ORPHAN | Flags::DUPLICATE | Flags::CYCLE | Flags::SELF_PARENT;
        let forest = Forest::new(&spans);
        for node in forest.nodes() {
            let names_one = spans[node.span as usize].parent_id.as_deref().is_some_and(|id| !id.is_empty());
            if node.parent.is_some() {
                prop_assert!(!node.flags.intersects(why));
            } else if names_one {
                prop_assert!(node.flags.intersects(why));
            }
        }
    }
}

#[test]
fn spans_outside_their_parents_time_are_flagged() {
    let spans = [
        span("turn", "", 100_000, 104_000),
        span("early", "turn", 1_000, 1_900),
        span("inside", "turn", 100_000, 104_001),
        span("late", "turn", 103_000, 109_000),
        span("below", "late", 102_000, 104_000),
    ];
    const MARKS: Flags = Flags::STARTS_BEFORE_PARENT.union(Flags::ENDS_AFTER_PARENT);
    let marks = |index: u32| flags_of(&spans, index) & MARKS;
    assert_eq!([marks(0), marks(2)], [Flags::empty(); 2]);
    assert_eq!([marks(1), marks(4)], [Flags::STARTS_BEFORE_PARENT; 2]);
    assert_eq!(marks(3), Flags::ENDS_AFTER_PARENT);
}

#[test]
fn the_roots_time_leaves_out_spans_of_another_clock() {
    let early = [span("turn", "", 100_000, 104_000), span("early", "turn", 1_000, 1_900)];
    let forest = Forest::new(&early);
    assert_eq!(forest.root_extent(), TimeRange::new(100_000_000, 104_000_000));
    let scale = Scale::of_roots(&forest);
    assert!(scale.excludes_spans(&forest) && !Scale::fit(&forest).excludes_spans(&forest));
    let background = [span("turn", "", 0, 100), span("task", "turn", 50, 60_000)];
    assert_eq!(Forest::new(&background).root_extent(), TimeRange::new(0, 60_000_000));
}
