//! The visible rows of the tree, stored as runs of nodes between folds and gaps instead of a list: a row is found by
//! arithmetic, and only the rows on the screen are created.

use std::cmp::Reverse;
use std::iter;
use std::ops::Range;

use super::{Flags, Forest};

/// The folded nodes of a forest. Folding a node without children has no effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folds {
    /// Sorted.
    folded: Vec<u32>,
}

impl Folds {
    /// Creates folds with no node folded.
    pub fn none() -> Self {
        Self::default()
    }

    /// Creates folds with every node that has children folded.
    pub fn all(forest: &Forest) -> Self {
        Self::to_level(forest, 0)
    }

    /// Shows nodes down to `depth` and folds everything below.
    pub fn to_level(forest: &Forest, depth: u32) -> Self {
        let inner = (0u32..).zip(forest.nodes()).filter(|(_, node)| node.depth >= depth && !node.is_leaf());
        Self { folded: inner.map(|(at, _)| at).collect() }
    }

    pub fn is_folded(&self, node: u32) -> bool {
        self.folded.binary_search(&node).is_ok()
    }

    pub fn toggle(&mut self, node: u32) {
        match self.folded.binary_search(&node) {
            Ok(at) => drop(self.folded.remove(at)),
            Err(at) => self.folded.insert(at, node),
        }
    }

    pub fn fold(&mut self, node: u32) {
        if let Err(at) = self.folded.binary_search(&node) {
            self.folded.insert(at, node);
        }
    }

    pub fn unfold(&mut self, node: u32) {
        if let Ok(at) = self.folded.binary_search(&node) {
            self.folded.remove(at);
        }
    }

    /// Unfolds every node that hides `node`.
    pub fn reveal(&mut self, forest: &Forest, node: u32) {
        // Ancestors are in descending order; sort them for binary search.
        let mut ancestors: Vec<u32> = forest.ancestors(node).collect();
        ancestors.reverse();
        self.folded.retain(|folded| ancestors.binary_search(folded).is_err());
    }

    /// Returns the folds that hide something and are not hidden themselves, each up to the first node after its subtree.
    fn outermost<'a>(&'a self, forest: &'a Forest) -> impl Iterator<Item = Range<u32>> + 'a {
        let mut end = 0;
        self.folded.iter().filter_map(move |&fold| {
            let node = forest.node(fold)?;
            if fold < end || node.is_leaf() {
                return None;
            }
            end = fold.saturating_add(node.subtree_len);
            Some(fold..end)
        })
    }
}

/// A range of a span (or of the turn) that no span below it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The node around the gap; `None` for the turn itself.
    pub parent: Option<u32>,
    /// The child before the gap; `None` before the first child.
    pub after: Option<u32>,
    /// Microseconds since 1970.
    pub start: i64,
    /// Duration in microseconds.
    pub micros: i64,
}

impl Gap {
    /// Returns the node after the gap's row: the one after the subtree of the child before it.
    fn next_node(&self, forest: &Forest) -> u32 {
        match (self.after, self.parent) {
            (Some(child), _) => forest.subtree_end(child),
            (None, Some(parent)) => parent.saturating_add(1).min(forest.node_count()),
            (None, None) => 0,
        }
    }

    /// Returns whether no sibling follows the gap.
    fn is_last(&self, forest: &Forest) -> bool {
        self.next_node(forest) >= self.parent.map_or(forest.node_count(), |parent| forest.subtree_end(parent))
    }
}

/// A visible row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    Node(u32),
    Gap(Gap),
}

/// A tree guide before a row's name; one per level, outermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guide {
    /// Blank: the ancestor at this level is the last of its siblings.
    Blank,
    /// `│`: the ancestor at this level has later siblings.
    Line,
    /// `├`: the row itself, with later siblings.
    Branch,
    /// `└`: the row itself, the last sibling.
    Corner,
    /// `┆`: a gap.
    Gap,
}

/// Consecutive rows without a fold or gap between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RowRun {
    row: usize,
    /// The first node of the run, or the node after a gap.
    node: u32,
    /// Index of the gap, if this run is the row of a gap.
    gap: Option<u32>,
}

/// The visible rows of a forest. Building it takes time in proportion to the number of folds and gaps, not of spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visible {
    runs: Vec<RowRun>,
    gaps: Vec<Gap>,
    /// Nodes whose last row is a gap, sorted; `None` (the turn) comes first.
    gap_tails: Vec<Option<u32>>,
    /// Number of nodes in the forest, hidden ones included.
    node_count: u32,
    len: usize,
}

impl Visible {
    /// Builds the rows, with a row for each gap whose parent is unfolded, placed after the subtree of the child before it.
    /// Gaps must belong to this forest; those of a node without children are ignored.
    pub fn with_gaps(forest: &Forest, folds: &Folds, gaps: &[Gap]) -> Self {
        let hidden: Vec<Range<u32>> = folds.outermost(forest).collect();
        let gaps = visible_gaps(forest, &hidden, gaps);
        let tails = gaps.iter().filter(|gap| gap.is_last(forest)).map(|gap| gap.parent);
        let mut tails: Vec<Option<u32>> = tails.collect();
        tails.sort_unstable();
        let mut layout =
            RunBuilder { runs: Vec::with_capacity(hidden.len() + 2 * gaps.len() + 1), node: 0, row: 0 };
        let mut pending = (0u32..).zip(&gaps).map(|(index, gap)| (index, gap.next_node(forest))).peekable();
        for fold in hidden {
            while let Some((index, node)) = pending.next_if(|(_, node)| *node <= fold.start) {
                layout.push_gap(index, node);
            }
            layout.push_nodes_until(fold.start.saturating_add(1));
            layout.node = fold.end;
        }
        for (index, node) in pending {
            layout.push_gap(index, node);
        }
        layout.push_nodes_until(forest.node_count());
        Self { runs: layout.runs, gaps, gap_tails: tails, node_count: forest.node_count(), len: layout.row }
    }

    /// Returns the number of visible rows.
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the row at this position, from 0.
    pub fn row(&self, row: usize) -> Option<Row> {
        if row >= self.len {
            return None;
        }
        let run = self.runs.get(self.runs.partition_point(|run| run.row <= row).checked_sub(1)?)?;
        match run.gap {
            Some(gap) => self.gaps.get(gap as usize).copied().map(Row::Gap),
            None => Some(Row::Node(run.node.saturating_add(u32::try_from(row - run.row).ok()?))),
        }
    }

    /// Returns the rows of a window; positions past the end are ignored.
    pub fn rows(&self, range: Range<usize>) -> impl Iterator<Item = Row> + '_ {
        (range.start..range.end.min(self.len)).filter_map(|row| self.row(row))
    }

    /// Returns the position of a node's row; `None` while a fold hides it.
    pub fn row_of(&self, node: u32) -> Option<usize> {
        let row = self.visible_row_of(node)?;
        (self.row(row) == Some(Row::Node(node))).then_some(row)
    }

    /// Returns the position of a node's row or, while a fold hides it, of the outermost folded node above it. `None` only
    /// for a node that is not in the forest.
    pub fn visible_row_of(&self, node: u32) -> Option<usize> {
        let at = self.runs.partition_point(|run| run.node <= node).checked_sub(1)?;
        let run = self.runs.get(at).filter(|_| node < self.node_count)?;
        let end = self.runs.get(at + 1).map_or(self.len, |next| next.row);
        Some((run.row + (node - run.node) as usize).min(end.saturating_sub(1)))
    }

    /// Returns the current position of a row, to keep the selection when folds change.
    pub fn position(&self, row: Row) -> Option<usize> {
        match row {
            Row::Node(node) => self.row_of(node),
            Row::Gap(gap) => {
                let same = |run: &&RowRun| run.gap.and_then(|at| self.gaps.get(at as usize)) == Some(&gap);
                self.runs.iter().find(same).map(|run| run.row)
            }
        }
    }

    /// Returns the guides before a row: one per level below the roots, limited to the innermost `levels`. The time depends
    /// only on `levels`, not on the depth of the row.
    pub fn guides(&self, forest: &Forest, row: Row, levels: usize) -> Vec<Guide> {
        let parent_of = |node: u32| forest.node(node).and_then(|n| n.parent);
        let (own, parent) = match row {
            Row::Gap(gap) => (Guide::Gap, gap.parent),
            Row::Node(node) if self.is_last(forest, node) => (Guide::Corner, parent_of(node)),
            Row::Node(node) => (Guide::Branch, parent_of(node)),
        };
        let above = iter::successors(parent, |at| parent_of(*at)).take_while(|at| parent_of(*at).is_some());
        let lines = above.map(|at| if self.is_last(forest, at) { Guide::Blank } else { Guide::Line });
        let mut guides: Vec<Guide> = parent.map(|_| own).into_iter().chain(lines).take(levels).collect();
        guides.reverse();
        guides
    }

    /// Returns whether neither a sibling nor a gap follows below the same parent.
    fn is_last(&self, forest: &Forest, node: u32) -> bool {
        forest.node(node).is_none_or(|n| {
            n.flags.contains(Flags::LAST_SIBLING) && self.gap_tails.binary_search(&n.parent).is_err()
        })
    }
}

/// Returns the gaps whose parent is neither hidden nor folded, in row order.
fn visible_gaps(forest: &Forest, hidden: &[Range<u32>], gaps: &[Gap]) -> Vec<Gap> {
    let is_open = |gap: &Gap| {
        let Some(parent) = gap.parent else { return true };
        let before = hidden.partition_point(|fold| fold.start <= parent).checked_sub(1);
        let folded = before.and_then(|at| hidden.get(at)).is_some_and(|fold| parent < fold.end);
        !folded && forest.node(parent).is_some_and(|node| !node.is_leaf())
    };
    let mut open: Vec<Gap> = gaps.iter().copied().filter(is_open).collect();
    let depth = |gap: &Gap| gap.parent.and_then(|parent| forest.node(parent)).map(|node| node.depth);
    // If several subtrees end together, the innermost gap is first.
    open.sort_by_key(|gap| (gap.next_node(forest), Reverse(depth(gap)), gap.start));
    open
}

/// The runs so far, and the start of the next one.
struct RunBuilder {
    runs: Vec<RowRun>,
    node: u32,
    row: usize,
}

impl RunBuilder {
    /// Adds a run of the nodes up to `end`, exclusive.
    fn push_nodes_until(&mut self, end: u32) {
        if end > self.node {
            self.runs.push(RowRun { row: self.row, node: self.node, gap: None });
            self.row += (end - self.node) as usize;
            self.node = end;
        }
    }

    fn push_gap(&mut self, index: u32, node: u32) {
        self.push_nodes_until(node);
        self.runs.push(RowRun { row: self.row, node, gap: Some(index) });
        self.row += 1;
    }
}
