//! Sorts a thread's messages, on all cores: tokens and costs are read from the messages themselves.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::app_loop::analysis::map_chunks_in_parallel;
use crate::domain::{MessageSummaries, MessageSummary, SortKey, SortOrder, SortedMessages};
use crate::provider::{Provider, read_facts};
use crate::trace::message_usage;

/// Sorts the messages; `None` if stopped. A group of messages lasts from its question to its last reply if the messages
/// have no durations.
pub fn sort_messages(
    summaries: &MessageSummaries,
    questions: &[u32],
    order: SortOrder,
    provider: &dyn Provider,
    stop: &AtomicBool,
) -> Option<SortedMessages> {
    let is_stopped = || stop.load(Ordering::Relaxed);
    if order.key == SortKey::Time {
        let values = (0..summaries.len()).map(|index| Some(index as f64)).collect();
        let first = |values: &[Option<f64>], range: Range<usize>| values.get(range.start).copied().flatten();
        return Some(SortedMessages::new(values, questions, order.is_descending, first));
    }
    let chunks = map_chunks_in_parallel(summaries, |chunk| {
        let values = chunk.iter().map(|summary| (!is_stopped()).then(|| value(summary, order.key, provider)));
        values.map(Option::flatten).collect::<Vec<_>>()
    });
    if is_stopped() {
        return None;
    }
    let values = chunks.into_iter().flatten().collect();
    let group_value = |values: &[Option<f64>], range: Range<usize>| match order.key {
        SortKey::Duration => sum(values, range.clone()).or_else(|| elapsed_millis(summaries, range)),
        SortKey::Time | SortKey::Tokens | SortKey::Cost => sum(values, range),
    };
    Some(SortedMessages::new(values, questions, order.is_descending, group_value))
}

fn value(summary: &MessageSummary, key: SortKey, provider: &dyn Provider) -> Option<f64> {
    let usage = || message_usage(&read_facts(provider, summary.raw.bytes()));
    match key {
        SortKey::Time => None,
        SortKey::Duration => summary.duration_ms.filter(|ms| *ms >= 0).map(|ms| ms as f64),
        SortKey::Tokens => usage().total().map(|tokens| tokens as f64),
        SortKey::Cost => usage().cost_usd,
    }
}

fn sum(values: &[Option<f64>], range: Range<usize>) -> Option<f64> {
    values.get(range)?.iter().flatten().copied().reduce(|a, b| a + b)
}

fn elapsed_millis(summaries: &MessageSummaries, range: Range<usize>) -> Option<f64> {
    let time_at = |index: usize| summaries.get(index)?.time;
    let last = range.clone().rev().find_map(time_at)?;
    let micros = last.micros_since(time_at(range.start)?);
    (micros > 0).then_some(micros as f64 / 1000.0)
}
