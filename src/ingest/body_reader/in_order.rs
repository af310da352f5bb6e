//! Sends the updates of a body in order, even if threads finish out of order, and tracks whether any message was readable.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Mutex, OnceLock, PoisonError};

use tokio::sync::mpsc::Sender as Outbox;

use super::KnownMessages;
use crate::domain::{BodySummary, Origin, RequestId};
use crate::event::{Event, FetchUpdate};
use crate::ingest::diagnose;
use crate::provider::Provider;

/// A body that looks like that of another provider than the expected one.
#[derive(Clone, Copy)]
pub(super) struct ProviderMismatch {
    pub expected: &'static dyn Provider,
    pub detected: &'static dyn Provider,
}

/// Updates that wait for earlier ones, and facts about those already sent.
#[derive(Default)]
struct ReorderBuffer {
    next_sequence: u64,
    pending: BTreeMap<u64, FetchUpdate>,
    origin: Option<Origin>,
    has_messages: bool,
    /// Whether any message was readable.
    has_readable: bool,
    /// Receives `has_readable` at the end of the body.
    readability_sender: Option<Sender<bool>>,
}

/// Sends updates in the order of their sequence numbers.
pub(super) struct InOrderSender {
    request: RequestId,
    outbox: Outbox<Event>,
    buffer: Mutex<ReorderBuffer>,
    mismatch: OnceLock<ProviderMismatch>,
    /// Summaries of an earlier version of the thread.
    pub known_messages: OnceLock<KnownMessages>,
}

impl InOrderSender {
    pub fn new(request: RequestId, outbox: Outbox<Event>) -> Self {
        Self {
            request,
            outbox,
            buffer: Mutex::default(),
            mismatch: OnceLock::new(),
            known_messages: OnceLock::new(),
        }
    }

    /// Records that the body looks like that of another provider, in case none of its messages is readable.
    pub fn note_mismatch(&self, mismatch: ProviderMismatch) {
        let _ = self.mismatch.set(mismatch);
    }

    /// Registers a sender that reports at [`FetchUpdate::Ended`] whether any message was readable. Without that update,
    /// nothing is reported.
    pub fn report_readability_to(&self, sender: Sender<bool>) {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner).readability_sender = Some(sender);
    }

    pub fn send(&self, sequence: u64, update: FetchUpdate) {
        let mut buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        buffer.pending.insert(sequence, update);
        loop {
            let next = buffer.next_sequence;
            let Some(mut update) = buffer.pending.remove(&next) else { return };
            buffer.next_sequence += 1;
            self.track(&mut buffer, &mut update);
            // The lock is held while sending, to keep the order. A closed channel means that the loop has ended.
            let _ = self.outbox.blocking_send(Event::Fetch { request: self.request, update });
        }
    }

    /// Tracks whether any message was readable; if none was, adds a warning to the last update.
    fn track(&self, buffer: &mut ReorderBuffer, update: &mut FetchUpdate) {
        match update {
            FetchUpdate::Started { origin } => buffer.origin = Some(origin.clone()),
            FetchUpdate::Restarted => (buffer.has_messages, buffer.has_readable) = (false, false),
            FetchUpdate::Summaries(summaries) => {
                buffer.has_messages |= !summaries.is_empty();
                buffer.has_readable |= summaries.iter().any(|summary| summary.read_error.is_none());
            }
            FetchUpdate::Ended(summary) => {
                let is_unreadable = buffer.has_messages && !buffer.has_readable;
                if let Some(sender) = buffer.readability_sender.take() {
                    let _ = sender.send(!is_unreadable);
                }
                if is_unreadable {
                    self.warn_unreadable(buffer.origin.as_ref(), summary);
                }
            }
            _ => {}
        }
    }

    fn warn_unreadable(&self, origin: Option<&Origin>, summary: &mut BodySummary) {
        let mismatch = self.mismatch.get().map(|mismatch| (mismatch.expected, mismatch.detected));
        // A body that is cut off within its first message already has a warning.
        if mismatch.is_some() || !summary.is_partial {
            summary.is_unreadable = true;
            summary.warnings.insert(0, diagnose::provider_mismatch(mismatch, origin));
        }
    }
}
