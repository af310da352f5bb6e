//! The turns of a thread in order, in buckets of equal numbers of turns: durations, failures, and time by kind of step.

use std::cmp::Reverse;

use super::percentile;
use crate::domain::{Sentiment, SpanKind, Timestamp};

/// The time of each kind of step, in the order of [`SpanKind::ALL`], in microseconds.
pub type KindTimes = [i64; SpanKind::ALL.len()];

/// A turn, or a user's message with everything up to the next one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TurnSample {
    /// The positions of its messages in the thread, from 0: the first, and the one after the last.
    pub first: u32,
    pub end: u32,
    /// The first message with a problem.
    pub failed_at: Option<u32>,
    pub sentiment: Option<Sentiment>,
    pub time: Option<Timestamp>,
    pub micros: Option<i64>,
    /// Self times.
    pub kind_micros: KindTimes,
    pub tokens: Option<i64>,
    pub cost_usd: Option<f64>,
}

/// Consecutive turns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bucket {
    /// The positions of its messages in the thread: the first, and the one after the last.
    pub first: u32,
    pub end: u32,
    /// The number of its first turn, from 1.
    pub first_turn: u32,
    pub turns: u32,
    pub failed: u32,
    pub positive: u32,
    pub negative: u32,
    /// The times of its first and its last turn.
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
    /// Durations of its turns in microseconds.
    pub p50: Option<i64>,
    pub p95: Option<i64>,
    pub max: Option<i64>,
    pub kind_micros: KindTimes,
    pub tokens: Option<i64>,
    /// Percentiles of the tokens of its turns.
    pub tokens_p50: Option<i64>,
    pub tokens_p95: Option<i64>,
    pub cost_usd: Option<f64>,
    /// The position of its slowest turn, the first one among equals.
    pub slowest: u32,
    /// The position of its first message with a problem.
    pub failed_at: Option<u32>,
}

impl Bucket {
    fn new(samples: &[TurnSample], first_turn: usize) -> Self {
        let sorted = |read: fn(&TurnSample) -> Option<i64>| {
            let mut values: Vec<i64> = samples.iter().filter_map(read).collect();
            values.sort_unstable();
            values
        };
        let (durations, tokens) = (sorted(|sample| sample.micros), sorted(|sample| sample.tokens));
        let count = |counts: fn(&TurnSample) -> bool| {
            u32::try_from(samples.iter().filter(|sample| counts(sample)).count()).unwrap_or(u32::MAX)
        };
        let mut kind_micros = KindTimes::default();
        for sample in samples {
            for (sum, micros) in kind_micros.iter_mut().zip(sample.kind_micros) {
                *sum = sum.saturating_add(micros);
            }
        }
        let slowest = samples.iter().min_by_key(|sample| (Reverse(sample.micros), sample.first));
        Self {
            first: samples.first().map_or(0, |sample| sample.first),
            end: samples.last().map_or(0, |sample| sample.end),
            first_turn: u32::try_from(first_turn + 1).unwrap_or(u32::MAX),
            turns: u32::try_from(samples.len()).unwrap_or(u32::MAX),
            failed: count(|sample| sample.failed_at.is_some()),
            positive: count(|sample| sample.sentiment == Some(Sentiment::Positive)),
            negative: count(|sample| sample.sentiment == Some(Sentiment::Negative)),
            from: samples.iter().find_map(|sample| sample.time),
            to: samples.iter().rev().find_map(|sample| sample.time),
            p50: percentile(&durations, 50),
            p95: percentile(&durations, 95),
            max: durations.last().copied(),
            kind_micros,
            tokens: tokens.iter().copied().reduce(i64::saturating_add),
            tokens_p50: percentile(&tokens, 50),
            tokens_p95: percentile(&tokens, 95),
            cost_usd: samples.iter().filter_map(|sample| sample.cost_usd).reduce(|sum, more| sum + more),
            slowest: slowest.map_or(0, |sample| sample.first),
            failed_at: samples.iter().find_map(|sample| sample.failed_at),
        }
    }

    /// Returns the share of failed turns, from 0 to 1.
    pub fn failed_share(&self) -> f64 {
        f64::from(self.failed) / f64::from(self.turns.max(1))
    }

    /// Returns whether the message at this position of the thread belongs to the bucket.
    pub fn contains(&self, position: u32) -> bool {
        (self.first..self.end).contains(&position)
    }
}

/// The numbers of buckets to choose from. Percentiles of buckets do not merge, so each number has its own buckets.
const BUCKET_COUNTS: [usize; 14] = [8, 12, 16, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256];

/// The turns of a thread in various numbers of buckets. Its size does not depend on the number of turns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// In ascending order of their numbers of buckets.
    levels: Vec<Vec<Bucket>>,
    /// All turns together.
    pub whole: Bucket,
}

impl Timeline {
    /// Splits turns, in the order of the thread, into buckets.
    pub fn new(samples: &[TurnSample]) -> Self {
        let len = samples.len();
        let largest = BUCKET_COUNTS.last().copied().unwrap_or_default();
        let counts = BUCKET_COUNTS.iter().copied().filter(|count| *count < len);
        let levels = counts.chain((1..=largest).contains(&len).then_some(len));
        let split = |count: usize| {
            let edge = |bucket: usize| bucket * len / count;
            let bucket =
                |at: usize| Bucket::new(samples.get(edge(at)..edge(at + 1)).unwrap_or_default(), edge(at));
            (0..count).map(bucket).collect()
        };
        Self { levels: levels.map(split).collect(), whole: Bucket::new(samples, 0) }
    }

    /// Returns the largest number of buckets up to `columns`; the smallest number if none is that small. Empty without
    /// turns.
    pub fn buckets(&self, columns: usize) -> &[Bucket] {
        let fitting = self.levels.iter().rev().find(|level| level.len() <= columns);
        fitting.or(self.levels.first()).map_or(&[], Vec::as_slice)
    }
}
