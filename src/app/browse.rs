//! The page that lists the threads of an account. The list of each account stays while the program runs, with its selected
//! thread. Drawn by `ui/browse`.

mod actions;
mod archive;
pub mod columns;
mod footer;
pub mod found;
mod marks;
mod narrow;
mod outcome;
pub mod thread_list;
pub mod tree;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::action::Action;
use crate::app::browse::columns::ColumnSpan;
use crate::app::browse::found::SelectedThread;
use crate::app::browse::thread_list::ThreadList;
use crate::app::browse::tree::TreeNode;
use crate::app::ids::Ids;
use crate::app::overlay::OverlayList;
use crate::app::{Effects, scroll};
use crate::domain::{AccountRef, KeptList, ListUpdate, ListingId, SavedState, SortId, ThreadRef, Timestamp};
use crate::effect::{Effect, ListedSelection, ThreadToExport};
use crate::layout::{self, BrowseAreas, Direction};
use crate::provider;
use crate::text::time::Clock;
use crate::view::thread_table::{Arrangement, ThreadGroup, ThreadRow};

pub use outcome::{BrowseContext, BrowseOutcome};

/// The part of the page that has the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BrowseFocus {
    #[default]
    List,
    Tree,
}

/// The state of the page.
#[derive(Clone, Debug, Default)]
pub struct Browse {
    pub is_open: bool,
    pub focus: BrowseFocus,
    /// The account whose threads are shown.
    pub account: Option<AccountRef>,
    /// The lists so far.
    lists: BTreeMap<AccountRef, ThreadList>,
    /// The rows of the tree.
    pub tree: Vec<TreeNode>,
    /// The first visible row of the tree.
    pub(super) tree_offset: usize,
    last_listing: u64,
    last_search: u64,
    /// Whether an archive run is in progress.
    is_archiving: bool,
    /// Actions that were typed ahead and wait until the rows are arranged.
    waiting: Vec<(Action, Option<usize>)>,
    /// Words that narrow a list that does not exist yet.
    first_words: String,
}

impl Browse {
    /// Returns the list that is shown.
    pub fn list(&self) -> Option<&ThreadList> {
        self.lists.get(self.account.as_ref()?)
    }

    /// Returns the selected thread.
    pub fn selected(&self) -> Option<SelectedThread<'_>> {
        self.list()?.selected()
    }

    /// Returns the service whose threads are shown.
    pub fn service(&self) -> Option<&'static str> {
        self.account.as_ref().map(|account| account.service)
    }

    /// Opens the page with the list that was shown last, else that of this service.
    pub(super) fn open(&mut self, preferred: Option<&'static str>) {
        let first = || provider::all().first().map(|provider| provider.id());
        let shown = self.account.take();
        self.account = shown.or_else(|| preferred.or_else(first).map(AccountRef::in_use));
        self.is_open = true;
        self.update_tree();
    }

    /// Closes the page; the panes are unchanged.
    pub(super) fn close(&mut self) {
        self.is_open = false;
        self.waiting.clear();
    }

    /// Requests the data of the next frame: a listing, or the rows in their order.
    pub(super) fn prepare(&mut self, ids: &mut Ids) -> Effects {
        let mut effects: Effects = self.start_listing().into_iter().collect();
        let request = self.account.as_ref().and_then(|account| {
            self.lists.get_mut(account)?.request_arrangement(account, || ids.next_sort())
        });
        effects.extend(request.map(|request| Effect::Arrange(Box::new(request))));
        effects.extend(self.request_found());
        effects
    }

    pub(super) fn list_mut(&mut self) -> Option<&mut ThreadList> {
        self.lists.get_mut(self.account.as_ref()?)
    }

    /// Returns whether threads of the shown account are arriving.
    pub fn is_listing(&self) -> bool {
        self.list().is_some_and(ThreadList::is_running)
    }

    fn next_listing(&mut self) -> ListingId {
        self.last_listing += 1;
        ListingId(self.last_listing)
    }

    /// Forgets the lists of a service whose access changes. The effects stop their listings.
    pub(super) fn forget(&mut self, service: &str) -> Effects {
        self.forget_where(|account| account.service == service)
    }

    /// Forgets all lists.
    pub(super) fn forget_all(&mut self) -> Effects {
        self.forget_where(|_| true)
    }

    fn forget_where(&mut self, is_forgotten: impl Fn(&AccountRef) -> bool) -> Effects {
        let mut effects = Vec::new();
        self.lists.retain(|account, list| {
            let is_stopped = is_forgotten(account) && list.is_running();
            effects.extend(is_stopped.then_some(Effect::StopListing(list.listing)));
            !is_forgotten(account)
        });
        // This account may be the one in use now.
        if let Some(account) = self.account.as_mut().filter(|account| is_forgotten(account)) {
            account.kept = None;
        }
        self.update_tree();
        effects
    }

    /// Narrows the shown list, or the first one that is made.
    pub(super) fn narrow_first(&mut self, words: String) {
        match self.list_mut() {
            Some(list) => list.narrow(words.trim()),
            None => words.trim().clone_into(&mut self.first_words),
        }
    }

    /// Starts the first listing of the shown account, unless it has a list.
    fn start_listing(&mut self) -> Option<Effect> {
        let is_new = |account: &AccountRef| self.is_open && !self.lists.contains_key(account);
        let account = self.account.clone().filter(is_new)?;
        let id = self.next_listing();
        let mut list = ThreadList::new(id);
        list.narrow(&std::mem::take(&mut self.first_words));
        self.lists.insert(account.clone(), list);
        self.update_tree();
        Some(Effect::List { id, account, variant: None })
    }

    /// Applies a step of a listing.
    pub(super) fn on_listed(&mut self, id: ListingId, update: ListUpdate, now: Timestamp) {
        let Some(list) = self.lists.values_mut().find(|list| list.listing == id) else { return };
        if list.on_update(update, now) {
            self.update_tree();
        }
    }

    /// Adds a part of a kept list.
    pub(super) fn on_kept(&mut self, id: ListingId, kept: KeptList) {
        if let Some(list) = self.lists.values_mut().find(|list| list.listing == id) {
            list.on_kept(kept);
            self.update_tree();
        }
    }

    /// Sets the states of threads of the account in use.
    pub(super) fn on_saved_states(&mut self, service: &str, states: Vec<(String, SavedState)>) {
        let in_use =
            self.lists.iter_mut().find(|(account, _)| account.service == service && account.kept.is_none());
        if let Some((_, list)) = in_use {
            list.set_saved(states);
        }
    }

    /// Applies a filter that depends on notes again, because they may have changed.
    pub(super) fn on_notes_changed(&mut self, service: &str) {
        let lists = self.lists.iter_mut().filter(|(account, _)| account.service == service);
        lists.for_each(|(_, list)| list.on_notes_changed());
    }

    /// Shows the rows. Returns the actions that were typed before the rows arrived.
    pub(super) fn on_arranged(
        &mut self,
        id: SortId,
        arrangement: &Arc<Arrangement>,
    ) -> Vec<(Action, Option<usize>)> {
        let arranged = |list: &mut ThreadList| list.on_arranged(id, Arc::clone(arrangement));
        if self.lists.values_mut().any(arranged) {
            self.update_tree();
        }
        if self.is_rearranging() { Vec::new() } else { std::mem::take(&mut self.waiting) }
    }

    /// Returns whether the rows do not yet reflect a change by the user.
    pub(super) fn is_rearranging(&self) -> bool {
        self.list().is_some_and(ThreadList::is_rearranging)
    }

    /// Shows the list of an account. Its tasks replace those of the list that was shown.
    fn show_account(&mut self, account: AccountRef) {
        if self.account.as_ref() == Some(&account) {
            return;
        }
        if let Some(list) = self.list_mut() {
            list.abandon_arrangement();
            list.abandon_search();
        }
        self.account = Some(account);
    }

    /// Shows a group; of another account, its list, which is made if there is none.
    pub(super) fn show_group(&mut self, account: AccountRef, group: ThreadGroup) {
        self.show_account(account);
        if let Some(list) = self.list_mut() {
            list.show_group(group);
        }
        self.update_tree();
    }

    /// Returns the areas of the page.
    pub fn areas(&self, context: &BrowseContext<'_>) -> BrowseAreas {
        let footer_rows = u16::try_from(self.footer(context).len()).unwrap_or(u16::MAX);
        layout::browse_areas(context.screen.width, context.screen.height, footer_rows)
    }

    /// Returns the number of visible lines of the list.
    pub fn list_in_view(&self, context: &BrowseContext<'_>) -> OverlayList {
        let area = self.areas(context).rows;
        let Some(list) = self.list() else {
            return OverlayList { area, selected: 0, offset: 0, len: 0 };
        };
        let offset = list.offset_in_view(list.cursor.offset, usize::from(area.height));
        OverlayList { area, selected: list.line_of(list.cursor.row), offset, len: list.line_count() }
    }

    /// Returns the number of visible rows of the tree.
    pub fn tree_in_view(&self, context: &BrowseContext<'_>) -> OverlayList {
        let area = self.areas(context).tree;
        let (selected, len) = (self.tree_row(), self.tree.len());
        let offset = scroll::into_view(selected, self.tree_offset, usize::from(area.height), len);
        OverlayList { area, selected, offset, len }
    }

    /// Returns whether the tree is on the screen and has the focus.
    pub fn has_tree_focus(&self, context: &BrowseContext<'_>) -> bool {
        self.focus == BrowseFocus::Tree && !self.areas(context).tree.is_empty()
    }

    /// Returns the columns of the list.
    pub fn columns(&self, context: &BrowseContext<'_>) -> Vec<ColumnSpan> {
        let list = self.list();
        let mut present = list.map(|list| list.arrangement.present).unwrap_or_default();
        // All threads of a variant have the same value.
        if list.is_some_and(|list| matches!(list.group, ThreadGroup::Variant(_))) {
            (present.application, present.origin) = (false, false);
        }
        let has_half_of_day = context.prefs.time_format.clock == Clock::Twelve;
        columns::fit(self.areas(context).rows.width, present, has_half_of_day)
    }

    /// Returns rows of the shown list, with what a task needs of it.
    fn select(&self, indices: impl FnOnce(&ThreadList) -> Vec<u32>) -> Option<ListedSelection> {
        let (account, list) = self.account.clone().zip(self.list())?;
        Some(ListedSelection { account, table: list.table.clone(), indices: indices(list) })
    }

    /// Returns whether a thread is marked or selected.
    fn has_chosen(&self) -> bool {
        self.list().is_some_and(|list| !list.chosen_indices().is_empty())
    }

    /// Returns the marked threads, or the selected one. Bodies that the library does not have are fetched.
    pub(super) fn threads_to_export(&self) -> Vec<ThreadToExport> {
        let Some(chosen) = self.select(ThreadList::chosen_indices) else { return Vec::new() };
        let to_export = |row: &ThreadRow| ThreadToExport {
            thread: ThreadRef::of(&chosen.account, row.thread.id.as_str()),
            is_kept: matches!(row.saved, SavedState::Saved | SavedState::Gone),
        };
        chosen.rows().map(to_export).collect()
    }

    /// Opens the selected thread; one below the list, at its hit.
    fn open_selected(&self) -> BrowseOutcome {
        let Some((account, selected)) = self.account.as_ref().zip(self.selected()) else {
            return BrowseOutcome::Changed;
        };
        let thread = ThreadRef::of(account, selected.thread.id.as_str());
        match selected.message {
            Some(message) => BrowseOutcome::OpenHit(thread, Box::new(message.clone())),
            None => BrowseOutcome::Open(thread),
        }
    }

    /// Opens the thread of the list after or before the one in the panes.
    pub(super) fn open_neighbour(
        &mut self,
        shown: Option<&ThreadRef>,
        direction: Direction,
        count: Option<usize>,
    ) -> BrowseOutcome {
        let owner = shown.map(ThreadRef::account);
        if let Some(owner) = owner.clone().filter(|owner| self.lists.contains_key(owner)) {
            self.show_account(owner);
        }
        let shown = shown.filter(|_| owner == self.account);
        let Some(list) = self.list_mut().filter(|list| list.item_count() > 0) else {
            return BrowseOutcome::notice("No list of threads yet; press b");
        };
        let here = shown.and_then(|thread| list.item_of_id(&thread.id));
        let count = count.unwrap_or(1);
        let target = match (here, direction) {
            (Some(here), Direction::Forward) => here.checked_add(count),
            (Some(here), Direction::Backward) => here.checked_sub(count),
            // The thread in the panes is not in the list.
            (None, _) => Some(list.cursor.row),
        };
        let Some(target) = target.filter(|target| *target < list.item_count()) else {
            return BrowseOutcome::notice(match direction {
                Direction::Forward => "This is the last thread of the list",
                Direction::Backward => "This is the first thread of the list",
            });
        };
        list.select(target);
        self.open_selected()
    }
}

#[cfg(test)]
mod tests;
