//! The lists that the library keeps: loaded before a listing, and updated by it. If the library cannot be read or written,
//! only this is missing, and the log has the reason.

use std::collections::HashSet;

use tokio::task::spawn_blocking;

use crate::domain::{KeptAccount, KeptList, ListUpdate};
use crate::ingest::fetch::ServiceClient;
use crate::library::{Account, ForgottenThreads, Library, LibraryError, LibraryLocation};
use crate::platform::now;
use crate::text::Safe;

/// The kept lists of an account.
#[derive(Clone, Debug)]
pub struct KeptLists {
    location: LibraryLocation,
    account: Account,
    /// Whether lists may be written; false if the cache is disabled.
    is_recorded: bool,
}

/// Writes a running listing to the library, which is opened once for the whole list.
pub struct ListRecorder {
    lists: KeptLists,
    /// Opened by the first step.
    library: Option<OpenLibrary>,
    /// The ids that were listed so far.
    listed: HashSet<String>,
}

struct OpenLibrary {
    library: Library,
    forgotten: ForgottenThreads,
}

impl KeptLists {
    /// Returns the lists of the client's account; `None` if this machine has no library.
    pub fn of(client: &ServiceClient) -> Option<Self> {
        let location = client.library.clone()?;
        let account = location.account(client.provider.id(), &client.access);
        Some(Self::new(location, account, client.cache.is_some()))
    }

    /// Creates the lists of an account; `is_recorded` allows writing a list.
    pub fn new(location: LibraryLocation, account: Account, is_recorded: bool) -> Self {
        Self { location, account, is_recorded }
    }

    /// Loads the list on a blocking thread.
    pub async fn load_in_background(lists: Option<&Self>) -> Option<KeptList> {
        let lists = lists?.clone();
        spawn_blocking(move || lists.load()).await.ok().flatten()
    }

    /// Loads the list like [`KeptLists::load_in_background`], including threads that were read since the last update of the
    /// catalogue.
    pub async fn load_with_copies(lists: Option<&Self>) -> Option<KeptList> {
        let lists = lists?.clone();
        let load = move || {
            lists.register_copies();
            lists.load()
        };
        spawn_blocking(load).await.ok().flatten()
    }

    /// Adds the threads that were read to the catalogue. Returns whether it has changed. Blocks on the disk.
    pub fn register_copies(&self) -> bool {
        self.location.register_copies().unwrap_or_else(|error| {
            log(&error);
            false
        })
    }

    /// Loads the list. Blocks on the disk.
    pub fn load(&self) -> Option<KeptList> {
        let load = || match self.location.open_reader()? {
            Some(library) => library.kept_list(&self.account),
            None => Ok(None),
        };
        load().unwrap_or_else(|error| {
            log(&error);
            None
        })
    }

    /// Loads the other accounts of the service with threads in the library, and the numbers of these threads. Blocks on the
    /// disk.
    pub fn load_other_accounts(&self) -> Vec<(KeptAccount, usize)> {
        let load = || match self.location.open_reader()? {
            Some(library) => library.kept_accounts(),
            None => Ok(Vec::new()),
        };
        let accounts = load().inspect_err(log).unwrap_or_default();
        let in_use = std::slice::from_ref(&self.account);
        let of_service = accounts.into_iter().filter(|(account, _)| account.service == self.account.service);
        of_service.filter_map(|(account, count)| Some((account.unless_in(in_use)?, count))).collect()
    }

    /// Starts to record a listing; `None` if lists are not recorded.
    pub fn recorder(&self) -> Option<ListRecorder> {
        let recorder = || ListRecorder { lists: self.clone(), library: None, listed: HashSet::new() };
        self.is_recorded.then(recorder)
    }
}

impl ListRecorder {
    /// Records a step of a listing. Returns `None` if that fails, so that nothing more is recorded.
    pub async fn record(mut self, update: ListUpdate, is_whole_account: bool) -> Option<Self> {
        let update = match update {
            ListUpdate::Threads(_) | ListUpdate::Applications(_) | ListUpdate::Variants(_) => update,
            ListUpdate::Ended { is_complete: true, .. } if is_whole_account => update,
            ListUpdate::Accounts(_)
            | ListUpdate::Progress(_)
            | ListUpdate::Refused(_)
            | ListUpdate::Ended { .. }
            | ListUpdate::Failed(_) => return Some(self),
        };
        let recorded = spawn_blocking(move || {
            let result = self.write(update);
            result.inspect_err(log).is_ok().then_some(self)
        });
        recorded.await.ok().flatten()
    }

    fn write(&mut self, update: ListUpdate) -> Result<(), LibraryError> {
        let account = &self.lists.account;
        let OpenLibrary { library, forgotten } = match &mut self.library {
            Some(open) => open,
            closed => {
                let library = self.lists.location.open()?;
                let forgotten = library.forgotten_threads();
                closed.insert(OpenLibrary { library, forgotten })
            }
        };
        match update {
            ListUpdate::Threads(threads) => {
                self.listed.extend(threads.iter().map(|thread| thread.id.clone()));
                let is_kept = |id: &str| !forgotten.contains(account, id);
                let threads: Vec<_> = threads.into_iter().filter(|thread| is_kept(&thread.id)).collect();
                library.record_listed(account, &threads)
            }
            ListUpdate::Applications(applications) => library.record_names(account, &applications, &[]),
            ListUpdate::Variants(variants) => library.record_names(account, &[], &variants),
            ListUpdate::Ended { .. } => {
                let listed = &self.listed;
                library.record_complete_list(account, &|id| listed.contains(id), now()).map(drop)
            }
            ListUpdate::Accounts(_)
            | ListUpdate::Progress(_)
            | ListUpdate::Refused(_)
            | ListUpdate::Failed(_) => Ok(()),
        }
    }
}

fn log(error: &LibraryError) {
    tracing::warn!("the list is not kept: {}", Safe::line(&error.to_string()));
}
