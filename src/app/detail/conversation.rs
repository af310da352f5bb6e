//! The conversation: the Message tab as one document of all messages. The place is a row of the selected message, so it
//! survives filters, reloads and new messages. Only the messages near the screen are read and laid out; the heights of
//! others are not measured. Drawn by `ui/detail/conversation`.

mod folds;
mod scroll;

use crate::app::detail::{MAX_INLINE_BYTES, MessageViewState, Tab};
use crate::app::panes::{Panes, Shown};
use crate::domain::{Block, Message, MessageFlags, MessageKey, MessageSummary, Role};
use crate::effect::Effect;
use crate::view::document::{Document, Fold, Form, Place};

/// The rows of a message that is not read yet: its rule, its size, its first line and a blank row.
pub const PLACEHOLDER_ROWS: usize = 4;

/// The maximum number of bytes of raw messages, besides the selected one, that are read between two frames.
const BYTES_PER_FRAME: usize = 2 * MAX_INLINE_BYTES;

/// The maximum number of messages that one motion passes row by row; a longer motion estimates the heights of the rest.
const MAX_PASSED: usize = 200;

/// The maximum number of messages between a call and its result.
const MAX_RESULTS: usize = 8;

/// The state of the conversation.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// Whether the Message tab shows the selected message only.
    pub shows_one_message: bool,
    /// The row of the selected message at the top of the pane; negative if the message begins below it.
    offset: isize,
    /// The message that `offset` refers to. If another message is selected, that one is scrolled to the top.
    anchor: Option<MessageKey>,
    /// The place at the top that the last change of the width preserved, and the resulting offset.
    kept_place: Option<(MessageKey, isize, Place)>,
    /// Bytes that may still be read before the next frame.
    budget: usize,
    /// The last command that folded or unfolded all messages. It also applies to messages that are read later.
    all_folds: Option<Fold>,
}

impl Conversation {
    /// Clears the state for another thread. The choice between one message and all stays.
    pub fn clear(&mut self) {
        *self = Self { shows_one_message: self.shows_one_message, ..Self::default() };
    }

    /// Returns the form of the documents in the Message tab.
    pub fn form(&self) -> Form {
        if self.shows_one_message { Form::Page } else { Form::Conversation }
    }

    /// Replaces the placeholder of a large message. If it was scrolled into from below, the rows below it stay in place.
    pub(super) fn replace_placeholder(&mut self, state: &mut MessageViewState) {
        let document = &mut state.text.document;
        if let Some(fold) = self.all_folds.filter(|_| !self.shows_one_message) {
            document.set_all_folds(fold);
        }
        let is_large = state.raw.len() > MAX_INLINE_BYTES;
        if self.anchor == Some(state.key) && self.offset > 0 && is_large {
            let from_end = signed(PLACEHOLDER_ROWS).saturating_sub(self.offset);
            self.offset = signed(document.len() + 2).saturating_sub(from_end).max(0);
        }
    }

    /// Finds the row at the top in another layout of its message. The place that was reached by scrolling is preserved, so
    /// that many small changes of the width lead to the same row as one large change.
    pub(super) fn follow_to(&mut self, key: MessageKey, new: &Document, old: &Document) {
        if self.anchor == Some(key)
            && let Some(row) = usize::try_from(self.offset).ok().and_then(|offset| offset.checked_sub(1))
        {
            let kept =
                self.kept_place.filter(|(kept_key, offset, _)| (*kept_key, *offset) == (key, self.offset));
            let place = kept.map_or_else(|| old.place_of(row), |(_, _, place)| place);
            self.offset = signed(new.row_of(place)).saturating_add(1);
            self.kept_place = Some((key, self.offset, place));
        }
    }
}

/// A message in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisibleMessage {
    /// Its position in the list.
    pub position: usize,
    /// Its first row in view: 0 is its rule.
    pub first_row: usize,
    /// The number of its rows, with its rule and the blank row below it.
    pub rows: usize,
    /// The row of the pane at which it begins.
    pub top: usize,
}

fn signed(rows: usize) -> isize {
    isize::try_from(rows).unwrap_or(isize::MAX)
}

impl<'a> Shown<'a> {
    /// Returns whether the detail pane shows the conversation.
    pub fn shows_conversation(self) -> bool {
        self.detail.tab == Tab::Message && !self.detail.conversation.shows_one_message
    }

    /// Returns the state of the message in a row of the list, if it is prepared.
    pub fn message_state_at(self, position: usize) -> Option<&'a MessageViewState> {
        let key = self.key_at(position)?;
        self.detail.state(key)
    }

    pub(super) fn key_at(self, position: usize) -> Option<MessageKey> {
        let generation = self.thread?.generation;
        Some(MessageKey { generation, index: self.summary_at(position)?.index })
    }

    /// Returns the rows of a message: its rule, its text, and a blank row unless the result of its calls follows.
    fn rows_at(self, position: usize) -> usize {
        let blank = usize::from(!self.has_result_below(position));
        self.message_state_at(position)
            .map_or(PLACEHOLDER_ROWS, |state| state.text.document.len() + 1 + blank)
    }

    /// Returns whether the next message has the results of this one's calls, or more of them.
    fn has_result_below(self, position: usize) -> bool {
        let is_call = self.summary_at(position).is_some_and(|it| it.flags.contains(MessageFlags::TOOLS));
        is_call && self.summary_at(position + 1).is_some_and(|next| next.role == Role::Tool)
    }

    /// Returns the name of the call whose result is the message at a position, if the call is prepared.
    pub fn call_name_at(self, position: usize) -> Option<&'a str> {
        let result = &self.message_state_at(position)?.view.message;
        let call_id = blocks_of(result).find_map(Block::answered_call)?;
        let before = (position.saturating_sub(MAX_RESULTS)..position).rev();
        let states = before.filter_map(|before| self.message_state_at(before));
        let mut calls = states.flat_map(|state| blocks_of(&state.view.message)).filter_map(Block::call);
        calls.find(|(id, _)| *id == call_id).map(|(_, name)| name)
    }

    /// Returns the messages in view, from top to bottom.
    pub fn visible_messages(self) -> Vec<VisibleMessage> {
        let page = self.detail_height();
        let len = self.list_len();
        let mut position = self.list.selected;
        let is_anchored = self.detail.conversation.anchor == self.selected_key();
        let mut offset = if is_anchored { self.detail.conversation.offset } else { 0 };
        while offset < 0 && position > 0 {
            position -= 1;
            offset = offset.saturating_add(signed(self.rows_at(position)));
        }
        let mut first_row = usize::try_from(offset).unwrap_or(0);
        let mut visible = Vec::new();
        let mut top = 0;
        while top < page && position < len {
            let rows = self.rows_at(position);
            if first_row < rows {
                visible.push(VisibleMessage { position, first_row, rows, top });
                top += rows - first_row;
            }
            first_row = 0;
            position += 1;
        }
        visible
    }

    /// Returns the row of the whole conversation at the top of the pane, as a message and its row.
    fn place(self) -> Option<(usize, usize)> {
        self.visible_messages().first().map(|top| (top.position, top.first_row))
    }
}

impl Panes<'_> {
    /// Switches between the conversation and the selected message only; the line at the top stays.
    pub(in crate::app) fn toggle_conversation(&mut self) {
        self.prepare_now();
        let showed_one_message = self.detail.conversation.shows_one_message;
        self.detail.conversation.shows_one_message = !showed_one_message;
        let form = self.detail.conversation.form();
        let selected = self.shown().selected_key();
        let conversation = &mut self.detail.conversation;
        for state in &mut self.detail.cache {
            let row = match usize::try_from(conversation.offset) {
                Ok(offset) if !showed_one_message && Some(state.key) == selected => offset.saturating_sub(1),
                _ => state.text.offset,
            };
            let document = &mut state.text.document;
            let section = document.section_at(row);
            let depth = row.saturating_sub(document.section_start(section));
            document.set_form(form);
            // A section can have fewer rows in the other form.
            let depth = depth.min(document.section_rows(section).saturating_sub(1));
            let row = document.section_start(section) + depth;
            if Some(state.key) == selected {
                state.text.offset = row;
                if showed_one_message {
                    conversation.anchor = selected;
                    conversation.offset = if row == 0 { 0 } else { signed(row + 1) };
                }
            }
        }
        self.show_tab(Tab::Message);
        self.notify(if showed_one_message {
            "The whole conversation"
        } else {
            "This message only; c shows all"
        });
    }

    fn message_state_at_mut(&mut self, position: usize) -> Option<&mut MessageViewState> {
        let key = self.shown().key_at(position)?;
        self.detail.state_mut(key)
    }

    /// Scrolls to the selected message if another one was selected since the last call.
    fn follow_selection(&mut self) {
        let selected = self.shown().selected_key();
        if self.detail.conversation.anchor != selected {
            self.detail.conversation.anchor = selected;
            self.detail.conversation.offset = 0;
        }
    }

    /// Keeps the place after a reload, which gives the selected message another key.
    pub(in crate::app) fn keep_place_in_conversation(&mut self, previous: Option<MessageKey>) {
        if self.detail.conversation.anchor == previous {
            self.detail.conversation.anchor = self.shown().selected_key();
        }
    }

    /// Prepares the messages in view; returns whether there are more to prepare, and the effect that reads a large one.
    pub(super) fn prepare_conversation(&mut self) -> (bool, Option<Effect>) {
        if !self.shown().shows_conversation()
            || self.shown().detail_height() == 0
            || self.shown().list_len() == 0
        {
            self.detail.visible_count = 1;
            return (false, None);
        }
        self.detail.conversation.budget = BYTES_PER_FRAME;
        self.settle();
        let visible = self.shown().visible_messages();
        self.detail.visible_count = visible.len().max(1);
        let width = self.shown().text_width();
        let mut needs_more = false;
        let mut read = None;
        for message in visible.iter().rev() {
            let Some(key) = self.shown().key_at(message.position) else { continue };
            if self.detail.bring_to_front(key, width) || message.position == self.list.selected {
                continue;
            }
            let is_small = self.shown().summary_at(message.position).is_some_and(is_small);
            if is_small {
                needs_more |= self.detail.conversation.budget == 0;
            } else {
                read = Some(message.position);
            }
        }
        if let Some(selected) = self.shown().selected_key() {
            self.detail.bring_to_front(selected, width);
        }
        let is_reading = self.shown().message_state().is_none() && self.detail.pending_read.is_some();
        let read = read.filter(|_| !is_reading);
        (needs_more, read.and_then(|position| self.read_message_at(position)))
    }

    /// Prepares the message in a row if it is small and the budget allows; returns its rows.
    fn measure(&mut self, position: usize) -> usize {
        let width = self.shown().text_width();
        let is_current = self.shown().message_state_at(position).is_some_and(|state| state.width == width);
        let size =
            self.shown().summary_at(position).filter(|summary| is_small(summary)).map(|it| it.raw.len());
        if let (false, Some(size)) = (is_current, size)
            && self.detail.conversation.budget > 0
        {
            self.detail.conversation.budget = self.detail.conversation.budget.saturating_sub(size.max(512));
            self.detail.visible_count += 1;
            self.read_message_at(position);
        }
        self.shown().rows_at(position)
    }

    /// Prepares the messages in view, and keeps the place inside the conversation: no blank rows above the first or below
    /// the last message.
    fn settle(&mut self) {
        self.follow_selection();
        let page = self.shown().detail_height();
        let (selected, len) = (self.list.selected, self.shown().list_len());
        // If the pane has become smaller, two rows of the selected message stay in view.
        let lowest = -signed(page.saturating_sub(2));
        self.detail.conversation.offset = self.detail.conversation.offset.max(lowest);
        let mut below = signed(self.measure(selected)) - self.detail.conversation.offset;
        let mut next = selected + 1;
        while below <= signed(page) && next < len {
            below = below.saturating_add(signed(self.measure(next)));
            next += 1;
        }
        // The blank row below the last message stays out of view.
        let missing = signed(page) + 1 - below;
        if missing > 0 && next >= len {
            self.detail.conversation.offset = self.detail.conversation.offset.saturating_sub(missing);
        }
        let mut above = 0isize;
        let mut previous = selected;
        while above < -self.detail.conversation.offset && previous > 0 {
            previous -= 1;
            above = above.saturating_add(signed(self.measure(previous)));
        }
        self.detail.conversation.offset = self.detail.conversation.offset.max(-above);
    }
}

fn blocks_of(message: &Message) -> impl Iterator<Item = &Block> {
    message.sides.iter().flat_map(|side| &side.blocks)
}

fn is_small(summary: &MessageSummary) -> bool {
    summary.raw.len() <= MAX_INLINE_BYTES
}
