//! Passes over a whole thread on all cores: filtering messages, and statistics of all spans.

pub mod library;
mod messages;
mod spans;
mod top_steps;

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::app_loop::analysis::spans::ChunkAnalysis;
use crate::app_loop::analysis::top_steps::TopSteps;
use crate::domain::{Message, MessageSummaries, MessageSummary, Usage};
use crate::event::ThreadAnalysis;
use crate::filter::Filter;
use crate::provider::{Provider, read_facts};
use crate::trace::{
    self, Forest, GapThreshold, OperationAnalysis, SlowExample, SlowThresholds, Timeline, TurnSample,
    turn_gaps, turn_time_range,
};

/// Returns the number of worker threads that share a pass: one per core.
pub fn worker_count() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Applies `work` to every chunk of summaries in parallel; returns the results in order.
pub(super) fn map_chunks_in_parallel<T: Send>(
    summaries: &MessageSummaries,
    work: impl Fn(&[MessageSummary]) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(chunk) = summaries.chunks().get(index) else { return done };
            done.push((index, work(chunk)));
        }
    };
    let mut results: Vec<(usize, T)> = thread::scope(|scope| {
        let workers: Vec<_> =
            (0..worker_count().min(summaries.chunks().len())).map(|_| scope.spawn(run)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Returns the indices of the messages that match the filter; `None` if stopped.
pub fn filter_messages(
    summaries: &MessageSummaries,
    filter: &Filter,
    provider: &dyn Provider,
    stop: &AtomicBool,
) -> Option<Vec<u32>> {
    let is_stopped = || stop.load(Ordering::Relaxed);
    let matches = map_chunks_in_parallel(summaries, |chunk| {
        let is_match = |summary| !is_stopped() && filter.matches(summary, provider);
        chunk.iter().map(is_match).collect::<Vec<_>>()
    });
    let matches = (0..).zip(matches.into_iter().flatten());
    let indices = matches.filter(|(_, is_match)| *is_match).map(|(index, _)| index).collect();
    (!is_stopped()).then_some(indices)
}

/// The maximum number of rows in a table that the analysis keeps.
const MAX_ROWS: usize = 200;

/// The steps and the turns of a thread, before they are grouped into rows.
struct ThreadSteps {
    has_spans: bool,
    operations: OperationAnalysis,
    models: OperationAnalysis,
    waits: OperationAnalysis,
    slowest: TopSteps,
    usage: Usage,
    samples: Vec<TurnSample>,
}

impl ThreadSteps {
    fn read(summaries: &MessageSummaries, provider: &dyn Provider) -> Self {
        let mut whole = ChunkAnalysis::default();
        for part in map_chunks_in_parallel(summaries, |chunk| ChunkAnalysis::of(chunk, provider)) {
            whole.append(part);
        }
        let ChunkAnalysis { operations, models, usage, slowest, messages } = whole;
        if operations.is_empty() {
            let messages::Steps { operations, models, waits, slowest, questions, .. } =
                messages::Steps::of(messages);
            return Self { has_spans: false, operations, models, waits, slowest, usage, samples: questions };
        }
        let (waits, samples) = (OperationAnalysis::default(), spans::turn_samples(messages));
        Self { has_spans: true, operations, models, waits, slowest, usage, samples }
    }
}

/// Computes the statistics of the whole thread.
pub fn analyse_thread(summaries: &MessageSummaries, provider: &dyn Provider) -> ThreadAnalysis {
    let ThreadSteps { has_spans, operations, models, waits, slowest, usage, samples } =
        ThreadSteps::read(summaries, provider);
    let thresholds = operations.slow_thresholds();
    let parts = map_chunks_in_parallel(summaries, |chunk| slow_steps_and_gaps(chunk, provider, &thresholds));
    let (mut slow_examples, mut gaps) = (Vec::new(), Vec::new());
    for (chunk_slow, chunk_gaps) in parts {
        slow_examples.extend(chunk_slow);
        gaps.extend(chunk_gaps);
    }
    slow_examples.sort_unstable_by_key(|slow: &SlowExample| slow.turn);
    gaps.sort_unstable();
    let (operations, hidden_operations) = operations.top_rows(MAX_ROWS);
    ThreadAnalysis {
        message_count: summaries.len(),
        has_spans,
        usage,
        operations,
        hidden_operations,
        models: models.top_rows(MAX_ROWS).0,
        waits: waits.rows(),
        slowest: slowest.into_steps(),
        slow_examples,
        gaps,
        timeline: Timeline::new(&samples),
    }
}

/// Returns the slow steps of a chunk, at most one per message, and the messages with untraced time.
fn slow_steps_and_gaps(
    chunk: &[MessageSummary],
    provider: &dyn Provider,
    thresholds: &SlowThresholds,
) -> (Vec<SlowExample>, Vec<u32>) {
    let (mut slow, mut gaps) = (Vec::new(), Vec::new());
    for summary in chunk.iter().filter(|summary| summary.span_count > 0) {
        let message = read_facts(provider, summary.raw.bytes());
        let forest = Forest::new(&message.spans);
        slow.extend(slowest_step(summary.index, &message, &forest, thresholds));
        if has_gap(&message, &forest) {
            gaps.push(summary.index);
        }
    }
    (slow, gaps)
}

/// Returns the step with the most self time among those that are slow for their operation: the steps around it are slow
/// because of it.
fn slowest_step(
    turn: u32,
    message: &Message,
    forest: &Forest,
    thresholds: &SlowThresholds,
) -> Option<SlowExample> {
    let is_slow = |span: u32| message.spans.get(span as usize).is_some_and(|span| thresholds.is_slow(span));
    let self_times = trace::self_times(forest);
    let steps = forest.nodes().iter().zip(self_times).filter(|(node, _)| is_slow(node.span));
    steps.max_by_key(|(_, micros)| *micros).map(|(node, micros)| SlowExample {
        turn,
        span: Some(node.span),
        micros,
    })
}

/// Returns whether at least a tenth of the turn and a second are untraced, which is worth a jump.
fn has_gap(message: &Message, forest: &Forest) -> bool {
    let turn = turn_time_range(message.created_at, message.duration_ms, forest);
    let threshold = GapThreshold { min_permille: 100, min_micros: 1_000_000 };
    !turn_gaps(forest, turn, threshold).is_empty() || !trace::all_gaps(forest, threshold).is_empty()
}
