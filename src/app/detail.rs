//! The detail pane: which tab, and what is prepared for the selected message. What was looked at lately is kept, with its
//! folds and scroll positions, within a budget of bytes. Drawn by `ui/detail`.

pub mod feedback;
pub mod json_tree;
mod message_state;
mod motions;
mod mouse;
pub mod payload;
mod prepare;
mod preserve;
pub mod spans;
pub mod tab;

pub use message_state::MessageViewState;
pub use tab::Tab;

use crate::action::Action;
use crate::app::App;
use crate::app::jumps::PendingSelection;
use crate::domain::MessageKey;
use crate::event::LoadedMessage;
use crate::layout::{self, Pane};
use crate::view::message;

use feedback::FeedbackView;
use payload::PayloadMode;
use preserve::SavedViewState;

/// A message up to this size, in bytes, is read between two key presses; a larger one in a task.
const MAX_INLINE_BYTES: usize = 96 * 1024;

/// Bytes of raw messages whose prepared state is kept.
const CACHE_BYTES: usize = 24 << 20;

/// At most so many messages are kept prepared.
const MAX_CACHED: usize = 32;

/// The pane's state.
#[derive(Debug, Default)]
pub struct Detail {
    pub tab: Tab,
    /// The tab, and the pane in focus, before the last key, for digits that turn out to be counts.
    pub before_last_key: (Tab, Pane),
    /// Most recently shown first.
    cache: Vec<MessageViewState>,
    /// The message a task is reading.
    pub pending_read: Option<(MessageKey, usize)>,
    pub feedback: FeedbackView,
    /// Whether payloads are shown as what they are or as JSON.
    pub payload_mode: PayloadMode,
    /// A way to an end of what is not read yet, to be gone as soon as it is.
    deferred_motion: Option<Action>,
    /// Reading views that tasks are to make.
    payload_jobs: Vec<crate::view::payload::PayloadJob>,
    /// What to select in the Spans tab as soon as the message is prepared.
    pub pending_selection: Option<PendingSelection>,
    /// What was done to messages that changed in a fresh copy of the thread, until they are looked at again.
    saved_states: Vec<SavedViewState>,
}

impl Detail {
    /// Forgets what was prepared: another thread is on the screen.
    pub fn clear(&mut self) {
        self.saved_states.clear();
        self.cache.clear();
        self.pending_read = None;
        self.feedback = FeedbackView::default();
    }

    /// Texts are made anew, as another setting wants them.
    pub fn invalidate_texts(&mut self) {
        self.cache.clear();
        self.pending_read = None;
    }

    /// Fields of the thread changed: the Metadata tab is built anew when it is looked at.
    pub fn invalidate_metadata(&mut self) {
        for shown in &mut self.cache {
            shown.metadata = None;
        }
    }

    /// What is prepared for this message, if it is the one in front.
    pub fn current(&self, key: MessageKey) -> Option<&MessageViewState> {
        self.cache.first().filter(|shown| shown.key == key)
    }

    fn bring_to_front(&mut self, key: MessageKey, width: usize) -> bool {
        let found = self.cache.iter().position(|shown| shown.key == key && shown.width == width);
        if let Some(window) = found.and_then(|index| self.cache.get_mut(..=index)) {
            window.rotate_right(1);
        }
        found.is_some()
    }

    fn push_front(&mut self, mut shown: MessageViewState) {
        if let Some(index) = self.cache.iter().position(|old| old.key == shown.key) {
            // Only the width changed: folds, selection and the place in the text stay.
            let old = self.cache.remove(index);
            shown.spans = old.spans;
            shown.json = old.json;
            shown.text.copy_folds_from(&old.text);
            shown.text_offset = shown.text.equivalent_row(&old.text, old.text_offset);
        }
        self.cache.insert(0, shown);
        let mut bytes = 0usize;
        let mut kept = 0;
        self.cache.retain(|shown| {
            bytes = bytes.saturating_add(shown.raw.len());
            kept += 1;
            kept == 1 || (bytes <= CACHE_BYTES && kept <= MAX_CACHED)
        });
    }

    /// Anything but the message that is waited for is dropped.
    fn insert_if_pending(&mut self, read: LoadedMessage) {
        if self.pending_read == Some((read.key, read.width)) {
            self.pending_read = None;
            self.push_front(MessageViewState::new(read.key, read.raw, read.width, read.view));
        }
    }
}

impl App {
    /// The key of the selected message.
    pub fn selected_key(&self) -> Option<MessageKey> {
        let generation = self.shown_thread()?.generation;
        Some(MessageKey { generation, index: self.selected_summary()?.index })
    }

    /// What is prepared for the selected message.
    pub fn message_state(&self) -> Option<&MessageViewState> {
        self.detail.current(self.selected_key()?)
    }

    /// The same, to be changed.
    pub fn message_state_mut(&mut self) -> Option<&mut MessageViewState> {
        let key = self.selected_key()?;
        self.detail.cache.first_mut().filter(|shown| shown.key == key)
    }

    /// What somebody waits to see: the selected message, and whether it can be read already.
    pub fn selected_message_readiness(&self) -> (Option<MessageKey>, bool) {
        (self.selected_key(), self.message_state().is_some())
    }

    /// Columns for text in the detail pane: the inside less the gutter.
    pub fn text_width(&self) -> usize {
        usize::from(self.frame().detail.inner.width).saturating_sub(message::GUTTER_WIDTH).max(1)
    }

    /// Rows of the detail pane's inside.
    pub fn detail_height(&self) -> usize {
        usize::from(self.frame().detail.inner.height)
    }

    /// The heights of the two halves of the spans tab.
    pub fn spans_areas(&self) -> layout::SpansAreas {
        let rows = self.message_state().map_or(0, |shown| shown.spans.len());
        layout::split_spans_tab(self.frame().detail.inner, rows)
    }
}
