//! The detail pane: the tab and the prepared messages. Recently shown messages stay cached with their folds and scroll
//! positions, within a budget of bytes. Drawn by `ui/detail`.

pub mod conversation;
pub mod document;
pub mod feedback;
pub mod fold;
pub mod json_tree;
mod message_state;
mod motions;
mod mouse;
pub mod payload;
mod prepare;
mod preserve;
mod raw;
pub mod spans;
pub mod tab;

pub use message_state::MessageViewState;
pub use tab::Tab;

use crate::app::panes::{Panes, Shown};
use crate::app::pending_navigation::PendingNavigation;
use crate::domain::MessageKey;
use crate::event::LoadedMessage;
use crate::layout::{self, Pane};
use crate::view::message;

use conversation::Conversation;
use feedback::FeedbackView;
use payload::PayloadMode;
use preserve::PreservedViewState;

/// The largest message, in bytes, that is prepared between two key presses. Tasks prepare larger ones.
pub const MAX_INLINE_BYTES: usize = 96 * 1024;

/// The maximum number of bytes of raw messages in the cache.
const CACHE_BYTES: usize = 24 << 20;

/// The maximum number of messages in the cache.
const MAX_CACHED: usize = 64;

/// The pane's state.
#[derive(Debug, Default)]
pub struct Detail {
    pub tab: Tab,
    /// The tab and the focused pane before the last key, for digits that turn out to be counts.
    pub before_last_key: (Tab, Pane),
    /// The prepared messages, the most recently shown first.
    cache: Vec<MessageViewState>,
    /// The message that a task is preparing, and its width.
    pub pending_read: Option<(MessageKey, usize)>,
    /// The place in the conversation, and whether it is shown.
    pub conversation: Conversation,
    /// The number of messages in view. They are the most recently shown ones and stay in the cache.
    visible_count: usize,
    pub feedback: FeedbackView,
    /// Whether payloads are shown formatted or as JSON.
    pub payload_mode: PayloadMode,
    /// The place to go to as soon as the selected message is prepared.
    pub pending_navigation: Option<PendingNavigation>,
    /// Formatted views to build by tasks.
    payload_jobs: Vec<crate::view::payload::PayloadJob>,
    /// Searches in large messages, to be run by tasks.
    pub hit_jobs: Vec<crate::view::search_hits::HitJob>,
    /// The view states of messages that changed in a reload, until they are shown again.
    saved_states: Vec<PreservedViewState>,
}

impl Detail {
    /// Clears the cache, because another thread is shown.
    pub fn clear(&mut self) {
        self.saved_states.clear();
        self.cache.clear();
        self.pending_read = None;
        self.feedback = FeedbackView::default();
        self.conversation.clear();
    }

    /// Marks all texts to be rebuilt when they are next shown, after a setting changed. Folds and scroll positions stay.
    pub fn invalidate_texts(&mut self) {
        // No text has width 0, so it is rebuilt.
        self.cache.iter_mut().for_each(|state| state.width = 0);
        self.pending_read = None;
        self.feedback.turn_preview = None;
    }

    /// Marks the Metadata tab to be rebuilt when it is next shown, because fields of the thread changed.
    pub fn invalidate_metadata(&mut self) {
        for state in &mut self.cache {
            state.is_metadata_current = false;
        }
    }

    /// Returns the state of this message, if it is prepared.
    fn state(&self, key: MessageKey) -> Option<&MessageViewState> {
        self.cache.iter().find(|state| state.key == key)
    }

    /// Returns the same, mutable.
    fn state_mut(&mut self, key: MessageKey) -> Option<&mut MessageViewState> {
        self.cache.iter_mut().find(|state| state.key == key)
    }

    fn bring_to_front(&mut self, key: MessageKey, width: usize) -> bool {
        move_to_front(&mut self.cache, |state| state.key == key && state.width == width)
    }

    fn push_front(&mut self, mut state: MessageViewState) {
        state.text.document.set_form(self.conversation.form());
        if let Some(index) = self.cache.iter().position(|old| old.key == state.key) {
            // Only the width changed: folds, selections and scroll positions stay.
            let old = self.cache.remove(index);
            state.spans = old.spans;
            state.json = old.json;
            state.text.resume(&old.text);
            self.conversation.follow_to(state.key, &state.text.document, &old.text.document);
        } else {
            self.conversation.replace_placeholder(&mut state);
        }
        self.cache.insert(0, state);
        let mut bytes = 0usize;
        let mut count = 0;
        self.cache.retain(|state| {
            bytes = bytes.saturating_add(state.raw.len());
            count += 1;
            count <= self.visible_count.max(1) || (bytes <= CACHE_BYTES && count <= MAX_CACHED)
        });
    }

    /// Inserts a message that a task has prepared, unless another one is pending by now.
    fn insert_if_pending(&mut self, loaded: LoadedMessage) {
        if self.pending_read == Some((loaded.key, loaded.width)) {
            self.pending_read = None;
            self.push_front(MessageViewState::new(loaded.key, loaded.raw, loaded.width, loaded.view));
        }
    }
}

impl<'a> Shown<'a> {
    /// Returns the key of the selected message.
    pub fn selected_key(self) -> Option<MessageKey> {
        let generation = self.thread?.generation;
        Some(MessageKey { generation, index: self.selected_summary()?.index })
    }

    /// Returns the state of the selected message, once it is prepared.
    pub fn message_state(self) -> Option<&'a MessageViewState> {
        self.detail.state(self.selected_key()?)
    }

    /// Returns the selected message, and whether it is prepared.
    pub fn selected_message_readiness(self) -> (Option<MessageKey>, bool) {
        (self.selected_key(), self.message_state().is_some())
    }

    /// Returns the columns for text in the detail pane, without border and gutter.
    pub fn text_width(self) -> usize {
        usize::from(self.screen.frame().detail.inner.width).saturating_sub(message::GUTTER_WIDTH).max(1)
    }

    /// Returns the rows of the detail pane, without the border.
    pub fn detail_height(self) -> usize {
        usize::from(self.screen.frame().detail.inner.height)
    }

    /// Returns the areas of the Spans tab.
    pub fn spans_areas(self) -> layout::SpansAreas {
        let rows = self.message_state().map_or(0, |state| state.spans.len());
        layout::split_spans_tab(self.screen.frame().detail.inner, rows)
    }
}

impl Panes<'_> {
    /// Returns the same, mutable.
    pub fn message_state_mut(&mut self) -> Option<&mut MessageViewState> {
        let key = self.shown().selected_key()?;
        self.detail.state_mut(key)
    }
}

/// Moves an element to the front of a list that is ordered by last use; returns whether there is one.
fn move_to_front<T>(list: &mut [T], is_wanted: impl FnMut(&T) -> bool) -> bool {
    let recent = list.iter().position(is_wanted).and_then(|index| list.get_mut(..=index));
    recent.map(|recent| recent.rotate_right(1)).is_some()
}
