//! The span tree as first shown: everything open, on the time axis of the whole turn.

use crate::trace::{self, Folds, Forest, Gap, GapThreshold, Scale, Visible};

/// Untraced time gets a row of its own from here on: a twentieth of its span, and a tenth of a second.
pub const GAP_THRESHOLD: GapThreshold = GapThreshold { min_permille: 50, min_micros: 100_000 };

/// Everything about the spans tab that takes as long as the message has spans.
#[derive(Clone, Debug)]
pub struct SpanLayout {
    pub visible: Visible,
    pub gaps: Vec<Gap>,
    pub scale: Scale,
    /// Nodes on the critical path, sorted.
    pub critical_nodes: Vec<u32>,
}

impl SpanLayout {
    /// Lays out all spans of a message, open.
    pub fn new(forest: &Forest) -> Self {
        let gaps = trace::all_gaps(forest, GAP_THRESHOLD);
        let mut critical: Vec<u32> = trace::critical_path(forest).iter().map(|step| step.node).collect();
        critical.sort_unstable();
        critical.dedup();
        Self {
            visible: Visible::with_gaps(forest, &Folds::none(), &gaps),
            gaps,
            scale: Scale::fit(forest),
            critical_nodes: critical,
        }
    }
}

impl Default for SpanLayout {
    fn default() -> Self {
        Self::new(&Forest::default())
    }
}
