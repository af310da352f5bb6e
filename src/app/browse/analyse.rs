//! Statistics of kept threads of the list.

use crate::app::{App, Effects};
use crate::effect::{LibrarySubject, ListedSelection};

impl App {
    /// Analyses the marked threads, or all that the list shows. Only those in the library can be read.
    pub(super) fn analyse_chosen(&mut self) -> Effects {
        let chosen = self.browse.service.zip(self.browse.list()).map(|(service, list)| {
            let indices = if list.marks.len() > 0 { list.chosen_indices() } else { list.shown_indices() };
            ListedSelection { service, table: list.table.clone(), indices }
        });
        match chosen.filter(|chosen| chosen.rows().any(|row| row.saved.is_readable())) {
            Some(chosen) => self.analyse_library(LibrarySubject::Listed(Box::new(chosen))),
            None => {
                self.notify("None of these threads is saved here; A archives them");
                Vec::new()
            }
        }
    }
}
