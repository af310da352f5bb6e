//! The message list: which message is selected and which rows are in view. Drawn by `ui/messages`.

use std::sync::Arc;

use crate::action::Action;
use crate::app::{App, scroll};
use crate::domain::MessageSummary;
use crate::layout::Direction;

/// The list's own state; positions count the rows that are shown, filtered or not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MessageList {
    /// Position of the selected row.
    pub selected: usize,
    /// Position of the first row in view.
    pub offset: usize,
    /// Places of the messages that pass the filter; `None` shows all.
    pub visible: Option<Arc<Vec<u32>>>,
}

impl App {
    /// How many rows the list has.
    pub fn list_len(&self) -> usize {
        let all = self.shown_thread().map_or(0, |thread| thread.summaries.len());
        self.list.visible.as_ref().map_or(all, |visible| visible.len())
    }

    /// The message's place in the thread for a row of the list.
    pub fn thread_index_at(&self, position: usize) -> Option<usize> {
        match &self.list.visible {
            Some(visible) => visible.get(position).map(|place| *place as usize),
            None => Some(position),
        }
    }

    /// The head of a row.
    pub fn summary_at(&self, position: usize) -> Option<&MessageSummary> {
        self.shown_thread()?.summaries.get(self.thread_index_at(position)?)
    }

    /// The selected message.
    pub fn selected_summary(&self) -> Option<&MessageSummary> {
        self.summary_at(self.list.selected)
    }

    /// Messages that fit into the list's pane.
    pub fn list_page(&self) -> usize {
        let frame = self.frame();
        usize::from(frame.messages.inner.height / frame.rows_per_message.max(1)).max(1)
    }

    /// Whether messages that arrive now can be seen at once: the list has room on the screen.
    pub fn has_room_in_list(&self) -> bool {
        self.list_len() < self.list_page()
    }

    /// Selects a row and brings it into view.
    pub fn select(&mut self, position: usize) {
        let len = self.list_len();
        self.list.selected = position.min(len.saturating_sub(1));
        self.list.offset = scroll::into_view(self.list.selected, self.list.offset, self.list_page(), len);
    }

    /// Selects the message at this place of the thread, if the filter lets it be seen.
    pub fn select_thread_index(&mut self, place: usize) -> bool {
        let position = match &self.list.visible {
            Some(visible) => visible.binary_search(&u32::try_from(place).unwrap_or(u32::MAX)).ok(),
            None => Some(place),
        };
        if let Some(position) = position {
            self.select(position);
        }
        position.is_some()
    }

    /// Finds the message with this id again after the thread was replaced or sorted.
    pub fn reselect_by_id(&mut self, id: Option<&[u8]>) {
        let place = id.and_then(|id| self.thread.as_ref()?.position_of_id(id));
        match place {
            Some(place) => {
                self.select_thread_index(place);
            }
            None => self.select(self.list.selected),
        }
    }

    /// A motion in the list. Returns whether the action was one.
    pub fn move_in_list(&mut self, action: Action, count: Option<usize>) -> bool {
        let to = scroll::motion_target(action, count, self.list.selected, self.list_len(), self.list_page());
        if let Some(to) = to {
            self.select(to);
        }
        to.is_some()
    }

    /// Scrolls the list by rows under the mouse; the selection follows into view.
    pub fn scroll_list(&mut self, direction: Direction, rows: usize) {
        let len = self.list_len();
        let page = self.list_page();
        let last = len.saturating_sub(page);
        self.list.offset = match direction {
            Direction::Forward => self.list.offset.saturating_add(rows).min(last),
            Direction::Backward => self.list.offset.saturating_sub(rows),
        };
        let bottom = self.list.offset.saturating_add(page.saturating_sub(1));
        self.list.selected = self.list.selected.clamp(self.list.offset, bottom).min(len.saturating_sub(1));
    }

    /// Goes to the next or previous row that `wanted` holds for, around the end if need be; returns whether there is one.
    pub fn jump(
        &mut self,
        direction: Direction,
        count: Option<usize>,
        what: &str,
        wanted: impl Fn(&MessageSummary) -> bool,
    ) -> bool {
        let len = self.list_len();
        let mut found = None;
        let mut at = self.list.selected;
        for _ in 0..count.unwrap_or(1).min(len) {
            let Some(next) = self.next_matching(at, direction, &wanted) else { break };
            found = Some(next);
            at = next;
        }
        match found {
            Some(position) => {
                let wrapped = match direction {
                    Direction::Forward => position <= self.list.selected,
                    Direction::Backward => position >= self.list.selected,
                };
                self.select(position);
                if wrapped {
                    self.notify(format!("{what}: on from the other end"));
                }
            }
            None if self.loading.is_active() => self.notify(format!("no {what} in what has come so far")),
            None => self.notify(format!("no {what} in this thread")),
        }
        found.is_some()
    }

    fn next_matching(
        &self,
        from: usize,
        direction: Direction,
        wanted: &impl Fn(&MessageSummary) -> bool,
    ) -> Option<usize> {
        let len = self.list_len();
        let hit = |position: &usize| self.summary_at(*position).is_some_and(wanted);
        match direction {
            Direction::Forward => (from + 1..len).chain(0..(from + 1).min(len)).find(hit),
            Direction::Backward => (0..from.min(len)).rev().chain((from.min(len)..len).rev()).find(hit),
        }
    }
}
