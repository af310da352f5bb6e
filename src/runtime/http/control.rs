//! The user's hand on a running fetch: cancel it, or cut a wait short.

use std::future::pending;

use tokio::sync::watch;

#[derive(Clone, Copy, Debug, Default)]
struct Wishes {
    cancelled: bool,
    skips: u64,
}

/// Held by who started the fetch. Dropping it wishes nothing.
#[derive(Debug)]
pub struct Handle(watch::Sender<Wishes>);

/// Given to [`super::Client::get`]; clones share one handle.
#[derive(Clone, Debug)]
pub struct Control(watch::Receiver<Wishes>);

/// A handle and what it controls.
pub fn control() -> (Handle, Control) {
    let (sender, receiver) = watch::channel(Wishes::default());
    (Handle(sender), Control(receiver))
}

impl Handle {
    /// Ends the fetch at its next await, for good.
    pub fn cancel(&self) {
        self.0.send_modify(|wishes| wishes.cancelled = true);
    }

    /// Ends the wait before the next try, if there is one just now.
    pub fn skip_wait(&self) {
        self.0.send_modify(|wishes| wishes.skips = wishes.skips.wrapping_add(1));
    }
}

impl Control {
    /// For fetches that nobody can stop but by dropping them.
    pub fn none() -> Self {
        control().1
    }

    /// Whether the fetch is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.borrow().cancelled
    }

    /// Comes back once the fetch is cancelled.
    pub async fn cancelled(&self) {
        self.until(|wishes| wishes.cancelled).await;
    }

    /// How often a wait was cut short so far; read it before a wait begins.
    pub(super) fn skips(&self) -> u64 {
        self.0.borrow().skips
    }

    /// Comes back once a wait is cut short that began at `before` skips.
    pub(super) async fn skipped_since(&self, before: u64) {
        self.until(|wishes| wishes.skips != before).await;
    }

    async fn until(&self, fulfilled: impl FnMut(&Wishes) -> bool) {
        if self.0.clone().wait_for(fulfilled).await.is_err() {
            pending::<()>().await;
        }
    }
}
