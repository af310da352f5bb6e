//! Tests of usage without double counting, statistics per operation, and slow spans.

use proptest::prelude::*;

use super::{hostile_spans, span};
use crate::domain::{Span, Status, Usage};
use crate::trace::{Flags, Forest, OperationAnalysis, SlowExample, own_usage, total_usage};

fn analyze<'a>(turns: impl IntoIterator<Item = (u32, &'a [Span])>) -> OperationAnalysis {
    let mut analysis = OperationAnalysis::default();
    turns.into_iter().for_each(|(turn, spans)| analysis.add_forest(turn, spans, &Forest::new(spans)));
    analysis
}

fn with_usage(span: Span, input: i64, cost: f64) -> Span {
    Span {
        usage: Some(Usage { input_tokens: Some(input), cost_usd: Some(cost), ..Usage::default() }),
        ..span
    }
}

fn with_operation(operation: &str, span: Span) -> Span {
    Span { operation: operation.to_owned(), ..span }
}

#[test]
fn parent_usage_includes_its_descendants() {
    let output = Usage { output_tokens: Some(7), ..Usage::default() };
    let spans = [
        with_usage(span("turn", "", 0, 9), 100, 1.0),
        span("step", "turn", 0, 9),
        with_usage(span("call", "step", 0, 4), 60, 0.5),
        Span { usage: Some(output), ..span("other", "step", 4, 9) },
        with_usage(span("root", "", 0, 9), 5, f64::NAN),
        with_usage(span("call", "step", 0, 4), 1000, 9.0),
    ];
    let forest = Forest::new(&spans);
    let total = total_usage(&forest, &spans);
    assert_eq!(
        (total.input_tokens, total.cost_usd),
        (Some(105), Some(1.0)),
        "each kind of number is independent"
    );
    assert_eq!((total.output_tokens, total.cached_tokens), (Some(7), None));
    let own = own_usage(&forest, &spans);
    let of = |index: u32| own[forest.node_of_span(index).unwrap() as usize].clone();
    assert_eq!((of(0).input_tokens, of(0).cost_usd), (Some(40), Some(0.5)));
    assert_eq!(
        (of(2).input_tokens, of(5).input_tokens),
        (Some(60), None),
        "the second \"call\" is a duplicate"
    );
}

#[test]
fn rows_contain_counts_times_and_the_slowest_example() {
    let failed = |span: Span| Span { status: Status::Error, ..span };
    let open = Span { end: None, duration_ms: Some(0), ..span("open", "", 0, 0) };
    let first = [
        with_operation("AGENT", span("turn", "", 0, 1000)),
        with_operation("CALL", span("a", "turn", 0, 100)),
        with_operation("CALL", failed(span("b", "turn", 100, 400))),
    ];
    let second = [
        with_operation("CALL", span("c", "", 0, 200)),
        with_operation("CALL", open),
        with_operation("CALL", span("d", "", 9, 3)),
    ];
    let rows = analyze([(4, &first[..]), (9, &second[..])]).rows();
    assert_eq!(rows.iter().map(|row| &*row.operation).collect::<Vec<_>>(), ["AGENT", "CALL"]);
    let (agent, call) = (&rows[0], &rows[1]);
    assert_eq!((agent.total_micros, agent.self_micros), (1_000_000, 600_000));
    assert_eq!((call.count, call.errors, call.timed_count, call.total_micros), (5, 1, 3, 600_000));
    assert_eq!((call.p50, call.p95, call.max), (Some(200_000), Some(300_000), Some(300_000)));
    assert_eq!(call.slowest, Some(SlowExample { turn: 4, span: Some(2), micros: 300_000 }));
}

#[test]
fn long_percentiles_are_truncated_to_milliseconds_but_the_maximum_is_exact() {
    let hour = Span { duration_ms: None, ..span("a", "", 0, 3_600_000) };
    let hour = Span { end: hour.end.map(|end| crate::domain::Timestamp(end.0 + 1)), ..hour };
    let rows = analyze([(0, &[hour][..])]).rows();
    assert_eq!((rows[0].p50, rows[0].max), (Some(3_600_000_000), Some(3_600_000_001)));
}

#[test]
fn slow_means_far_longer_than_usual_for_the_operation() {
    let lengths = [1000, 1100, 1200, 1300, 9000];
    let mut spans: Vec<Span> =
        (0..5).map(|at| with_operation("LLM", span(&at.to_string(), "", 0, lengths[at as usize]))).collect();
    spans.extend(
        (5..10).map(|at| with_operation("FAST", span(&at.to_string(), "", 0, if at == 9 { 99 } else { 1 }))),
    );
    spans.push(with_operation("RARE", span("rare", "", 0, 99_000)));
    let thresholds = analyze([(0, &spans[..])]).slow_thresholds();
    assert_eq!(thresholds.threshold("LLM"), Some(3_600_000));
    assert_eq!((thresholds.threshold("FAST"), thresholds.threshold("RARE")), (Some(100_000), None));
    let slow: Vec<&str> =
        spans.iter().filter(|span| thresholds.is_slow(span)).map(|span| &*span.id).collect();
    assert_eq!(slow, ["4"]);
}

fn sum_field(usages: &[Usage], field: fn(&Usage) -> Option<i64>) -> i64 {
    usages.iter().filter_map(field).fold(0, i64::saturating_add)
}

proptest! {
    #[test]
    fn own_usage_adds_up_to_at_least_the_total(spans in hostile_spans()) {
        let forest = Forest::new(&spans);
        let (own, total) = (own_usage(&forest, &spans), total_usage(&forest, &spans));
        prop_assert!(sum_field(&own, |usage| usage.input_tokens) >= total.input_tokens.unwrap_or(0));
        // Nothing counts twice: the total is at most the sum of all valid reports.
        let reported = forest.nodes().iter().filter(|node| !node.flags.contains(Flags::DUPLICATE));
        let reported = reported.filter_map(|node| spans[node.span as usize].usage.as_ref()?.input_tokens);
        let reported = reported.filter(|tokens| *tokens >= 0).fold(0, i64::saturating_add);
        prop_assert!(total.input_tokens.unwrap_or(0) <= reported);
        prop_assert!(total.cost_usd.is_none_or(|cost| cost.is_finite() && cost >= 0.0));
    }

    #[test]
    fn merged_analyses_equal_the_analysis_of_all_turns(turns in prop::collection::vec(hostile_spans(), 0..6), cut in 0..6usize) {
        let numbered: Vec<(u32, &[Span])> = (0..).zip(turns.iter().map(Vec::as_slice)).collect();
        let (first, second) = numbered.split_at(cut.min(numbered.len()));
        let mut merged = analyze(second.iter().copied());
        merged.merge(analyze(first.iter().copied()));
        let rounded_rows = |analysis: &OperationAnalysis| {
            let mut rows = analysis.rows();
            // Sums of fractions depend on their order.
            rows.iter_mut().for_each(|row| row.usage.cost_usd = row.usage.cost_usd.map(|cost| (cost * 1e6).round()));
            rows
        };
        let whole = analyze(numbered.iter().copied());
        prop_assert_eq!(rounded_rows(&merged), rounded_rows(&whole));
        prop_assert_eq!(merged.slow_thresholds(), whole.slow_thresholds());
        for row in whole.rows() {
            prop_assert!(row.p50 <= row.p95 && row.p95 <= row.max);
            prop_assert!(row.timed_count <= row.count && row.errors <= row.count);
            prop_assert!(0 <= row.self_micros && row.self_micros <= row.total_micros);
        }
        let counted: u64 = whole.rows().iter().map(|row| row.count).sum();
        prop_assert_eq!(counted, turns.iter().map(Vec::len).sum::<usize>() as u64);
    }
}
