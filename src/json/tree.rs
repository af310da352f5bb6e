//! A foldable tree over the raw bytes of a JSON value, for a view of a window of rows. Only open containers are indexed,
//! and only by the offsets of their children; rows are counted by arithmetic. `ui` draws it.

mod excerpt;
mod fold;
mod index;
mod path;
mod rows;

pub use excerpt::{Excerpt, RowPart};
pub use fold::MAX_SCANNED_BYTES;
pub use path::{PathStep, jq_filter, json_path};
pub use rows::{Label, TreeRow};

use self::index::{Index, value_end};
use super::scan::skip_whitespace;
use crate::domain::Raw;

/// The bytes of a container that are indexed when it is opened; [`Tree::index_step`] does the rest.
const INITIAL_INDEX_BUDGET: usize = 16 * 1024;

/// A stable id of a row: unchanged by opening and closing, for the lifetime of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowId {
    /// The row's container; the root has none.
    parent: Option<usize>,
    child: usize,
}

impl RowId {
    /// The row of the whole value.
    pub const ROOT: Self = Self { parent: None, child: 0 };
}

/// A container that is or was open.
#[derive(Debug)]
struct Node {
    id: RowId,
    depth: usize,
    is_open: bool,
    index: Index,
    /// Its children that are or were open, in order.
    opened_children: Vec<OpenedChild>,
    /// Rows below it when it is open.
    visible_rows: usize,
}

#[derive(Clone, Copy, Debug)]
struct OpenedChild {
    child: usize,
    node: usize,
    /// Visible rows below the opened children before it.
    rows_before: usize,
}

impl Node {
    /// Number of rows between this container's row and the row of one of its children.
    fn rows_before(&self, child: usize) -> usize {
        let at = self.opened_children.partition_point(|opened| opened.child < child);
        child
            + self
                .opened_children
                .get(at)
                .map_or(self.visible_rows - self.index.count(), |opened| opened.rows_before)
    }
}

/// A JSON value as foldable rows. The first row is the value itself. Operations on a nonexistent row do nothing.
#[derive(Debug)]
pub struct Tree {
    raw: Raw,
    start: usize,
    /// The end of a value that is not a container, so that a long string is scanned only once.
    end: Option<usize>,
    /// Containers after their parents. Empty if the value is not a container.
    nodes: Vec<Node>,
    /// Containers that are not fully indexed, the most recently opened last.
    pending: Vec<usize>,
}

impl Tree {
    /// Creates a tree that is open as far as is useful initially: small containers, a few levels, a screenful of rows.
    pub fn new(raw: Raw) -> Self {
        let mut tree = Self::collapsed(raw);
        tree.open_initial();
        tree
    }

    /// Creates a tree in which only the value itself is open.
    pub fn collapsed(raw: Raw) -> Self {
        let bytes = raw.bytes();
        let bom_len = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let start = skip_whitespace(bytes, bom_len);
        let mut tree = Self { raw, start, end: None, nodes: Vec::new(), pending: Vec::new() };
        if tree.add_node(RowId::ROOT, 0, start).is_none() {
            tree.end = Some(value_end(tree.bytes(), start));
        }
        tree
    }

    /// Switches to another copy of the same bytes, so that the old one can be freed.
    pub fn replace_raw(&mut self, raw: Raw) {
        debug_assert_eq!(self.raw, raw, "another value needs another tree");
        self.raw = raw;
    }

    /// Returns the bytes of the tree, which all offsets refer to.
    pub fn bytes(&self) -> &[u8] {
        self.raw.bytes()
    }

    /// Returns the number of rows; grows while containers are indexed.
    #[expect(clippy::len_without_is_empty, reason = "the value itself is always a row")]
    pub fn len(&self) -> usize {
        1 + self.nodes.first().filter(|root| root.is_open).map_or(0, |root| root.visible_rows)
    }

    /// Indexes about `budget` bytes of the open containers. Returns `true` when all are fully indexed, so that
    /// [`len`](Self::len) no longer changes by itself.
    pub fn index_step(&mut self, mut budget: usize) -> bool {
        while let Some(&number) = self.pending.last()
            && budget > 0
        {
            let Some(node) = self.nodes.get_mut(number) else { break };
            node.index.step(self.raw.bytes(), &mut budget);
            if node.index.is_done() {
                self.pending.pop();
            }
            self.recount_upward(number);
        }
        self.pending.is_empty()
    }

    /// Adds an open container; `None` if the value at `start` is not one.
    fn add_node(&mut self, id: RowId, depth: usize, start: usize) -> Option<usize> {
        let bytes = self.raw.bytes();
        if !matches!(bytes.get(start), Some(b'{' | b'[')) {
            return None;
        }
        let mut index = Index::new(bytes, start);
        let mut budget = INITIAL_INDEX_BUDGET;
        index.step(bytes, &mut budget);
        let number = self.nodes.len();
        if !index.is_done() {
            self.pending.push(number);
        }
        let visible_rows = index.count();
        self.nodes.push(Node { id, depth, is_open: true, index, opened_children: Vec::new(), visible_rows });
        Some(number)
    }

    /// Recounts the rows below a container and all its ancestors.
    fn recount_upward(&mut self, number: usize) {
        let mut next = Some(number);
        while let Some(number) = next {
            self.recount(number);
            next = self.nodes.get(number).and_then(|node| node.id.parent);
        }
    }

    /// Recounts the rows below a container, whose nested counts must be up to date.
    fn recount(&mut self, number: usize) {
        let Some(node) = self.nodes.get_mut(number) else { return };
        let mut opened = std::mem::take(&mut node.opened_children);
        let mut sum = 0;
        for opened in &mut opened {
            opened.rows_before = sum;
            sum += self
                .nodes
                .get(opened.node)
                .filter(|child| child.is_open)
                .map_or(0, |child| child.visible_rows);
        }
        if let Some(node) = self.nodes.get_mut(number) {
            node.opened_children = opened;
            node.visible_rows = node.index.count() + sum;
        }
    }

    /// Returns the node of a row, if it is or was open.
    fn node_of(&self, id: RowId) -> Option<usize> {
        let Some(parent) = id.parent else { return (!self.nodes.is_empty()).then_some(0) };
        let opened = &self.nodes.get(parent)?.opened_children;
        let at = opened.binary_search_by_key(&id.child, |opened| opened.child).ok()?;
        opened.get(at).map(|opened| opened.node)
    }

    /// Returns the node of a row, if it is open.
    fn open_node_of(&self, id: RowId) -> Option<usize> {
        self.node_of(id).filter(|&number| self.nodes.get(number).is_some_and(|node| node.is_open))
    }
}

#[cfg(test)]
mod tests;
