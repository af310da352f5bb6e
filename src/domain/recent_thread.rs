//! A recently opened or suggested thread.

use super::Timestamp;

/// A thread of the history, or a suggested one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentThread {
    /// The input that opens the thread again.
    pub input: String,
    pub title: String,
    /// The service's short name, or `file`.
    pub service: String,
    /// The profile with which it was opened.
    pub profile: Option<String>,
    /// `None` for suggestions that were never opened.
    pub opened_at: Option<Timestamp>,
    /// A note to show next to it.
    pub note: String,
    /// The place where the reader left it.
    pub place: Option<ReadingPlace>,
}

/// The place where a reader left a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadingPlace {
    /// The id of the selected message, as its JSON.
    pub message_id: String,
    /// The title of the tab.
    pub tab: String,
    /// The search; empty without one.
    pub query: String,
    /// Whether all questions are folded, with these exceptions by thread index.
    pub is_folded: bool,
    pub fold_exceptions: Vec<u32>,
}
