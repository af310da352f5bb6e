//! The span tree as an arena in depth-first order: a node's subtree is a consecutive run of nodes, starting with itself.

use super::node_builder::NodeBuilder;
use super::parent_links::{NO_SPAN, ParentLinks};
use super::{Flags, TimeRange};
use crate::domain::Span;

/// A span in its tree. Nodes are numbered in depth-first order; a `node` parameter is such a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The index of the span in the list that the forest was built from.
    pub span: u32,
    /// 0 for a root.
    pub depth: u32,
    /// The parent's node.
    pub parent: Option<u32>,
    /// The number of nodes in the subtree, this node included; also the distance to the next node outside of it.
    pub subtree_len: u32,
    pub flags: Flags,
    /// The start. For a span without one, the end minus the duration; if either is unknown, the parent's start (for a root,
    /// the start of the forest). Both have [`Flags::NO_START`].
    pub start: i64,
    /// The end, never before `start`. An unfinished span extends to the end of [`Forest::extent`].
    pub end: i64,
}

impl Node {
    /// Returns the time from `start` to `end`; 0 for an instant.
    pub fn micros(&self) -> i64 {
        self.end.saturating_sub(self.start)
    }

    /// Returns the range from start to end.
    pub fn time_range(&self) -> TimeRange {
        TimeRange::new(self.start, self.end)
    }

    /// Returns whether the node has no children.
    pub fn is_leaf(&self) -> bool {
        self.subtree_len <= 1
    }
}

/// All spans of a turn as trees. It contains every span exactly once, parents before children, siblings by start, then
/// id, then position in the list.
///
/// The parent is the first span with the child's trace and `parent_id`. A child without a trace may also find it by id
/// alone, if only one trace uses that id. Spans without a valid parent are roots; see [`Flags`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forest {
    nodes: Vec<Node>,
    /// The node of each span of the list.
    nodes_by_span: Vec<u32>,
    extent: TimeRange,
}

impl Forest {
    /// Builds the trees. Only the first 2³² − 1 spans are used.
    pub fn new(spans: &[Span]) -> Self {
        let spans = spans.get(..NO_SPAN as usize).unwrap_or(spans);
        let links = ParentLinks::new(spans);
        let nodes = NodeBuilder::new(spans, &links).build();
        let mut forest = Self { extent: extent_of(&nodes), nodes, nodes_by_span: Vec::new() };
        forest.propagate_to_ancestors();
        forest.extend_unfinished();
        forest.mark_outside_parent();
        forest.nodes_by_span = vec![0; spans.len()];
        for (at, node) in (0u32..).zip(&forest.nodes) {
            if let Some(slot) = forest.nodes_by_span.get_mut(node.span as usize) {
                *slot = at;
            }
        }
        forest
    }

    /// Returns all nodes in depth-first order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Returns the number of nodes, which is the number of spans.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    /// Returns the span of a node, from the list that the forest was built from.
    pub fn span<'a>(&self, spans: &'a [Span], node: u32) -> Option<&'a Span> {
        spans.get(self.node(node)?.span as usize)
    }

    /// Returns the node of the span with this index.
    pub fn node_of_span(&self, span: u32) -> Option<u32> {
        self.nodes_by_span.get(span as usize).copied()
    }

    /// Returns the range from the earliest start to the latest known time of all spans.
    pub fn extent(&self) -> TimeRange {
        self.extent
    }

    /// Returns the earliest start.
    pub fn start(&self) -> i64 {
        self.extent.start
    }

    /// Returns the roots in order.
    pub fn roots(&self) -> Siblings<'_> {
        Siblings { forest: self, next: 0, end: self.node_count() }
    }

    /// Returns a node's children in order.
    pub fn children(&self, node: u32) -> Siblings<'_> {
        let end = self.subtree_end(node);
        Siblings { forest: self, next: node.saturating_add(1).min(end), end }
    }

    /// Returns a node's ancestors, its parent first.
    pub fn ancestors(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(self.node(node).and_then(|n| n.parent), |at| {
            self.node(*at).and_then(|n| n.parent)
        })
    }

    /// Returns the first node after the subtree of `node`; [`Forest::len`] if there is none.
    pub fn subtree_end(&self, node: u32) -> u32 {
        self.node(node).map_or(self.node_count(), |n| node.saturating_add(n.subtree_len))
    }

    /// Returns the number of nodes, which are numbered from 0.
    pub fn node_count(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    /// Computes subtree sizes and failed descendants, from the last node to the first.
    fn propagate_to_ancestors(&mut self) {
        for at in (0..self.nodes.len()).rev() {
            let Some(&node) = self.nodes.get(at) else { continue };
            let Some(parent) = node.parent.and_then(|parent| self.nodes.get_mut(parent as usize)) else {
                continue;
            };
            parent.subtree_len = parent.subtree_len.saturating_add(node.subtree_len);
            parent.flags |= Flags::FAILED_DESCENDANT
                .when(node.flags.intersects(Flags::FAILED | Flags::FAILED_DESCENDANT));
        }
    }

    /// Flags the nodes outside of their parent's time, where both are known.
    fn mark_outside_parent(&mut self) {
        const UNKNOWN: Flags = Flags::NO_START.union(Flags::ENDS_BEFORE_START);
        for at in 0..self.nodes.len() {
            let Some(&node) = self.nodes.get(at).filter(|node| !node.flags.intersects(UNKNOWN)) else {
                continue;
            };
            let parent = node.parent.and_then(|parent| self.nodes.get(parent as usize).copied());
            let Some(parent) = parent.filter(|parent| !parent.flags.intersects(UNKNOWN)) else { continue };
            let starts_before = node.start < parent.start.saturating_sub(OUTSIDE_TOLERANCE_MICROS);
            let has_ends = !(node.flags | parent.flags).contains(Flags::UNFINISHED);
            let ends_after = has_ends && node.end > parent.end.saturating_add(OUTSIDE_TOLERANCE_MICROS);
            if let Some(node) = self.nodes.get_mut(at) {
                node.flags |= Flags::STARTS_BEFORE_PARENT.when(starts_before);
                node.flags |= Flags::ENDS_AFTER_PARENT.when(ends_after);
            }
        }
    }

    /// Returns the range of the roots, extended to the ends of the spans that start in it. Spans with times from another
    /// clock, which would shrink all others to a dot, are outside it.
    pub fn root_extent(&self) -> TimeRange {
        let roots = || self.roots().filter_map(|root| self.node(root));
        let start = roots().map(|root| root.start).min().unwrap_or(self.extent.start);
        let end = roots().map(|root| root.end).max().unwrap_or(self.extent.end);
        let end = self
            .nodes
            .iter()
            .fold(end, |end, node| if (start..=end).contains(&node.start) { end.max(node.end) } else { end });
        TimeRange::new(start, end)
    }

    fn extend_unfinished(&mut self) {
        let end = self.extent.end;
        for node in self.nodes.iter_mut().filter(|node| node.flags.contains(Flags::UNFINISHED)) {
            node.end = end.max(node.start);
        }
    }
}

/// The tolerance for times that a service rounds to milliseconds.
const OUTSIDE_TOLERANCE_MICROS: i64 = 1000;

/// Iterates over siblings by skipping subtrees.
pub struct Siblings<'a> {
    forest: &'a Forest,
    next: u32,
    end: u32,
}

impl Iterator for Siblings<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let at = self.next;
        if at >= self.end {
            return None;
        }
        self.next = self.forest.subtree_end(at);
        Some(at)
    }
}

/// Returns the range from the first start to the last end.
fn extent_of(nodes: &[Node]) -> TimeRange {
    let start = nodes.iter().map(|node| node.start).min().unwrap_or(0);
    let end = nodes.iter().map(|node| node.end).max().unwrap_or(0);
    TimeRange::new(start, end)
}
