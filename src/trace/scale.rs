//! Maps time to columns: the visible part of a turn, and the position of a span's bar in it, in eighths of a cell.

use super::axis::Axis;
use super::{Flags, Forest, Node, TimeRange};

/// The narrowest view, in microseconds.
const MIN_VIEW_MICROS: i128 = 10;

/// Maps times to columns of a track. A scale consists of the whole time axis, with idle ranges folded or not, and of the
/// view: the part of the axis that the track shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    extent: TimeRange,
    axis: Axis,
    /// The start of the view, as a position on the axis.
    from: i128,
    /// The length of the view on the axis; at least 1.
    len: i128,
}

/// The kind of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarKind {
    /// At least an eighth of a cell wide.
    Solid,
    /// Too short to draw, or without a duration: a mark at its position. Both ends are equal.
    Instant,
    /// Unfinished: extends to the right edge, as its end is unknown.
    Unfinished,
    /// Left of the view. Both ends are 0.
    Before,
    /// Right of the view. Both ends are the width.
    After,
}

/// A span's bar in a track, in eighths of a cell from the left edge; always inside the track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    pub from_eighths: u32,
    pub to_eighths: u32,
    pub kind: BarKind,
}

impl Bar {
    /// Returns the filled part of a cell in eighths, `(from, to)` with `from < to <= 8`; `None` if the bar does not touch
    /// the cell.
    pub fn cell(&self, col: u16) -> Option<(u8, u8)> {
        let left = u32::from(col) * 8;
        let from = self.from_eighths.clamp(left, left + 8) - left;
        let to = self.to_eighths.clamp(left, left + 8) - left;
        let part = (u8::try_from(from).ok()?, u8::try_from(to).ok()?);
        (part.0 < part.1).then_some(part)
    }

    /// Returns the column of the bar's start, or of the mark of a [`BarKind::Instant`], in a track of `cols` columns.
    pub fn start_col(&self, cols: u16) -> u16 {
        u16::try_from(self.from_eighths / 8).unwrap_or(u16::MAX).min(cols.saturating_sub(1))
    }
}

impl Scale {
    /// Creates a scale of a whole forest, from its earliest start to its last known time.
    pub fn fit(forest: &Forest) -> Self {
        Self::new(forest.extent())
    }

    /// Creates a scale of the time of the roots; see [`Forest::root_extent`].
    pub fn of_roots(forest: &Forest) -> Self {
        Self::new(forest.root_extent())
    }

    /// Returns whether spans lie outside of the whole axis.
    pub fn excludes_spans(&self, forest: &Forest) -> bool {
        let (all, own) = (forest.extent(), self.extent);
        all.start < own.start || all.end > own.end
    }

    /// Creates a scale of a whole range, for a turn that is longer than its spans, or for two forests side by side.
    pub fn new(extent: TimeRange) -> Self {
        Self::with_axis(extent, Axis::linear(extent))
    }

    fn with_axis(extent: TimeRange, axis: Axis) -> Self {
        Self { extent, from: 0, len: axis.len(), axis }
    }

    /// Zooms out and folds the idle ranges (see [`super::idle_ranges`]), if together they are more than half of the time:
    /// each range of at least 1/32 of the whole then takes 1/24 of the remaining time. Times keep their order, and every
    /// column still maps to a time.
    #[must_use]
    pub fn folded(&self, idle: &[TimeRange]) -> Self {
        Self::with_axis(self.extent, Axis::folded(self.extent, idle))
    }

    /// Zooms out and unfolds all idle ranges.
    #[must_use]
    pub fn unfolded(&self) -> Self {
        Self::new(self.extent)
    }

    /// Returns whether any idle range is folded.
    pub fn is_folded(&self) -> bool {
        self.axis.sections().iter().any(|section| section.is_folded())
    }

    /// Returns whether the view is smaller than the axis.
    pub fn is_zoomed(&self) -> bool {
        self.len < self.axis.len()
    }

    /// Returns the times at the track's left and right edges.
    pub fn view(&self) -> TimeRange {
        TimeRange::new(self.axis.time(self.from), self.axis.time(self.from + self.len))
    }

    /// Zooms in (`factor` above 1) or out around the time `at`, which keeps its column as far as the ends of the axis allow.
    /// Factors that are not positive numbers have no effect.
    #[must_use]
    pub fn zoomed(&self, factor: f64, at: i64) -> Self {
        if !(factor.is_finite() && factor > 0.0) {
            return self.clone();
        }
        // The cast saturates, and the clamp limits the result.
        let len =
            ((self.len as f64 / factor) as i128).clamp(MIN_VIEW_MICROS.min(self.axis.len()), self.axis.len());
        let anchor = self.axis.position(at);
        let left = (anchor - self.from).clamp(0, self.len);
        self.with_view(anchor - round_div(left.saturating_mul(len), self.len), len)
    }

    /// Moves right by `views` widths of the view (negative: left); stops at the ends.
    #[must_use]
    pub fn panned(&self, views: f64) -> Self {
        let by = if views.is_finite() { (self.len as f64 * views).round() as i128 } else { 0 };
        self.with_view(self.from.saturating_add(by), self.len)
    }

    /// Zooms out to the whole axis.
    #[must_use]
    pub fn reset(&self) -> Self {
        self.with_view(0, self.axis.len())
    }

    /// Shows a part of the axis, clamped to it.
    pub(super) fn with_view(&self, from: i128, len: i128) -> Self {
        let total = self.axis.len();
        let len = len.clamp(MIN_VIEW_MICROS.min(total), total);
        Self { from: from.clamp(0, total - len), len, ..self.clone() }
    }

    /// Returns the bar of a node in a track of `cols` columns.
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

    /// Returns the bar of a time range in a track of `cols` columns.
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
        let clamped =
            |position: i128| eighths_to_u32(self.eighths_at(position, cols).clamp(0, i128::from(width)));
        let (from_eighths, to_eighths) = (clamped(start), clamped(end));
        let kind = if from_eighths < to_eighths { BarKind::Solid } else { BarKind::Instant };
        Bar { from_eighths, to_eighths, kind }
    }

    /// Returns the column of a time; `None` outside of the view.
    pub fn col_of(&self, time: i64, cols: u16) -> Option<u16> {
        let eighths = self.eighths(time, cols);
        let last = i128::from(cols.checked_sub(1)?);
        // The right edge belongs to the last column.
        (0..=(last + 1) * 8).contains(&eighths).then(|| u16::try_from((eighths / 8).min(last)).unwrap_or(0))
    }

    pub(super) fn extent(&self) -> TimeRange {
        self.extent
    }

    pub(super) fn axis(&self) -> &Axis {
        &self.axis
    }

    /// Returns the length of the view on the axis.
    pub(super) fn view_len(&self) -> i128 {
        self.len
    }

    /// Returns the start and end of the view on the axis.
    pub(super) fn view_range(&self) -> (i128, i128) {
        (self.from, self.from + self.len)
    }

    fn eighths(&self, time: i64, cols: u16) -> i128 {
        self.eighths_at(self.axis.position(time), cols)
    }

    /// Returns eighths from the left edge of the track, possibly outside of it. Positions are below 2⁶⁵ and a track is
    /// below 2²⁰ eighths wide, so nothing overflows.
    fn eighths_at(&self, position: i128, cols: u16) -> i128 {
        round_div((position - self.from) * i128::from(track_width(cols)), self.len)
    }
}

/// Returns the width of a track in eighths.
fn track_width(cols: u16) -> u32 {
    u32::from(cols) * 8
}

/// Divides, rounding halves up.
fn round_div(value: i128, by: i128) -> i128 {
    let by = by.max(1);
    value.saturating_add(by / 2).div_euclid(by)
}

/// Converts a number already clamped to the track.
fn eighths_to_u32(eighths: i128) -> u32 {
    u32::try_from(eighths).unwrap_or(0)
}
