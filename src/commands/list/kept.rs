//! The list that the library keeps: the states of threads, and lists without the network.

use std::collections::HashMap;

use super::{ListJob, printer};
use crate::cli::{ListArgs, ListKind, ListPlace};
use crate::domain::{KeptList, ListedThread, SavedState, UserError};

/// Which listed threads are wanted, by the library.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    place: Option<ListPlace>,
    /// Whether the filter depends on the states of threads.
    is_filtered: bool,
    /// The kept threads, as they were last listed.
    kept: HashMap<String, (ListedThread, SavedState)>,
}

impl Wanted {
    pub(super) fn new(args: &ListArgs, is_filtered: bool) -> Self {
        Self { place: args.place(), is_filtered, kept: HashMap::new() }
    }

    /// Whether it depends on the library.
    pub(super) fn needs_library(&self) -> bool {
        self.place.is_some() || self.is_filtered
    }

    /// Takes the states of threads from the list that the library keeps.
    pub(super) fn set_saved(&mut self, kept: Option<KeptList>) {
        let threads = kept.map(|kept| kept.threads).unwrap_or_default();
        self.kept = threads.into_iter().map(|(thread, state)| (thread.id.clone(), (thread, state))).collect();
    }

    /// The state of a thread that the service has just listed, compared with the list before.
    pub(super) fn state_of(&self, thread: &ListedThread) -> SavedState {
        match self.kept.get(&thread.id) {
            None => SavedState::NotSaved,
            Some((_, state)) if !state.is_saved() => *state,
            Some((before, state)) => {
                let sign = |thread: &ListedThread| (thread.updated_at, thread.message_count);
                let is_same = sign(before) == sign(thread) && *state != SavedState::Changed;
                if is_same { SavedState::Saved } else { SavedState::Changed }
            }
        }
    }

    /// Whether a thread of the service in this state is wanted.
    pub(super) fn has_listed(&self, state: SavedState) -> bool {
        match self.place {
            None => true,
            Some(ListPlace::Saved) => state.is_saved(),
            Some(ListPlace::Read) => state == SavedState::Read,
            Some(ListPlace::Missing) => !state.is_saved(),
            Some(ListPlace::Gone) => false,
        }
    }

    /// Whether threads that the service did not list are wanted.
    pub(super) fn has_unlisted(&self) -> bool {
        match self.place {
            None => self.is_filtered,
            Some(ListPlace::Missing) => false,
            Some(ListPlace::Saved | ListPlace::Read | ListPlace::Gone) => true,
        }
    }

    /// Whether a thread of the kept list is wanted.
    fn has_kept(&self, state: SavedState) -> bool {
        match self.place {
            None => true,
            Some(ListPlace::Saved) => state.is_saved(),
            Some(ListPlace::Read) => state == SavedState::Read,
            Some(ListPlace::Missing) => !state.is_saved(),
            Some(ListPlace::Gone) => state == SavedState::Gone,
        }
    }
}

impl ListJob<'_> {
    /// Lists the wanted threads of the kept list instead of those of the service.
    pub(super) fn add_kept(&mut self, kept: KeptList) -> Result<(), UserError> {
        let threads = kept.threads.into_iter().filter(|(_, state)| self.wanted.has_kept(*state)).collect();
        self.applications.add_applications(kept.applications);
        self.applications.add_variants(kept.variants);
        self.notes.push("Offline: this is the list as it was kept.".to_owned());
        self.add_of_library(threads)
    }

    /// Adds the threads of the library that the service did not list: those that are gone, and those that were read and may
    /// belong to others.
    pub(super) fn add_unlisted(&mut self, kept: KeptList) -> Result<(), UserError> {
        let is_wanted = |(thread, state): &(ListedThread, SavedState)| {
            state.is_here_alone() && self.wanted.has_kept(*state) && !self.seen.contains_key(&thread.id)
        };
        let threads = kept.threads.into_iter().filter(is_wanted).collect();
        self.applications.add_applications(kept.applications);
        self.applications.add_variants(kept.variants);
        self.add_of_library(threads)
    }

    /// Adds threads of the kept list, which is not yet narrowed to the wanted variants and application.
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
