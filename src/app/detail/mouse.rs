//! The mouse in the detail pane: clicks on tabs and rows, and the wheel.

use crate::app::detail::motions::scroll_motion;
use crate::app::panes::Panes;
use crate::layout::{Direction, Pane};

/// The rows per step of the wheel.
const WHEEL_ROWS: usize = 3;

impl Panes<'_> {
    /// Handles a click on the detail pane's title: selects the tab at that column.
    pub fn click_title(&mut self, column: u16) {
        let Some(column) = usize::from(column).checked_sub(1) else { return };
        let headers =
            self.shown().tab_headers(usize::from(self.screen.frame().detail.outer.width).saturating_sub(2));
        let clicked = headers.iter().find(|header| (header.column..header.end_column()).contains(&column));
        if let Some(header) = clicked {
            self.detail.tab = header.tab;
            self.screen.focus = Pane::Detail;
        }
    }

    /// Handles a click or a step of the wheel at a cell inside the detail pane.
    pub fn handle_detail_mouse(&mut self, row: u16, column: u16, wheel: Option<Direction>) {
        let tab = self.detail.tab.view();
        let pane = tab.pane_at(self.shown(), row);
        let Some(direction) = wheel else {
            self.screen.focus = pane;
            return tab.click(self, row, column);
        };
        // The wheel scrolls the pane below the mouse without changing the focus.
        let focus = std::mem::replace(&mut self.screen.focus, pane);
        tab.scroll_at(self, (row, column), scroll_motion(direction), WHEEL_ROWS);
        self.screen.focus = focus;
    }
}
