//! A thread from its cached copy: the same updates as from the network, read on a thread that may block on the disk.

use std::io::{self, Read};

use tokio::task::spawn_blocking;

use super::FetchJob;
use super::network::MAX_DETAILS_SIZE;
use crate::domain::{ExitCode, Origin, Timestamp, UserError};
use crate::event::FetchUpdate;
use crate::ingest::body_reader::BodyReader;
use crate::ingest::diagnose::BodySource;
use crate::library::KeptBody;
use crate::storage::cache_file::{BodyCompleteness, EntryReader};
use crate::storage::thread_cache::{BodyKind, CacheScope, ThreadEntry};
use crate::text::Safe;

/// Returns the error of an offline fetch without a cached copy.
pub fn no_cached_copy_error(is_cache_enabled: bool) -> UserError {
    let hint = if is_cache_enabled {
        "Open it once without --offline; unspool cache list shows the cached threads."
    } else {
        "The cache is disabled; see unspool config."
    };
    UserError::new("no cached copy of this thread", hint, ExitCode::NotFound)
}

impl FetchJob {
    /// Sends only the cached copy, because the user is offline or the thread belongs to another account.
    pub(super) async fn run_cache_only(&self) {
        let is_in_use = self.thread.account.is_none();
        let scope = if is_in_use { CacheScope::AnyOwner } else { CacheScope::SameOwner };
        if self.send_cached_copy(scope).await {
            self.updates.send(FetchUpdate::OfflineOnly).await;
        } else if !self.control.is_cancelled() {
            let error = if is_in_use {
                no_cached_copy_error(self.service.cache.is_some())
            } else {
                let hint = "It belongs to another account: choose its profile to fetch it.";
                UserError::new("the library has no body of this thread", hint, ExitCode::NotFound)
            };
            self.updates.send(FetchUpdate::Failed(error)).await;
        }
    }

    /// Sends the whole cached copy. Returns whether there was one, after all its updates are sent.
    pub(super) async fn send_cached_copy(&self, scope: CacheScope) -> bool {
        let job = self.clone();
        let sending = spawn_blocking(move || {
            let entry = job.cache_entry.as_ref();
            let body = entry.and_then(|entry| entry.open(BodyKind::Messages, scope));
            let kept = job.find_kept_body(scope);
            match (body, kept) {
                (Some(body), Some(kept)) if kept.revision.fetched_at > body.fetched_at() => {
                    job.send_kept_body(&kept) || job.send_entry(body, scope)
                }
                (Some(body), kept) => {
                    job.send_entry(body, scope) || kept.is_some_and(|kept| job.send_kept_body(&kept))
                }
                (None, kept) => kept.is_some_and(|kept| job.send_kept_body(&kept)),
            }
        });
        sending.await.unwrap_or(false)
    }

    /// Sends the body that the library keeps, because the service no longer has the thread. Returns whether there was one.
    pub(super) async fn send_library_copy(&self) -> bool {
        let job = self.clone();
        let sending = spawn_blocking(move || {
            let kept = job.find_kept_body(CacheScope::SameOwner);
            kept.is_some_and(|kept| job.send_kept_body(&kept))
        });
        sending.await.unwrap_or(false)
    }

    /// Finds the kept body. An unreadable library is only logged, because the cache or the service may still have the
    /// thread.
    fn find_kept_body(&self, scope: CacheScope) -> Option<KeptBody> {
        let library = self.service.library.as_ref()?;
        let found = library.find_copy(&self.thread, &self.service.access, scope);
        found.unwrap_or_else(|error| {
            tracing::warn!("cannot read the library: {}", Safe::line(&error.to_string()));
            None
        })
    }

    fn send_kept_body(&self, kept: &KeptBody) -> bool {
        let mut body = match kept.open() {
            Ok(body) => body,
            Err(error) => {
                tracing::warn!("cannot read a kept body: {}", Safe::line(&error.to_string()));
                return false;
            }
        };
        let mut buffer = vec![0; READ_SIZE];
        let head = CopyHead {
            fetched_at: kept.revision.fetched_at,
            size: kept.revision.size,
            details: self.service.provider.details_of_listed(kept.listed()),
            interruption: None,
        };
        self.send_copy(head, |reader, total| {
            let count = body.read(&mut buffer)?;
            reader.push(buffer.get(..count).unwrap_or_default(), total);
            Ok(count > 0)
        })
    }

    /// Sends an entry of the cache. Returns false if nothing was sent, because the entry was damaged before its first
    /// message or the fetch was cancelled.
    fn send_entry(&self, mut entry: EntryReader, scope: CacheScope) -> bool {
        let head = CopyHead {
            fetched_at: entry.fetched_at(),
            size: entry.body_size(),
            details: self.cache_entry.as_ref().and_then(|entry| read_details(entry, scope)),
            interruption: truncation_reason(entry.completeness()),
        };
        self.send_copy(head, |reader, total| {
            let chunk = entry.next_chunk().map_err(io::Error::other)?;
            chunk.iter().for_each(|bytes| reader.push(bytes, total));
            Ok(chunk.is_some())
        })
    }

    /// Sends a copy; `push_next` passes the next bytes to the reader and returns whether there were any.
    fn send_copy(
        &self,
        head: CopyHead,
        mut push_next: impl FnMut(&mut BodyReader, Option<u64>) -> io::Result<bool>,
    ) -> bool {
        let CopyHead { fetched_at, size, details, mut interruption } = head;
        let mut reader =
            BodyReader::new(self.updates.request, Some(self.service.provider), &self.updates.outbox)
                .with_requested_thread(&self.thread)
                .with_body_source(BodySource::Service);
        reader.send(FetchUpdate::Started { origin: Origin::Cache { fetched_at } });
        if let Some(details) = details {
            reader.send(FetchUpdate::Details(details));
        }
        loop {
            if self.control.is_cancelled() || self.updates.outbox.is_closed() {
                return false;
            }
            match push_next(&mut reader, Some(size)) {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) if reader.message_count() == 0 => {
                    reader.abandon().wait();
                    return false;
                }
                Err(error) => {
                    interruption = Some(error.to_string());
                    break;
                }
            }
        }
        let finished = reader.finish(interruption);
        let is_thread = finished.completeness.is_some();
        finished.wait();
        is_thread
    }
}

/// The facts of a copy that are known before its body.
struct CopyHead {
    fetched_at: Timestamp,
    size: u64,
    details: Option<Vec<u8>>,
    /// The reason why it is incomplete.
    interruption: Option<String>,
}

/// The bytes of one read of a kept body.
const READ_SIZE: usize = 256 << 10;

fn read_details(thread_entry: &ThreadEntry, scope: CacheScope) -> Option<Vec<u8>> {
    let details = thread_entry.open(BodyKind::Details, scope)?;
    (details.body_size() <= MAX_DETAILS_SIZE as u64).then(|| details.read_all().ok()).flatten()
}

fn truncation_reason(completeness: BodyCompleteness) -> Option<String> {
    match completeness {
        BodyCompleteness::Complete => None,
        BodyCompleteness::Partial => Some("the cached copy is incomplete".to_owned()),
    }
}
