//! The list that the library keeps: which threads are saved, and lists without the network.

use std::collections::HashSet;

use super::{ListJob, printer};
use crate::cli::{ListArgs, ListKind, ListPlace};
use crate::domain::{KeptList, ListedThread, SavedState, UserError};

/// Which listed threads are wanted, by the library.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    place: Option<ListPlace>,
    saved: HashSet<String>,
}

impl Wanted {
    pub(super) fn new(args: &ListArgs) -> Self {
        Self { place: args.place(), saved: HashSet::new() }
    }

    /// Whether it depends on the library.
    pub(super) fn needs_library(&self) -> bool {
        self.place.is_some()
    }

    /// Takes from the library which threads are saved.
    pub(super) fn set_saved(&mut self, kept: Option<KeptList>) {
        let threads = kept.map(|kept| kept.threads).unwrap_or_default();
        let saved = threads.into_iter().filter(|(_, state)| state.is_saved());
        self.saved = saved.map(|(thread, _)| thread.id).collect();
    }

    /// Whether a thread of the service is wanted.
    pub(super) fn has_listed(&self, id: &str) -> bool {
        match self.place {
            None => true,
            Some(ListPlace::Saved) => self.saved.contains(id),
            Some(ListPlace::Missing) => !self.saved.contains(id),
            Some(ListPlace::Gone) => false,
        }
    }

    /// Whether threads are wanted that only the library has.
    pub(super) fn has_gone(&self) -> bool {
        match self.place {
            None | Some(ListPlace::Missing) => false,
            Some(ListPlace::Saved | ListPlace::Gone) => true,
        }
    }

    /// Whether a thread of the kept list is wanted.
    fn has_kept(&self, state: SavedState) -> bool {
        match self.place {
            None => true,
            Some(ListPlace::Saved) => state.is_saved(),
            Some(ListPlace::Missing) => !state.is_saved(),
            Some(ListPlace::Gone) => state == SavedState::OnlyHere,
        }
    }
}

impl ListJob<'_> {
    /// Lists the wanted threads of the kept list instead of those of the service.
    pub(super) fn add_kept(&mut self, kept: KeptList) -> Result<(), UserError> {
        let threads = kept.threads.into_iter().filter(|(_, state)| self.wanted.has_kept(*state));
        let threads = threads.map(|(thread, _)| thread).collect();
        self.applications.add_applications(kept.applications);
        self.applications.add_variants(kept.variants);
        self.notes.push("Offline: this is the list as it was kept.".to_owned());
        self.add_of_library(threads)
    }

    /// Adds the threads that only the library has to those of the service.
    pub(super) fn add_gone(&mut self, kept: KeptList) -> Result<(), UserError> {
        let threads = kept.threads.into_iter().filter(|(_, state)| *state == SavedState::OnlyHere);
        let threads = threads.map(|(thread, _)| thread).collect();
        self.applications.add_applications(kept.applications);
        self.applications.add_variants(kept.variants);
        self.add_of_library(threads)
    }

    /// Adds threads that no service selected by variant and application.
    fn add_of_library(&mut self, threads: Vec<ListedThread>) -> Result<(), UserError> {
        for thread in threads.into_iter().filter(|_| self.args.kind == ListKind::Threads) {
            let (variants, app) = (&self.args.variant, self.args.app.as_deref());
            let has_variant =
                variants.is_empty() || thread.variant_id.as_ref().is_some_and(|id| variants.contains(id));
            if has_variant
                && printer::is_application(&self.applications, thread.application_id.as_deref(), app)
            {
                self.add_thread(thread)?;
            }
        }
        self.printer.flush()
    }
}
