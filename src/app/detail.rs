//! The detail pane: which tab, and what is prepared for the selected message. What was looked at lately is kept, with its
//! folds and scroll positions, within a budget of bytes. Drawn by `ui/detail`.

mod carry;
pub mod chunks;
pub mod compose;
pub mod feedback;
pub mod fields;
mod moving;
pub mod payload;
mod pointing;
mod prepared;
mod settle;
pub mod spans;
pub mod tab;
pub mod tree_view;

pub use prepared::{Prepared, Shown};
pub use tab::Tab;

use crate::action::Action;
use crate::app::App;
use crate::app::jumps::Wanted;
use crate::event::{MessageKey, ReadMessage};
use crate::layout::{self, Pane};

use carry::Resume;
use feedback::FeedbackView;
use payload::view::Manner;

/// A message up to this size, in bytes, is read between two key presses; a larger one in a task.
const INLINE: usize = 96 * 1024;

/// Bytes of raw messages whose prepared state is kept.
const BUDGET: usize = 24 << 20;

/// At most so many messages are kept prepared.
const MOST: usize = 32;

/// The pane's state.
#[derive(Debug, Default)]
pub struct Detail {
    pub tab: Tab,
    /// The tab, and the pane in focus, before the last key, for digits that turn out to be counts.
    pub before: (Tab, Pane),
    /// Most recently shown first.
    shown: Vec<Shown>,
    /// The message a task is reading.
    pub waiting: Option<(MessageKey, usize)>,
    pub feedback: FeedbackView,
    /// Whether payloads are shown as what they are or as JSON.
    pub manner: Manner,
    /// A way to an end of what is not read yet, to be gone as soon as it is.
    deferred: Option<Action>,
    /// Reading views that tasks are to make.
    wishes: Vec<payload::view::Wish>,
    /// What to select in the Spans tab as soon as the message is prepared.
    pub wanted: Option<Wanted>,
    /// What was done to messages that changed in a fresh copy of the thread, until they are looked at again.
    resumes: Vec<Resume>,
}

impl Detail {
    /// Forgets what was prepared: another thread is on the screen.
    pub fn forget(&mut self) {
        self.resumes.clear();
        self.shown.clear();
        self.waiting = None;
        self.feedback = FeedbackView::default();
    }

    /// Texts are made anew, as another setting wants them.
    pub fn forget_texts(&mut self) {
        self.shown.clear();
        self.waiting = None;
    }

    /// Fields of the thread changed: the Metadata tab is built anew when it is looked at.
    pub fn forget_metadata(&mut self) {
        for shown in &mut self.shown {
            shown.metadata = None;
        }
    }

    /// What is prepared for this message, if it is the one in front.
    pub fn front(&self, key: MessageKey) -> Option<&Shown> {
        self.shown.first().filter(|shown| shown.key == key)
    }

    fn bring_to_front(&mut self, key: MessageKey, width: usize) -> bool {
        let found = self.shown.iter().position(|shown| shown.key == key && shown.width == width);
        if let Some(window) = found.and_then(|index| self.shown.get_mut(..=index)) {
            window.rotate_right(1);
        }
        found.is_some()
    }

    fn push_front(&mut self, mut shown: Shown) {
        if let Some(index) = self.shown.iter().position(|old| old.key == shown.key) {
            // Only the width changed: folds, selection and the place in the text stay.
            let old = self.shown.remove(index);
            shown.spans = old.spans;
            shown.json = old.json;
            shown.text.fold_like(&old.text);
            shown.text_offset = shown.text.row_like(&old.text, old.text_offset);
        }
        self.shown.insert(0, shown);
        let mut bytes = 0usize;
        let mut kept = 0;
        self.shown.retain(|shown| {
            bytes = bytes.saturating_add(shown.raw.len());
            kept += 1;
            kept == 1 || (bytes <= BUDGET && kept <= MOST)
        });
    }

    /// Anything but the message that is waited for is dropped.
    fn take_read(&mut self, read: ReadMessage) {
        if self.waiting == Some((read.key, read.width)) {
            self.waiting = None;
            self.push_front(Shown::new(read.key, read.raw, read.width, read.prepared));
        }
    }
}

impl App {
    /// The key of the selected message.
    pub fn selected_key(&self) -> Option<MessageKey> {
        let generation = self.shown_thread()?.generation;
        Some(MessageKey { generation, index: self.selected_head()?.index })
    }

    /// What is prepared for the selected message.
    pub fn shown(&self) -> Option<&Shown> {
        self.detail.front(self.selected_key()?)
    }

    /// The same, to be changed.
    pub fn shown_mut(&mut self) -> Option<&mut Shown> {
        let key = self.selected_key()?;
        self.detail.shown.first_mut().filter(|shown| shown.key == key)
    }

    /// What somebody waits to see: the selected message, and whether it can be read already.
    pub fn looked_at(&self) -> (Option<MessageKey>, bool) {
        (self.selected_key(), self.shown().is_some())
    }

    /// Columns for text in the detail pane: the inside less the gutter.
    pub fn text_width(&self) -> usize {
        usize::from(self.frame().detail.inner.width).saturating_sub(compose::GUTTER).max(1)
    }

    /// Rows of the detail pane's inside.
    pub fn detail_page(&self) -> usize {
        usize::from(self.frame().detail.inner.height)
    }

    /// The heights of the two halves of the spans tab.
    pub fn spans_areas(&self) -> layout::SpansAreas {
        let rows = self.shown().map_or(0, |shown| shown.spans.len());
        layout::payload_split(self.frame().detail.inner, rows)
    }
}
