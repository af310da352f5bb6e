//! Tabs that show one document, Message and Metadata, and the scrolling and folding of documents.

use crate::action::Action;
use crate::app::copy::message_text;
use crate::app::detail::MessageViewState;
use crate::app::detail::fold::FoldCommand;
use crate::app::detail::tab::TabView;
use crate::app::{App, scroll};
use crate::json;
use crate::view::Clip;
use crate::view::document::{Fold, ScrolledDocument};
use crate::view::metadata::{self, TimeContext};

/// Scrolls a document; returns whether the action is a motion.
pub fn scroll_document(
    view: &mut ScrolledDocument,
    action: Action,
    count: Option<usize>,
    page: usize,
) -> bool {
    let target = scroll::motion_target(action, count, view.position(page), view.positions(page), page);
    view.offset = target.unwrap_or(view.offset);
    target.is_some()
}

/// Folds what is in view, or selects another foldable block.
pub fn fold_document(view: &mut ScrolledDocument, command: FoldCommand, page: usize) {
    let ScrolledDocument { document, offset } = view;
    let section = document.foldable_near(*offset, page);
    match (command, section) {
        (FoldCommand::OpenAll, _) => document.set_all_folds(Fold::Open),
        (FoldCommand::CloseAll, _) => document.set_all_folds(Fold::Closed),
        (FoldCommand::Toggle, Some(section)) => {
            document.toggle(section);
        }
        (FoldCommand::CloseOrParent, Some(section)) => {
            document.set_fold(section, Fold::Closed);
        }
        (FoldCommand::OpenOrChild, Some(section)) => {
            document.set_fold(section, Fold::Open);
        }
        (FoldCommand::Sibling(direction), _) => {
            if let Some(row) = document.select_foldable(direction, *offset, page) {
                *offset = scroll::into_view(row, *offset, page, document.len());
            }
        }
        (FoldCommand::ToLevel(_), _)
        | (FoldCommand::Toggle | FoldCommand::CloseOrParent | FoldCommand::OpenOrChild, None) => {}
    }
}

/// A tab that shows one document of the selected message.
pub struct DocumentTab {
    document: fn(&mut MessageViewState) -> &mut ScrolledDocument,
    is_ready: fn(&MessageViewState) -> bool,
    prepare: fn(&mut App),
    clip: fn(&MessageViewState) -> Clip,
}

/// The Message tab, whose document is built with the message.
pub const MESSAGE_TAB: DocumentTab = DocumentTab {
    document: |state| &mut state.text,
    is_ready: |_| true,
    prepare: |_| {},
    clip: |state| Clip { label: "text", text: message_text(&state.view.message) },
};

/// The Metadata tab.
pub const METADATA_TAB: DocumentTab = DocumentTab {
    document: |state| &mut state.metadata,
    is_ready: |state| state.is_metadata_current,
    prepare: App::prepare_metadata,
    clip: |state| Clip { label: "JSON", text: json::pretty(state.raw.bytes(), usize::MAX) },
};

impl TabView for DocumentTab {
    fn is_ready(&self, _app: &App, state: &MessageViewState) -> bool {
        (self.is_ready)(state)
    }

    fn prepare(&self, app: &mut App) -> bool {
        (self.prepare)(app);
        false
    }

    fn scroll(&self, app: &mut App, action: Action, count: Option<usize>) {
        if app.shows_conversation() {
            return app.scroll_conversation(action, count);
        }
        let page = app.detail_height();
        if let Some(state) = app.message_state_mut() {
            scroll_document((self.document)(state), action, count, page);
        }
    }

    fn fold(&self, app: &mut App, command: FoldCommand) {
        if app.shows_conversation() {
            return app.fold_in_conversation(command);
        }
        let page = app.detail_height();
        if let Some(state) = app.message_state_mut() {
            fold_document((self.document)(state), command, page);
        }
    }

    fn enter(&self, app: &mut App) {
        app.perform_fold(FoldCommand::Toggle);
    }

    fn click(&self, app: &mut App, row: u16, _column: u16) {
        if app.shows_conversation() {
            return app.click_conversation(usize::from(row));
        }
        let page = app.detail_height();
        if let Some(state) = app.message_state_mut() {
            (self.document)(state).click(usize::from(row), page);
        }
    }

    fn clip(&self, app: &App) -> Option<Clip> {
        app.message_state().map(self.clip)
    }
}

impl App {
    fn prepare_metadata(&mut self) {
        let (time_format, now, width) = (self.prefs.time_format.clone(), self.now, self.text_width());
        let Some(thread) = self.shown_thread() else { return };
        let Some(state) = self.message_state().filter(|state| !state.is_metadata_current) else { return };
        let time = TimeContext { time_format: &time_format, now };
        let document = metadata::document(&state.view.message, &state.raw, thread, width, &time);
        if let Some(state) = self.message_state_mut() {
            state.metadata.document = document;
            state.is_metadata_current = true;
        }
    }
}
