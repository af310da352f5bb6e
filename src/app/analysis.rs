//! The analysis of the whole thread: its turns in buckets, statistics by operation type, messages with slow steps, and
//! messages with untraced time. A task computes it on first use. Drawn by `ui/analysis`.

use std::sync::Arc;

use crate::action::Action;
use crate::app::detail::Tab;
use crate::app::navigation::PendingNavigation;
use crate::app::{App, Effects, Overlay};
use crate::effect::Effect;
use crate::event::{SlowStep, ThreadAnalysis};
use crate::layout::{Direction, Pane, Rect};
use crate::trace::{Bucket, OperationStats, SlowExample};
use crate::view::thread::OpenThread;

/// The version of a thread: its generation and the number of messages.
type ThreadVersion = (u64, usize);

/// A use of the analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnalysisGoal {
    /// Show the analysis page.
    Page,
    /// Go to the slowest example of the first row of the page.
    SlowestExample,
    /// Jump to a message with a slow step.
    SlowStep(Direction, Option<usize>),
    /// Jump to a message with untraced time.
    Gap(Direction, Option<usize>),
}

/// The analysis, and the request for one.
#[derive(Clone, Debug, Default)]
pub struct AnalysisState {
    result: Option<(ThreadVersion, Arc<ThreadAnalysis>)>,
    requested_for: Option<ThreadVersion>,
    /// The goal to reach once the result is there.
    pending_goal: Option<AnalysisGoal>,
}

impl AnalysisState {
    /// The analysis of a thread in its current version.
    pub(super) fn current(&self, thread: Option<&OpenThread>) -> Option<&Arc<ThreadAnalysis>> {
        let (version, result) = self.result.as_ref()?;
        thread.filter(|thread| *version == (thread.generation, thread.summaries.len())).map(|_| result)
    }

    /// Stores the result of the current request; returns the pending goal. A result for another version is dropped.
    fn accept(&mut self, generation: u64, result: &Arc<ThreadAnalysis>) -> Option<AnalysisGoal> {
        let done = (generation, result.message_count);
        let version = self.requested_for.take_if(|requested| *requested == done)?;
        self.result = Some((version, Arc::clone(result)));
        self.pending_goal.take()
    }
}

/// The page: a chart of the turns with a cursor on its buckets, and rows below.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnalysisPage {
    /// The selected row.
    pub selected: usize,
    /// The first row in view.
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
    /// The number of operations that are left out.
    Hidden(usize),
}

impl AnalysisRow<'_> {
    /// The step that Enter leads to.
    fn example(self) -> Option<SlowExample> {
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

    /// The row above it; the heading of the columns stands above the first section.
    fn heading(self) -> Option<&'static str> {
        match self {
            Self::Operations => None,
            Self::Waits => Some("time between messages"),
            Self::Slowest => Some("slowest steps"),
            Self::Models => Some("models"),
        }
    }

    /// The number of rows below the heading.
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

/// The sections that have rows.
fn sections(analysis: &ThreadAnalysis) -> impl Iterator<Item = Section> {
    Section::ALL.into_iter().filter(|section| section.len(analysis) > 0)
}

/// The number of rows below the chart.
pub fn row_count(analysis: &ThreadAnalysis) -> usize {
    sections(analysis).map(|section| section.len(analysis) + usize::from(section.heading().is_some())).sum()
}

/// The row at this index.
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

/// The nearest row to `row` that can be selected, first in the direction of the motion.
pub fn selectable_row(analysis: &ThreadAnalysis, row: usize, is_upward: bool) -> usize {
    let is_heading = |row| matches!(row_at(analysis, row), Some(AnalysisRow::Heading(_)));
    match row.checked_sub(1) {
        _ if !is_heading(row) => row,
        Some(above) if is_upward => above,
        _ => row + 1,
    }
}

/// Columns of the numbers beside the chart.
pub const AXIS_COLUMNS: u16 = 11;

/// The parts of the page, from top to bottom; a low page has only some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// One line with the title of the chart.
    pub title: Rect,
    /// The bars of the durations, without the axis beside them.
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
    /// One line with the titles of the columns.
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

/// The most columns of one bar.
const MAX_BAR_COLUMNS: u16 = 6;

/// The buckets of the chart and the columns of each.
pub fn chart_buckets<'a>(analysis: &'a ThreadAnalysis, areas: &Areas) -> (&'a [Bucket], u16) {
    let buckets = analysis.timeline.buckets(usize::from(areas.bars.width));
    let count = u16::try_from(buckets.len()).unwrap_or(u16::MAX).max(1);
    (buckets, (areas.bars.width / count).clamp(1, MAX_BAR_COLUMNS))
}

impl AnalysisPage {
    /// The index of the selected bucket.
    pub fn selected_bucket(&self, buckets: &[Bucket]) -> usize {
        let index = buckets.partition_point(|bucket| bucket.end <= self.position);
        index.min(buckets.len().saturating_sub(1))
    }

    /// Selects the bucket with this index.
    pub fn select_bucket(&mut self, buckets: &[Bucket], index: usize) {
        let Some(bucket) = buckets.get(index.min(buckets.len().saturating_sub(1))) else { return };
        (self.position, self.is_on_chart) = (bucket.first, true);
    }

    /// Moves the cursor of the chart. Returns whether the action does that.
    fn move_on_chart(&mut self, action: Action, buckets: &[Bucket]) -> bool {
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

/// The message that Enter leads to from a bucket: the first with a problem, else that of the slowest turn.
pub fn bucket_target(bucket: &Bucket) -> u32 {
    bucket.failed_at.unwrap_or(bucket.slowest)
}

impl App {
    /// The analysis of the thread in its current version.
    pub fn current_analysis(&self) -> Option<&Arc<ThreadAnalysis>> {
        self.analysis.current(self.loading.shown_thread())
    }

    /// Reaches a goal now, or requests the analysis first.
    pub(super) fn use_analysis(&mut self, goal: AnalysisGoal) -> Effects {
        if let Some(analysis) = self.current_analysis().cloned() {
            self.reach_analysis_goal(&analysis, goal);
            return Vec::new();
        }
        if goal == AnalysisGoal::Page {
            self.open_analysis_page();
        }
        self.analysis.pending_goal = Some(goal);
        self.request_analysis().into_iter().collect()
    }

    /// The request for an analysis of the thread in its current version, unless it was made already.
    fn request_analysis(&mut self) -> Option<Effect> {
        let thread = self.loading.shown_thread()?;
        let (service, summaries) = (thread.service?, thread.summaries.clone());
        let (generation, version) = (thread.generation, (thread.generation, summaries.len()));
        let is_new = self.analysis.requested_for.replace(version) != Some(version);
        is_new.then_some(Effect::Analyse { generation, summaries, service })
    }

    /// Requests the analysis again for the open page, once the messages that arrived since are all there.
    pub(in crate::app) fn refresh_analysis_page(&mut self) -> Option<Effect> {
        let is_open = matches!(self.overlay, Some(Overlay::Analysis(_)));
        let is_due = is_open && !self.loading.is_active() && self.current_analysis().is_none();
        is_due.then(|| self.request_analysis()).flatten()
    }

    /// Stores the result of a task and reaches the pending goal.
    pub(super) fn on_analysis_ready(&mut self, generation: u64, analysis: Arc<ThreadAnalysis>) {
        match self.analysis.accept(generation, &analysis) {
            // The page is open already, or the user has closed it since.
            None | Some(AnalysisGoal::Page) => {}
            Some(goal) => self.reach_analysis_goal(&analysis, goal),
        }
    }

    fn reach_analysis_goal(&mut self, analysis: &ThreadAnalysis, goal: AnalysisGoal) {
        match goal {
            AnalysisGoal::Page => self.open_analysis_page(),
            AnalysisGoal::SlowestExample => {
                self.go_to_example(analysis, 0);
            }
            AnalysisGoal::SlowStep(direction, count) => {
                let example = |turn: u32| {
                    let index = analysis.slow_examples.binary_search_by_key(&turn, |slow| slow.turn).ok()?;
                    analysis.slow_examples.get(index)
                };
                let found = self
                    .panes()
                    .jump(direction, count, "slow steps", |summary| example(summary.index).is_some());
                let turn = self.shown().selected_summary().map(|summary| summary.index).filter(|_| found);
                if let Some(span) = turn.and_then(example).and_then(|slow| slow.span) {
                    self.panes().show_in_spans(PendingNavigation::Span(span));
                }
            }
            AnalysisGoal::Gap(direction, count) => {
                let has_gap = |turn: u32| analysis.gaps.binary_search(&turn).is_ok();
                if self.panes().jump(direction, count, "untraced time", |summary| has_gap(summary.index)) {
                    self.panes().show_in_spans(PendingNavigation::Gap);
                }
            }
        }
    }

    fn open_analysis_page(&mut self) {
        let position = self.shown().thread_index_at(self.list.selected).unwrap_or(0);
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        self.overlay = Some(Overlay::Analysis(AnalysisPage { position, ..AnalysisPage::default() }));
    }

    /// Keys in the analysis page: the keys that opened it close it, Enter leads to the selected step or turn, and others
    /// move on the chart.
    pub(super) fn perform_in_analysis(&mut self, mut page: AnalysisPage, action: Action) {
        if matches!(action, Action::Back | Action::Quit | Action::ShowAnalysis) {
            return;
        }
        self.overlay = Some(Overlay::Analysis(page));
        let Some(analysis) = self.current_analysis().cloned() else {
            if action == Action::Enter {
                // Typed ahead of the result.
                self.analysis.pending_goal = Some(AnalysisGoal::SlowestExample);
            }
            return;
        };
        let areas = areas(self.overlay_area().map(|area| area.inner).unwrap_or_default());
        let (buckets, _) = chart_buckets(&analysis, &areas);
        if page.move_on_chart(action, buckets) {
            self.overlay = Some(Overlay::Analysis(page));
        } else if action == Action::Enter && page.is_on_chart {
            let target = buckets.get(page.selected_bucket(buckets)).map(bucket_target);
            self.go_to_turn(target.map(|position| position as usize));
        } else if action == Action::Enter {
            self.go_to_example(&analysis, page.selected);
        }
    }

    /// Closes the page and shows the step of a row.
    fn go_to_example(&mut self, analysis: &ThreadAnalysis, row: usize) {
        let Some(example) = row_at(analysis, row).and_then(AnalysisRow::example) else { return };
        let thread = self.loading.shown_thread();
        let position = thread
            .and_then(|thread| thread.summaries.iter().position(|summary| summary.index == example.turn));
        if self.go_to_turn(position)
            && let Some(span) = example.span
        {
            self.detail.tab = Tab::Spans;
            self.detail.pending_navigation = Some(PendingNavigation::Span(span));
        }
    }

    /// Closes the page and shows the message at this position of the thread. Returns whether it is shown.
    fn go_to_turn(&mut self, position: Option<usize>) -> bool {
        let Some(position) = position else { return false };
        self.overlay = None;
        let is_shown = self.panes().select_thread_index(position);
        if is_shown {
            self.screen.focus = Pane::Detail;
        } else {
            self.notify("The filter hides this message");
        }
        is_shown
    }
}
