//! The initial layout of the span tree: all spans open, on the time axis of the roots.

use crate::trace::{self, Folds, Forest, Gap, GapThreshold, Scale, Visible};

/// Untraced time gets a row of its own from 5 % of its span and 0.1 s on.
pub const GAP_THRESHOLD: GapThreshold = GapThreshold { min_permille: 50, min_micros: 100_000 };

/// The parts of the Spans tab whose cost grows with the number of spans.
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
        let mut critical_nodes: Vec<u32> =
            trace::critical_path(forest).iter().map(|step| step.node).collect();
        critical_nodes.sort_unstable();
        critical_nodes.dedup();
        Self {
            visible: Visible::with_gaps(forest, &Folds::none(), &gaps),
            gaps,
            scale: Scale::of_roots(forest),
            critical_nodes,
        }
    }
}

impl Default for SpanLayout {
    fn default() -> Self {
        Self::new(&Forest::default())
    }
}
