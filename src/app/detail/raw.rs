//! The Raw tab: the message's JSON as a tree.

use crate::action::Motion;
use crate::app::detail::MessageViewState;
use crate::app::detail::fold::FoldCommand;
use crate::app::detail::json_tree::TreeView;
use crate::app::detail::tab::TabView;
use crate::app::panes::{Panes, Shown};
use crate::app::text_page::OpenedValue;
use crate::json;
use crate::view::Clip;

/// The Raw tab.
pub struct RawTab;

fn tree<'a>(panes: &'a mut Panes<'_>) -> Option<&'a mut TreeView> {
    panes.message_state_mut()?.json.as_mut()
}

impl TabView for RawTab {
    fn is_ready(&self, _shown: Shown<'_>, state: &MessageViewState) -> bool {
        state.json.is_some()
    }

    fn prepare(&self, panes: &mut Panes<'_>) -> bool {
        let page = panes.shown().detail_height();
        let Some(state) = panes.message_state_mut() else { return false };
        let raw = &state.raw;
        state.json.get_or_insert_with(|| TreeView::new(raw, raw.full_range())).prepare(page)
    }

    fn scroll(&self, panes: &mut Panes<'_>, motion: Motion, count: Option<usize>) {
        let page = panes.shown().detail_height();
        if let Some(tree) = tree(panes) {
            tree.move_selection(motion, count, page);
        }
    }

    fn fold(&self, panes: &mut Panes<'_>, command: FoldCommand) {
        let is_complete = tree(panes).is_none_or(|tree| tree.fold(command));
        panes.notify_unless_all_unfolded(is_complete);
    }

    fn enter(&self, panes: &mut Panes<'_>) -> Option<OpenedValue> {
        let string = panes.shown().selected_string();
        if string.is_none() {
            panes.perform_fold(FoldCommand::Toggle);
        }
        string
    }

    fn click(&self, panes: &mut Panes<'_>, row: u16, _column: u16) {
        if let Some(tree) = tree(panes) {
            tree.click(usize::from(row));
        }
    }

    fn selected_tree<'a>(&self, shown: Shown<'a>) -> Option<&'a TreeView> {
        shown.message_state()?.json.as_ref()
    }

    fn clip(&self, shown: Shown<'_>) -> Option<Clip> {
        let text = json::pretty(shown.message_state()?.raw.bytes(), usize::MAX);
        Some(Clip { label: "JSON", text })
    }
}
