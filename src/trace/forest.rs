//! The span tree as an arena in depth-first order: a node's subtree is the run of nodes that starts with it.

use super::build::{Links, NONE};
use super::{Flags, Stretch};
use crate::domain::{Span, Status};

/// One span in its tree. Nodes are numbered in depth-first order; "node" in other signatures is that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// Index of the span in the list that the forest was made of.
    pub span: u32,
    /// 0 for a root.
    pub depth: u32,
    /// The parent's node.
    pub parent: Option<u32>,
    /// How many nodes its subtree has, itself included: the next node that is not below it is `subtree` further on.
    pub subtree: u32,
    pub flags: Flags,
    /// When it starts. A span without a start stands its duration before its end if it says both, else at its parent's
    /// start (a root: where the forest starts), with [`Flags::NO_START`].
    pub start: i64,
    /// When it ends, never before `start`. An unfinished span counts as running until [`Forest::end`], the last moment
    /// that the trace knows of.
    pub end: i64,
}

impl Node {
    /// How long it took as it is placed; 0 for a moment.
    pub fn micros(&self) -> i64 {
        self.end.saturating_sub(self.start)
    }

    /// From start to end.
    pub fn stretch(&self) -> Stretch {
        Stretch::new(self.start, self.end)
    }

    /// Whether nothing is below it.
    pub fn is_leaf(&self) -> bool {
        self.subtree <= 1
    }
}

/// All spans of a turn as trees. Every span is in it exactly once, parents before children, siblings by start, then
/// id, then place in the list.
///
/// A parent is the first span with the child's trace and the wanted id. A child without a trace may also find it by id
/// alone, if only one trace uses that id. Spans without a usable parent are roots: see [`Flags`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forest {
    nodes: Vec<Node>,
    /// Per span of the list its node.
    places: Vec<u32>,
    extent: Stretch,
}

impl Forest {
    /// Builds the trees. Spans past the 2³²-th are left out.
    pub fn new(spans: &[Span]) -> Self {
        let spans = spans.get(..NONE as usize).unwrap_or(spans);
        let links = Links::new(spans);
        let mut builder = Builder::new(spans, &links);
        builder.walk();
        let mut forest = Self { extent: builder.extent(), nodes: builder.nodes, places: Vec::new() };
        forest.fill_upwards();
        forest.close_unfinished();
        forest.places = vec![0; spans.len()];
        for (at, node) in (0u32..).zip(&forest.nodes) {
            if let Some(place) = forest.places.get_mut(node.span as usize) {
                *place = at;
            }
        }
        forest
    }

    /// All nodes in depth-first order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// How many nodes, which is how many spans.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    /// The span behind a node, of the list that the forest was made of.
    pub fn span<'a>(&self, spans: &'a [Span], node: u32) -> Option<&'a Span> {
        spans.get(self.node(node)?.span as usize)
    }

    /// The node of the span with this index in the list.
    pub fn node_of_span(&self, span: u32) -> Option<u32> {
        self.places.get(span as usize).copied()
    }

    /// From the earliest start to the latest known moment of all spans.
    pub fn extent(&self) -> Stretch {
        self.extent
    }

    /// The earliest start.
    pub fn start(&self) -> i64 {
        self.extent.start
    }

    /// The last moment that any span tells of.
    pub fn end(&self) -> i64 {
        self.extent.end
    }

    /// The roots in order.
    pub fn roots(&self) -> Siblings<'_> {
        Siblings { forest: self, next: 0, end: self.node_count() }
    }

    /// A node's children in order.
    pub fn children(&self, node: u32) -> Siblings<'_> {
        let end = self.after(node);
        Siblings { forest: self, next: node.saturating_add(1).min(end), end }
    }

    /// A node's ancestors, its parent first.
    pub fn ancestors(&self, node: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(self.node(node).and_then(|n| n.parent), |at| {
            self.node(*at).and_then(|n| n.parent)
        })
    }

    /// The first node that is not in the subtree of `node`; [`Forest::len`] if there is none.
    pub fn after(&self, node: u32) -> u32 {
        self.node(node).map_or(self.node_count(), |n| node.saturating_add(n.subtree))
    }

    pub(super) fn node_count(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)
    }

    /// Sizes of subtrees and failures below, from the last node to the first.
    fn fill_upwards(&mut self) {
        for at in (0..self.nodes.len()).rev() {
            let Some(&node) = self.nodes.get(at) else { continue };
            let Some(parent) = node.parent.and_then(|parent| self.nodes.get_mut(parent as usize)) else {
                continue;
            };
            parent.subtree = parent.subtree.saturating_add(node.subtree);
            parent.flags |= Flags::FAILED_INSIDE.when(node.flags.any(Flags::FAILED | Flags::FAILED_INSIDE));
        }
    }

    fn close_unfinished(&mut self) {
        let end = self.extent.end;
        for node in self.nodes.iter_mut().filter(|node| node.flags.has(Flags::UNFINISHED)) {
            node.end = end.max(node.start);
        }
    }
}

/// Walks over siblings by their skip pointers.
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
        self.next = self.forest.after(at);
        Some(at)
    }
}

/// A span that waits to become a node.
struct Waiting {
    span: u32,
    start: i64,
    parent: Option<u32>,
    depth: u32,
    flags: Flags,
}

/// Lays the linked spans out in depth-first order.
struct Builder<'a> {
    spans: &'a [Span],
    links: &'a Links,
    /// Start as the span tells it, or as its end and duration do.
    starts: Vec<Option<i64>>,
    /// Children by parent, in runs; the roots are the last run.
    children: Vec<u32>,
    /// Where the run of each parent ends.
    ends: Vec<u32>,
    nodes: Vec<Node>,
    first: i64,
}

impl<'a> Builder<'a> {
    fn new(spans: &'a [Span], links: &'a Links) -> Self {
        let starts: Vec<Option<i64>> = spans.iter().map(told_start).collect();
        let first = starts.iter().flatten().copied().min();
        let first = first.or_else(|| spans.iter().filter_map(|span| span.end).map(|end| end.0).min());
        let (children, ends) = group(&links.parents);
        let nodes = Vec::with_capacity(spans.len());
        Self { spans, links, starts, children, ends, nodes, first: first.unwrap_or(0) }
    }

    fn walk(&mut self) {
        let mut stack = Vec::new();
        let mut siblings = Vec::new();
        self.push_children(self.spans.len(), None, &mut siblings, &mut stack);
        while let Some(waiting) = stack.pop() {
            let at = u32::try_from(self.nodes.len()).unwrap_or(NONE);
            let span = waiting.span as usize;
            let node = self.place(waiting);
            self.nodes.push(node);
            self.push_children(span, Some((at, node)), &mut siblings, &mut stack);
        }
    }

    /// Puts the children of the span `index` onto the stack, last first, so that they come off in order.
    fn push_children(
        &self,
        index: usize,
        parent: Option<(u32, Node)>,
        siblings: &mut Vec<(i64, u32)>,
        stack: &mut Vec<Waiting>,
    ) {
        let from =
            index.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        let to = self.ends.get(index).map_or(from, |end| *end as usize);
        let Some(children) = self.children.get(from..to).filter(|children| !children.is_empty()) else {
            return;
        };
        let default = parent.map_or(self.first, |(_, node)| node.start);
        siblings.clear();
        siblings.extend(children.iter().map(|child| (self.start(*child).unwrap_or(default), *child)));
        // The sort is stable, so equal ids stay in the order of the list.
        siblings.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| self.id(a.1).cmp(self.id(b.1))));
        let depth = parent.map_or(0, |(_, node)| node.depth.saturating_add(1));
        let mut last = Flags::LAST;
        for (start, child) in siblings.iter().rev() {
            let flags = last | self.links.flags.get(*child as usize).copied().unwrap_or_default();
            last = Flags::NONE;
            stack.push(Waiting {
                span: *child,
                start: *start,
                parent: parent.map(|(at, _)| at),
                depth,
                flags,
            });
        }
    }

    fn start(&self, span: u32) -> Option<i64> {
        self.starts.get(span as usize).copied().flatten()
    }

    fn id(&self, span: u32) -> &'a str {
        self.spans.get(span as usize).map_or("", |span| &span.id)
    }

    fn place(&self, waiting: Waiting) -> Node {
        let Waiting { span, start, parent, depth, mut flags } = waiting;
        let mut end = start;
        if let Some(span) = self.spans.get(span as usize) {
            flags |= facts(span);
            end = told_end(span, start).unwrap_or(start);
        }
        flags |= Flags::BACKWARDS.when(end < start);
        Node { span, depth, parent, subtree: 1, flags, start, end: end.max(start) }
    }

    fn extent(&self) -> Stretch {
        let start = self.nodes.iter().map(|node| node.start).min().unwrap_or(0);
        let end = self.nodes.iter().map(|node| node.end).max().unwrap_or(0);
        Stretch::new(start, end)
    }
}

fn told_start(span: &Span) -> Option<i64> {
    let before_end = || {
        let millis = span.duration_ms.filter(|millis| *millis > 0)?;
        Some(span.end?.0.saturating_sub(millis.saturating_mul(1000)))
    };
    span.start.map(|start| start.0).or_else(before_end)
}

/// When a span placed at `start` ends, if that is known.
fn told_end(span: &Span, start: i64) -> Option<i64> {
    let by_duration = || {
        let millis = span.duration_ms.filter(|millis| *millis > 0)?;
        Some(start.saturating_add(millis.saturating_mul(1000)))
    };
    span.end.map(|end| end.0).or_else(by_duration)
}

/// What a span says of itself, wherever it stands.
fn facts(span: &Span) -> Flags {
    let open =
        span.is_unfinished() && !(span.start.is_none() && span.duration_ms.is_some_and(|millis| millis > 0));
    Flags::UNFINISHED.when(open)
        | Flags::DISAGREES.when(disagrees(span))
        | Flags::FAILED.when(span.is_failed())
        | Flags::CANCELED.when(span.status == Status::Canceled)
        | Flags::NO_START.when(span.start.is_none())
}

fn disagrees(span: &Span) -> bool {
    let (Some(start), Some(end), Some(millis)) = (span.start, span.end, span.duration_ms) else {
        return false;
    };
    let told = i128::from(millis) * 1000;
    let measured = i128::from(end.0) - i128::from(start.0);
    (told - measured).abs() > 1000
}

/// Groups spans by parent: the children in runs (in the order of the list), and where each parent's run ends. The run
/// after the last span's is that of the roots.
fn group(parents: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let slot = |parent: u32| (parent as usize).min(parents.len());
    let mut ends = vec![0u32; parents.len() + 1];
    for parent in parents {
        if let Some(count) = ends.get_mut(slot(*parent)) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for count in &mut ends {
        // For now where the run starts; filling it moves this to its end.
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
