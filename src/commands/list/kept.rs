//! Parts of a list from the library: the states of threads, and lists without the network.

use std::collections::HashMap;

use super::{ListJob, printer};
use crate::app_loop::listing::OFFLINE_NOTE;
use crate::cli::{ListArgs, ListKind};
use crate::domain::{KeptList, ListedThread, SavedState, UserError};

/// The kept threads of a list, if its filter or its columns depend on them.
#[derive(Debug, Default)]
pub(super) struct KeptStates {
    /// Whether the filter depends on the states of threads.
    needs_states: bool,
    /// Whether threads that the service did not list are included.
    pub(super) has_unlisted: bool,
    /// The kept threads, as they were last listed.
    kept: HashMap<String, (ListedThread, SavedState)>,
}

impl KeptStates {
    pub(super) fn new(args: &ListArgs, needs_states: bool) -> Self {
        // Values that the library lacks can only be listed by the service.
        Self { needs_states, has_unlisted: needs_states && !args.missing, kept: HashMap::new() }
    }

    /// Returns whether it depends on the library.
    pub(super) fn needs_library(&self) -> bool {
        self.needs_states
    }

    /// Sets the states of threads from the kept list.
    pub(super) fn set_saved(&mut self, kept: Option<KeptList>) {
        let threads = kept.map(|kept| kept.threads).unwrap_or_default();
        self.kept = threads.into_iter().map(|(thread, state)| (thread.id.clone(), (thread, state))).collect();
    }

    /// Returns the state of a thread that the service has just listed, compared with the kept list.
    pub(super) fn state_of(&self, thread: &ListedThread) -> SavedState {
        match self.kept.get(&thread.id) {
            None => SavedState::NotSaved,
            Some((_, state)) if !state.is_saved() => *state,
            Some((before, state)) => {
                let values = |thread: &ListedThread| (thread.updated_at, thread.message_count);
                let is_same = values(before) == values(thread) && *state != SavedState::Changed;
                if is_same { SavedState::Saved } else { SavedState::Changed }
            }
        }
    }
}

impl ListJob<'_> {
    /// Adds the requested threads of the kept list, instead of the service's threads.
    pub(super) fn add_kept(&mut self, kept: KeptList) -> Result<(), UserError> {
        self.applications.add_applications(kept.applications);
        self.applications.add_variants(kept.variants);
        self.notes.push(OFFLINE_NOTE.to_owned());
        self.add_of_library(kept.threads)
    }

    /// Adds the threads of the library that the service did not list: threads that are gone, and threads that were read and
    /// may belong to other users.
    pub(super) fn add_unlisted(&mut self, kept: KeptList) -> Result<(), UserError> {
        let is_wanted = |(thread, state): &(ListedThread, SavedState)| {
            state.is_local_only() && !self.seen.contains_key(&thread.id)
        };
        let threads = kept.threads.into_iter().filter(is_wanted).collect();
        self.applications.add_applications(kept.applications);
        self.applications.add_variants(kept.variants);
        self.add_of_library(threads)
    }

    /// Adds the threads of the kept list that belong to the requested variants and application.
    fn add_of_library(&mut self, threads: Vec<(ListedThread, SavedState)>) -> Result<(), UserError> {
        for (thread, saved) in threads.into_iter().filter(|_| self.args.kind == ListKind::Threads) {
            let (variants, app) = (&self.args.variant, self.args.app.as_deref());
            let has_variant =
                variants.is_empty() || thread.variant_id.as_ref().is_some_and(|id| variants.contains(id));
            let application_id = self.applications.application_id_of(&thread).map(String::as_str);
            if has_variant && printer::is_application(&self.applications, application_id, app) {
                self.add_thread(thread, saved)?;
            }
        }
        self.printer.flush()
    }
}
