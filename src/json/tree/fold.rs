//! Opens and closes containers: one row, a level, or everything within limits.

use std::collections::VecDeque;

use super::index::Child;
use super::{OpenedChild, RowId, Tree};
use crate::domain::steps::count_steps;

/// Initially open: containers up to this depth …
const INITIAL_DEPTH: usize = 3;
/// … of at most this many bytes …
const INITIAL_BYTES: usize = 4 * 1024;
/// … until there are this many rows.
const INITIAL_ROWS: usize = 60;

/// The deepest level that opening everything or revealing a place opens. Deeper rows can still be opened one by one. Each
/// level scans its own bytes, so without a limit a body of only brackets would take quadratic time.
pub(super) const MAX_OPEN_DEPTH: usize = 200;
/// The maximum number of bytes that opening everything scans, in a tree and in the trees inside its strings.
pub const MAX_SCANNED_BYTES: usize = 16 << 20;

/// Limits on opening containers.
struct OpenLimits {
    depth: usize,
    bytes: usize,
    rows: usize,
}

impl Tree {
    /// Opens a container. Returns whether the row is one.
    pub fn open(&mut self, row: usize) -> bool {
        self.id_at(row).and_then(|id| self.open_id(id)).is_some()
    }

    /// Closes a container and remembers which containers in it are open. Returns whether the row was an open one.
    pub fn close(&mut self, row: usize) -> bool {
        let Some(number) = self.id_at(row).and_then(|id| self.open_node_of(id)) else { return false };
        if let Some(node) = self.nodes.get_mut(number) {
            node.is_open = false;
        }
        self.recount_ancestors(number);
        true
    }

    /// Opens all containers above this depth and closes the others; 0 leaves only the first row. Stops at about `rows`
    /// visible rows. Returns `false` if it stopped early or a container is not fully indexed.
    pub fn open_to_depth(&mut self, depth: usize, rows: usize) -> bool {
        for node in &mut self.nodes {
            node.is_open = node.depth < depth;
        }
        self.recount_all();
        let limits = OpenLimits { depth: depth.min(MAX_OPEN_DEPTH), bytes: usize::MAX, rows };
        self.open_within_limits(limits, &mut { MAX_SCANNED_BYTES })
    }

    /// Opens all containers until about `rows` rows are visible or `scannable` bytes are scanned, which it reduces. Returns
    /// `false` if it stopped early or a container is not fully indexed; call it again after
    /// [`index_step`](Self::index_step).
    pub fn open_all(&mut self, rows: usize, scannable: &mut usize) -> bool {
        self.open_within_limits(OpenLimits { depth: MAX_OPEN_DEPTH, bytes: usize::MAX, rows }, scannable)
    }

    /// Closes all containers but the root.
    pub fn close_all(&mut self) {
        for node in &mut self.nodes {
            node.is_open = node.id == RowId::ROOT;
        }
        self.recount_all();
    }

    pub(super) fn open_initial(&mut self) {
        let limits = OpenLimits { depth: INITIAL_DEPTH, bytes: INITIAL_BYTES, rows: INITIAL_ROWS };
        self.open_within_limits(limits, &mut { MAX_SCANNED_BYTES });
    }

    /// Opens containers breadth first, so that shallow ones open before deep ones.
    fn open_within_limits(&mut self, limits: OpenLimits, scannable: &mut usize) -> bool {
        let mut rows = self.len();
        let mut is_complete = true;
        let mut queue: VecDeque<usize> = VecDeque::new();
        if limits.depth > 0 {
            queue.extend(self.open_id(RowId::ROOT));
        }
        while let Some(number) = queue.pop_front() {
            let Some(node) = self.nodes.get(number) else { continue };
            is_complete &= node.index.is_done();
            let Some(depth) = Some(node.depth + 1).filter(|&depth| depth < limits.depth) else {
                is_complete &= limits.depth < MAX_OPEN_DEPTH || node.index.count() == 0;
                continue;
            };
            let mut at = None;
            for child in 0..node.index.count() {
                let Some(node) = self.nodes.get(number) else { break };
                let Some((found, end)) = node.index.child(self.raw.bytes(), child, at) else { break };
                at = end;
                // A child's end is found by scanning it; its container is scanned in steps of limited size.
                let child_len =
                    end.map_or(super::INITIAL_INDEX_BUDGET, |end| end.saturating_sub(found.start));
                *scannable = scannable.saturating_sub(child_len.min(super::INITIAL_INDEX_BUDGET) + 1);
                count_steps(1);
                let id = RowId { parent: Some(number), child };
                let length = end.map_or(usize::MAX, |end| end - found.value_start);
                if !self.is_container(&found) || length > limits.bytes {
                    continue;
                }
                let existing = self.open_node_of(id);
                if existing.is_none() && (rows >= limits.rows || *scannable == 0) {
                    self.recount_all();
                    return false;
                }
                let Some(opened) = existing.or_else(|| self.reopen(id, depth, found.value_start)) else {
                    continue;
                };
                if existing.is_none() {
                    rows += self.nodes.get(opened).map_or(0, |node| node.index.count());
                }
                queue.push_back(opened);
            }
        }
        self.recount_all();
        is_complete
    }

    fn is_container(&self, found: &Child) -> bool {
        matches!(self.bytes().get(found.value_start), Some(b'{' | b'['))
    }

    /// Opens the container of a row, recounts its ancestors, and returns its node.
    pub(super) fn open_id(&mut self, id: RowId) -> Option<usize> {
        let number = self.open_without_recount(id)?;
        self.recount_upward(number);
        Some(number)
    }

    /// Opens the container of a row and returns its node; the caller recounts.
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

    /// Opens the container of a row again, or for the first time; the caller recounts.
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
