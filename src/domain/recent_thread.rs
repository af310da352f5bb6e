//! A recently opened or suggested thread.

use super::Timestamp;

/// A thread of the history, or a suggested one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentThread {
    /// The input that opens it again.
    pub input: String,
    pub title: String,
    /// The service's short name, or `file`.
    pub service: String,
    /// The profile it was opened with.
    pub profile: Option<String>,
    /// `None` for suggestions that were never opened.
    pub opened_at: Option<Timestamp>,
    /// A note shown beside it.
    pub note: String,
}
