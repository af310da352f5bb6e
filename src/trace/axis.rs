//! A time axis that may be folded: idle ranges are drawn shortened. Positions on the axis are microseconds from its start,
//! less the folded time.

use super::TimeRange;

/// A range of time and its position on the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AxisSection {
    /// Start in microseconds since 1970, in a type that holds any difference of `i64`s.
    pub time: i128,
    pub micros: i128,
    pub position: i128,
    pub len: i128,
}

impl AxisSection {
    /// Returns whether it is drawn shortened.
    pub fn is_folded(&self) -> bool {
        self.len < self.micros
    }
}

/// Maps times to positions and back: piecewise linear, monotonic, and exact outside folded sections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    /// The sections, in order and without gaps; never empty.
    sections: Vec<AxisSection>,
}

impl Axis {
    /// Creates an axis without folds.
    pub fn linear(extent: TimeRange) -> Self {
        let micros = (i128::from(extent.end) - i128::from(extent.start)).max(1);
        Self {
            sections: vec![AxisSection { time: i128::from(extent.start), micros, position: 0, len: micros }],
        }
    }

    /// Creates an axis with folded idle ranges, if together they are more than half of the time; otherwise linear. Ranges
    /// of at least 1/32 of the whole are folded: each takes 1/24 of the unfolded time, all together at most half of it.
    pub fn folded(extent: TimeRange, idle: &[TimeRange]) -> Self {
        let linear = Self::linear(extent);
        let total = linear.len();
        let idle = normalize(extent, idle);
        let idle_total: i128 = idle.iter().map(|range| range_width(*range)).sum();
        if idle_total * 2 <= total {
            return linear;
        }
        let folds: Vec<TimeRange> =
            idle.into_iter().filter(|range| range_width(*range) * 32 >= total).collect();
        let count = i128::try_from(folds.len()).unwrap_or(1).max(1);
        let rest = total - folds.iter().map(|range| range_width(*range)).sum::<i128>();
        // If only instants are left, the folds still need space to be distinguishable.
        let rest = rest.max(1000 * count);
        let fold_len = (rest / 24).min(rest / (2 * count)).max(1);
        Self { sections: split_into_sections(extent, &folds, fold_len) }
    }

    /// Returns the length of the axis; at least 1.
    pub fn len(&self) -> i128 {
        self.sections.last().map_or(1, |section| section.position + section.len)
    }

    pub fn sections(&self) -> &[AxisSection] {
        &self.sections
    }

    /// Returns the position of a time, clamped to the axis.
    pub fn position(&self, time: i64) -> i128 {
        let time = i128::from(time);
        let index = self.sections.partition_point(|section| section.time <= time).saturating_sub(1);
        self.sections.get(index).map_or(0, |section| {
            let into = (time - section.time).clamp(0, section.micros);
            section.position + rescale(into, section.len, section.micros)
        })
    }

    /// Returns the time at a position, clamped to the axis.
    pub fn time(&self, position: i128) -> i64 {
        let index = self.sections.partition_point(|section| section.position <= position).saturating_sub(1);
        let time = self.sections.get(index).map_or(0, |section| {
            let into = (position - section.position).clamp(0, section.len);
            section.time + rescale(into, section.micros, section.len)
        });
        i64::try_from(time.clamp(i128::from(i64::MIN), i128::from(i64::MAX))).unwrap_or(i64::MAX)
    }
}

/// Computes `value · to / from`. Durations are below 2⁶⁴ and folded sections a fraction of that, so nothing overflows.
fn rescale(value: i128, to: i128, from: i128) -> i128 {
    if to == from { value } else { value.saturating_mul(to) / from.max(1) }
}

fn range_width(range: TimeRange) -> i128 {
    i128::from(range.end) - i128::from(range.start)
}

/// Clamps the ranges to the extent, sorts them, and removes overlaps.
fn normalize(extent: TimeRange, idle: &[TimeRange]) -> Vec<TimeRange> {
    let inside = |range: &TimeRange| TimeRange {
        start: range.start.clamp(extent.start, extent.end),
        end: range.end.clamp(extent.start, extent.end),
    };
    let mut idle: Vec<TimeRange> = idle.iter().map(inside).filter(|range| range.end > range.start).collect();
    idle.sort_unstable();
    let mut end = i64::MIN;
    idle.retain_mut(|range| {
        range.start = range.start.max(end);
        end = end.max(range.end);
        range.end > range.start
    });
    idle
}

fn split_into_sections(extent: TimeRange, folds: &[TimeRange], fold_len: i128) -> Vec<AxisSection> {
    let mut sections: Vec<AxisSection> = Vec::with_capacity(2 * folds.len() + 1);
    let mut position = 0;
    let mut push = |from: i64, to: i64, max_len: i128| {
        let micros = i128::from(to) - i128::from(from);
        if micros > 0 {
            let len = micros.min(max_len);
            sections.push(AxisSection { time: i128::from(from), micros, position, len });
            position += len;
        }
    };
    let mut time = extent.start;
    for fold in folds {
        push(time, fold.start, i128::MAX);
        push(fold.start, fold.end, fold_len);
        time = fold.end;
    }
    push(time, extent.end, i128::MAX);
    sections
}
