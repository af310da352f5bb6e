//! The changes of a reload: the notice and the page that lists them.

use std::sync::Arc;

use crate::app::App;
use crate::view::changes::compare_copies;
use crate::view::page::PageContent;
use crate::view::thread::OpenThread;

impl App {
    /// Compares a new version of the thread with the one that it replaces.
    pub(in crate::app) fn record_changes(&mut self, fresh: &OpenThread) {
        let Some(shown) = self.loading.thread.as_ref().filter(|shown| shown.source == fresh.source) else {
            self.comparison.changes = None;
            return;
        };
        let Some(service) = fresh.service.filter(|_| shown.is_complete() && fresh.is_complete()) else {
            return;
        };
        let changes = compare_copies(service, &shown.summaries, &fresh.summaries);
        if !changes.is_empty() {
            let keys = self.prefs.keymap.keys_of(crate::action::Action::ShowReloadChanges);
            let hint = keys.first().map(|keys| format!("; {keys} shows them")).unwrap_or_default();
            let text = format!("{} since the last version{hint}", changes.describe());
            self.comparison.changes = Some(Arc::new(changes));
            self.notify(text);
        } else if !self.follow.is_active() && !matches!(shown.origin, crate::domain::Origin::Cache { .. }) {
            self.notify("No changes");
        }
    }

    /// Shows the changes of the last reload.
    pub(in crate::app) fn show_changes(&mut self) {
        match self.comparison.changes.clone() {
            Some(changes) => {
                self.show_page(format!("Changes: {}", changes.describe()), PageContent::Changes(changes));
            }
            None => self.notify("No changes yet; r reloads the thread"),
        }
    }
}
