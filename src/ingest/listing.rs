//! Runs a [`Listing`]: sends its requests, several at once, and forwards its updates as the bytes arrive. The last update
//! is `Ended` or `Failed`, unless the listing is cancelled.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc::Sender;
use tokio::time::sleep;

use super::fetch::{ServiceClient, access_error, user_error};
use crate::domain::{ListUpdate, UserError};
use crate::net::{BodySink, FetchControl, FetchError, FetchErrorKind, ResponseHead};
use crate::provider::{ListFailure, ListRequest, ListRequestId, ListScope, Listing};

/// The requests in flight at the same time.
const MAX_CONCURRENT_REQUESTS: usize = 4;

/// Lists the items of the scope and sends each step to `updates`. Ends early if it is cancelled, or if the receiver is
/// dropped.
pub async fn list(
    service: ServiceClient,
    scope: ListScope,
    updates: Sender<ListUpdate>,
    control: FetchControl,
) {
    let listing = match start(service.clone(), &scope).await {
        Ok((service, listing)) => Walk { service, listing: Arc::new(Mutex::new(listing)), updates, control },
        Err(error) => {
            // Without a receiver, the result is not needed.
            let _ = updates.send(ListUpdate::Failed(error)).await;
            return;
        }
    };
    listing.run().await;
}

async fn start(
    service: ServiceClient,
    scope: &ListScope,
) -> Result<(ServiceClient, Box<dyn Listing>), UserError> {
    let service = service.with_key().await?;
    let listing = service.provider.start_listing(&service.access, scope);
    let listing = listing.map_err(|error| access_error(&error, &service))?;
    Ok((service, listing))
}

/// A listing in progress.
struct Walk {
    service: ServiceClient,
    listing: Arc<Mutex<Box<dyn Listing>>>,
    updates: Sender<ListUpdate>,
    control: FetchControl,
}

impl Walk {
    async fn run(self) {
        let service = self.service.provider.id();
        tracing::info!(service, "listing");
        let mut in_flight = FuturesUnordered::new();
        loop {
            while in_flight.len() < MAX_CONCURRENT_REQUESTS
                && let Some(request) = with(&self.listing, |listing| listing.next_request())
            {
                in_flight.push(self.send(request));
            }
            match in_flight.next().await {
                Some(ControlFlow::Continue(())) => {}
                Some(ControlFlow::Break(())) => return,
                None => break,
            }
        }
        drop(in_flight);
        let last = with(&self.listing, |listing| listing.end());
        if !self.control.is_cancelled() {
            let _ = self.updates.send(last).await;
        }
    }

    /// Sends a request and forwards its updates. `Break` ends the walk.
    async fn send(&self, ListRequest { id, request, delay }: ListRequest) -> ControlFlow<()> {
        if !delay.is_zero() {
            tokio::select! {
                () = self.control.cancelled() => return ControlFlow::Break(()),
                () = sleep(delay) => {}
            }
        }
        let mut sink = ListSink { id, listing: &self.listing, updates: &self.updates };
        let result = self.service.client.get(&request, &mut sink, &self.control).await;
        let updates = match result {
            Ok(_) => with(&self.listing, |listing| listing.finish(id)),
            Err(error) if *error.kind == FetchErrorKind::Cancelled => return ControlFlow::Break(()),
            Err(error) => {
                let failure = self.failure(&error);
                tracing::warn!(service = self.service.provider.id(), reason = failure.reason, "list refused");
                with(&self.listing, |listing| listing.fail(id, &failure))
            }
        };
        pass_on(updates, &self.updates).await
    }

    fn failure(&self, error: &FetchError) -> ListFailure {
        let (mut status, mut body) = (None, Vec::new());
        if let FetchErrorKind::Status { status: code, body: bytes, .. } = &*error.kind {
            (status, body) = (Some(*code), bytes.clone());
        }
        ListFailure { status, body, reason: error.reason(), error: user_error(error, &self.service) }
    }
}

/// Uses the listing. No other thread can have panicked while it held the lock.
fn with<T>(listing: &Mutex<Box<dyn Listing>>, use_listing: impl FnOnce(&mut dyn Listing) -> T) -> T {
    use_listing(&mut **listing.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Sends the updates; `Break` if the receiver is dropped.
async fn pass_on(updates: Vec<ListUpdate>, outbox: &Sender<ListUpdate>) -> ControlFlow<()> {
    for update in updates {
        if outbox.send(update).await.is_err() {
            return ControlFlow::Break(());
        }
    }
    ControlFlow::Continue(())
}

/// Passes the bytes of one response to the listing.
struct ListSink<'a> {
    id: ListRequestId,
    listing: &'a Mutex<Box<dyn Listing>>,
    updates: &'a Sender<ListUpdate>,
}

impl BodySink for ListSink<'_> {
    fn begin(&mut self, _response: &ResponseHead) {
        with(self.listing, |listing| listing.begin_body(self.id));
    }

    async fn push_chunk(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        let updates = with(self.listing, |listing| listing.push(self.id, bytes));
        pass_on(updates, self.updates).await
    }
}
