//! The user's hand on a running fetch: cancel it, or cut a wait short.

use std::future::pending;

use tokio::sync::watch;

#[derive(Clone, Copy, Debug, Default)]
struct CancelState {
    cancelled: bool,
    skip_count: u64,
}

/// Held by who started the fetch. Dropping it wishes nothing.
#[derive(Debug)]
pub struct FetchHandle(watch::Sender<CancelState>);

/// Given to [`super::Client::get`]; clones share one handle.
#[derive(Clone, Debug)]
pub struct FetchControl(watch::Receiver<CancelState>);

/// A handle and what it controls.
pub fn fetch_control() -> (FetchHandle, FetchControl) {
    let (sender, receiver) = watch::channel(CancelState::default());
    (FetchHandle(sender), FetchControl(receiver))
}

impl FetchHandle {
    /// Ends the fetch at its next await, for good.
    pub fn cancel(&self) {
        self.0.send_modify(|wishes| wishes.cancelled = true);
    }

    /// Ends the wait before the next try, if there is one just now.
    pub fn skip_wait(&self) {
        self.0.send_modify(|wishes| wishes.skip_count = wishes.skip_count.wrapping_add(1));
    }
}

impl FetchControl {
    /// For fetches that nobody can stop but by dropping them.
    pub fn none() -> Self {
        fetch_control().1
    }

    /// Whether the fetch is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.borrow().cancelled
    }

    /// Comes back once the fetch is cancelled.
    pub async fn cancelled(&self) {
        self.wait_until(|wishes| wishes.cancelled).await;
    }

    /// How often a wait was cut short so far; read it before a wait begins.
    pub(super) fn skip_count(&self) -> u64 {
        self.0.borrow().skip_count
    }

    /// Comes back once a wait is cut short that began at `before` skips.
    pub(super) async fn wait_skipped_since(&self, before: u64) {
        self.wait_until(|wishes| wishes.skip_count != before).await;
    }

    async fn wait_until(&self, fulfilled: impl FnMut(&CancelState) -> bool) {
        if self.0.clone().wait_for(fulfilled).await.is_err() {
            pending::<()>().await;
        }
    }
}
