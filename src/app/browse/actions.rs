//! The actions and the mouse of the page.

use crate::action::{Action, Motion};
use crate::app::browse::thread_list::{ListPhase, ThreadList};
use crate::app::browse::{Browse, BrowseContext, BrowseFocus, BrowseOutcome};
use crate::app::overlay::WHEEL_ROWS;
use crate::app::prompt::Purpose;
use crate::app::scroll;
use crate::effect::Effect;
use crate::event::{Mouse, MouseKind};
use crate::layout::{Direction, Rect};
use crate::view::Clip;
use crate::view::thread_table::{ThreadColumn, ThreadGroup, ThreadSort};

/// The maximum number of actions that can be typed ahead.
const MAX_WAITING: usize = 256;

/// The meaning of an action on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Enter,
    Back,
    Close,
    SwitchFocus,
    /// Goes to the parent: the application of a variant, or the account of an application.
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

/// Actions with the same meaning as in the panes.
const SHARED_ACTIONS: &[Action] = &[
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

/// Actions that only the page has.
const PAGE_ACTIONS: &[Action] = &[
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

impl Browse {
    /// Returns whether an action has an effect in the current place: on the page, or in the panes.
    pub fn has_meaning(&self, action: Action) -> bool {
        let is_command = COMMANDS.iter().any(|(known, _)| *known == action);
        let is_used = is_command || action.motion().is_some() || SHARED_ACTIONS.contains(&action);
        if self.is_open { is_used } else { !PAGE_ACTIONS.contains(&action) }
    }

    /// Runs an action on the page; `None` if it has the same meaning as in the panes. An action without a meaning is
    /// ignored.
    pub(super) fn perform(
        &mut self,
        action: Action,
        count: Option<usize>,
        context: &BrowseContext<'_>,
    ) -> Option<BrowseOutcome> {
        let command = COMMANDS.iter().find(|(known, _)| *known == action).map(|(_, command)| *command);
        if self.waits_for_rows(action, command, context) {
            if self.waiting.len() < MAX_WAITING {
                self.waiting.push((action, count));
            }
            return Some(BrowseOutcome::Changed);
        }
        if let Some(motion) = action.motion() {
            self.move_by(motion, count, context);
            return Some(BrowseOutcome::Changed);
        }
        match command {
            Some(command) => Some(self.run(command, context)),
            None if SHARED_ACTIONS.contains(&action) => None,
            None => Some(BrowseOutcome::Changed),
        }
    }

    /// Returns whether an action must wait, because its rows are still to be arranged or an earlier action waits. Actions
    /// that leave the page or stop the listing drop the waiting ones.
    fn waits_for_rows(
        &mut self,
        action: Action,
        command: Option<Command>,
        context: &BrowseContext<'_>,
    ) -> bool {
        if matches!(command, Some(Command::Back | Command::Close | Command::Stop)) {
            self.waiting.clear();
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
        let is_rearranging = self.is_rearranging();
        is_rearranging && !self.has_tree_focus(context) && (is_for_rows || !self.waiting.is_empty())
    }

    fn run(&mut self, command: Command, context: &BrowseContext<'_>) -> BrowseOutcome {
        match command {
            Command::Enter if self.has_tree_focus(context) => self.focus = BrowseFocus::List,
            Command::Enter => return self.open_selected(),
            Command::Back => return self.go_back(),
            Command::Close => self.close(),
            Command::SwitchFocus => {
                let has_tree = !self.areas(context).tree.is_empty();
                let is_tree = !has_tree || self.focus == BrowseFocus::Tree;
                self.focus = if is_tree { BrowseFocus::List } else { BrowseFocus::Tree };
            }
            Command::Parent => self.show_tree_row(self.parent_row(), context),
            Command::FirstChild => self.show_tree_row(self.child_row(), context),
            Command::Sibling(direction) => self.show_tree_row(self.sibling_row(direction), context),
            Command::Mark => self.change_list(ThreadList::toggle_mark),
            Command::MarkRange => self.change_list(ThreadList::mark_range),
            Command::MarkAll => self.change_list(ThreadList::mark_all),
            Command::Sort(column) => self.sort(column),
            Command::Narrow => return self.open_words_prompt(),
            Command::Filter => return self.open_filter_prompt(),
            Command::CopyIds => {
                return self.use_chosen_ids(|ids| BrowseOutcome::Perform(vec![Effect::Copy(ids)]));
            }
            Command::PipeIds => {
                return self.use_chosen_ids(|Clip { label, text }| {
                    let clip = Clip { label, text: text + "\n" };
                    BrowseOutcome::OpenPrompt(Purpose::Pipe(clip), String::new())
                });
            }
            Command::Archive => return self.archive_chosen(),
            Command::Export if self.has_chosen() => return BrowseOutcome::Export,
            Command::Export => return BrowseOutcome::notice("No thread to export here"),
            Command::Analyse => return self.analyse_chosen(),
            Command::Reload => return self.reload(),
            Command::Stop => return self.stop(),
        }
        BrowseOutcome::Changed
    }

    fn change_list(&mut self, change: impl FnOnce(&mut ThreadList)) {
        if let Some(list) = self.list_mut() {
            change(list);
        }
    }

    /// Ends the range, clears the marks, the words or the filter, or closes the page, in this order.
    fn go_back(&mut self) -> BrowseOutcome {
        if let Some(list) = self.list_mut() {
            if list.clear_marks() {
                return BrowseOutcome::notice("Marks cleared");
            }
            if !list.narrowing.is_empty() {
                list.narrow("");
                return BrowseOutcome::notice("Words cleared");
            }
            if list.filter.is_some() {
                list.set_filter(None);
                return BrowseOutcome::notice("Filter cleared");
            }
        }
        self.close();
        BrowseOutcome::Changed
    }

    fn move_by(&mut self, motion: Motion, count: Option<usize>, context: &BrowseContext<'_>) {
        if self.has_tree_focus(context) {
            let tree = self.tree_in_view(context);
            let page = usize::from(tree.area.height);
            let row = scroll::motion_target(motion, count, tree.selected, tree.len, page);
            return self.show_tree_row(Some(row), context);
        }
        let view = self.list_in_view(context);
        let page = usize::from(view.area.height).max(1);
        if let Some(list) = self.list_mut() {
            let (from, len) = (list.cursor.row, list.item_count());
            list.select(scroll::motion_target(motion, count, from, len, page));
            list.cursor.offset = list.offset_in_view(view.offset, page);
        }
    }

    fn show_tree_row(&mut self, row: Option<usize>, context: &BrowseContext<'_>) {
        let tree = self.tree_in_view(context);
        let Some((row, node)) = row.and_then(|row| Some((row, self.tree.get(row)?))) else { return };
        let (account, group) = (node.account.clone(), node.group.clone());
        self.tree_offset = scroll::into_view(row, tree.offset, usize::from(tree.area.height), tree.len);
        self.show_group(account, group);
    }

    /// Sorts by a column; reverses the order if it is the current one.
    fn sort(&mut self, column: ThreadColumn) {
        let Some(list) = self.list_mut() else { return };
        let first = ThreadSort::of(column);
        let is_same = list.sort.column == column;
        let is_descending = if is_same { !list.sort.is_descending } else { first.is_descending };
        list.sort_by(ThreadSort { is_descending, ..first });
    }

    /// Passes the ids of the marked threads, or of the selected one, to `use_ids`, one per line: `sgp:8c5e…`.
    fn use_chosen_ids(&self, use_ids: impl FnOnce(Clip) -> BrowseOutcome) -> BrowseOutcome {
        let Some((service, list)) = self.service().zip(self.list()) else { return BrowseOutcome::Changed };
        let ids: Vec<String> = list.chosen_ids().iter().map(|id| format!("{service}:{id}")).collect();
        let label = match ids.len() {
            0 => return BrowseOutcome::notice("Nothing to copy here"),
            1 => "thread id",
            _ => "thread ids",
        };
        use_ids(Clip { label, text: ids.join("\n") })
    }

    /// Lists the shown variant again if it was refused, else the whole account.
    fn reload(&mut self) -> BrowseOutcome {
        let id = self.next_listing();
        let Some((account, list)) = self.account.clone().zip(self.list_mut()) else {
            return BrowseOutcome::Changed;
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
        self.update_tree();
        let started = Effect::List { id, account, variant: refused };
        BrowseOutcome::Perform(stopped.into_iter().chain([started]).collect())
    }

    fn stop(&mut self) -> BrowseOutcome {
        let Some(list) = self.list_mut() else { return BrowseOutcome::Changed };
        let listing = list.listing;
        let was_running = list.stop();
        self.update_tree();
        BrowseOutcome::Perform(was_running.then_some(Effect::StopListing(listing)).into_iter().collect())
    }

    /// Handles the mouse on the page: a click selects a row or a group, or sorts by a heading; a click on the selected
    /// row opens it.
    pub(super) fn on_mouse(&mut self, mouse: Mouse, context: &BrowseContext<'_>) -> BrowseOutcome {
        let areas = self.areas(context);
        let is_in = |area: Rect| area.contains((mouse.column, mouse.row).into());
        match mouse.kind {
            MouseKind::WheelUp => self.scroll(Direction::Backward, is_in(areas.tree), context),
            MouseKind::WheelDown => self.scroll(Direction::Forward, is_in(areas.tree), context),
            MouseKind::Drag => {}
            MouseKind::Press if is_in(areas.tree) => {
                self.focus = BrowseFocus::Tree;
                self.show_tree_row(self.tree_in_view(context).row_at(mouse), context);
            }
            MouseKind::Press if is_in(areas.headings) => {
                let x = mouse.column - areas.headings.x;
                let columns = self.columns(context);
                let clicked = columns.iter().find(|span| (span.x..span.x + span.width).contains(&x));
                if let Some(span) = clicked {
                    self.sort(span.column);
                }
            }
            MouseKind::Press => return self.click_thread(mouse, context),
        }
        BrowseOutcome::Changed
    }

    fn click_thread(&mut self, mouse: Mouse, context: &BrowseContext<'_>) -> BrowseOutcome {
        let view = self.list_in_view(context);
        let had_focus = !self.has_tree_focus(context);
        let Some(line) = view.row_at(mouse) else { return BrowseOutcome::Changed };
        self.focus = BrowseFocus::List;
        let Some(list) = self.list_mut() else { return BrowseOutcome::Changed };
        let item = list.item_at(line);
        if item == list.cursor.row && had_focus {
            return self.open_selected();
        }
        list.cursor.offset = view.offset;
        list.select(item);
        BrowseOutcome::Changed
    }

    /// Scrolls the list; the selected row stays in view.
    fn scroll(&mut self, direction: Direction, is_tree: bool, context: &BrowseContext<'_>) {
        if is_tree {
            let motion = if direction == Direction::Forward { Motion::Down } else { Motion::Up };
            let tree = self.tree_in_view(context);
            let row = scroll::motion_target(motion, None, tree.selected, tree.len, 1);
            return self.show_tree_row(Some(row), context);
        }
        let view = self.list_in_view(context);
        let page = usize::from(view.area.height);
        let first = match direction {
            Direction::Forward => view.offset.saturating_add(WHEEL_ROWS).min(view.len.saturating_sub(page)),
            Direction::Backward => view.offset.saturating_sub(WHEEL_ROWS),
        };
        let last = first.saturating_add(page.saturating_sub(1)).min(view.len.saturating_sub(1));
        if let Some(list) = self.list_mut() {
            let line = view.selected.clamp(first.min(last), last);
            list.select(list.whole_item_near(line, (first, last)));
            list.cursor.offset = first;
        }
    }
}
