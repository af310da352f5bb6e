//! The analysis of the whole thread: its turns in buckets, statistics by operation type, messages with slow steps, and
//! messages with untraced time. A task computes it on first use. Drawn by `ui/analysis`.

mod page;

use std::sync::Arc;

use crate::action::Action;
use crate::app::detail::Tab;
use crate::app::panes::Panes;
use crate::app::pending_navigation::PendingNavigation;
use crate::app::{App, Effects, Overlay};
use crate::domain::MessageSummary;
use crate::effect::Effect;
use crate::event::ThreadAnalysis;
use crate::layout::{Direction, Pane};
use crate::view::thread::OpenThread;

pub use page::{
    AXIS_COLUMNS, AnalysisPage, AnalysisRow, Areas, areas, bucket_target, chart_buckets, row_at, row_count,
    selectable_row,
};

/// The version of a thread: its generation and the number of messages.
type ThreadVersion = (u64, usize);

/// A request that needs the analysis.
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
    /// The goal to reach once the result arrives.
    pending_goal: Option<AnalysisGoal>,
}

impl AnalysisState {
    /// Returns the analysis of a thread in its current version.
    pub(super) fn current(&self, thread: Option<&OpenThread>) -> Option<&Arc<ThreadAnalysis>> {
        let (version, result) = self.result.as_ref()?;
        thread.filter(|thread| *version == (thread.generation, thread.summaries.len())).map(|_| result)
    }

    /// Keeps a goal for the result, and requests it.
    fn request_for(&mut self, goal: AnalysisGoal, thread: Option<&OpenThread>) -> Option<Effect> {
        self.pending_goal = Some(goal);
        self.request(thread)
    }

    /// Returns the request for an analysis of a thread in its current version, unless it was made already.
    fn request(&mut self, thread: Option<&OpenThread>) -> Option<Effect> {
        let thread = thread?;
        let (service, summaries) = (thread.service?, thread.summaries.clone());
        let (generation, version) = (thread.generation, (thread.generation, summaries.len()));
        let is_new = self.requested_for.replace(version) != Some(version);
        is_new.then_some(Effect::Analyse { generation, summaries, service })
    }

    /// Stores the result of the current request; returns the pending goal. A result for another version is dropped.
    fn accept(&mut self, generation: u64, result: &Arc<ThreadAnalysis>) -> Option<AnalysisGoal> {
        let done = (generation, result.message_count);
        let version = self.requested_for.take_if(|requested| *requested == done)?;
        self.result = Some((version, Arc::clone(result)));
        self.pending_goal.take()
    }
}

impl App {
    /// Returns the analysis of the thread in its current version.
    pub fn current_analysis(&self) -> Option<&Arc<ThreadAnalysis>> {
        self.analysis.current(self.loading.shown_thread())
    }

    /// Reaches a goal now, or requests the analysis first.
    pub(super) fn use_analysis(&mut self, goal: AnalysisGoal) -> Effects {
        if goal == AnalysisGoal::Page {
            self.open_analysis_page();
        }
        if let Some(analysis) = self.current_analysis().cloned() {
            self.reach_analysis_goal(&analysis, goal);
            return Vec::new();
        }
        self.analysis.request_for(goal, self.loading.shown_thread()).into_iter().collect()
    }

    /// Requests the analysis again for the open page, once all messages that arrived since are loaded.
    pub(in crate::app) fn refresh_analysis_page(&mut self) -> Option<Effect> {
        let is_open = matches!(self.overlay, Some(Overlay::Analysis(_)));
        let is_due = is_open && !self.loading.is_active() && self.current_analysis().is_none();
        is_due.then(|| self.analysis.request(self.loading.shown_thread())).flatten()
    }

    /// Stores the result of a task and reaches the pending goal.
    pub(super) fn on_analysis_ready(&mut self, generation: u64, analysis: Arc<ThreadAnalysis>) {
        if let Some(goal) = self.analysis.accept(generation, &analysis) {
            self.reach_analysis_goal(&analysis, goal);
        }
    }

    fn reach_analysis_goal(&mut self, analysis: &ThreadAnalysis, goal: AnalysisGoal) {
        match goal {
            // The page is already open, or the user has closed it.
            AnalysisGoal::Page => {}
            AnalysisGoal::SlowestExample => self.go_to_example(analysis, 0),
            AnalysisGoal::SlowStep(direction, count) => {
                self.panes().jump_to_slow_step(analysis, direction, count);
            }
            AnalysisGoal::Gap(direction, count) => self.panes().jump_to_gap(analysis, direction, count),
        }
    }

    fn open_analysis_page(&mut self) {
        let position = self.shown().thread_index_at(self.list.selected).unwrap_or(0);
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        self.overlay = Some(Overlay::Analysis(AnalysisPage { position, ..AnalysisPage::default() }));
    }

    /// Handles a key in the analysis page: the keys that opened it close it, Enter goes to the selected step or turn, and
    /// others move on the chart.
    pub(super) fn perform_in_analysis(&mut self, mut page: AnalysisPage, action: Action) {
        if matches!(action, Action::Back | Action::Quit | Action::ShowAnalysis) {
            return;
        }
        self.overlay = Some(Overlay::Analysis(page));
        let Some(analysis) = self.current_analysis().cloned() else {
            if action == Action::Enter {
                // The key was typed before the result arrived.
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
            self.leave_analysis_for(target.map(|position| (position as usize, None)));
        } else if action == Action::Enter {
            self.go_to_example(&analysis, page.selected);
        }
    }

    /// Closes the page and shows the step of a row.
    fn go_to_example(&mut self, analysis: &ThreadAnalysis, row: usize) {
        let example = row_at(analysis, row).and_then(AnalysisRow::example);
        let thread = self.loading.shown_thread();
        let target = example.zip(thread).and_then(|(example, thread)| {
            let is_turn = |summary: &MessageSummary| summary.index == example.turn;
            Some((thread.summaries.iter().position(is_turn)?, example.span))
        });
        self.leave_analysis_for(target);
    }

    /// Closes the page and shows the message at a position of the thread, and a span of it.
    fn leave_analysis_for(&mut self, target: Option<(usize, Option<u32>)>) {
        if let Some((position, span)) = target {
            self.overlay = None;
            self.panes().show_step(position, span);
        }
    }
}

impl Panes<'_> {
    /// Shows the message at this position of the thread, and a span of it.
    fn show_step(&mut self, position: usize, span: Option<u32>) {
        if !self.select_thread_index(position) {
            return self.notify("The filter hides this message");
        }
        self.screen.focus = Pane::Detail;
        if let Some(span) = span {
            self.detail.tab = Tab::Spans;
            self.detail.pending_navigation = Some(PendingNavigation::Span(span));
        }
    }

    fn jump_to_slow_step(&mut self, analysis: &ThreadAnalysis, direction: Direction, count: Option<usize>) {
        let example = |turn: u32| {
            let index = analysis.slow_examples.binary_search_by_key(&turn, |slow| slow.turn).ok()?;
            analysis.slow_examples.get(index)
        };
        let is_found = self.jump(direction, count, "slow steps", |summary| example(summary.index).is_some());
        let turn = self.shown().selected_summary().map(|summary| summary.index).filter(|_| is_found);
        if let Some(span) = turn.and_then(example).and_then(|slow| slow.span) {
            self.show_in_spans(PendingNavigation::Span(span));
        }
    }

    fn jump_to_gap(&mut self, analysis: &ThreadAnalysis, direction: Direction, count: Option<usize>) {
        let has_gap = |turn: u32| analysis.gaps.binary_search(&turn).is_ok();
        if self.jump(direction, count, "untraced time", |summary| has_gap(summary.index)) {
            self.show_in_spans(PendingNavigation::Gap);
        }
    }
}
