//! Reads a source (a file, a pipe or a service's thread) and sends its fetch updates. Each fetch ends with exactly one
//! `Ended` or `Failed` unless cancelled; a cached copy may precede it, with its own `Ended`.

mod cached_copy;
mod decompress;
mod file;
mod network;

use std::sync::Arc;

use tokio::sync::mpsc::Sender as Outbox;

use crate::credentials::api_key::LazyApiKey;
use crate::domain::{ExitCode, RequestId, ThreadRef, UserError};
use crate::event::{Event, FetchUpdate};
use crate::ingest::body_reader::KnownMessages;
use crate::library::LibraryLocation;
use crate::net::{Client, FetchControl};
use crate::platform;
use crate::provider::{Provider, ServiceAccess};
use crate::storage::thread_cache::{CacheScope, ThreadCache, ThreadEntry};

pub use cached_copy::no_cached_copy_error;
pub use file::{FileRequest, open_file, read_file, read_stdin};
pub use network::{access_error, user_error};

/// An authenticated client of a provider's service.
#[derive(Clone)]
pub struct ServiceClient {
    pub provider: &'static dyn Provider,
    pub access: ServiceAccess,
    /// The source of the key, if the access has no key.
    pub api_key: LazyApiKey,
    pub client: Arc<Client>,
    /// The cache; `None` if it is disabled.
    pub cache: Option<ThreadCache>,
    /// The library, for threads that the service or the cache does not have.
    pub library: Option<LibraryLocation>,
    /// Summaries of an earlier version of the thread.
    pub known_messages: KnownMessages,
}

impl ServiceClient {
    /// Resolves the key and puts it into the access.
    ///
    /// # Errors
    /// The configured key cannot be resolved.
    pub async fn with_key(mut self) -> Result<Self, UserError> {
        if self.access.api_key.is_none() {
            let key = self.api_key.key().await;
            self.access.api_key = key.map_err(|error| {
                UserError::new(error.to_string(), error.hint(), ExitCode::NotAllowed)
                    .with_headline("The API key cannot be read.")
            })?;
        }
        Ok(self)
    }
}

/// The use of the cached copy in a fetch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CachePolicy {
    /// The cached copy at once, then the service.
    CacheFirst,
    #[default]
    NetworkOnly,
    /// The cached copy only if the service is unreachable; the error follows it.
    NetworkElseCache,
    CacheOnly,
}

/// A request to fetch a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchRequest {
    pub request: RequestId,
    pub thread: ThreadRef,
    pub cache_policy: CachePolicy,
}

/// Sends the updates of one request.
#[derive(Clone)]
struct UpdateSender {
    request: RequestId,
    outbox: Outbox<Event>,
}

impl UpdateSender {
    async fn send(&self, update: FetchUpdate) {
        let _ = self.outbox.send(Event::Fetch { request: self.request, update }).await;
    }

    /// Sends progress, which may be dropped while the loop is busy, because the next report replaces it.
    fn try_send(&self, update: FetchUpdate) {
        let _ = self.outbox.try_send(Event::Fetch { request: self.request, update });
    }
}

/// The state of one fetch.
#[derive(Clone)]
struct FetchJob {
    thread: ThreadRef,
    service: ServiceClient,
    cache_entry: Option<ThreadEntry>,
    updates: UpdateSender,
    control: FetchControl,
    /// The error of resolving the key, reported only when the network is needed.
    key_error: Option<UserError>,
}

/// Fetches a thread from the cache, the service, or both in turn. Returns once the new cached copy is on disk.
pub async fn fetch(
    fetch_request: FetchRequest,
    service: ServiceClient,
    outbox: Outbox<Event>,
    control: FetchControl,
) {
    platform::fail_point("fetching");
    let FetchRequest { request, thread, mut cache_policy } = fetch_request;
    if thread.account.is_some() {
        cache_policy = CachePolicy::CacheOnly;
    }
    // No key is needed offline, and resolving it may prompt the user.
    let (service, key_error) = match cache_policy {
        CachePolicy::CacheOnly => (service, None),
        CachePolicy::CacheFirst | CachePolicy::NetworkOnly | CachePolicy::NetworkElseCache => {
            match service.clone().with_key().await {
                Ok(service) => (service, None),
                Err(error) => (service, Some(error)),
            }
        }
    };
    let cache_entry = {
        let (thread, service) = (thread.clone(), service.clone());
        tokio::task::spawn_blocking(move || cache_entry(&thread, &service)).await.ok().flatten()
    };
    let updates = UpdateSender { request, outbox };
    let job = FetchJob { thread, service, cache_entry, updates, control, key_error };
    match cache_policy {
        CachePolicy::CacheOnly => job.run_cache_only().await,
        CachePolicy::CacheFirst => {
            job.send_cached_copy(CacheScope::SameOwner).await;
            if let Some(error) = job.fetch_from_network().await {
                job.updates.send(FetchUpdate::Failed(error)).await;
            }
        }
        CachePolicy::NetworkOnly | CachePolicy::NetworkElseCache => {
            let Some(error) = job.fetch_from_network().await else { return };
            if cache_policy == CachePolicy::NetworkElseCache && error.exit_code == ExitCode::Network {
                job.send_cached_copy(CacheScope::SameOwner).await;
            } else if cache_policy == CachePolicy::NetworkElseCache && error.exit_code == ExitCode::NotFound {
                job.send_library_copy().await;
            }
            job.updates.send(FetchUpdate::Failed(error)).await;
        }
    }
}

/// Returns the cache entry of a thread; blocks on the disk.
pub fn cache_entry(thread: &ThreadRef, service: &ServiceClient) -> Option<ThreadEntry> {
    service.cache.as_ref()?.entry(thread, &service.access)
}
