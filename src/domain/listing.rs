//! The items that a service lists: accounts, applications, variants and threads; and the steps of a listing.

use super::{KeptAccount, SavedState, Timestamp};

/// A thread in a list. A field is `None` if the service did not send it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedThread {
    pub id: String,
    /// The title; empty if the thread has none.
    pub title: String,
    pub application_id: Option<String>,
    pub variant_id: Option<String>,
    /// The creator: SGP's `created_by_user_id`, camelAI's `uid`.
    pub user: Option<String>,
    /// The client that started the thread: camelAI's `source` (UI, API, MCP).
    pub origin: Option<String>,
    pub model: Option<String>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    pub archived_at: Option<Timestamp>,
    pub message_count: Option<u64>,
}

impl ListedThread {
    /// Returns the time of the last change: a thread that never changed was last changed when it was created.
    pub fn changed_at(&self) -> Option<Timestamp> {
        self.updated_at.or(self.created_at)
    }
}

/// An account that the key can see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedAccount {
    pub id: String,
    pub name: String,
    pub role: String,
    pub status: String,
}

/// An application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedApplication {
    pub id: String,
    pub name: String,
    pub created_at: Option<Timestamp>,
    pub archived_at: Option<Timestamp>,
}

/// A variant of an application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedVariant {
    pub id: String,
    pub name: String,
    pub application_id: Option<String>,
    /// The kind of the variant: `V0`, `AGENTS_SERVICE`, `OFFLINE`.
    pub version: String,
    pub is_draft: bool,
    pub updated_at: Option<Timestamp>,
}

/// The progress of a listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListProgress {
    /// The number of lists of threads that were read: one per variant, or per page.
    pub lists_read: usize,
    /// The number of all lists, once known.
    pub lists_total: Option<usize>,
    /// The number of different threads listed so far.
    pub threads: usize,
    /// The number of threads that the service states.
    pub threads_total: Option<u64>,
    /// The number of lists that could not be read.
    pub refused: usize,
}

/// A part of a listing that could not be read. The listing continues without it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRefusal {
    /// The part, in a few words: `variant RAG v3`.
    pub subject: String,
    pub variant_id: Option<String>,
    /// The reason in a few words: `403 Forbidden`. Untrusted.
    pub reason: String,
}

/// A step of a listing.
#[derive(Clone, Debug, PartialEq)]
pub enum ListUpdate {
    Accounts(Vec<ListedAccount>),
    Applications(Vec<ListedApplication>),
    Variants(Vec<ListedVariant>),
    /// New threads, or newer versions of listed ones.
    Threads(Vec<ListedThread>),
    Progress(ListProgress),
    Refused(ListRefusal),
    /// The end. The listing is complete if nothing was refused and the numbers agree. `notes` are sentences about parts
    /// that may be missing.
    Ended {
        is_complete: bool,
        notes: Vec<String>,
    },
    /// Nothing could be listed.
    Failed(super::UserError),
}

/// The kept list of an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeptList {
    /// The end of the last complete listing.
    pub listed_at: Option<Timestamp>,
    pub applications: Vec<ListedApplication>,
    pub variants: Vec<ListedVariant>,
    pub threads: Vec<(ListedThread, SavedState)>,
    /// The other accounts of the service, with the numbers of their kept threads.
    pub other_accounts: Vec<(KeptAccount, usize)>,
}
