//! The place to go to as soon as the selected message is prepared. There is at most one; a later request replaces it.

use crate::action::Motion;
use crate::app::deep_link::DeepLink;
use crate::app::panes::Panes;
use crate::layout::Direction;
use crate::view::search_hits::HitTarget;

/// A place in the selected message, or in a message that has not arrived yet.
#[derive(Clone, Debug, PartialEq)]
pub enum PendingNavigation {
    /// The end of the tab in the direction of this motion, in a message that a task is reading.
    Motion(Motion),
    /// The span with this index in the message.
    Span(u32),
    /// The first failed span without a failed descendant, or the last one backward.
    FailedSpan(Direction),
    /// The longest untraced time.
    Gap,
    /// The first search hit, or the last one backward.
    Hit(Direction),
    /// The search hit at this byte of the JSON of the message.
    HitAt(usize),
    /// The target of a deep link, which may first wait for its message.
    DeepLink(DeepLink),
}

impl PendingNavigation {
    /// Returns whether the target can be shown in the selected message.
    fn is_applicable(&self) -> bool {
        match self {
            Self::DeepLink(link) => link.message.is_none(),
            Self::Motion(_)
            | Self::Span(_)
            | Self::FailedSpan(_)
            | Self::Gap
            | Self::Hit(_)
            | Self::HitAt(_) => true,
        }
    }
}

impl Panes<'_> {
    /// Restores the folds and offsets from before a reload and goes to the pending place, once the selected message is
    /// prepared.
    pub(super) fn apply_pending_navigation(&mut self) {
        if self.shown().message_state().is_none() {
            return;
        }
        self.restore_view_state();
        let pending = self.detail.pending_navigation.take_if(|pending| pending.is_applicable());
        let Some(state) = self.message_state_mut() else { return };
        let forest = &state.view.forest;
        match pending {
            None => {}
            Some(PendingNavigation::Motion(motion)) => {
                self.prepare_tab();
                self.move_in_detail(motion, None);
            }
            Some(PendingNavigation::Span(span)) => {
                if let Some(node) = forest.node_of_span(span) {
                    state.spans.select_node(forest, node);
                }
            }
            Some(PendingNavigation::FailedSpan(direction)) => state.spans.select_failed(forest, direction),
            Some(PendingNavigation::Gap) => state.spans.select_longest_gap(forest),
            Some(PendingNavigation::Hit(Direction::Forward)) => self.go_to_hit_of_message(HitTarget::First),
            Some(PendingNavigation::Hit(Direction::Backward)) => self.go_to_hit_of_message(HitTarget::Last),
            Some(PendingNavigation::HitAt(offset)) => self.go_to_hit_of_message(HitTarget::At(offset)),
            Some(PendingNavigation::DeepLink(link)) => self.show_linked_place(link),
        }
    }
}
