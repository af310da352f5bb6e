//! Opening a source: a file, a pipe or a service's thread becomes news of a request. All of them end in exactly one
//! `Ended` or `Failed`, unless they are cancelled; a kept copy of a thread may come before, with an `Ended` of its own.

mod cached_copy;
mod network;
mod unpack;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc::Sender as Outbox;

use crate::credentials::api_key::LazyApiKey;
use crate::domain::{ExitCode, Origin, RequestId, ThreadRef, Timestamp, UserError};
use crate::event::{Event, FetchUpdate};
use crate::ingest::body_reader::{BodyReader, KnownMessages, UPDATE_INTERVAL};
use crate::net::{Client, FetchControl};
use crate::platform::PipePoll;
use crate::provider::{Provider, ServiceAccess};
use crate::storage::thread_cache::{CacheScope, ThreadCache, ThreadEntry};
use crate::terminal::panics;

use unpack::{Input, decompress_if_gzip};

pub use cached_copy::no_cached_copy_error;
pub use network::{access_error, user_error};

/// The clock of the outside.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// A file or a pipe that is to be read.
#[derive(Clone)]
pub struct FileRequest {
    pub request: RequestId,
    /// The service whose body it is said to be; none finds out.
    pub provider: Option<&'static dyn Provider>,
    /// The most bytes that a pipe or a packed file may bring, unpacked (setting `max_body`).
    pub max_bytes: u64,
    /// What an earlier copy told.
    pub known_messages: KnownMessages,
}

/// Reads a file of either service, packed by gzip or not. Runs on a thread of its own; `stop` ends it early.
pub fn read_file(reading: FileRequest, path: &Path, outbox: &Outbox<Event>, stop: &AtomicBool) {
    let mut intake = BodyReader::new(reading.request, reading.provider, outbox)
        .with_known_messages(reading.known_messages);
    let path = expand_home(path);
    match open_file(&path) {
        Ok((file, size)) => {
            intake.send(FetchUpdate::Started { origin: Origin::File { size } });
            let lookout = if size.is_none() { PipePoll::file(&file) } else { None };
            read_to_end(decompress_if_gzip(file, size, reading.max_bytes), lookout, intake, stop);
        }
        Err(failure) => intake.send(FetchUpdate::Failed(failure)),
    }
}

/// Reads standard input to its end.
pub fn read_stdin(reading: FileRequest, outbox: &Outbox<Event>, stop: &AtomicBool) {
    let mut intake = BodyReader::new(reading.request, reading.provider, outbox);
    intake.send(FetchUpdate::Started { origin: Origin::File { size: None } });
    read_to_end(decompress_if_gzip(io::stdin(), None, reading.max_bytes), PipePoll::stdin(), intake, stop);
}

/// `~/` is what people type; no shell has expanded it in the thread box.
pub fn expand_home(path: &Path) -> PathBuf {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_path_buf());
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_path_buf(),
    }
}

/// Opens a file, and says how large it is where that is known.
///
/// # Errors
/// It is not there, is a folder, or may not be read.
pub fn open_file(path: &Path) -> Result<(File, Option<u64>), UserError> {
    let describe = |error: io::Error| {
        let (what, exit_code) = match error.kind() {
            io::ErrorKind::NotFound => ("there is no such file".to_owned(), ExitCode::NotFound),
            io::ErrorKind::PermissionDenied => ("the file may not be read".to_owned(), ExitCode::NotAllowed),
            _ => (format!("the file cannot be read: {error}"), ExitCode::Failure),
        };
        UserError {
            message: what,
            service_messages: Vec::new(),
            hint: "Check the path.".to_owned(),
            exit_code,
        }
    };
    let file = File::open(path).map_err(describe)?;
    let about = file.metadata().map_err(describe)?;
    if about.is_dir() {
        return Err(UserError {
            message: "this is a folder".to_owned(),
            service_messages: Vec::new(),
            hint: "Name a file in it.".to_owned(),
            exit_code: ExitCode::Failure,
        });
    }
    Ok((file, about.is_file().then_some(about.len())))
}

/// Bytes that one read may bring; small at first, so that the first messages are there at once.
const FIRST_READ_SIZE: usize = 64 << 10;
const MAX_READ_SIZE: usize = 1 << 20;

/// Reads to the end. Where the source can pause, `lookout` sees whether it does.
fn read_to_end(
    Input { mut bytes, total }: Input,
    lookout: Option<PipePoll>,
    mut intake: BodyReader,
    stop: &AtomicBool,
) {
    let mut most = FIRST_READ_SIZE;
    while !stop.load(Ordering::Relaxed) {
        if intake.has_unreported_bytes()
            && lookout.as_ref().is_some_and(|lookout| lookout.is_idle_for(UPDATE_INTERVAL))
        {
            intake.flush_on_pause(total);
        }
        let spare = intake.spare();
        let room = spare.len().min(most);
        match bytes.read(spare.get_mut(..room).unwrap_or_default()) {
            Ok(0) => {
                intake.finish(None);
                return;
            }
            Ok(count) => intake.advance(count, total),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                intake.finish(Some(format!("reading stopped: {error}")));
                return;
            }
        }
        most = (most * 2).min(MAX_READ_SIZE);
    }
}

/// What is needed to ask a service.
#[derive(Clone)]
pub struct ServiceClient {
    pub provider: &'static dyn Provider,
    pub access: ServiceAccess,
    /// Where the key is, if not in the access.
    pub api_key: LazyApiKey,
    pub client: Arc<Client>,
    /// Where copies are kept; none keeps none and reads none.
    pub cache: Option<ThreadCache>,
    /// What an earlier copy of the thread told.
    pub known_messages: KnownMessages,
}

impl ServiceClient {
    /// The same with its key in the access.
    ///
    /// # Errors
    /// Why there is no key although there should be one.
    pub async fn with_key(mut self) -> Result<Self, UserError> {
        if self.access.api_key.is_none() {
            let key = self.api_key.key().await;
            self.access.api_key = key.map_err(|error| UserError {
                message: error.to_string(),
                service_messages: Vec::new(),
                hint: error.hint(),
                exit_code: ExitCode::NotAllowed,
            })?;
        }
        Ok(self)
    }
}

/// Whether a kept copy may stand in for the service's answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CachePolicy {
    /// The copy at once, then the answer.
    CacheFirst,
    /// The answer alone.
    #[default]
    NetworkOnly,
    /// The copy only if the service cannot be reached; the failure is told after it.
    NetworkElseCache,
    /// The service is not asked.
    CacheOnly,
}

/// A thread to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchRequest {
    pub request: RequestId,
    pub thread: ThreadRef,
    pub cache_policy: CachePolicy,
}

/// Tells news of one request.
#[derive(Clone)]
struct UpdateSender {
    request: RequestId,
    outbox: Outbox<Event>,
}

impl UpdateSender {
    async fn send(&self, news: FetchUpdate) {
        let _ = self.outbox.send(Event::Fetch { request: self.request, update: news }).await;
    }

    /// Progress may be lost when the loop is busy; it comes again.
    fn try_send(&self, news: FetchUpdate) {
        let _ = self.outbox.try_send(Event::Fetch { request: self.request, update: news });
    }
}

/// One bringing of a thread, and all that it needs.
#[derive(Clone)]
struct FetchJob {
    thread: ThreadRef,
    service: ServiceClient,
    /// Where the thread's copies are.
    cache_entry: Option<ThreadEntry>,
    updates: UpdateSender,
    control: FetchControl,
    /// Why there is no key.
    key_error: Option<UserError>,
}

/// Brings a thread: its copy, the service's answer, or one after the other. Comes back when the new copy is on the disk.
pub async fn fetch(
    errand: FetchRequest,
    service: ServiceClient,
    outbox: Outbox<Event>,
    control: FetchControl,
) {
    panics::fail_point("fetching");
    // Offline nobody needs the key, and asking for it may take a person.
    let (service, locked) = match errand.cache_policy {
        CachePolicy::CacheOnly => (service, None),
        CachePolicy::CacheFirst | CachePolicy::NetworkOnly | CachePolicy::NetworkElseCache => {
            match service.clone().with_key().await {
                Ok(service) => (service, None),
                Err(failure) => (service, Some(failure)),
            }
        }
    };
    let (thread, asked) = (errand.thread.clone(), service.clone());
    let shelf = tokio::task::spawn_blocking(move || cache_entry(&thread, &asked)).await.ok().flatten();
    let teller = UpdateSender { request: errand.request, outbox };
    let bringing = FetchJob {
        thread: errand.thread,
        service,
        cache_entry: shelf,
        updates: teller,
        control,
        key_error: locked,
    };
    match errand.cache_policy {
        CachePolicy::CacheOnly => bringing.run_cache_only().await,
        CachePolicy::CacheFirst => {
            bringing.send_cached_copy(CacheScope::SameOwner).await;
            if let Some(failure) = bringing.fetch_from_network().await {
                bringing.updates.send(FetchUpdate::Failed(failure)).await;
            }
        }
        CachePolicy::NetworkOnly | CachePolicy::NetworkElseCache => {
            let Some(failure) = bringing.fetch_from_network().await else { return };
            if errand.cache_policy == CachePolicy::NetworkElseCache && failure.exit_code == ExitCode::Network {
                bringing.send_cached_copy(CacheScope::SameOwner).await;
            }
            bringing.updates.send(FetchUpdate::Failed(failure)).await;
        }
    }
}

/// Where the copies of a thread are; blocks on the disk.
pub fn cache_entry(thread: &ThreadRef, service: &ServiceClient) -> Option<ThreadEntry> {
    service.cache.as_ref()?.entry(thread, &service.access)
}
