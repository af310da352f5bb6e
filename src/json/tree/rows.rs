//! The visible rows: their positions and content.

use std::ops::Range;

use super::excerpt::is_partial_prefix;
use super::index::{Child, value_end};
use super::{Node, RowId, Tree};
use crate::json::scan::skip_whitespace;
use crate::json::{Kind, Value, decode_prefix};

/// The longest preview of a value.
const MAX_PREVIEW_BYTES: usize = 256;
/// The largest closed container whose children are counted for its row.
const MAX_COUNTED_BYTES: usize = 4 * 1024;

/// The label before a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Label {
    /// No label, for the root value.
    Root,
    /// A member's key, decoded; truncated if it is very long.
    Key(String),
    /// The index in an array, from 0.
    Index(usize),
}

/// A row of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeRow {
    pub id: RowId,
    /// The depth; 0 for the root value.
    pub depth: usize,
    pub label: Label,
    pub kind: Kind,
    /// The start of a string's text, or of the JSON of anything else; unsanitized, at most a few hundred bytes.
    pub preview: String,
    /// Whether the preview is incomplete.
    pub is_truncated: bool,
    /// The offset of the value in the tree's bytes.
    pub start: usize,
    /// Length of the value's JSON in bytes; `None` until it is fully indexed.
    pub byte_len: Option<usize>,
    /// Whether a container is open; `None` for other values.
    pub is_open: Option<bool>,
    /// Number of children of a container; `None` if not counted yet, and for other values.
    pub child_count: Option<usize>,
}

impl Tree {
    /// Returns the existing rows of a window. The cost depends on the window, not on the tree.
    pub fn rows(&self, range: Range<usize>) -> Vec<TreeRow> {
        let mut rows = Vec::with_capacity(range.len().min(1024));
        let mut next = self.id_at(range.start).map(|id| (id, None));
        while let Some((id, at)) = next
            && rows.len() < range.len()
        {
            let Some((child, end)) = self.locate_row(id, at) else { break };
            rows.push(self.row(id, &child, end));
            next = self.next_row(id, end);
        }
        rows
    }

    /// Returns the first `limit` rows whose JSON, which may be followed by other bytes, satisfies a predicate.
    pub fn rows_where(&self, predicate: impl Fn(&[u8]) -> bool, limit: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut next = Some((RowId::ROOT, None));
        for row in 0.. {
            let Some((id, at)) = next.filter(|_| found.len() < limit) else { break };
            let Some((child, end)) = self.locate_row(id, at) else { break };
            if predicate(self.bytes().get(child.value_start..).unwrap_or_default()) {
                found.push(row);
            }
            next = self.next_row(id, end);
        }
        found
    }

    /// Returns the row after a row, and the end of the value before it.
    fn next_row(&self, id: RowId, end: Option<usize>) -> Option<(RowId, Option<usize>)> {
        let number = self.open_node_of(id);
        match number.and_then(|number| self.nodes.get(number)) {
            Some(node) if node.index.count() > 0 => Some((RowId { parent: number, child: 0 }, None)),
            _ => self.next_after_subtree(id, end),
        }
    }

    /// Returns the current position of a row; `None` if it is not visible.
    pub fn row_of(&self, id: RowId) -> Option<usize> {
        let mut row = 0;
        let mut id = id;
        while let Some(parent) = id.parent {
            let node = self.nodes.get(parent).filter(|node| node.is_open && id.child < node.index.count())?;
            row += 1 + node.rows_before(id.child);
            id = node.id;
        }
        Some(row)
    }

    /// Returns the stable id of a row.
    pub fn id_at(&self, row: usize) -> Option<RowId> {
        let Some(mut below) = row.checked_sub(1) else { return Some(RowId::ROOT) };
        if row >= self.len() {
            return None;
        }
        let mut number = 0;
        loop {
            let node = self.nodes.get(number)?;
            let after =
                node.opened_children.partition_point(|opened| opened.child + opened.rows_before < below);
            let Some(last) = after.checked_sub(1).and_then(|last| node.opened_children.get(last)) else {
                return Some(RowId { parent: Some(number), child: below });
            };
            let inside =
                self.nodes.get(last.node).filter(|child| child.is_open).map_or(0, |child| child.visible_rows);
            let first = last.child + last.rows_before + 1;
            if below < first + inside {
                below -= first;
                number = last.node;
            } else {
                let child = below - last.rows_before - inside;
                return Some(RowId { parent: Some(number), child });
            }
        }
    }

    /// Returns the row of the container around a row.
    pub fn parent(&self, row: usize) -> Option<usize> {
        let parent = self.id_at(row)?.parent?;
        self.row_of(self.nodes.get(parent)?.id)
    }

    /// Returns the row of the next child of the same container.
    pub fn next_sibling(&self, row: usize) -> Option<usize> {
        let id = self.id_at(row)?;
        id.parent?;
        self.row_of(RowId { child: id.child + 1, ..id })
    }

    /// Returns the row of the previous child of the same container.
    pub fn previous_sibling(&self, row: usize) -> Option<usize> {
        let id = self.id_at(row)?;
        id.parent?;
        self.row_of(RowId { child: id.child.checked_sub(1)?, ..id })
    }

    /// Returns the verbatim JSON of a row's value, in full.
    pub fn value(&self, row: usize) -> Option<Value<'_>> {
        let (child, end) = self.locate_row(self.id_at(row)?, None)?;
        let end = end.unwrap_or_else(|| value_end(self.bytes(), child.value_start));
        Some(Value::of(self.bytes().get(child.value_start..end)?))
    }

    /// Returns the position of a row, and the end of its value if known.
    pub(super) fn locate_row(&self, id: RowId, at: Option<usize>) -> Option<(Child, Option<usize>)> {
        if let Some(parent) = id.parent {
            return self.nodes.get(parent)?.index.child(self.bytes(), id.child, at);
        }
        let child = Child { start: self.start, key: self.start..self.start, value_start: self.start };
        let end = match self.nodes.first() {
            Some(root) => root.index.container_end(self.bytes()),
            None => self.end,
        };
        Some((child, end))
    }

    /// Returns the row after a row without visible children, and the end of the value before it.
    fn next_after_subtree(&self, id: RowId, end: Option<usize>) -> Option<(RowId, Option<usize>)> {
        let (mut id, mut end) = (id, end);
        loop {
            let number = id.parent?;
            let node = self.nodes.get(number)?;
            if id.child + 1 < node.index.count() {
                return Some((RowId { child: id.child + 1, ..id }, end));
            }
            id = node.id;
            end = None;
        }
    }

    fn row(&self, id: RowId, child: &Child, end: Option<usize>) -> TreeRow {
        let rest = self.bytes().get(child.value_start..).unwrap_or_default();
        let byte_len = end.map(|end| end - child.value_start);
        let raw = byte_len.and_then(|len| rest.get(..len)).unwrap_or(rest);
        let kind = Value::from_trimmed(raw).kind();
        let parent = id.parent.and_then(|parent| self.nodes.get(parent));
        let is_container = matches!(kind, Kind::Array | Kind::Object);
        let node = self.node_of(id).filter(|_| is_container).and_then(|number| self.nodes.get(number));
        let quotes = if kind == Kind::String { 2 } else { 0 };
        let preview =
            if kind == Kind::String { decode_prefix(raw, MAX_PREVIEW_BYTES) } else { text_prefix(raw) };
        TreeRow {
            id,
            depth: parent.map_or(0, |node| node.depth + 1),
            label: self.label(id, parent, child),
            kind,
            is_truncated: is_partial_prefix(&preview, MAX_PREVIEW_BYTES, raw.len().saturating_sub(quotes)),
            preview,
            start: child.value_start,
            byte_len,
            is_open: is_container.then(|| node.is_some_and(|node| node.is_open)),
            child_count: is_container.then(|| count_children(node, raw)).flatten(),
        }
    }

    fn label(&self, id: RowId, parent: Option<&Node>, child: &Child) -> Label {
        match parent {
            None => Label::Root,
            Some(node) if node.index.is_object() => {
                let key = self.bytes().get(child.key.clone()).unwrap_or_default();
                Label::Key(match key.first() {
                    Some(b'"') => decode_prefix(key, MAX_PREVIEW_BYTES),
                    _ => text_prefix(key),
                })
            }
            Some(_) => Label::Index(id.child),
        }
    }
}

fn count_children(node: Option<&Node>, raw: &[u8]) -> Option<usize> {
    match node {
        Some(node) => node.index.is_done().then(|| node.index.count()),
        None if raw.len() > MAX_COUNTED_BYTES => None,
        None => {
            let mut index = super::Index::new(raw, skip_whitespace(raw, 0));
            let mut budget = usize::MAX;
            index.step(raw, &mut budget);
            Some(index.count())
        }
    }
}

/// Returns the first bytes as text, ending at a character boundary.
fn text_prefix(raw: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(raw.get(..MAX_PREVIEW_BYTES + 4).unwrap_or(raw)).into_owned();
    text.truncate(text.floor_char_boundary(MAX_PREVIEW_BYTES));
    text
}
