//! Checks a body while it is written verbatim, and caches it. The body is parsed because nothing but the requested thread
//! may replace an older cached copy.

use crate::domain::ThreadRef;
use crate::ingest::body_check::BodyCheck;
use crate::ingest::fetch::{self, ServiceClient};
use crate::storage::cache_file::BodyCompleteness;
use crate::storage::thread_cache::{BackgroundWriter, BodyKind, PendingWrite};

/// A body being checked, and its unfinished cached copy.
pub(super) struct CacheTee {
    /// None if the cache is disabled.
    writer: Option<BackgroundWriter>,
    check: BodyCheck,
}

impl CacheTee {
    /// Starts a copy. Blocks on the disk.
    pub(super) fn start(thread: &ThreadRef, service: &ServiceClient) -> Self {
        let entry = fetch::cache_entry(thread, service);
        let writer = entry.and_then(|entry| entry.start_writer(BodyKind::Messages));
        Self { writer, check: BodyCheck::new(service.provider, thread) }
    }

    /// Starts over: the body arrives again from its start.
    pub(super) fn restart(&mut self) {
        if let Some(writer) = &mut self.writer {
            writer.restart();
        }
        self.check.restart();
    }

    /// Appends bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        if let Some(writer) = &mut self.writer {
            writer.write(bytes);
        }
        self.check.push(bytes);
    }

    /// Finishes the copy, at the end of the body or after an interruption. Returns a warning if the body belongs to
    /// another thread.
    pub(super) fn finish(self, interruption: Option<String>) -> (Option<PendingWrite>, Option<String>) {
        let checked = self.check.finish(interruption);
        let summary = checked.summary.ok().filter(|_| checked.other_thread.is_none());
        let completeness = summary.map(|summary| {
            if summary.is_partial { BodyCompleteness::Partial } else { BodyCompleteness::Complete }
        });
        (self.writer.map(|writer| writer.finish(completeness)), checked.other_thread)
    }
}
