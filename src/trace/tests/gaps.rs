//! Tests of gaps, coverage, self time and the critical path against counting single milliseconds.

use proptest::prelude::*;

use super::{hostile_spans, span, well_formed_spans};
use crate::domain::{Span, Timestamp};
use crate::trace::critical_path::CriticalPathStep;
use crate::trace::gaps::self_time;
use crate::trace::{
    Coverage, Forest, Gap, GapThreshold, Scale, TimeRange, all_gaps, coverage, critical_path, gaps,
    idle_ranges, self_times, turn_gaps, turn_time_range,
};

const ANY_GAP: GapThreshold = GapThreshold { min_permille: 0, min_micros: 0 };

/// Returns the number of milliseconds of `within` that no part covers.
fn uncovered_millis(within: TimeRange, parts: &[TimeRange]) -> i64 {
    let covered = |at: &i64| parts.iter().any(|part| part.start <= *at && *at < part.end);
    (within.start..within.end).step_by(1000).filter(|at| !covered(at)).count() as i64
}

fn time_ranges(forest: &Forest, nodes: impl Iterator<Item = u32>) -> Vec<TimeRange> {
    nodes.map(|at| forest.node(at).unwrap().time_range()).collect()
}

/// Returns the turn of the contract's example: 36.3 s, of which 12.3 s are covered.
fn contract_turn() -> Vec<Span> {
    vec![
        span("turn", "", 0, 36_300),
        span("retrieval", "turn", 0, 4_100),
        span("reranking", "turn", 4_100, 4_400),
        span("completion", "turn", 28_400, 36_300),
    ]
}

#[test]
fn gap_follows_the_child_before_it_and_small_ones_are_omitted() {
    let forest = Forest::new(&contract_turn());
    let found = Gap { parent: Some(0), after: Some(2), start: 4_400_000, micros: 24_000_000 };
    assert_eq!(all_gaps(&forest, GapThreshold::default()), [found]);
    assert_eq!(self_time(&forest, 0), 24_000_000);
    let spans = [span("a", "", 0, 1000), span("b", "a", 9, 500), span("c", "a", 400, 990)];
    let forest = Forest::new(&spans);
    let of = |threshold: GapThreshold| {
        gaps(&forest, 0, threshold).iter().map(|gap| (gap.after, gap.micros)).collect::<Vec<_>>()
    };
    assert_eq!(of(GapThreshold::default()), [(Some(2), 10_000)], "9 ms are less than 1 %");
    assert_eq!(of(ANY_GAP), [(None, 9_000), (Some(2), 10_000)]);
    assert_eq!(of(GapThreshold { min_permille: 0, min_micros: 10_001 }), []);
    assert_eq!(gaps(&forest, 1, ANY_GAP), [], "a leaf has no gaps");
}

#[test]
fn turn_has_gaps_where_no_root_runs() {
    let forest = Forest::new(&[span("a", "", 1000, 2000), span("b", "", 5000, 6000)]);
    let turn = turn_time_range(Some(Timestamp(0)), Some(6000), &forest);
    let of = |gap: &Gap| (gap.parent, gap.after, gap.start / 1000, gap.micros / 1000);
    let found: Vec<_> = turn_gaps(&forest, turn, GapThreshold::default()).iter().map(of).collect();
    assert_eq!(found, [(None, None, 0, 1000), (None, Some(0), 2000, 3000)]);
    assert_eq!(turn_gaps(&Forest::default(), turn, ANY_GAP), []);
}

#[test]
fn turn_stamped_at_its_end_is_aligned_with_its_spans() {
    let forest = Forest::new(&contract_turn());
    let late = Some(Timestamp::from_millis(40_000));
    assert_eq!(coverage(late, Some(36_300), &forest), Coverage { covered: 12_300_000, total: 36_300_000 });
    assert_eq!(coverage(None, None, &forest), Coverage { covered: 12_300_000, total: 36_300_000 });
    assert_eq!(coverage(Some(Timestamp(0)), Some(-5), &forest), Coverage { covered: 0, total: 0 });
    assert_eq!(
        coverage(Some(Timestamp(0)), Some(10), &Forest::default()),
        Coverage { covered: 0, total: 10_000 }
    );
}

#[test]
fn idle_ranges_of_the_contract_turn_fold() {
    let forest = Forest::new(&contract_turn());
    let idle = idle_ranges(&forest);
    assert_eq!(idle, [TimeRange::new(4_400_000, 28_400_000)]);
    let scale = Scale::fit(&forest).folded(&idle);
    assert!(scale.is_folded());
    assert!(scale.bar_of(forest.node(3).unwrap(), 100).from_eighths < 400, "past the middle without a fold");
}

#[test]
fn critical_path_excludes_parallel_spans() {
    let spans = [
        span("turn", "", 0, 100),
        span("a", "turn", 0, 40),
        span("inner", "a", 10, 30),
        span("parallel", "turn", 0, 35),
        span("late", "turn", 60, 300),
        span("instant", "turn", 50, 50),
    ];
    let forest = Forest::new(&spans[..]);
    let path: Vec<(u32, &str, i64)> = critical_path(&forest)
        .iter()
        .map(|CriticalPathStep { node, micros }| {
            (*node, &*forest.span(&spans, *node).unwrap().id, micros / 1000)
        })
        .collect();
    // The forest ends with "late", at 300; the root ends at 100 and covers the time until then.
    assert_eq!(path, [(0, "turn", 20), (1, "a", 20), (2, "inner", 20), (5, "late", 40)]);
}

proptest! {
    #[test]
    fn self_time_is_what_no_child_covers(spans in well_formed_spans()) {
        let forest = Forest::new(&spans);
        let all = self_times(&forest);
        for node in 0..forest.len() as u32 {
            let whole = forest.node(node).unwrap().time_range();
            let own = uncovered_millis(whole, &time_ranges(&forest, forest.children(node))) * 1000;
            prop_assert_eq!(self_time(&forest, node), own);
            prop_assert_eq!(all[node as usize], own);
            let found: i64 = gaps(&forest, node, ANY_GAP).iter().map(|gap| gap.micros).sum();
            prop_assert_eq!(found, if forest.node(node).unwrap().is_leaf() { 0 } else { own });
        }
    }

    #[test]
    fn coverage_is_the_union_of_the_leaves(spans in well_formed_spans(), start in 0..9000i64, duration in 0..9000i64) {
        let forest = Forest::new(&spans);
        let coverage = coverage(Some(Timestamp::from_millis(start)), Some(duration), &forest);
        let turn = turn_time_range(Some(Timestamp::from_millis(start)), Some(duration), &forest);
        let leaves = (0..forest.len() as u32).filter(|at| forest.node(*at).unwrap().is_leaf());
        let uncovered = uncovered_millis(turn, &time_ranges(&forest, leaves)) * 1000;
        prop_assert_eq!(coverage, Coverage { covered: duration * 1000 - uncovered, total: duration * 1000 });
    }

    #[test]
    fn critical_path_adds_up_to_the_whole_time(spans in well_formed_spans()) {
        let forest = Forest::new(&spans);
        let path = critical_path(&forest);
        let waited: i64 = path.iter().map(|step| step.micros).sum();
        let uncovered = uncovered_millis(forest.extent(), &time_ranges(&forest, forest.roots()));
        prop_assert_eq!(waited, forest.extent().micros() - uncovered * 1000);
        prop_assert!(path.windows(2).all(|pair| pair[0].node < pair[1].node));
        for step in &path {
            let node = forest.node(step.node).unwrap();
            prop_assert!(node.parent.is_none_or(|parent| path.iter().any(|step| step.node == parent)));
            prop_assert!(step.micros >= 0 && step.micros <= node.micros());
        }
    }

    #[test]
    fn hostile_times_stay_in_bounds(spans in hostile_spans(), start in any::<i64>(), duration in any::<i64>()) {
        let forest = Forest::new(&spans);
        let all = self_times(&forest);
        for (node, own) in forest.nodes().iter().zip(&all) {
            prop_assert!((0..=node.micros()).contains(own));
        }
        for node in 0..forest.len() as u32 {
            let whole = forest.node(node).unwrap();
            prop_assert!((0..=whole.micros()).contains(&self_time(&forest, node)));
            for gap in gaps(&forest, node, ANY_GAP) {
                prop_assert!(gap.start >= whole.start && gap.micros > 0);
                prop_assert!(gap.after.is_none_or(|at| forest.node(at).unwrap().parent == Some(node)));
            }
        }
        for result in [coverage(Some(Timestamp(start)), Some(duration), &forest), coverage(None, None, &forest)] {
            prop_assert!(0 <= result.covered && result.covered <= result.total);
        }
        prop_assert!(critical_path(&forest).iter().all(|step| step.micros >= 0));
        let scale = Scale::fit(&forest).folded(&idle_ranges(&forest));
        for node in forest.nodes() {
            prop_assert!(scale.bar_of(node, 80).to_eighths <= 640);
        }
    }
}
