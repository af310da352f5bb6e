//! A foldable JSON tree with a selected row: the Raw tab and payloads. Drawn by `ui/detail/json_tree`.

use crate::action::Motion;
use crate::app::detail::fold::FoldCommand;
use crate::app::scroll;
use crate::domain::{ByteRange, Raw};
use crate::json::Kind;
use crate::json::tree::{Excerpt, MAX_SCANNED_BYTES, PathStep};
use crate::layout::Direction;
use crate::view::nested_tree::{ExpandBudget, NestedRow, NestedRowId, NestedTree, RowOffset};

/// The bytes that one preparation scans; the next one continues.
const INDEX_STEP_BYTES: usize = 2 << 20;

/// The maximum number of rows that folding to a level opens.
const MAX_ROWS: usize = 200_000;

/// The limits on unfolding everything.
const EXPAND_BUDGET: ExpandBudget =
    ExpandBudget { rows: MAX_ROWS, strings: 256, bytes: 8 << 20, depth: 12, scannable: MAX_SCANNED_BYTES };

/// A tree with its selection and scroll position.
#[derive(Debug)]
pub struct TreeView {
    tree: NestedTree,
    is_absent: bool,
    pub selected: usize,
    pub offset: usize,
    /// The row and the byte of the hit that was revealed last.
    revealed_hit: Option<(NestedRowId, usize)>,
    /// Whether the selection moves to the last row as long as rows are found.
    follows_end: bool,
}

impl TreeView {
    /// Creates the tree of a part of a message.
    pub fn new(raw: &Raw, range: ByteRange) -> Self {
        let tree = NestedTree::new(raw.slice(range));
        Self {
            tree,
            is_absent: range.is_empty(),
            selected: 0,
            offset: 0,
            revealed_hit: None,
            follows_end: false,
        }
    }

    /// Returns whether the message has no such part.
    pub fn is_absent(&self) -> bool {
        self.is_absent
    }

    /// Returns whether the selected row is a string that contains JSON and opens in place.
    pub fn is_embedded_json(&self) -> bool {
        let row = self.tree.rows(self.selected..self.selected + 1).pop();
        row.is_some_and(|nested| nested.row.kind == Kind::String && nested.row.is_open.is_some())
    }

    /// Replaces the bytes with an equal copy.
    pub fn rebase(&mut self, raw: Raw) {
        self.tree.rebase(raw);
    }

    /// Replaces the bytes if `raw` equals them; returns whether it does.
    pub fn rebase_if_same(&mut self, raw: Raw) -> bool {
        let is_same = self.tree.bytes() == raw.bytes();
        if is_same {
            self.tree.rebase(raw);
        }
        is_same
    }

    /// Returns the tree itself.
    pub fn tree(&self) -> &NestedTree {
        &self.tree
    }

    /// Returns the number of rows, without those that are folded away.
    pub fn len(&self) -> usize {
        self.tree.len()
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Builds the rows in view.
    pub fn rows(&self, page: usize) -> Vec<NestedRow> {
        self.tree.rows(self.offset..self.offset.saturating_add(page))
    }

    /// Continues to index open containers and keeps the selection in view; returns whether there is more to index.
    pub fn prepare(&mut self, page: usize) -> bool {
        let is_done = self.tree.index_step(INDEX_STEP_BYTES);
        if self.follows_end {
            self.selected = self.len().saturating_sub(1);
            self.follows_end = !is_done;
        }
        self.keep_in_view(page);
        !is_done
    }

    fn keep_in_view(&mut self, page: usize) {
        self.selected = self.selected.min(self.len().saturating_sub(1));
        self.offset = scroll::into_view(self.selected, self.offset, page, self.len());
    }

    /// Applies a motion to the rows.
    pub fn move_selection(&mut self, motion: Motion, count: Option<usize>, page: usize) {
        // The last row is only known once all open containers are indexed; until then, the selection follows it.
        self.follows_end = motion == Motion::Bottom && count.is_none();
        self.selected = scroll::motion_target(motion, count, self.selected, self.len(), page);
        self.keep_in_view(page);
    }

    /// Runs a fold command; returns false if unfolding everything exceeded its limits.
    pub fn fold(&mut self, command: FoldCommand) -> bool {
        self.follows_end = false;
        match command {
            FoldCommand::OpenAll => return self.refold(|tree, _| tree.open_all(&mut { EXPAND_BUDGET })),
            FoldCommand::Toggle => {
                self.refold(NestedTree::toggle);
            }
            FoldCommand::CloseAll => self.refold(|tree, _| tree.close_all()),
            FoldCommand::ToLevel(level) => {
                self.refold(|tree, _| tree.open_to_depth(level.saturating_sub(1), MAX_ROWS));
            }
            FoldCommand::UnfoldOrChild => self.open_or_enter(),
            FoldCommand::FoldOrParent => self.close_or_leave(),
            FoldCommand::Sibling(Direction::Forward) => {
                self.select_row(self.tree.next_sibling(self.selected))
            }
            FoldCommand::Sibling(Direction::Backward) => {
                self.select_row(self.tree.previous_sibling(self.selected));
            }
        }
        true
    }

    /// Folds rows and keeps the selected one, or selects the root if it is folded away.
    fn refold<T>(&mut self, change: impl FnOnce(&mut NestedTree, usize) -> T) -> T {
        let id = self.tree.id_at(self.selected);
        let result = change(&mut self.tree, self.selected);
        self.selected = id.and_then(|id| self.tree.row_of(&id)).unwrap_or(0);
        result
    }

    fn select_row(&mut self, row: Option<usize>) {
        self.selected = row.unwrap_or(self.selected);
    }

    fn open_or_enter(&mut self) {
        match self.tree.is_open(self.selected) {
            Some(true) => self.selected = (self.selected + 1).min(self.len().saturating_sub(1)),
            Some(false) => {
                self.tree.open(self.selected);
            }
            None => {}
        }
    }

    fn close_or_leave(&mut self) {
        if self.tree.is_open(self.selected) == Some(true) && self.selected > 0 {
            self.tree.close(self.selected);
        } else {
            self.select_row(self.tree.parent(self.selected));
        }
    }

    /// Handles a click on a visible row: selects it, or folds it if it was selected already.
    pub fn click(&mut self, row: usize) {
        self.follows_end = false;
        let row = self.offset + row;
        if row >= self.len() {
            return;
        }
        if self.selected == row {
            self.tree.toggle(row);
        }
        self.selected = row;
    }

    /// Selects the row at the end of a path, and opens the folds above it.
    pub fn reveal_path(&mut self, steps: &[PathStep]) {
        if let Some(row) = self.tree.reveal(steps) {
            self.selected = row;
        }
    }

    /// Returns the first byte of the selected value; `None` inside a string that opens in place.
    pub fn selected_byte(&self) -> Option<usize> {
        self.tree.start_of(self.selected)
    }

    /// Selects the row that contains this byte, and opens the folds above it.
    pub fn reveal(&mut self, offset: usize) {
        if let Some(hit) = self.tree.reveal_offset(offset) {
            self.selected = hit.row;
            self.revealed_hit = self.tree.id_at(hit.row).map(|id| (id, hit.offset));
        }
    }

    /// Returns the row of the hit that was revealed last, if it is visible, and the text around the hit: about `reach`
    /// bytes on each side.
    pub fn revealed_hit(&self, reach: usize) -> Option<(usize, Excerpt)> {
        let (id, offset) = self.revealed_hit.as_ref()?;
        let hit = RowOffset { row: self.tree.row_of(id)?, offset: *offset };
        Some((hit.row, self.tree.excerpt(hit, reach)?))
    }
}
