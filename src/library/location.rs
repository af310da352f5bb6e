//! The place of the library on this machine, and the accounts of requests.

use std::path::{Path, PathBuf};

use super::{Account, KeptThread, Library, LibraryError, Revision, ThreadSelection};
use crate::domain::{ListedThread, ThreadRef};
use crate::provider::ServiceAccess;
use crate::storage::thread_cache::{CacheScope, normalize_base_url};

/// The base URL that the demo's server counts as: each run of it has another port.
const DEMO_BASE: &str = "demo";

/// The folder of the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryLocation {
    pub folder: PathBuf,
    is_demo: bool,
}

/// A kept body, to read.
#[derive(Clone, Debug)]
pub struct KeptCopy {
    pub path: PathBuf,
    pub revision: Revision,
    pub listed: ListedThread,
}

impl LibraryLocation {
    /// The library in the data folder.
    pub fn in_folder(data: &Path) -> Self {
        Self { folder: data.join("library"), is_demo: false }
    }

    /// The library of the demo, beside the real one.
    #[must_use]
    pub fn of_demo(self) -> Self {
        Self { folder: self.folder.with_file_name("demo-library"), is_demo: true }
    }

    /// The account that requests with this access belong to.
    pub fn account(&self, service: &str, access: &ServiceAccess) -> Account {
        let base =
            if self.is_demo { Some(DEMO_BASE.to_owned()) } else { normalize_base_url(&access.base_url) };
        let base = base.unwrap_or_else(|| access.base_url.clone());
        Account::new(service, &base, access.account_id.as_deref())
    }

    /// Finds the kept body of a thread: that of the account, or of any account on this machine.
    ///
    /// # Errors
    /// The library cannot be read.
    pub fn find_copy(
        &self,
        thread: &ThreadRef,
        access: &ServiceAccess,
        scope: CacheScope,
    ) -> Result<Option<KeptCopy>, LibraryError> {
        let Some(library) = Library::open_read_only(&self.folder)? else { return Ok(None) };
        let mut kept = library.find(&self.account(thread.service, access), &thread.id)?;
        if kept.as_ref().is_none_or(|kept| kept.revision.is_none()) && scope == CacheScope::AnyOwner {
            let selection = ThreadSelection {
                service: Some(thread.service.to_owned()),
                id: Some(thread.id.clone()),
                is_saved: true,
                ..ThreadSelection::default()
            };
            kept = library.threads(&selection)?.into_iter().next();
        }
        Ok(kept.and_then(|KeptThread { listed, revision, .. }| {
            let revision = revision?;
            Some(KeptCopy { path: library.body_path(&revision), revision, listed })
        }))
    }

    /// Opens the library, and creates it if it is missing.
    ///
    /// # Errors
    /// See [`Library::open`].
    pub fn open(&self) -> Result<Library, LibraryError> {
        Library::open(&self.folder)
    }
}
