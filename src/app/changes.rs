//! What a reload changed: the notice and the page that lists the changes.

use std::sync::Arc;

use crate::app::App;
use crate::view::changes::compare_copies;
use crate::view::page::PageContent;
use crate::view::thread::OpenThread;

impl App {
    /// Before a fresh copy takes the place of an earlier one: what it brings.
    pub(in crate::app) fn record_changes(&mut self, fresh: &OpenThread) {
        let Some(shown) = self.thread.as_ref().filter(|shown| shown.source == fresh.source) else {
            self.changes = None;
            return;
        };
        let Some(service) = fresh.service.filter(|_| shown.is_complete() && fresh.is_complete()) else {
            return;
        };
        let changes = compare_copies(service, &shown.summaries, &fresh.summaries);
        if !changes.is_empty() {
            let keys = self.prefs.keymap.keys_of(crate::action::Action::ShowReloadChanges);
            let keys = keys.first().map(|keys| format!("   {keys} shows what")).unwrap_or_default();
            let text = format!("{} since the last copy{keys}", changes.describe());
            self.changes = Some(Arc::new(changes));
            self.notify(text);
        } else if self.follow.is_none() && !matches!(shown.origin, crate::domain::Origin::Cache { .. }) {
            self.notify("nothing has changed");
        }
    }

    /// Shows what the last reload brought.
    pub(in crate::app) fn show_changes(&mut self) {
        match self.changes.clone() {
            Some(changes) => {
                self.show_page(format!("Changes: {}", changes.describe()), PageContent::Changes(changes));
            }
            None => self.notify("no copy of this thread has brought a change yet: r reloads it"),
        }
    }
}
