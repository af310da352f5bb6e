//! Statistics per operation over many turns, and thresholds for slow spans.

use std::collections::BTreeMap;

use super::usage::own_usage;
use super::{Flags, Forest, self_times};
use crate::domain::{Span, Usage};

/// A step of a turn, as an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlowExample {
    pub turn: u32,
    /// The index of the span in its turn; `None` for a step that is not a span.
    pub span: Option<u32>,
    pub micros: i64,
}

/// Statistics of an operation. Times are in microseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationStats {
    /// The operation type, verbatim.
    pub operation: String,
    pub count: u64,
    /// Number of failed spans.
    pub errors: u64,
    /// The number of spans with a duration, to which the following fields refer. Unfinished spans and spans that end before
    /// they start have none.
    pub timed_count: u64,
    pub total_micros: i64,
    /// The sum of the spans' self times; see [`super::self_times`].
    pub self_micros: i64,
    pub p50: Option<i64>,
    pub p95: Option<i64>,
    pub max: Option<i64>,
    /// The slowest span; the first of several equal ones.
    pub slowest: Option<SlowExample>,
    /// The spans' own usage; see [`super::own_usage`]. No usage is counted twice across rows.
    pub usage: Usage,
}

/// A call of a model or a tool, or a wait.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    pub turn: u32,
    /// The index of the span in its turn; `None` for a step that is not a span.
    pub span: Option<u32>,
    /// `None` if its duration is unknown.
    pub micros: Option<i64>,
    pub is_failed: bool,
    pub usage: &'a Usage,
}

/// Accumulates statistics per operation. Analyses of parts of a thread merge into that of the whole, in any order (except
/// for the last digits of costs, which are sums of fractions).
///
/// Every duration takes four bytes: exact below 35 minutes, truncated to milliseconds up to 24 days, and capped there.
/// Percentiles are computed from these by nearest rank: the smallest duration that at least that share of all does not
/// exceed. Sums and the maximum are exact.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OperationAnalysis {
    operations: BTreeMap<String, OperationTally>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct OperationTally {
    count: u64,
    errors: u64,
    total_micros: i64,
    self_micros: i64,
    durations: Vec<u32>,
    slowest: Option<SlowExample>,
    usage: Usage,
}

impl OperationAnalysis {
    /// Adds a turn with its tree.
    pub fn add_forest(&mut self, turn: u32, spans: &[Span], forest: &Forest) {
        let own_times = self_times(forest);
        let usages = own_usage(forest, spans);
        for (at, node) in forest.nodes().iter().enumerate() {
            let Some(span) = spans.get(node.span as usize) else { continue };
            let tally = self.operations.entry(span.operation.clone()).or_default();
            tally.count += 1;
            tally.errors += u64::from(node.flags.contains(Flags::FAILED));
            if let Some(usage) = usages.get(at) {
                tally.usage.add(usage);
            }
            let is_timed = !node.flags.intersects(Flags::UNFINISHED | Flags::ENDS_BEFORE_START);
            if let Some(micros) = span.duration_micros().filter(|micros| is_timed && *micros >= 0) {
                let own = own_times.get(at).copied().unwrap_or(0);
                tally.add_duration(SlowExample { turn, span: Some(node.span), micros }, own);
            }
        }
    }

    /// Adds a step whose time is all self time.
    pub fn add_step(&mut self, name: &str, step: &Step<'_>) {
        let tally = match self.operations.get_mut(name) {
            Some(tally) => tally,
            None => self.operations.entry(name.to_owned()).or_default(),
        };
        tally.count += 1;
        tally.errors += u64::from(step.is_failed);
        tally.usage.add(step.usage);
        if let Some(micros) = step.micros.filter(|micros| *micros >= 0) {
            tally.add_duration(SlowExample { turn: step.turn, span: step.span, micros }, micros);
        }
    }

    /// Adds the analysis of other turns.
    pub fn merge(&mut self, other: Self) {
        for (operation, tally) in other.operations {
            self.operations.entry(operation).or_default().merge(tally);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// Returns one row per operation, by descending total time.
    pub fn rows(&self) -> Vec<OperationStats> {
        let mut rows: Vec<OperationStats> =
            self.operations.iter().map(|(name, tally)| tally.stats(name)).collect();
        rows.sort_by(|a, b| b.total_micros.cmp(&a.total_micros).then_with(|| a.operation.cmp(&b.operation)));
        rows
    }

    /// Returns the rows with the most self time, at most `limit`, and the number of other rows.
    pub fn top_rows(&self, limit: usize) -> (Vec<OperationStats>, usize) {
        let mut rows = self.rows();
        rows.sort_by_key(|row| std::cmp::Reverse(row.self_micros));
        let hidden = rows.len().saturating_sub(limit);
        rows.truncate(limit);
        (rows, hidden)
    }

    /// Returns the thresholds beyond which spans are slow.
    pub fn slow_thresholds(&self) -> SlowThresholds {
        let threshold =
            |(name, tally): (&String, &OperationTally)| Some((name.clone(), tally.slow_threshold()?));
        SlowThresholds { thresholds: self.operations.iter().filter_map(threshold).collect() }
    }
}

impl OperationTally {
    fn add_duration(&mut self, example: SlowExample, own: i64) {
        self.total_micros = self.total_micros.saturating_add(example.micros);
        self.self_micros = self.self_micros.saturating_add(own.min(example.micros));
        self.durations.push(pack_duration(example.micros));
        self.update_slowest(example);
    }

    fn update_slowest(&mut self, example: SlowExample) {
        let rank = |e: SlowExample| (std::cmp::Reverse(e.micros), e.turn, e.span);
        if self.slowest.is_none_or(|slowest| rank(example) < rank(slowest)) {
            self.slowest = Some(example);
        }
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.errors += other.errors;
        self.total_micros = self.total_micros.saturating_add(other.total_micros);
        self.self_micros = self.self_micros.saturating_add(other.self_micros);
        self.durations.extend(other.durations);
        self.usage.add(&other.usage);
        if let Some(example) = other.slowest {
            self.update_slowest(example);
        }
    }

    fn sorted_durations(&self) -> Vec<u32> {
        let mut sorted = self.durations.clone();
        sorted.sort_unstable();
        sorted
    }

    fn stats(&self, operation: &str) -> OperationStats {
        let sorted = self.sorted_durations();
        OperationStats {
            operation: operation.to_owned(),
            count: self.count,
            errors: self.errors,
            timed_count: sorted.len() as u64,
            total_micros: self.total_micros,
            self_micros: self.self_micros,
            p50: percentile(&sorted, 50).map(unpack_duration),
            p95: percentile(&sorted, 95).map(unpack_duration),
            max: self.slowest.map(|slowest| slowest.micros),
            slowest: self.slowest,
            usage: self.usage.clone(),
        }
    }

    fn slow_threshold(&self) -> Option<i64> {
        let sorted = self.sorted_durations();
        if sorted.len() < MIN_SAMPLES {
            return None;
        }
        let median = unpack_duration(percentile(&sorted, 50)?);
        let mut deviations: Vec<i64> =
            sorted.iter().map(|packed| (unpack_duration(*packed) - median).abs()).collect();
        deviations.sort_unstable();
        let deviation = percentile(&deviations, 50)?;
        Some(
            MIN_SLOW_MICROS
                .max(median.saturating_mul(3))
                .max(median.saturating_add(deviation.saturating_mul(8))),
        )
    }
}

/// The minimum number of durations of an operation with a threshold.
const MIN_SAMPLES: usize = 5;
/// The minimum duration of a slow span: 100 ms.
const MIN_SLOW_MICROS: i64 = 100_000;

/// The durations beyond which spans are slow. A span is slow if it took longer than all of:
///
/// - 100 ms,
/// - three times the median of its operation,
/// - the median plus eight times the median absolute deviation.
///
/// Unlike means and standard deviations, medians hardly change when a few spans take very long. The third rule excludes
/// operations whose durations vary widely anyway. Operations with fewer than five timed spans have no threshold.
///
/// For durations of 1.0, 1.1, 1.2, 1.3 and 9.0 s the median is 1.2 s, the deviations are 0.2, 0.1, 0, 0.1 and 7.8 s, and
/// their median is 0.1 s. The rules give 0.1, 3.6 and 2.0 s, so only the last span is slow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlowThresholds {
    thresholds: BTreeMap<String, i64>,
}

impl SlowThresholds {
    /// Returns the longest duration of an operation that is not slow, in microseconds.
    pub fn threshold(&self, operation: &str) -> Option<i64> {
        self.thresholds.get(operation).copied()
    }

    /// Returns whether a span is slow for its operation. Unfinished spans are not slow, because their duration is unknown.
    pub fn is_slow(&self, span: &Span) -> bool {
        let micros = span.duration_micros().filter(|_| !span.is_unfinished());
        micros.zip(self.threshold(&span.operation)).is_some_and(|(micros, threshold)| micros > threshold)
    }
}

/// The packed durations from which times are truncated to milliseconds.
const EXACT_LIMIT: u32 = 1 << 31;

fn pack_duration(micros: i64) -> u32 {
    let micros = micros.max(0);
    match u32::try_from(micros) {
        Ok(exact) if exact < EXACT_LIMIT => exact,
        _ => u32::try_from(micros / 1000).unwrap_or(u32::MAX).saturating_add(EXACT_LIMIT),
    }
}

fn unpack_duration(packed: u32) -> i64 {
    match packed.checked_sub(EXACT_LIMIT) {
        Some(millis) => i64::from(millis) * 1000,
        None => i64::from(packed),
    }
}

/// Returns a percentile of a sorted list by nearest rank; `None` if it is empty.
pub fn percentile<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    let rank = sorted.len().saturating_mul(percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}
