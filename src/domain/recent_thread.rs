//! A thread that was opened before, or is suggested.

use super::Timestamp;

/// A thread that was opened, for the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentThread {
    /// What to type to get it again.
    pub input: String,
    pub title: String,
    /// The service's short name, or `file`.
    pub service: String,
    /// The profile by which it was reached.
    pub profile: Option<String>,
    /// `None` for suggestions that were never opened.
    pub opened_at: Option<Timestamp>,
    /// A remark shown beside it.
    pub note: String,
}
