//! Passes over a whole thread on both cores: which messages pass a filter, and what the spans tell together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::sync::mpsc::Sender as Outbox;

use crate::domain::{FilterId, Message, MessageSummaries, MessageSummary, Sentiment};
use crate::event::{Event, MAX_TIMELINE_BUCKETS, ThreadAnalysis, TimelineBucket};
use crate::filter::Filter;
use crate::provider::{self, Provider};
use crate::trace::{
    self, Forest, GapThreshold, OperationAnalysis, SlowExample, SlowThresholds, turn_gaps, turn_time_range,
};

/// Threads that share a pass.
const WORKERS: usize = 2;

/// Does something with every chunk of heads, on both cores; the results come in order.
fn map_chunks_in_parallel<T: Send>(
    heads: &MessageSummaries,
    work: impl Fn(&[MessageSummary]) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(chunk) = heads.chunks().get(index) else { return done };
            done.push((index, work(chunk)));
        }
    };
    let mut all: Vec<(usize, T)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(run)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    });
    all.sort_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, result)| result).collect()
}

/// Tells which messages pass.
pub fn filter_messages(
    id: FilterId,
    heads: &MessageSummaries,
    filter: &Filter,
    service: &str,
    outbox: &Outbox<Event>,
) {
    let Some(provider) = provider::by_id(service) else { return };
    let passing = map_chunks_in_parallel(heads, |chunk| {
        chunk.iter().map(|head| filter.matches(head, provider)).collect::<Vec<_>>()
    });
    let places = (0u32..).zip(passing.into_iter().flatten()).filter(|(_, passes)| *passes);
    let visible = Arc::new(places.map(|(place, _)| place).collect());
    let _ = outbox.blocking_send(Event::Filtered { id, visible });
}

/// Tells what the whole thread tells.
pub fn analyse_thread(generation: u64, heads: &MessageSummaries, service: &str, outbox: &Outbox<Event>) {
    let Some(provider) = provider::by_id(service) else { return };
    let mut profile = OperationAnalysis::default();
    for part in map_chunks_in_parallel(heads, |chunk| aggregate_chunk(chunk, provider)) {
        profile.merge(part);
    }
    let limits = profile.slow_thresholds();
    let marks = map_chunks_in_parallel(heads, |chunk| slow_steps_and_gaps(chunk, provider, &limits));
    let mut insight =
        ThreadAnalysis { operations: profile.rows(), timeline: timeline(heads), ..ThreadAnalysis::default() };
    for (slow, gaps) in marks {
        insight.slow_examples.extend(slow);
        insight.gaps.extend(gaps);
    }
    insight.slow_examples.sort_unstable_by_key(|slow| slow.turn);
    insight.gaps.sort_unstable();
    let _ = outbox.blocking_send(Event::Analysed { generation, analysis: Arc::new(insight) });
}

fn aggregate_chunk(chunk: &[MessageSummary], provider: &dyn Provider) -> OperationAnalysis {
    let mut profile = OperationAnalysis::default();
    for head in chunk.iter().filter(|head| head.span_count > 0) {
        profile.add_turn(head.index, &provider.read_message(head.raw.bytes()).spans);
    }
    profile
}

/// The messages of a chunk with slow steps, and those with untraced time.
fn slow_steps_and_gaps(
    chunk: &[MessageSummary],
    provider: &dyn Provider,
    limits: &SlowThresholds,
) -> (Vec<SlowExample>, Vec<u32>) {
    let (mut slow, mut gaps) = (Vec::new(), Vec::new());
    for head in chunk.iter().filter(|head| head.span_count > 0) {
        let message = provider.read_message(head.raw.bytes());
        let forest = Forest::new(&message.spans);
        slow.extend(slowest_step(head.index, &message, &forest, limits));
        if has_gap(&message, &forest) {
            gaps.push(head.index);
        }
    }
    (slow, gaps)
}

/// Of the steps of a message that are slow for their kind, the one that took most time itself: those around it are slow
/// because it is.
fn slowest_step(
    turn: u32,
    message: &Message,
    forest: &Forest,
    limits: &SlowThresholds,
) -> Option<SlowExample> {
    let is_slow = |span: u32| message.spans.get(span as usize).is_some_and(|span| limits.is_slow(span));
    let own = trace::self_times(forest);
    let steps = forest.nodes().iter().zip(own).filter(|(node, _)| is_slow(node.span));
    steps.max_by_key(|(_, own)| *own).map(|(node, micros)| SlowExample { turn, span: node.span, micros })
}

/// A tenth of the turn, and a second, are worth a jump.
fn has_gap(message: &Message, forest: &Forest) -> bool {
    let turn = turn_time_range(message.created_at, message.duration_ms, forest);
    let worth = GapThreshold { min_permille: 100, min_micros: 1_000_000 };
    !turn_gaps(forest, turn, worth).is_empty() || !trace::all_gaps(forest, worth).is_empty()
}

fn timeline(heads: &MessageSummaries) -> Vec<TimelineBucket> {
    let len = heads.len();
    let mut buckets = vec![TimelineBucket::default(); MAX_TIMELINE_BUCKETS.min(len)];
    let count = buckets.len();
    for (place, head) in heads.iter().enumerate() {
        let Some(bucket) = buckets.get_mut(place * count / len.max(1)) else { continue };
        bucket.longest_ms = bucket.longest_ms.max(head.duration_ms.unwrap_or(0));
        bucket.failed |= head.has_problem();
        if head.sentiment == Some(Sentiment::Negative) || bucket.sentiment.is_none() {
            bucket.sentiment = head.sentiment;
        }
    }
    buckets
}
