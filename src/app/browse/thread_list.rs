//! The threads of one account: the progress of their listing, their order, the cursor, and the shown part.

use std::collections::HashMap;
use std::sync::Arc;

use crate::app::browse::found::Found;
use crate::app::browse::marks::Marks;
use crate::domain::{
    AccountRef, Applications, KeptAccount, KeptList, ListProgress, ListRefusal, ListUpdate, ListedAccount,
    ListedThread, ListingId, SavedState, SortId, Timestamp, UserError,
};
use crate::effect::ArrangeRequest;
use crate::filter::ThreadFilter;
use crate::view::thread_table::{Arrangement, ThreadGroup, ThreadRow, ThreadSort, ThreadTable};

/// The maximum number of notes of a listing.
const MAX_NOTES: usize = 20;

/// The state of a listing.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ListPhase {
    #[default]
    Running,
    Ended {
        is_complete: bool,
        /// Sentences about threads that may be missing.
        notes: Vec<String>,
    },
    /// Stopped by the user.
    Stopped,
    Failed(Box<UserError>),
}

/// The selected row. It stays on its thread, and its thread on its line, while rows arrive above it.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListCursor {
    /// The row of the table.
    pub index: Option<u32>,
    /// The position in the list, or after its end.
    pub row: usize,
    /// The first visible line.
    pub offset: usize,
    /// Whether the selected row is below the list.
    pub is_found: bool,
    /// Whether the user moved the cursor; until then, it stays on the first row.
    is_moved: bool,
}

/// The state of a list before the text at the prompt was typed.
#[derive(Clone, Debug)]
pub struct BeforeTyping {
    narrowing: String,
    filter: Option<ThreadFilter>,
    /// The id of the selected thread.
    selected: Option<String>,
    /// The error of the typed filter.
    pub(super) problem: Option<String>,
}

/// The listed threads of an account.
#[derive(Clone, Debug)]
pub struct ThreadList {
    pub listing: ListingId,
    pub phase: ListPhase,
    /// The refusal of the variant that is being listed again; `None` if the whole account is listed.
    retried: Option<ListRefusal>,
    /// The result of the last listing of the whole account, while a variant is being listed again.
    before_retry: ListPhase,
    pub progress: ListProgress,
    pub refusals: Vec<ListRefusal>,
    pub accounts: Vec<ListedAccount>,
    pub applications: Arc<Applications>,
    /// The other accounts of the service that the library keeps, with the numbers of their threads.
    pub other_accounts: Vec<(KeptAccount, usize)>,
    pub table: ThreadTable,
    index_of: HashMap<String, u32>,
    /// The states of threads that the listing has not reached.
    early_states: HashMap<String, SavedState>,
    /// The time at which the last listing ended.
    pub listed_at: Option<Timestamp>,
    pub arrangement: Arc<Arrangement>,
    /// The arrangement in progress.
    arranging: Option<SortId>,
    /// Whether rows have changed since the last requested arrangement.
    is_stale: bool,
    /// Whether the user has changed the shown part or the order since the last requested arrangement.
    is_changed: bool,
    /// Whether the arrangement in progress is for such a change.
    awaits_change: bool,
    /// Whether the next arrangement selects its first row.
    selects_first: bool,
    pub group: ThreadGroup,
    pub narrowing: String,
    pub filter: Option<ThreadFilter>,
    /// The state before the typed text.
    pub(super) before_typing: Option<BeforeTyping>,
    pub sort: ThreadSort,
    pub cursor: ListCursor,
    pub marks: Marks,
    /// The threads below the list.
    pub found: Found,
    /// The row of the table at which a range of marks begins.
    pub(super) range_start: Option<u32>,
}

impl ThreadList {
    /// Creates an empty list at the start of its listing.
    pub fn new(listing: ListingId) -> Self {
        let mut table = ThreadTable::default();
        table.start_listing();
        Self {
            listing,
            phase: ListPhase::Running,
            retried: None,
            before_retry: ListPhase::Running,
            progress: ListProgress::default(),
            refusals: Vec::new(),
            accounts: Vec::new(),
            applications: Arc::default(),
            other_accounts: Vec::new(),
            table,
            index_of: HashMap::new(),
            early_states: HashMap::new(),
            listed_at: None,
            arrangement: Arc::default(),
            arranging: None,
            is_stale: false,
            is_changed: false,
            awaits_change: false,
            selects_first: false,
            group: ThreadGroup::All,
            narrowing: String::new(),
            filter: None,
            before_typing: None,
            sort: ThreadSort::default(),
            cursor: ListCursor::default(),
            marks: Marks::default(),
            found: Found::default(),
            range_start: None,
        }
    }

    /// Returns whether threads may still arrive.
    pub fn is_running(&self) -> bool {
        self.phase == ListPhase::Running
    }

    /// Returns whether the listing has read anything; a kept list that was not renewed keeps its age.
    pub fn is_renewed(&self) -> bool {
        let is_complete = matches!(self.phase, ListPhase::Ended { is_complete: true, .. });
        is_complete || self.progress != ListProgress::default() || !self.refusals.is_empty()
    }

    /// Returns the variant that is being listed again.
    pub fn retried_variant(&self) -> Option<&str> {
        self.retried.as_ref()?.variant_id.as_deref()
    }

    /// Returns the reason why a variant could not be listed.
    pub fn refusal_of(&self, variant: &str) -> Option<&ListRefusal> {
        self.refusals.iter().find(|refusal| refusal.variant_id.as_deref() == Some(variant))
    }

    /// Returns the table row at a position of the list.
    pub fn row(&self, position: usize) -> Option<(u32, &ThreadRow)> {
        let index = *self.arrangement.rows.get(position)?;
        Some((index, self.table.get(index)?))
    }

    /// Returns the table row of a thread.
    pub(super) fn index_of_id(&self, id: &str) -> Option<u32> {
        self.index_of.get(id).copied()
    }

    /// Returns the position of a thread, if the list shows it.
    pub fn position_of_id(&self, id: &str) -> Option<usize> {
        self.arrangement.position_of(self.index_of_id(id)?)
    }

    /// Starts another listing; the threads of the last one stay.
    pub(super) fn restart(&mut self, listing: ListingId) {
        self.table.start_listing();
        self.listing = listing;
        self.phase = ListPhase::Running;
        self.retried = None;
        self.progress = ListProgress::default();
        self.refusals.clear();
    }

    /// Lists a refused variant again.
    pub(super) fn retry(&mut self, listing: ListingId, variant: &str) {
        let is_refusal = |refusal: &ListRefusal| refusal.variant_id.as_deref() == Some(variant);
        let Some(at) = self.refusals.iter().position(is_refusal) else { return };
        self.listing = listing;
        self.before_retry = std::mem::replace(&mut self.phase, ListPhase::Running);
        self.retried = Some(self.refusals.remove(at));
    }

    /// Stops the listing. Returns whether it was running.
    pub(super) fn stop(&mut self) -> bool {
        let was_running = self.is_running();
        if was_running && !self.cancel_retry(None) {
            self.phase = ListPhase::Stopped;
        }
        was_running
    }

    /// Applies a step of the listing. Returns whether the tree changes.
    pub(super) fn on_update(&mut self, update: ListUpdate, now: Timestamp) -> bool {
        if !self.is_running() {
            return false;
        }
        match update {
            ListUpdate::Accounts(accounts) => self.accounts = accounts,
            ListUpdate::Applications(applications) => {
                Arc::make_mut(&mut self.applications).add_applications(applications);
                self.is_stale = true;
            }
            ListUpdate::Variants(variants) => {
                Arc::make_mut(&mut self.applications).add_variants(variants);
                self.is_stale = true;
            }
            ListUpdate::Threads(threads) => {
                threads.into_iter().for_each(|thread| self.add(thread));
                self.is_stale = true;
                return false;
            }
            ListUpdate::Progress(progress) => {
                if self.retried.is_none() {
                    self.progress = progress;
                }
                return false;
            }
            ListUpdate::Refused(refusal) => self.refusals.push(refusal),
            ListUpdate::Ended { is_complete, notes } => self.end(is_complete, notes, now),
            ListUpdate::Failed(error) => {
                if !self.cancel_retry(Some(error.summary())) {
                    self.phase = ListPhase::Failed(Box::new(error));
                }
            }
        }
        true
    }

    /// Adds a part of the kept list, whose rows stay until the running listing replaces them. If a complete listing has
    /// already ended, rows that it did not have are hidden.
    pub(super) fn on_kept(&mut self, kept: KeptList) {
        if !kept.other_accounts.is_empty() {
            self.other_accounts = kept.other_accounts;
        }
        let applications = Arc::make_mut(&mut self.applications);
        applications.add_applications(kept.applications);
        applications.add_variants(kept.variants);
        for (thread, saved) in kept.threads {
            match self.index_of.get(&thread.id) {
                Some(index) => self.table.set_saved(*index, saved),
                None => {
                    let id = thread.id.clone();
                    let early = self.early_states.remove(&id).filter(|_| saved == SavedState::NotSaved);
                    let index = self.table.push_kept(thread, early.unwrap_or(saved));
                    self.index_of.insert(id, index);
                }
            }
        }
        if matches!(self.phase, ListPhase::Ended { is_complete: true, .. }) {
            self.table.hide_unlisted();
        }
        self.listed_at = self.listed_at.max(kept.listed_at);
        self.is_stale = true;
    }

    fn add(&mut self, thread: ListedThread) {
        match self.index_of.get(&thread.id) {
            Some(index) => self.table.replace(*index, thread),
            None => {
                let id = thread.id.clone();
                let index = self.table.push(thread);
                if let Some(state) = self.early_states.remove(&id) {
                    self.table.set_saved(index, state);
                }
                self.index_of.insert(id, index);
            }
        }
    }

    fn end(&mut self, is_complete: bool, mut notes: Vec<String>, now: Timestamp) {
        notes.truncate(MAX_NOTES);
        self.is_stale = true;
        if self.retried.take().is_some() {
            let before = std::mem::take(&mut self.before_retry);
            let was_whole = matches!(&before, ListPhase::Ended { notes, .. } if notes.is_empty());
            self.phase = if is_complete && was_whole && self.refusals.is_empty() {
                ListPhase::Ended { is_complete, notes }
            } else {
                before
            };
            return;
        }
        if is_complete {
            self.table.hide_unlisted();
        }
        self.phase = ListPhase::Ended { is_complete, notes };
        if self.is_renewed() {
            self.listed_at = Some(now);
        }
    }

    /// Restores the refusal of the variant that is being listed again, with the new reason if there is one. Returns whether
    /// there was such a variant.
    fn cancel_retry(&mut self, reason: Option<&str>) -> bool {
        let Some(refusal) = self.retried.take() else { return false };
        let reason = reason.map_or_else(|| refusal.reason.clone(), str::to_owned);
        self.refusals.push(ListRefusal { reason, ..refusal });
        self.phase = std::mem::take(&mut self.before_retry);
        true
    }

    /// Sets the states of threads; states of threads that are not listed yet are kept until these arrive.
    pub(super) fn set_saved(&mut self, states: Vec<(String, SavedState)>) {
        for (id, state) in states {
            self.found.set_saved(&id, state);
            match self.index_of.get(&id) {
                Some(index) => {
                    self.table.set_saved(*index, state);
                    self.is_stale = true;
                }
                None => drop(self.early_states.insert(id, state)),
            }
        }
    }

    /// Shows another group from its first thread.
    pub(super) fn show_group(&mut self, group: ThreadGroup) {
        if self.group != group {
            self.group = group;
            (self.is_changed, self.selects_first, self.range_start) = (true, true, None);
        }
    }

    /// Shows the threads with these words, the best match first.
    pub(super) fn narrow(&mut self, words: &str) {
        if self.narrowing != words {
            words.clone_into(&mut self.narrowing);
            (self.is_changed, self.selects_first, self.range_start) = (true, true, None);
        }
    }

    /// Shows the threads that match a filter; `None` shows all.
    pub(super) fn set_filter(&mut self, filter: Option<ThreadFilter>) {
        let expression = |filter: &Option<ThreadFilter>| filter.as_ref().map(|f| f.expression().to_owned());
        if expression(&self.filter) != expression(&filter) {
            self.filter = filter;
            (self.is_changed, self.selects_first, self.range_start) = (true, true, None);
        }
    }

    /// Arranges the rows again if the filter depends on notes.
    pub(super) fn on_notes_changed(&mut self) {
        self.is_stale |= self.filter.as_ref().is_some_and(ThreadFilter::uses_notes);
    }

    /// Saves the state that Esc restores.
    pub(super) fn start_typing(&mut self) {
        self.before_typing = Some(BeforeTyping {
            narrowing: self.narrowing.clone(),
            filter: self.filter.clone(),
            selected: self.selected().map(|selected| selected.thread.id.clone()),
            problem: None,
        });
    }

    /// Restores the words, the filter and the thread from before the typed text.
    pub(super) fn cancel_typing(&mut self) {
        if let Some(before) = self.before_typing.take() {
            self.narrow(&before.narrowing);
            self.set_filter(before.filter);
            self.selects_first = false;
            let Some(id) = before.selected else { return };
            match (self.item_of_id(&id), self.index_of_id(&id)) {
                (Some(item), _) => self.set_cursor(item),
                // The next arrangement restores its row.
                (None, index @ Some(_)) if self.is_rearranging() => {
                    (self.cursor.index, self.cursor.is_found) = (index, false);
                }
                (None, _) => {}
            }
        }
    }

    /// Changes the order; the selected thread stays selected.
    pub(super) fn sort_by(&mut self, sort: ThreadSort) {
        self.sort = sort;
        self.is_changed = true;
    }

    /// Returns the arrangement that is needed now, if any. New rows wait for the one in progress; a change by the user does
    /// not.
    pub(super) fn request_arrangement(
        &mut self,
        account: &AccountRef,
        next_id: impl FnOnce() -> SortId,
    ) -> Option<ArrangeRequest> {
        let is_needed = self.is_changed || (self.is_stale && self.arranging.is_none());
        if !is_needed {
            return None;
        }
        let id = next_id();
        self.awaits_change |= self.is_changed;
        (self.arranging, self.is_stale, self.is_changed) = (Some(id), false, false);
        Some(ArrangeRequest {
            id,
            account: account.clone(),
            table: self.table.clone(),
            applications: Arc::clone(&self.applications),
            group: self.group.clone(),
            narrowing: self.narrowing.clone(),
            filter: self.filter.clone(),
            sort: self.sort,
        })
    }

    /// Returns whether the rows do not yet reflect a change by the user.
    pub(super) fn is_rearranging(&self) -> bool {
        self.is_changed || self.awaits_change
    }

    /// Cancels the arrangement, because another list is arranged: this list is arranged again when it is shown.
    pub(super) fn abandon_arrangement(&mut self) {
        self.is_stale |= self.arranging.take().is_some();
    }

    /// Shows the rows in their order. The selected thread stays on its line. Returns whether this was the last requested
    /// arrangement.
    pub(super) fn on_arranged(&mut self, id: SortId, arrangement: Arc<Arrangement>) -> bool {
        if self.arranging != Some(id) {
            return false;
        }
        (self.arranging, self.awaits_change) = (None, false);
        let selects_first = std::mem::take(&mut self.selects_first) || !self.cursor.is_moved;
        self.keep_selected(|list| {
            list.arrangement = arrangement;
            list.show_found();
        });
        if selects_first {
            self.set_cursor(0);
            self.cursor.offset = 0;
        }
        true
    }

    /// Selects the thread at a position; the cursor then stays on it.
    pub(in crate::app) fn select(&mut self, item: usize) {
        self.set_cursor(item);
        self.cursor.is_moved = true;
    }
}
