//! Filters of listed threads: `app:Support since:7d messages>10 refund`.

mod term;
mod time;
mod vocabulary;

use std::sync::Arc;

use super::parse::{self, Expression, FilterError};
use crate::domain::{AccountNotes, Applications, ListedThread, SavedState, Timestamp};
use term::ThreadNames;
use vocabulary::ThreadVocabulary;

pub use term::{ThreadPlace, ThreadTerm};
pub use time::parse_time;
pub use vocabulary::thread_completions;

/// A parsed filter of listed threads with its source text.
#[derive(Clone, Debug)]
pub struct ThreadFilter {
    source: String,
    expression: Expression<ThreadTerm>,
    /// The notes that `noted:` refers to.
    notes: Arc<AccountNotes>,
}

impl ThreadFilter {
    /// Parses an expression; an empty one matches everything. Ages are counted back from `now`.
    ///
    /// # Errors
    /// An invalid expression, with the closest valid term if one is unknown.
    pub fn new(source: &str, now: Timestamp) -> Result<Self, FilterError> {
        let expression = parse::parse(source, &ThreadVocabulary { now })?;
        Ok(Self { source: source.trim().to_owned(), expression, notes: Arc::default() })
    }

    /// Returns the same filter for threads of an account with these notes.
    #[must_use]
    pub fn with_notes(self, notes: Arc<AccountNotes>) -> Self {
        Self { notes, ..self }
    }

    /// Returns the source text, trimmed.
    pub fn expression(&self) -> &str {
        &self.source
    }

    /// Returns whether the filter matches everything.
    pub fn is_empty(&self) -> bool {
        self.expression.is_empty()
    }

    /// Returns whether a thread matches. A field that the service did not send matches nothing.
    pub fn matches(&self, thread: &ListedThread, saved: SavedState, applications: &Applications) -> bool {
        self.matches_noted(thread, saved, applications, &self.notes)
    }

    /// Returns whether a thread of an account with these notes matches.
    pub fn matches_noted(
        &self,
        thread: &ListedThread,
        saved: SavedState,
        applications: &Applications,
        notes: &AccountNotes,
    ) -> bool {
        let names = ThreadNames::new(thread, applications);
        let notes = notes.of_thread(&thread.id);
        self.expression.evaluate(&|term| Some(term.matches(thread, saved, &names, notes))).unwrap_or(false)
    }

    /// Returns whether the filter depends on the notes of threads.
    pub fn uses_notes(&self) -> bool {
        self.expression.any(&|term| matches!(term, ThreadTerm::Noted(_)))
    }

    /// Returns the terms that every matching thread meets; terms in alternatives are not among them.
    pub fn required_terms(&self) -> Vec<&ThreadTerm> {
        let parts = match &self.expression {
            Expression::All(parts) => parts.as_slice(),
            only => std::slice::from_ref(only),
        };
        parts.iter().filter_map(Expression::term).collect()
    }

    /// Returns whether the filter depends on the states of threads, which are in the library.
    pub fn needs_saved_state(&self) -> bool {
        self.expression.any(&|term| matches!(term, ThreadTerm::Place(..)))
    }
}

#[cfg(test)]
mod tests;
