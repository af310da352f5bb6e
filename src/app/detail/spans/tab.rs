//! The Spans tab in the detail pane: keys, clicks and copies.

use super::{MAX_TREES, TimeAxisCommand};
use crate::action::Motion;
use crate::app::detail::fold::FoldCommand;
use crate::app::detail::json_tree::TreeView;
use crate::app::detail::payload::PayloadView;
use crate::app::detail::tab::TabView;
use crate::app::detail::{MessageViewState, Tab, move_to_front};
use crate::app::panes::{Panes, Shown};
use crate::app::text_page::OpenedValue;
use crate::domain::Span;
use crate::json;
use crate::json::tree::PathStep;
use crate::layout::Pane;
use crate::view::Clip;

impl<'a> Shown<'a> {
    /// Returns the span whose payload is shown.
    pub fn selected_span(self) -> Option<&'a Span> {
        let state = self.message_state()?;
        state.view.forest.span(&state.view.message.spans, state.spans.selected_node()?)
    }
}

impl Panes<'_> {
    /// Keeps the selection in view and prepares the payload; returns whether there is more to prepare.
    fn prepare_spans(&mut self) -> bool {
        let areas = self.shown().spans_areas();
        let width = self.shown().text_width();
        let Some(state) = self.message_state_mut() else { return false };
        state.spans.keep_in_view(usize::from(areas.tree.height));
        if let Some(gap) = state.spans.selected_gap() {
            state.spans.prepare_untraced(gap, &state.view, width);
        }
        let Some(key) = state.spans.payload_key() else { return false };
        let (node, part) = key;
        let Some(span) = state.view.forest.span(&state.view.message.spans, node) else {
            return false;
        };
        let trees = &mut state.spans.payload_trees;
        if !move_to_front(trees, |(known, _)| *known == key) {
            trees.insert(0, (key, TreeView::new(state.view.parsed_raw(&state.raw), part.byte_range(span))));
            trees.truncate(MAX_TREES);
        }
        let more = trees.first_mut().is_some_and(|(_, tree)| tree.prepare(usize::from(areas.payload.height)));
        self.prepare_payload();
        more
    }

    /// Zooms or pans the time axis.
    pub(in crate::app) fn change_time_axis(&mut self, command: TimeAxisCommand) {
        if self.detail.tab != Tab::Spans {
            self.notify("The time axis is in the Spans tab (2)");
        } else if let Some(state) = self.message_state_mut() {
            state.spans.change_time_axis(command, &state.view.forest);
        }
    }
}

/// The Spans tab.
pub struct SpansTab;

impl TabView for SpansTab {
    fn badge(&self, shown: Shown<'_>) -> Option<String> {
        let count = shown.selected_summary()?.span_count;
        (count > 0).then(|| count.to_string())
    }

    fn is_ready(&self, shown: Shown<'_>, state: &MessageViewState) -> bool {
        shown.screen.focus != Pane::Payload || state.spans.is_payload_prepared(shown.text_width())
    }

    fn prepare(&self, panes: &mut Panes<'_>) -> bool {
        panes.prepare_spans()
    }

    fn scroll(&self, panes: &mut Panes<'_>, motion: Motion, count: Option<usize>) {
        if panes.screen.focus == Pane::Payload {
            let (mode, page) = (panes.detail.payload_mode, panes.shown().payload_height());
            if let Some(state) = panes.message_state_mut() {
                state.spans.move_in_payload(mode, motion, count, page);
            }
            return;
        }
        let page = usize::from(panes.shown().spans_areas().tree.height);
        if let Some(state) = panes.message_state_mut() {
            state.spans.move_selection(motion, count, page);
        }
    }

    fn fold(&self, panes: &mut Panes<'_>, command: FoldCommand) {
        if panes.screen.focus == Pane::Payload {
            return panes.fold_payload(command);
        }
        if let Some(state) = panes.message_state_mut() {
            state.spans.fold(command, &state.view.forest);
        }
    }

    fn enter(&self, panes: &mut Panes<'_>) -> Option<OpenedValue> {
        panes.screen.focus = Pane::Payload;
        None
    }

    fn pane_at(&self, shown: Shown<'_>, row: u16) -> Pane {
        let (areas, top) = (shown.spans_areas(), shown.screen.frame().detail.inner.y);
        let is_payload = areas.part_bar.height > 0 && top + row >= areas.header.y.min(areas.part_bar.y);
        if is_payload { Pane::Payload } else { Pane::Detail }
    }

    fn click(&self, panes: &mut Panes<'_>, row: u16, column: u16) {
        let (areas, top) = (panes.shown().spans_areas(), panes.screen.frame().detail.inner.y);
        let (focus, mode) = (panes.screen.focus, panes.detail.payload_mode);
        let Some(state) = panes.message_state_mut() else { return };
        if focus != Pane::Payload {
            if let Some(row) = row.checked_sub(areas.axis.height) {
                state.spans.click(usize::from(row), &state.view.forest);
            }
        } else if top + row == areas.part_bar.y {
            state.spans.click_part(column);
        } else if let Some(row) = (top + row).checked_sub(areas.payload.y) {
            state.spans.click_payload(mode, usize::from(row), usize::from(areas.payload.height));
        }
    }

    fn selected_tree<'a>(&self, shown: Shown<'a>) -> Option<&'a TreeView> {
        match shown.payload() {
            PayloadView::Tree(tree) => Some(tree).filter(|_| shown.screen.focus == Pane::Payload),
            PayloadView::Formatted(_) | PayloadView::Absent => None,
        }
    }

    fn selected_path(&self, shown: Shown<'_>) -> Option<Vec<PathStep>> {
        match self.selected_tree(shown) {
            Some(view) => Some(view.tree().path(view.selected)),
            None => shown.selected_section_path().filter(|_| shown.screen.focus == Pane::Payload),
        }
    }

    fn clip(&self, shown: Shown<'_>) -> Option<Clip> {
        if shown.screen.focus == Pane::Payload {
            return shown.selected_section_clip();
        }
        if let Some(gap) = shown.selected_gap_clip() {
            return Some(gap);
        }
        let text = json::pretty(
            shown.message_state()?.parsed_raw().bytes_in(shown.selected_span()?.raw),
            usize::MAX,
        );
        Some(Clip { label: "span", text })
    }
}
