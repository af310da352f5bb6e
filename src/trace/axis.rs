//! Time as a line that may be folded: idle stretches drawn shorter than they are. Positions on the line are
//! microseconds too, counted from its start, less what was folded away.

use super::TimeRange;

/// A piece of time and the part of the line that shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AxisSection {
    /// Microseconds since 1970, in a type that holds the whole width of `i64`.
    pub time: i128,
    pub micros: i128,
    pub position: i128,
    pub len: i128,
}

impl AxisSection {
    /// Whether it is drawn shorter than it is.
    pub fn is_folded(&self) -> bool {
        self.len < self.micros
    }
}

/// Time to positions and back: piecewise linear, never falling, exact outside folded pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    /// Never empty, without holes, in order.
    sections: Vec<AxisSection>,
}

impl Axis {
    /// One to one.
    pub fn linear(extent: TimeRange) -> Self {
        let micros = (i128::from(extent.end) - i128::from(extent.start)).max(1);
        Self {
            sections: vec![AxisSection { time: i128::from(extent.start), micros, position: 0, len: micros }],
        }
    }

    /// With idle stretches shortened, if together they are more than half of the time; otherwise plain. Those that are
    /// at least a 32nd of the whole are folded: each then takes a 24th of the time that stays unfolded, all together at
    /// most half of it.
    pub fn folded(extent: TimeRange, idle: &[TimeRange]) -> Self {
        let plain = Self::linear(extent);
        let total = plain.len();
        let idle = normalize(extent, idle);
        let idle_total: i128 = idle.iter().map(|stretch| range_width(*stretch)).sum();
        if idle_total * 2 <= total {
            return plain;
        }
        let folds: Vec<TimeRange> =
            idle.into_iter().filter(|stretch| range_width(*stretch) * 32 >= total).collect();
        let count = i128::try_from(folds.len()).unwrap_or(1).max(1);
        let rest = total - folds.iter().map(|stretch| range_width(*stretch)).sum::<i128>();
        // Where nothing but moments is left, the folds still need room to be told apart.
        let rest = rest.max(1000 * count);
        let share = (rest / 24).min(rest / (2 * count)).max(1);
        Self { sections: split_into_sections(extent, &folds, share) }
    }

    /// How long the line is; at least 1.
    pub fn len(&self) -> i128 {
        self.sections.last().map_or(1, |piece| piece.position + piece.len)
    }

    pub fn sections(&self) -> &[AxisSection] {
        &self.sections
    }

    /// Where a moment stands; outside of the line at its ends.
    pub fn position(&self, time: i64) -> i128 {
        let time = i128::from(time);
        let index = self.sections.partition_point(|piece| piece.time <= time).saturating_sub(1);
        self.sections.get(index).map_or(0, |piece| {
            let into = (time - piece.time).clamp(0, piece.micros);
            piece.position + rescale(into, piece.len, piece.micros)
        })
    }

    /// The moment at a position, which is cut to the line.
    pub fn time(&self, position: i128) -> i64 {
        let index = self.sections.partition_point(|piece| piece.position <= position).saturating_sub(1);
        let time = self.sections.get(index).map_or(0, |piece| {
            let into = (position - piece.position).clamp(0, piece.len);
            piece.time + rescale(into, piece.micros, piece.len)
        });
        i64::try_from(time.clamp(i128::from(i64::MIN), i128::from(i64::MAX))).unwrap_or(i64::MAX)
    }
}

/// `value · to / from`. Widths of time are below 2⁶⁴ and folded pieces a 24th of that, so nothing overflows.
fn rescale(value: i128, to: i128, from: i128) -> i128 {
    if to == from { value } else { value.saturating_mul(to) / from.max(1) }
}

fn range_width(stretch: TimeRange) -> i128 {
    i128::from(stretch.end) - i128::from(stretch.start)
}

/// Cut to the extent, sorted, without overlaps.
fn normalize(extent: TimeRange, idle: &[TimeRange]) -> Vec<TimeRange> {
    let inside = |stretch: &TimeRange| TimeRange {
        start: stretch.start.clamp(extent.start, extent.end),
        end: stretch.end.clamp(extent.start, extent.end),
    };
    let mut idle: Vec<TimeRange> =
        idle.iter().map(inside).filter(|stretch| stretch.end > stretch.start).collect();
    idle.sort_unstable();
    let mut end = i64::MIN;
    idle.retain_mut(|stretch| {
        stretch.start = stretch.start.max(end);
        end = end.max(stretch.end);
        stretch.end > stretch.start
    });
    idle
}

fn split_into_sections(extent: TimeRange, folds: &[TimeRange], share: i128) -> Vec<AxisSection> {
    let mut pieces: Vec<AxisSection> = Vec::with_capacity(2 * folds.len() + 1);
    let mut at = 0;
    let mut push = |from: i64, to: i64, most: i128| {
        let micros = i128::from(to) - i128::from(from);
        if micros > 0 {
            let len = micros.min(most);
            pieces.push(AxisSection { time: i128::from(from), micros, position: at, len });
            at += len;
        }
    };
    let mut time = extent.start;
    for fold in folds {
        push(time, fold.start, i128::MAX);
        push(fold.start, fold.end, share);
        time = fold.end;
    }
    push(time, extent.end, i128::MAX);
    pieces
}
