//! Listings in the background. Their updates become events, which are small enough for one frame.

use std::sync::Arc;

use tokio::sync::mpsc::{self, Sender as Outbox};
use tokio::task::spawn_blocking;

use crate::app_loop::context::Context;
use crate::app_loop::failure::unknown_service_error;
use crate::app_loop::kept_lists::{KeptLists, ListRecorder};
use crate::domain::{AccountRef, ExitCode, KeptList, ListUpdate, ListedThread, ListingId, UserError};
use crate::event::Event;
use crate::ingest::fetch::ServiceClient;
use crate::ingest::listing;
use crate::net::{self, Client, FetchControl, FetchHandle};
use crate::provider::{ListScope, ThreadScope};

/// The maximum number of threads in an event.
const MAX_THREADS: usize = 1000;

/// The note on a list without the network.
pub const OFFLINE_NOTE: &str = "Offline: this is the kept list.";

/// The maximum number of updates that wait for the loop.
const QUEUE_CAPACITY: usize = 16;

/// The running listings.
#[derive(Default)]
pub struct Listings {
    running: Vec<(ListingId, FetchHandle)>,
}

impl Listings {
    /// Registers a listing; returns the control that can stop it.
    pub fn start(&mut self, id: ListingId) -> FetchControl {
        let (handle, control) = net::fetch_control();
        self.running.push((id, handle));
        control
    }

    /// Stops a listing.
    pub fn stop(&mut self, id: ListingId) {
        self.running.retain(|(other, handle)| {
            if *other == id {
                handle.cancel();
            }
            *other != id
        });
    }
}

/// Returns the client for listing the threads of an account.
///
/// # Errors
/// The service is unknown.
pub fn account_client(
    context: &Context,
    account: &AccountRef,
    client: Arc<Client>,
) -> Result<ServiceClient, Box<UserError>> {
    let client = context.account_client(account, client);
    client.ok_or_else(|| Box::new(unknown_service_error(account.service)))
}

/// Returns the scope of all threads that the key can see, or of those of one variant.
pub fn thread_scope(variant: Option<String>) -> ListScope {
    let variants = variant.into_iter().collect();
    ListScope::Threads(ThreadScope { variants, ..ThreadScope::default() })
}

/// Lists the threads of an account, or those of one variant.
pub async fn run(
    id: ListingId,
    client: ServiceClient,
    variant: Option<String>,
    control: FetchControl,
    outbox: Outbox<Event>,
) {
    let kept = KeptLists::of(&client);
    if let Some(list) = KeptLists::load_in_background(kept.as_ref()).await {
        send_kept(id, list, &outbox).await;
    }
    let copies = send_read_since(id, kept.clone(), &outbox);
    let is_whole_account = variant.is_none();
    let (updates, received) = mpsc::channel(QUEUE_CAPACITY);
    let recorder = kept.as_ref().and_then(KeptLists::recorder);
    let forward = forward(id, received, (recorder, is_whole_account), &outbox);
    tokio::join!(listing::list(client, thread_scope(variant), updates, control), forward, copies);
}

/// Sends each update to the screen, and then records it, so that the screen does not wait for the library.
async fn forward(
    id: ListingId,
    mut received: mpsc::Receiver<ListUpdate>,
    (mut recorder, is_whole_account): (Option<ListRecorder>, bool),
    outbox: &Outbox<Event>,
) {
    while let Some(update) = received.recv().await {
        for update in split(update.clone()) {
            if outbox.send(Event::Listed { id, update }).await.is_err() {
                return;
            }
        }
        if let Some(list) = recorder.take() {
            recorder = list.record(update, is_whole_account).await;
        }
    }
}

/// Sends the list that the library keeps, while the user is offline.
pub async fn run_offline(id: ListingId, client: ServiceClient, outbox: Outbox<Event>) {
    let kept = KeptLists::of(&client);
    send_other_accounts(id, kept.clone(), &outbox).await;
    let update = match KeptLists::load_with_copies(kept.as_ref()).await {
        Some(list) => {
            send_kept(id, list, &outbox).await;
            let note = OFFLINE_NOTE.to_owned();
            ListUpdate::Ended { is_complete: false, notes: vec![note] }
        }
        None => ListUpdate::Failed(no_kept_list_error()),
    };
    let _ = outbox.send(Event::Listed { id, update }).await;
}

/// Sends the threads that the library keeps of an account that is not in use.
pub async fn run_kept(id: ListingId, client: ServiceClient, outbox: Outbox<Event>) {
    if let Some(mut list) = KeptLists::load_in_background(KeptLists::of(&client).as_ref()).await {
        list.threads.retain(|(_, state)| state.is_saved());
        send_kept(id, list, &outbox).await;
    }
    let note = "Another account: these threads are kept here, and nothing is fetched.".to_owned();
    let update = ListUpdate::Ended { is_complete: false, notes: vec![note] };
    let _ = outbox.send(Event::Listed { id, update }).await;
}

/// Returns the error of an offline listing without a kept list.
pub fn no_kept_list_error() -> UserError {
    let hint = "Start without --offline to list threads.";
    UserError::new("no list of this account is kept", hint, ExitCode::NotFound)
}

/// Sends the list again if threads were read since the last update of the catalogue. The first rows do not wait for this.
async fn send_read_since(id: ListingId, kept: Option<KeptLists>, outbox: &Outbox<Event>) {
    send_other_accounts(id, kept.clone(), outbox).await;
    let Some(lists) = kept else { return };
    let load = move || if lists.register_copies() { lists.load() } else { None };
    if let Some(list) = spawn_blocking(load).await.ok().flatten() {
        send_kept(id, list, outbox).await;
    }
}

/// Sends the other accounts of the service with threads in the library, if any.
async fn send_other_accounts(id: ListingId, kept: Option<KeptLists>, outbox: &Outbox<Event>) {
    let Some(lists) = kept else { return };
    let other_accounts = spawn_blocking(move || lists.load_other_accounts()).await.unwrap_or_default();
    if !other_accounts.is_empty() {
        let kept = Box::new(KeptList { other_accounts, ..KeptList::default() });
        let _ = outbox.send(Event::Kept { id, kept }).await;
    }
}

/// Sends a kept list in parts.
async fn send_kept(id: ListingId, list: KeptList, outbox: &Outbox<Event>) {
    for part in split_kept(list) {
        let _ = outbox.send(Event::Kept { id, kept: Box::new(part) }).await;
    }
}

/// Splits a long kept list. The first part has everything except the threads of the other parts.
fn split_kept(mut list: KeptList) -> Vec<KeptList> {
    let mut threads = std::mem::take(&mut list.threads).into_iter().peekable();
    list.threads = threads.by_ref().take(MAX_THREADS).collect();
    let mut parts = vec![list];
    while threads.peek().is_some() {
        let threads = threads.by_ref().take(MAX_THREADS).collect();
        parts.push(KeptList { threads, ..KeptList::default() });
    }
    parts
}

/// Splits a long list of threads.
fn split(update: ListUpdate) -> Vec<ListUpdate> {
    let ListUpdate::Threads(threads) = update else { return vec![update] };
    let mut threads = threads.into_iter().peekable();
    let mut parts = Vec::new();
    while threads.peek().is_some() {
        let part: Vec<ListedThread> = threads.by_ref().take(MAX_THREADS).collect();
        parts.push(ListUpdate::Threads(part));
    }
    parts
}

#[cfg(test)]
mod tests;
