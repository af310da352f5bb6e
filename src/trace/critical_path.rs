//! The critical path: which spans a turn really waited for.

use super::{Forest, TimeRange};

/// A span on the critical path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CriticalPathStep {
    pub node: u32,
    /// How long the turn waited for this span itself, and for none of its children; 0 for one that only passes on.
    pub micros: i64,
}

/// The spans that a turn waited for, in the order of the rows.
///
/// Walking back from the end of a span: the child that ended last is on the path; before its start, the child that ended
/// last until then; and so on to the span's start. Time between them is the span's own. The same holds inside each of
/// these children, and for the roots within the whole of the forest. So parallel work that was over earlier is not on
/// the path, and making a span on it faster makes the turn faster. Children are cut to their parents. Spans that took
/// no time are left out. The steps' times add up to the forest's time less what no root accounts for.
///
/// A span of 10 s with children at 0–4 s, at 1–3 s beside it, and at 5–9 s: the second is not on the path, and the
/// span's own share is the second between 4 and 5 s and the last one.
///
/// ```
/// # use unspool::domain::{Piece, Span, Stamp, Status};
/// # let span = |id: &str, parent: Option<&str>, start: i64, end: i64| Span {
/// #     id: id.into(), name: id.into(), operation: "CUSTOM".into(), status: Status::Success, status_text: String::new(),
/// #     trace_id: None, parent_id: parent.map(Into::into), start: Some(Stamp::from_millis(start)),
/// #     end: Some(Stamp::from_millis(end)), duration_ms: None, input: Piece::default(), output: Piece::default(),
/// #     expected: Piece::default(), metadata: Piece::default(), raw: Piece::default(), error: None, models: vec![],
/// #     usage: None,
/// # };
/// use unspool::trace::{Forest, critical_path};
/// let spans = [
///     span("turn", None, 0, 10_000),
///     span("long", Some("turn"), 0, 4_000),
///     span("beside", Some("turn"), 1_000, 3_000),
///     span("last", Some("turn"), 5_000, 9_000),
/// ];
/// let path: Vec<(u32, i64)> =
///     critical_path(&Forest::new(&spans)).iter().map(|step| (step.node, step.micros / 1_000)).collect();
/// assert_eq!(path, [(0, 2_000), (1, 4_000), (3, 4_000)]);
/// ```
pub fn critical_path(forest: &Forest) -> Vec<CriticalPathStep> {
    let mut steps = Vec::new();
    let mut waiting = Vec::new();
    walk_back(forest, None, forest.extent(), &mut waiting);
    while let Some((node, window)) = waiting.pop() {
        let micros = walk_back(forest, Some(node), window, &mut waiting);
        steps.push(CriticalPathStep { node, micros });
    }
    steps.sort_unstable_by_key(|step| step.node);
    steps
}

/// Finds the children (or roots) on the path within `window`, with the part of it that each answers for, and tells how
/// much of the window none of them does.
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
    // Of those that end together the one that started first: the others were beside it.
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
