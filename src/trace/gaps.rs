//! What the spans do not account for: gaps, coverage, idle time, and the time that is a span's own.

use super::{Forest, Gap, Node, TimeRange};
use crate::domain::Timestamp;

/// Which gaps are worth a row: those that are at least both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapThreshold {
    /// Thousandths of the span (or turn) with the gap.
    pub min_permille: u16,
    /// Microseconds.
    pub min_micros: i64,
}

impl Default for GapThreshold {
    /// 1% and 1 ms.
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

/// The stretches of `within` that none of these (sorted by start) covers, each with the one before it.
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

/// Children or roots, and where they lie.
fn time_ranges(forest: &Forest, nodes: impl Iterator<Item = u32>) -> impl Iterator<Item = (u32, TimeRange)> {
    nodes.filter_map(|at| forest.node(at).map(|node| (at, node.time_range())))
}

/// The gaps of one span: stretches between its start and end that none of its children covers. A span without children
/// has none: it accounts for its own time. An unfinished child covers all until the last known moment.
pub fn gaps(forest: &Forest, node: u32, worth: GapThreshold) -> Vec<Gap> {
    let Some(whole) = forest.node(node).filter(|n| !n.is_leaf()).map(|n| n.time_range()) else {
        return Vec::new();
    };
    let gaps = uncovered_ranges(whole, time_ranges(forest, forest.children(node)));
    to_gaps(Some(node), gaps, whole, worth)
}

/// The gaps of every span, for [`super::Visible::with_gaps`].
pub fn all_gaps(forest: &Forest, worth: GapThreshold) -> Vec<Gap> {
    (0..forest.node_count()).flat_map(|node| gaps(forest, node, worth)).collect()
}

/// The gaps of the turn itself: stretches of it that no root covers. None if there are no spans at all.
pub fn turn_gaps(forest: &Forest, turn: TimeRange, worth: GapThreshold) -> Vec<Gap> {
    if forest.is_empty() {
        return Vec::new();
    }
    to_gaps(None, uncovered_ranges(turn, time_ranges(forest, forest.roots())), turn, worth)
}

fn to_gaps(
    parent: Option<u32>,
    gaps: Vec<(Option<u32>, TimeRange)>,
    whole: TimeRange,
    worth: GapThreshold,
) -> Vec<Gap> {
    let worthy = gaps.into_iter().filter(|(_, gap)| worth.is_met(*gap, whole));
    worthy.map(|(after, gap)| Gap { parent, after, start: gap.start, micros: gap.micros() }).collect()
}

/// The stretch of time of a turn: from its start for its duration (negative counts as 0). What is not known is taken from
/// the spans; so is the start if no span lies in the stretch at all, as some services stamp a turn when it is over.
pub fn turn_time_range(start: Option<Timestamp>, duration_ms: Option<i64>, forest: &Forest) -> TimeRange {
    let known = forest.extent();
    let start = start.map_or(known.start, |start| start.0);
    let Some(millis) = duration_ms else { return TimeRange::new(start, known.end) };
    let micros = millis.max(0).saturating_mul(1000);
    let turn = TimeRange::new(start, start.saturating_add(micros));
    let apart = turn.end < known.start || known.end < turn.start;
    if apart && !forest.is_empty() {
        TimeRange::new(known.start, known.start.saturating_add(micros))
    } else {
        turn
    }
}

/// How much of a turn its spans account for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Microseconds in which at least one leaf runs; at most `total`.
    pub covered: i64,
    /// Microseconds of the turn.
    pub total: i64,
}

impl Coverage {
    /// What no leaf accounts for.
    pub fn untraced(self) -> i64 {
        self.total.saturating_sub(self.covered)
    }

    /// The covered share, 0 to 1; 1 for a turn that took no time.
    pub fn share(self) -> f64 {
        if self.total > 0 { self.covered as f64 / self.total as f64 } else { 1.0 }
    }
}

/// How much of the turn (see [`turn_stretch`]) is covered: the union of the leaves' stretches, cut to the turn. Spans with
/// children do not count themselves, else the one span around the whole turn would hide every gap; two leaves at once
/// count once.
///
/// A turn of 36.3 s, one span around it, and in it 4.1 s retrieval, 0.3 s reranking, nothing for 24.0 s, 7.9 s completion:
///
/// ```
/// use unspool::domain::Stamp;
/// use unspool::trace::{Coverage, Forest, Worth, coverage, gaps};
/// # use unspool::domain::{Piece, Span, Status};
/// # let span = |id: &str, parent: Option<&str>, start: i64, end: i64| Span {
/// #     id: id.into(), name: id.into(), operation: "CUSTOM".into(), status: Status::Success, status_text: String::new(),
/// #     trace_id: None, parent_id: parent.map(Into::into), start: Some(Stamp::from_millis(start)),
/// #     end: Some(Stamp::from_millis(end)), duration_ms: None, input: Piece::default(), output: Piece::default(),
/// #     expected: Piece::default(), metadata: Piece::default(), raw: Piece::default(), error: None, models: vec![],
/// #     usage: None,
/// # };
/// let spans = [
///     span("turn", None, 0, 36_300),
///     span("retrieval", Some("turn"), 0, 4_100),
///     span("reranking", Some("turn"), 4_100, 4_400),
///     span("completion", Some("turn"), 28_400, 36_300),
/// ];
/// let forest = Forest::new(&spans);
/// let told = coverage(Some(Stamp(0)), Some(36_300), &forest);
/// assert_eq!(told, Coverage { covered: 12_300_000, total: 36_300_000 });
/// assert_eq!(told.untraced(), 24_000_000);
/// let gaps = gaps(&forest, 0, Worth::default());
/// assert_eq!(gaps.iter().map(|gap| (gap.after, gap.micros)).collect::<Vec<_>>(), [(Some(2), 24_000_000)]);
/// ```
pub fn coverage(turn_start: Option<Timestamp>, turn_duration_ms: Option<i64>, forest: &Forest) -> Coverage {
    let turn = turn_time_range(turn_start, turn_duration_ms, forest);
    let missing = uncovered_ranges(turn, leaf_ranges(forest).into_iter().map(|leaf| (0, leaf)));
    let missing = missing.iter().fold(0i64, |sum, (_, gap)| sum.saturating_add(gap.micros()));
    let total = turn.micros();
    Coverage { covered: total.saturating_sub(missing).max(0), total }
}

/// Where spans without children lie, by start.
fn leaf_ranges(forest: &Forest) -> Vec<TimeRange> {
    let mut leaves: Vec<TimeRange> =
        forest.nodes().iter().filter(|node| node.is_leaf()).map(|node| node.time_range()).collect();
    leaves.sort_unstable();
    leaves
}

/// The stretches of the forest's time in which no leaf runs, for [`super::Scale::folded`].
pub fn idle_ranges(forest: &Forest) -> Vec<TimeRange> {
    let leaves = leaf_ranges(forest).into_iter().map(|leaf| (0, leaf));
    uncovered_ranges(forest.extent(), leaves).into_iter().map(|(_, gap)| gap).collect()
}

/// The time that is a span's own: its duration less the union of its children, cut to it. Between 0 and the duration.
pub fn self_time(forest: &Forest, node: u32) -> i64 {
    let Some(whole) = forest.node(node).map(|n| n.time_range()) else { return 0 };
    let own = uncovered_ranges(whole, time_ranges(forest, forest.children(node)));
    own.iter().fold(0i64, |sum, (_, gap)| sum.saturating_add(gap.micros()))
}

/// [`self_time`] of every node, in one pass.
pub fn self_times(forest: &Forest) -> Vec<i64> {
    // Per node: until where children cover it, and what is its own so far.
    let mut covered: Vec<(i64, i64)> = forest.nodes().iter().map(|node| (node.start, 0)).collect();
    for node in forest.nodes() {
        let Some(parent) = node.parent else { continue };
        let (Some(above), Some((cursor, own))) = (forest.node(parent), covered.get_mut(parent as usize))
        else {
            continue;
        };
        // Siblings come by start, so what lies before this one and is not covered yet never will be.
        *own = own.saturating_add(node.start.min(above.end).saturating_sub(*cursor).max(0));
        *cursor = node.end.max(*cursor);
    }
    let rest = |(node, (cursor, own)): (&Node, (i64, i64))| {
        own.saturating_add(node.end.saturating_sub(cursor).max(0))
    };
    forest.nodes().iter().zip(covered).map(rest).collect()
}
