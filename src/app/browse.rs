//! The page that lists the threads of an account. The list of each service stays while the program runs, with the place
//! in it. Drawn by `ui/browse`.

mod actions;
mod analyse;
mod archive;
pub mod columns;
mod foot;
pub mod found;
mod marks;
mod narrow;
pub mod thread_list;
pub mod tree;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::action::Action;
use crate::app::browse::columns::ColumnSpan;
use crate::app::browse::found::SelectedThread;
use crate::app::browse::thread_list::ThreadList;
use crate::app::browse::tree::TreeNode;
use crate::app::overlay::OverlayList;
use crate::app::{App, Effects, scroll};
use crate::domain::{KeptList, ListUpdate, ListingId, SavedState, SortId, Source, ThreadRef, Timestamp};
use crate::effect::Effect;
use crate::layout::{self, BrowseAreas, Direction};
use crate::provider;
use crate::text::time::Clock;
use crate::view::thread_table::{Arrangement, ThreadGroup};

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
    /// The service whose threads are shown.
    pub service: Option<&'static str>,
    /// The lists so far, by service.
    lists: BTreeMap<&'static str, ThreadList>,
    /// The rows of the tree.
    pub tree: Vec<TreeNode>,
    /// The first row of the tree in view.
    pub(super) tree_offset: usize,
    last_listing: u64,
    last_search: u64,
    /// Whether an archive run is under way.
    is_archiving: bool,
    /// Actions typed ahead, until the rows that they act on are arranged.
    waiting: Vec<(Action, Option<usize>)>,
    /// Words that narrow a list which is not there yet.
    first_words: String,
}

impl Browse {
    /// The list that is shown.
    pub fn list(&self) -> Option<&ThreadList> {
        self.lists.get(self.service?)
    }

    /// The selected thread.
    pub fn selected(&self) -> Option<SelectedThread<'_>> {
        self.list()?.selected()
    }

    pub(super) fn list_mut(&mut self) -> Option<&mut ThreadList> {
        self.lists.get_mut(self.service?)
    }

    /// Whether threads of the shown service are arriving.
    pub fn is_listing(&self) -> bool {
        self.list().is_some_and(ThreadList::is_running)
    }

    fn next_listing(&mut self) -> ListingId {
        self.last_listing += 1;
        ListingId(self.last_listing)
    }

    /// Forgets the list of a service that is reached in another way from now on. The effect stops its listing.
    pub(super) fn forget(&mut self, service: &str) -> Option<Effect> {
        let list = self.lists.remove(service)?;
        self.update_tree();
        list.is_running().then_some(Effect::StopListing(list.listing))
    }

    /// Forgets all lists.
    pub(super) fn forget_all(&mut self) -> Effects {
        let services: Vec<&'static str> = self.lists.keys().copied().collect();
        services.into_iter().filter_map(|service| self.forget(service)).collect()
    }

    /// Narrows the shown list, or the first one that is made.
    pub(super) fn narrow_first(&mut self, words: String) {
        match self.list_mut() {
            Some(list) => list.narrow(words.trim()),
            None => words.trim().clone_into(&mut self.first_words),
        }
    }

    /// Starts the first listing of the shown service, unless it has a list.
    fn start_listing(&mut self) -> Option<Effect> {
        let service = self.service.filter(|service| self.is_open && !self.lists.contains_key(service))?;
        let id = self.next_listing();
        let mut list = ThreadList::new(id);
        list.narrow(&std::mem::take(&mut self.first_words));
        self.lists.insert(service, list);
        self.update_tree();
        Some(Effect::List { id, service, variant: None })
    }

    fn on_listed(&mut self, id: ListingId, update: ListUpdate, now: Timestamp) {
        let Some(list) = self.lists.values_mut().find(|list| list.listing == id) else { return };
        if list.on_update(update, now) {
            self.update_tree();
        }
    }

    /// The notes of a thread may have changed: a filter that depends on them selects anew.
    pub(super) fn on_notes_changed(&mut self, service: &str) {
        self.lists.get_mut(service).into_iter().for_each(ThreadList::on_notes_changed);
    }

    fn on_arranged(&mut self, id: SortId, arrangement: &Arc<Arrangement>) {
        let arranged = |list: &mut ThreadList| list.on_arranged(id, Arc::clone(arrangement));
        if self.lists.values_mut().any(arranged) {
            self.update_tree();
        }
    }

    /// Shows the list of a service. Tasks for the list that was shown are replaced by those for this one.
    fn show_service(&mut self, service: &'static str) {
        if self.service == Some(service) {
            return;
        }
        if let Some(list) = self.list_mut() {
            list.abandon_arrangement();
            list.abandon_search();
        }
        self.service = Some(service);
    }

    /// Shows a group; of another service, its list, which is made if there is none.
    pub(super) fn show_group(&mut self, service: &'static str, group: ThreadGroup) {
        self.show_service(service);
        if let Some(list) = self.list_mut() {
            list.show_group(group);
        }
        self.update_tree();
    }
}

impl App {
    /// Opens the page: with the list that was shown last, else that of the service in use.
    pub(super) fn open_browse(&mut self) {
        let shown = match self.loading.thread.as_ref().map(|thread| &thread.source) {
            Some(Source::Thread(thread)) => Some(thread.service),
            Some(Source::File(_) | Source::Stdin) | None => None,
        };
        let preferred = self.thread_box.preferred_service.or(self.prefs.listed_service);
        let first = || provider::all().first().map(|provider| provider.id());
        self.browse.service = self.browse.service.or(shown).or(preferred).or_else(first);
        self.browse.is_open = true;
        self.pending_keys.clear();
        self.browse.update_tree();
    }

    /// Returns to the panes as they were.
    pub(super) fn close_browse(&mut self) {
        self.browse.is_open = false;
        self.browse.waiting.clear();
    }

    /// What the page needs before a frame: a listing, or the rows in their order.
    pub(super) fn prepare_browse(&mut self) -> Effects {
        let mut effects: Effects = self.browse.start_listing().into_iter().collect();
        let ids = &mut self.ids;
        let request = self.browse.service.and_then(|service| {
            self.browse.lists.get_mut(service)?.request_arrangement(service, || ids.next_sort())
        });
        effects.extend(request.map(|request| Effect::Arrange(Box::new(request))));
        effects.extend(self.browse.request_found());
        effects
    }

    pub(super) fn on_listed(&mut self, id: ListingId, update: ListUpdate, now: Timestamp) {
        self.browse.on_listed(id, update, now);
    }

    pub(super) fn on_kept(&mut self, id: ListingId, kept: KeptList) {
        if let Some(list) = self.browse.lists.values_mut().find(|list| list.listing == id) {
            list.on_kept(kept);
            self.browse.update_tree();
        }
    }

    /// Shows the rows; keys that were typed ahead of them act now.
    pub(super) fn on_arranged(
        &mut self,
        id: SortId,
        arrangement: &Arc<Arrangement>,
        now: Timestamp,
    ) -> Effects {
        self.browse.on_arranged(id, arrangement);
        if self.browse.list().is_some_and(ThreadList::is_rearranging) {
            return Vec::new();
        }
        let waiting = std::mem::take(&mut self.browse.waiting);
        let is_open = self.browse.is_open;
        let actions = waiting.into_iter().filter(|_| is_open);
        actions.flat_map(|(action, count)| self.perform(action, count, now)).collect()
    }

    pub(super) fn on_saved_states(&mut self, service: &str, states: Vec<(String, SavedState)>) {
        if let Some(list) = self.browse.lists.get_mut(service) {
            list.set_saved(states);
        }
    }

    /// The areas of the page.
    pub fn browse_areas(&self) -> BrowseAreas {
        let foot_rows = u16::try_from(self.browse_foot().len()).unwrap_or(u16::MAX);
        layout::browse_areas(self.screen.width, self.screen.height, foot_rows)
    }

    /// The lines of the list in view.
    pub fn browse_list(&self) -> OverlayList {
        let area = self.browse_areas().rows;
        let Some(list) = self.browse.list() else {
            return OverlayList { area, selected: 0, offset: 0, len: 0 };
        };
        let offset = list.offset_in_view(list.cursor.offset, usize::from(area.height));
        OverlayList { area, selected: list.line_of(list.cursor.row), offset, len: list.line_count() }
    }

    /// The rows of the tree in view.
    pub fn browse_tree(&self) -> OverlayList {
        let area = self.browse_areas().tree;
        let (selected, len) = (self.browse.tree_row(), self.browse.tree.len());
        let offset = scroll::into_view(selected, self.browse.tree_offset, usize::from(area.height), len);
        OverlayList { area, selected, offset, len }
    }

    /// The columns of the list.
    pub fn browse_columns(&self) -> Vec<ColumnSpan> {
        let list = self.browse.list();
        let mut present = list.map(|list| list.arrangement.present).unwrap_or_default();
        // All threads of a variant would have the same value.
        if list.is_some_and(|list| matches!(list.group, ThreadGroup::Variant(_))) {
            (present.application, present.origin) = (false, false);
        }
        let has_half_of_day = self.prefs.time_format.clock == Clock::Twelve;
        columns::fit(self.browse_areas().rows.width, present, has_half_of_day)
    }

    /// Opens the selected thread; one below the list, at its hit.
    pub(super) fn open_listed(&mut self, now: Timestamp) -> Effects {
        let Some((service, selected)) = self.browse.service.zip(self.browse.selected()) else {
            return Vec::new();
        };
        if let Some(message) = selected.message.cloned() {
            return self.open_hit(message, now);
        }
        let id = selected.thread.id.clone();
        self.open_and_focus(Source::Thread(ThreadRef { service, id }), now)
    }

    /// Opens the thread of the list after or before the one in the panes.
    pub(super) fn open_neighbour(
        &mut self,
        direction: Direction,
        count: Option<usize>,
        now: Timestamp,
    ) -> Effects {
        let shown = match self.loading.source.as_ref().or(self.loading.thread.as_ref().map(|t| &t.source)) {
            Some(Source::Thread(thread)) => Some(thread.clone()),
            Some(Source::File(_) | Source::Stdin) | None => None,
        };
        if let Some(thread) = shown.as_ref().filter(|thread| self.browse.lists.contains_key(thread.service)) {
            self.browse.show_service(thread.service);
        }
        let Some(list) = self.browse.list_mut().filter(|list| list.item_count() > 0) else {
            self.notify("No list of threads yet; press b");
            return Vec::new();
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
            self.notify(match direction {
                Direction::Forward => "This is the last thread of the list",
                Direction::Backward => "This is the first thread of the list",
            });
            return Vec::new();
        };
        list.select(target);
        self.open_listed(now)
    }
}

#[cfg(test)]
mod tests;
