//! Kept threads: their rows in the catalogue, and the versions of their bodies.

use std::cmp::Reverse;

use super::Account;
use crate::domain::{ListedThread, SavedState, Timestamp};

/// A kept version of a thread's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The number, from 1; 0 is the cached copy of a thread that was read.
    pub number: u32,
    /// The path relative to the library's folder; for a cached copy, the name of its file in the cache.
    pub path: String,
    /// The checksum of the unpacked body.
    pub sha256: String,
    pub size: u64,
    pub packed_size: u64,
    pub fetched_at: Timestamp,
    pub message_count: u64,
    pub unreadable_count: u64,
    /// Whether the service sent spans; `None` if it never does.
    pub has_spans: Option<bool>,
    /// The values of the list when the body was fetched, to detect later changes of the thread.
    pub listed_updated_at: Option<Timestamp>,
    pub listed_message_count: Option<u64>,
}

/// A thread of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptThread {
    pub account: Account,
    pub listed: ListedThread,
    /// When its body was last fetched and compared.
    pub checked_at: Option<Timestamp>,
    /// The time since which the service no longer has it.
    pub gone_since: Option<Timestamp>,
    /// The newest kept body.
    pub revision: Option<Revision>,
    /// The cached copy of a thread that was only read. It may age out.
    pub cached: Option<Revision>,
}

impl KeptThread {
    /// Returns the time of the thread's last change, as reported by the service.
    pub fn changed_at(&self) -> Option<Timestamp> {
        self.listed.changed_at()
    }

    /// Returns the sort key for the threads of hits: the last changed thread comes first.
    pub(super) fn search_order(&self) -> (Reverse<Option<Timestamp>>, String, String, String) {
        let Account { service, .. } = &self.account;
        (Reverse(self.changed_at()), service.clone(), self.account.folder(), self.listed.id.clone())
    }

    /// Compares the kept body with the latest list.
    pub fn state(&self) -> SavedState {
        match &self.revision {
            None if self.cached.is_some() => SavedState::Read,
            None => SavedState::NotSaved,
            Some(_) if self.gone_since.is_some() => SavedState::Gone,
            Some(revision) if revision.matches_list(&self.listed) => SavedState::Saved,
            Some(_) => SavedState::Changed,
        }
    }
}

impl Revision {
    /// Returns whether the list shows the thread unchanged since this body was fetched; false if the list has no values to
    /// compare.
    pub fn matches_list(&self, listed: &ListedThread) -> bool {
        let has_values = listed.updated_at.is_some() || listed.message_count.is_some();
        has_values
            && self.listed_updated_at == listed.updated_at
            && self.listed_message_count == listed.message_count
    }
}

/// A selection of the library's threads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadSelection {
    /// Only threads of this service.
    pub service: Option<String>,
    pub id: Option<String>,
    pub user: Option<String>,
    /// Only those with a kept body.
    pub is_saved: bool,
    /// Only those with a kept body or a cached copy.
    pub is_readable: bool,
}
