//! The effects about the threads of an account: listing, arranging, and searching the library.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{TaskRunner, internal_error, replace_stop_flag};
use crate::app_loop::arrange::arrange_threads;
use crate::app_loop::context::NetworkMode;
use crate::app_loop::{archive, library_search, listing};
use crate::domain::{ListUpdate, ListingId};
use crate::effect::{ArchiveRequest, ArrangeRequest};
use crate::event::Event;
use crate::library::LibraryLocation;

impl TaskRunner {
    pub(super) fn list(&mut self, id: ListingId, service: &'static str, variant: Option<String>) {
        self.attach_demo();
        let client = self.client();
        let failed = move |error| Event::Listed { id, update: ListUpdate::Failed(error) };
        match listing::account_client(&self.context, service, client) {
            Ok(client) => {
                if self.context.network_mode == NetworkMode::Offline {
                    let task = listing::run_offline(id, client, self.outbox.clone());
                    return self.spawn_async(failed(internal_error("listing")), task);
                }
                let control = self.listings.start(id);
                let task = listing::run(id, client, variant, control, self.outbox.clone());
                self.spawn_async(failed(internal_error("listing")), task);
            }
            Err(error) => self.spawn("listing", move || failed(*error)),
        }
    }

    /// Archives threads behind the screen. A run ends with the program, and the next one goes on.
    pub(super) fn archive(&mut self, request: ArchiveRequest) {
        self.attach_demo();
        let task = archive::run(self.context.clone(), request, self.outbox.clone());
        self.spawn_async(archive::panicked_event(), task);
    }

    pub(super) fn search_library(&mut self, id: u64, text: String) {
        self.attach_demo();
        let stop = replace_stop_flag(&mut self.library_stop_flag);
        let Some(location) = self.context.library.clone() else { return };
        if text.is_empty() {
            self.update_index(location.clone());
        }
        self.spawn("searching the library", move || {
            let results = library_search::run(&location, id, &text, &stop)?;
            Some(Event::LibrarySearched(Box::new(results)))
        });
    }

    /// Adds new threads to the index behind the searches, unless that is under way.
    fn update_index(&self, location: LibraryLocation) {
        if !self.is_indexing.swap(true, Ordering::AcqRel) {
            let is_indexing = Arc::clone(&self.is_indexing);
            self.spawn("indexing", move || {
                library_search::update_index(&location);
                is_indexing.store(false, Ordering::Release);
                None
            });
        }
    }

    pub(super) fn arrange_threads(&mut self, request: Box<ArrangeRequest>) {
        let stop = replace_stop_flag(&mut self.arrange_stop_flag);
        self.spawn("sorting", move || {
            let arrangement = Arc::new(arrange_threads(&request, &stop)?);
            Some(Event::Arranged { id: request.id, arrangement })
        });
    }
}
