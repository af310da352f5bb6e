//! Paths from the root to a row: their text forms, and their rows.

use super::fold::MAX_OPEN_DEPTH;
use super::{RowId, Tree};
use crate::json::{Key, write_string};

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathStep {
    /// The member with this key.
    Key(String),
    /// The element at this index, from 0.
    Index(usize),
    /// The JSON inside a string.
    Embedded,
}

/// Formats a path as JSONPath: `$.chunks[2].text`, with keys in brackets and quotes where necessary. An arrow leads into
/// JSON inside a string: `$.arguments ⟶ $.city`.
pub fn json_path(steps: &[PathStep]) -> String {
    let mut out = String::from("$");
    for step in steps {
        match step {
            PathStep::Index(index) => out.push_str(&format!("[{index}]")),
            PathStep::Embedded => out.push_str(" ⟶ $"),
            PathStep::Key(key) if is_identifier(key) => {
                out.push('.');
                out.push_str(key);
            }
            PathStep::Key(key) => {
                out.push('[');
                write_string(&mut out, key);
                out.push(']');
            }
        }
    }
    out
}

/// Formats a path as a `jq` filter: `.chunks[2].text`, with keys quoted where necessary; `fromjson` parses JSON inside a
/// string.
pub fn jq_filter(steps: &[PathStep]) -> String {
    let parts: Vec<String> = steps.split(|step| *step == PathStep::Embedded).map(jq_part).collect();
    parts.join(" | fromjson | ")
}

fn jq_part(steps: &[PathStep]) -> String {
    let mut out = String::new();
    for step in steps {
        match step {
            PathStep::Embedded => {}
            PathStep::Index(index) if out.is_empty() => out.push_str(&format!(".[{index}]")),
            PathStep::Index(index) => out.push_str(&format!("[{index}]")),
            PathStep::Key(key) => {
                out.push('.');
                if is_identifier(key) {
                    out.push_str(key);
                } else {
                    write_string(&mut out, key);
                }
            }
        }
    }
    if out.is_empty() { ".".to_owned() } else { out }
}

/// Returns whether a key needs no quotes.
fn is_identifier(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && key.chars().all(|other| other.is_ascii_alphanumeric() || other == '_')
}

impl Tree {
    /// Returns the path to a row; empty for the first.
    pub fn path(&self, row: usize) -> Vec<PathStep> {
        let mut steps = Vec::new();
        let mut next = self.id_at(row);
        while let Some(id) = next
            && let Some(node) = id.parent.and_then(|parent| self.nodes.get(parent))
        {
            steps.push(match node.index.find_child(self.bytes(), id.child) {
                Some(child) if node.index.is_object() => PathStep::Key(
                    Key::of(self.bytes().get(child.key).unwrap_or_default()).text().into_owned(),
                ),
                _ => PathStep::Index(id.child),
            });
            next = Some(node.id);
        }
        steps.reverse();
        steps
    }

    /// Opens the containers along a path and returns its row. Of members with the same key, the last one is used.
    pub fn reveal(&mut self, steps: &[PathStep]) -> Option<usize> {
        let mut id = RowId::ROOT;
        let mut last = 0;
        for step in steps.iter().take(MAX_OPEN_DEPTH) {
            let Some(number) = self.open_without_recount(id) else { break };
            last = number;
            self.index_while(number, |_| true);
            let Some(child) = self.find_child(number, step) else { break };
            id = RowId { parent: Some(number), child };
        }
        self.recount_upward(last);
        (self.path_len(id) == steps.len()).then(|| self.row_of(id)).flatten()
    }

    /// Opens the containers around the byte at this offset, such as a search hit, and returns the row whose key or value
    /// contains it.
    pub fn reveal_offset(&mut self, offset: usize) -> Option<usize> {
        if offset < self.start || offset >= self.bytes().len() {
            return None;
        }
        let mut id = RowId::ROOT;
        let mut last = 0;
        while self.path_len(id) <= MAX_OPEN_DEPTH
            && let Some(number) = self.open_without_recount(id)
        {
            last = number;
            self.index_while(number, |indexed| indexed <= offset);
            let Some(node) = self.nodes.get(number) else { break };
            let Some((child, found)) = node.index.child_at(self.bytes(), offset) else { break };
            id = RowId { parent: Some(number), child };
            if offset <= found.value_start {
                break;
            }
        }
        self.recount_upward(last);
        self.row_of(id)
    }

    /// Indexes an open container while `condition` holds for the offset reached.
    fn index_while(&mut self, number: usize, condition: impl Fn(usize) -> bool) {
        let Some(node) = self.nodes.get_mut(number) else { return };
        while !node.index.is_done() && condition(node.index.position()) {
            let mut budget = 1 << 20;
            node.index.step(self.raw.bytes(), &mut budget);
        }
    }

    fn find_child(&self, number: usize, step: &PathStep) -> Option<usize> {
        let index = &self.nodes.get(number)?.index;
        match step {
            PathStep::Index(child) => (!index.is_object() && *child < index.count()).then_some(*child),
            PathStep::Key(name) if index.is_object() => {
                let mut found = None;
                let mut at = None;
                for child in 0..index.count() {
                    let (candidate, end) = index.child(self.bytes(), child, at)?;
                    if Key::of(self.bytes().get(candidate.key).unwrap_or_default()).is(name) {
                        found = Some(child);
                    }
                    at = end;
                }
                found
            }
            PathStep::Key(_) | PathStep::Embedded => None,
        }
    }

    fn path_len(&self, id: RowId) -> usize {
        id.parent.and_then(|parent| self.nodes.get(parent)).map_or(0, |node| node.depth + 1)
    }
}
