//! Caches a body while it is written verbatim. The body is parsed only to check that it is a thread, because nothing else
//! may replace an older cached copy.

use crate::decode::Splitter;
use crate::domain::ThreadRef;
use crate::ingest::diagnose::{self, BodySource};
use crate::ingest::fetch::{self, ServiceClient};
use crate::storage::cache_file::BodyCompleteness;
use crate::storage::thread_cache::{BackgroundWriter, BodyKind, PendingWrite};

/// An unfinished cached copy.
pub(super) struct CacheTee {
    writer: BackgroundWriter,
    splitter: Splitter,
    messages: u32,
}

impl CacheTee {
    /// Starts a copy; none if the cache is disabled. Blocks on the disk.
    pub(super) fn start(thread: &ThreadRef, service: &ServiceClient) -> Option<Self> {
        let writer = fetch::cache_entry(thread, service)?.start_writer(BodyKind::Messages)?;
        Some(Self { writer, splitter: Splitter::default(), messages: 0 })
    }

    /// Starts over: the body arrives again from its start.
    pub(super) fn restart(&mut self) {
        self.writer.restart();
        (self.splitter, self.messages) = (Splitter::default(), 0);
    }

    /// Appends bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        if self.writer.has_given_up() {
            return;
        }
        self.writer.write(bytes);
        self.splitter.push(bytes);
        self.count_messages();
    }

    fn count_messages(&mut self) {
        while let Some(batch) = self.splitter.next_batch() {
            let more = u32::try_from(batch.elements.len()).unwrap_or(u32::MAX);
            self.messages = self.messages.saturating_add(more);
        }
    }

    /// Finishes the copy, at the end of the body or after an interruption.
    pub(super) fn finish(mut self, service: &ServiceClient, interruption: Option<String>) -> PendingWrite {
        let outcome = self.splitter.finish();
        self.count_messages();
        let provider = Some(service.provider);
        let summary =
            diagnose::diagnose(&outcome, provider, self.messages, interruption, BodySource::Service);
        let completeness = summary.ok().map(|summary| {
            if summary.is_partial { BodyCompleteness::Partial } else { BodyCompleteness::Complete }
        });
        self.writer.finish(completeness)
    }
}
