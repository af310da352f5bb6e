//! Passes over a whole thread on both cores: which messages pass a filter, and what the spans tell together.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::sync::mpsc::Sender as Outbox;

use crate::app::messages::is_error;
use crate::domain::{Head, Heads, Message, Sentiment};
use crate::effect::FilterId;
use crate::event::{BUCKETS, Bucket, Event, Insight};
use crate::filter::Filter;
use crate::provider::{self, Provider};
use crate::trace::{self, Example, Forest, Limits, Profile, Worth, turn_gaps, turn_stretch};

/// Threads that share a pass.
const WORKERS: usize = 2;

/// Does something with every chunk of heads, on both cores; the results come in order.
fn in_parallel<T: Send>(heads: &Heads, work: impl Fn(&[Head]) -> T + Sync) -> Vec<T> {
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
pub fn filter(id: FilterId, heads: &Heads, filter: &Filter, service: &str, outbox: &Outbox<Event>) {
    let Some(provider) = provider::named(service) else { return };
    let passing = in_parallel(heads, |chunk| {
        chunk.iter().map(|head| filter.passes(head, provider)).collect::<Vec<_>>()
    });
    let places = (0u32..).zip(passing.into_iter().flatten()).filter(|(_, passes)| *passes);
    let visible = Arc::new(places.map(|(place, _)| place).collect());
    let _ = outbox.blocking_send(Event::Filtered { id, visible });
}

/// Tells what the whole thread tells.
pub fn run(generation: u64, heads: &Heads, service: &str, outbox: &Outbox<Event>) {
    let Some(provider) = provider::named(service) else { return };
    let mut profile = Profile::default();
    for part in in_parallel(heads, |chunk| profile_of(chunk, provider)) {
        profile.merge(part);
    }
    let limits = profile.limits();
    let marks = in_parallel(heads, |chunk| marks_of(chunk, provider, &limits));
    let mut insight = Insight { rows: profile.rows(), timeline: timeline(heads), ..Insight::default() };
    for (slow, gaps) in marks {
        insight.slow.extend(slow);
        insight.gaps.extend(gaps);
    }
    insight.slow.sort_unstable_by_key(|slow| slow.turn);
    insight.gaps.sort_unstable();
    let _ = outbox.blocking_send(Event::Analysed { generation, insight: Arc::new(insight) });
}

fn profile_of(chunk: &[Head], provider: &dyn Provider) -> Profile {
    let mut profile = Profile::default();
    for head in chunk.iter().filter(|head| head.spans > 0) {
        profile.add(head.index, &provider.message(head.raw.bytes()).spans);
    }
    profile
}

/// The messages of a chunk with slow steps, and those with untraced time.
fn marks_of(chunk: &[Head], provider: &dyn Provider, limits: &Limits) -> (Vec<Example>, Vec<u32>) {
    let (mut slow, mut gaps) = (Vec::new(), Vec::new());
    for head in chunk.iter().filter(|head| head.spans > 0) {
        let message = provider.message(head.raw.bytes());
        let forest = Forest::new(&message.spans);
        slow.extend(slow_step(head.index, &message, &forest, limits));
        if has_gap(&message, &forest) {
            gaps.push(head.index);
        }
    }
    (slow, gaps)
}

/// Of the steps of a message that are slow for their kind, the one that took most time itself: those around it are slow
/// because it is.
fn slow_step(turn: u32, message: &Message, forest: &Forest, limits: &Limits) -> Option<Example> {
    let is_slow = |span: u32| message.spans.get(span as usize).is_some_and(|span| limits.is_slow(span));
    let own = trace::self_times(forest);
    let steps = forest.nodes().iter().zip(own).filter(|(node, _)| is_slow(node.span));
    steps.max_by_key(|(_, own)| *own).map(|(node, micros)| Example { turn, span: node.span, micros })
}

/// A tenth of the turn, and a second, are worth a jump.
fn has_gap(message: &Message, forest: &Forest) -> bool {
    let turn = turn_stretch(message.created_at, message.duration_ms, forest);
    let worth = Worth { permille: 100, micros: 1_000_000 };
    !turn_gaps(forest, turn, worth).is_empty() || !trace::all_gaps(forest, worth).is_empty()
}

fn timeline(heads: &Heads) -> Vec<Bucket> {
    let len = heads.len();
    let mut buckets = vec![Bucket::default(); BUCKETS.min(len)];
    let count = buckets.len();
    for (place, head) in heads.iter().enumerate() {
        let Some(bucket) = buckets.get_mut(place * count / len.max(1)) else { continue };
        bucket.longest_ms = bucket.longest_ms.max(head.duration_ms.unwrap_or(0));
        bucket.failed |= is_error(head);
        if head.sentiment == Some(Sentiment::Negative) || bucket.sentiment.is_none() {
            bucket.sentiment = head.sentiment;
        }
    }
    buckets
}
