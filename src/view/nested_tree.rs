//! A JSON tree in which strings that hold JSON open where they stand, as trees of their own, as deep as that goes. Rows
//! count through all of them: below the row of an opened string come the rows of what it holds.

mod expand;

pub use expand::ExpandBudget;

use std::ops::Range;

use crate::domain::Raw;
use crate::json::tree::{Excerpt, PathStep, RowId, Tree, TreeRow};
use crate::json::{self, Kind, Value};

/// Strings up to this size, in bytes of JSON, are read to know whether they hold JSON; of larger ones both ends tell.
const MAX_PARSED_BYTES: usize = 4 * 1024;

/// Strings that are kept opened in one tree.
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

/// A row with what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct NestedRow {
    /// The row; `open` tells of strings that hold JSON, too, and `depth` counts from the outermost tree.
    pub row: TreeRow,
    /// What an opened string holds.
    pub embedded: Option<TreeRow>,
}

/// A byte of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowOffset {
    pub row: usize,
    /// In the bytes of the innermost tree that has the row.
    pub offset: usize,
}

/// A row, whatever is opened or closed around it: its place in the tree, and in those inside its strings.
pub type NestedRowId = Vec<RowId>;

/// Where a row is.
enum RowLocation {
    Outer(usize),
    Embedded { string: usize, row: usize },
}

impl NestedTree {
    /// The tree of a value, open as far as is useful at first sight.
    pub fn new(raw: Raw) -> Self {
        Self { tree: Tree::new(raw), embedded: Vec::new() }
    }

    /// The bytes of the outermost tree.
    pub fn bytes(&self) -> &[u8] {
        self.tree.bytes()
    }

    /// The same tree over another copy of the same bytes.
    pub fn rebase(&mut self, raw: Raw) {
        self.tree.replace_raw(raw);
    }

    /// Rows as folded now.
    pub fn len(&self) -> usize {
        self.tree.len()
            + self.visible_embedded().iter().map(|(_, string)| self.extra_rows(*string)).sum::<usize>()
    }

    /// Never: the value itself is a row.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Rows that an opened string adds: the outermost of its rows is that of the string.
    fn extra_rows(&self, string: usize) -> usize {
        self.embedded.get(string).map_or(0, |inside| inside.nested.len().saturating_sub(1))
    }

    /// The opened strings that can be seen, by their own rows, in order.
    fn visible_embedded(&self) -> Vec<(usize, usize)> {
        let open = self.embedded.iter().enumerate().filter(|(_, inside)| inside.is_open);
        let mut strings: Vec<_> =
            open.filter_map(|(string, inside)| Some((self.tree.row_of(inside.row_id)?, string))).collect();
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

    /// The row among all of one of the tree's own.
    fn to_outer_row(&self, own: usize) -> usize {
        let above = self.visible_embedded().into_iter().filter(|(row, _)| *row < own);
        own + above.map(|(_, string)| self.extra_rows(string)).sum::<usize>()
    }

    fn embedded_to_outer_row(&self, string: usize, row: usize) -> Option<usize> {
        let own = self.tree.row_of(self.embedded.get(string)?.row_id)?;
        Some(self.to_outer_row(own) + row)
    }

    /// The rows of a window.
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
                    let Some(inside) = self.embedded.get(string) else { break };
                    let base = self.depth_of(inside.row_id);
                    rows.extend(inside.nested.rows(row..row + room).into_iter().map(|mut one| {
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
        let open = self.embedded.iter().find(|inside| inside.row_id == row.id && inside.is_open);
        if open.is_some() || self.looks_like_json(&row) {
            row.is_open = Some(open.is_some());
        }
        let inside = open.and_then(|open| open.nested.tree.rows(0..1).pop());
        NestedRow { row, embedded: inside }
    }

    /// Whether a string looks as if it held JSON.
    fn looks_like_json(&self, row: &TreeRow) -> bool {
        if !row.preview.trim_start().starts_with(['{', '[']) {
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

    /// What this row is, to find it again after opening and closing.
    pub fn id_at(&self, row: usize) -> Option<NestedRowId> {
        match self.locate(row) {
            RowLocation::Outer(own) => self.tree.id_at(own).map(|id| vec![id]),
            RowLocation::Embedded { string, row } => {
                let inside = self.embedded.get(string)?;
                let mut id = vec![inside.row_id];
                id.extend(inside.nested.id_at(row)?);
                Some(id)
            }
        }
    }

    /// The row that this one is now; `None` if it cannot be seen.
    pub fn row_of(&self, id: &[RowId]) -> Option<usize> {
        let (first, rest) = id.split_first()?;
        let own = self.tree.row_of(*first)?;
        if rest.is_empty() {
            return Some(self.to_outer_row(own));
        }
        let inside = self.embedded.iter().find(|inside| inside.row_id == *first && inside.is_open)?;
        Some(self.to_outer_row(own) + inside.nested.row_of(rest)?)
    }

    /// The row that a row stands below.
    pub fn parent(&self, row: usize) -> Option<usize> {
        match self.locate(row) {
            RowLocation::Outer(own) => self.tree.parent(own).map(|own| self.to_outer_row(own)),
            RowLocation::Embedded { string, row } => {
                let above = self.embedded.get(string)?.nested.parent(row)?;
                self.embedded_to_outer_row(string, above)
            }
        }
    }

    /// The row of the next child of the same container.
    pub fn next_sibling(&self, row: usize) -> Option<usize> {
        self.sibling(row, Tree::next_sibling, Self::next_sibling)
    }

    /// The row of the child before this one in the same container.
    pub fn previous_sibling(&self, row: usize) -> Option<usize> {
        self.sibling(row, Tree::previous_sibling, Self::previous_sibling)
    }

    fn sibling(
        &self,
        row: usize,
        own: impl Fn(&Tree, usize) -> Option<usize>,
        inside: impl Fn(&Self, usize) -> Option<usize>,
    ) -> Option<usize> {
        match self.locate(row) {
            RowLocation::Outer(at) => own(&self.tree, at).map(|at| self.to_outer_row(at)),
            RowLocation::Embedded { string, row } => {
                self.embedded_to_outer_row(string, inside(&self.embedded.get(string)?.nested, row)?)
            }
        }
    }

    /// The JSON of a row's value as it came, or as the string that it is in holds it.
    pub fn value(&self, row: usize) -> Option<Value<'_>> {
        match self.locate(row) {
            RowLocation::Outer(own) => self.tree.value(own),
            RowLocation::Embedded { string, row } => self.embedded.get(string)?.nested.value(row),
        }
    }

    /// The way to a row, through strings where it leads through them.
    pub fn path(&self, row: usize) -> Vec<PathStep> {
        match self.locate(row) {
            RowLocation::Outer(own) => self.tree.path(own),
            RowLocation::Embedded { string, row } => {
                let Some(inside) = self.embedded.get(string) else { return Vec::new() };
                let own = self.tree.row_of(inside.row_id);
                let mut steps = own.map(|own| self.tree.path(own)).unwrap_or_default();
                steps.push(PathStep::Embedded);
                steps.extend(inside.nested.path(row));
                steps
            }
        }
    }

    /// Whether a row is open; `None` for what does not open.
    pub fn is_open(&self, row: usize) -> Option<bool> {
        self.rows(row..row + 1).first().and_then(|found| found.row.is_open)
    }

    /// Opens a row that is closed, closes one that is open. `true` if the row is one that opens.
    pub fn toggle(&mut self, row: usize) -> bool {
        if self.is_open(row) == Some(true) { self.close(row) } else { self.open(row) }
    }

    /// Opens a container, or a string that holds JSON. `true` if the row is one.
    pub fn open(&mut self, row: usize) -> bool {
        match self.locate(row) {
            RowLocation::Outer(own) => self.tree.open(own) || self.open_string(own).is_some(),
            RowLocation::Embedded { string, row } => {
                self.embedded.get_mut(string).is_some_and(|inside| inside.nested.open(row))
            }
        }
    }

    /// Closes a row; what is open in it stays so for when it is opened again. `true` if it was open.
    pub fn close(&mut self, row: usize) -> bool {
        match self.locate(row) {
            RowLocation::Outer(own) => {
                let id = self.tree.id_at(own);
                let string =
                    self.embedded.iter_mut().find(|inside| Some(inside.row_id) == id && inside.is_open);
                match string {
                    Some(string) => {
                        string.is_open = false;
                        true
                    }
                    None => self.tree.close(own),
                }
            }
            RowLocation::Embedded { string, row } => {
                self.embedded.get_mut(string).is_some_and(|inside| inside.nested.close(row))
            }
        }
    }

    /// Opens the string in this row of the tree's own, if it holds JSON.
    fn open_string(&mut self, own: usize) -> Option<&mut Self> {
        let id = self.tree.id_at(own)?;
        if let Some(string) = self.embedded.iter().position(|inside| inside.row_id == id) {
            let inside = self.embedded.get_mut(string)?;
            inside.is_open = true;
            return Some(&mut inside.nested);
        }
        let value = self.tree.value(own).filter(|value| value.kind() == Kind::String)?;
        let text = value.as_str()?;
        let grove = Self::new(Raw::owned(embedded_json(&text)?.as_bytes().to_vec()));
        if self.embedded.len() >= MAX_EMBEDDED {
            self.embedded.remove(0);
        }
        self.embedded.push(EmbeddedTree { row_id: id, is_open: true, nested: grove });
        self.embedded.last_mut().map(|inside| &mut inside.nested)
    }

    /// Opens everything but strings up to this depth and closes what is deeper.
    pub fn open_to_depth(&mut self, depth: usize, rows: usize) {
        self.tree.open_to_depth(depth, rows);
        for inside in &mut self.embedded {
            inside.is_open = false;
        }
    }

    /// Closes everything but the value itself.
    pub fn close_all(&mut self) {
        self.tree.close_all();
        for inside in &mut self.embedded {
            inside.is_open = false;
        }
    }

    /// Walks about `budget` bytes of what is open; `true` when all of it is walked to its end.
    pub fn index_step(&mut self, budget: usize) -> bool {
        let mut done = self.tree.index_step(budget);
        for inside in self.embedded.iter_mut().filter(|inside| inside.is_open) {
            done &= inside.nested.index_step(budget);
        }
        done
    }

    /// The row at the end of a way; opens what it leads through.
    pub fn reveal(&mut self, steps: &[PathStep]) -> Option<usize> {
        let at = steps.iter().position(|step| *step == PathStep::Embedded);
        let (own, rest) = match at.and_then(|at| steps.split_at_checked(at)) {
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

    /// The row whose name or value holds the byte at this offset of the outermost tree; opens what it lies in, strings
    /// that hold JSON included.
    pub fn reveal_offset(&mut self, offset: usize) -> Option<RowOffset> {
        let own = self.tree.reveal_offset(offset)?;
        let found = self.tree.rows(own..own + 1).pop()?;
        let inner = offset.checked_sub(found.start + 1).filter(|_| found.kind == Kind::String);
        let inner = inner.filter(|_| self.looks_like_json(&found)).and_then(|length| {
            let before = self.bytes().get(found.start..=found.start + length)?;
            let before = json::decode_prefix(before, usize::MAX).len();
            let blank = found.preview.len() - found.preview.trim_start().len();
            self.open_string(own)?.reveal_offset(before.checked_sub(blank)?)
        });
        let row = self.to_outer_row(own);
        Some(inner.map_or(RowOffset { row, offset }, |inner| RowOffset { row: row + inner.row, ..inner }))
    }

    /// What stands around a byte of a row; the offset is as [`reveal_offset`](Self::reveal_offset) gave it.
    pub fn excerpt(&self, place: RowOffset, reach: usize) -> Option<Excerpt> {
        match self.locate(place.row) {
            RowLocation::Outer(own) => self.tree.excerpt(own, place.offset, reach),
            RowLocation::Embedded { string, row } => {
                self.embedded.get(string)?.nested.excerpt(RowOffset { row, ..place }, reach)
            }
        }
    }
}

/// The JSON that a text holds: an object or an array, and nothing beside it.
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
