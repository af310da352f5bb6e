//! Archiving threads of the list in the background, one run at a time.

use crate::app::notice::Tone;
use crate::app::{App, Effects};
use crate::effect::{Effect, ListedSelection};
use crate::text::number;

impl App {
    /// Archives the marked threads, or the selected one.
    pub(super) fn archive_chosen(&mut self) -> Effects {
        if self.browse.is_archiving {
            self.notify("An archive run is under way; wait for its end");
            return Vec::new();
        }
        let request = self.browse.service.zip(self.browse.list()).map(|(service, list)| {
            let indices = list.chosen_indices();
            ListedSelection { service, table: list.table.clone(), indices }
        });
        let Some(request) = request.filter(|request| !request.indices.is_empty()) else {
            self.notify("No thread to archive here");
            return Vec::new();
        };
        self.browse.is_archiving = true;
        self.notify(format!("Archiving {}", number::pluralize(request.indices.len(), "thread")));
        vec![Effect::Archive(Box::new(request))]
    }

    /// Shows the progress, unless a warning or an offer is there.
    pub(in crate::app) fn show_archive_progress(&mut self, text: String) {
        let is_free = self
            .notice
            .as_ref()
            .is_none_or(|notice| notice.tone == Tone::Plain && notice.save_offer.is_none());
        if is_free && self.browse.is_archiving {
            self.notify(text);
        }
    }

    pub(in crate::app) fn end_archive(&mut self, text: String, is_warning: bool) {
        self.browse.is_archiving = false;
        if is_warning { self.warn(text) } else { self.notify(text) }
    }
}
