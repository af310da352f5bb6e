//! A JSON tree in which strings that contain JSON open in place, as nested trees, at any depth. Rows are numbered across
//! all trees: the rows of an opened string's content follow the row of the string.

mod expand;

pub use expand::ExpandBudget;

use std::ops::Range;

use crate::domain::Raw;
use crate::json::tree::{Excerpt, PathStep, RowId, Tree, TreeRow};
use crate::json::{self, Kind, Value};

/// Strings up to this size, in bytes of JSON, are parsed to see whether they contain JSON; for larger ones the first and
/// the last character decide.
const MAX_PARSED_BYTES: usize = 4 * 1024;

/// Longer strings, in bytes of JSON, do not open in place.
const MAX_EMBEDDED_BYTES: usize = 8 << 20;

/// Opened strings per tree.
const MAX_EMBEDDED: usize = 256;

/// A tree and the trees inside its strings.
#[derive(Debug)]
pub struct NestedTree {
    tree: Tree,
    embedded: Vec<EmbeddedTree>,
}

/// A string that is or was open.
#[derive(Debug)]
struct EmbeddedTree {
    row_id: RowId,
    is_open: bool,
    nested: NestedTree,
}

/// A row with the JSON it contains, if any.
#[derive(Clone, Debug, PartialEq)]
pub struct NestedRow {
    /// The row; `is_open` is also set for strings that contain JSON, and `depth` counts from the outermost tree.
    pub row: TreeRow,
    /// The first row of an opened string's content.
    pub embedded: Option<TreeRow>,
}

/// A byte of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowOffset {
    pub row: usize,
    /// An offset in the bytes of the innermost tree that contains the row.
    pub offset: usize,
}

/// A stable id of a row: its id in the outermost tree, then those in the trees inside strings.
pub type NestedRowId = Vec<RowId>;

/// The location of a row: in this tree or in an embedded one.
enum RowLocation {
    Outer(usize),
    Embedded { string: usize, row: usize },
}

impl NestedTree {
    /// Creates the tree of a value, with the first levels open.
    pub fn new(raw: Raw) -> Self {
        Self { tree: Tree::new(raw), embedded: Vec::new() }
    }

    /// Returns the bytes of the outermost tree.
    pub fn bytes(&self) -> &[u8] {
        self.tree.bytes()
    }

    /// Moves the tree to another copy of the same bytes.
    pub fn rebase(&mut self, raw: Raw) {
        self.tree.replace_raw(raw);
    }

    /// Returns the number of rows, without those that are folded away.
    pub fn len(&self) -> usize {
        self.tree.len()
            + self.visible_embedded().iter().map(|(_, string)| self.extra_rows(*string)).sum::<usize>()
    }

    /// Returns the rows that an opened string adds. The first row of its content is the row of the string itself.
    fn extra_rows(&self, string: usize) -> usize {
        self.embedded.get(string).map_or(0, |embedded| embedded.nested.len().saturating_sub(1))
    }

    /// Returns the visible opened strings by row in this tree, sorted.
    fn visible_embedded(&self) -> Vec<(usize, usize)> {
        let open = self.embedded.iter().enumerate().filter(|(_, embedded)| embedded.is_open);
        let mut strings: Vec<_> = open
            .filter_map(|(string, embedded)| Some((self.tree.row_of(embedded.row_id)?, string)))
            .collect();
        strings.sort_unstable();
        strings
    }

    fn locate(&self, row: usize) -> RowLocation {
        let mut before = 0;
        for (own, string) in self.visible_embedded() {
            let at = own + before;
            let extra = self.extra_rows(string);
            if row <= at {
                break;
            }
            if row <= at + extra {
                return RowLocation::Embedded { string, row: row - at };
            }
            before += extra;
        }
        RowLocation::Outer(row - before)
    }

    /// Converts a row of this tree to a row across all trees.
    fn to_outer_row(&self, own: usize) -> usize {
        let above = self.visible_embedded().into_iter().filter(|(row, _)| *row < own);
        own + above.map(|(_, string)| self.extra_rows(string)).sum::<usize>()
    }

    fn embedded_to_outer_row(&self, string: usize, row: usize) -> Option<usize> {
        let own = self.tree.row_of(self.embedded.get(string)?.row_id)?;
        Some(self.to_outer_row(own) + row)
    }

    /// Builds the rows of a window.
    pub fn rows(&self, range: Range<usize>) -> Vec<NestedRow> {
        let strings = self.visible_embedded();
        let end = range.end.min(self.len());
        let mut rows = Vec::new();
        while range.start + rows.len() < end {
            let room = end - range.start - rows.len();
            let before = rows.len();
            match self.locate(range.start + rows.len()) {
                RowLocation::Outer(own) => {
                    let next = strings.iter().find(|(row, _)| *row >= own).map(|(row, _)| row + 1);
                    let to = next.unwrap_or(usize::MAX).min(own + room);
                    rows.extend(self.tree.rows(own..to).into_iter().map(|row| self.nested_row(row)));
                }
                RowLocation::Embedded { string, row } => {
                    let Some(embedded) = self.embedded.get(string) else { break };
                    let base = self.depth_of(embedded.row_id);
                    rows.extend(embedded.nested.rows(row..row + room).into_iter().map(|mut one| {
                        one.row.depth += base;
                        one
                    }));
                }
            }
            if rows.len() == before {
                break;
            }
        }
        rows
    }

    fn depth_of(&self, id: RowId) -> usize {
        let row = self.tree.row_of(id);
        let row = row.and_then(|row| self.tree.rows(row..row + 1).pop());
        row.map_or(0, |row| row.depth)
    }

    fn nested_row(&self, mut row: TreeRow) -> NestedRow {
        if row.kind != Kind::String {
            return NestedRow { row, embedded: None };
        }
        let open = self.embedded.iter().find(|embedded| embedded.row_id == row.id && embedded.is_open);
        if open.is_some() || self.looks_like_json(&row) {
            row.is_open = Some(open.is_some());
        }
        let embedded = open.and_then(|open| open.nested.tree.rows(0..1).pop());
        NestedRow { row, embedded }
    }

    /// Returns whether a string seems to contain JSON.
    fn looks_like_json(&self, row: &TreeRow) -> bool {
        if !row.preview.trim_start().starts_with(['{', '[']) {
            return false;
        }
        if row.byte_len.is_some_and(|bytes| bytes > MAX_EMBEDDED_BYTES) {
            return false;
        }
        let raw = row.byte_len.and_then(|bytes| self.bytes().get(row.start..row.start + bytes));
        match raw {
            None => true,
            Some(raw) if raw.len() <= MAX_PARSED_BYTES => embedded_json(&json::decode(raw)).is_some(),
            Some(raw) => {
                let end = raw.trim_ascii_end().strip_suffix(b"\"").unwrap_or_default();
                matches!(end.trim_ascii_end().last(), Some(b'}' | b']'))
            }
        }
    }

    /// Returns a stable id of a row, valid after opening and closing.
    pub fn id_at(&self, row: usize) -> Option<NestedRowId> {
        match self.locate(row) {
            RowLocation::Outer(own) => self.tree.id_at(own).map(|id| vec![id]),
            RowLocation::Embedded { string, row } => {
                let embedded = self.embedded.get(string)?;
                let mut id = vec![embedded.row_id];
                id.extend(embedded.nested.id_at(row)?);
                Some(id)
            }
        }
    }

    /// Returns the row with this id; `None` if it is not visible.
    pub fn row_of(&self, id: &[RowId]) -> Option<usize> {
        let (first, rest) = id.split_first()?;
        let own = self.tree.row_of(*first)?;
        if rest.is_empty() {
            return Some(self.to_outer_row(own));
        }
        let embedded = self.embedded.iter().find(|embedded| embedded.row_id == *first && embedded.is_open)?;
        Some(self.to_outer_row(own) + embedded.nested.row_of(rest)?)
    }

    /// Returns the row of the container of a row.
    pub fn parent(&self, row: usize) -> Option<usize> {
        match self.locate(row) {
            RowLocation::Outer(own) => self.tree.parent(own).map(|own| self.to_outer_row(own)),
            RowLocation::Embedded { string, row } => {
                let parent = self.embedded.get(string)?.nested.parent(row)?;
                self.embedded_to_outer_row(string, parent)
            }
        }
    }

    /// Returns the row of the next child of the same container.
    pub fn next_sibling(&self, row: usize) -> Option<usize> {
        self.sibling(row, Tree::next_sibling, Self::next_sibling)
    }

    /// Returns the row of the child before this one in the same container.
    pub fn previous_sibling(&self, row: usize) -> Option<usize> {
        self.sibling(row, Tree::previous_sibling, Self::previous_sibling)
    }

    fn sibling(
        &self,
        row: usize,
        own: impl Fn(&Tree, usize) -> Option<usize>,
        nested: impl Fn(&Self, usize) -> Option<usize>,
    ) -> Option<usize> {
        match self.locate(row) {
            RowLocation::Outer(row) => own(&self.tree, row).map(|row| self.to_outer_row(row)),
            RowLocation::Embedded { string, row } => {
                self.embedded_to_outer_row(string, nested(&self.embedded.get(string)?.nested, row)?)
            }
        }
    }

    /// Returns the JSON of a row's value, verbatim or as decoded from the string that contains it.
    pub fn value(&self, row: usize) -> Option<Value<'_>> {
        match self.locate(row) {
            RowLocation::Outer(own) => self.tree.value(own),
            RowLocation::Embedded { string, row } => self.embedded.get(string)?.nested.value(row),
        }
    }

    /// Returns the offset of a row's value in the bytes of the outermost tree; `None` inside a string.
    pub fn start_of(&self, row: usize) -> Option<usize> {
        match self.locate(row) {
            RowLocation::Outer(own) => self.tree.rows(own..own + 1).pop().map(|row| row.start),
            RowLocation::Embedded { .. } => None,
        }
    }

    /// Returns the path to a row, through strings if necessary.
    pub fn path(&self, row: usize) -> Vec<PathStep> {
        match self.locate(row) {
            RowLocation::Outer(own) => self.tree.path(own),
            RowLocation::Embedded { string, row } => {
                let Some(embedded) = self.embedded.get(string) else { return Vec::new() };
                let own = self.tree.row_of(embedded.row_id);
                let mut steps = own.map(|own| self.tree.path(own)).unwrap_or_default();
                steps.push(PathStep::Embedded);
                steps.extend(embedded.nested.path(row));
                steps
            }
        }
    }

    /// Returns whether a row is open; `None` if it cannot be opened.
    pub fn is_open(&self, row: usize) -> Option<bool> {
        self.rows(row..row + 1).first().and_then(|found| found.row.is_open)
    }

    /// Opens or closes a row; returns whether it can be opened.
    pub fn toggle(&mut self, row: usize) -> bool {
        if self.is_open(row) == Some(true) { self.close(row) } else { self.open(row) }
    }

    /// Opens a container or a string that contains JSON; returns whether the row is one.
    pub fn open(&mut self, row: usize) -> bool {
        match self.locate(row) {
            RowLocation::Outer(own) => self.tree.open(own) || self.open_string(own).is_some(),
            RowLocation::Embedded { string, row } => {
                self.embedded.get_mut(string).is_some_and(|embedded| embedded.nested.open(row))
            }
        }
    }

    /// Closes a row; its descendants keep their state. Returns whether it was open.
    pub fn close(&mut self, row: usize) -> bool {
        match self.locate(row) {
            RowLocation::Outer(own) => {
                let id = self.tree.id_at(own);
                let string =
                    self.embedded.iter_mut().find(|embedded| Some(embedded.row_id) == id && embedded.is_open);
                match string {
                    Some(string) => {
                        string.is_open = false;
                        true
                    }
                    None => self.tree.close(own),
                }
            }
            RowLocation::Embedded { string, row } => {
                self.embedded.get_mut(string).is_some_and(|embedded| embedded.nested.close(row))
            }
        }
    }

    /// Opens the string in this row of this tree, if it contains JSON.
    fn open_string(&mut self, own: usize) -> Option<&mut Self> {
        let id = self.tree.id_at(own)?;
        if let Some(string) = self.embedded.iter().position(|embedded| embedded.row_id == id) {
            let embedded = self.embedded.get_mut(string)?;
            embedded.is_open = true;
            return Some(&mut embedded.nested);
        }
        let value = self.tree.value(own).filter(|value| value.kind() == Kind::String)?;
        if value.raw().len() > MAX_EMBEDDED_BYTES {
            return None;
        }
        let text = value.as_str()?;
        let nested = Self::new(Raw::owned(embedded_json(&text)?.as_bytes().to_vec()));
        if self.embedded.len() >= MAX_EMBEDDED {
            self.embedded.remove(0);
        }
        self.embedded.push(EmbeddedTree { row_id: id, is_open: true, nested });
        self.embedded.last_mut().map(|embedded| &mut embedded.nested)
    }

    /// Opens containers up to this depth and closes everything deeper, including strings.
    pub fn open_to_depth(&mut self, depth: usize, rows: usize) {
        self.tree.open_to_depth(depth, rows);
        for embedded in &mut self.embedded {
            embedded.is_open = false;
        }
    }

    /// Closes everything except the value itself.
    pub fn close_all(&mut self) {
        self.tree.close_all();
        for embedded in &mut self.embedded {
            embedded.is_open = false;
        }
    }

    /// Scans about `budget` bytes of open containers; returns whether all are scanned to their end.
    pub fn index_step(&mut self, budget: usize) -> bool {
        let mut done = self.tree.index_step(budget);
        for embedded in self.embedded.iter_mut().filter(|embedded| embedded.is_open) {
            // A tree with much left to scan uses up the budget; the others are scanned in later steps.
            done = done && embedded.nested.index_step(budget);
        }
        done
    }

    /// Opens all rows along a path; returns the row at its end.
    pub fn reveal(&mut self, steps: &[PathStep]) -> Option<usize> {
        let embedded = steps.iter().position(|step| *step == PathStep::Embedded);
        let (own, rest) = match embedded.and_then(|index| steps.split_at_checked(index)) {
            Some((own, rest)) => (own, rest.get(1..)),
            None => (steps, None),
        };
        let own = self.tree.reveal(own)?;
        let inner = match rest {
            Some(rest) => self.open_string(own)?.reveal(rest)?,
            None => 0,
        };
        Some(self.to_outer_row(own) + inner)
    }

    /// Opens all rows around the byte at this offset of the outermost tree, including strings that contain JSON; returns
    /// the row whose name or value contains the byte.
    pub fn reveal_offset(&mut self, offset: usize) -> Option<RowOffset> {
        let own = self.tree.reveal_offset(offset)?;
        let found = self.tree.rows(own..own + 1).pop()?;
        let inner = offset.checked_sub(found.start + 1).filter(|_| found.kind == Kind::String);
        let inner = inner.filter(|_| self.looks_like_json(&found)).and_then(|length| {
            let before = self.bytes().get(found.start..=found.start + length)?;
            let before = json::decode_prefix(before, usize::MAX).len();
            let indent = found.preview.len() - found.preview.trim_start().len();
            self.open_string(own)?.reveal_offset(before.checked_sub(indent)?)
        });
        let row = self.to_outer_row(own);
        Some(inner.map_or(RowOffset { row, offset }, |inner| RowOffset { row: row + inner.row, ..inner }))
    }

    /// Returns the text around a byte of a row; `offset` is a result of [`reveal_offset`](Self::reveal_offset).
    pub fn excerpt(&self, offset: RowOffset, reach: usize) -> Option<Excerpt> {
        match self.locate(offset.row) {
            RowLocation::Outer(own) => self.tree.excerpt(own, offset.offset, reach),
            RowLocation::Embedded { string, row } => {
                self.embedded.get(string)?.nested.excerpt(RowOffset { row, ..offset }, reach)
            }
        }
    }
}

/// Returns the JSON of a text that consists of exactly one object or array.
fn embedded_json(text: &str) -> Option<&str> {
    let inner = text.trim();
    let value = Value::of(inner.as_bytes());
    let is_whole = json::skip_value(inner.as_bytes(), 0) == Some(inner.len());
    let is_json = match value.kind() {
        Kind::Object => value
            .members()
            .next()
            .is_none_or(|(key, value)| key.raw().starts_with(b"\"") && value.kind() != Kind::Invalid),
        Kind::Array => value.elements().next().is_none_or(|value| value.kind() != Kind::Invalid),
        Kind::String | Kind::Number | Kind::Bool | Kind::Null | Kind::Invalid => false,
    };
    (is_whole && is_json).then_some(inner)
}

#[cfg(test)]
mod tests;
