//! The page of the analysis: its areas, its rows, and the cursor on its chart.

use crate::action::Action;
use crate::event::{SlowStep, ThreadAnalysis};
use crate::layout::{Direction, Rect};
use crate::trace::{Bucket, OperationStats, SlowExample};

/// The page: a chart of the turns with a cursor on its buckets, and rows below.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnalysisPage {
    /// The selected row.
    pub selected: usize,
    /// The first visible row.
    pub offset: usize,
    /// The position in the thread of a message of the selected bucket.
    pub position: u32,
    /// Whether Enter acts on the bucket instead of the row.
    pub is_on_chart: bool,
}

/// A row below the chart.
#[derive(Clone, Copy, Debug)]
pub enum AnalysisRow<'a> {
    Heading(&'static str),
    /// An operation type, a tool, a model or a wait.
    Stats(&'a OperationStats),
    Slowest(&'a SlowStep),
    /// The number of omitted operations.
    Hidden(usize),
}

impl AnalysisRow<'_> {
    /// Returns the step that Enter goes to.
    pub(super) fn example(self) -> Option<SlowExample> {
        match self {
            Self::Heading(_) | Self::Hidden(_) => None,
            Self::Stats(stats) => stats.slowest,
            Self::Slowest(step) => Some(step.example),
        }
    }
}

/// A section of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Operations,
    Waits,
    Slowest,
    Models,
}

impl Section {
    const ALL: [Self; 4] = [Self::Operations, Self::Waits, Self::Slowest, Self::Models];

    /// Returns the heading above the section. The first section has the headings of the columns instead.
    fn heading(self) -> Option<&'static str> {
        match self {
            Self::Operations => None,
            Self::Waits => Some("time between messages"),
            Self::Slowest => Some("slowest steps"),
            Self::Models => Some("models"),
        }
    }

    /// Returns the number of rows below the heading.
    fn len(self, analysis: &ThreadAnalysis) -> usize {
        match self {
            Self::Operations => analysis.operations.len() + usize::from(analysis.hidden_operations > 0),
            Self::Waits => analysis.waits.len(),
            Self::Slowest => analysis.slowest.len(),
            Self::Models => analysis.models.len(),
        }
    }

    fn row(self, analysis: &ThreadAnalysis, index: usize) -> Option<AnalysisRow<'_>> {
        let hidden = AnalysisRow::Hidden(analysis.hidden_operations);
        match self {
            Self::Operations => Some(analysis.operations.get(index).map_or(hidden, AnalysisRow::Stats)),
            Self::Waits => analysis.waits.get(index).map(AnalysisRow::Stats),
            Self::Slowest => analysis.slowest.get(index).map(AnalysisRow::Slowest),
            Self::Models => analysis.models.get(index).map(AnalysisRow::Stats),
        }
    }
}

/// Returns the sections that have rows.
fn sections(analysis: &ThreadAnalysis) -> impl Iterator<Item = Section> {
    Section::ALL.into_iter().filter(|section| section.len(analysis) > 0)
}

/// Returns the number of rows below the chart.
pub fn row_count(analysis: &ThreadAnalysis) -> usize {
    sections(analysis).map(|section| section.len(analysis) + usize::from(section.heading().is_some())).sum()
}

/// Returns the row at this index.
pub fn row_at(analysis: &ThreadAnalysis, index: usize) -> Option<AnalysisRow<'_>> {
    let mut index = index;
    for section in sections(analysis) {
        if let Some(heading) = section.heading() {
            match index.checked_sub(1) {
                None => return Some(AnalysisRow::Heading(heading)),
                Some(below) => index = below,
            }
        }
        if index < section.len(analysis) {
            return section.row(analysis, index);
        }
        index -= section.len(analysis);
    }
    None
}

/// Returns the nearest row to `row` that can be selected, first in the direction of the motion.
pub fn selectable_row(analysis: &ThreadAnalysis, row: usize, is_upward: bool) -> usize {
    let is_heading = |row| matches!(row_at(analysis, row), Some(AnalysisRow::Heading(_)));
    match row.checked_sub(1) {
        _ if !is_heading(row) => row,
        Some(above) if is_upward => above,
        _ => row + 1,
    }
}

/// Columns of the numbers next to the chart.
pub const AXIS_COLUMNS: u16 = 11;

/// The parts of the page, from top to bottom; a low page has only some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// The line with the title of the chart.
    pub title: Rect,
    /// The bars of the durations, without the axis next to them.
    pub bars: Rect,
    /// The shares of the kinds of steps.
    pub shares: Rect,
    /// The share of failed turns, and the feedback.
    pub failures: Rect,
    pub feedback: Rect,
    /// The numbers of the turns.
    pub axis: Rect,
    /// The selected bucket.
    pub bucket: Rect,
    /// The line with the headings of the columns.
    pub heading: Rect,
    pub rows: Rect,
}

/// Splits the inside of the page.
pub fn areas(inside: Rect) -> Areas {
    let [title, bars, shares, failures, feedback, axis, bucket, gap] = match inside.height {
        0..6 => [0; 8],
        6..14 => [0, 1, 0, 0, 0, 0, 1, 0],
        14..22 => [1, 3, 0, 1, 0, 1, 1, 0],
        22..34 => [1, 5, 2, 1, 1, 1, 1, 1],
        34.. => [1, 8, 4, 1, 1, 1, 2, 1],
    };
    let axis_columns = if title > 0 { AXIS_COLUMNS.min(inside.width) } else { 0 };
    let mut y = inside.y;
    let mut next = |height: u16, left: u16| {
        let area = Rect { x: inside.x + left, y, width: inside.width - left, height };
        y += height;
        area
    };
    let (title, bars, shares) = (next(title, 0), next(bars, axis_columns), next(shares, axis_columns));
    let (failures, feedback) = (next(failures, axis_columns), next(feedback, axis_columns));
    let (axis, bucket) = (next(axis, axis_columns), next(bucket, 0));
    let _ = next(gap, 0);
    let heading = next(inside.height.min(1), 0);
    let rows =
        Rect { y: heading.bottom(), height: inside.bottom().saturating_sub(heading.bottom()), ..inside };
    Areas { title, bars, shares, failures, feedback, axis, bucket, heading, rows }
}

/// The maximum width of one bar.
const MAX_BAR_COLUMNS: u16 = 6;

/// Returns the buckets of the chart and the columns of each.
pub fn chart_buckets<'a>(analysis: &'a ThreadAnalysis, areas: &Areas) -> (&'a [Bucket], u16) {
    let buckets = analysis.timeline.buckets(usize::from(areas.bars.width));
    let count = u16::try_from(buckets.len()).unwrap_or(u16::MAX).max(1);
    (buckets, (areas.bars.width / count).clamp(1, MAX_BAR_COLUMNS))
}

impl AnalysisPage {
    /// Returns the index of the selected bucket.
    pub fn selected_bucket(&self, buckets: &[Bucket]) -> usize {
        let index = buckets.partition_point(|bucket| bucket.end <= self.position);
        index.min(buckets.len().saturating_sub(1))
    }

    /// Selects the bucket with this index.
    pub fn select_bucket(&mut self, buckets: &[Bucket], index: usize) {
        let Some(bucket) = buckets.get(index.min(buckets.len().saturating_sub(1))) else { return };
        (self.position, self.is_on_chart) = (bucket.first, true);
    }

    /// Moves the cursor of the chart. Returns whether the action is such a motion.
    pub(super) fn move_on_chart(&mut self, action: Action, buckets: &[Bucket]) -> bool {
        let from = self.selected_bucket(buckets);
        let find = |direction: Direction, is_match: fn(&Bucket) -> bool| match direction {
            Direction::Forward => buckets.iter().skip(from + 1).position(is_match).map(|at| from + 1 + at),
            Direction::Backward => buckets.iter().take(from).rposition(is_match),
        };
        let failed = |bucket: &Bucket| bucket.failed > 0;
        let disliked = |bucket: &Bucket| bucket.negative > 0;
        let moves = [
            (Action::FoldOrLeft, Some(from.saturating_sub(1))),
            (Action::UnfoldOrRight, Some(from + 1)),
            (Action::NextError, find(Direction::Forward, failed)),
            (Action::PreviousError, find(Direction::Backward, failed)),
            (Action::NextDisliked, find(Direction::Forward, disliked)),
            (Action::PreviousDisliked, find(Direction::Backward, disliked)),
        ];
        let Some((_, target)) = moves.into_iter().find(|(known, _)| *known == action) else { return false };
        if let Some(target) = target {
            self.select_bucket(buckets, target);
        }
        true
    }
}

/// Returns the message that Enter opens from a bucket: the first with a problem, else that of the slowest turn.
pub fn bucket_target(bucket: &Bucket) -> u32 {
    bucket.failed_at.unwrap_or(bucket.slowest)
}
