//! The Raw tab: the message's JSON as a tree.

use crate::action::Action;
use crate::app::App;
use crate::app::detail::MessageViewState;
use crate::app::detail::fold::FoldCommand;
use crate::app::detail::json_tree::TreeView;
use crate::app::detail::tab::TabView;
use crate::json;
use crate::view::Clip;

/// The Raw tab.
pub struct RawTab;

fn tree(app: &mut App) -> Option<&mut TreeView> {
    app.message_state_mut()?.json.as_mut()
}

impl TabView for RawTab {
    fn is_ready(&self, _app: &App, state: &MessageViewState) -> bool {
        state.json.is_some()
    }

    fn prepare(&self, app: &mut App) -> bool {
        let page = app.detail_height();
        let Some(state) = app.message_state_mut() else { return false };
        let raw = &state.raw;
        state.json.get_or_insert_with(|| TreeView::new(raw, raw.full_range())).prepare(page)
    }

    fn scroll(&self, app: &mut App, action: Action, count: Option<usize>) {
        let page = app.detail_height();
        if let Some(tree) = tree(app) {
            tree.move_selection(action, count, page);
        }
    }

    fn fold(&self, app: &mut App, command: FoldCommand) {
        let is_complete = tree(app).is_none_or(|tree| tree.fold(command));
        app.notify_unless_all_unfolded(is_complete);
    }

    fn enter(&self, app: &mut App) {
        if !app.open_selected_string() {
            app.perform_fold(FoldCommand::Toggle);
        }
    }

    fn click(&self, app: &mut App, row: u16, _column: u16) {
        if let Some(tree) = tree(app) {
            tree.click(usize::from(row));
        }
    }

    fn selected_tree<'a>(&self, app: &'a App) -> Option<&'a TreeView> {
        app.message_state()?.json.as_ref()
    }

    fn clip(&self, app: &App) -> Option<Clip> {
        let text = json::pretty(app.message_state()?.raw.bytes(), usize::MAX);
        Some(Clip { label: "JSON", text })
    }
}
