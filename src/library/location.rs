//! The place of the library on this machine, and the accounts of requests.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{
    Account, KeptThread, Library, LibraryError, LibraryReader, RemoteLibrary, Revision, ThreadSelection,
};
use crate::domain::{ListedThread, ThreadRef};
use crate::provider::ServiceAccess;
use crate::storage::thread_cache::{CacheScope, normalize_base_url};

/// The base URL that the demo's server counts as: each run of it has another port.
const DEMO_BASE: &str = "demo";

/// The folder of the library, and the server that is read instead of it.
#[derive(Clone, Debug)]
pub struct LibraryLocation {
    pub folder: PathBuf,
    is_demo: bool,
    remote: Option<Arc<dyn RemoteLibrary>>,
}

/// A kept body, to read.
pub struct KeptBody {
    library: Box<dyn LibraryReader>,
    thread: KeptThread,
    pub revision: Revision,
}

impl KeptBody {
    /// The thread as it was listed.
    pub fn listed(&self) -> &ListedThread {
        &self.thread.listed
    }

    /// Opens the body; reading it returns the unpacked bytes.
    ///
    /// # Errors
    /// The library cannot be read.
    pub fn open(&self) -> Result<Box<dyn Read + Send>, LibraryError> {
        let body = self.library.open_body(&self.thread)?;
        Ok(body.unwrap_or_else(|| Box::new(std::io::empty())))
    }
}

impl LibraryLocation {
    /// The library in the data folder.
    pub fn in_folder(data: &Path) -> Self {
        Self { folder: data.join("library"), is_demo: false, remote: None }
    }

    /// The library of the demo, beside the real one.
    #[must_use]
    pub fn of_demo(self) -> Self {
        Self { folder: self.folder.with_file_name("demo-library"), is_demo: true, remote: None }
    }

    /// Reads from a server instead of the folder. What is fetched is still kept in the folder.
    #[must_use]
    pub fn with_remote(self, remote: Option<Arc<dyn RemoteLibrary>>) -> Self {
        Self { remote, ..self }
    }

    /// Whether a server is read instead of the folder.
    pub fn is_remote(&self) -> bool {
        self.remote.is_some()
    }

    /// Opens the library for reading only; none if there is none.
    ///
    /// # Errors
    /// The library cannot be read.
    pub fn open_reader(&self) -> Result<Option<Box<dyn LibraryReader>>, LibraryError> {
        match &self.remote {
            Some(remote) => remote.open().map(Some),
            None => Ok(Library::open_read_only(&self.folder)?.map(|library| Box::new(library) as _)),
        }
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
    ) -> Result<Option<KeptBody>, LibraryError> {
        let Some(library) = self.open_reader()? else { return Ok(None) };
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
        Ok(kept.and_then(|thread| {
            let revision = thread.revision.clone()?;
            Some(KeptBody { library, thread, revision })
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
