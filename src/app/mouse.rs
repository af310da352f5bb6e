//! The mouse: clicks and steps of the wheel, by the area under the pointer.

use crate::action::Action;
use crate::app::{App, Effects};
use crate::domain::Timestamp;
use crate::event::{Mouse, MouseKind};
use crate::layout::{self, Direction, HitTarget};

impl App {
    /// Handles a click or a step of the wheel.
    pub(super) fn on_mouse(&mut self, mouse: Mouse, now: Timestamp) -> Effects {
        if self.overlay.is_some() {
            return self.on_mouse_in_overlay(mouse, now);
        }
        if self.browse.is_open {
            return self.on_mouse_in_browse(mouse, now);
        }
        let frame = self.screen.frame();
        let target = layout::hit_test(&frame, mouse.column, mouse.row);
        let direction = match mouse.kind {
            MouseKind::WheelUp => Some(Direction::Backward),
            MouseKind::WheelDown => Some(Direction::Forward),
            MouseKind::Press => None,
            MouseKind::Drag => {
                if self.screen.is_resizing {
                    self.screen.list.columns = Some(mouse.column.saturating_add(1));
                }
                return Vec::new();
            }
        };
        self.screen.is_resizing = matches!(target, HitTarget::SharedBorder(_));
        let suggestion =
            self.drop_down().and_then(|drop| drop.row_at(mouse.row)).filter(|_| direction.is_none());
        if let Some(row) = suggestion {
            let outcome = self.thread_box.open_row(row);
            return self.apply_box_outcome(outcome, now);
        }
        let action = self.clicked_action(mouse).filter(|_| direction.is_none());
        if let Some(action) = action {
            return self.perform(action, None, now);
        }
        match (target, direction) {
            (HitTarget::ThreadBox, None) => self.focus_thread_box(),
            (HitTarget::MessageRow(row), None) => self.panes().click_row(row),
            (HitTarget::MessageRow(_), Some(direction)) => self.panes().scroll_list(direction, 3),
            (HitTarget::SharedBorder(row), None) => self.panes().click_scrollbar(row),
            (HitTarget::SharedBorder(_), Some(direction)) => self.panes().scroll_list(direction, 3),
            (HitTarget::DetailTitle(column), None) => self.panes().click_title(column),
            (HitTarget::DetailBody { row, column }, direction) => {
                self.panes().handle_detail_mouse(row, column, direction)
            }
            (HitTarget::ThreadBox | HitTarget::DetailTitle(_), Some(_)) | (HitTarget::Elsewhere, _) => {}
        }
        Vec::new()
    }

    /// Returns the action of a count in the header or a chip of the list under the pointer.
    fn clicked_action(&self, mouse: Mouse) -> Option<Action> {
        let (column, row) = (mouse.column, mouse.row);
        self.header_action(column, row).or_else(|| self.shown().title_action(column, row))
    }
}
