//! Carrying out actions: one arm each. What a motion means depends on the pane in focus.

use crate::action::Action;
use crate::app::detail::Tab;
use crate::app::prompt::{Prompt, Purpose};
use crate::app::{App, Effects, Overlay, scroll};
use crate::domain::Timestamp;
use crate::effect::Effect;
use crate::layout::{Direction, Pane};

impl App {
    /// Carries out an action. `count` repeats a motion, or says where it goes.
    #[expect(
        clippy::too_many_lines,
        reason = "one exhaustive list: the compiler asks for the arm of a new action"
    )]
    pub fn perform(&mut self, action: Action, count: Option<usize>, now: Timestamp) -> Effects {
        if let Some(overlay) = self.overlay.take() {
            return self.perform_in_overlay(overlay, (action, count), now);
        }
        let scrolls = matches!(action, Action::ScrollDetailDown | Action::ScrollDetailUp);
        if matches!(self.focus, Pane::Detail | Pane::Payload) || scrolls {
            self.prepare_now();
        }
        match action {
            Action::Down
            | Action::Up
            | Action::HalfPageDown
            | Action::HalfPageUp
            | Action::PageDown
            | Action::PageUp
            | Action::Top
            | Action::Bottom => self.move_in_pane(action, count),
            Action::ScrollDetailDown | Action::ScrollDetailUp => self.scroll_detail(action, count),
            Action::Enter
            | Action::Back
            | Action::NextPane
            | Action::PreviousPane
            | Action::FocusThread
            | Action::ZoomPane => return self.perform_navigation(action),
            Action::ShowMessage
            | Action::ShowSpans
            | Action::ShowFeedback
            | Action::ShowMetadata
            | Action::ShowRaw
            | Action::NextTab
            | Action::PreviousTab => self.perform_tab(action),
            Action::FoldOrLeft
            | Action::UnfoldOrRight
            | Action::ToggleFold
            | Action::UnfoldAll
            | Action::FoldAll
            | Action::FoldToLevel
            | Action::NextSibling
            | Action::PreviousSibling
            | Action::NextPart
            | Action::PreviousPart => self.perform_fold(action, count),
            Action::TogglePayloadFormat => self.toggle_payload_mode(),
            Action::SetBase => self.toggle_comparison_base(),
            Action::Compare => self.show_comparison(),
            Action::ShowReloadChanges => self.show_changes(),
            Action::Search | Action::SearchNext | Action::SearchPrevious => {
                return self.perform_search(action, count);
            }
            Action::Filter => self.open_filter_prompt(),
            Action::NextSlow
            | Action::PreviousSlow
            | Action::NextEmpty
            | Action::PreviousEmpty
            | Action::NextGap
            | Action::PreviousGap
            | Action::ShowAnalysis => return self.perform_analysis(action, count),
            Action::ZoomTimeIn
            | Action::ZoomTimeOut
            | Action::PanTimeLeft
            | Action::PanTimeRight
            | Action::ResetTimeZoom
            | Action::ToggleIdleTime => self.perform_time_axis(action),
            Action::CopyValue
            | Action::CopyPath
            | Action::CopyFilter
            | Action::CopyKey
            | Action::CopyMessageId
            | Action::CopySpanId
            | Action::CopyThreadId
            | Action::CopyMarkdown
            | Action::CopyJson
            | Action::CopyCommand
            | Action::Pager
            | Action::Editor
            | Action::Pipe => return self.perform_copy(action),
            Action::Follow => return self.toggle_follow(),
            Action::Export => self.open_export_menu(),
            Action::ChooseProfile => self.open_profile_list(),
            Action::Command => self.prompt = Some(Prompt::new(Purpose::Command, "")),
            Action::RevealHidden => self.toggle_hidden_text(),
            Action::ToggleMouse => return self.toggle_mouse(),
            Action::Suspend => return vec![Effect::Suspend],
            Action::NextError
            | Action::PreviousError
            | Action::NextFeedback
            | Action::PreviousFeedback
            | Action::NextDisliked
            | Action::PreviousDisliked => self.perform_jump(action, count),
            Action::Reload => return self.reload(now),
            Action::Stop => return self.stop(),
            Action::Help => self.overlay = Some(Overlay::Help { offset: 0 }),
            Action::Quit => return vec![Effect::Quit],
        }
        Vec::new()
    }

    fn perform_in_overlay(
        &mut self,
        overlay: Overlay,
        (action, count): (Action, Option<usize>),
        now: Timestamp,
    ) -> Effects {
        match overlay {
            Overlay::Text(_) | Overlay::Analysis { .. } | Overlay::Profiles { .. } | Overlay::Export(_)
                if action == Action::Help =>
            {
                self.overlay = Some(Overlay::Help { offset: 0 });
            }
            Overlay::Help { offset } => {
                let columns = usize::from(self.width.min(crate::app::help::MAX_WIDTH).saturating_sub(4));
                let page = usize::from(self.height.saturating_sub(4)).max(1);
                let len = crate::app::help::rows(&self.prefs.keymap, columns).len();
                let last = len.saturating_sub(page);
                if let Some(to) = scroll::motion_target(action, count, offset, last + 1, page) {
                    self.overlay = Some(Overlay::Help { offset: to });
                }
            }
            Overlay::Profiles { selected, offset } => {
                return self.perform_in_profiles((selected, offset), (action, count), now);
            }
            Overlay::Export(menu) => return self.perform_in_export_menu(menu, (action, count)),
            Overlay::Analysis { selected, offset } => {
                self.perform_in_analysis(selected, offset, action, count)
            }
            Overlay::Text(mut text) => {
                if let Some(effects) =
                    text.command_output.as_ref().and_then(|output| Self::perform_on_output(action, output))
                {
                    self.overlay = Some(Overlay::Text(text));
                    return effects;
                }
                let page = usize::from(self.height.saturating_sub(4)).max(1);
                let last = text.document.len().saturating_sub(page);
                text.offset = text.offset.min(last);
                if let Some(to) = scroll::motion_target(action, count, text.offset, last + 1, page) {
                    text.offset = to;
                    self.overlay = Some(Overlay::Text(text));
                } else if text.document.fold(action, &mut text.offset, page) {
                    self.overlay = Some(Overlay::Text(text));
                }
            }
        }
        Vec::new()
    }

    fn perform_navigation(&mut self, action: Action) -> Effects {
        match action {
            Action::Enter => self.enter(),
            Action::Back => return self.go_back(),
            Action::NextPane => self.focus_neighbour(Direction::Forward),
            Action::PreviousPane => self.focus_neighbour(Direction::Backward),
            Action::FocusThread => self.focus_thread_box(),
            Action::ZoomPane => self.zoomed = !self.zoomed,
            _ => {}
        }
        Vec::new()
    }

    fn enter(&mut self) {
        match self.focus {
            Pane::Messages if self.shown_thread().is_some() => self.focus = Pane::Detail,
            Pane::Detail => self.enter_in_detail(),
            Pane::Payload => self.enter_in_payload(),
            Pane::Messages | Pane::ThreadBox => {}
        }
    }

    /// One step out: payload, detail, zoom, a failure; and what is loading is stopped.
    fn go_back(&mut self) -> Effects {
        match self.focus {
            Pane::Payload => self.focus = Pane::Detail,
            _ if self.zoomed => self.zoomed = false,
            Pane::Detail => self.focus = Pane::Messages,
            Pane::Messages | Pane::ThreadBox => {
                if self.loading.is_active() {
                    return self.stop();
                }
                if self.search.is_some() {
                    return self.end_search();
                }
                if self.filter.is_some() {
                    self.clear_filter();
                    return Vec::new();
                }
                self.dismiss_error();
            }
        }
        Vec::new()
    }

    fn focus_neighbour(&mut self, direction: Direction) {
        let has_payload = self.detail.tab == Tab::Spans && self.shown_thread().is_some();
        let ring: &[Pane] = if has_payload {
            &[Pane::ThreadBox, Pane::Messages, Pane::Detail, Pane::Payload]
        } else {
            &[Pane::ThreadBox, Pane::Messages, Pane::Detail]
        };
        let at = ring.iter().position(|pane| *pane == self.focus).unwrap_or(0);
        let next = match direction {
            Direction::Forward => (at + 1) % ring.len(),
            Direction::Backward => (at + ring.len() - 1) % ring.len(),
        };
        match ring.get(next) {
            Some(Pane::ThreadBox) | None => self.focus_thread_box(),
            Some(pane) => self.focus = *pane,
        }
    }

    fn perform_tab(&mut self, action: Action) {
        let tab = match action {
            Action::ShowSpans => Tab::Spans,
            Action::ShowFeedback => Tab::Feedback,
            Action::ShowMetadata => Tab::Metadata,
            Action::ShowRaw => Tab::Raw,
            Action::NextTab => self.detail.tab.neighbour(Direction::Forward),
            Action::PreviousTab => self.detail.tab.neighbour(Direction::Backward),
            _ => Tab::Message,
        };
        self.show_tab(tab);
    }

    /// Shows a tab, and goes to the detail pane where that is the only way to see it.
    pub(super) fn show_tab(&mut self, tab: Tab) {
        self.detail.tab = tab;
        let is_left = self.focus == Pane::Payload && tab != Tab::Spans;
        if is_left || !self.frame().detail.is_shown() {
            self.focus = Pane::Detail;
        }
    }

    fn move_in_pane(&mut self, action: Action, count: Option<usize>) {
        match self.focus {
            Pane::Messages | Pane::ThreadBox => {
                self.move_in_list(action, count);
            }
            Pane::Detail | Pane::Payload => self.move_in_detail(action, count),
        }
    }
}
