//! Jumps to what is worth seeing: errors, feedback, slow steps, untraced time. Where the fact belongs to a span, the jump
//! leads to the span: its message is selected, the Spans tab is shown, and the span is selected in it.

use crate::action::Action;
use crate::app::App;
use crate::app::detail::{MessageViewState, Tab};
use crate::domain::MessageSummary;
use crate::layout::Direction;
use crate::trace::{Flags, Forest, Row};

/// What to select in the Spans tab as soon as the message is prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PendingSelection {
    /// The span at this place in the message.
    Span(u32),
    /// The first step that failed, or the last one.
    FailedSpan(Direction),
    /// The longest time that is not traced.
    Gap,
}

/// Failed steps with no failed step inside them, where the trouble began, in the order of the tree.
fn root_failures(forest: &Forest) -> Vec<u32> {
    let failed = |flags: Flags| flags.contains(Flags::FAILED) && !flags.contains(Flags::FAILED_DESCENDANT);
    (0..).zip(forest.nodes()).filter(|(_, node)| failed(node.flags)).map(|(at, _)| at).collect()
}

/// The next failed step of the message after the selected one. Where spans are not seen, only if none was gone to yet.
fn next_root_failure(shown: &MessageViewState, direction: Direction, sees_spans: bool) -> Option<u32> {
    let here = shown.spans.selected_node()?;
    let origins = root_failures(&shown.view.forest);
    if !sees_spans {
        let visited = origins.contains(&here);
        let first = if direction == Direction::Forward { origins.first() } else { None };
        return first.copied().filter(|_| !visited);
    }
    let mut nodes = origins.into_iter();
    match direction {
        Direction::Forward => nodes.find(|node| *node > here),
        Direction::Backward => nodes.rev().find(|node| *node < here),
    }
}

impl App {
    /// Jumps that the list itself can tell the way of.
    pub(super) fn perform_jump(&mut self, action: Action, count: Option<usize>) {
        use Direction::{Backward, Forward};
        match action {
            Action::NextError => self.jump_to_error(Forward, count),
            Action::PreviousError => self.jump_to_error(Backward, count),
            Action::NextFeedback => {
                self.jump(Forward, count, "feedback", MessageSummary::has_feedback);
            }
            Action::PreviousFeedback => {
                self.jump(Backward, count, "feedback", MessageSummary::has_feedback);
            }
            Action::NextDisliked => {
                self.jump(Forward, count, "thumb down", MessageSummary::is_disliked);
            }
            Action::PreviousDisliked => {
                self.jump(Backward, count, "thumb down", MessageSummary::is_disliked);
            }
            _ => {}
        }
    }

    /// From failed step to failed step of the message, then to the next message with an error.
    fn jump_to_error(&mut self, direction: Direction, count: Option<usize>) {
        self.prepare_now();
        let sees_spans = self.detail.tab == Tab::Spans;
        if count.is_none()
            && let Some(shown) = self.message_state_mut()
            && let Some(node) = next_root_failure(shown, direction, sees_spans)
        {
            shown.spans.select_node(&shown.view.forest, node);
            self.show_spans_tab();
            return;
        }
        if !self.jump(direction, count, "error", MessageSummary::has_problem) {
            return;
        }
        if self.selected_summary().is_some_and(|head| head.failed_span_count > 0) {
            self.select_span_when_ready(PendingSelection::FailedSpan(direction));
        }
    }

    /// Shows the Spans tab, and in it what is wanted as soon as the message is prepared.
    pub(super) fn select_span_when_ready(&mut self, wanted: PendingSelection) {
        self.detail.pending_selection = Some(wanted);
        self.show_spans_tab();
    }

    fn show_spans_tab(&mut self) {
        self.show_tab(Tab::Spans);
    }

    /// Selects what was wanted, once the message is there.
    pub(super) fn apply_pending_selection(&mut self) {
        let Some(wanted) = self.detail.pending_selection else { return };
        let Some(shown) = self.message_state_mut() else { return };
        let forest = &shown.view.forest;
        let node = match wanted {
            PendingSelection::Span(span) => forest.node_of_span(span),
            PendingSelection::FailedSpan(Direction::Forward) => root_failures(forest).first().copied(),
            PendingSelection::FailedSpan(Direction::Backward) => root_failures(forest).last().copied(),
            PendingSelection::Gap => None,
        };
        if let Some(node) = node {
            shown.spans.select_node(forest, node);
        } else if wanted == PendingSelection::Gap
            && let Some(gap) = shown.spans.gaps.iter().max_by_key(|gap| gap.micros).copied()
        {
            if let Some(parent) = gap.parent {
                shown.spans.select_node(forest, parent);
            }
            shown.spans.selected =
                shown.spans.visible.position(Row::Gap(gap)).unwrap_or(shown.spans.selected);
        }
        self.detail.pending_selection = None;
    }
}
