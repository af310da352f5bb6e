//! Cancellation and skip-wait for a running fetch.

use std::future::pending;

use tokio::sync::watch;

#[derive(Clone, Copy, Debug, Default)]
struct CancelState {
    cancelled: bool,
    skip_count: u64,
}

/// The handle of the fetch's caller. Dropping it does not cancel the fetch.
#[derive(Debug)]
pub struct FetchHandle(watch::Sender<CancelState>);

/// The control that is passed to [`super::Client::get`]; clones share one handle.
#[derive(Clone, Debug)]
pub struct FetchControl(watch::Receiver<CancelState>);

/// Returns a handle and the control that listens to it.
pub fn fetch_control() -> (FetchHandle, FetchControl) {
    let (sender, receiver) = watch::channel(CancelState::default());
    (FetchHandle(sender), FetchControl(receiver))
}

impl FetchHandle {
    /// Ends the fetch at its next await, without a retry.
    pub fn cancel(&self) {
        self.0.send_modify(|state| state.cancelled = true);
    }

    /// Ends the current wait before the next attempt, if any.
    pub fn skip_wait(&self) {
        self.0.send_modify(|state| state.skip_count = state.skip_count.wrapping_add(1));
    }
}

impl FetchControl {
    /// Creates a control without a handle, so that the fetch stops only when it is dropped.
    pub fn none() -> Self {
        fetch_control().1
    }

    /// Returns whether the fetch is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.borrow().cancelled
    }

    /// Completes once the fetch is cancelled.
    pub async fn cancelled(&self) {
        self.wait_until(|state| state.cancelled).await;
    }

    /// Returns the number of skips so far; read it before a wait starts.
    pub(super) fn skip_count(&self) -> u64 {
        self.0.borrow().skip_count
    }

    /// Completes once the number of skips is no longer `before`.
    pub(super) async fn wait_skipped_since(&self, before: u64) {
        self.wait_until(|state| state.skip_count != before).await;
    }

    async fn wait_until(&self, condition: impl FnMut(&CancelState) -> bool) {
        if self.0.clone().wait_for(condition).await.is_err() {
            pending::<()>().await;
        }
    }
}
