//! Passes over a whole thread on all cores: filtering messages, and statistics of all spans.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::domain::{Message, MessageSummaries, MessageSummary, Sentiment, Usage};
use crate::event::{MAX_TIMELINE_BUCKETS, ThreadAnalysis, TimelineBucket};
use crate::filter::Filter;
use crate::provider::Provider;
use crate::trace::{
    self, Forest, GapThreshold, OperationAnalysis, SlowExample, SlowThresholds, message_usage_with,
    turn_gaps, turn_time_range,
};

/// The number of threads that share a pass: one a core.
pub fn worker_count() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Applies `work` to every chunk of summaries in parallel; returns the results in order.
fn map_chunks_in_parallel<T: Send>(
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

/// The indices of the messages that match the filter.
pub fn filter_messages(summaries: &MessageSummaries, filter: &Filter, provider: &dyn Provider) -> Vec<u32> {
    let matches = map_chunks_in_parallel(summaries, |chunk| {
        chunk.iter().map(|summary| filter.matches(summary, provider)).collect::<Vec<_>>()
    });
    let matches = (0..).zip(matches.into_iter().flatten());
    matches.filter(|(_, is_match)| *is_match).map(|(index, _)| index).collect()
}

/// Computes the statistics of the whole thread.
pub fn analyse_thread(summaries: &MessageSummaries, provider: &dyn Provider) -> ThreadAnalysis {
    let mut operations = OperationAnalysis::default();
    let mut usage = Usage::default();
    for (part, part_usage) in map_chunks_in_parallel(summaries, |chunk| aggregate_chunk(chunk, provider)) {
        operations.merge(part);
        usage.add(&part_usage);
    }
    let thresholds = operations.slow_thresholds();
    let parts = map_chunks_in_parallel(summaries, |chunk| slow_steps_and_gaps(chunk, provider, &thresholds));
    let (mut slow_examples, mut gaps) = (Vec::new(), Vec::new());
    for (chunk_slow, chunk_gaps) in parts {
        slow_examples.extend(chunk_slow);
        gaps.extend(chunk_gaps);
    }
    slow_examples.sort_unstable_by_key(|slow: &SlowExample| slow.turn);
    gaps.sort_unstable();
    ThreadAnalysis {
        usage,
        operations: operations.rows(),
        slow_examples,
        gaps,
        timeline: timeline(summaries),
    }
}

fn aggregate_chunk(chunk: &[MessageSummary], provider: &dyn Provider) -> (OperationAnalysis, Usage) {
    let (mut operations, mut usage) = (OperationAnalysis::default(), Usage::default());
    for summary in chunk.iter().filter(|summary| summary.read_error.is_none()) {
        let message = provider.read_message(summary.raw.bytes());
        let forest = Forest::new(&message.spans);
        usage.add(&message_usage_with(&message, &forest));
        operations.add_forest(summary.index, &message.spans, &forest);
    }
    (operations, usage)
}

/// The slow steps of a chunk, at most one per message, and the messages with untraced time.
fn slow_steps_and_gaps(
    chunk: &[MessageSummary],
    provider: &dyn Provider,
    thresholds: &SlowThresholds,
) -> (Vec<SlowExample>, Vec<u32>) {
    let (mut slow, mut gaps) = (Vec::new(), Vec::new());
    for summary in chunk.iter().filter(|summary| summary.span_count > 0) {
        let message = provider.read_message(summary.raw.bytes());
        let forest = Forest::new(&message.spans);
        slow.extend(slowest_step(summary.index, &message, &forest, thresholds));
        if has_gap(&message, &forest) {
            gaps.push(summary.index);
        }
    }
    (slow, gaps)
}

/// Of the steps that are slow for their operation, the one with the most self time: the steps around it are slow
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
        span: node.span,
        micros,
    })
}

/// Whether at least a tenth of the turn and a second are untraced, which is worth a jump.
fn has_gap(message: &Message, forest: &Forest) -> bool {
    let turn = turn_time_range(message.created_at, message.duration_ms, forest);
    let threshold = GapThreshold { min_permille: 100, min_micros: 1_000_000 };
    !turn_gaps(forest, turn, threshold).is_empty() || !trace::all_gaps(forest, threshold).is_empty()
}

fn timeline(summaries: &MessageSummaries) -> Vec<TimelineBucket> {
    let len = summaries.len();
    let mut buckets = vec![TimelineBucket::default(); MAX_TIMELINE_BUCKETS.min(len)];
    let count = buckets.len();
    for (index, summary) in summaries.iter().enumerate() {
        let Some(bucket) = buckets.get_mut(index * count / len.max(1)) else { continue };
        bucket.longest_ms = bucket.longest_ms.max(summary.duration_ms.unwrap_or(0));
        bucket.failed |= summary.has_problem();
        if summary.sentiment == Some(Sentiment::Negative) || bucket.sentiment.is_none() {
            bucket.sentiment = summary.sentiment;
        }
    }
    buckets
}
