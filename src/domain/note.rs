//! The user's notes on messages and spans. A note without text is a bookmark.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::{KeptAccount, ThreadRef, Timestamp};

/// The place of a note in its thread.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotePlace {
    pub message_id: String,
    /// The span that the note is on, unless it is on the whole message.
    pub span_id: Option<String>,
}

/// A note.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    pub place: NotePlace,
    /// The text; empty for a bookmark.
    pub text: String,
    /// The beginning of the message, or the name of the span. Untrusted.
    pub excerpt: String,
    pub written_at: Timestamp,
}

/// The notes of one thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadNotes(BTreeMap<String, Vec<Note>>);

impl ThreadNotes {
    /// A thread without notes.
    pub const NONE: &Self = &Self(BTreeMap::new());

    /// Collects notes.
    pub fn new(notes: impl IntoIterator<Item = Note>) -> Self {
        let mut by_message = BTreeMap::<String, Vec<Note>>::new();
        for note in notes {
            by_message.entry(note.place.message_id.clone()).or_default().push(note);
        }
        by_message.values_mut().for_each(|notes| notes.sort_by(|one, other| one.place.cmp(&other.place)));
        Self(by_message)
    }

    /// Returns whether the thread has no notes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the notes on a message, and then those on its spans.
    pub fn of_message(&self, message_id: &str) -> &[Note] {
        self.0.get(message_id).map_or(&[], Vec::as_slice)
    }

    /// Returns the note at a place.
    pub fn at(&self, place: &NotePlace) -> Option<&Note> {
        self.of_message(&place.message_id).iter().find(|note| note.place == *place)
    }

    /// Returns the note on a span.
    pub fn of_span(&self, message_id: &str, span_id: &str) -> Option<&Note> {
        let is_on_span = |note: &&Note| note.place.span_id.as_deref() == Some(span_id);
        self.of_message(message_id).iter().find(is_on_span)
    }

    /// Returns the notes with mapped texts and excerpts.
    #[must_use]
    pub fn map_texts(&self, mut map: impl FnMut(&str) -> String) -> Self {
        let mut mapped = self.clone();
        for note in mapped.0.values_mut().flatten() {
            note.text = map(&note.text);
            note.excerpt = map(&note.excerpt);
        }
        mapped
    }
}

/// The notes on the threads of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountNotes(HashMap<String, Vec<Note>>);

impl AccountNotes {
    /// Returns the notes of an account that has none.
    pub fn none() -> &'static Self {
        static NONE: LazyLock<AccountNotes> = LazyLock::new(AccountNotes::default);
        &NONE
    }

    /// Adds a note on the thread with this id.
    pub fn add(&mut self, thread_id: String, note: Note) {
        self.0.entry(thread_id).or_default().push(note);
    }

    /// Returns the notes on a thread.
    pub fn of_thread(&self, thread_id: &str) -> &[Note] {
        self.0.get(thread_id).map_or(&[], Vec::as_slice)
    }
}

/// A note with its thread, for lists of notes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedNote {
    pub service: String,
    /// None for the account in use.
    pub account: Option<KeptAccount>,
    pub thread_id: String,
    /// The title of the thread. Untrusted.
    pub title: String,
    pub note: Note,
}

/// A note to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteEdit {
    pub thread: ThreadRef,
    pub title: String,
    pub place: NotePlace,
    pub excerpt: String,
    /// The new text; `None` removes the note.
    pub text: Option<String>,
}
