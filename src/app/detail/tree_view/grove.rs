//! A JSON tree in which strings that hold JSON open where they stand, as trees of their own, as deep as that goes. Rows
//! count through all of them: below the row of an opened string come the rows of what it holds.

mod unfold;

pub use unfold::Room;

use std::ops::Range;

use crate::domain::Raw;
use crate::json::tree::{Around, RowId, Step, Tree, TreeRow};
use crate::json::{self, Kind, Value};

/// Strings up to this size, in bytes of JSON, are read to know whether they hold JSON; of larger ones both ends tell.
const READ: usize = 4 * 1024;

/// Strings that are kept opened in one tree.
const MOST: usize = 256;

/// A tree and the trees inside its strings.
#[derive(Debug)]
pub struct Grove {
    tree: Tree,
    inside: Vec<Inside>,
}

/// A string that is or was open.
#[derive(Debug)]
struct Inside {
    at: RowId,
    open: bool,
    grove: Grove,
}

/// A row with what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct GroveRow {
    /// The row; `open` tells of strings that hold JSON, too, and `depth` counts from the outermost tree.
    pub row: TreeRow,
    /// What an opened string holds.
    pub inside: Option<TreeRow>,
}

/// A byte of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub row: usize,
    /// In the bytes of the innermost tree that has the row.
    pub offset: usize,
}

/// A row, whatever is opened or closed around it: its place in the tree, and in those inside its strings.
pub type GroveId = Vec<RowId>;

/// Where a row is.
enum Spot {
    Own(usize),
    Inside { string: usize, row: usize },
}

impl Grove {
    /// The tree of a value, open as far as is useful at first sight.
    pub fn new(raw: Raw) -> Self {
        Self { tree: Tree::new(raw), inside: Vec::new() }
    }

    /// The bytes of the outermost tree.
    pub fn bytes(&self) -> &[u8] {
        self.tree.bytes()
    }

    /// The same tree over another copy of the same bytes.
    pub fn rebase(&mut self, raw: Raw) {
        self.tree.rebase(raw);
    }

    /// Rows as folded now.
    pub fn len(&self) -> usize {
        self.tree.len() + self.strings().iter().map(|(_, string)| self.extra(*string)).sum::<usize>()
    }

    /// Never: the value itself is a row.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Rows that an opened string adds: the outermost of its rows is that of the string.
    fn extra(&self, string: usize) -> usize {
        self.inside.get(string).map_or(0, |inside| inside.grove.len().saturating_sub(1))
    }

    /// The opened strings that can be seen, by their own rows, in order.
    fn strings(&self) -> Vec<(usize, usize)> {
        let open = self.inside.iter().enumerate().filter(|(_, inside)| inside.open);
        let mut strings: Vec<_> =
            open.filter_map(|(string, inside)| Some((self.tree.row_of(inside.at)?, string))).collect();
        strings.sort_unstable();
        strings
    }

    fn spot(&self, row: usize) -> Spot {
        let mut before = 0;
        for (own, string) in self.strings() {
            let at = own + before;
            let extra = self.extra(string);
            if row <= at {
                break;
            }
            if row <= at + extra {
                return Spot::Inside { string, row: row - at };
            }
            before += extra;
        }
        Spot::Own(row - before)
    }

    /// The row among all of one of the tree's own.
    fn outward(&self, own: usize) -> usize {
        let above = self.strings().into_iter().filter(|(row, _)| *row < own);
        own + above.map(|(_, string)| self.extra(string)).sum::<usize>()
    }

    fn outward_from(&self, string: usize, row: usize) -> Option<usize> {
        let own = self.tree.row_of(self.inside.get(string)?.at)?;
        Some(self.outward(own) + row)
    }

    /// The rows of a window.
    pub fn rows(&self, range: Range<usize>) -> Vec<GroveRow> {
        let strings = self.strings();
        let end = range.end.min(self.len());
        let mut rows = Vec::new();
        while range.start + rows.len() < end {
            let room = end - range.start - rows.len();
            let before = rows.len();
            match self.spot(range.start + rows.len()) {
                Spot::Own(own) => {
                    let next = strings.iter().find(|(row, _)| *row >= own).map(|(row, _)| row + 1);
                    let to = next.unwrap_or(usize::MAX).min(own + room);
                    rows.extend(self.tree.rows(own..to).into_iter().map(|row| self.own_row(row)));
                }
                Spot::Inside { string, row } => {
                    let Some(inside) = self.inside.get(string) else { break };
                    let base = self.depth_of(inside.at);
                    rows.extend(inside.grove.rows(row..row + room).into_iter().map(|mut one| {
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

    fn own_row(&self, mut row: TreeRow) -> GroveRow {
        if row.kind != Kind::String {
            return GroveRow { row, inside: None };
        }
        let open = self.inside.iter().find(|inside| inside.at == row.id && inside.open);
        if open.is_some() || self.seems_json(&row) {
            row.open = Some(open.is_some());
        }
        let inside = open.and_then(|open| open.grove.tree.rows(0..1).pop());
        GroveRow { row, inside }
    }

    /// Whether a string looks as if it held JSON.
    fn seems_json(&self, row: &TreeRow) -> bool {
        if !row.preview.trim_start().starts_with(['{', '[']) {
            return false;
        }
        let raw = row.bytes.and_then(|bytes| self.bytes().get(row.start..row.start + bytes));
        match raw {
            None => true,
            Some(raw) if raw.len() <= READ => json_in(&json::decode(raw)).is_some(),
            Some(raw) => {
                let end = raw.trim_ascii_end().strip_suffix(b"\"").unwrap_or_default();
                matches!(end.trim_ascii_end().last(), Some(b'}' | b']'))
            }
        }
    }

    /// What this row is, to find it again after opening and closing.
    pub fn id_at(&self, row: usize) -> Option<GroveId> {
        match self.spot(row) {
            Spot::Own(own) => self.tree.id_at(own).map(|id| vec![id]),
            Spot::Inside { string, row } => {
                let inside = self.inside.get(string)?;
                let mut id = vec![inside.at];
                id.extend(inside.grove.id_at(row)?);
                Some(id)
            }
        }
    }

    /// The row that this one is now; `None` if it cannot be seen.
    pub fn row_of(&self, id: &[RowId]) -> Option<usize> {
        let (first, rest) = id.split_first()?;
        let own = self.tree.row_of(*first)?;
        if rest.is_empty() {
            return Some(self.outward(own));
        }
        let inside = self.inside.iter().find(|inside| inside.at == *first && inside.open)?;
        Some(self.outward(own) + inside.grove.row_of(rest)?)
    }

    /// The row that a row stands below.
    pub fn parent(&self, row: usize) -> Option<usize> {
        match self.spot(row) {
            Spot::Own(own) => self.tree.parent(own).map(|own| self.outward(own)),
            Spot::Inside { string, row } => {
                let above = self.inside.get(string)?.grove.parent(row)?;
                self.outward_from(string, above)
            }
        }
    }

    /// The row of the next child of the same container.
    pub fn next_sibling(&self, row: usize) -> Option<usize> {
        self.beside(row, Tree::next_sibling, Self::next_sibling)
    }

    /// The row of the child before this one in the same container.
    pub fn previous_sibling(&self, row: usize) -> Option<usize> {
        self.beside(row, Tree::previous_sibling, Self::previous_sibling)
    }

    fn beside(
        &self,
        row: usize,
        own: impl Fn(&Tree, usize) -> Option<usize>,
        inside: impl Fn(&Self, usize) -> Option<usize>,
    ) -> Option<usize> {
        match self.spot(row) {
            Spot::Own(at) => own(&self.tree, at).map(|at| self.outward(at)),
            Spot::Inside { string, row } => {
                self.outward_from(string, inside(&self.inside.get(string)?.grove, row)?)
            }
        }
    }

    /// The JSON of a row's value as it came, or as the string that it is in holds it.
    pub fn value(&self, row: usize) -> Option<Value<'_>> {
        match self.spot(row) {
            Spot::Own(own) => self.tree.value(own),
            Spot::Inside { string, row } => self.inside.get(string)?.grove.value(row),
        }
    }

    /// The way to a row, through strings where it leads through them.
    pub fn path(&self, row: usize) -> Vec<Step> {
        match self.spot(row) {
            Spot::Own(own) => self.tree.path(own),
            Spot::Inside { string, row } => {
                let Some(inside) = self.inside.get(string) else { return Vec::new() };
                let own = self.tree.row_of(inside.at);
                let mut steps = own.map(|own| self.tree.path(own)).unwrap_or_default();
                steps.push(Step::Inside);
                steps.extend(inside.grove.path(row));
                steps
            }
        }
    }

    /// Whether a row is open; `None` for what does not open.
    pub fn is_open(&self, row: usize) -> Option<bool> {
        self.rows(row..row + 1).first().and_then(|found| found.row.open)
    }

    /// Opens a row that is closed, closes one that is open. `true` if the row is one that opens.
    pub fn toggle(&mut self, row: usize) -> bool {
        if self.is_open(row) == Some(true) { self.close(row) } else { self.open(row) }
    }

    /// Opens a container, or a string that holds JSON. `true` if the row is one.
    pub fn open(&mut self, row: usize) -> bool {
        match self.spot(row) {
            Spot::Own(own) => self.tree.open(own) || self.open_string(own).is_some(),
            Spot::Inside { string, row } => {
                self.inside.get_mut(string).is_some_and(|inside| inside.grove.open(row))
            }
        }
    }

    /// Closes a row; what is open in it stays so for when it is opened again. `true` if it was open.
    pub fn close(&mut self, row: usize) -> bool {
        match self.spot(row) {
            Spot::Own(own) => {
                let id = self.tree.id_at(own);
                let string = self.inside.iter_mut().find(|inside| Some(inside.at) == id && inside.open);
                match string {
                    Some(string) => {
                        string.open = false;
                        true
                    }
                    None => self.tree.close(own),
                }
            }
            Spot::Inside { string, row } => {
                self.inside.get_mut(string).is_some_and(|inside| inside.grove.close(row))
            }
        }
    }

    /// Opens the string in this row of the tree's own, if it holds JSON.
    fn open_string(&mut self, own: usize) -> Option<&mut Self> {
        let id = self.tree.id_at(own)?;
        if let Some(string) = self.inside.iter().position(|inside| inside.at == id) {
            let inside = self.inside.get_mut(string)?;
            inside.open = true;
            return Some(&mut inside.grove);
        }
        let value = self.tree.value(own).filter(|value| value.kind() == Kind::String)?;
        let text = value.as_str()?;
        let grove = Self::new(Raw::owned(json_in(&text)?.as_bytes().to_vec()));
        if self.inside.len() >= MOST {
            self.inside.remove(0);
        }
        self.inside.push(Inside { at: id, open: true, grove });
        self.inside.last_mut().map(|inside| &mut inside.grove)
    }

    /// Opens everything but strings up to this depth and closes what is deeper.
    pub fn open_to_depth(&mut self, depth: usize, rows: usize) {
        self.tree.open_to_depth(depth, rows);
        for inside in &mut self.inside {
            inside.open = false;
        }
    }

    /// Closes everything but the value itself.
    pub fn close_all(&mut self) {
        self.tree.close_all();
        for inside in &mut self.inside {
            inside.open = false;
        }
    }

    /// Walks about `budget` bytes of what is open; `true` when all of it is walked to its end.
    pub fn index_step(&mut self, budget: usize) -> bool {
        let mut done = self.tree.index_step(budget);
        for inside in self.inside.iter_mut().filter(|inside| inside.open) {
            done &= inside.grove.index_step(budget);
        }
        done
    }

    /// The row at the end of a way; opens what it leads through.
    pub fn reveal(&mut self, steps: &[Step]) -> Option<usize> {
        let at = steps.iter().position(|step| *step == Step::Inside);
        let (own, rest) = match at.and_then(|at| steps.split_at_checked(at)) {
            Some((own, rest)) => (own, rest.get(1..)),
            None => (steps, None),
        };
        let own = self.tree.reveal(own)?;
        let inner = match rest {
            Some(rest) => self.open_string(own)?.reveal(rest)?,
            None => 0,
        };
        Some(self.outward(own) + inner)
    }

    /// The row whose name or value holds the byte at this offset of the outermost tree; opens what it lies in, strings
    /// that hold JSON included.
    pub fn reveal_offset(&mut self, offset: usize) -> Option<Place> {
        let own = self.tree.reveal_offset(offset)?;
        let found = self.tree.rows(own..own + 1).pop()?;
        let inner = offset.checked_sub(found.start + 1).filter(|_| found.kind == Kind::String);
        let inner = inner.filter(|_| self.seems_json(&found)).and_then(|length| {
            let before = self.bytes().get(found.start..=found.start + length)?;
            let before = json::decode_prefix(before, usize::MAX).len();
            let blank = found.preview.len() - found.preview.trim_start().len();
            self.open_string(own)?.reveal_offset(before.checked_sub(blank)?)
        });
        let row = self.outward(own);
        Some(inner.map_or(Place { row, offset }, |inner| Place { row: row + inner.row, ..inner }))
    }

    /// What stands around a byte of a row; the offset is as [`reveal_offset`](Self::reveal_offset) gave it.
    pub fn around(&self, place: Place, reach: usize) -> Option<Around> {
        match self.spot(place.row) {
            Spot::Own(own) => self.tree.around(own, place.offset, reach),
            Spot::Inside { string, row } => {
                self.inside.get(string)?.grove.around(Place { row, ..place }, reach)
            }
        }
    }
}

/// The JSON that a text holds: an object or an array, and nothing beside it.
fn json_in(text: &str) -> Option<&str> {
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
