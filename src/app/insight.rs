//! What the whole thread tells: its profile by operation type, the messages with steps that are slow for their kind, and
//! those with untraced time. Worked out by a task when first asked for; drawn by `ui/profile`.

use std::sync::Arc;

use crate::action::Action;
use crate::app::jumps::Wanted;
use crate::app::messages::Direction;
use crate::app::{App, Effects, Overlay, scroll};
use crate::domain::Marks;
use crate::effect::Effect;
use crate::event::Insight;
use crate::layout::{Pane, Rect};

/// What is known, for which copy of the thread.
#[derive(Clone, Debug, Default)]
pub struct Insights {
    /// The copy and how many of its messages were looked at.
    of: Option<(u64, usize)>,
    pub insight: Option<Arc<Insight>>,
    asked: Option<(u64, usize)>,
    /// What to do once it is known.
    then: Option<(Action, Option<usize>)>,
}

/// Columns of the page at most.
pub const WIDTH: u16 = 150;

/// Rows that the chart of turns takes, the blank one above it included.
const CHART: u16 = 10;

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
    let chart = if inside.height > 16 { CHART } else { 0 };
    let heading = Rect { height: inside.height.min(1), ..inside };
    let rows = u16::try_from(rows.max(1)).unwrap_or(u16::MAX);
    let height = rows.min(inside.height.saturating_sub(chart + heading.height));
    let rows = Rect { y: heading.bottom(), height, ..inside };
    let chart = Rect { y: rows.bottom() + u16::from(chart > 0), height: chart.saturating_sub(1), ..inside };
    Areas { heading, rows, chart }
}

impl App {
    /// What is known of the thread as it is now.
    pub fn insight(&self) -> Option<&Arc<Insight>> {
        let thread = self.shown_thread()?;
        let current = self.insights.of == Some((thread.generation, thread.heads.len()));
        self.insights.insight.as_ref().filter(|_| current)
    }

    /// Actions that need the whole thread: asks for it first if need be.
    pub(super) fn perform_insight(&mut self, action: Action, count: Option<usize>) -> Effects {
        if matches!(action, Action::NextEmpty | Action::PreviousEmpty) {
            let direction = direction(action);
            self.jump(direction, count, "empty answer", |head| head.marks.has(Marks::EMPTY_ANSWER));
            return Vec::new();
        }
        if let Some(insight) = self.insight().cloned() {
            self.act_on(&insight, action, count);
            return Vec::new();
        }
        let Some(thread) = self.shown_thread() else { return Vec::new() };
        let Some(service) = thread.service else { return Vec::new() };
        let of = (thread.generation, thread.heads.len());
        let heads = thread.heads.clone();
        self.insights.then = Some((action, count));
        if action == Action::Profile {
            self.overlay = Some(Overlay::Profile { selected: 0, offset: 0 });
        }
        if self.insights.asked == Some(of) {
            return Vec::new();
        }
        self.insights.asked = Some(of);
        vec![Effect::Analyse { generation: of.0, heads, service }]
    }

    /// Takes in what a task worked out; that of another copy is dropped.
    pub(super) fn take_insight(&mut self, generation: u64, insight: Arc<Insight>) {
        if self.insights.asked.is_none_or(|(asked, _)| asked != generation) {
            return;
        }
        self.insights.of = self.insights.asked.take();
        self.insights.insight = Some(Arc::clone(&insight));
        if let Some((action, count)) = self.insights.then.take()
            && action != Action::Profile
        {
            if action == Action::Enter {
                self.overlay = None;
                return self.go_to_slowest(0);
            }
            self.act_on(&insight, action, count);
        }
    }

    fn act_on(&mut self, insight: &Insight, action: Action, count: Option<usize>) {
        match action {
            Action::NextSlow | Action::PreviousSlow => {
                let step = |turn: u32| insight.slow.binary_search_by_key(&turn, |slow| slow.turn);
                let found = self.jump(direction(action), count, "slow step", |head| step(head.index).is_ok());
                let turn = self.selected_head().map(|head| head.index).filter(|_| found);
                let slow = turn.and_then(|turn| insight.slow.get(step(turn).ok()?));
                if let Some(slow) = slow {
                    self.want_span(Wanted::Span(slow.span));
                }
            }
            Action::NextGap | Action::PreviousGap => {
                let has_gap = |turn: u32| insight.gaps.binary_search(&turn).is_ok();
                if self.jump(direction(action), count, "untraced time", |head| has_gap(head.index)) {
                    self.want_span(Wanted::Gap);
                }
            }
            _ => self.overlay = Some(Overlay::Profile { selected: 0, offset: 0 }),
        }
    }

    /// Keys in the profile: motions, and Enter to the slowest example of a row.
    pub(super) fn perform_in_profile(
        &mut self,
        selected: usize,
        offset: usize,
        action: Action,
        count: Option<usize>,
    ) {
        let len = self.insight().map_or(0, |insight| insight.rows.len());
        let inside = self.page_area(WIDTH, u16::MAX).map(|page| page.inner).unwrap_or_default();
        let page = usize::from(areas(inside, len).rows.height).max(1);
        if action == Action::Enter {
            if self.insight().is_none() {
                // Typed ahead: it is carried out as soon as the profile is there.
                self.insights.then = Some((Action::Enter, None));
                self.overlay = Some(Overlay::Profile { selected, offset });
                return;
            }
            return self.go_to_slowest(selected);
        }
        if matches!(action, Action::Back | Action::Quit | Action::Profile) {
            return;
        }
        let selected = scroll::target(action, count, selected, len, page).unwrap_or(selected);
        let offset = scroll::into_view(selected, offset, page, len);
        self.overlay = Some(Overlay::Profile { selected, offset });
    }

    fn go_to_slowest(&mut self, selected: usize) {
        let Some(insight) = self.insight().cloned() else { return };
        let Some(slowest) = insight.rows.get(selected).and_then(|row| row.slowest) else { return };
        let place = self
            .shown_thread()
            .and_then(|thread| thread.heads.iter().position(|head| head.index == slowest.turn));
        let Some(place) = place else { return };
        if !self.select_place(place) {
            self.say("the filter hides this message");
            return;
        }
        self.detail.tab = crate::app::detail::Tab::Spans;
        self.focus = Pane::Detail;
        self.detail.wanted = Some(Wanted::Span(slowest.span));
    }
}

fn direction(action: Action) -> Direction {
    match action {
        Action::PreviousSlow | Action::PreviousGap | Action::PreviousEmpty => Direction::Backward,
        _ => Direction::Forward,
    }
}
