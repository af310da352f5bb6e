//! The terminal's size and the division of the screen into panes.

use crate::layout::{self, Frame, LayoutInput, ListLayout, Pane};

/// The terminal's size and the user's choice of panes.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    pub width: u16,
    pub height: u16,
    pub focus: Pane,
    pub zoomed: bool,
    pub list: ListLayout,
    /// Whether the mouse moves the border between the panes.
    pub is_resizing: bool,
}

impl Screen {
    /// Returns the areas of the panes.
    pub fn frame(&self) -> Frame {
        layout::areas(&LayoutInput {
            width: self.width,
            height: self.height,
            focus: self.focus,
            is_zoomed: self.zoomed && self.focus != Pane::ThreadBox,
            list: self.list,
        })
    }

    /// Makes the list wider or narrower, if it is next to the detail pane.
    pub(super) fn resize_list(&mut self, columns: i16) {
        let list = self.frame().messages.outer.width;
        self.list.columns = Some(list.saturating_add_signed(columns)).filter(|_| list > 0);
    }

    /// Switches between one and two lines per message.
    pub(super) fn toggle_list_lines(&mut self) {
        self.list.lines = Some(if self.frame().rows_per_message == 1 { 2 } else { 1 });
    }
}
