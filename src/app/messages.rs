//! The message list: the selected message, the rows in view and the filter. Drawn by `ui/messages`.

pub mod folds;
pub mod order;
pub mod title;

use std::sync::Arc;

use crate::action::Motion;
use crate::app::filter::{ActiveFilter, FilterDraft};
use crate::app::messages::folds::QuestionFolds;
use crate::app::messages::order::ListOrder;
use crate::app::panes::{Panes, Shown};
use crate::app::{Screen, scroll};
use crate::domain::MessageSummary;
use crate::layout::{Direction, Pane};

/// The subject of a chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChipKind {
    Search,
    Filter,
    Order,
}

/// A part of the list's title, about a search, a filter or an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chip {
    pub kind: ChipKind,
    /// The label, omitted if there is no space for it.
    pub label: &'static str,
    /// The text, truncated if there is no space for it.
    pub text: String,
    /// The counts, never truncated.
    pub counts: String,
}

/// The state of the list. Positions count the messages that neither the filter nor a fold hides, in the order of the
/// thread. They are the rows of the list unless it is sorted.
#[derive(Clone, Debug, Default)]
pub struct MessageList {
    /// The position of the selected message.
    pub selected: usize,
    /// The first row in view.
    pub offset: usize,
    pub filter: Option<ActiveFilter>,
    /// The filter that is being typed.
    pub draft: Option<FilterDraft>,
    /// The thread indices of the messages that match the filter; `None` without a filter. Folded messages that match are
    /// shown.
    pub matching: Option<Arc<Vec<u32>>>,
    pub folds: QuestionFolds,
    /// The order of the rows; `None` for the order of the thread.
    pub order: Option<ListOrder>,
    /// The thread indices of the rows; `None` shows all messages.
    pub visible: Option<Arc<Vec<u32>>>,
    /// The number of messages when `visible` was made from the folds.
    len_when_folded: usize,
}

impl<'a> Shown<'a> {
    /// Returns the number of rows.
    pub fn list_len(self) -> usize {
        let all = self.thread.map_or(0, |thread| thread.summaries.len());
        self.list.visible.as_ref().map_or(all, |visible| visible.len())
    }

    /// Returns the thread index of the message at a position.
    pub fn thread_index_at(self, position: usize) -> Option<usize> {
        match &self.list.visible {
            Some(visible) => visible.get(position).map(|index| *index as usize),
            None => Some(position),
        }
    }

    /// Returns the thread index of the selected message.
    pub(super) fn selected_thread_index(self) -> Option<u32> {
        u32::try_from(self.thread_index_at(self.list.selected)?).ok()
    }

    /// Returns the summary of the message at a position.
    pub fn summary_at(self, position: usize) -> Option<&'a MessageSummary> {
        self.thread?.summaries.get(self.thread_index_at(position)?)
    }

    /// Returns the summary of the selected message.
    pub fn selected_summary(self) -> Option<&'a MessageSummary> {
        self.summary_at(self.list.selected)
    }

    /// Returns the number of messages that fit into the pane.
    pub fn list_page(self) -> usize {
        (usize::from(self.screen.frame().messages.inner.height) / self.lines_per_row()).max(1)
    }

    /// Returns the lines of a row of the list.
    fn lines_per_row(self) -> usize {
        usize::from(self.screen.frame().rows_per_message.max(1))
    }

    /// Returns whether the list does not fill its pane, so that new messages appear on the screen.
    pub fn has_room_in_list(self) -> bool {
        self.list_len() < self.list_page()
    }

    /// Returns the number of targets of jumps: messages that match the filter, even if they are folded.
    fn target_len(self) -> usize {
        let all = self.thread.map_or(0, |thread| thread.summaries.len());
        self.list.matching.as_ref().map_or(all, |matching| matching.len())
    }

    /// Returns the thread index of a target of jumps.
    fn target_index(self, target: usize) -> Option<usize> {
        match &self.list.matching {
            Some(matching) => matching.get(target).map(|index| *index as usize),
            None => Some(target),
        }
    }

    /// Returns the target of the next match.
    fn next_matching(
        self,
        from: usize,
        direction: Direction,
        is_match: &impl Fn(&MessageSummary) -> bool,
    ) -> Option<usize> {
        let len = self.target_len();
        let summary_of = |target: usize| self.thread?.summaries.get(self.target_index(target)?);
        let matches = |target: &usize| summary_of(*target).is_some_and(is_match);
        match direction {
            Direction::Forward => (from + 1..len).chain(0..(from + 1).min(len)).find(matches),
            Direction::Backward => (0..from.min(len)).rev().chain((from.min(len)..len).rev()).find(matches),
        }
    }

    /// Returns the search, the filter and the order of the list, for its title.
    pub fn list_chips(self) -> impl Iterator<Item = Chip> {
        [self.search_chip(), self.filter_chip(), self.order_chip()].into_iter().flatten()
    }
}

impl Panes<'_> {
    /// Selects the message at a position and brings its row into view.
    pub fn select(&mut self, position: usize) {
        let len = self.shown().list_len();
        self.list.selected = position.min(len.saturating_sub(1));
        let row = self.shown().row_of(self.list.selected);
        self.list.offset = scroll::into_view(row, self.list.offset, self.shown().list_page(), len);
    }

    /// Keeps the selection inside the list and in view, after the list or the screen changed.
    pub fn keep_selection_in_view(&mut self) {
        self.select(self.list.selected);
    }

    /// Changes the screen. The selected message stays on its line, as far as whole rows of the list allow.
    pub(super) fn change_screen(&mut self, change: impl FnOnce(&mut Screen)) {
        let row = self.shown().row_of(self.list.selected);
        let line = row.saturating_sub(self.list.offset) * self.shown().lines_per_row();
        change(self.screen);
        self.list.offset = row.saturating_sub(line / self.shown().lines_per_row());
        self.keep_selection_in_view();
    }

    /// Selects the message with this thread index, and unfolds its question; returns false if the filter hides it.
    pub fn select_thread_index(&mut self, index: usize) -> bool {
        let position_of = |list: &MessageList| match &list.visible {
            Some(visible) => visible.binary_search(&u32::try_from(index).unwrap_or(u32::MAX)).ok(),
            None => Some(index),
        };
        let mut position = position_of(self.list);
        if position.is_none() {
            self.unfold_to(index);
            position = position_of(self.list);
        }
        if let Some(position) = position {
            self.select(position);
        }
        position.is_some()
    }

    /// Selects the message with this id after the thread was replaced or sorted.
    pub fn reselect_by_id(&mut self, id: Option<&[u8]>) {
        let index = id.and_then(|id| self.thread.as_ref()?.position_of_id(id));
        match index {
            Some(index) => {
                self.select_thread_index(index);
            }
            None => self.select(self.list.selected),
        }
    }

    /// Moves the selection.
    pub fn move_in_list(&mut self, motion: Motion, count: Option<usize>) {
        let (len, page) = (self.shown().list_len(), self.shown().list_page());
        let from = self.shown().row_of(self.list.selected);
        let row = scroll::motion_target(motion, count, from, len, page);
        self.select(self.shown().position_at(row));
    }

    /// Handles a click on a visible row.
    pub fn click_row(&mut self, row: usize) {
        self.screen.focus = Pane::Messages;
        let row = self.list.offset + row;
        if row < self.shown().list_len() {
            self.select(self.shown().position_at(row));
        }
    }

    /// Handles a click on a row of the scrollbar: goes to the messages there.
    pub fn click_scrollbar(&mut self, row: u16) {
        let rows = usize::from(self.screen.frame().messages.inner.height).max(1);
        if self.shown().list_page() < self.shown().list_len() {
            let row = usize::from(row) * self.shown().list_len() / rows;
            self.select(self.shown().position_at(row));
        }
    }

    /// Scrolls by rows; the selection stays in view.
    pub fn scroll_list(&mut self, direction: Direction, rows: usize) {
        let len = self.shown().list_len();
        let page = self.shown().list_page();
        let last = len.saturating_sub(page);
        self.list.offset = match direction {
            Direction::Forward => self.list.offset.saturating_add(rows).min(last),
            Direction::Backward => self.list.offset.saturating_sub(rows),
        };
        let bottom = self.list.offset.saturating_add(page.saturating_sub(1));
        let row = self.shown().row_of(self.list.selected);
        let row = row.clamp(self.list.offset, bottom).min(len.saturating_sub(1));
        self.list.selected = self.shown().position_at(row);
    }

    /// Selects the next or previous row with a matching message, wrapping around if necessary. `targets` names the matches
    /// in notices. Returns whether there is a match.
    pub fn jump(
        &mut self,
        direction: Direction,
        count: Option<usize>,
        targets: &str,
        is_match: impl Fn(&MessageSummary) -> bool,
    ) -> bool {
        let selected = self.shown().thread_index_at(self.list.selected).unwrap_or(0);
        let start = self.list.matching.as_ref().map_or(selected, |_| self.list.selected);
        let mut found = None;
        for _ in 0..count.unwrap_or(1).min(self.shown().target_len()) {
            let next = self.shown().next_matching(found.unwrap_or(start), direction, &is_match);
            if next.is_none() {
                break;
            }
            found = next;
        }
        match found {
            Some(target) => {
                let index = self.shown().target_index(target).unwrap_or(target);
                self.select_thread_index(index);
                match direction {
                    Direction::Forward if target <= start => {
                        self.notify(format!("No more {targets} below; continued from the top"));
                    }
                    Direction::Backward if target >= start => {
                        self.notify(format!("No more {targets} above; continued from the end"));
                    }
                    Direction::Forward | Direction::Backward => {}
                }
            }
            None if self.is_loading => self.notify(format!("No {targets} loaded yet")),
            None => self.notify(format!("No {targets} in this thread")),
        }
        found.is_some()
    }
}
