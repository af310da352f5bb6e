//! Builds nodes from linked spans: sorts siblings, resolves times, and orders nodes depth first without recursion.

use super::parent_links::{NO_SPAN, ParentLinks};
use super::{Flags, Node};
use crate::domain::{Span, Status};

/// A span that is not yet a node.
struct PendingNode {
    span: u32,
    start: i64,
    parent: Option<u32>,
    depth: u32,
    flags: Flags,
}

/// Builds the nodes of linked spans in depth-first order.
pub(super) struct NodeBuilder<'a> {
    spans: &'a [Span],
    links: &'a ParentLinks,
    facts: Vec<SpanFacts>,
    /// Children grouped by parent; the roots are the last group.
    children: Vec<u32>,
    /// The end of each parent's group.
    child_ends: Vec<u32>,
    nodes: Vec<Node>,
    first_start: i64,
}

impl<'a> NodeBuilder<'a> {
    pub fn new(spans: &'a [Span], links: &'a ParentLinks) -> Self {
        let facts: Vec<SpanFacts> = spans.iter().map(SpanFacts::new).collect();
        let first = facts.iter().filter_map(|facts| facts.start).min();
        let first = first.or_else(|| spans.iter().filter_map(|span| span.end).map(|end| end.0).min());
        let (children, child_ends) = group_by_parent(&links.parents);
        let nodes = Vec::with_capacity(spans.len());
        Self { spans, links, facts, children, child_ends, nodes, first_start: first.unwrap_or(0) }
    }

    /// Builds all nodes in depth-first order, without the sizes of their subtrees.
    pub fn build(mut self) -> Vec<Node> {
        let mut stack = Vec::new();
        let mut siblings = Vec::new();
        self.push_children(self.spans.len(), None, &mut siblings, &mut stack);
        while let Some(pending) = stack.pop() {
            let at = u32::try_from(self.nodes.len()).unwrap_or(NO_SPAN);
            let span = pending.span as usize;
            let node = self.place(pending);
            self.nodes.push(node);
            self.push_children(span, Some((at, node)), &mut siblings, &mut stack);
        }
        self.nodes
    }

    /// Pushes the children of the span `index` onto the stack, last first, so that they are popped in order.
    fn push_children(
        &self,
        index: usize,
        parent: Option<(u32, Node)>,
        siblings: &mut Vec<(i64, u32)>,
        stack: &mut Vec<PendingNode>,
    ) {
        let from = index
            .checked_sub(1)
            .and_then(|before| self.child_ends.get(before))
            .map_or(0, |end| *end as usize);
        let to = self.child_ends.get(index).map_or(from, |end| *end as usize);
        let Some(children) = self.children.get(from..to).filter(|children| !children.is_empty()) else {
            return;
        };
        let default = parent.map_or(self.first_start, |(_, node)| node.start);
        siblings.clear();
        siblings.extend(children.iter().map(|child| (self.start_of(*child).unwrap_or(default), *child)));
        // The sort is stable, so equal ids stay in the order of the list.
        siblings.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| self.id_of(a.1).cmp(self.id_of(b.1))));
        let depth = parent.map_or(0, |(_, node)| node.depth.saturating_add(1));
        let mut last = Flags::LAST_SIBLING;
        for (start, child) in siblings.iter().rev() {
            let flags = last | self.links.flags.get(*child as usize).copied().unwrap_or_default();
            last = Flags::empty();
            stack.push(PendingNode {
                span: *child,
                start: *start,
                parent: parent.map(|(at, _)| at),
                depth,
                flags,
            });
        }
    }

    fn start_of(&self, span: u32) -> Option<i64> {
        self.facts.get(span as usize)?.start
    }

    fn id_of(&self, span: u32) -> &'a str {
        self.spans.get(span as usize).map_or("", |span| &span.id)
    }

    fn place(&self, pending: PendingNode) -> Node {
        let PendingNode { span, start, parent, depth, mut flags } = pending;
        let mut end = start;
        if let Some(facts) = self.facts.get(span as usize) {
            flags |= facts.flags;
            end = facts.end.resolve(start);
        }
        flags |= Flags::ENDS_BEFORE_START.when(end < start);
        Node { span, depth, parent, subtree_len: 1, flags, start, end: end.max(start) }
    }
}

/// The times and flags of a span, extracted so that each span is read only once.
struct SpanFacts {
    /// As reported, or derived from end and duration.
    start: Option<i64>,
    end: SpanEnd,
    flags: Flags,
}

/// The end of a span.
enum SpanEnd {
    At(i64),
    /// Microseconds after its start.
    After(i64),
    Unknown,
}

impl SpanFacts {
    fn new(span: &Span) -> Self {
        let micros = span.duration_ms.filter(|millis| *millis > 0).map(|millis| millis.saturating_mul(1000));
        let before_end = || Some(span.end?.0.saturating_sub(micros?));
        let end = match (span.end, micros) {
            (Some(end), _) => SpanEnd::At(end.0),
            (None, Some(micros)) => SpanEnd::After(micros),
            (None, None) => SpanEnd::Unknown,
        };
        Self { start: span.start.map(|start| start.0).or_else(before_end), end, flags: own_flags(span) }
    }
}

impl SpanEnd {
    /// Returns the end of a span placed at `start`; `start` itself if unknown.
    fn resolve(&self, start: i64) -> i64 {
        match self {
            Self::At(end) => *end,
            Self::After(micros) => start.saturating_add(*micros),
            Self::Unknown => start,
        }
    }
}

/// Returns the flags of a span that do not depend on its place in the tree.
fn own_flags(span: &Span) -> Flags {
    let is_unfinished =
        span.is_unfinished() && !(span.start.is_none() && span.duration_ms.is_some_and(|millis| millis > 0));
    Flags::UNFINISHED.when(is_unfinished)
        | Flags::DURATION_MISMATCH.when(has_duration_mismatch(span))
        | Flags::FAILED.when(span.is_failed())
        | Flags::CANCELED.when(span.status == Status::Canceled)
        | Flags::NO_START.when(span.start.is_none())
}

fn has_duration_mismatch(span: &Span) -> bool {
    let (Some(start), Some(end), Some(millis)) = (span.start, span.end, span.duration_ms) else {
        return false;
    };
    let reported = i128::from(millis) * 1000;
    let measured = i128::from(end.0) - i128::from(start.0);
    (reported - measured).abs() > 1000
}

/// Groups spans by parent, in list order; returns the groups and the end of each. The last group contains the roots.
fn group_by_parent(parents: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let slot = |parent: u32| (parent as usize).min(parents.len());
    let mut ends = vec![0u32; parents.len() + 1];
    for parent in parents {
        if let Some(count) = ends.get_mut(slot(*parent)) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for count in &mut ends {
        // Now the start of the group; filling the group moves it to the end.
        sum += std::mem::replace(count, sum);
    }
    let mut children = vec![0u32; parents.len()];
    for (index, parent) in (0u32..).zip(parents) {
        let Some(next) = ends.get_mut(slot(*parent)) else { continue };
        if let Some(child) = children.get_mut(*next as usize) {
            *child = index;
        }
        *next += 1;
    }
    (children, ends)
}
