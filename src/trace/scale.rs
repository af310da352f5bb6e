//! From time to columns: what part of a turn is looked at, and where a span's bar lies in it, in eighths of a cell.

use super::axis::Axis;
use super::{Flags, Forest, Node, TimeRange};

/// The narrowest view, in microseconds.
const MIN_VIEW_MICROS: i128 = 10;

/// Maps moments to columns of a track. Holds the whole line of time (perhaps with idle stretches folded) and the view:
/// the part of it that the track shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    extent: TimeRange,
    axis: Axis,
    /// Where the view starts, as a position on the axis.
    from: i128,
    /// How much of the axis the track shows; at least 1.
    len: i128,
}

/// What kind of bar it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarKind {
    /// At least an eighth of a cell.
    Solid,
    /// Too short to be drawn, or no time at all: a mark where it stands. Both ends are equal.
    Instant,
    /// Unfinished: runs to the right edge, its end is not known.
    Unfinished,
    /// All of it lies left of the view. Both ends are 0.
    Before,
    /// All of it lies right of the view. Both ends are the width.
    After,
}

/// A span's bar in a track, in eighths of a cell from its left edge; always inside the track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    pub from_eighths: u32,
    pub to_eighths: u32,
    pub kind: BarKind,
}

impl Bar {
    /// The part of a cell that the bar fills, as eighths `(from, to)` with `from < to <= 8`; `None` if it fills none of it.
    pub fn cell(&self, col: u16) -> Option<(u8, u8)> {
        let left = u32::from(col) * 8;
        let from = self.from_eighths.clamp(left, left + 8) - left;
        let to = self.to_eighths.clamp(left, left + 8) - left;
        let part = (u8::try_from(from).ok()?, u8::try_from(to).ok()?);
        (part.0 < part.1).then_some(part)
    }

    /// The column where the bar starts, or the mark of an [`BarKind::Instant`] stands, in a track of so many columns.
    pub fn start_col(&self, cols: u16) -> u16 {
        u16::try_from(self.from_eighths / 8).unwrap_or(u16::MAX).min(cols.saturating_sub(1))
    }
}

impl Scale {
    /// All of a forest, from its earliest start to its last known moment.
    pub fn fit(forest: &Forest) -> Self {
        Self::new(forest.extent())
    }

    /// All of this stretch; for a turn that is longer than its spans, or two forests side by side.
    pub fn new(extent: TimeRange) -> Self {
        Self::with_axis(extent, Axis::linear(extent))
    }

    fn with_axis(extent: TimeRange, axis: Axis) -> Self {
        Self { extent, from: 0, len: axis.len(), axis }
    }

    /// The same stretch of time with idle stretches folded, zoomed out; see [`super::idle`]. They are folded only if
    /// together they are more than half of the time: then each that is at least a 32nd of the whole takes a 24th of what
    /// stays. Moments keep their order, and every column still stands for a moment.
    #[must_use]
    pub fn folded(&self, idle: &[TimeRange]) -> Self {
        Self::with_axis(self.extent, Axis::folded(self.extent, idle))
    }

    /// The same stretch of time with nothing folded, zoomed out.
    #[must_use]
    pub fn unfolded(&self) -> Self {
        Self::new(self.extent)
    }

    /// Whether any idle stretch is folded.
    pub fn is_folded(&self) -> bool {
        self.axis.sections().iter().any(|piece| piece.is_folded())
    }

    /// Whether the track shows less than all.
    pub fn is_zoomed(&self) -> bool {
        self.len < self.axis.len()
    }

    /// What part of the line the track shows: 1.0 for all of it.
    pub fn visible_fraction(&self) -> f64 {
        self.len as f64 / self.axis.len() as f64
    }

    /// The moments at the track's left and right edge.
    pub fn view(&self) -> TimeRange {
        TimeRange::new(self.axis.time(self.from), self.axis.time(self.from + self.len))
    }

    /// Zoomed in (`factor` above 1) or out around the moment `at`, which keeps its column as far as the ends of the
    /// line allow. Factors that are not positive numbers change nothing.
    #[must_use]
    pub fn zoomed(&self, factor: f64, at: i64) -> Self {
        if !(factor.is_finite() && factor > 0.0) {
            return self.clone();
        }
        // A cast saturates, and the clamp brings the rest back.
        let len =
            ((self.len as f64 / factor) as i128).clamp(MIN_VIEW_MICROS.min(self.axis.len()), self.axis.len());
        let anchor = self.axis.position(at);
        let left = (anchor - self.from).clamp(0, self.len);
        self.with_view(anchor - round_div(left.saturating_mul(len), self.len), len)
    }

    /// Moved right by so many widths of the view (negative: left); stops at the ends.
    #[must_use]
    pub fn panned(&self, views: f64) -> Self {
        let by = if views.is_finite() { (self.len as f64 * views).round() as i128 } else { 0 };
        self.with_view(self.from.saturating_add(by), self.len)
    }

    /// Zoomed so that this stretch fills the track.
    #[must_use]
    pub fn focused(&self, stretch: TimeRange) -> Self {
        let from = self.axis.position(stretch.start);
        self.with_view(from, self.axis.position(stretch.end) - from)
    }

    /// Zoomed out.
    #[must_use]
    pub fn reset(&self) -> Self {
        self.with_view(0, self.axis.len())
    }

    fn with_view(&self, from: i128, len: i128) -> Self {
        let total = self.axis.len();
        let len = len.clamp(MIN_VIEW_MICROS.min(total), total);
        Self { from: from.clamp(0, total - len), len, ..self.clone() }
    }

    /// The bar of a node in a track of so many columns.
    pub fn bar_of(&self, node: &Node, cols: u16) -> Bar {
        let bar = self.bar(node.start, node.end, cols);
        if node.flags.contains(Flags::UNFINISHED) && bar.from_eighths < track_width(cols) {
            let from_eighths = self.eighths(node.start, cols).clamp(0, i128::from(track_width(cols)));
            return Bar {
                from_eighths: eighths_to_u32(from_eighths),
                to_eighths: track_width(cols),
                kind: BarKind::Unfinished,
            };
        }
        bar
    }

    /// The bar from one moment to another in a track of so many columns.
    pub fn bar(&self, start: i64, end: i64, cols: u16) -> Bar {
        let width = track_width(cols);
        let view = self.from..=self.from + self.len;
        let (start, end) = (self.axis.position(start), self.axis.position(end.max(start)));
        if end < *view.start() {
            return Bar { from_eighths: 0, to_eighths: 0, kind: BarKind::Before };
        }
        if start > *view.end() {
            return Bar { from_eighths: width, to_eighths: width, kind: BarKind::After };
        }
        let cut =
            |position: i128| eighths_to_u32(self.eighths_at(position, cols).clamp(0, i128::from(width)));
        let (from_eighths, to_eighths) = (cut(start), cut(end));
        let kind = if from_eighths < to_eighths { BarKind::Solid } else { BarKind::Instant };
        Bar { from_eighths, to_eighths, kind }
    }

    /// The moment at the left edge of a column.
    pub fn time_at(&self, col: u16, cols: u16) -> i64 {
        self.axis
            .time(self.from + round_div(i128::from(col).saturating_mul(self.len), i128::from(cols.max(1))))
    }

    /// The column of a moment; `None` if the view does not show it.
    pub fn col_of(&self, time: i64, cols: u16) -> Option<u16> {
        let eighths = self.eighths(time, cols);
        let last = i128::from(cols.checked_sub(1)?);
        // The right edge belongs to the last column.
        (0..=(last + 1) * 8).contains(&eighths).then(|| u16::try_from((eighths / 8).min(last)).unwrap_or(0))
    }

    /// The folded stretches in view: the columns they fill `(from, to)` and how long they really are.
    pub fn folds(&self, cols: u16) -> impl Iterator<Item = (u16, u16, i64)> + '_ {
        let folded = self.axis.sections().iter().filter(|piece| piece.is_folded());
        folded.filter_map(move |piece| {
            let (from, to) =
                (self.eighths_at(piece.position, cols), self.eighths_at(piece.position + piece.len, cols));
            let edge = i128::from(track_width(cols));
            if to <= 0 || from >= edge {
                return None;
            }
            let col = |eighths: i128| u16::try_from(eighths.clamp(0, edge) / 8).unwrap_or(cols);
            Some((col(from), col(to + 7), i64::try_from(piece.micros).unwrap_or(i64::MAX)))
        })
    }

    pub(super) fn extent(&self) -> TimeRange {
        self.extent
    }

    pub(super) fn axis(&self) -> &Axis {
        &self.axis
    }

    /// How much of the axis the track shows.
    pub(super) fn view_len(&self) -> i128 {
        self.len
    }

    /// Where the view starts and ends on the axis.
    pub(super) fn view_range(&self) -> (i128, i128) {
        (self.from, self.from + self.len)
    }

    fn eighths(&self, time: i64, cols: u16) -> i128 {
        self.eighths_at(self.axis.position(time), cols)
    }

    /// Eighths from the left edge of the track, perhaps outside of it. Positions are below 2⁶⁵ and a track is below 2²⁰
    /// eighths, so nothing overflows.
    fn eighths_at(&self, position: i128, cols: u16) -> i128 {
        round_div((position - self.from) * i128::from(track_width(cols)), self.len)
    }
}

/// The width of a track in eighths.
fn track_width(cols: u16) -> u32 {
    u32::from(cols) * 8
}

/// To the nearest, halves up.
fn round_div(value: i128, by: i128) -> i128 {
    let by = by.max(1);
    value.saturating_add(by / 2).div_euclid(by)
}

/// Of a number already cut to the track.
fn eighths_to_u32(eighths: i128) -> u32 {
    u32::try_from(eighths).unwrap_or(0)
}
