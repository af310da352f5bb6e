//! The analysis of the whole thread: statistics by operation type, messages with slow steps, and messages with untraced
//! time. A task computes it on first use. Drawn by `ui/analysis`.

use std::sync::Arc;

use crate::action::Action;
use crate::app::detail::Tab;
use crate::app::navigation::PendingNavigation;
use crate::app::{App, Effects, Overlay};
use crate::effect::Effect;
use crate::event::ThreadAnalysis;
use crate::layout::{Direction, Pane, Rect};
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

    /// Sets the goal to reach with the analysis of this version. Returns whether to request it.
    fn request(&mut self, version: ThreadVersion, goal: AnalysisGoal) -> bool {
        self.pending_goal = Some(goal);
        self.requested_for.replace(version) != Some(version)
    }

    /// Stores the result of the current request; returns the pending goal. A result for another version is dropped.
    fn accept(&mut self, generation: u64, result: &Arc<ThreadAnalysis>) -> Option<AnalysisGoal> {
        let version = self.requested_for.take_if(|(requested, _)| *requested == generation)?;
        self.result = Some((version, Arc::clone(result)));
        self.pending_goal.take()
    }
}

/// The maximum number of columns inside the page.
pub const MAX_WIDTH: u16 = 150;

/// Rows of the timeline chart, with the blank row above it.
const CHART_ROWS: u16 = 10;

/// The parts of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// One line with the column titles.
    pub heading: Rect,
    pub rows: Rect,
    /// The timeline of the turns; empty in a low page.
    pub chart: Rect,
}

/// Splits the inside of the page for a table with `rows` rows.
pub fn areas(inside: Rect, rows: usize) -> Areas {
    let chart = if inside.height > 16 { CHART_ROWS } else { 0 };
    let heading = Rect { height: inside.height.min(1), ..inside };
    let rows = u16::try_from(rows.max(1)).unwrap_or(u16::MAX);
    let height = rows.min(inside.height.saturating_sub(chart + heading.height));
    let rows = Rect { y: heading.bottom(), height, ..inside };
    let chart = Rect { y: rows.bottom() + u16::from(chart > 0), height: chart.saturating_sub(1), ..inside };
    Areas { heading, rows, chart }
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
        let Some(thread) = self.loading.shown_thread() else { return Vec::new() };
        let Some(service) = thread.service else { return Vec::new() };
        let summaries = thread.summaries.clone();
        let (generation, len) = (thread.generation, summaries.len());
        if goal == AnalysisGoal::Page {
            self.overlay = Some(Overlay::Analysis { selected: 0, offset: 0 });
        }
        if self.analysis.request((generation, len), goal) {
            vec![Effect::Analyse { generation, summaries, service }]
        } else {
            Vec::new()
        }
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
            AnalysisGoal::Page => self.overlay = Some(Overlay::Analysis { selected: 0, offset: 0 }),
            AnalysisGoal::SlowestExample => {
                self.overlay = None;
                self.go_to_slowest_example(0);
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
                if let Some(slow) = turn.and_then(example) {
                    self.panes().show_in_spans(PendingNavigation::Span(slow.span));
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

    /// Keys in the analysis page: Enter goes to the slowest example of a row, the keys that opened it close it.
    pub(super) fn perform_in_analysis(&mut self, (selected, offset): (usize, usize), action: Action) {
        if action == Action::Enter && self.current_analysis().is_some() {
            return self.go_to_slowest_example(selected);
        }
        if action == Action::Enter {
            // Typed ahead of the result.
            self.analysis.pending_goal = Some(AnalysisGoal::SlowestExample);
        } else if matches!(action, Action::Back | Action::Quit | Action::ShowAnalysis) {
            return;
        }
        self.overlay = Some(Overlay::Analysis { selected, offset });
    }

    fn go_to_slowest_example(&mut self, row: usize) {
        let Some(analysis) = self.current_analysis().cloned() else { return };
        let Some(slowest) = analysis.operations.get(row).and_then(|row| row.slowest) else { return };
        let index = self
            .loading
            .shown_thread()
            .and_then(|thread| thread.summaries.iter().position(|summary| summary.index == slowest.turn));
        let Some(index) = index else { return };
        if !self.panes().select_thread_index(index) {
            self.notify("The filter hides this message");
            return;
        }
        self.detail.tab = Tab::Spans;
        self.screen.focus = Pane::Detail;
        self.detail.pending_navigation = Some(PendingNavigation::Span(slowest.span));
    }
}
