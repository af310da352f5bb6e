//! The terms of a filter of listed threads, and how threads match them.

use crate::domain::{Applications, ListedThread, Note, SavedState, Timestamp};
use crate::filter::term::{Comparison, NoteTerm, contains};
use crate::search::Finder;

/// A place of threads: the library or the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadPlace {
    /// In the library.
    Saved,
    /// Read here, and not saved.
    Read,
    /// In the library, and changed on the service since.
    Changed,
    /// Only in the library.
    Gone,
}

impl ThreadPlace {
    fn has(self, saved: SavedState) -> bool {
        match self {
            Self::Saved => saved.is_saved(),
            Self::Read => saved == SavedState::Read,
            Self::Changed => saved == SavedState::Changed,
            Self::Gone => saved == SavedState::Gone,
        }
    }
}

/// The application and the variant of a thread.
pub(super) struct ThreadNames<'a> {
    /// Empty if it is unknown.
    application: &'a str,
    /// The id of its application, or of its variant's application.
    application_id: Option<&'a str>,
    /// Empty if it is unknown.
    variant: &'a str,
}

impl<'a> ThreadNames<'a> {
    pub(super) fn new(thread: &'a ListedThread, applications: &'a Applications) -> Self {
        let [application, variant] = applications.names_of(thread);
        let application_id = applications.application_id_of(thread).map(String::as_str);
        Self { application, application_id, variant }
    }
}

/// A condition on a listed thread. Texts are in lower case.
#[derive(Clone, Debug)]
pub enum ThreadTerm {
    /// Part of the application's name, or its whole id.
    Application(String),
    /// Part of the variant's name, or its whole id.
    Variant(String),
    /// Part of the creator's id.
    User(String),
    /// The whole origin: UI, API, MCP.
    Source(String),
    /// Part of the model's name.
    Model(String),
    Id(String),
    Since(Timestamp),
    Before(Timestamp),
    Archived(bool),
    /// Whether the thread is in a place.
    Place(ThreadPlace, bool),
    Messages(Comparison, i64),
    /// The notes on any of its messages and spans.
    Noted(NoteTerm),
    /// Text in the title or the id.
    Text(Box<Finder>),
}

impl ThreadTerm {
    /// Returns whether a thread in this state, with these names and notes, matches.
    pub(super) fn matches(
        &self,
        thread: &ListedThread,
        saved: SavedState,
        names: &ThreadNames<'_>,
        notes: &[Note],
    ) -> bool {
        let has_part =
            |text: &Option<String>, part: &str| text.as_deref().is_some_and(|text| contains(text, part));
        let is_whole =
            |text: Option<&str>, whole: &str| text.is_some_and(|text| text.to_lowercase() == whole);
        match self {
            Self::Application(part) => {
                contains(names.application, part) || is_whole(names.application_id, part)
            }
            Self::Variant(part) => {
                contains(names.variant, part) || is_whole(thread.variant_id.as_deref(), part)
            }
            Self::User(part) => has_part(&thread.user, part),
            Self::Source(whole) => is_whole(thread.origin.as_deref(), whole),
            Self::Model(part) => has_part(&thread.model, part),
            Self::Id(id) => thread.id.eq_ignore_ascii_case(id),
            Self::Since(time) => thread.changed_at().is_some_and(|changed| changed >= *time),
            Self::Before(time) => thread.changed_at().is_some_and(|changed| changed < *time),
            Self::Place(place, is_there) => place.has(saved) == *is_there,
            Self::Archived(is_archived) => thread.archived_at.is_some() == *is_archived,
            Self::Messages(comparison, limit) => {
                let count = thread.message_count.and_then(|count| i64::try_from(count).ok());
                count.is_some_and(|count| comparison.matches(count, *limit))
            }
            Self::Noted(term) => term.matches(notes),
            Self::Text(finder) => {
                [&thread.title, &thread.id].iter().any(|text| !finder.text_hits(text, 1).is_empty())
            }
        }
    }
}
