//! Tabs that show one document, Message and Metadata, and the scrolling and folding of documents.

use crate::action::Motion;
use crate::app::detail::MessageViewState;
use crate::app::detail::fold::FoldCommand;
use crate::app::detail::tab::TabView;
use crate::app::panes::{Panes, Shown};
use crate::app::scroll;
use crate::app::text_page::OpenedValue;
use crate::json;
use crate::layout::Direction;
use crate::view::Clip;
use crate::view::document::{Fold, ScrolledDocument};
use crate::view::metadata;

/// Scrolls a document.
pub fn scroll_document(view: &mut ScrolledDocument, motion: Motion, count: Option<usize>, page: usize) {
    view.offset = scroll::motion_target(motion, count, view.position(page), view.positions(page), page);
}

/// Moves the cursor over the values of a document; without values, scrolls it.
pub fn walk_document(view: &mut ScrolledDocument, motion: Motion, count: Option<usize>, page: usize) {
    let direction = match motion {
        Motion::Down | Motion::HalfPageDown | Motion::PageDown | Motion::Bottom => Direction::Forward,
        Motion::Up | Motion::HalfPageUp | Motion::PageUp | Motion::Top => Direction::Backward,
    };
    if matches!(motion, Motion::Down | Motion::Up) {
        let steps = count.unwrap_or(1).min(view.document.len());
        if (0..steps).all(|_| view.walk(direction, page)) {
            return;
        }
    }
    scroll_document(view, motion, count, page);
    view.select_in_view(direction, page);
}

/// Folds the block in view, or selects another foldable block.
pub fn fold_document(view: &mut ScrolledDocument, command: FoldCommand, page: usize) {
    let ScrolledDocument { document, offset } = view;
    let section = document.foldable_near(*offset, page);
    match (command, section) {
        (FoldCommand::OpenAll, _) => document.set_all_folds(Fold::Open),
        (FoldCommand::CloseAll, _) => document.set_all_folds(Fold::Closed),
        (FoldCommand::Toggle, Some(section)) => {
            document.toggle(section);
        }
        (FoldCommand::FoldOrParent, Some(section)) => {
            document.set_fold(section, Fold::Closed);
        }
        (FoldCommand::UnfoldOrChild, Some(section)) => {
            document.set_fold(section, Fold::Open);
        }
        (FoldCommand::Sibling(direction), _) => {
            if let Some(row) = document.select_foldable(direction, *offset, page) {
                *offset = scroll::into_view(row, *offset, page, document.len());
            }
        }
        (FoldCommand::ToLevel(_), _)
        | (FoldCommand::Toggle | FoldCommand::FoldOrParent | FoldCommand::UnfoldOrChild, None) => {}
    }
}

/// A tab that shows one document of the selected message.
pub struct DocumentTab {
    document: fn(&mut MessageViewState) -> &mut ScrolledDocument,
    is_ready: fn(&MessageViewState) -> bool,
    prepare: fn(&mut Panes<'_>),
    clip: fn(Shown<'_>, &MessageViewState) -> Option<Clip>,
}

/// The Message tab, whose document is built with the message.
pub const MESSAGE_TAB: DocumentTab = DocumentTab {
    document: |state| &mut state.text,
    is_ready: |_| true,
    prepare: |_| {},
    clip: |shown, state| shown.clip_in_message(state),
};

/// The Metadata tab.
pub const METADATA_TAB: DocumentTab = DocumentTab {
    document: |state| &mut state.metadata,
    is_ready: |state| state.is_metadata_current,
    prepare: prepare_metadata,
    clip: |_, state| Some(Clip { label: "JSON", text: json::pretty(state.raw.bytes(), usize::MAX) }),
};

impl TabView for DocumentTab {
    fn is_ready(&self, _shown: Shown<'_>, state: &MessageViewState) -> bool {
        (self.is_ready)(state)
    }

    fn prepare(&self, panes: &mut Panes<'_>) -> bool {
        (self.prepare)(panes);
        false
    }

    fn scroll(&self, panes: &mut Panes<'_>, motion: Motion, count: Option<usize>) {
        if panes.shown().shows_conversation() {
            return panes.scroll_conversation(motion, count);
        }
        let page = panes.shown().detail_height();
        if let Some(state) = panes.message_state_mut() {
            scroll_document((self.document)(state), motion, count, page);
        }
    }

    fn fold(&self, panes: &mut Panes<'_>, command: FoldCommand) {
        if panes.shown().shows_conversation() {
            return panes.fold_in_conversation(command);
        }
        let page = panes.shown().detail_height();
        if let Some(state) = panes.message_state_mut() {
            fold_document((self.document)(state), command, page);
        }
    }

    fn enter(&self, panes: &mut Panes<'_>) -> Option<OpenedValue> {
        panes.perform_fold(FoldCommand::Toggle);
        None
    }

    fn click(&self, panes: &mut Panes<'_>, row: u16, _column: u16) {
        if panes.shown().shows_conversation() {
            return panes.click_conversation(usize::from(row));
        }
        let page = panes.shown().detail_height();
        if let Some(state) = panes.message_state_mut() {
            (self.document)(state).click(usize::from(row), page);
        }
    }

    fn clip(&self, shown: Shown<'_>) -> Option<Clip> {
        (self.clip)(shown, shown.message_state()?)
    }
}

fn prepare_metadata(panes: &mut Panes<'_>) {
    let (time, width) = (panes.prefs.time_context(panes.now), panes.shown().text_width());
    let Some(thread) = panes.thread else { return };
    let Some(state) = panes.message_state_mut().filter(|state| !state.is_metadata_current) else { return };
    state.metadata.document = metadata::document(&state.view, &state.raw, thread, width, &time);
    state.is_metadata_current = true;
}
