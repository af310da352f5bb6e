//! The interface for reading kept threads, in the folder of this machine or on a server.

use std::fmt::Debug;
use std::io::Read;

use super::{
    Account, HitCount, KeptThread, Library, LibraryError, LibraryHit, LibraryQuery, LibraryStats,
    SearchOptions, ThreadSelection, open_packed,
};
use crate::domain::{Applications, KeptList};

/// A library that is open for reading. Every function blocks on the disk or the network, and fails if they fail.
pub trait LibraryReader: Send {
    /// Returns the thread with this id in an account.
    fn find(&self, account: &Account, id: &str) -> Result<Option<KeptThread>, LibraryError>;

    /// Returns the selected threads, the latest changed first.
    fn threads(&self, selection: &ThreadSelection) -> Result<Vec<KeptThread>, LibraryError>;

    /// Returns the kept threads that a search selects, the latest changed first.
    fn readable_threads(&self, options: &SearchOptions<'_>) -> Result<Vec<KeptThread>, LibraryError> {
        let selection = ThreadSelection { is_readable: true, ..ThreadSelection::default() };
        let mut threads = self.threads(&selection)?;
        threads.retain(options.is_selected);
        Ok(threads)
    }

    /// Returns the accounts with kept threads, and the numbers of these.
    fn kept_accounts(&self) -> Result<Vec<(Account, usize)>, LibraryError>;

    /// Returns the kept list of an account; none without a thread.
    fn kept_list(&self, account: &Account) -> Result<Option<KeptList>, LibraryError>;

    /// Returns the applications and variants of all accounts.
    fn applications(&self) -> Result<Applications, LibraryError>;

    /// Opens the newest body of a thread; reading it returns the unpacked bytes. None without a body.
    fn open_body(&self, thread: &KeptThread) -> Result<Option<Box<dyn Read + Send>>, LibraryError>;

    /// Finds messages up to a limit. The last changed thread comes first, with its newest message first.
    fn search(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<LibraryHit>, LibraryError>;

    /// Counts the messages that match, up to the limit; `None` if this library cannot count fast enough.
    fn count_hits(
        &self,
        _query: &LibraryQuery,
        _options: &SearchOptions<'_>,
    ) -> Result<Option<HitCount>, LibraryError> {
        Ok(None)
    }

    /// Returns the kept threads with messages that match; without words and conditions, all selected threads, whatever the
    /// limit. The last changed thread comes first.
    fn matching_threads(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<KeptThread>, LibraryError>;

    /// Returns the thread and the id of the message with this reference.
    fn find_reference(&self, reference: i64) -> Result<Option<(KeptThread, String)>, LibraryError>;

    /// Counts the contents of the library.
    fn stats(&self) -> Result<LibraryStats, LibraryError>;

    /// Returns the number of threads that are not in the search index yet.
    fn unindexed_count(&self) -> Result<usize, LibraryError>;
}

/// A library on a server.
pub trait RemoteLibrary: Debug + Send + Sync {
    /// Opens the library for reading.
    ///
    /// # Errors
    /// The server cannot be reached, refuses, or has no library.
    fn open(&self) -> Result<Box<dyn LibraryReader>, LibraryError>;
}

impl LibraryReader for Library {
    fn find(&self, account: &Account, id: &str) -> Result<Option<KeptThread>, LibraryError> {
        Self::find(self, account, id)
    }

    fn threads(&self, selection: &ThreadSelection) -> Result<Vec<KeptThread>, LibraryError> {
        Self::threads(self, selection)
    }

    fn kept_accounts(&self) -> Result<Vec<(Account, usize)>, LibraryError> {
        Self::kept_accounts(self)
    }

    fn kept_list(&self, account: &Account) -> Result<Option<KeptList>, LibraryError> {
        Self::kept_list(self, account)
    }

    fn applications(&self) -> Result<Applications, LibraryError> {
        Self::applications(self)
    }

    fn open_body(&self, thread: &KeptThread) -> Result<Option<Box<dyn Read + Send>>, LibraryError> {
        let Some(revision) = &thread.revision else {
            let copy = thread.cached.as_ref().and_then(|copy| self.open_copy(&copy.path));
            return Ok(copy.map(|copy| Box::new(copy) as _));
        };
        Ok(Some(Box::new(open_packed(&self.body_path(revision))?)))
    }

    fn search(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<LibraryHit>, LibraryError> {
        Self::search(self, query, options)
    }

    fn count_hits(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Option<HitCount>, LibraryError> {
        Self::count_hits(self, query, options).map(Some)
    }

    fn matching_threads(
        &self,
        query: &LibraryQuery,
        options: &SearchOptions<'_>,
    ) -> Result<Vec<KeptThread>, LibraryError> {
        Self::matching_threads(self, query, options)
    }

    fn find_reference(&self, reference: i64) -> Result<Option<(KeptThread, String)>, LibraryError> {
        Self::find_reference(self, reference)
    }

    fn stats(&self) -> Result<LibraryStats, LibraryError> {
        Self::stats(self)
    }

    fn unindexed_count(&self) -> Result<usize, LibraryError> {
        Self::unindexed_count(self)
    }
}
