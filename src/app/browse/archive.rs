//! Archives and analyses threads of the list.

use crate::app::browse::thread_list::ThreadList;
use crate::app::browse::{Browse, BrowseOutcome};
use crate::effect::LibrarySubject;

impl Browse {
    /// Archives the marked threads, or the selected one, in the background; one run at a time.
    pub(super) fn archive_chosen(&mut self) -> BrowseOutcome {
        if self.is_archiving {
            return BrowseOutcome::notice("An archive run is in progress; wait for it to end");
        }
        if self.account.as_ref().is_some_and(|account| account.kept.is_some()) {
            return BrowseOutcome::notice("Thread of another account; choose its profile to archive");
        }
        let chosen = self.select(ThreadList::chosen_indices).filter(|chosen| !chosen.indices.is_empty());
        let Some(chosen) = chosen else { return BrowseOutcome::notice("No thread to archive here") };
        self.is_archiving = true;
        BrowseOutcome::Archive(Box::new(chosen))
    }

    /// Analyses the marked threads, or all that the list shows. Only threads in the library can be analysed.
    pub(super) fn analyse_chosen(&self) -> BrowseOutcome {
        let chosen = self.select(|list| match list.marks.len() {
            0 => list.shown_indices(),
            _ => list.chosen_indices(),
        });
        match chosen.filter(|chosen| chosen.rows().any(|row| row.saved.is_readable())) {
            Some(chosen) => BrowseOutcome::Analyse(LibrarySubject::Listed(Box::new(chosen))),
            None => BrowseOutcome::notice("None of these threads is saved; press A to archive them"),
        }
    }
}
