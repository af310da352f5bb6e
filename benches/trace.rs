//! The span tree of one turn: building, folding, drawing a page, and analysis.

use divan::{Bencher, black_box};
use unspool::testing::domain::{ByteRange, Span, Status, Timestamp};
use unspool::testing::trace::{
    ComparedTrace, Folds, Forest, GapThreshold, OperationAnalysis, Row, Scale, Visible, align, all_gaps,
    critical_path, self_times,
};

fn main() {
    divan::main();
}

const SIZES: [usize; 2] = [10_000, 100_000];

/// Returns a tree with eight children per node in the shape of an agent run: steps with calls below them. Every tenth span
/// comes before its parent, every fiftieth has no parent.
fn spans(count: usize) -> Vec<Span> {
    let id = |at: usize| format!("{:08x}-7a31-4c0b-9a51-{:012x}", at.wrapping_mul(2_654_435_761) as u32, at);
    let mut spans: Vec<Span> = (0..count)
        .map(|at| {
            let start = (at as i64).wrapping_mul(7919) % 30_000;
            let parent = match at {
                0 => None,
                _ if at % 50 == 0 => Some("lost".to_owned()),
                _ => Some(id((at - 1) / 8)),
            };
            Span {
                id: id(at),
                name: "step".to_owned(),
                operation: "CUSTOM".to_owned(),
                status: if at % 97 == 0 { Status::Error } else { Status::Success },
                status_text: "SUCCESS".to_owned(),
                trace_id: Some("0f2c9d4e-7a31-4c0b-9a51-6f2b1c7d8e90".to_owned()),
                parent_id: parent,
                start: Some(Timestamp::from_millis(1_788_253_200_000 + start)),
                end: Some(Timestamp::from_millis(1_788_253_200_000 + start + (at as i64 % 400))),
                start_text: String::new(),
                end_text: String::new(),
                duration_ms: Some(at as i64 % 400),
                input: ByteRange::default(),
                output: ByteRange::default(),
                expected: ByteRange::default(),
                metadata: ByteRange::default(),
                raw: ByteRange::default(),
                error: None,
                models: Vec::new(),
                usage: None,
            }
        })
        .collect();
    for at in (0..count.saturating_sub(20)).step_by(10) {
        spans.swap(at, at + 9);
    }
    spans
}

#[divan::bench(args = SIZES)]
fn build_forest(bencher: Bencher<'_, '_>, count: usize) {
    let spans = spans(count);
    bencher.bench_local(|| Forest::new(black_box(&spans)));
}

#[divan::bench(args = SIZES)]
fn visible_rows_all_unfolded(bencher: Bencher<'_, '_>, count: usize) {
    let forest = Forest::new(&spans(count));
    let folds = Folds::none();
    bencher.bench_local(|| Visible::with_gaps(black_box(&forest), &folds, &[]));
}

#[divan::bench(args = SIZES)]
fn toggle_among_many_folds(bencher: Bencher<'_, '_>, count: usize) {
    let forest = Forest::new(&spans(count));
    let mut folds = Folds::to_level(&forest, 4);
    bencher.bench_local(|| {
        folds.toggle(1);
        Visible::with_gaps(black_box(&forest), &folds, &[])
    });
}

#[divan::bench(args = SIZES)]
fn page_of_rows_with_guides_and_bars(bencher: Bencher<'_, '_>, count: usize) {
    let forest = Forest::new(&spans(count));
    let visible = Visible::with_gaps(&forest, &Folds::to_level(&forest, 4), &[]);
    let scale = Scale::fit(&forest).zoomed(3.0, forest.start());
    let middle = visible.len() / 2;
    bencher.bench_local(|| {
        for row in visible.rows(middle..middle + 50) {
            black_box(visible.guides(&forest, row, 16));
            if let Row::Node(node) = row {
                black_box(forest.node(node).map(|node| scale.bar_of(node, 80)));
            }
        }
    });
}

#[divan::bench(args = SIZES)]
fn gaps_self_times_and_critical_path(bencher: Bencher<'_, '_>, count: usize) {
    let forest = Forest::new(&spans(count));
    bencher.bench_local(|| {
        black_box(all_gaps(&forest, GapThreshold::default()));
        black_box(self_times(&forest));
        critical_path(&forest)
    });
}

#[divan::bench]
fn analysis_of_500_turns_of_20_spans(bencher: Bencher<'_, '_>) {
    let turns: Vec<Vec<Span>> = (0..500).map(|_| spans(20)).collect();
    bencher.bench_local(|| {
        let mut analysis = OperationAnalysis::default();
        (0..).zip(&turns).for_each(|(turn, spans)| analysis.add_forest(turn, spans, &Forest::new(spans)));
        analysis.rows()
    });
}

#[divan::bench(args = SIZES)]
fn align_traces(bencher: Bencher<'_, '_>, count: usize) {
    let (left, right) = (spans(count), spans(count - count / 100));
    let (left_forest, right_forest) = (Forest::new(&left), Forest::new(&right));
    bencher.bench_local(|| {
        align(
            ComparedTrace { forest: &left_forest, spans: &left },
            ComparedTrace { forest: &right_forest, spans: &right },
        )
    });
}
