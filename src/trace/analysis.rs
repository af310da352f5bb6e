//! Statistics per kind of operation over many turns, and what is slow for its kind.

use std::collections::BTreeMap;

use super::usage::{add_usage, own_usage};
use super::{Flags, Forest, self_times};
use crate::domain::{Span, Usage};

/// Which span of which turn, as an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlowExample {
    pub turn: u32,
    /// Index in the turn's list of spans.
    pub span: u32,
    pub micros: i64,
}

/// One kind of operation. Times are in microseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationStats {
    /// The operation type in the service's own word.
    pub operation: String,
    pub count: u64,
    /// How many failed.
    pub errors: u64,
    /// How many tell how long they took; only these are in the numbers below. Unfinished spans and those that end
    /// before they start are not among them.
    pub timed_count: u64,
    pub total_micros: i64,
    /// The spans' own time; see [`super::self_time`].
    pub self_micros: i64,
    pub p50: Option<i64>,
    pub p95: Option<i64>,
    pub max: Option<i64>,
    /// The slowest one; of equals the first.
    pub slowest: Option<SlowExample>,
    /// The spans' own usage; see [`super::own_usage`]. The rows together count nothing twice.
    pub usage: Usage,
}

/// Statistics being gathered. Profiles of parts of a thread merge into the profile of the whole, in any order (but for
/// the last digits of costs, which are sums of fractions).
///
/// Every duration is kept in four bytes: exact below 35 minutes, cut to whole milliseconds up to 24 days, and there
/// it ends. Percentiles are those of the kept durations by nearest rank: the smallest one that at least that share of
/// all does not exceed. Sums and the maximum do not depend on that.
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

/// The profile of these turns: their numbers and their spans.
pub fn analyze_operations<'a>(turns: impl IntoIterator<Item = (u32, &'a [Span])>) -> OperationAnalysis {
    let mut profile = OperationAnalysis::default();
    for (turn, spans) in turns {
        profile.add_turn(turn, spans);
    }
    profile
}

impl OperationAnalysis {
    /// Adds one turn.
    pub fn add_turn(&mut self, turn: u32, spans: &[Span]) {
        let forest = Forest::new(spans);
        self.add_forest(turn, spans, &forest);
    }

    /// Adds one turn whose tree is already there.
    pub fn add_forest(&mut self, turn: u32, spans: &[Span], forest: &Forest) {
        let own_times = self_times(forest);
        let usages = own_usage(forest, spans);
        for (at, node) in forest.nodes().iter().enumerate() {
            let Some(span) = spans.get(node.span as usize) else { continue };
            let tally = self.operations.entry(span.operation.clone()).or_default();
            tally.count += 1;
            tally.errors += u64::from(node.flags.contains(Flags::FAILED));
            if let Some(usage) = usages.get(at) {
                add_usage(&mut tally.usage, usage);
            }
            let timed = !node.flags.intersects(Flags::UNFINISHED | Flags::ENDS_BEFORE_START);
            if let Some(micros) = span.duration_micros().filter(|micros| timed && *micros >= 0) {
                let own = own_times.get(at).copied().unwrap_or(0);
                tally.add_duration(SlowExample { turn, span: node.span, micros }, own);
            }
        }
    }

    /// Takes in the profile of other turns.
    pub fn merge(&mut self, other: Self) {
        for (operation, tally) in other.operations {
            self.operations.entry(operation).or_default().merge(tally);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// One row per operation, those that took most time (in sum) first.
    pub fn rows(&self) -> Vec<OperationStats> {
        let mut rows: Vec<OperationStats> =
            self.operations.iter().map(|(name, tally)| tally.stats(name)).collect();
        rows.sort_by(|a, b| b.total_micros.cmp(&a.total_micros).then_with(|| a.operation.cmp(&b.operation)));
        rows
    }

    /// From which duration on a span is slow for its kind; see [`Limits`].
    pub fn slow_thresholds(&self) -> SlowThresholds {
        let limit = |(name, tally): (&String, &OperationTally)| Some((name.clone(), tally.slow_threshold()?));
        SlowThresholds { thresholds: self.operations.iter().filter_map(limit).collect() }
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
        add_usage(&mut self.usage, &other.usage);
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
        let mut away: Vec<i64> =
            sorted.iter().map(|packed| (unpack_duration(*packed) - median).abs()).collect();
        away.sort_unstable();
        let scatter = *away.get(nearest_rank(away.len(), 50)?)?;
        Some(
            MIN_SLOW_MICROS
                .max(median.saturating_mul(3))
                .max(median.saturating_add(scatter.saturating_mul(8))),
        )
    }
}

/// Fewer durations than this are no usual ones to compare with.
const MIN_SAMPLES: usize = 5;
/// Nobody waits for less: 100 ms.
const MIN_SLOW_MICROS: i64 = 100_000;

/// What is slow for its kind. A span is slow if it took longer than all of:
///
/// - 100 ms,
/// - three times the median of its operation,
/// - the median and eight times the median distance from it.
///
/// Medians hardly move when a few spans take very long, as means and standard deviations do. The third rule keeps
/// operations quiet whose durations scatter anyway. Operations with fewer than five timed spans have no limit.
///
/// With durations of 1.0, 1.1, 1.2, 1.3 and 9.0 s the median is 1.2 s, the distances are 0.2, 0.1, 0, 0.1 and 7.8 s, their
/// median 0.1 s; the limits are 0.1, 3.6 and 2.0 s, so only the last is slow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlowThresholds {
    thresholds: BTreeMap<String, i64>,
}

impl SlowThresholds {
    /// The longest duration of an operation that is not slow, in microseconds.
    pub fn threshold(&self, operation: &str) -> Option<i64> {
        self.thresholds.get(operation).copied()
    }

    /// Whether a span is slow for its kind. Unfinished ones are not: nobody knows how long they took.
    pub fn is_slow(&self, span: &Span) -> bool {
        let micros = span.duration_micros().filter(|_| !span.is_unfinished());
        micros.zip(self.threshold(&span.operation)).is_some_and(|(micros, limit)| micros > limit)
    }
}

/// Where durations are no longer kept exactly.
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

/// By nearest rank: the place of a percentile in a sorted list of so many.
fn nearest_rank(count: usize, percent: usize) -> Option<usize> {
    count.saturating_mul(percent).div_ceil(100).max(1).checked_sub(1).filter(|at| *at < count)
}

fn percentile(sorted: &[u32], percent: usize) -> Option<u32> {
    sorted.get(nearest_rank(sorted.len(), percent)?).copied()
}
