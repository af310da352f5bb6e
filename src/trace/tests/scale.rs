//! Tests of bars, zooming and panning, folded time, and the ruler.

use proptest::prelude::*;

use super::{hostile_spans, span};
use crate::domain::Span;
use crate::trace::{BarKind, Forest, Scale, TimeRange};

const SECOND: i64 = 1_000_000;

fn seconds(from: i64, to: i64) -> TimeRange {
    TimeRange::new(from * SECOND, to * SECOND)
}

fn labels(scale: &Scale, cols: u16) -> Vec<(u16, String)> {
    scale.ticks(cols).into_iter().map(|tick| (tick.col, tick.label)).collect()
}

#[test]
fn bars_are_measured_in_eighths_of_a_cell() {
    let scale = Scale::new(seconds(0, 8));
    let bar = |start: i64, end: i64| {
        let bar = scale.bar(start, end, 8);
        (bar.from_eighths, bar.to_eighths, bar.kind)
    };
    assert_eq!(bar(0, 8 * SECOND), (0, 64, BarKind::Solid));
    assert_eq!(bar(SECOND, SECOND + SECOND / 2), (8, 12, BarKind::Solid));
    assert_eq!(bar(SECOND, SECOND), (8, 8, BarKind::Instant));
    assert_eq!(bar(-9 * SECOND, 99 * SECOND), (0, 64, BarKind::Solid));
    let bar = scale.bar(SECOND / 2, 2 * SECOND, 8);
    assert_eq!((bar.cell(0), bar.cell(1), bar.cell(2)), (Some((4, 8)), Some((0, 8)), None));
}

#[test]
fn unfinished_bars_reach_the_right_edge_and_hidden_bars_report_their_side() {
    let open = Span { end: None, duration_ms: None, ..span("b", "a", 2000, 0) };
    let spans = [span("a", "", 0, 8000), open, span("c", "a", 7000, 8000)];
    let forest = Forest::new(&spans);
    let scale = Scale::fit(&forest);
    let bar = scale.bar_of(forest.node(1).unwrap(), 8);
    assert_eq!((bar.from_eighths, bar.to_eighths, bar.kind), (16, 64, BarKind::Unfinished));
    let early = scale.with_view(0, SECOND.into());
    assert_eq!(early.bar_of(forest.node(1).unwrap(), 8).kind, BarKind::After);
    let late = scale.with_view((6 * SECOND).into(), (2 * SECOND).into());
    assert_eq!(late.bar_of(forest.node(1).unwrap(), 8).kind, BarKind::Unfinished);
    assert_eq!(late.bar(0, SECOND, 8).kind, BarKind::Before);
}

#[test]
fn tick_labels_are_round_and_do_not_overlap() {
    let owned = |pairs: &[(u16, &str)]| {
        pairs.iter().map(|(col, label)| (*col, (*label).to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(
        labels(&Scale::new(seconds(100, 136)), 48),
        owned(&[(0, "0"), (13, "10 s"), (26, "20 s"), (40, "30 s")])
    );
    let minutes = labels(&Scale::new(seconds(0, 200)), 40);
    assert_eq!(minutes, owned(&[(0, "0"), (12, "1m"), (24, "2m"), (36, "3m")]));
    let close = Scale::new(seconds(0, 10)).with_view(1_400_000, 200_000);
    assert_eq!(labels(&close, 20), owned(&[(0, "1.4 s"), (10, "1.5 s")]));
    assert_eq!(labels(&Scale::new(TimeRange::default()), 20), owned(&[(0, "0")]));
    assert_eq!(labels(&close, 0), []);
}

#[test]
fn idle_time_is_folded_only_where_it_dominates() {
    let scale = Scale::new(seconds(0, 100));
    assert!(!scale.folded(&[seconds(10, 50)]).is_folded());
    let folded = scale.folded(&[seconds(10, 90)]);
    assert!(folded.is_folded() && !folded.is_zoomed());
    assert_eq!(folded.unfolded(), scale);
    let col = |at: i64| folded.col_of(at * SECOND, 100).unwrap();
    // 20 s remain and the 80 s take 1/24 of that, so the first 10 s are almost half of the track.
    assert_eq!((col(0), col(10), col(90), col(100)), (0, 48, 52, 99));
    let shown: Vec<String> = folded.ticks(100).into_iter().map(|tick| tick.label).collect();
    assert_eq!(shown, ["0", "5 s", "10 s", "1m35s"], "1m30s would touch its neighbour");
}

#[test]
fn zooming_keeps_the_time_under_the_cursor() {
    let scale = Scale::new(seconds(0, 100));
    let near = scale.zoomed(4.0, 40 * SECOND);
    assert_eq!(near.view(), TimeRange::new(30 * SECOND, 55 * SECOND));
    assert_eq!(near.col_of(40 * SECOND, 100), scale.col_of(40 * SECOND, 100));
    assert_eq!(near.zoomed(0.25, 40 * SECOND), scale);
    assert_eq!(near.panned(1.0).view(), TimeRange::new(55 * SECOND, 80 * SECOND));
    assert_eq!(near.panned(99.0).view(), TimeRange::new(75 * SECOND, 100 * SECOND));
    assert_eq!(near.reset(), scale);
    for factor in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
        assert_eq!(near.zoomed(factor, 0), near);
    }
    assert_eq!(near.panned(f64::NAN), near);
    let nearest = scale.zoomed(1e300, 7 * SECOND);
    assert_eq!(nearest.view().micros(), 10);
}

/// Any view of any range, possibly folded.
fn any_scale() -> impl Strategy<Value = Scale> {
    let edge = || prop_oneof![0..50_000_000i64, any::<i64>(), Just(i64::MIN), Just(i64::MAX)];
    let idle = prop::collection::vec((edge(), edge()), 0..6);
    let views = prop::collection::vec((0.01..100.0f64, edge(), -3.0..3.0f64), 0..4);
    (edge(), edge(), idle, views).prop_map(|(start, end, idle, views)| {
        let idle: Vec<TimeRange> = idle.into_iter().map(|(start, end)| TimeRange::new(start, end)).collect();
        let scale = Scale::new(TimeRange::new(start, end)).folded(&idle);
        views.into_iter().fold(scale, |scale, (factor, at, by)| scale.zoomed(factor, at).panned(by))
    })
}

proptest! {
    #[test]
    fn bars_stay_inside_the_track(spans in hostile_spans(), scale in any_scale(), cols in 0..300u16) {
        let forest = Forest::new(&spans);
        for scale in [scale, Scale::fit(&forest)] {
            for node in forest.nodes() {
                let bar = scale.bar_of(node, cols);
                prop_assert!(bar.from_eighths <= bar.to_eighths);
                prop_assert!(bar.to_eighths <= u32::from(cols) * 8);
                prop_assert!(bar.kind != BarKind::Solid || bar.from_eighths < bar.to_eighths);
            }
        }
    }

    #[test]
    fn fitting_scale_shows_every_span(spans in hostile_spans(), cols in 1..300u16) {
        let forest = Forest::new(&spans);
        let scale = Scale::fit(&forest);
        for node in forest.nodes() {
            prop_assert!(!matches!(scale.bar_of(node, cols).kind, BarKind::Before | BarKind::After));
        }
    }

    #[test]
    fn later_times_are_never_further_left(scale in any_scale(), mut times in prop::collection::vec(any::<i64>(), 0..20)) {
        times.extend([i64::MIN, 0, 1, 1_000_000, 20_000_000, i64::MAX]);
        times.sort_unstable();
        let ends: Vec<(u32, u32)> = times.iter().map(|at| {
            let bar = scale.bar(*at, *at, 120);
            (bar.from_eighths, bar.to_eighths)
        }).collect();
        prop_assert!(ends.is_sorted());
    }

    #[test]
    fn view_spans_the_first_to_the_last_column(scale in any_scale(), cols in 1..300u16) {
        // A view of fewer microseconds than columns cannot distinguish its columns.
        if scale.view().micros() >= 100 * i64::from(cols) && !scale.is_folded() {
            prop_assert_eq!(scale.col_of(scale.view().start, cols), Some(0));
            prop_assert_eq!(scale.col_of(scale.view().end, cols), Some(cols - 1));
        }
    }

    #[test]
    fn ticks_are_sorted_and_do_not_overlap(scale in any_scale(), cols in 0..300u16) {
        let ticks = scale.ticks(cols);
        let mut free = 0;
        for tick in &ticks {
            prop_assert!(tick.col >= free);
            free = tick.col + tick.label.chars().count() as u16 + 1;
        }
        prop_assert!(free <= cols + 1);
        prop_assert!(ticks.windows(2).all(|pair| pair[0].label != pair[1].label));
    }

    #[test]
    fn zooming_in_and_out_restores_the_view(factor in 1.1..50.0f64, at in 0..100_000_000i64, first in 1.0..20.0f64) {
        let scale = Scale::new(seconds(0, 100)).zoomed(first, at);
        let back = scale.zoomed(factor, at).zoomed(1.0 / factor, at);
        prop_assert!((back.view().start - scale.view().start).abs() <= 200);
        prop_assert!((back.view().end - scale.view().end).abs() <= 200);
        prop_assert!(scale.zoomed(factor, at).view().micros() <= scale.view().micros());
    }
}
