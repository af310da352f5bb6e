//! Jumps to errors, feedback, slow steps and untraced time. If the target is a span, the jump selects its message, shows
//! the Spans tab and selects the span.

use crate::app::detail::{MessageViewState, Tab};
use crate::app::navigation::PendingNavigation;
use crate::app::panes::Panes;
use crate::domain::MessageSummary;
use crate::layout::Direction;
use crate::trace::{Flags, Forest, Row};

/// The failed spans without a failed descendant, where errors originate, in tree order.
fn root_failures(forest: &Forest) -> Vec<u32> {
    let failed = |flags: Flags| flags.contains(Flags::FAILED) && !flags.contains(Flags::FAILED_DESCENDANT);
    (0..).zip(forest.nodes()).filter(|(_, node)| failed(node.flags)).map(|(index, _)| index).collect()
}

/// The root failure after the selected span. While the spans are not on the screen: the first one, unless a root failure
/// is selected already.
fn next_root_failure(shown: &MessageViewState, direction: Direction, shows_spans: bool) -> Option<u32> {
    let selected = shown.spans.selected_node()?;
    let failures = root_failures(&shown.view.forest);
    if !shows_spans {
        let is_visited = failures.contains(&selected);
        let first = if direction == Direction::Forward { failures.first() } else { None };
        return first.copied().filter(|_| !is_visited);
    }
    let mut nodes = failures.into_iter();
    match direction {
        Direction::Forward => nodes.find(|node| *node > selected),
        Direction::Backward => nodes.rev().find(|node| *node < selected),
    }
}

impl Panes<'_> {
    /// Jumps to the next failed span of the message, then to the next message with an error.
    pub(super) fn jump_to_error(&mut self, direction: Direction, count: Option<usize>) {
        self.prepare_now();
        let shows_spans = self.detail.tab == Tab::Spans;
        if count.is_none()
            && let Some(shown) = self.message_state_mut()
            && let Some(node) = next_root_failure(shown, direction, shows_spans)
        {
            shown.spans.select_node(&shown.view.forest, node);
            self.show_tab(Tab::Spans);
            return;
        }
        if !self.jump(direction, count, "errors", MessageSummary::has_problem) {
            return;
        }
        if self.shown().selected_summary().is_some_and(|summary| summary.failed_span_count > 0) {
            self.show_in_spans(PendingNavigation::FailedSpan(direction));
        }
    }

    /// Shows the Spans tab, and goes to a place in it as soon as the message is prepared.
    pub(super) fn show_in_spans(&mut self, place: PendingNavigation) {
        self.detail.pending_navigation = Some(place);
        self.show_tab(Tab::Spans);
    }

    /// Selects the span with this index in the message.
    pub(super) fn select_span(&mut self, span: u32) {
        let Some(shown) = self.message_state_mut() else { return };
        if let Some(node) = shown.view.forest.node_of_span(span) {
            shown.spans.select_node(&shown.view.forest, node);
        }
    }

    /// Selects the first root failure, or the last one backward.
    pub(super) fn select_failed_span(&mut self, direction: Direction) {
        let Some(shown) = self.message_state_mut() else { return };
        let failures = root_failures(&shown.view.forest);
        let node = match direction {
            Direction::Forward => failures.first(),
            Direction::Backward => failures.last(),
        };
        if let Some(node) = node {
            shown.spans.select_node(&shown.view.forest, *node);
        }
    }

    /// Selects the longest untraced time.
    pub(super) fn select_longest_gap(&mut self) {
        let Some(shown) = self.message_state_mut() else { return };
        let spans = &mut shown.spans;
        let Some(gap) = spans.gaps.iter().max_by_key(|gap| gap.micros).copied() else { return };
        if let Some(parent) = gap.parent {
            spans.select_node(&shown.view.forest, parent);
        }
        spans.selected = spans.visible.position(Row::Gap(gap)).unwrap_or(spans.selected);
    }
}
