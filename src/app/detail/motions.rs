//! Motions, folds and Enter in the detail pane, which the current tab handles.

use crate::action::Motion;
use crate::app::detail::fold::FoldCommand;
use crate::app::panes::Panes;
use crate::app::pending_navigation::PendingNavigation;
use crate::app::text_page::OpenedValue;
use crate::layout::{Direction, Pane};

impl Panes<'_> {
    /// Applies a motion to the detail pane or the payload. While the message is still being read, only jumps to an end are
    /// kept.
    pub fn move_in_detail(&mut self, motion: Motion, count: Option<usize>) {
        if self.shown().message_state().is_none()
            && !self.shown().shows_conversation()
            && matches!(motion, Motion::Top | Motion::Bottom)
        {
            self.detail.pending_navigation = Some(PendingNavigation::Motion(motion));
            return;
        }
        self.detail.tab.view().scroll(self, motion, count);
    }

    /// Scrolls the detail pane from the message list; elsewhere, goes to the next or previous message.
    pub fn scroll_detail(&mut self, direction: Direction, count: Option<usize>) {
        let count = count.unwrap_or(1);
        if self.shown().shows_conversation() && self.screen.focus == Pane::Detail {
            return self.step_in_conversation(direction, count);
        }
        match self.screen.focus {
            Pane::Detail | Pane::Payload => self.move_in_list(scroll_motion(direction), Some(count)),
            Pane::Messages | Pane::ThreadBox => {
                self.detail.tab.view().scroll_from_list(self, scroll_motion(direction), count);
            }
        }
    }

    /// Runs a fold command in the current tab. In the message list, the arrow keys change the pane instead.
    pub fn perform_fold(&mut self, command: FoldCommand) {
        if self.screen.focus == Pane::Messages && self.fold_questions(command) {
            return;
        }
        match (self.screen.focus, command) {
            (Pane::Messages, FoldCommand::UnfoldOrChild) => self.screen.focus = Pane::Detail,
            (Pane::Messages, FoldCommand::FoldOrParent) => {}
            _ => self.detail.tab.view().fold(self, command),
        }
    }

    /// Shows the next or previous part of the span, or kind of feedback.
    pub fn cycle_part_or_kind(&mut self, direction: Direction) {
        self.detail.tab.view().cycle(self, direction);
    }

    /// Handles Enter in the detail pane.
    pub fn enter_in_detail(&mut self) -> Option<OpenedValue> {
        self.detail.tab.view().enter(self)
    }

    /// Notifies the user that some rows stay folded, unless all are open.
    pub(in crate::app) fn notify_unless_all_unfolded(&mut self, is_complete: bool) {
        if !is_complete {
            self.notify("Too much to unfold at once; unfold the rest one by one");
        }
    }
}

/// Returns the motion of one step.
pub(super) fn scroll_motion(direction: Direction) -> Motion {
    match direction {
        Direction::Forward => Motion::Down,
        Direction::Backward => Motion::Up,
    }
}
