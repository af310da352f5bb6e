//! A thread from its cached copy: the same updates as from the network, read on a thread that may block on the disk.

use tokio::task::spawn_blocking;

use super::FetchJob;
use super::network::MAX_DETAILS_SIZE;
use crate::domain::{ExitCode, Origin, UserError};
use crate::event::FetchUpdate;
use crate::ingest::body_reader::BodyReader;
use crate::ingest::diagnose::BodySource;
use crate::storage::cache_file::{BodyCompleteness, EntryReader};
use crate::storage::thread_cache::{BodyKind, CacheScope, ThreadEntry};

/// The error of an offline fetch without a cached copy.
pub fn no_cached_copy_error(is_cache_enabled: bool) -> UserError {
    let hint = if is_cache_enabled {
        "Open it once without --offline; unspool cache list shows the cached threads."
    } else {
        "The cache is turned off; see unspool config."
    };
    UserError::new("no cached copy of this thread", hint, ExitCode::NotFound)
}

impl FetchJob {
    /// Sends the cached copy only, because the user is offline.
    pub(super) async fn run_cache_only(&self) {
        if self.send_cached_copy(CacheScope::AnyOwner).await {
            self.updates.send(FetchUpdate::OfflineOnly).await;
        } else if !self.control.is_cancelled() {
            self.updates.send(FetchUpdate::Failed(no_cached_copy_error(self.service.cache.is_some()))).await;
        }
    }

    /// Sends the whole cached copy; false if there was none. All its updates are sent when this returns.
    pub(super) async fn send_cached_copy(&self, scope: CacheScope) -> bool {
        let Some(thread_entry) = self.cache_entry.clone() else { return false };
        let job = self.clone();
        let sending = spawn_blocking(move || {
            let body = thread_entry.open(BodyKind::Messages, scope);
            body.is_some_and(|body| job.send_entry(body, || read_details(&thread_entry, scope)))
        });
        sending.await.unwrap_or(false)
    }

    /// False if nothing was sent: the entry was damaged before its first message, or the fetch was cancelled.
    fn send_entry(&self, mut entry: EntryReader, details: impl FnOnce() -> Option<Vec<u8>>) -> bool {
        let (fetched_at, total) = (entry.fetched_at(), Some(entry.body_size()));
        let mut interruption = truncation_reason(entry.completeness());
        let mut reader =
            BodyReader::new(self.updates.request, Some(self.service.provider), &self.updates.outbox)
                .with_requested_thread(&self.thread)
                .with_body_source(BodySource::Service);
        reader.send(FetchUpdate::Started { origin: Origin::Cache { fetched_at } });
        if let Some(details) = details() {
            reader.send(FetchUpdate::Details(details));
        }
        loop {
            if self.control.is_cancelled() || self.updates.outbox.is_closed() {
                return false;
            }
            match entry.next_chunk() {
                Ok(Some(bytes)) => reader.push(bytes, total),
                Ok(None) => break,
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
