//! Reads a source (a file, a pipe or a service's thread) and sends its fetch updates. Each fetch ends with exactly one
//! `Ended` or `Failed` unless cancelled; a cached copy may precede it, with its own `Ended`.

mod cached_copy;
mod network;
mod unpack;

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc::Sender as Outbox;

use crate::credentials::api_key::LazyApiKey;
use crate::domain::{ExitCode, Origin, RequestId, ThreadRef, UserError};
use crate::event::{Event, FetchUpdate};
use crate::ingest::body_reader::{BodyReader, KnownMessages, UPDATE_INTERVAL};
use crate::library::LibraryLocation;
use crate::net::{Client, FetchControl};
use crate::platform::{self, PipePoll};
use crate::provider::{Provider, ServiceAccess};
use crate::storage::files::expand_home;
use crate::storage::thread_cache::{CacheScope, ThreadCache, ThreadEntry};

use unpack::{Input, decompress};

pub use cached_copy::no_cached_copy_error;
pub use network::{access_error, user_error};

/// A request to read a file or a pipe.
#[derive(Clone)]
pub struct FileRequest {
    pub request: RequestId,
    /// The service that the body belongs to; `None` to detect it.
    pub provider: Option<&'static dyn Provider>,
    /// The most bytes of a pipe or of a decompressed file (setting `max_body`).
    pub max_bytes: u64,
    /// Summaries of an earlier version.
    pub known_messages: KnownMessages,
}

/// Reads a file of any service, plain or compressed with gzip or zstd. Blocks, so it needs its own thread; `stop` ends it early.
pub fn read_file(file_request: FileRequest, path: &Path, outbox: &Outbox<Event>, stop: &AtomicBool) {
    let FileRequest { request, provider, max_bytes, known_messages } = file_request;
    let mut reader = BodyReader::new(request, provider, outbox).with_known_messages(known_messages);
    match open_file(&expand_home(path)) {
        Ok((file, size)) => {
            reader.send(FetchUpdate::Started { origin: Origin::File { size } });
            let pipe_poll = if size.is_none() { PipePoll::file(&file) } else { None };
            let name = path.display().to_string();
            read_to_end(decompress(file, size, max_bytes), pipe_poll, (reader, &name), stop);
        }
        Err(error) => reader.send(FetchUpdate::Failed(error)),
    }
}

/// Reads standard input to its end.
pub fn read_stdin(file_request: FileRequest, outbox: &Outbox<Event>, stop: &AtomicBool) {
    let FileRequest { request, provider, max_bytes, .. } = file_request;
    let mut reader = BodyReader::new(request, provider, outbox);
    reader.send(FetchUpdate::Started { origin: Origin::File { size: None } });
    read_to_end(
        decompress(io::stdin(), None, max_bytes),
        PipePoll::stdin(),
        (reader, "standard input"),
        stop,
    );
}

/// Opens a file and returns its size; `None` for a pipe or device.
///
/// # Errors
/// The file does not exist, is a folder, or cannot be read.
pub fn open_file(path: &Path) -> Result<(File, Option<u64>), UserError> {
    let to_user_error = |error: io::Error| {
        let path = path.display();
        let (message, exit_code) = match error.kind() {
            io::ErrorKind::NotFound => (format!("file not found: {path}"), ExitCode::NotFound),
            io::ErrorKind::PermissionDenied => (format!("permission denied: {path}"), ExitCode::NotAllowed),
            _ => (format!("cannot read {path}: {error}"), ExitCode::Failure),
        };
        UserError::new(message, "Check the path.", exit_code)
    };
    let file = File::open(path).map_err(to_user_error)?;
    let metadata = file.metadata().map_err(to_user_error)?;
    if metadata.is_dir() {
        let message = format!("{} is a folder", path.display());
        return Err(UserError::new(message, "Pass a file in it.", ExitCode::Failure));
    }
    Ok((file, metadata.is_file().then_some(metadata.len())))
}

/// The bytes of the first read; few, so that the first messages appear immediately. Each further read may take twice as
/// many as the last.
const FIRST_READ_SIZE: usize = 64 << 10;
const MAX_READ_SIZE: usize = 1 << 20;

/// Reads to the end. `pipe_poll` detects pauses of a source that can pause; `name` is the name of the source, for errors.
fn read_to_end(
    Input { mut bytes, total }: Input,
    pipe_poll: Option<PipePoll>,
    (mut reader, name): (BodyReader, &str),
    stop: &AtomicBool,
) {
    let mut read_size = FIRST_READ_SIZE;
    while !stop.load(Ordering::Relaxed) {
        if reader.has_unreported_bytes()
            && pipe_poll.as_ref().is_some_and(|pipe_poll| pipe_poll.is_idle_for(UPDATE_INTERVAL))
        {
            reader.flush_on_pause(total);
        }
        let spare = reader.spare();
        let room = spare.len().min(read_size);
        match bytes.read(spare.get_mut(..room).unwrap_or_default()) {
            Ok(0) => {
                reader.finish(None);
                return;
            }
            Ok(count) => reader.advance(count, total),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                reader.finish(Some(format!("cannot read {name}: {error}")));
                return;
            }
        }
        read_size = (read_size * 2).min(MAX_READ_SIZE);
    }
}

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
