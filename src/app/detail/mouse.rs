//! The mouse in the detail pane: clicks on tabs, titles, rows and parts, and the wheel over what is under it.

use crate::action::Action;
use crate::app::App;
use crate::app::detail::Tab;
use crate::layout::{Direction, Pane};

/// The motion of a turn of the wheel.
fn scroll_action(direction: Direction) -> Action {
    match direction {
        Direction::Forward => Action::Down,
        Direction::Backward => Action::Up,
    }
}

impl App {
    /// A click on the detail pane's title: the tab at that column.
    pub fn click_title(&mut self, column: u16) {
        let Some(column) = usize::from(column).checked_sub(1) else { return };
        let places = self.tab_headers(usize::from(self.frame().detail.outer.width).saturating_sub(2));
        let found = places.iter().find(|place| (place.column..place.end_column()).contains(&column));
        if let Some(place) = found {
            self.detail.tab = place.tab;
            self.focus = Pane::Detail;
        }
    }

    /// The mouse inside the detail pane.
    pub fn handle_detail_mouse(&mut self, row: u16, column: u16, wheel: Option<Direction>) {
        let areas = self.spans_areas();
        let top = self.frame().detail.inner.y;
        let in_payload =
            self.detail.tab == Tab::Spans && areas.part_bar.height > 0 && top + row >= areas.part_bar.y;
        if let Some(direction) = wheel {
            if self.detail.tab == Tab::Feedback && self.is_over_turn_preview(row, column) {
                let action = scroll_action(direction);
                return self.scroll_turn_preview(action, Some(3));
            }
            let focus = self.focus;
            self.focus = if in_payload { Pane::Payload } else { Pane::Detail };
            self.scroll_detail_by_wheel(direction);
            self.focus = focus;
            return;
        }
        self.focus = if in_payload { Pane::Payload } else { Pane::Detail };
        if self.detail.tab == Tab::Feedback {
            return self.click_feedback(row, column);
        }
        let row = usize::from(row);
        match self.detail.tab {
            Tab::Feedback => {}
            Tab::Message | Tab::Metadata => self.click_text(row),
            Tab::Spans if in_payload && top + row as u16 == areas.part_bar.y => self.click_part(column),
            Tab::Spans if in_payload => {
                let row = row.saturating_sub(usize::from(areas.payload.y.saturating_sub(top)));
                self.click_payload(row);
            }
            Tab::Spans => {
                let above = usize::from(areas.axis.height);
                if let Some((row, shown)) = row.checked_sub(above).zip(self.message_state_mut()) {
                    shown.spans.click(row, &shown.view.forest);
                }
            }
            Tab::Raw => {
                if let Some(tree) = self.message_state_mut().and_then(|shown| shown.json.as_mut()) {
                    tree.click(row);
                }
            }
        }
    }

    fn scroll_detail_by_wheel(&mut self, direction: Direction) {
        self.move_in_detail(scroll_action(direction), Some(3));
    }

    fn click_text(&mut self, row: usize) {
        let tab = self.detail.tab;
        let Some(shown) = self.message_state_mut() else { return };
        let (document, offset) = match tab {
            Tab::Metadata => (shown.metadata.as_mut(), shown.metadata_offset),
            _ => (Some(&mut shown.text), shown.text_offset),
        };
        let Some(document) = document else { return };
        let at = offset + row;
        let section = document.section_at(at);
        if document.section_start(section) == at {
            document.toggle(section);
        }
    }
}
