//! Places in threads: the origins of jumps, the threads that were open before, and the place where a thread was last left.

use crate::action::Action;
use crate::app::detail::Tab;
use crate::app::loading::recent_thread;
use crate::app::messages::folds::QuestionFolds;
use crate::app::open_threads::VisitedThreads;
use crate::app::pending_navigation::PendingNavigation;
use crate::app::{App, Effects};
use crate::domain::{ReadingPlace, RecentThread, Source, Timestamp};
use crate::effect::Effect;
use crate::layout::Direction;

/// The maximum number of places that are stored in each direction.
const MAX_JUMPS: usize = 100;

/// An entry of the jump list: a message and a tab of the open thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JumpEntry {
    /// The thread index of the selected message.
    index: u32,
    tab: Tab,
}

/// The origins of jumps, and the threads that were open before.
#[derive(Clone, Debug, Default)]
pub struct Places {
    back: Vec<JumpEntry>,
    forward: Vec<JumpEntry>,
    /// The threads that were open before.
    pub visited: VisitedThreads,
    /// Whether a thread was opened and no key was pressed since.
    is_arriving: bool,
    /// The query to run once the opened thread is complete.
    pub(super) query_on_arrival: Option<String>,
}

impl Places {
    /// Stops moving the selection, because the user moved it.
    pub fn stop_arriving(&mut self) {
        self.is_arriving = false;
    }

    fn push(&mut self, place: JumpEntry) {
        if self.back.last() != Some(&place) {
            self.back.push(place);
        }
        if self.back.len() > MAX_JUMPS {
            self.back.remove(0);
        }
        self.forward.clear();
    }
}

/// Returns whether an action only moves by a step, so that there is no place to return to.
fn is_step(action: Action) -> bool {
    let is_end = matches!(action, Action::Top | Action::Bottom);
    let is_tab = matches!(
        action,
        Action::ShowMessage
            | Action::ShowSpans
            | Action::ShowFeedback
            | Action::ShowMetadata
            | Action::ShowRaw
            | Action::NextTab
            | Action::PreviousTab
    );
    let is_own = matches!(action, Action::JumpBack | Action::JumpForward);
    is_tab || is_own || (action.motion().is_some() && !is_end)
}

/// Returns whether the history can open a thread again; it does not record the account of a kept thread.
pub(super) fn is_in_history(source: &Source) -> bool {
    source.thread().is_none_or(|thread| thread.account.is_none())
}

impl App {
    /// Returns the current place.
    pub(super) fn place(&self) -> Option<JumpEntry> {
        Some(JumpEntry { index: self.shown().selected_thread_index()?, tab: self.detail.tab })
    }

    /// Records the place before an action that jumped.
    pub(super) fn remember_jump(&mut self, action: Action, before: Option<JumpEntry>) {
        if let Some(before) = before
            && !is_step(action)
            && self.place().is_some_and(|after| after != before)
        {
            self.places.push(before);
        }
    }

    /// Records the current place before a jump whose target arrives later.
    pub(super) fn remember_place(&mut self) {
        if let Some(place) = self.place() {
            self.places.push(place);
        }
    }

    /// Goes back to the origins of the last jumps, or forward again.
    pub(super) fn jump_to_place(&mut self, direction: Direction, count: Option<usize>) {
        for _ in 0..count.unwrap_or(1).min(MAX_JUMPS) {
            let Some(here) = self.place() else { return };
            let target = match direction {
                Direction::Backward => self.places.back.pop(),
                Direction::Forward => self.places.forward.pop(),
            };
            let Some(target) = target else {
                return self.notify(match direction {
                    Direction::Backward => "No earlier place in this thread",
                    Direction::Forward => "No later place in this thread",
                });
            };
            match direction {
                Direction::Backward => self.places.forward.push(here),
                Direction::Forward => self.places.back.push(here),
            }
            self.panes().show_tab(target.tab);
            if !self.panes().select_thread_index(target.index as usize) {
                self.notify("The filter hides that place");
            }
        }
    }

    /// Opens the thread that was open before this one.
    pub(super) fn open_previous_thread(&mut self, now: Timestamp) -> Effects {
        let shown = self.loading.shown_thread().map(|thread| &thread.source);
        match self.places.visited.previous(shown).cloned() {
            Some(previous) => self.reopen(previous, now),
            None => {
                self.notify("No previous thread");
                Vec::new()
            }
        }
    }

    /// Records the place in this thread before another one is opened.
    pub(super) fn leave_thread(&mut self, next: &Source) -> Option<Effect> {
        let has_link = matches!(self.detail.pending_navigation, Some(PendingNavigation::DeepLink(_)));
        // A thread that could not be opened may have left its query.
        self.places.query_on_arrival = None;
        if self.loading.thread.as_ref().is_some_and(|thread| thread.source == *next) {
            return None;
        }
        self.places.is_arriving = !has_link;
        let visit = self.visit()?;
        self.places.visited.push(self.visited_thread()?);
        self.places.back.clear();
        self.places.forward.clear();
        let is_recorded = self.loading.thread.as_ref().is_some_and(|thread| is_in_history(&thread.source));
        is_recorded.then(|| {
            self.thread_box.set_place(&visit);
            Effect::RecordPlace(visit)
        })
    }

    /// Returns the thread in the panes and the place in it, for the history.
    pub fn visit(&self) -> Option<RecentThread> {
        let thread = self.loading.thread.as_ref()?;
        let summary = thread.summaries.get(self.shown().selected_thread_index()? as usize)?;
        let (is_folded, fold_exceptions) = self.list.folds.parts();
        let place = ReadingPlace {
            message_id: String::from_utf8_lossy(summary.raw.bytes_in(summary.id)).into_owned(),
            tab: self.detail.tab.title().to_owned(),
            query: self.search.as_ref().map(|search| search.typed.clone()).unwrap_or_default(),
            is_folded,
            fold_exceptions,
        };
        let visit = recent_thread(thread, self.profile_of(&thread.source), thread.fetched_at);
        Some(RecentThread { place: Some(place), ..visit })
    }

    pub(super) fn profile_of(&self, source: &Source) -> Option<&str> {
        let in_use = source.thread().filter(|thread| thread.account.is_none());
        in_use.and_then(|thread| self.prefs.profiles.active_profile(thread.service))
    }

    /// Goes to the place where a thread was left, or to the first problem of a thread that was never opened, once the
    /// thread is complete. Any earlier key keeps the selection.
    pub(super) fn arrive(&mut self) -> Effects {
        let thread = self.loading.shown_thread().filter(|thread| thread.body_summary.is_some());
        if thread.is_some()
            && let Some(query) = self.places.query_on_arrival.take()
        {
            return self.panes().search_in_place(&query);
        }
        let Some(thread) = thread.filter(|_| self.places.is_arriving && self.thread_box.has_loaded()) else {
            return Vec::new();
        };
        let (input, profile) = (thread.source.to_input(), self.profile_of(&thread.source));
        let is_same = |known: &&RecentThread| {
            known.input == input && (known.profile.is_none() || known.profile.as_deref() == profile)
        };
        let recent = self.thread_box.recent_threads().iter().filter(|_| is_in_history(&thread.source));
        let known = recent.into_iter().find(is_same);
        let was_opened =
            known.is_some_and(|known| known.opened_at.is_some_and(|opened| opened < self.loading.started_at));
        let place = known.and_then(|known| known.place.clone());
        self.places.is_arriving = false;
        match place {
            Some(place) => return self.restore_place(&place),
            None if was_opened => {}
            None => self.show_first_problem(),
        }
        Vec::new()
    }

    fn restore_place(&mut self, place: &ReadingPlace) -> Effects {
        self.list.folds = QuestionFolds::from_parts(place.is_folded, &place.fold_exceptions);
        self.panes().update_visible();
        self.panes().reselect_by_id(Some(place.message_id.as_bytes()));
        if let Some(tab) = Tab::ALL.into_iter().find(|tab| tab.title() == place.tab) {
            self.detail.tab = tab;
        }
        self.say_position("where you left");
        if place.query.is_empty() { Vec::new() } else { self.panes().search_in_place(&place.query) }
    }

    fn show_first_problem(&mut self) {
        let Some(thread) = self.loading.shown_thread().filter(|_| self.prefs.opens_at_problem) else {
            return;
        };
        let (negative, error) = (thread.landmarks.negative.first(), thread.landmarks.errors.first());
        let Some(first) = negative.into_iter().chain(error).min().copied() else { return };
        let kind = if negative == Some(&first) { "negative feedback" } else { "error" };
        self.panes().select_thread_index(first as usize);
        self.panes().show_call();
        self.say_position(kind);
    }

    /// Shows once why the selection is not at the start; a warning is more important.
    fn say_position(&mut self, reason: &str) {
        let Some(index) = self.shown().selected_thread_index().filter(|index| *index > 0) else { return };
        let len = self.loading.shown_thread().map_or(0, |thread| thread.summaries.len());
        let key = self.prefs.keymap.keys_of(Action::Top).first().cloned().unwrap_or_default();
        if self.notice.is_none() {
            self.notify(format!("{} of {len}: {reason} · {key} for the start", index + 1));
        }
    }
}
