//! The location of the library, and the accounts of requests.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cached_copies::has_copies;
use super::{
    Account, KeptThread, Library, LibraryError, LibraryNotes, LibraryReader, RemoteLibrary, Revision,
    ThreadSelection,
};
use crate::domain::{ListedThread, ThreadRef};
use crate::provider::ServiceAccess;
use crate::storage::thread_cache::{CacheScope, normalize_base_url};

/// The base URL of the demo's account, because each run of its server has another port.
const DEMO_BASE: &str = "demo";

/// The folder of the library, and the server that readers use instead of it, if any.
#[derive(Clone, Debug)]
pub struct LibraryLocation {
    pub folder: PathBuf,
    /// The folder of the cache whose copies belong to the library; `None` if the cache is disabled.
    cache_folder: Option<PathBuf>,
    is_demo: bool,
    remote: Option<Arc<dyn RemoteLibrary>>,
}

/// A kept body that can be opened.
pub struct KeptBody {
    library: Box<dyn LibraryReader>,
    thread: KeptThread,
    pub revision: Revision,
}

impl KeptBody {
    /// Returns the thread as it was listed.
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
    /// Returns the library in the data folder.
    pub fn in_folder(data: &Path) -> Self {
        Self { folder: data.join("library"), cache_folder: None, is_demo: false, remote: None }
    }

    /// Includes the threads with copies in this cache.
    #[must_use]
    pub fn with_cache(self, cache_folder: Option<PathBuf>) -> Self {
        Self { cache_folder, ..self }
    }

    /// Returns the location of the demo's library, next to the real one. The demo caches nothing.
    #[must_use]
    pub fn of_demo(self) -> Self {
        let folder = self.folder.with_file_name("demo-library");
        Self { folder, cache_folder: None, is_demo: true, remote: None }
    }

    /// Makes readers use a server instead of the folder. Fetched threads are still kept in the folder.
    #[must_use]
    pub fn with_remote(self, remote: Option<Arc<dyn RemoteLibrary>>) -> Self {
        Self { remote, ..self }
    }

    /// Returns whether readers use a server instead of the folder.
    pub fn is_remote(&self) -> bool {
        self.remote.is_some()
    }

    /// Opens the library for reading only; `None` if it does not exist.
    ///
    /// # Errors
    /// The library cannot be read.
    pub fn open_reader(&self) -> Result<Option<Box<dyn LibraryReader>>, LibraryError> {
        match &self.remote {
            Some(remote) => remote.open().map(Some),
            None => Ok(self.open_read_only()?.map(|library| Box::new(library) as _)),
        }
    }

    /// Opens the library in the folder for reading only; `None` if it does not exist.
    ///
    /// # Errors
    /// See [`Library::open_read_only`].
    pub fn open_read_only(&self) -> Result<Option<Library>, LibraryError> {
        let library = Library::open_read_only(&self.folder)?;
        Ok(library.map(|library| library.with_cache(self.cache_folder.as_deref())))
    }

    /// Reads all notes, by account. They are in the folder even if readers use a server.
    ///
    /// # Errors
    /// The library cannot be read.
    pub fn notes(&self) -> Result<LibraryNotes, LibraryError> {
        let library = self.open_read_only()?;
        Ok(library.map(|library| library.notes_by_account()).transpose()?.unwrap_or_default())
    }

    /// Opens the library in the folder if there is one, or if there are cached copies for a first one.
    ///
    /// # Errors
    /// See [`Library::open_existing`].
    pub fn open_existing(&self) -> Result<Option<Library>, LibraryError> {
        if self.cache_folder.as_deref().is_some_and(has_copies) {
            return self.open().map(Some);
        }
        let library = Library::open_existing(&self.folder)?;
        Ok(library.map(|library| library.with_cache(self.cache_folder.as_deref())))
    }

    /// Adds the threads that were read to the catalogue, if the cache has changed. Returns whether it has.
    ///
    /// # Errors
    /// See [`Library::register_copies`].
    pub fn register_copies(&self) -> Result<bool, LibraryError> {
        let Some(cache_folder) = self.cache_folder.as_deref().filter(|_| !self.is_remote()) else {
            return Ok(false);
        };
        let has_new_copies = match self.open_read_only()? {
            Some(library) => library.has_new_copies()?,
            None => has_copies(cache_folder),
        };
        if has_new_copies {
            self.open()?.register_copies()?;
        }
        Ok(has_new_copies)
    }

    /// Returns the account that requests with this access belong to.
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
        Ok(Library::open(&self.folder)?.with_cache(self.cache_folder.as_deref()))
    }
}
