//! A foldable JSON tree with a selected row: the raw tab and a span's payload. Drawn by `ui/detail/tree`.

use crate::action::Action;
use crate::app::scroll;
use crate::domain::{ByteRange, Raw};
use crate::json::Kind;
use crate::json::tree::{Excerpt, PathStep};
use crate::view::nested_tree::{ExpandBudget, NestedRow, NestedRowId, NestedTree, RowOffset};

/// Bytes of index that one preparation may build; the rest follows with the next.
const INDEX_STEP_BYTES: usize = 2 << 20;

/// Rows that folding to a level shows at most.
const MAX_ROWS: usize = 200_000;

/// What "unfold everything" may come to.
const EXPAND_BUDGET: ExpandBudget = ExpandBudget { rows: MAX_ROWS, strings: 256, bytes: 8 << 20, depth: 12 };

/// A tree, its selection and its scroll position.
#[derive(Debug)]
pub struct TreeView {
    tree: NestedTree,
    absent: bool,
    pub selected: usize,
    pub offset: usize,
    /// The row of the hit that was revealed last, and its byte.
    revealed_hit: Option<(NestedRowId, usize)>,
}

impl TreeView {
    /// The tree of a piece of a message.
    pub fn new(raw: &Raw, piece: ByteRange) -> Self {
        let tree = NestedTree::new(raw.slice(piece));
        Self { tree, absent: piece.is_empty(), selected: 0, offset: 0, revealed_hit: None }
    }

    /// Whether there is nothing to show: absent or null.
    pub fn is_absent(&self) -> bool {
        self.absent
    }

    /// Whether the selected row is a string that holds JSON, which opens where it stands.
    pub fn is_embedded_json(&self) -> bool {
        let row = self.tree.rows(self.selected..self.selected + 1).pop();
        row.is_some_and(|found| found.row.kind == Kind::String && found.row.is_open.is_some())
    }

    /// The same view over another copy of the same bytes.
    pub fn rebase(&mut self, raw: Raw) {
        self.tree.rebase(raw);
    }

    /// The same view over another copy, if its bytes are the same; returns whether they are.
    pub fn rebase_if_same(&mut self, raw: Raw) -> bool {
        let same = self.tree.bytes() == raw.bytes();
        if same {
            self.tree.rebase(raw);
        }
        same
    }

    /// The tree itself.
    pub fn tree(&self) -> &NestedTree {
        &self.tree
    }

    /// Rows as folded now.
    pub fn len(&self) -> usize {
        self.tree.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Builds the rows in view.
    pub fn rows(&self, page: usize) -> Vec<NestedRow> {
        self.tree.rows(self.offset..self.offset.saturating_add(page))
    }

    /// Continues the index of what is open and keeps the selection in view; returns whether there is more to do.
    pub fn prepare(&mut self, page: usize) -> bool {
        let done = self.tree.index_step(INDEX_STEP_BYTES);
        self.keep_in_view(page);
        !done
    }

    fn keep_in_view(&mut self, page: usize) {
        self.selected = self.selected.min(self.len().saturating_sub(1));
        self.offset = scroll::into_view(self.selected, self.offset, page, self.len());
    }

    /// A motion over the rows.
    pub fn move_selection(&mut self, action: Action, count: Option<usize>, page: usize) {
        // The end is where the end is: what is open must be walked to it first.
        if action == Action::Bottom {
            self.tree.index_step(usize::MAX);
        }
        if let Some(to) = scroll::motion_target(action, count, self.selected, self.len(), page) {
            self.selected = to;
        }
        self.keep_in_view(page);
    }

    /// Folding and moving along the tree. `level` is for folding to a level, from 1. Returns whether all is unfolded that
    /// should be: there is a bound to that.
    pub fn fold(&mut self, action: Action, level: usize) -> bool {
        if action == Action::UnfoldAll {
            let selected = self.tree.id_at(self.selected);
            let all = self.tree.open_all(&mut { EXPAND_BUDGET });
            self.selected = selected.and_then(|id| self.tree.row_of(&id)).unwrap_or(0);
            return all;
        }
        self.apply_fold(action, level);
        true
    }

    fn apply_fold(&mut self, action: Action, level: usize) {
        let selected = self.tree.id_at(self.selected);
        match action {
            Action::ToggleFold => {
                self.tree.toggle(self.selected);
            }
            Action::UnfoldOrRight => self.unfold_or_enter(),
            Action::FoldOrLeft => return self.fold_or_leave(),
            Action::FoldAll => self.tree.close_all(),
            Action::FoldToLevel => {
                self.tree.open_to_depth(level.saturating_sub(1), MAX_ROWS);
            }
            Action::NextSibling => return self.select_row(self.tree.next_sibling(self.selected)),
            Action::PreviousSibling => return self.select_row(self.tree.previous_sibling(self.selected)),
            _ => return,
        }
        if action != Action::UnfoldOrRight {
            let row = selected.and_then(|id| self.tree.row_of(&id));
            self.selected = row.unwrap_or(0);
        }
    }

    fn select_row(&mut self, row: Option<usize>) {
        self.selected = row.unwrap_or(self.selected);
    }

    fn unfold_or_enter(&mut self) {
        match self.tree.is_open(self.selected) {
            Some(true) => self.selected = (self.selected + 1).min(self.len().saturating_sub(1)),
            Some(false) => {
                self.tree.open(self.selected);
            }
            None => {}
        }
    }

    fn fold_or_leave(&mut self) {
        if self.tree.is_open(self.selected) == Some(true) && self.selected > 0 {
            self.tree.close(self.selected);
        } else {
            self.select_row(self.tree.parent(self.selected));
        }
    }

    /// A click on a row in view: selects it, and folds it if it was selected already.
    pub fn click(&mut self, row: usize) {
        let at = self.offset + row;
        if at >= self.len() {
            return;
        }
        if self.selected == at {
            self.tree.toggle(at);
        }
        self.selected = at;
    }

    /// Selects the row at the end of a path, opening the folds above it.
    pub fn reveal_path(&mut self, steps: &[PathStep]) {
        if let Some(row) = self.tree.reveal(steps) {
            self.selected = row;
        }
    }

    /// Selects the row that holds this byte, opening the folds above it.
    pub fn reveal(&mut self, offset: usize) {
        if let Some(place) = self.tree.reveal_offset(offset) {
            self.selected = place.row;
            self.revealed_hit = self.tree.id_at(place.row).map(|id| (id, place.offset));
        }
    }

    /// The row of the hit that was revealed last, if it can be seen, and what stands there: about `reach` bytes before
    /// the hit, and after it.
    pub fn revealed_hit(&self, reach: usize) -> Option<(usize, Excerpt)> {
        let (id, offset) = self.revealed_hit.as_ref()?;
        let place = RowOffset { row: self.tree.row_of(id)?, offset: *offset };
        Some((place.row, self.tree.excerpt(place, reach)?))
    }
}
