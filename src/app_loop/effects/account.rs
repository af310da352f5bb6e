//! The effects about the threads of an account: listing, arranging, and searching the library.

use std::sync::Arc;

use super::{TaskRunner, internal_error, replace_stop_flag, task_failed_event};
use crate::app_loop::arrange::arrange_threads;
use crate::app_loop::context::NetworkMode;
use crate::app_loop::library_search::SearchRequest;
use crate::app_loop::{
    archive, export_threads, find_threads, library_analysis, library_search, listing, notes,
};
use crate::domain::{AccountRef, ListUpdate, ListingId, NoteEdit, ThreadRef};
use crate::effect::{
    AnalysedDay, ArrangeRequest, FindRequest, LibrarySubject, ListedSelection, ThreadsExport,
};
use crate::event::{Event, LibraryAnalysisUpdate, LibraryResults};
use crate::library::LibraryLocation;

impl TaskRunner {
    pub(super) fn list(&mut self, id: ListingId, account: &AccountRef, variant: Option<String>) {
        self.attach_demo();
        let client = self.client();
        let failed = move |error| Event::Listed { id, update: ListUpdate::Failed(error) };
        match listing::account_client(&self.context, account, client) {
            Ok(client) => {
                if account.kept.is_some() {
                    let task = listing::run_kept(id, client, self.outbox.clone());
                    return self.spawn_async(failed(internal_error("listing")), task);
                }
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

    /// Archives threads in the background. A run ends with the program; the next run continues it.
    pub(super) fn archive(&mut self, request: ListedSelection) {
        self.attach_demo();
        let (context, updates, outbox) =
            (self.context.clone(), self.index_updates.clone(), self.outbox.clone());
        let task = async move {
            let location = context.library.clone();
            archive::run(context, request, outbox.clone()).await;
            // If the program ends earlier, the next search continues.
            location.into_iter().for_each(|location| updates.request(&location, None, &outbox));
        };
        self.spawn_async(archive::panicked_event(), task);
    }

    pub(super) fn export_threads(&mut self, export: ThreadsExport) {
        self.attach_demo();
        let client = self.client();
        let task = export_threads::run(self.context.clone(), client, export, self.outbox.clone());
        self.spawn_async(task_failed_event("export"), task);
    }

    pub(super) fn search_library(&mut self, request: SearchRequest) {
        self.attach_demo();
        let stop = replace_stop_flag(&mut self.library_stop_flag);
        let Some(location) = self.context.library.clone() else {
            let message = library_search::NO_FOLDER.to_owned();
            let results = LibraryResults { id: request.id, message, ..LibraryResults::default() };
            return self.spawn("searching the library", move || Event::LibrarySearched(Box::new(results)));
        };
        if request.text.is_empty() {
            self.has_updated_index = false;
        }
        self.update_index_once(&location);
        let in_use = self.context.accounts_in_use();
        self.spawn_thread(task_failed_event("searching the library"), move |outbox| {
            library_search::run((&location, &in_use), &request, &stop, &mut |results| {
                let _ = outbox.blocking_send(Event::LibrarySearched(Box::new(results)));
            });
        });
    }

    /// Finds threads for the list. Stops the previous search.
    pub(super) fn find_threads(&mut self, request: FindRequest) {
        self.attach_demo();
        let stop = replace_stop_flag(&mut self.find_stop_flag);
        let Some(place) = self.context.library_account(&request.account) else { return };
        self.update_index_once(&place.0);
        let task = find_threads::run(place, request, stop, self.outbox.clone());
        self.spawn_async(task_failed_event("searching the library"), task);
    }

    pub(super) fn analyse_library(&mut self, id: u64, subject: LibrarySubject, day: Option<AnalysedDay>) {
        self.attach_demo();
        let stop = replace_stop_flag(&mut self.library_analysis_stop_flag);
        let Some(location) = self.context.library.clone() else {
            let problem = library_search::NO_FOLDER.to_owned();
            let update = LibraryAnalysisUpdate { id, problem, ..LibraryAnalysisUpdate::default() };
            return self.spawn("analysing the library", move || Event::LibraryAnalysed(Box::new(update)));
        };
        let account = match &subject {
            LibrarySubject::Listed(threads) => self.context.library_account(&threads.account),
            LibrarySubject::Query(_) => None,
        };
        let in_use = self.context.accounts_in_use();
        self.spawn_thread(task_failed_event("analysing the library"), move |outbox| {
            let account = account.as_ref().map(|(_, account)| account);
            library_analysis::run((&location, account, &in_use), (id, &subject, day), &stop, &mut |update| {
                let _ = outbox.blocking_send(Event::LibraryAnalysed(Box::new(update)));
            });
        });
    }

    pub(super) fn save_search(&mut self, name: String, query: Option<String>) {
        let Some(location) = self.context.library.clone() else {
            return self.spawn("saving a search", || Event::warning(library_search::NO_FOLDER.to_owned()));
        };
        self.spawn("saving a search", move || {
            let saved = library_search::save_search(&location, &name, query.as_deref());
            saved.err().map(|error| Event::warning(format!("Not saved: {}. {}", error.summary(), error.hint)))
        });
    }

    /// Adds new threads to the index in the background of the first search.
    fn update_index_once(&mut self, location: &LibraryLocation) {
        if !std::mem::replace(&mut self.has_updated_index, true) {
            self.index_updates.request(location, None, &self.outbox);
        }
    }

    pub(super) fn read_notes(&mut self, thread: ThreadRef) {
        self.attach_demo();
        let context = self.context.clone();
        self.spawn("notes", move || {
            let notes = Arc::new(notes::read(&context, &thread));
            Event::NotesRead { thread, notes }
        });
    }

    pub(super) fn write_note(&self, edit: NoteEdit) {
        let context = self.context.clone();
        self.spawn("notes", move || match notes::write(&context, &edit) {
            Ok(()) => {
                let notes = Arc::new(notes::read(&context, &edit.thread));
                Event::NotesRead { thread: edit.thread, notes }
            }
            Err(error) => Event::warning(format!("Not kept: {}. {}", error.summary(), error.hint)),
        });
    }

    pub(super) fn list_notes(&mut self) {
        self.attach_demo();
        let (location, in_use) = (self.context.library.clone(), self.context.accounts_in_use());
        self.spawn("notes", move || {
            let listed = notes::list(location.as_ref(), &in_use);
            Event::NotesListed(listed.map_err(|error| format!("{}. {}", error.summary(), error.hint)))
        });
    }

    pub(super) fn arrange_threads(&mut self, request: Box<ArrangeRequest>) {
        let stop = replace_stop_flag(&mut self.arrange_stop_flag);
        let place = self.context.library_account(&request.account);
        self.spawn("sorting", move || {
            let mut request = request;
            request.filter = request.filter.map(|filter| notes::add_to_filter(filter, place.as_ref()));
            let arrangement = Arc::new(arrange_threads(&request, &stop)?);
            Some(Event::Arranged { id: request.id, arrangement })
        });
    }
}
