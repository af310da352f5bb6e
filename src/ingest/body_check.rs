//! Checks whether a body is the whole requested thread, while the body is written elsewhere.

use crate::decode::{Completeness, Splitter};
use crate::domain::{BodySummary, Thread, ThreadRef, UserError};
use crate::ingest::diagnose::{self, BodySource};
use crate::provider::Provider;

/// A check of a body. It stores only the message that is arriving.
pub struct BodyCheck {
    provider: &'static dyn Provider,
    requested: ThreadRef,
    /// Whether each message is read, to count unreadable ones.
    reads_messages: bool,
    splitter: Splitter,
    counts: Counts,
    named_by_messages: Option<String>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    messages: u32,
    unreadable: u32,
    has_spans: Option<bool>,
}

/// The result of a check.
#[derive(Clone, Debug)]
pub struct CheckedBody {
    /// The summary, or the reason why the body is not a thread.
    pub summary: Result<BodySummary, UserError>,
    /// The thread's own fields.
    pub thread: Thread,
    /// The warning that the body is another thread than the requested one.
    pub other_thread: Option<String>,
    pub message_count: u32,
    /// 0 unless the messages were read.
    pub unreadable_count: u32,
    /// Whether the first message has a field for spans; `None` if the service has none.
    pub has_spans: Option<bool>,
}

impl BodyCheck {
    /// Creates a check of this thread's body.
    pub fn new(provider: &'static dyn Provider, requested: &ThreadRef) -> Self {
        Self {
            provider,
            requested: requested.clone(),
            reads_messages: false,
            splitter: Splitter::default(),
            counts: Counts::default(),
            named_by_messages: None,
        }
    }

    /// Also reads each message, to count unreadable ones.
    #[must_use]
    pub fn reading_messages(self) -> Self {
        Self { reads_messages: true, ..self }
    }

    /// Starts over: the body arrives again from its start.
    pub fn restart(&mut self) {
        (self.splitter, self.counts, self.named_by_messages) = (Splitter::default(), Counts::default(), None);
    }

    /// Checks the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.splitter.push(bytes);
        self.take_messages();
    }

    fn take_messages(&mut self) {
        let provider = self.provider;
        while let Some(batch) = self.splitter.next_batch() {
            if self.counts.messages == 0 {
                self.named_by_messages =
                    batch.raw_messages().find_map(|(_, raw, _)| provider.message_thread_id(raw.bytes()));
                let first = batch.raw_messages().next();
                self.counts.has_spans = first.and_then(|(_, raw, _)| provider.has_spans(raw.bytes()));
            }
            self.counts.messages = self.counts.messages.saturating_add(batch.message_count());
            if self.reads_messages {
                let unreadable = batch.raw_messages().map(|(index, raw, completeness)| match completeness {
                    Completeness::Whole => u32::from(provider.read_summary(raw, index).read_error.is_some()),
                    Completeness::Broken | Completeness::CutOff => 1,
                    Completeness::Run(count) => count,
                });
                self.counts.unreadable = unreadable.fold(self.counts.unreadable, u32::saturating_add);
            }
        }
    }

    /// Ends the check. `interruption` is the error that ended the body early.
    pub fn finish(mut self, interruption: Option<String>) -> CheckedBody {
        let outcome = self.splitter.finish();
        self.take_messages();
        let thread = self.provider.read_thread(&outcome.envelope);
        let named = thread.id.clone().or(self.named_by_messages);
        let Counts { messages, unreadable, has_spans } = self.counts;
        let provider = Some(self.provider);
        CheckedBody {
            summary: diagnose::diagnose(&outcome, provider, messages, interruption, BodySource::Service),
            thread,
            other_thread: diagnose::other_thread(named.as_deref(), &self.requested),
            message_count: messages,
            unreadable_count: unreadable,
            has_spans,
        }
    }
}
