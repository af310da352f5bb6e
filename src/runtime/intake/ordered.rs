//! The order of what is told of a body, whichever thread is done first; and whether anything of it could be read.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Mutex, OnceLock, PoisonError};

use tokio::sync::mpsc::Sender as Outbox;

use super::Known;
use crate::effect::RequestId;
use crate::event::{Ending, Event, News, Origin};
use crate::provider::Provider;
use crate::runtime::ending;

/// A body that is said to be of one service and looks like another's.
#[derive(Clone, Copy)]
pub(super) struct Claim {
    pub said: &'static dyn Provider,
    pub seems: &'static dyn Provider,
}

/// What waits for its turn, whose turn it is, and what was told.
#[derive(Default)]
struct Turns {
    next: u64,
    waiting: BTreeMap<u64, News>,
    from: Option<Origin>,
    /// Whether any message was told, and any that could be read.
    messages: bool,
    readable: bool,
    /// Who wants to know at the end whether any could.
    asks: Option<Sender<bool>>,
}

/// Tells news in the order in which their jobs were given.
pub(super) struct Ordered {
    request: RequestId,
    outbox: Outbox<Event>,
    turns: Mutex<Turns>,
    claim: OnceLock<Claim>,
    /// What an earlier copy of the thread told.
    pub known: OnceLock<Known>,
}

impl Ordered {
    pub fn new(request: RequestId, outbox: Outbox<Event>) -> Self {
        Self { request, outbox, turns: Mutex::default(), claim: OnceLock::new(), known: OnceLock::new() }
    }

    /// Whose the body seems to be, in case that nothing of it can be read.
    pub fn note(&self, claim: Claim) {
        let _ = self.claim.set(claim);
    }

    /// Tells `asks` at the end of the body whether anything of it could be read; without an end, nothing.
    pub fn tell_whether_readable(&self, asks: Sender<bool>) {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner).asks = Some(asks);
    }

    pub fn tell(&self, turn: u64, news: News) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.waiting.insert(turn, news);
        loop {
            let next = turns.next;
            let Some(mut news) = turns.waiting.remove(&next) else { return };
            turns.next += 1;
            self.look(&mut turns, &mut news);
            // The lock is held while sending: it is what keeps the order. A loop that is gone wants nothing.
            let _ = self.outbox.blocking_send(Event::Fetch { request: self.request, news });
        }
    }

    /// Keeps account of what could be read; the end says so if that is nothing.
    fn look(&self, turns: &mut Turns, news: &mut News) {
        match news {
            News::Began { origin } => turns.from = Some(origin.clone()),
            News::Restarted => (turns.messages, turns.readable) = (false, false),
            News::Heads(heads) => {
                turns.messages |= !heads.is_empty();
                turns.readable |= heads.iter().any(|head| head.fault.is_none());
            }
            News::Ended(ended) => {
                let unreadable = turns.messages && !turns.readable;
                if let Some(asks) = turns.asks.take() {
                    let _ = asks.send(!unreadable);
                }
                if unreadable {
                    self.say_unreadable(turns.from.as_ref(), ended);
                }
            }
            _ => {}
        }
    }

    fn say_unreadable(&self, from: Option<&Origin>, ended: &mut Ending) {
        let claim = self.claim.get().map(|claim| (claim.said, claim.seems));
        // Where a body breaks off in its first message, that is what happened.
        if claim.is_some() || !ended.partial {
            ended.unreadable = true;
            ended.oddities.insert(0, ending::unread(claim, from));
        }
    }
}
