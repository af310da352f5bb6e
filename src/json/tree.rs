//! A foldable tree over the raw bytes of a JSON value, for a view that shows a window of rows. Nothing is parsed but what
//! is open, and nothing of that but where children start; rows are counted by arithmetic. Drawing is not here.

mod excerpt;
mod fold;
mod index;
mod path;
mod rows;

pub use excerpt::{Excerpt, RowPart};
pub use path::{PathStep, jq_filter, json_path};
pub use rows::{Label, TreeRow};

use self::index::{Index, value_end};
use super::scan::skip_whitespace;
use crate::domain::Raw;

/// How many bytes of a container are walked when it is opened; the rest comes by [`Tree::index_step`].
const INITIAL_INDEX_BUDGET: usize = 16 * 1024;

/// A row, whatever else is opened or closed: stays the same as long as the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowId {
    /// The container that the row is a child of; the root has none.
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
    /// Those of its children that are or were open, in order.
    opened_children: Vec<OpenedChild>,
    /// Rows below it when it is open.
    visible_rows: usize,
}

#[derive(Clone, Copy, Debug)]
struct OpenedChild {
    child: usize,
    node: usize,
    /// Rows below those before it.
    rows_before: usize,
}

impl Node {
    /// How many rows lie between this container's row and that of one of its children.
    fn rows_before(&self, child: usize) -> usize {
        let at = self.opened_children.partition_point(|opened| opened.child < child);
        child
            + self
                .opened_children
                .get(at)
                .map_or(self.visible_rows - self.index.count(), |opened| opened.rows_before)
    }
}

/// A JSON value as rows that can be folded. The first row is the value itself. Operations on a row that does not exist do
/// nothing.
#[derive(Debug)]
pub struct Tree {
    raw: Raw,
    start: usize,
    /// Where the value ends if it is no container, so that a long string is walked once.
    end: Option<usize>,
    /// A container comes after the one it is in. Empty if the value is no container.
    nodes: Vec<Node>,
    /// Containers that have not been walked to their end, the latest opened last.
    pending: Vec<usize>,
}

impl Tree {
    /// The tree of a value, open as far as is useful at first sight: small containers, a few levels, a screenful of rows.
    pub fn new(raw: Raw) -> Self {
        let mut tree = Self::collapsed(raw);
        tree.open_initial();
        tree
    }

    /// The tree of a value of which nothing is open but the value itself.
    pub fn collapsed(raw: Raw) -> Self {
        let bytes = raw.bytes();
        let mark = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let start = skip_whitespace(bytes, mark);
        let mut tree = Self { raw, start, end: None, nodes: Vec::new(), pending: Vec::new() };
        if tree.add_node(RowId::ROOT, 0, start).is_none() {
            tree.end = Some(value_end(tree.bytes(), start));
        }
        tree
    }

    /// Takes another copy of the same bytes for its own, so that the one it had can be let go.
    pub fn replace_raw(&mut self, raw: Raw) {
        debug_assert_eq!(self.raw, raw, "another value needs another tree");
        self.raw = raw;
    }

    /// The bytes that the tree is over; all offsets are into them.
    pub fn bytes(&self) -> &[u8] {
        self.raw.bytes()
    }

    /// How many rows there are now. Grows while containers are being walked.
    pub fn len(&self) -> usize {
        1 + self.nodes.first().filter(|root| root.is_open).map_or(0, |root| root.visible_rows)
    }

    /// Never: the value itself is a row.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Walks about `budget` bytes of what is open and not yet walked to its end. `true` when all of it is, so that
    /// [`len`](Self::len) will not change by itself any more.
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

    /// Adds an open container; `None` if there is none at `start`.
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
        let visible = index.count();
        self.nodes.push(Node {
            id,
            depth,
            is_open: true,
            index,
            opened_children: Vec::new(),
            visible_rows: visible,
        });
        Some(number)
    }

    /// Counts the rows below a container again, and below all that it is in.
    fn recount_upward(&mut self, number: usize) {
        let mut next = Some(number);
        while let Some(number) = next {
            self.recount(number);
            next = self.nodes.get(number).and_then(|node| node.id.parent);
        }
    }

    /// Counts the rows below one container again; those in it must be right.
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

    /// The container that a row is, if it is or was open.
    fn node_of(&self, id: RowId) -> Option<usize> {
        let Some(parent) = id.parent else { return (!self.nodes.is_empty()).then_some(0) };
        let opened = &self.nodes.get(parent)?.opened_children;
        let at = opened.binary_search_by_key(&id.child, |opened| opened.child).ok()?;
        opened.get(at).map(|opened| opened.node)
    }

    /// The container that a row is, if it is open.
    fn open_node_of(&self, id: RowId) -> Option<usize> {
        self.node_of(id).filter(|&number| self.nodes.get(number).is_some_and(|node| node.is_open))
    }
}

#[cfg(test)]
mod tests;
