//! A thread from its kept copy: the same news as from the network, read on a thread that may wait for the disk.

use tokio::task::spawn_blocking;

use super::FetchJob;
use super::network::MAX_DETAILS_SIZE;
use crate::domain::{ExitCode, Origin, UserError};
use crate::event::FetchUpdate;
use crate::ingest::body_reader::BodyReader;
use crate::storage::cache_file::{BodyCompleteness, EntryReader};
use crate::storage::thread_cache::{BodyKind, CacheScope, ThreadEntry};

/// Why there is nothing to show offline.
pub fn no_cached_copy_error(keeps: bool) -> UserError {
    let advice = if keeps {
        "Open it once without --offline; unspool cache list tells what is kept."
    } else {
        "Copies are turned off; see unspool config."
    };
    let what = "no copy of this thread is kept on this machine".to_owned();
    UserError { message: what, service_messages: Vec::new(), hint: advice.to_owned(), exit_code: ExitCode::NotFound }
}

impl FetchJob {
    /// The copy alone, as the user wishes.
    pub(super) async fn run_cache_only(&self) {
        if self.send_cached_copy(CacheScope::AnyOwner).await {
            self.updates.send(FetchUpdate::OfflineOnly).await;
        } else if !self.control.is_cancelled() {
            self.updates.send(FetchUpdate::Failed(no_cached_copy_error(self.service.cache.is_some()))).await;
        }
    }

    /// Tells all of the copy, and whether there was one. All news of it are told when this comes back.
    pub(super) async fn send_cached_copy(&self, owner: CacheScope) -> bool {
        let Some(shelf) = self.cache_entry.clone() else { return false };
        let bringing = self.clone();
        let shown = spawn_blocking(move || {
            let entry = shelf.open(BodyKind::Messages, owner);
            entry.is_some_and(|entry| bringing.send_entry(entry, || read_details(&shelf, owner)))
        });
        shown.await.unwrap_or(false)
    }

    /// False if there is nothing to be shown: it was damaged before its first message, or nobody wants it any more.
    fn send_entry(&self, mut entry: EntryReader, details: impl FnOnce() -> Option<Vec<u8>>) -> bool {
        let (fetched_at, total) = (entry.fetched_at(), Some(entry.len()));
        let mut broke_off = truncation_reason(entry.completeness());
        let mut intake =
            BodyReader::new(self.updates.request, Some(self.service.provider), &self.updates.outbox);
        intake.send(FetchUpdate::Started { origin: Origin::Cache { fetched_at } });
        if let Some(details) = details() {
            intake.send(FetchUpdate::Details(details));
        }
        loop {
            if self.control.is_cancelled() || self.updates.outbox.is_closed() {
                return false;
            }
            match entry.next_chunk() {
                Ok(Some(bytes)) => intake.push(bytes, total),
                Ok(None) => break,
                Err(_) if intake.message_count() == 0 => {
                    intake.abandon().wait();
                    return false;
                }
                Err(damaged) => {
                    broke_off = Some(damaged.to_string());
                    break;
                }
            }
        }
        let finished = intake.finish(broke_off);
        let shown = finished.completeness.is_some();
        finished.wait();
        shown
    }
}

fn read_details(shelf: &ThreadEntry, owner: CacheScope) -> Option<Vec<u8>> {
    let entry = shelf.open(BodyKind::Details, owner)?;
    (entry.len() <= MAX_DETAILS_SIZE as u64).then(|| entry.read_all().ok()).flatten()
}

fn truncation_reason(extent: BodyCompleteness) -> Option<String> {
    match extent {
        BodyCompleteness::Complete => None,
        BodyCompleteness::Partial => Some("only a part of it came when it was saved".to_owned()),
    }
}
