//! The order of what is told of a body, whichever thread is done first; and whether anything of it could be read.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Mutex, OnceLock, PoisonError};

use tokio::sync::mpsc::Sender as Outbox;

use super::KnownMessages;
use crate::domain::{BodySummary, Origin, RequestId};
use crate::event::{Event, FetchUpdate};
use crate::ingest::diagnose;
use crate::provider::Provider;

/// A body that is said to be of one service and looks like another's.
#[derive(Clone, Copy)]
pub(super) struct ProviderMismatch {
    pub expected: &'static dyn Provider,
    pub detected: &'static dyn Provider,
}

/// What waits for its turn, whose turn it is, and what was told.
#[derive(Default)]
struct ReorderBuffer {
    next_sequence: u64,
    pending: BTreeMap<u64, FetchUpdate>,
    origin: Option<Origin>,
    /// Whether any message was told, and any that could be read.
    has_messages: bool,
    has_readable: bool,
    /// Who wants to know at the end whether any could.
    readability_sender: Option<Sender<bool>>,
}

/// Tells news in the order in which their jobs were given.
pub(super) struct InOrderSender {
    request: RequestId,
    outbox: Outbox<Event>,
    buffer: Mutex<ReorderBuffer>,
    mismatch: OnceLock<ProviderMismatch>,
    /// What an earlier copy of the thread told.
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

    /// Whose the body seems to be, in case that nothing of it can be read.
    pub fn note_mismatch(&self, claim: ProviderMismatch) {
        let _ = self.mismatch.set(claim);
    }

    /// Tells `asks` at the end of the body whether anything of it could be read; without an end, nothing.
    pub fn report_readability_to(&self, asks: Sender<bool>) {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner).readability_sender = Some(asks);
    }

    pub fn send(&self, turn: u64, news: FetchUpdate) {
        let mut turns = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        turns.pending.insert(turn, news);
        loop {
            let next = turns.next_sequence;
            let Some(mut news) = turns.pending.remove(&next) else { return };
            turns.next_sequence += 1;
            self.track(&mut turns, &mut news);
            // The lock is held while sending: it is what keeps the order. A loop that is gone wants nothing.
            let _ = self.outbox.blocking_send(Event::Fetch { request: self.request, update: news });
        }
    }

    /// Keeps account of what could be read; the end says so if that is nothing.
    fn track(&self, turns: &mut ReorderBuffer, news: &mut FetchUpdate) {
        match news {
            FetchUpdate::Started { origin } => turns.origin = Some(origin.clone()),
            FetchUpdate::Restarted => (turns.has_messages, turns.has_readable) = (false, false),
            FetchUpdate::Summaries(heads) => {
                turns.has_messages |= !heads.is_empty();
                turns.has_readable |= heads.iter().any(|head| head.read_error.is_none());
            }
            FetchUpdate::Ended(ended) => {
                let unreadable = turns.has_messages && !turns.has_readable;
                if let Some(asks) = turns.readability_sender.take() {
                    let _ = asks.send(!unreadable);
                }
                if unreadable {
                    self.warn_unreadable(turns.origin.as_ref(), ended);
                }
            }
            _ => {}
        }
    }

    fn warn_unreadable(&self, from: Option<&Origin>, ended: &mut BodySummary) {
        let claim = self.mismatch.get().map(|claim| (claim.expected, claim.detected));
        // Where a body breaks off in its first message, that is what happened.
        if claim.is_some() || !ended.is_partial {
            ended.is_unreadable = true;
            ended.warnings.insert(0, diagnose::provider_mismatch(claim, from));
        }
    }
}
