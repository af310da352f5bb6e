//! What the whole thread tells: its profile by operation type, the messages with steps that are slow for their kind, and
//! those with untraced time. Worked out by a task when first asked for; drawn by `ui/profile`.

use std::sync::Arc;

use crate::action::Action;
use crate::app::jumps::PendingSelection;
use crate::app::{App, Effects, Overlay, scroll};
use crate::domain::MessageFlags;
use crate::effect::Effect;
use crate::event::ThreadAnalysis;
use crate::layout::{Direction, Pane, Rect};

/// What is known, for which copy of the thread.
#[derive(Clone, Debug, Default)]
pub struct AnalysisState {
    /// The copy and how many of its messages were looked at.
    result_for: Option<(u64, usize)>,
    pub result: Option<Arc<ThreadAnalysis>>,
    requested_for: Option<(u64, usize)>,
    /// What to do once it is known.
    pending_action: Option<(Action, Option<usize>)>,
}

/// Columns of the page at most.
pub const MAX_WIDTH: u16 = 150;

/// Rows that the chart of turns takes, the blank one above it included.
const CHART_ROWS: u16 = 10;

/// The parts of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// One line: what the columns are.
    pub heading: Rect,
    pub rows: Rect,
    /// The turns over time; empty in a low page.
    pub chart: Rect,
}

/// Splits the inside of the page; `rows` is how many the table has.
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
    /// What is known of the thread as it is now.
    pub fn current_analysis(&self) -> Option<&Arc<ThreadAnalysis>> {
        let thread = self.shown_thread()?;
        let current = self.analysis.result_for == Some((thread.generation, thread.summaries.len()));
        self.analysis.result.as_ref().filter(|_| current)
    }

    /// Actions that need the whole thread: asks for it first if need be.
    pub(super) fn perform_analysis(&mut self, action: Action, count: Option<usize>) -> Effects {
        if matches!(action, Action::NextEmpty | Action::PreviousEmpty) {
            let direction = jump_direction(action);
            self.jump(direction, count, "empty answer", |head| {
                head.flags.contains(MessageFlags::EMPTY_ANSWER)
            });
            return Vec::new();
        }
        if let Some(insight) = self.current_analysis().cloned() {
            self.perform_with_analysis(&insight, action, count);
            return Vec::new();
        }
        let Some(thread) = self.shown_thread() else { return Vec::new() };
        let Some(service) = thread.service else { return Vec::new() };
        let of = (thread.generation, thread.summaries.len());
        let heads = thread.summaries.clone();
        self.analysis.pending_action = Some((action, count));
        if action == Action::ShowAnalysis {
            self.overlay = Some(Overlay::Analysis { selected: 0, offset: 0 });
        }
        if self.analysis.requested_for == Some(of) {
            return Vec::new();
        }
        self.analysis.requested_for = Some(of);
        vec![Effect::Analyse { generation: of.0, summaries: heads, service }]
    }

    /// Takes in what a task worked out; that of another copy is dropped.
    pub(super) fn on_analysis_ready(&mut self, generation: u64, insight: Arc<ThreadAnalysis>) {
        if self.analysis.requested_for.is_none_or(|(asked, _)| asked != generation) {
            return;
        }
        self.analysis.result_for = self.analysis.requested_for.take();
        self.analysis.result = Some(Arc::clone(&insight));
        if let Some((action, count)) = self.analysis.pending_action.take()
            && action != Action::ShowAnalysis
        {
            if action == Action::Enter {
                self.overlay = None;
                return self.go_to_slowest_example(0);
            }
            self.perform_with_analysis(&insight, action, count);
        }
    }

    fn perform_with_analysis(&mut self, insight: &ThreadAnalysis, action: Action, count: Option<usize>) {
        match action {
            Action::NextSlow | Action::PreviousSlow => {
                let step = |turn: u32| insight.slow_examples.binary_search_by_key(&turn, |slow| slow.turn);
                let found =
                    self.jump(jump_direction(action), count, "slow step", |head| step(head.index).is_ok());
                let turn = self.selected_summary().map(|head| head.index).filter(|_| found);
                let slow = turn.and_then(|turn| insight.slow_examples.get(step(turn).ok()?));
                if let Some(slow) = slow {
                    self.select_span_when_ready(PendingSelection::Span(slow.span));
                }
            }
            Action::NextGap | Action::PreviousGap => {
                let has_gap = |turn: u32| insight.gaps.binary_search(&turn).is_ok();
                if self.jump(jump_direction(action), count, "untraced time", |head| has_gap(head.index)) {
                    self.select_span_when_ready(PendingSelection::Gap);
                }
            }
            _ => self.overlay = Some(Overlay::Analysis { selected: 0, offset: 0 }),
        }
    }

    /// Keys in the profile: motions, and Enter to the slowest example of a row.
    pub(super) fn perform_in_analysis(
        &mut self,
        selected: usize,
        offset: usize,
        action: Action,
        count: Option<usize>,
    ) {
        let len = self.current_analysis().map_or(0, |insight| insight.operations.len());
        let inside = self.page_area(MAX_WIDTH, u16::MAX).map(|page| page.inner).unwrap_or_default();
        let page = usize::from(areas(inside, len).rows.height).max(1);
        if action == Action::Enter {
            if self.current_analysis().is_none() {
                // Typed ahead: it is carried out as soon as the profile is there.
                self.analysis.pending_action = Some((Action::Enter, None));
                self.overlay = Some(Overlay::Analysis { selected, offset });
                return;
            }
            return self.go_to_slowest_example(selected);
        }
        if matches!(action, Action::Back | Action::Quit | Action::ShowAnalysis) {
            return;
        }
        let selected = scroll::motion_target(action, count, selected, len, page).unwrap_or(selected);
        let offset = scroll::into_view(selected, offset, page, len);
        self.overlay = Some(Overlay::Analysis { selected, offset });
    }

    fn go_to_slowest_example(&mut self, selected: usize) {
        let Some(insight) = self.current_analysis().cloned() else { return };
        let Some(slowest) = insight.operations.get(selected).and_then(|row| row.slowest) else { return };
        let place = self
            .shown_thread()
            .and_then(|thread| thread.summaries.iter().position(|head| head.index == slowest.turn));
        let Some(place) = place else { return };
        if !self.select_thread_index(place) {
            self.notify("the filter hides this message");
            return;
        }
        self.detail.tab = crate::app::detail::Tab::Spans;
        self.focus = Pane::Detail;
        self.detail.pending_selection = Some(PendingSelection::Span(slowest.span));
    }
}

fn jump_direction(action: Action) -> Direction {
    match action {
        Action::PreviousSlow | Action::PreviousGap | Action::PreviousEmpty => Direction::Backward,
        _ => Direction::Forward,
    }
}
