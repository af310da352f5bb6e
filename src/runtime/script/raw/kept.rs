//! The copy of a body that is passed on byte for byte: it is read along only to see whether it is a thread at all, as
//! nothing else may take the place of an older copy.

use crate::decode::Splitter;
use crate::domain::ThreadRef;
use crate::runtime::cache::Extent;
use crate::runtime::ending;
use crate::runtime::source::{self, Service};
use crate::runtime::store::{Part, Scribe, Writing};

/// A copy in the making.
pub(super) struct Kept {
    scribe: Scribe,
    splitter: Splitter,
    messages: u32,
}

impl Kept {
    /// Begins one; none where none are kept. Blocks on the disk.
    pub(super) fn begin(thread: &ThreadRef, service: &Service) -> Option<Self> {
        let scribe = source::shelf(thread, service)?.scribe(Part::Messages)?;
        Some(Self { scribe, splitter: Splitter::default(), messages: 0 })
    }

    /// The body comes again from its start.
    pub(super) fn restart(&mut self) {
        self.scribe.restart();
        (self.splitter, self.messages) = (Splitter::default(), 0);
    }

    /// The next bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        if self.scribe.has_given_up() {
            return;
        }
        self.scribe.take(bytes);
        self.splitter.push(bytes);
        self.count();
    }

    fn count(&mut self) {
        while let Some(batch) = self.splitter.next_batch() {
            let more = u32::try_from(batch.elements.len()).unwrap_or(u32::MAX);
            self.messages = self.messages.saturating_add(more);
        }
    }

    /// The body is over, by its end or because of what `broke_off` says.
    pub(super) fn finish(mut self, service: &Service, broke_off: Option<String>) -> Writing {
        let outcome = self.splitter.finish();
        self.count();
        let verdict = ending::verdict(&outcome, Some(service.provider), self.messages, broke_off);
        let extent = verdict.ok().map(|ending| if ending.partial { Extent::Partial } else { Extent::Whole });
        self.scribe.finish(extent)
    }
}
