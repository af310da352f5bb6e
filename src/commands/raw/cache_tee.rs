//! Checks a body while it is written verbatim, and caches it. The body is parsed because nothing but the requested thread
//! may replace an older cached copy.

use crate::decode::Splitter;
use crate::domain::ThreadRef;
use crate::ingest::diagnose::{self, BodySource};
use crate::ingest::fetch::{self, ServiceClient};
use crate::storage::cache_file::BodyCompleteness;
use crate::storage::thread_cache::{BackgroundWriter, BodyKind, PendingWrite};

/// A body being checked, and its unfinished cached copy.
pub(super) struct CacheTee {
    /// None if the cache is disabled.
    writer: Option<BackgroundWriter>,
    requested: ThreadRef,
    splitter: Splitter,
    messages: u32,
    named_by_messages: Option<String>,
}

impl CacheTee {
    /// Starts a copy. Blocks on the disk.
    pub(super) fn start(thread: &ThreadRef, service: &ServiceClient) -> Self {
        let entry = fetch::cache_entry(thread, service);
        let writer = entry.and_then(|entry| entry.start_writer(BodyKind::Messages));
        let requested = thread.clone();
        Self { writer, requested, splitter: Splitter::default(), messages: 0, named_by_messages: None }
    }

    /// Starts over: the body arrives again from its start.
    pub(super) fn restart(&mut self) {
        if let Some(writer) = &mut self.writer {
            writer.restart();
        }
        (self.splitter, self.messages, self.named_by_messages) = (Splitter::default(), 0, None);
    }

    /// Appends bytes.
    pub(super) fn write(&mut self, service: &ServiceClient, bytes: &[u8]) {
        if let Some(writer) = &mut self.writer {
            writer.write(bytes);
        }
        self.splitter.push(bytes);
        self.take_messages(service);
    }

    fn take_messages(&mut self, service: &ServiceClient) {
        while let Some(batch) = self.splitter.next_batch() {
            if self.messages == 0 {
                let mut raw_messages = batch.raw_messages();
                self.named_by_messages =
                    raw_messages.find_map(|(_, raw, _)| service.provider.message_thread_id(raw.bytes()));
            }
            self.messages = self.messages.saturating_add(batch.message_count());
        }
    }

    /// Finishes the copy, at the end of the body or after an interruption. Returns a warning if the body belongs to
    /// another thread.
    pub(super) fn finish(
        mut self,
        service: &ServiceClient,
        interruption: Option<String>,
    ) -> (Option<PendingWrite>, Option<String>) {
        let outcome = self.splitter.finish();
        self.take_messages(service);
        let named = service.provider.read_thread(&outcome.envelope).id.or(self.named_by_messages);
        let warning = diagnose::other_thread(named.as_deref(), &self.requested);
        let provider = Some(service.provider);
        let summary =
            diagnose::diagnose(&outcome, provider, self.messages, interruption, BodySource::Service);
        let completeness = summary.ok().filter(|_| warning.is_none()).map(|summary| {
            if summary.is_partial { BodyCompleteness::Partial } else { BodyCompleteness::Complete }
        });
        (self.writer.map(|writer| writer.finish(completeness)), warning)
    }
}
