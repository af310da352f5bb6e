//! The critical path: the spans that determine how long a turn takes.

use super::{Forest, TimeRange};

/// A span on the critical path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CriticalPathStep {
    pub node: u32,
    /// The time that the turn waited for this span itself rather than its children; may be 0.
    pub micros: i64,
}

/// Returns the spans that a turn waited for, in row order. The path is found backwards from the end of a span: the child
/// that ended last is on the path; before its start, the child that ended last until then; and so on to the span's start.
/// Time between them is the span's own. The same applies inside each of these children, and to the roots within the whole
/// forest. So parallel work that ended earlier is not on the path, and a faster span on it makes the turn faster. Children
/// are clamped to their parents. Spans without a duration are omitted. The times of all steps add up to the forest's time,
/// without the time that no root covers.
///
/// Example: a span of 10 s with children at 0–4 s, in parallel at 1–3 s, and at 5–9 s. The second child is not on the
/// path, and the span's own time is from 4 to 5 s and from 9 to 10 s.
///
/// ```
/// # use unspool::testing::domain::{Span, Timestamp};
/// # let span = |id: &str, parent: Option<&str>, start: i64, end: i64| Span {
/// #     id: id.into(), parent_id: parent.map(Into::into), start: Some(Timestamp::from_millis(start)),
/// #     end: Some(Timestamp::from_millis(end)), ..Span::default()
/// # };
/// use unspool::testing::trace::{Forest, critical_path};
/// let spans = [
///     span("turn", None, 0, 10_000),
///     span("long", Some("turn"), 0, 4_000),
///     span("parallel", Some("turn"), 1_000, 3_000),
///     span("last", Some("turn"), 5_000, 9_000),
/// ];
/// let path: Vec<(u32, i64)> =
///     critical_path(&Forest::new(&spans)).iter().map(|step| (step.node, step.micros / 1_000)).collect();
/// assert_eq!(path, [(0, 2_000), (1, 4_000), (3, 4_000)]);
/// ```
pub fn critical_path(forest: &Forest) -> Vec<CriticalPathStep> {
    let mut steps = Vec::new();
    let mut stack = Vec::new();
    walk_back(forest, None, forest.extent(), &mut stack);
    while let Some((node, window)) = stack.pop() {
        let micros = walk_back(forest, Some(node), window, &mut stack);
        steps.push(CriticalPathStep { node, micros });
    }
    steps.sort_unstable_by_key(|step| step.node);
    steps
}

/// Finds the children (or roots) on the path within `window`, each with its part of the window, and returns the time of the
/// window that none of them covers.
fn walk_back(
    forest: &Forest,
    parent: Option<u32>,
    window: TimeRange,
    found: &mut Vec<(u32, TimeRange)>,
) -> i64 {
    let siblings = parent.map_or_else(|| forest.roots(), |parent| forest.children(parent));
    let mut parts: Vec<(TimeRange, i64, u32)> = siblings
        .filter_map(|at| {
            let node = forest.node(at)?;
            let part = TimeRange { start: node.start.max(window.start), end: node.end.min(window.end) };
            (part.start < part.end).then_some((part, node.end, at))
        })
        .collect();
    // Of children that end together, the one that started first is used: the others ran in parallel.
    parts.sort_unstable_by_key(|(part, end, at)| (part.end, *end, std::cmp::Reverse((part.start, *at))));
    let mut until = window.end;
    let mut own = 0i64;
    for (part, _, node) in parts.into_iter().rev() {
        if part.end <= until {
            own = own.saturating_add(until.saturating_sub(part.end));
            until = part.start;
            found.push((node, part));
        }
    }
    own.saturating_add(until.saturating_sub(window.start))
}
