//! Statistics of kept threads of the list.

use crate::app::{App, Effects};
use crate::domain::ThreadRef;
use crate::effect::LibrarySubject;

impl App {
    /// Analyses the marked threads, or all that the list shows. Only those in the library can be read.
    pub(super) fn analyse_chosen(&mut self) -> Effects {
        let threads = self.browse.service.zip(self.browse.list()).map(|(service, list)| {
            let indices = if list.marks.len() > 0 { list.chosen_indices() } else { list.shown_indices() };
            let rows = indices.iter().filter_map(|index| list.table.get(*index));
            let readable = rows.filter(|row| row.saved.is_readable());
            readable.map(|row| ThreadRef { service, id: row.thread.id.clone() }).collect::<Vec<_>>()
        });
        match threads.filter(|threads| !threads.is_empty()) {
            Some(threads) => self.analyse_library(LibrarySubject::Threads(threads)),
            None => {
                self.notify("None of these threads is saved here; A archives them");
                Vec::new()
            }
        }
    }
}
