//! Time that spans do not cover: gaps, coverage, idle time and self time.

use super::{Forest, Gap, Node, TimeRange};
use crate::domain::Timestamp;

/// The minimum size of a gap that has its own row. A gap must reach both limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapThreshold {
    /// Thousandths of the span (or turn) around the gap.
    pub min_permille: u16,
    /// Microseconds.
    pub min_micros: i64,
}

impl Default for GapThreshold {
    /// Returns 1 % and 1 ms.
    fn default() -> Self {
        Self { min_permille: 10, min_micros: 1000 }
    }
}

impl GapThreshold {
    fn is_met(self, gap: TimeRange, whole: TimeRange) -> bool {
        let share = i128::from(whole.micros()) * i128::from(self.min_permille);
        gap.micros() > 0 && gap.micros() >= self.min_micros && i128::from(gap.micros()) * 1000 >= share
    }
}

/// Returns the ranges of `within` that none of `parts` (sorted by start) covers, each with the node before it.
fn uncovered_ranges(
    within: TimeRange,
    parts: impl Iterator<Item = (u32, TimeRange)>,
) -> Vec<(Option<u32>, TimeRange)> {
    let mut gaps = Vec::new();
    let mut cursor = within.start;
    let mut before = None;
    for (node, part) in parts {
        let until = part.start.min(within.end);
        if until > cursor {
            gaps.push((before, TimeRange::new(cursor, until)));
        }
        cursor = cursor.max(part.end);
        before = Some(node);
    }
    if cursor < within.end {
        gaps.push((before, TimeRange::new(cursor, within.end)));
    }
    gaps
}

/// Returns nodes with their ranges.
fn time_ranges(forest: &Forest, nodes: impl Iterator<Item = u32>) -> impl Iterator<Item = (u32, TimeRange)> {
    nodes.filter_map(|at| forest.node(at).map(|node| (at, node.time_range())))
}

/// Returns the gaps of a span: the ranges between its start and end that none of its children covers. A span without
/// children has none. An unfinished child covers everything until the last known time.
pub fn gaps(forest: &Forest, node: u32, threshold: GapThreshold) -> Vec<Gap> {
    let Some(whole) = forest.node(node).filter(|n| !n.is_leaf()).map(|n| n.time_range()) else {
        return Vec::new();
    };
    let gaps = uncovered_ranges(whole, time_ranges(forest, forest.children(node)));
    to_gaps(Some(node), gaps, whole, threshold)
}

/// Returns the gaps of every span, for [`super::Visible::with_gaps`].
pub fn all_gaps(forest: &Forest, threshold: GapThreshold) -> Vec<Gap> {
    (0..forest.node_count()).flat_map(|node| gaps(forest, node, threshold)).collect()
}

/// Returns the gaps of the turn itself: the ranges that no root covers. Empty if there are no spans.
pub fn turn_gaps(forest: &Forest, turn: TimeRange, threshold: GapThreshold) -> Vec<Gap> {
    if forest.is_empty() {
        return Vec::new();
    }
    to_gaps(None, uncovered_ranges(turn, time_ranges(forest, forest.roots())), turn, threshold)
}

fn to_gaps(
    parent: Option<u32>,
    gaps: Vec<(Option<u32>, TimeRange)>,
    whole: TimeRange,
    threshold: GapThreshold,
) -> Vec<Gap> {
    gaps.into_iter()
        .filter(|(_, gap)| threshold.is_met(*gap, whole))
        .map(|(after, gap)| Gap { parent, after, start: gap.start, micros: gap.micros() })
        .collect()
}

/// Returns the range of a turn: its start plus its duration (negative counts as 0). Unknown values are taken from the
/// spans; so is the start if no span overlaps the range, since some services record the end of a turn as its start.
pub fn turn_time_range(start: Option<Timestamp>, duration_ms: Option<i64>, forest: &Forest) -> TimeRange {
    let known = forest.extent();
    let start = start.map_or(known.start, |start| start.0);
    let Some(millis) = duration_ms else { return TimeRange::new(start, known.end) };
    let micros = millis.max(0).saturating_mul(1000);
    let turn = TimeRange::new(start, start.saturating_add(micros));
    let is_disjoint = turn.end < known.start || known.end < turn.start;
    if is_disjoint && !forest.is_empty() {
        TimeRange::new(known.start, known.start.saturating_add(micros))
    } else {
        turn
    }
}

/// The part of a turn that its spans cover.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Microseconds during which at least one leaf runs; at most `total`.
    pub covered: i64,
    /// Microseconds of the turn.
    pub total: i64,
}

/// Computes how much of the turn (see [`turn_time_range`]) is covered: the union of the leaves' ranges, clamped to the
/// turn. Spans with children are ignored, or the span around the whole turn would hide every gap; parallel leaves count
/// once.
///
/// Example: a turn of 36.3 s with a span around it, and in it 4.1 s of retrieval, 0.3 s of reranking, a gap of 24.0 s, and
/// 7.9 s of completion:
///
/// ```
/// use unspool::testing::domain::Timestamp;
/// use unspool::testing::trace::{Coverage, Forest, GapThreshold, coverage, gaps};
/// # use unspool::testing::domain::Span;
/// # let span = |id: &str, parent: Option<&str>, start: i64, end: i64| Span {
/// #     id: id.into(), parent_id: parent.map(Into::into), start: Some(Timestamp::from_millis(start)),
/// #     end: Some(Timestamp::from_millis(end)), ..Span::default()
/// # };
/// let spans = [
///     span("turn", None, 0, 36_300),
///     span("retrieval", Some("turn"), 0, 4_100),
///     span("reranking", Some("turn"), 4_100, 4_400),
///     span("completion", Some("turn"), 28_400, 36_300),
/// ];
/// let forest = Forest::new(&spans);
/// let coverage = coverage(Some(Timestamp(0)), Some(36_300), &forest);
/// assert_eq!(coverage, Coverage { covered: 12_300_000, total: 36_300_000 });
/// let gaps = gaps(&forest, 0, GapThreshold::default());
/// assert_eq!(gaps.iter().map(|gap| (gap.after, gap.micros)).collect::<Vec<_>>(), [(Some(2), 24_000_000)]);
/// ```
pub fn coverage(turn_start: Option<Timestamp>, turn_duration_ms: Option<i64>, forest: &Forest) -> Coverage {
    let turn = turn_time_range(turn_start, turn_duration_ms, forest);
    let uncovered = uncovered_ranges(turn, leaf_ranges(forest).into_iter().map(|leaf| (0, leaf)));
    let uncovered = uncovered.iter().fold(0i64, |sum, (_, gap)| sum.saturating_add(gap.micros()));
    let total = turn.micros();
    Coverage { covered: total.saturating_sub(uncovered).max(0), total }
}

/// Returns the ranges of spans without children, by start.
fn leaf_ranges(forest: &Forest) -> Vec<TimeRange> {
    let mut leaves: Vec<TimeRange> =
        forest.nodes().iter().filter(|node| node.is_leaf()).map(|node| node.time_range()).collect();
    leaves.sort_unstable();
    leaves
}

/// Returns the ranges of the forest's extent in which no leaf runs, for [`super::Scale::folded`].
pub fn idle_ranges(forest: &Forest) -> Vec<TimeRange> {
    let leaves = leaf_ranges(forest).into_iter().map(|leaf| (0, leaf));
    uncovered_ranges(forest.extent(), leaves).into_iter().map(|(_, gap)| gap).collect()
}

/// Computes the self time of one span from its definition; tests compare [`self_times`] with it.
#[cfg(test)]
pub(super) fn self_time(forest: &Forest, node: u32) -> i64 {
    let Some(whole) = forest.node(node).map(|n| n.time_range()) else { return 0 };
    let own = uncovered_ranges(whole, time_ranges(forest, forest.children(node)));
    own.iter().fold(0i64, |sum, (_, gap)| sum.saturating_add(gap.micros()))
}

/// Returns the self time of every node in microseconds, in one pass: its duration less the union of its children, clamped
/// to it.
pub fn self_times(forest: &Forest) -> Vec<i64> {
    // For each node: how far its children cover it, and its self time so far.
    let mut covered: Vec<(i64, i64)> = forest.nodes().iter().map(|node| (node.start, 0)).collect();
    for node in forest.nodes() {
        let Some(parent) = node.parent else { continue };
        let (Some(above), Some((cursor, own))) = (forest.node(parent), covered.get_mut(parent as usize))
        else {
            continue;
        };
        // Siblings are sorted by start, so no later one covers the time before this one.
        *own = own.saturating_add(node.start.min(above.end).saturating_sub(*cursor).max(0));
        *cursor = node.end.max(*cursor);
    }
    let rest = |(node, (cursor, own)): (&Node, (i64, i64))| {
        own.saturating_add(node.end.saturating_sub(cursor).max(0))
    };
    forest.nodes().iter().zip(covered).map(rest).collect()
}
