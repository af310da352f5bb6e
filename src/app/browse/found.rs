//! The threads below the list: those with the narrowing words in their messages, but not in their titles.

use crate::app::browse::Browse;
use crate::app::browse::thread_list::ThreadList;
use crate::app::scroll;
use crate::domain::{ListedThread, SavedState};
use crate::effect::{Effect, FindRequest};
use crate::event::{FoundMessage, FoundThread, FoundThreads};
use crate::filter::ThreadFilter;
use crate::view::thread_table::ThreadGroup;

/// The lines of a found thread: its row, and the text around the hit.
const LINES: usize = 2;

/// A line of the list.
#[derive(Clone, Copy, Debug)]
pub enum ListLine<'a> {
    /// The position of a listed thread.
    Thread(usize),
    /// The rule above the found threads.
    Rule,
    Found(&'a FoundThread),
    /// The text around the hit of the found thread above.
    Context(&'a FoundThread),
}

/// The selected thread, in the list or below it.
#[derive(Clone, Copy, Debug)]
pub struct SelectedThread<'a> {
    pub thread: &'a ListedThread,
    pub saved: SavedState,
    /// The message by which it was found.
    pub message: Option<&'a FoundMessage>,
}

/// The threads that the search of the library found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The search that was requested last.
    requested: Option<SearchKey>,
    /// The number of the search, until its result arrives.
    awaited: Option<u64>,
    threads: Vec<FoundThread>,
    /// The indices of the threads that the list above does not have.
    shown: Vec<usize>,
    /// The reason why threads may be missing; empty if there is none.
    pub problem: String,
}

/// The values that a search depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SearchKey {
    words: String,
    group: ThreadGroup,
    filter: Option<String>,
}

impl Found {
    /// Returns the number of threads below the list.
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    fn get(&self, position: usize) -> Option<&FoundThread> {
        self.threads.get(*self.shown.get(position)?)
    }

    /// Sets the state of a found thread.
    pub(super) fn set_saved(&mut self, id: &str, state: SavedState) {
        for found in self.threads.iter_mut().filter(|found| found.thread.id == id) {
            found.saved = state;
        }
    }

    fn position_of_id(&self, id: &str) -> Option<usize> {
        self.shown
            .iter()
            .position(|index| self.threads.get(*index).is_some_and(|found| found.thread.id == id))
    }
}

impl Browse {
    /// Returns the search that the shown list needs now, if any.
    pub(super) fn request_found(&mut self) -> Option<Effect> {
        let (account, is_open) = (self.account.clone()?, self.is_open);
        let list = self.list_mut().filter(|_| is_open)?;
        let key = list.search_key();
        if list.found.requested == key {
            return None;
        }
        list.found.requested.clone_from(&key);
        list.found.awaited = None;
        let (group, filter) = (list.group.clone(), list.filter.clone());
        let Some(SearchKey { words, .. }) = key else {
            list.replace_found(FoundThreads::default());
            return Some(Effect::StopFindingThreads);
        };
        self.last_search += 1;
        let id = self.last_search;
        if let Some(list) = self.list_mut() {
            list.found.awaited = Some(id);
        }
        Some(Effect::FindThreads(Box::new(FindRequest { id, account, words, group, filter })))
    }

    /// Repeats, after an update of the index, the searches that found nothing in its earlier state.
    pub(in crate::app) fn on_library_indexed(&mut self) {
        let lists = self.lists.values_mut().filter(|list| !list.found.problem.is_empty());
        for list in lists.filter(|list| list.found.threads.is_empty()) {
            list.found.requested = None;
        }
    }

    /// Shows the threads of the last search; those of an earlier one are dropped.
    pub(in crate::app) fn on_found(&mut self, found: FoundThreads) {
        let list = self.lists.values_mut().find(|list| list.found.awaited == Some(found.id));
        if let Some(list) = list {
            list.found.awaited = None;
            list.replace_found(found);
        }
    }
}

impl ThreadList {
    /// Returns the key of the search for the narrowing words; `None` without words.
    fn search_key(&self) -> Option<SearchKey> {
        (!self.narrowing.is_empty()).then(|| SearchKey {
            words: self.narrowing.clone(),
            group: self.group.clone(),
            filter: self.filter.as_ref().map(|filter| ThreadFilter::expression(filter).to_owned()),
        })
    }

    /// Cancels the search, because another list is searched: this list is searched again when it is shown.
    pub(super) fn abandon_search(&mut self) {
        if self.found.awaited.take().is_some() {
            self.found.requested = None;
        }
    }

    fn replace_found(&mut self, found: FoundThreads) {
        let change = |list: &mut Self| {
            (list.found.threads, list.found.problem) = (found.threads, found.problem);
            list.show_found();
        };
        // A thread of the list stays selected, even if its row is still to be arranged.
        if self.selected().is_some_and(|selected| selected.message.is_none()) {
            change(self);
        } else {
            self.keep_selected(change);
        }
    }

    /// Hides the found threads that the list already has.
    pub(super) fn show_found(&mut self) {
        let is_below = |found: &FoundThread| self.position_of_id(&found.thread.id).is_none();
        let shown = self.found.threads.iter().enumerate().filter(|(_, found)| is_below(found));
        self.found.shown = shown.map(|(index, _)| index).collect();
    }

    /// Returns the number of threads in the list and below it.
    pub fn item_count(&self) -> usize {
        self.arrangement.rows.len() + self.found.len()
    }

    /// Returns the number of lines.
    pub fn line_count(&self) -> usize {
        self.line_of(self.item_count())
    }

    /// Returns the first line of a thread.
    pub fn line_of(&self, item: usize) -> usize {
        match item.checked_sub(self.arrangement.rows.len()) {
            Some(found) if self.found.len() > 0 => item + 1 + found * (LINES - 1),
            Some(_) | None => item,
        }
    }

    /// Returns the last line of a thread.
    pub(super) fn last_line_of(&self, item: usize) -> usize {
        self.line_of(item) + if self.found_at(item).is_some() { LINES - 1 } else { 0 }
    }

    /// Returns the first line to show so that all lines of the selected thread are in view, with the rule if the thread is
    /// directly below it.
    pub(super) fn offset_in_view(&self, offset: usize, page: usize) -> usize {
        let (first, last) = (self.line_of(self.cursor.row), self.last_line_of(self.cursor.row));
        let is_below_rule = self.cursor.is_found && self.cursor.row == self.arrangement.rows.len();
        let lines = [first - usize::from(is_below_rule && page > LINES), last, first];
        lines
            .into_iter()
            .fold(offset, |offset, line| scroll::into_view(line, offset, page, self.line_count()))
    }

    /// Returns the thread at a line; for the rule, the first thread below it.
    pub fn item_at(&self, line: usize) -> usize {
        let listed = self.arrangement.rows.len();
        match line.checked_sub(listed + 1) {
            Some(below) => listed + below / LINES,
            None => line,
        }
    }

    /// Returns the thread at a line, or an adjacent one if some of its lines are not visible.
    pub(super) fn whole_item_near(&self, line: usize, (first, last): (usize, usize)) -> usize {
        let item = self.item_at(line);
        match (self.line_of(item) < first, self.last_line_of(item) > last) {
            (true, _) => item + 1,
            (false, true) => item.saturating_sub(1),
            (false, false) => item,
        }
    }

    /// Returns the content of a line.
    pub fn line(&self, line: usize) -> Option<ListLine<'_>> {
        let listed = self.arrangement.rows.len();
        let Some(below) = line.checked_sub(listed) else { return Some(ListLine::Thread(line)) };
        let Some(below) = below.checked_sub(1) else {
            return (self.found.len() > 0).then_some(ListLine::Rule);
        };
        let found = self.found.get(below / LINES)?;
        Some(if below.is_multiple_of(LINES) { ListLine::Found(found) } else { ListLine::Context(found) })
    }

    /// Returns the found thread at the position of a thread.
    fn found_at(&self, item: usize) -> Option<&FoundThread> {
        self.found.get(item.checked_sub(self.arrangement.rows.len())?)
    }

    /// Returns the selected thread.
    pub fn selected(&self) -> Option<SelectedThread<'_>> {
        if let Some(found) = self.found_at(self.cursor.row).filter(|_| self.cursor.is_found) {
            let FoundThread { thread, saved, message } = found;
            return Some(SelectedThread { thread, saved: *saved, message: Some(message) });
        }
        let row = self.table.get(self.cursor.index?)?;
        Some(SelectedThread { thread: &row.thread, saved: row.saved, message: None })
    }

    /// Returns the position of the thread with this id, in the list or below it.
    pub(in crate::app) fn item_of_id(&self, id: &str) -> Option<usize> {
        let below = || Some(self.arrangement.rows.len() + self.found.position_of_id(id)?);
        self.position_of_id(id).or_else(below)
    }

    /// Returns the table row of the thread at a position.
    pub fn index_at(&self, item: usize) -> Option<u32> {
        let listed = self.arrangement.rows.get(item).copied();
        listed.or_else(|| self.index_of_id(&self.found_at(item)?.thread.id))
    }

    /// Returns the table rows of all threads in the list and below it.
    pub(super) fn shown_indices(&self) -> Vec<u32> {
        (0..self.item_count()).filter_map(|item| self.index_at(item)).collect()
    }

    /// Selects the thread at a position.
    pub(super) fn set_cursor(&mut self, item: usize) {
        let item = item.min(self.item_count().saturating_sub(1));
        self.cursor.row = item;
        self.cursor.index = self.index_at(item);
        self.cursor.is_found = self.found_at(item).is_some();
    }

    /// Applies a change to the lines. The selected thread stays on its line of the screen; if it is no longer shown, a thread near it
    /// is selected.
    pub(super) fn keep_selected(&mut self, change: impl FnOnce(&mut Self)) {
        let selected = self.selected().map(|selected| selected.thread.id.clone());
        let line = self.line_of(self.cursor.row).saturating_sub(self.cursor.offset);
        change(self);
        let item = selected.as_ref().and_then(|id| self.item_of_id(id));
        self.set_cursor(item.unwrap_or(self.cursor.row));
        if selected.is_some() {
            self.cursor.offset = self.line_of(self.cursor.row).saturating_sub(line);
        }
    }
}
