//! The mouse: what a click or a turn of the wheel means where it happens.

use crate::app::messages::Direction;
use crate::app::{App, Effects};
use crate::domain::Stamp;
use crate::event::{Mouse, MouseKind};
use crate::layout::{self, Pane, Spot};

impl App {
    /// Takes a click or a turn of the wheel.
    pub(super) fn point(&mut self, mouse: Mouse, now: Stamp) -> Effects {
        if self.overlay.is_some() {
            return self.point_at_overlay(mouse, now);
        }
        let frame = self.frame();
        let spot = layout::spot(&frame, mouse.column, mouse.row);
        let direction = match mouse.kind {
            MouseKind::WheelUp => Some(Direction::Backward),
            MouseKind::WheelDown => Some(Direction::Forward),
            MouseKind::Press => None,
        };
        let offered = self.drop_down().and_then(|drop| drop.at(mouse.row)).filter(|_| direction.is_none());
        if let Some(row) = offered {
            let outcome = self.thread_box.pick(row);
            return self.finish_box(outcome, now);
        }
        match (spot, direction) {
            (Spot::ThreadBox, None) => self.focus_thread_box(),
            (Spot::MessageRow(row), None) => {
                self.focus = Pane::Messages;
                if self.list.offset + row < self.list_len() {
                    self.select(self.list.offset + row);
                }
            }
            (Spot::MessageRow(_), Some(direction)) => self.wheel_list(direction, 3),
            (Spot::DetailTitle(column), None) => self.click_title(column),
            (Spot::DetailBody { row, column }, direction) => self.point_in_detail(row, column, direction),
            (Spot::ThreadBox | Spot::DetailTitle(_), Some(_)) | (Spot::Elsewhere, _) => {}
        }
        Vec::new()
    }
}
