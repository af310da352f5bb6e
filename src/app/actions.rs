//! Runs actions: one match arm for each, without a wildcard, so that the compiler reports a new action.

use crate::action::{Action, Motion};
use crate::app::analysis::AnalysisGoal;
use crate::app::copy::{CopyItem, ValueTarget};
use crate::app::detail::Tab;
use crate::app::detail::fold::FoldCommand;
use crate::app::detail::spans::TimeAxisCommand;
use crate::app::links::LinkUse;
use crate::app::panes::Panes;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects, Screen};
use crate::domain::{MessageFlags, MessageSummary, SortKey, Timestamp};
use crate::effect::Effect;
use crate::layout::Direction::{Backward, Forward};
use crate::layout::{Direction, Pane};
use crate::view::page::PageContent;

impl App {
    /// Runs an action, and records the place before a jump. `count` repeats a motion or is its target.
    pub fn perform(&mut self, action: Action, count: Option<usize>, now: Timestamp) -> Effects {
        let before = self.place();
        let effects = self.run(action, count, now);
        self.remember_jump(action, before);
        effects
    }

    #[expect(clippy::too_many_lines, reason = "one exhaustive list: the compiler reports a missing action")]
    fn run(&mut self, action: Action, count: Option<usize>, now: Timestamp) -> Effects {
        if self.overlay.is_some() {
            return self.perform_in_overlay(action, count, now);
        }
        if self.browse.is_open
            && let Some(effects) = self.perform_in_browse(action, count, now)
        {
            return effects;
        }
        if self.is_idle()
            && let Some(effects) = self.perform_in_finder(action, count, now)
        {
            return effects;
        }
        let scrolls = matches!(action, Action::ScrollDetailDown | Action::ScrollDetailUp);
        if matches!(self.screen.focus, Pane::Detail | Pane::Payload) || scrolls {
            self.panes().prepare_now();
        }
        match action {
            Action::Down => self.panes().move_in_pane(Motion::Down, count),
            Action::Up => self.panes().move_in_pane(Motion::Up, count),
            Action::HalfPageDown => self.panes().move_in_pane(Motion::HalfPageDown, count),
            Action::HalfPageUp => self.panes().move_in_pane(Motion::HalfPageUp, count),
            Action::PageDown => self.panes().move_in_pane(Motion::PageDown, count),
            Action::PageUp => self.panes().move_in_pane(Motion::PageUp, count),
            Action::Top => self.panes().move_in_pane(Motion::Top, count),
            Action::Bottom => self.panes().move_in_pane(Motion::Bottom, count),
            Action::ScrollDetailDown => self.panes().scroll_detail(Forward, count),
            Action::ScrollDetailUp => self.panes().scroll_detail(Backward, count),
            Action::Enter => self.enter(),
            Action::Back => return self.go_back(),
            Action::NextPane => self.focus_neighbour(Forward),
            Action::PreviousPane => self.focus_neighbour(Backward),
            Action::FocusThread => self.focus_thread_box(),
            Action::ShowQuestions => self.panes().show_questions(),
            Action::WidenList => self.screen.resize_list(4),
            Action::NarrowList => self.screen.resize_list(-4),
            Action::ToggleListLines => self.panes().change_screen(Screen::toggle_list_lines),
            Action::PreviousThread => return self.open_previous_thread(now),
            Action::OpenThreads => self.open_thread_list(),
            Action::JumpBack => self.jump_to_place(Backward, count),
            Action::JumpForward => self.jump_to_place(Forward, count),
            Action::ZoomPane => self.screen.zoomed = !self.screen.zoomed,
            Action::ToggleConversation => self.panes().toggle_conversation(),
            Action::ShowMessage => self.panes().show_tab(Tab::Message),
            Action::ShowSpans => self.panes().show_tab(Tab::Spans),
            Action::ShowFeedback => self.panes().show_tab(Tab::Feedback),
            Action::ShowMetadata => self.panes().show_tab(Tab::Metadata),
            Action::ShowRaw => self.panes().show_tab(Tab::Raw),
            Action::NextTab => self.panes().show_neighbour_tab(Forward),
            Action::PreviousTab => self.panes().show_neighbour_tab(Backward),
            Action::FoldOrLeft => self.panes().perform_fold(FoldCommand::FoldOrParent),
            Action::UnfoldOrRight => self.panes().perform_fold(FoldCommand::UnfoldOrChild),
            Action::ToggleFold => self.panes().perform_fold(FoldCommand::Toggle),
            Action::UnfoldAll => self.panes().perform_fold(FoldCommand::OpenAll),
            Action::FoldAll => self.panes().perform_fold(FoldCommand::CloseAll),
            Action::FoldToLevel => self.panes().perform_fold(FoldCommand::ToLevel(count.unwrap_or(1))),
            Action::NextSibling => self.panes().perform_fold(FoldCommand::Sibling(Forward)),
            Action::PreviousSibling => self.panes().perform_fold(FoldCommand::Sibling(Backward)),
            Action::NextPart => self.panes().cycle_part_or_kind(Forward),
            Action::PreviousPart => self.panes().cycle_part_or_kind(Backward),
            Action::ToggleSource => self.toggle_source(),
            Action::SetBase => self.toggle_comparison_base(),
            Action::Compare => self.show_comparison(),
            Action::ShowReloadChanges => self.show_changes(),
            Action::EditNote => self.edit_note(),
            Action::ShowNotes => return self.show_notes(),
            Action::Search => self.open_search_prompt(),
            Action::SearchNext => self.panes().go_to_hit(Forward, count),
            Action::SearchPrevious => self.panes().go_to_hit(Backward, count),
            Action::SearchLibrary => return self.open_library_search(),
            Action::ShowResults => self.show_results(),
            Action::Filter => self.open_filter_prompt(),
            Action::SortByTime => return self.panes().sort_list(SortKey::Time),
            Action::SortByDuration => return self.panes().sort_list(SortKey::Duration),
            Action::SortByTokens => return self.panes().sort_list(SortKey::Tokens),
            Action::SortByCost => return self.panes().sort_list(SortKey::Cost),
            Action::NextError => self.panes().jump_to_error(Forward, count),
            Action::PreviousError => self.panes().jump_to_error(Backward, count),
            Action::NextFeedback => self.panes().jump_to_feedback(Forward, count),
            Action::PreviousFeedback => self.panes().jump_to_feedback(Backward, count),
            Action::NextDisliked => self.panes().jump_to_negative_feedback(Forward, count),
            Action::PreviousDisliked => self.panes().jump_to_negative_feedback(Backward, count),
            Action::NextEmpty => self.panes().jump_to_empty_answer(Forward, count),
            Action::PreviousEmpty => self.panes().jump_to_empty_answer(Backward, count),
            Action::NextSlow => return self.use_analysis(AnalysisGoal::SlowStep(Forward, count)),
            Action::PreviousSlow => return self.use_analysis(AnalysisGoal::SlowStep(Backward, count)),
            Action::NextGap => return self.use_analysis(AnalysisGoal::Gap(Forward, count)),
            Action::PreviousGap => return self.use_analysis(AnalysisGoal::Gap(Backward, count)),
            Action::ShowAnalysis => return self.use_analysis(AnalysisGoal::Page),
            Action::Browse => self.open_browse(),
            Action::NextThread => return self.open_neighbour(Forward, count, now),
            Action::PreviousListedThread => return self.open_neighbour(Backward, count, now),
            Action::MarkRange
            | Action::MarkAll
            | Action::Archive
            | Action::SortByUpdated
            | Action::SortByCreated
            | Action::SortByTitle
            | Action::SortByMessages
            | Action::SortByUser
            | Action::SortByApplication
            | Action::SortByModel
            | Action::SortByState
            | Action::SortById => self.notify("Only in the list of threads; press b"),
            Action::ZoomTimeIn => self.panes().change_time_axis(TimeAxisCommand::ZoomIn),
            Action::ZoomTimeOut => self.panes().change_time_axis(TimeAxisCommand::ZoomOut),
            Action::PanTimeLeft => self.panes().change_time_axis(TimeAxisCommand::PanLeft),
            Action::PanTimeRight => self.panes().change_time_axis(TimeAxisCommand::PanRight),
            Action::ResetTimeZoom => self.panes().change_time_axis(TimeAxisCommand::Reset),
            Action::ToggleIdleTime => self.panes().change_time_axis(TimeAxisCommand::ToggleIdleTime),
            Action::CopyValue => return self.copy(CopyItem::Value),
            Action::CopyPath => return self.copy(CopyItem::Path),
            Action::CopyFilter => return self.copy(CopyItem::JqFilter),
            Action::CopyKey => return self.copy(CopyItem::Key),
            Action::CopyMessageId => return self.copy(CopyItem::MessageId),
            Action::CopySpanId => return self.copy(CopyItem::SpanId),
            Action::CopyThreadId => return self.copy(CopyItem::ThreadId),
            Action::CopyLink => return self.use_links(LinkUse::Copy),
            Action::OpenLink => return self.use_links(LinkUse::Open),
            Action::CopyMarkdown => return self.copy(CopyItem::Markdown),
            Action::CopyJson => return self.copy(CopyItem::Json),
            Action::CopyEvidence => return self.copy(CopyItem::Evidence),
            Action::CopyCommand => return self.copy(CopyItem::Command),
            Action::Pager => return self.send_value(ValueTarget::Pager),
            Action::Editor => return self.send_value(ValueTarget::Editor),
            Action::Pipe => return self.send_value(ValueTarget::Pipe),
            Action::Follow => return self.toggle_follow(),
            Action::Export => self.open_export_menu(),
            Action::ChooseProfile => self.open_profile_list(),
            Action::Command => self.prompt = Some(Prompt::new(Purpose::Command, "")),
            Action::RevealHidden => self.toggle_hidden_text(),
            Action::ToggleMouse => {
                let (notice, effect) = self.prefs.toggle_mouse();
                self.notice = Some(notice);
                return vec![effect];
            }
            Action::Redraw => return vec![Effect::Redraw],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Reload => return self.reload(now),
            Action::Stop => return self.stop(),
            Action::Help => self.open_help(),
            Action::Quit => return vec![Effect::Quit],
        }
        Vec::new()
    }

    fn enter(&mut self) {
        let mut opened = None;
        match self.screen.focus {
            Pane::Messages if self.loading.shown_thread().is_some() => self.screen.focus = Pane::Detail,
            Pane::Detail => opened = self.panes().enter_in_detail(),
            Pane::Payload => opened = self.panes().enter_in_payload(),
            Pane::Messages | Pane::ThreadBox => {}
        }
        if let Some(value) = opened {
            self.show_page(value.path, PageContent::Value(value.raw));
        }
    }

    /// Leaves the payload, the zoom or the detail pane; in the list, stops loading, ends the search, clears the filter or
    /// dismisses an error, in this order.
    fn go_back(&mut self) -> Effects {
        match self.screen.focus {
            Pane::Payload => self.screen.focus = Pane::Detail,
            _ if self.screen.zoomed => self.screen.zoomed = false,
            Pane::Detail => self.screen.focus = Pane::Messages,
            Pane::Messages | Pane::ThreadBox => {
                if self.loading.is_active() {
                    return self.stop();
                }
                if self.search.is_some() {
                    self.notify("Search ended");
                    return self.panes().end_search();
                }
                if self.list.filter.is_some() {
                    self.panes().clear_filter();
                    self.notify("Filter cleared");
                } else {
                    self.loading.dismiss_error();
                }
            }
        }
        Vec::new()
    }

    fn focus_neighbour(&mut self, direction: Direction) {
        let has_payload = self.detail.tab == Tab::Spans && self.loading.shown_thread().is_some();
        let ring: &[Pane] = if has_payload {
            &[Pane::ThreadBox, Pane::Messages, Pane::Detail, Pane::Payload]
        } else {
            &[Pane::ThreadBox, Pane::Messages, Pane::Detail]
        };
        let index = ring.iter().position(|pane| *pane == self.screen.focus).unwrap_or(0);
        let next = match direction {
            Forward => (index + 1) % ring.len(),
            Backward => (index + ring.len() - 1) % ring.len(),
        };
        match ring.get(next) {
            Some(Pane::ThreadBox) | None => self.focus_thread_box(),
            Some(pane) => self.screen.focus = *pane,
        }
    }
}

impl Panes<'_> {
    fn jump_to_feedback(&mut self, direction: Direction, count: Option<usize>) {
        self.jump(direction, count, "feedback", MessageSummary::has_feedback);
    }

    fn jump_to_negative_feedback(&mut self, direction: Direction, count: Option<usize>) {
        self.jump(direction, count, "negative feedback", MessageSummary::has_negative_feedback);
    }

    fn jump_to_empty_answer(&mut self, direction: Direction, count: Option<usize>) {
        let is_empty = |summary: &MessageSummary| summary.flags.contains(MessageFlags::EMPTY_ANSWER);
        self.jump(direction, count, "empty answers", is_empty);
    }

    fn show_neighbour_tab(&mut self, direction: Direction) {
        self.show_tab(self.detail.tab.neighbour(direction));
    }

    /// Shows a tab; focuses the detail pane if the tab would be hidden otherwise.
    pub(super) fn show_tab(&mut self, tab: Tab) {
        self.detail.tab = tab;
        let leaves_payload = self.screen.focus == Pane::Payload && tab != Tab::Spans;
        if leaves_payload || !self.screen.frame().detail.is_shown() {
            self.screen.focus = Pane::Detail;
        }
    }

    fn move_in_pane(&mut self, motion: Motion, count: Option<usize>) {
        match self.screen.focus {
            Pane::Messages | Pane::ThreadBox => self.move_in_list(motion, count),
            Pane::Detail | Pane::Payload => self.move_in_detail(motion, count),
        }
    }
}
