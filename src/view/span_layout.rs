//! The initial layout of the span tree: all spans open, on the time axis of the roots.

use crate::domain::Timestamp;
use crate::trace::{self, Coverage, Folds, Forest, Gap, GapThreshold, Scale, TimeRange, Visible};

/// The shortest untraced time that has a row: 5 % of its span and 0.1 s.
pub const GAP_THRESHOLD: GapThreshold = GapThreshold { min_permille: 50, min_micros: 100_000 };

/// The share of spans, in percent, that must not be on the critical path for it to be shown.
const MIN_OFF_PATH_PERCENT: usize = 10;

/// The parts of the Spans tab whose cost grows with the number of spans.
#[derive(Clone, Debug)]
pub struct SpanLayout {
    pub visible: Visible,
    pub gaps: Vec<Gap>,
    pub scale: Scale,
    /// Nodes on the critical path, sorted; empty if nearly all are on it.
    pub critical_nodes: Vec<u32>,
    /// The self time of each node in microseconds.
    pub self_times: Vec<i64>,
    pub turn: TimeRange,
    pub coverage: Coverage,
}

impl SpanLayout {
    /// Lays out all spans of a message with this start and duration, open.
    pub fn new(forest: &Forest, start: Option<Timestamp>, duration_ms: Option<i64>) -> Self {
        let gaps = trace::all_gaps(forest, GAP_THRESHOLD);
        Self {
            visible: Visible::with_gaps(forest, &Folds::none(), &gaps),
            gaps,
            scale: Scale::of_roots(forest),
            critical_nodes: distinct_critical_nodes(forest),
            self_times: trace::self_times(forest),
            turn: trace::turn_time_range(start, duration_ms, forest),
            coverage: trace::coverage(start, duration_ms, forest),
        }
    }
}

/// Returns the nodes on the critical path, unless nearly all nodes are on it.
fn distinct_critical_nodes(forest: &Forest) -> Vec<u32> {
    let mut nodes: Vec<u32> = trace::critical_path(forest).iter().map(|step| step.node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let off_path = forest.len().saturating_sub(nodes.len());
    if off_path * 100 < forest.len() * MIN_OFF_PATH_PERCENT {
        nodes.clear();
    }
    nodes
}

impl Default for SpanLayout {
    fn default() -> Self {
        Self::new(&Forest::default(), None, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Span;

    fn span(id: &str, start: i64, end: i64) -> Span {
        Span {
            id: id.to_owned(),
            start: Some(Timestamp::from_millis(start)),
            end: Some(Timestamp::from_millis(end)),
            ..Span::default()
        }
    }

    #[test]
    fn a_critical_path_of_nearly_all_spans_is_not_shown() {
        let in_sequence: Vec<Span> = (0..10).map(|at| span(&at.to_string(), at * 10, at * 10 + 10)).collect();
        let path = |spans: &[Span]| SpanLayout::new(&Forest::new(spans), None, None).critical_nodes;
        assert!(path(&in_sequence).is_empty());
        let parallel = [in_sequence, vec![span("x", 0, 5), span("y", 0, 5)]].concat();
        assert_eq!(path(&parallel).len(), 10);
        assert!(path(&[]).is_empty());
    }
}
