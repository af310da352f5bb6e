//! Motions and folds in the detail pane: each goes to what the tab in front shows.

use crate::action::Action;
use crate::app::detail::Tab;
use crate::app::{App, scroll};
use crate::layout::{Direction, Pane};
use crate::view::document::Document;

impl App {
    /// A motion in the detail pane or the payload.
    pub fn move_in_detail(&mut self, action: Action, count: Option<usize>) {
        if self.message_state().is_none() && matches!(action, Action::Top | Action::Bottom) {
            self.detail.deferred_motion = Some(action);
            return;
        }
        let page = self.detail_height();
        let spans = self.spans_areas();
        let in_payload = self.focus == Pane::Payload;
        match self.detail.tab {
            Tab::Message | Tab::Metadata => self.scroll_text(action, count, page),
            Tab::Feedback => self.move_in_feedback(action, count),
            Tab::Spans if in_payload => self.move_in_payload(action, count),
            Tab::Spans => {
                let page = usize::from(spans.tree.height);
                if let Some(shown) = self.message_state_mut() {
                    shown.spans.move_selection(action, count, page);
                }
            }
            Tab::Raw => {
                if let Some(tree) = self.message_state_mut().and_then(|shown| shown.json.as_mut()) {
                    tree.move_selection(action, count, page);
                }
            }
        }
    }

    /// Scrolls the detail from the list.
    pub fn scroll_detail(&mut self, action: Action, count: Option<usize>) {
        let step = match action {
            Action::ScrollDetailUp => Action::Up,
            _ => Action::Down,
        };
        if self.detail.tab == Tab::Feedback {
            return self.scroll_turn_preview(step, count);
        }
        self.move_in_detail(step, Some(count.unwrap_or(1)));
    }

    fn scroll_text(&mut self, action: Action, count: Option<usize>, page: usize) {
        let tab = self.detail.tab;
        let Some(shown) = self.message_state_mut() else { return };
        let (len, offset) = match tab {
            Tab::Metadata => (shown.metadata.as_ref().map_or(0, Document::len), &mut shown.metadata_offset),
            _ => (shown.text.len(), &mut shown.text_offset),
        };
        // The end of the text stands at the bottom of the pane, not at its top.
        let positions = len.saturating_sub(page) + 1;
        if let Some(to) = scroll::motion_target(action, count, (*offset).min(positions - 1), positions, page)
        {
            *offset = to;
        }
    }

    /// Folding in whatever the detail pane shows.
    pub fn perform_fold(&mut self, action: Action, count: Option<usize>) {
        match action {
            Action::NextPart => return self.cycle_part_or_kind(Direction::Forward),
            Action::PreviousPart => return self.cycle_part_or_kind(Direction::Backward),
            _ => {}
        }
        if self.focus == Pane::Messages {
            match action {
                Action::UnfoldOrRight => {
                    self.focus = Pane::Detail;
                    return;
                }
                Action::FoldOrLeft => return,
                _ => {}
            }
        }
        let level = count.unwrap_or(1);
        let page = self.detail_height();
        let in_payload = self.focus == Pane::Payload;
        match self.detail.tab {
            Tab::Message | Tab::Metadata => self.fold_text(action, page),
            Tab::Feedback => {}
            Tab::Spans if in_payload => self.fold_payload(action, level),
            Tab::Spans => {
                if let Some(shown) = self.message_state_mut() {
                    shown.spans.fold(action, level, &shown.view.forest);
                }
            }
            Tab::Raw => {
                let tree = self.message_state_mut().and_then(|shown| shown.json.as_mut());
                let all = tree.is_none_or(|tree| tree.fold(action, level));
                self.notify_unless_all_unfolded(all);
            }
        }
    }

    /// Says that something stayed folded, unless that is all that there is.
    pub(in crate::app) fn notify_unless_all_unfolded(&mut self, all: bool) {
        if !all {
            self.notify("there is more than can be unfolded at once: what is left opens one by one");
        }
    }

    fn cycle_part_or_kind(&mut self, direction: Direction) {
        match self.detail.tab {
            Tab::Feedback => self.cycle_feedback_kind(direction),
            Tab::Message | Tab::Spans | Tab::Metadata | Tab::Raw => self.cycle_part(direction),
        }
    }

    fn fold_text(&mut self, action: Action, page: usize) {
        let tab = self.detail.tab;
        let Some(shown) = self.message_state_mut() else { return };
        let (document, offset) = match tab {
            Tab::Metadata => (shown.metadata.as_mut(), &mut shown.metadata_offset),
            _ => (Some(&mut shown.text), &mut shown.text_offset),
        };
        if let Some(document) = document {
            document.fold(action, offset, page);
        }
    }

    /// Enter in the detail pane: into the payload, to the feedback's message, or a fold.
    pub fn enter_in_detail(&mut self) {
        match self.detail.tab {
            Tab::Spans => self.focus = Pane::Payload,
            Tab::Feedback => self.go_to_feedback_message(),
            Tab::Raw => {
                if !self.open_selected_string() {
                    self.perform_fold(Action::ToggleFold, None);
                }
            }
            Tab::Message | Tab::Metadata => self.perform_fold(Action::ToggleFold, None),
        }
    }
}
