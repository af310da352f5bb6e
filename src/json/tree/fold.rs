//! Opening and closing: one row, a level, everything within a budget.

use std::collections::VecDeque;

use super::index::Child;
use super::{OpenedChild, RowId, Tree};

/// What is open at first sight: containers up to this depth …
const INITIAL_DEPTH: usize = 3;
/// … of at most this many bytes …
const INITIAL_BYTES: usize = 4 * 1024;
/// … until there are this many rows.
const INITIAL_ROWS: usize = 60;

/// How far to open.
struct OpenLimits {
    depth: usize,
    bytes: usize,
    rows: usize,
}

impl Tree {
    /// Opens a container that is closed, closes one that is open. `true` if the row is a container.
    pub fn toggle(&mut self, row: usize) -> bool {
        let Some(id) = self.id_at(row) else { return false };
        match self.open_node_of(id) {
            Some(_) => self.close(row),
            None => self.open(row),
        }
    }

    /// Opens a container. `true` if the row is one.
    pub fn open(&mut self, row: usize) -> bool {
        self.id_at(row).and_then(|id| self.open_id(id)).is_some()
    }

    /// Closes a container; what is open in it stays so for when it is opened again. `true` if the row was an open one.
    pub fn close(&mut self, row: usize) -> bool {
        let Some(number) = self.id_at(row).and_then(|id| self.open_node_of(id)) else { return false };
        if let Some(node) = self.nodes.get_mut(number) {
            node.is_open = false;
        }
        self.recount_ancestors(number);
        true
    }

    /// Opens everything up to this depth and closes what is deeper; 0 leaves only the value itself. Stops when about
    /// `rows` rows are visible; `false` if that was too early, or if something is not walked to its end yet.
    pub fn open_to_depth(&mut self, depth: usize, rows: usize) -> bool {
        for node in &mut self.nodes {
            node.is_open = node.depth < depth;
        }
        self.recount_all();
        self.open_within_limits(OpenLimits { depth, bytes: usize::MAX, rows })
    }

    /// Opens everything until about `rows` rows are visible; `false` if that was too early, or if something is not
    /// walked to its end yet, so that more can be opened after [`index_step`](Self::index_step).
    pub fn open_all(&mut self, rows: usize) -> bool {
        self.open_within_limits(OpenLimits { depth: usize::MAX, bytes: usize::MAX, rows })
    }

    /// Closes everything but the value itself.
    pub fn close_all(&mut self) {
        for node in &mut self.nodes {
            node.is_open = node.id == RowId::ROOT;
        }
        self.recount_all();
    }

    pub(super) fn open_initial(&mut self) {
        self.open_within_limits(OpenLimits {
            depth: INITIAL_DEPTH,
            bytes: INITIAL_BYTES,
            rows: INITIAL_ROWS,
        });
    }

    /// Breadth first, so that what is near the top is open before what is deep.
    fn open_within_limits(&mut self, extent: OpenLimits) -> bool {
        let mut rows = self.len();
        let mut all = true;
        let mut queue: VecDeque<usize> = VecDeque::new();
        if extent.depth > 0 {
            queue.extend(self.open_id(RowId::ROOT));
        }
        while let Some(number) = queue.pop_front() {
            let Some(node) = self.nodes.get(number) else { continue };
            all &= node.index.is_done();
            let Some(depth) = Some(node.depth + 1).filter(|&depth| depth < extent.depth) else { continue };
            let mut at = None;
            for child in 0..node.index.count() {
                let Some(node) = self.nodes.get(number) else { break };
                let Some((item, end)) = node.index.child(self.raw.bytes(), child, at) else { break };
                at = end;
                let id = RowId { parent: Some(number), child };
                let length = end.map_or(usize::MAX, |end| end - item.value_start);
                if !self.is_container(&item) || length > extent.bytes {
                    continue;
                }
                let existing = self.open_node_of(id);
                if existing.is_none() && rows >= extent.rows {
                    self.recount_all();
                    return false;
                }
                let Some(opened) = existing.or_else(|| self.reopen(id, depth, item.value_start)) else {
                    continue;
                };
                if existing.is_none() {
                    rows += self.nodes.get(opened).map_or(0, |node| node.index.count());
                }
                queue.push_back(opened);
            }
        }
        self.recount_all();
        all
    }

    fn is_container(&self, item: &Child) -> bool {
        matches!(self.bytes().get(item.value_start), Some(b'{' | b'['))
    }

    /// Opens the container of this row and returns it; counts what lies above it again.
    pub(super) fn open_id(&mut self, id: RowId) -> Option<usize> {
        let number = self.open_without_recount(id)?;
        self.recount_upward(number);
        Some(number)
    }

    /// Opens the container of this row and returns it; leaves the counting to the caller.
    pub(super) fn open_without_recount(&mut self, id: RowId) -> Option<usize> {
        let (depth, value) = match id.parent {
            None => (0, self.start),
            Some(parent) => {
                let parent = self.nodes.get(parent)?;
                (parent.depth + 1, parent.index.find_child(self.raw.bytes(), id.child)?.value_start)
            }
        };
        self.reopen(id, depth, value)
    }

    /// Opens the container of this row again, or for the first time; leaves the counting to the caller.
    fn reopen(&mut self, id: RowId, depth: usize, value: usize) -> Option<usize> {
        if let Some(number) = self.node_of(id) {
            self.nodes.get_mut(number)?.is_open = true;
            return Some(number);
        }
        let number = self.add_node(id, depth, value)?;
        let opened = &mut self.nodes.get_mut(id.parent?)?.opened_children;
        let at = opened.partition_point(|opened| opened.child < id.child);
        opened.insert(at, OpenedChild { child: id.child, node: number, rows_before: 0 });
        Some(number)
    }

    fn recount_ancestors(&mut self, number: usize) {
        if let Some(parent) = self.nodes.get(number).and_then(|node| node.id.parent) {
            self.recount_upward(parent);
        }
    }

    fn recount_all(&mut self) {
        for number in (0..self.nodes.len()).rev() {
            self.recount(number);
        }
    }
}
