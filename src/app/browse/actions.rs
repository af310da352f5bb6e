//! The keys and the mouse of the page.

use crate::action::{Action, Motion};
use crate::app::browse::BrowseFocus;
use crate::app::browse::thread_list::ListPhase;
use crate::app::overlay::WHEEL_ROWS;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects, scroll};
use crate::domain::Timestamp;
use crate::effect::Effect;
use crate::event::{Mouse, MouseKind};
use crate::layout::{Direction, Rect};
use crate::view::Clip;
use crate::view::thread_table::{ThreadColumn, ThreadGroup, ThreadSort};

/// The most keys that are typed ahead.
const MAX_WAITING: usize = 256;

/// The meaning of an action on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Enter,
    Back,
    Close,
    SwitchFocus,
    /// The application of a variant, the account of an application.
    Parent,
    FirstChild,
    Sibling(Direction),
    Mark,
    MarkRange,
    MarkAll,
    Sort(ThreadColumn),
    Narrow,
    Filter,
    CopyIds,
    PipeIds,
    Archive,
    Export,
    Analyse,
    Reload,
    Stop,
}

const COMMANDS: &[(Action, Command)] = &[
    (Action::Enter, Command::Enter),
    (Action::Back, Command::Back),
    (Action::Browse, Command::Close),
    (Action::Quit, Command::Close),
    (Action::NextPane, Command::SwitchFocus),
    (Action::PreviousPane, Command::SwitchFocus),
    (Action::FoldOrLeft, Command::Parent),
    (Action::UnfoldOrRight, Command::FirstChild),
    (Action::NextSibling, Command::Sibling(Direction::Forward)),
    (Action::PreviousSibling, Command::Sibling(Direction::Backward)),
    (Action::ToggleFold, Command::Mark),
    (Action::MarkRange, Command::MarkRange),
    (Action::MarkAll, Command::MarkAll),
    (Action::SortByTime, Command::Sort(ThreadColumn::Updated)),
    (Action::SortByUpdated, Command::Sort(ThreadColumn::Updated)),
    (Action::SortByCreated, Command::Sort(ThreadColumn::Created)),
    (Action::SortByTitle, Command::Sort(ThreadColumn::Title)),
    (Action::SortByMessages, Command::Sort(ThreadColumn::Messages)),
    (Action::SortByUser, Command::Sort(ThreadColumn::User)),
    (Action::SortByApplication, Command::Sort(ThreadColumn::Application)),
    (Action::SortByModel, Command::Sort(ThreadColumn::Model)),
    (Action::SortByState, Command::Sort(ThreadColumn::State)),
    (Action::SortById, Command::Sort(ThreadColumn::Id)),
    (Action::Search, Command::Narrow),
    (Action::Filter, Command::Filter),
    (Action::CopyValue, Command::CopyIds),
    (Action::CopyThreadId, Command::CopyIds),
    (Action::CopyMessageId, Command::CopyIds),
    (Action::Pipe, Command::PipeIds),
    (Action::Archive, Command::Archive),
    (Action::Export, Command::Export),
    (Action::ShowAnalysis, Command::Analyse),
    (Action::Reload, Command::Reload),
    (Action::Stop, Command::Stop),
];

/// Actions that mean the same as in the panes.
const AS_ELSEWHERE: &[Action] = &[
    Action::FocusThread,
    Action::SearchLibrary,
    Action::ShowNotes,
    Action::PreviousThread,
    Action::OpenThreads,
    Action::NextThread,
    Action::PreviousListedThread,
    Action::ChooseProfile,
    Action::Command,
    Action::ToggleMouse,
    Action::Redraw,
    Action::Suspend,
    Action::Help,
];

/// Actions that mean something only on the page.
const ONLY_HERE: &[Action] = &[
    Action::MarkRange,
    Action::MarkAll,
    Action::Archive,
    Action::SortByUpdated,
    Action::SortByCreated,
    Action::SortByTitle,
    Action::SortByMessages,
    Action::SortByUser,
    Action::SortByApplication,
    Action::SortByModel,
    Action::SortByState,
    Action::SortById,
];

impl App {
    /// Whether an action means something where one is: on the page, or in the panes.
    pub fn has_meaning(&self, action: Action) -> bool {
        let is_command = COMMANDS.iter().any(|(known, _)| *known == action);
        let is_used = is_command || action.motion().is_some() || AS_ELSEWHERE.contains(&action);
        if self.browse.is_open { is_used } else { !ONLY_HERE.contains(&action) }
    }

    /// Runs an action on the page; `None` if it means the same as in the panes. One without a meaning is ignored.
    pub(in crate::app) fn perform_in_browse(
        &mut self,
        action: Action,
        count: Option<usize>,
        now: Timestamp,
    ) -> Option<Effects> {
        let command = COMMANDS.iter().find(|(known, _)| *known == action).map(|(_, command)| *command);
        if self.waits_for_rows(action, command) {
            if self.browse.waiting.len() < MAX_WAITING {
                self.browse.waiting.push((action, count));
            }
            return Some(Vec::new());
        }
        if let Some(motion) = action.motion() {
            self.move_in_browse(motion, count);
            return Some(Vec::new());
        }
        match command {
            Some(command) => Some(self.run_browse_command(command, now)),
            None if AS_ELSEWHERE.contains(&action) => None,
            None => Some(Vec::new()),
        }
    }

    /// Whether an action waits: its rows are still to be arranged, or an earlier action waits. Actions that leave the
    /// page or stop the listing drop those that wait.
    fn waits_for_rows(&mut self, action: Action, command: Option<Command>) -> bool {
        if matches!(command, Some(Command::Back | Command::Close | Command::Stop)) {
            self.browse.waiting.clear();
            return false;
        }
        let is_for_rows = match command {
            Some(command) => matches!(
                command,
                Command::Enter
                    | Command::Mark
                    | Command::MarkRange
                    | Command::MarkAll
                    | Command::CopyIds
                    | Command::PipeIds
                    | Command::Archive
                    | Command::Export
                    | Command::Analyse
            ),
            None => action.motion().is_some(),
        };
        let is_rearranging = self.browse.list().is_some_and(super::ThreadList::is_rearranging);
        is_rearranging && !self.has_tree_focus() && (is_for_rows || !self.browse.waiting.is_empty())
    }

    fn run_browse_command(&mut self, command: Command, now: Timestamp) -> Effects {
        match command {
            Command::Enter if self.has_tree_focus() => self.browse.focus = BrowseFocus::List,
            Command::Enter => return self.open_listed(now),
            Command::Back => self.go_back_in_browse(),
            Command::Close => self.close_browse(),
            Command::SwitchFocus => {
                let has_tree = !self.browse_areas().tree.is_empty();
                let is_tree = !has_tree || self.has_tree_focus();
                self.browse.focus = if is_tree { BrowseFocus::List } else { BrowseFocus::Tree };
            }
            Command::Parent => self.show_tree_row(self.browse.parent_row()),
            Command::FirstChild => self.show_tree_row(self.browse.child_row()),
            Command::Sibling(direction) => self.show_tree_row(self.browse.sibling_row(direction)),
            Command::Mark => self.on_list(super::ThreadList::toggle_mark),
            Command::MarkRange => self.on_list(super::ThreadList::mark_range),
            Command::MarkAll => self.on_list(super::ThreadList::mark_all),
            Command::Sort(column) => self.sort_threads(column),
            Command::Narrow => self.open_narrow_prompt(),
            Command::Filter => self.open_thread_filter_prompt(),
            Command::CopyIds => return self.chosen_ids().map(Effect::Copy).into_iter().collect(),
            Command::PipeIds => {
                if let Some(Clip { label, text }) = self.chosen_ids() {
                    let clip = Clip { label, text: text + "\n" };
                    self.prompt = Some(Prompt::new(Purpose::Pipe(clip), ""));
                }
            }
            Command::Archive => return self.archive_chosen(),
            Command::Export => self.open_threads_export_menu(),
            Command::Analyse => return self.analyse_chosen(),
            Command::Reload => return self.reload_list(),
            Command::Stop => return self.stop_listing(),
        }
        Vec::new()
    }

    fn on_list(&mut self, change: impl FnOnce(&mut super::ThreadList)) {
        if let Some(list) = self.browse.list_mut() {
            change(list);
        }
    }

    /// Whether the tree is on the screen and has the focus.
    pub fn has_tree_focus(&self) -> bool {
        self.browse.focus == BrowseFocus::Tree && !self.browse_areas().tree.is_empty()
    }

    /// Ends the range, takes the marks away, ends the narrowing, then the filter, or closes the page.
    fn go_back_in_browse(&mut self) {
        let Some(list) = self.browse.list_mut() else { return self.close_browse() };
        if list.clear_marks() {
            self.notify("Marks removed");
        } else if !list.narrowing.is_empty() {
            list.narrow("");
            self.notify("Narrowing ended");
        } else if list.filter.is_some() {
            list.set_filter(None);
            self.notify("Filter cleared");
        } else {
            self.close_browse();
        }
    }

    fn move_in_browse(&mut self, motion: Motion, count: Option<usize>) {
        if self.has_tree_focus() {
            let tree = self.browse_tree();
            let page = usize::from(tree.area.height);
            let row = scroll::motion_target(motion, count, tree.selected, tree.len, page);
            return self.show_tree_row(Some(row));
        }
        let view = self.browse_list();
        let page = usize::from(view.area.height).max(1);
        if let Some(list) = self.browse.list_mut() {
            let (from, len) = (list.cursor.row, list.item_count());
            list.select(scroll::motion_target(motion, count, from, len, page));
            list.cursor.offset = list.offset_in_view(view.offset, page);
        }
    }

    fn show_tree_row(&mut self, row: Option<usize>) {
        let tree = self.browse_tree();
        let Some((row, node)) = row.and_then(|row| Some((row, self.browse.tree.get(row)?))) else { return };
        let (service, group) = (node.service, node.group.clone());
        self.browse.tree_offset =
            scroll::into_view(row, tree.offset, usize::from(tree.area.height), tree.len);
        self.browse.show_group(service, group);
    }

    /// Sorts by a column; by the same one again, in reverse.
    fn sort_threads(&mut self, column: ThreadColumn) {
        let Some(list) = self.browse.list_mut() else { return };
        let first = ThreadSort::of(column);
        let is_same = list.sort.column == column;
        let is_descending = if is_same { !list.sort.is_descending } else { first.is_descending };
        list.sort_by(ThreadSort { is_descending, ..first });
    }

    /// The ids of the marked threads, or of the selected one, one a line: `sgp:8c5e…`.
    fn chosen_ids(&mut self) -> Option<Clip> {
        let (service, list) = self.browse.service.zip(self.browse.list())?;
        let ids: Vec<String> = list.chosen_ids().iter().map(|id| format!("{service}:{id}")).collect();
        if ids.is_empty() {
            self.notify("Nothing to copy here");
            return None;
        }
        let label = if ids.len() == 1 { "thread id" } else { "thread ids" };
        Some(Clip { label, text: ids.join("\n") })
    }

    /// Lists the refused variant that is shown again, else the whole account.
    fn reload_list(&mut self) -> Effects {
        let id = self.browse.next_listing();
        let Some((service, list)) = self.browse.service.zip(self.browse.list_mut()) else {
            return Vec::new();
        };
        let stopped = list.is_running().then_some(Effect::StopListing(list.listing));
        let refused = match &list.group {
            ThreadGroup::Variant(variant) if matches!(list.phase, ListPhase::Ended { .. }) => {
                list.refusal_of(variant).map(|_| variant.clone())
            }
            ThreadGroup::Variant(_)
            | ThreadGroup::All
            | ThreadGroup::Application(_)
            | ThreadGroup::Origin(_)
            | ThreadGroup::User(_) => None,
        };
        match &refused {
            Some(variant) => list.retry(id, variant),
            None => list.restart(id),
        }
        self.browse.update_tree();
        stopped.into_iter().chain([Effect::List { id, service, variant: refused }]).collect()
    }

    fn stop_listing(&mut self) -> Effects {
        let Some(list) = self.browse.list_mut() else { return Vec::new() };
        let listing = list.listing;
        let was_running = list.stop();
        self.browse.update_tree();
        was_running.then_some(Effect::StopListing(listing)).into_iter().collect()
    }

    /// Handles the mouse on the page: a click selects a row or a group and sorts by a heading; a click on the selected row
    /// opens it.
    pub(in crate::app) fn on_mouse_in_browse(&mut self, mouse: Mouse, now: Timestamp) -> Effects {
        let areas = self.browse_areas();
        let is_in = |area: Rect| area.contains((mouse.column, mouse.row).into());
        match mouse.kind {
            MouseKind::WheelUp => self.scroll_browse(Direction::Backward, is_in(areas.tree)),
            MouseKind::WheelDown => self.scroll_browse(Direction::Forward, is_in(areas.tree)),
            MouseKind::Drag => {}
            MouseKind::Press if is_in(areas.tree) => {
                self.browse.focus = BrowseFocus::Tree;
                self.show_tree_row(self.browse_tree().row_at(mouse));
            }
            MouseKind::Press if is_in(areas.headings) => {
                let x = mouse.column - areas.headings.x;
                let columns = self.browse_columns();
                let clicked = columns.iter().find(|span| (span.x..span.x + span.width).contains(&x));
                if let Some(span) = clicked {
                    self.sort_threads(span.column);
                }
            }
            MouseKind::Press => return self.click_thread(mouse, now),
        }
        Vec::new()
    }

    fn click_thread(&mut self, mouse: Mouse, now: Timestamp) -> Effects {
        let view = self.browse_list();
        let had_focus = !self.has_tree_focus();
        let Some(line) = view.row_at(mouse) else { return Vec::new() };
        self.browse.focus = BrowseFocus::List;
        let Some(list) = self.browse.list_mut() else { return Vec::new() };
        let item = list.item_at(line);
        if item == list.cursor.row && had_focus {
            return self.open_listed(now);
        }
        list.cursor.offset = view.offset;
        list.select(item);
        Vec::new()
    }

    /// Scrolls the list; the selected row stays in view.
    fn scroll_browse(&mut self, direction: Direction, is_tree: bool) {
        if is_tree {
            let motion = if direction == Direction::Forward { Motion::Down } else { Motion::Up };
            let tree = self.browse_tree();
            let row = scroll::motion_target(motion, None, tree.selected, tree.len, 1);
            return self.show_tree_row(Some(row));
        }
        let view = self.browse_list();
        let page = usize::from(view.area.height);
        let first = match direction {
            Direction::Forward => view.offset.saturating_add(WHEEL_ROWS).min(view.len.saturating_sub(page)),
            Direction::Backward => view.offset.saturating_sub(WHEEL_ROWS),
        };
        let last = first.saturating_add(page.saturating_sub(1)).min(view.len.saturating_sub(1));
        if let Some(list) = self.browse.list_mut() {
            let line = view.selected.clamp(first.min(last), last);
            list.select(list.whole_item_near(line, (first, last)));
            list.cursor.offset = first;
        }
    }
}
