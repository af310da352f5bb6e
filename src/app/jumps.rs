//! Jumps to errors, feedback, slow steps and untraced time. If the target is a span, the jump selects its message, shows
//! the Spans tab and selects the span.

use crate::app::detail::spans::root_failures;
use crate::app::detail::{MessageViewState, Tab};
use crate::app::panes::Panes;
use crate::app::pending_navigation::PendingNavigation;
use crate::domain::MessageSummary;
use crate::layout::Direction;

/// Returns the root failure after the selected span. If the spans are not on the screen, returns the first one, unless a
/// root failure is selected already.
fn next_root_failure(shown: &MessageViewState, direction: Direction, shows_spans: bool) -> Option<u32> {
    let selected = shown.spans.selected_node_or_parent()?;
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
        } else {
            self.show_call();
        }
    }

    /// Shows the Spans tab, and goes to a place in it as soon as the message is prepared.
    pub(super) fn show_in_spans(&mut self, place: PendingNavigation) {
        self.detail.pending_navigation = Some(place);
        self.show_tab(Tab::Spans);
    }
}
