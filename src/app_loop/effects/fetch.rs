//! The effects about the request of a thread: starting, stopping, and skipping the wait before a retry.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::TaskRunner;
use crate::app_loop::failure::{request_failed_event, unknown_service_error};
use crate::domain::{RequestId, Source, ThreadRef};
use crate::effect::Freshness;
use crate::event::{Event, FetchUpdate};
use crate::ingest::body_reader::KnownMessages;
use crate::ingest::fetch::{self, CachePolicy, FetchRequest, FileRequest, ServiceClient};
use crate::net;
use crate::platform;
use crate::search;

/// The request in flight and the handles that stop it.
pub(super) struct InFlight {
    request: RequestId,
    handle: net::FetchHandle,
    stop: Arc<AtomicBool>,
}

impl TaskRunner {
    pub(super) fn open(&mut self, request: RequestId, source: Source, freshness: Freshness) {
        self.cancel();
        self.attach_demo();
        let (handle, control) = net::fetch_control();
        let stop = Arc::new(AtomicBool::new(false));
        let known_messages = std::mem::take(&mut self.known_messages);
        self.in_flight = Some(InFlight { request, handle, stop: Arc::clone(&stop) });
        if !std::mem::replace(&mut self.has_prepared_search, true) {
            self.prepare_search();
        }
        match source {
            Source::Thread(thread) => {
                let cache_policy = self.context.cache_policy(match freshness {
                    Freshness::CacheFirst => CachePolicy::CacheFirst,
                    Freshness::NetworkOnly => CachePolicy::NetworkOnly,
                });
                self.open_thread(FetchRequest { request, thread, cache_policy }, known_messages, control);
            }
            Source::File(path) => {
                self.open_file(
                    FileRequest { known_messages, ..self.context.file_request(request) },
                    path,
                    stop,
                );
            }
            Source::Stdin => {
                let file_request = self.context.file_request(request);
                self.spawn_thread(request_failed_event(request, "reading standard input"), move |outbox| {
                    fetch::read_stdin(file_request, outbox, &stop);
                });
            }
        }
    }

    /// Prepares for the first search while the first thread arrives.
    fn prepare_search(&self) {
        self.spawn("preparing the search", || -> Option<Event> {
            platform::yield_to_other_threads();
            search::prepare();
            None
        });
    }

    fn open_file(&self, file_request: FileRequest, path: PathBuf, stop: Arc<AtomicBool>) {
        let on_panic = request_failed_event(file_request.request, "reading the file");
        self.spawn_thread(on_panic, move |outbox| fetch::read_file(file_request, &path, outbox, &stop));
    }

    fn open_thread(
        &mut self,
        fetch_request: FetchRequest,
        known_messages: KnownMessages,
        control: net::FetchControl,
    ) {
        let client = self.client();
        let outbox = self.outbox.clone();
        let (request, service) = (fetch_request.request, fetch_request.thread.service);
        match self.context.account_client(&fetch_request.thread.account(), client) {
            Some(client) => {
                let client = ServiceClient { known_messages, ..client };
                let registration = self.registration(&fetch_request, &client);
                let task = async move {
                    fetch::fetch(fetch_request, client, outbox, control).await;
                    registration.into_iter().for_each(|register| register());
                };
                self.spawn_async(request_failed_event(request, "fetch"), task);
            }
            None => self.spawn("fetch", move || Event::Fetch {
                request,
                update: FetchUpdate::Failed(unknown_service_error(service)),
            }),
        }
    }

    /// Returns the task that registers the thread in the library once its cached copy is complete; `None` if no copy is
    /// made.
    fn registration(
        &self,
        fetch_request: &FetchRequest,
        client: &ServiceClient,
    ) -> Option<impl FnOnce() + Send + use<>> {
        let FetchRequest { thread, cache_policy, .. } = fetch_request;
        let is_fetched = thread.account.is_none() && *cache_policy != CachePolicy::CacheOnly;
        let is_copied = client.cache.is_some() && is_fetched;
        let location = client.library.clone().filter(|_| is_copied)?;
        let ThreadRef { service, id, .. } = fetch_request.thread.clone();
        let read = (location.account(service, &client.access), id);
        let (updates, outbox) = (self.index_updates.clone(), self.outbox.clone());
        Some(move || updates.request(&location, Some(read), &outbox))
    }

    /// Cancels this request, if it is in flight.
    pub(super) fn cancel_request(&mut self, request: RequestId) {
        if self.in_flight(request).is_some() {
            self.cancel();
        }
    }

    fn cancel(&mut self) {
        if let Some(in_flight) = self.in_flight.take() {
            in_flight.handle.cancel();
            in_flight.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Returns the request in flight, if it has this id.
    fn in_flight(&self, request: RequestId) -> Option<&InFlight> {
        self.in_flight.as_ref().filter(|in_flight| in_flight.request == request)
    }

    pub(super) fn skip_wait(&self, request: RequestId) {
        if let Some(in_flight) = self.in_flight(request) {
            in_flight.handle.skip_wait();
        }
    }
}
