//! The lines below the list: the parts that could not be listed, with the reasons.

use crate::action::Action;
use crate::app::browse::thread_list::{ListPhase, ThreadList};
use crate::app::browse::{Browse, BrowseContext};
use crate::text::{Line, number, wrap_styled};
use crate::theme::Role;
use crate::view::thread_table::beginning;

/// The maximum number of refusals that are listed; the tree has all of them.
const MAX_REFUSALS: usize = 3;

/// The maximum number of lines.
const MAX_LINES: usize = 6;

impl Browse {
    /// Returns the lines below the list, for the width of the screen.
    pub fn footer(&self, context: &BrowseContext<'_>) -> Vec<Line> {
        let Some(list) = self.list() else { return Vec::new() };
        let columns = usize::from(context.screen.width).saturating_sub(2).max(1);
        let reload = context.prefs.keymap.keys_of(Action::Reload).first().cloned().unwrap_or_default();
        let texts = texts(list, &reload);
        let mut lines: Vec<Line> =
            texts.iter().flat_map(|(text, role)| wrap_styled(beginning(text), columns, *role)).collect();
        lines.truncate(MAX_LINES);
        lines
    }
}

fn texts(list: &ThreadList, reload: &str) -> Vec<(String, Role)> {
    let mut texts = Vec::new();
    for refusal in list.refusals.iter().take(MAX_REFUSALS) {
        texts.push((format!("⊘ {}: {}", refusal.subject, refusal.reason), Role::Error));
    }
    if let Some(more) = list.refusals.len().checked_sub(MAX_REFUSALS).filter(|more| *more > 0) {
        texts.push((format!("⊘ {} more could not be listed", number::count(more)), Role::Error));
    }
    if !list.found.problem.is_empty() {
        texts.push((list.found.problem.clone(), Role::Warn));
    }
    match &list.phase {
        ListPhase::Running => {}
        ListPhase::Stopped => texts.push((format!("Stopped; {reload} lists again"), Role::Warn)),
        ListPhase::Failed(error) if list.table.len() > 0 => {
            let text = format!("{}; the rest is missing. {}", error.summary(), error.hint);
            texts.push((text, Role::Error));
        }
        ListPhase::Failed(_) => {}
        ListPhase::Ended { notes, .. } => {
            texts.extend(notes.iter().map(|note| (note.clone(), Role::Warn)));
        }
    }
    texts
}
