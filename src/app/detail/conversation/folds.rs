//! Folding the blocks of a conversation, and moving between them.

use std::ops::Range;

use super::{BYTES_PER_FRAME, VisibleMessage, signed};
use crate::app::detail::MessageViewState;
use crate::app::detail::fold::FoldCommand;
use crate::app::panes::{Panes, Shown};
use crate::domain::{Chunk, Message};
use crate::layout::Direction;
use crate::view::Clip;
use crate::view::document::{Fold, SectionSource};
use crate::view::message::clips;
use crate::view::thread::OpenThread;

impl<'a> Shown<'a> {
    /// Returns the rows of the document of a visible message that are in view.
    fn document_rows(self, message: &VisibleMessage) -> Range<usize> {
        let page = self.detail_height().saturating_sub(message.top);
        let first = message.first_row.saturating_sub(1);
        first..(message.first_row + page).saturating_sub(1)
    }

    /// Returns the message and the section that fold keys act on: of the selected message, else of the first one in view.
    pub fn fold_target(self) -> Option<(usize, usize)> {
        let visible = self.visible_messages();
        let selected = visible.iter().filter(|message| message.position == self.list.selected);
        let others = visible.iter().filter(|message| message.position != self.list.selected);
        selected.chain(others).find_map(|message| {
            let document = &self.message_state_at(message.position)?.text.document;
            let rows = self.document_rows(message);
            let section = document.foldable_near(rows.start, rows.len())?;
            let start = document.section_start(section);
            let is_in_view = start < rows.end && start + document.section_rows(section) > rows.start;
            is_in_view.then_some((message.position, section))
        })
    }

    /// Returns the part of the message that the block shows and fold keys act on.
    fn source_in_message(self, state: &MessageViewState) -> Option<SectionSource> {
        let section = if self.shows_conversation() {
            self.fold_target()
                .filter(|(position, _)| *position == self.list.selected)
                .map(|(_, section)| section)
        } else {
            state.text.document.foldable_near(state.text.offset, self.detail_height())
        };
        section.and_then(|section| state.text.document.sections().get(section)?.source)
    }

    /// Returns the chunk that the answer cites in the block that fold keys act on.
    pub(in crate::app) fn cited_chunk(self) -> Option<Chunk> {
        let state = self.message_state()?;
        clips::cited_chunk(self.source_in_message(state)?, &state.view.message, state.parsed_raw().bytes())
    }

    /// Returns the source of the block that fold keys act on, else the text of the message.
    pub(in crate::app::detail) fn clip_in_message(self, state: &MessageViewState) -> Option<Clip> {
        let source = self.source_in_message(state);
        self.with_whole_message(state, |message, raw| {
            let block = source.and_then(|source| clips::section_clip(source, message, raw));
            block.or_else(|| clips::message_clip(message, raw))
        })
    }

    /// Calls `read` with the message and its JSON; a message that is shown shortened is read again.
    pub(in crate::app) fn with_whole_message<T>(
        self,
        state: &MessageViewState,
        read: impl FnOnce(&Message, &[u8]) -> T,
    ) -> T {
        let provider = self.thread.and_then(OpenThread::provider).filter(|_| state.view.shortened.is_some());
        match provider {
            Some(provider) => read(&provider.read_message(state.raw.bytes()), state.raw.bytes()),
            None => read(&state.view.message, state.parsed_raw().bytes()),
        }
    }
}

impl Panes<'_> {
    /// Folds a block in view, or moves between blocks.
    pub(in crate::app::detail) fn fold_in_conversation(&mut self, command: FoldCommand) {
        self.detail.conversation.budget = BYTES_PER_FRAME;
        self.settle();
        match command {
            FoldCommand::OpenAll => self.fold_all_messages(Fold::Open),
            FoldCommand::CloseAll => self.fold_all_messages(Fold::Closed),
            FoldCommand::Toggle => self.fold_target_with(|open| !open),
            FoldCommand::FoldOrParent => self.fold_target_with(|_| false),
            FoldCommand::UnfoldOrChild => self.fold_target_with(|_| true),
            FoldCommand::Sibling(direction) => self.select_sibling(direction),
            FoldCommand::ToLevel(_) => {}
        }
        self.settle();
    }

    fn fold_target_with(&mut self, open: impl Fn(bool) -> bool) {
        let Some((position, section)) = self.shown().fold_target() else { return };
        self.select_in_view(position);
        let offset = self.detail.conversation.offset;
        let Some(state) = self.message_state_at_mut(position) else { return };
        let document = &mut state.text.document;
        let was_open = document.sections().get(section).is_some_and(|section| section.open);
        document.set_fold(section, if open(was_open) { Fold::Open } else { Fold::Closed });
        // If a block began above the pane, folding it moves its title to the top.
        let title = signed(document.section_start(section)) + 1;
        let last = title + signed(document.section_rows(section)) - 1;
        if offset > last || offset > title && !open(was_open) {
            self.detail.conversation.offset = title.saturating_sub(1);
        }
    }

    /// Folds or unfolds everything that is prepared; the section at the top stays there.
    fn fold_all_messages(&mut self, fold: Fold) {
        let selected = self.shown().selected_key();
        let conversation = &mut self.detail.conversation;
        conversation.all_folds = Some(fold);
        for state in &mut self.detail.cache {
            let document = &mut state.text.document;
            let row = usize::try_from(conversation.offset).ok().and_then(|offset| offset.checked_sub(1));
            let section = document.section_at(row.unwrap_or(0));
            let depth = row.map(|row| row.saturating_sub(document.section_start(section)));
            document.set_all_folds(fold);
            if Some(state.key) == selected
                && let Some(depth) = depth
            {
                let depth = depth.min(document.section_rows(section).saturating_sub(1));
                conversation.offset = signed(document.section_start(section) + depth) + 1;
            }
        }
    }

    /// Goes to the next or previous block, also of a nearby message.
    fn select_sibling(&mut self, direction: Direction) {
        let visible = self.shown().visible_messages();
        let Some((position, _)) = self.shown().fold_target() else {
            return self.select_near_block(direction);
        };
        let rows = visible.iter().find(|message| message.position == position);
        let Some(rows) = rows.map(|message| self.shown().document_rows(message)) else { return };
        self.select_in_view(position);
        let Some(state) = self.message_state_at_mut(position) else { return };
        let document = &mut state.text.document;
        let before = document.foldable_near(rows.start, rows.len());
        let row = document.select_foldable(direction, rows.start, rows.len());
        match row {
            Some(row) if before.map(|section| document.section_start(section)) != Some(row) => {
                self.reveal_in_conversation(row);
            }
            _ => self.select_near_block(direction),
        }
    }

    /// Selects the nearest message with a block in a direction, within a limited distance.
    fn select_near_block(&mut self, direction: Direction) {
        let selected = self.list.selected;
        let len = self.shown().list_len();
        for distance in 1..=self.shown().detail_height() {
            let position = match direction {
                Direction::Forward => Some(selected + distance).filter(|position| *position < len),
                Direction::Backward => selected.checked_sub(distance),
            };
            let Some(position) = position else { return };
            self.measure(position);
            let Some(state) = self.message_state_at_mut(position) else { continue };
            let row = state.text.document.select_end_foldable(direction);
            if let Some(row) = row {
                self.select_in_view(position);
                return self.reveal_in_conversation(row);
            }
        }
    }
}
