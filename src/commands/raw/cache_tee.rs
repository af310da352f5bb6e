//! The copy of a body that is passed on byte for byte: it is read along only to see whether it is a thread at all, as
//! nothing else may take the place of an older copy.

use crate::decode::Splitter;
use crate::domain::ThreadRef;
use crate::ingest::diagnose;
use crate::ingest::fetch::{self, ServiceClient};
use crate::storage::cache_file::BodyCompleteness;
use crate::storage::thread_cache::{BackgroundWriter, BodyKind, PendingWrite};

/// A copy in the making.
pub(super) struct CacheTee {
    writer: BackgroundWriter,
    splitter: Splitter,
    messages: u32,
}

impl CacheTee {
    /// Begins one; none where none are kept. Blocks on the disk.
    pub(super) fn start(thread: &ThreadRef, service: &ServiceClient) -> Option<Self> {
        let scribe = fetch::cache_entry(thread, service)?.start_writer(BodyKind::Messages)?;
        Some(Self { writer: scribe, splitter: Splitter::default(), messages: 0 })
    }

    /// The body comes again from its start.
    pub(super) fn restart(&mut self) {
        self.writer.restart();
        (self.splitter, self.messages) = (Splitter::default(), 0);
    }

    /// The next bytes.
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

    /// The body is over, by its end or because of what `broke_off` says.
    pub(super) fn finish(mut self, service: &ServiceClient, broke_off: Option<String>) -> PendingWrite {
        let outcome = self.splitter.finish();
        self.count_messages();
        let verdict = diagnose::diagnose(&outcome, Some(service.provider), self.messages, broke_off);
        let extent = verdict.ok().map(|ending| {
            if ending.is_partial { BodyCompleteness::Partial } else { BodyCompleteness::Complete }
        });
        self.writer.finish(extent)
    }
}
