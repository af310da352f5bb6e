//! Scrolling in a conversation, by rows, messages and clicks.

use super::{BYTES_PER_FRAME, MAX_PASSED, MAX_RESULTS, PLACEHOLDER_ROWS, signed};
use crate::action::Motion;
use crate::app::panes::Panes;
use crate::app::pending_navigation::PendingNavigation;
use crate::domain::Role;
use crate::layout::Direction;

impl Panes<'_> {
    /// Selects the message at the top of the pane, without scrolling.
    fn select_top(&mut self) {
        let mut position = self.list.selected;
        let mut offset = self.detail.conversation.offset;
        while offset < 0 && position > 0 {
            position -= 1;
            offset = offset.saturating_add(signed(self.measure(position)));
        }
        // The blank row after a message does not belong to it.
        let rows = signed(self.shown().rows_at(position));
        if offset + 1 >= rows && position + 1 < self.shown().list_len() {
            position += 1;
            offset -= rows;
        }
        self.select_at(position, offset);
    }

    /// Selects a message whose row `offset` is at the top of the pane.
    fn select_at(&mut self, position: usize, offset: isize) {
        self.select(position);
        self.detail.conversation.anchor = self.shown().selected_key();
        self.detail.conversation.offset = offset;
    }

    /// Selects another message in view, without scrolling.
    pub(super) fn select_in_view(&mut self, position: usize) {
        let mut offset = self.detail.conversation.offset;
        let from = self.list.selected;
        for passed in from..position {
            offset = offset.saturating_sub(signed(self.shown().rows_at(passed)));
        }
        for passed in position..from {
            offset = offset.saturating_add(signed(self.shown().rows_at(passed)));
        }
        self.select_at(position, offset);
    }

    /// Applies a motion to the conversation.
    pub(in crate::app::detail) fn scroll_conversation(&mut self, motion: Motion, count: Option<usize>) {
        let page = self.shown().detail_height().saturating_sub(1).max(1);
        let half = (page / 2).max(1);
        let (direction, rows) = match motion {
            Motion::Down => (Direction::Forward, 1),
            Motion::Up => (Direction::Backward, 1),
            Motion::HalfPageDown => (Direction::Forward, half),
            Motion::HalfPageUp => (Direction::Backward, half),
            Motion::PageDown => (Direction::Forward, page),
            Motion::PageUp => (Direction::Backward, page),
            Motion::Top => return self.select_number(count.unwrap_or(1)),
            Motion::Bottom => {
                return match count {
                    Some(number) => self.select_number(number),
                    None => self.show_end(),
                };
            }
        };
        self.scroll_rows(direction, rows.saturating_mul(count.unwrap_or(1)));
    }

    /// Selects the message with this number in the list.
    fn select_number(&mut self, number: usize) {
        self.select(number.saturating_sub(1));
        self.detail.conversation.anchor = None;
        self.detail.conversation.budget = BYTES_PER_FRAME;
        self.settle();
    }

    /// Shows the end of the last message, immediately or once it is read.
    fn show_end(&mut self) {
        self.select_number(usize::MAX);
        if self.shown().message_state().is_none() {
            self.detail.pending_navigation = Some(PendingNavigation::Motion(Motion::Bottom));
        }
        self.detail.conversation.offset = signed(self.shown().rows_at(self.list.selected));
        self.settle();
    }

    /// Moves by messages.
    pub(in crate::app::detail) fn step_in_conversation(&mut self, direction: Direction, count: usize) {
        let selected = self.list.selected;
        let target = match direction {
            Direction::Forward => selected.saturating_add(count),
            Direction::Backward => selected.saturating_sub(count),
        };
        self.select_number(target.saturating_add(1));
    }

    /// Scrolls by rows and selects the message at the top. At an end of the conversation, selects the next message towards
    /// it.
    fn scroll_rows(&mut self, direction: Direction, rows: usize) {
        self.detail.conversation.budget = BYTES_PER_FRAME;
        self.settle();
        let selected = self.list.selected;
        let before = self.shown().place();
        self.select_top();
        match direction {
            Direction::Forward => self.pass_forward(rows),
            Direction::Backward => self.pass_backward(rows),
        }
        self.settle();
        if self.shown().place() == before {
            let last = self.shown().list_len().saturating_sub(1);
            let steps = if rows > 1 { self.shown().detail_height() } else { 1 };
            let target = match direction {
                Direction::Forward => selected.saturating_add(steps).min(last),
                Direction::Backward => selected.saturating_sub(steps),
            };
            self.select_in_view(target);
        } else {
            self.select_top();
        }
    }

    fn pass_forward(&mut self, rows: usize) {
        let last = self.shown().list_len().saturating_sub(1);
        let (mut position, mut passed) = (self.list.selected, 0);
        let mut offset = self.detail.conversation.offset.saturating_add(signed(rows));
        loop {
            let height = signed(self.measure(position));
            if offset < height {
                break;
            }
            if position >= last {
                offset = height - 1;
                break;
            }
            passed += 1;
            if passed > MAX_PASSED {
                let guess = usize::try_from(offset).unwrap_or(0) / PLACEHOLDER_ROWS;
                (position, offset) = (position.saturating_add(guess).min(last), 0);
                break;
            }
            offset -= height;
            position += 1;
        }
        self.select_at(position, offset);
    }

    fn pass_backward(&mut self, rows: usize) {
        let (mut position, mut passed) = (self.list.selected, 0);
        let mut offset = self.detail.conversation.offset.saturating_sub(signed(rows));
        while offset < 0 && position > 0 {
            passed += 1;
            if passed > MAX_PASSED {
                position = position.saturating_sub(offset.unsigned_abs() / PLACEHOLDER_ROWS);
                offset = 0;
                break;
            }
            position -= 1;
            offset = offset.saturating_add(signed(self.measure(position)));
        }
        self.select_at(position, offset.max(0));
    }

    /// Scrolls so that the call is in view above its result, if the selected message is a result.
    pub(in crate::app) fn show_call(&mut self) {
        let selected = self.list.selected;
        let role_at = |panes: &Self, position| panes.shown().summary_at(position).map(|it| it.role);
        if !self.shown().shows_conversation() || role_at(self, selected) != Some(Role::Tool) {
            return;
        }
        self.follow_selection();
        self.detail.conversation.budget = BYTES_PER_FRAME;
        let (mut above, mut position) = (0, selected);
        while position > selected.saturating_sub(MAX_RESULTS) && role_at(self, position) == Some(Role::Tool) {
            position -= 1;
            above += self.measure(position);
        }
        let most = self.shown().detail_height() * 2 / 3;
        self.detail.conversation.offset = -signed(above.min(most));
        self.settle();
    }

    /// Scrolls to a row of the selected message's document, unless it is in view.
    pub(in crate::app) fn reveal_in_conversation(&mut self, row: usize) {
        self.follow_selection();
        let page = signed(self.shown().detail_height());
        let row = signed(row).saturating_add(1);
        let offset = self.detail.conversation.offset;
        // The heading covers the row at the top.
        if row <= offset || row >= offset.saturating_add(page) {
            self.detail.conversation.offset = row.saturating_sub(page / 3);
        }
        self.detail.conversation.budget = BYTES_PER_FRAME;
        self.settle();
    }

    /// Handles a click on a row of the pane: selects its message, or on a title, folds or unfolds its block.
    pub(in crate::app::detail) fn click_conversation(&mut self, row: usize) {
        let visible = self.shown().visible_messages();
        let Some(message) = visible.iter().rev().find(|message| message.top <= row).copied() else { return };
        let entry_row = message.first_row + (row - message.top);
        if entry_row >= message.rows {
            return;
        }
        self.follow_selection();
        self.select_in_view(message.position);
        // The heading covers the row at the top.
        let Some(document_row) = entry_row.checked_sub(1).filter(|_| row > 0) else { return };
        let Some(state) = self.message_state_at_mut(message.position) else { return };
        let document = &mut state.text.document;
        let section = document.section_at(document_row);
        if document.section_start(section) == document_row {
            document.toggle(section);
        }
        self.detail.conversation.budget = BYTES_PER_FRAME;
        self.settle();
    }
}
