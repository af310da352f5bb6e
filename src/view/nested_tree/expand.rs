//! Opening everything, strings that hold JSON included, as far as there is room for it: a body may hold strings in
//! strings as long as it likes.

use super::{MAX_EMBEDDED, NestedTree};
use crate::json;

/// Bytes that are walked to find the children of what is open, in one round.
const WALK_BYTES: usize = 32 << 20;

/// Rounds of walking and opening: each comes at least one level deeper.
const MAX_ROUNDS: usize = 12;

/// How a string begins is told by so many bytes of its text.
const PREFIX_BYTES: usize = 256;

/// Strings of one tree that are looked at whether they hold JSON.
const MAX_CHECKED_STRINGS: usize = 10_000;

/// What opening everything may come to in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpandBudget {
    /// Rows, about.
    pub rows: usize,
    /// Strings that are opened.
    pub strings: usize,
    /// Bytes of JSON of these strings.
    pub bytes: usize,
    /// How deep strings may lie in strings.
    pub depth: usize,
}

impl NestedTree {
    /// Opens everything as far as there is room; returns whether that was all. What it took is taken off the room.
    pub fn open_all(&mut self, room: &mut ExpandBudget) -> bool {
        let mut all = self.open_containers(room.rows);
        room.rows = room.rows.saturating_sub(self.tree.len());
        let seems_json = |raw: &[u8]| {
            raw.starts_with(b"\"")
                && json::decode_prefix(raw, PREFIX_BYTES).trim_start().starts_with(['{', '['])
        };
        let strings = self.tree.rows_where(seems_json, MAX_CHECKED_STRINGS);
        all &= strings.len() < MAX_CHECKED_STRINGS;
        for own in strings {
            all &= self.open_string_within(own, room);
        }
        all
    }

    /// Opens containers until about so many rows are visible; returns whether these are all.
    fn open_containers(&mut self, rows: usize) -> bool {
        for _ in 0..MAX_ROUNDS {
            if self.tree.open_all(rows) {
                return true;
            }
            if self.tree.len() >= rows {
                return false;
            }
            self.tree.index_step(WALK_BYTES);
        }
        false
    }

    /// Opens the string in this row and all that it holds; returns whether there was room for it.
    fn open_string_within(&mut self, own: usize, room: &mut ExpandBudget) -> bool {
        let bytes = self.tree.value(own).map_or(0, |value| value.raw().len());
        let id = self.tree.id_at(own);
        let is_known = self.embedded.iter().any(|inside| Some(inside.row_id) == id);
        let has_place = is_known || self.embedded.len() < MAX_EMBEDDED;
        if !has_place || room.strings == 0 || room.depth == 0 || room.rows == 0 || bytes > room.bytes {
            // What only looks like JSON is not missed, where that is cheap to tell.
            return !self.tree.rows(own..own + 1).iter().any(|row| self.looks_like_json(row));
        }
        room.bytes -= bytes;
        let Some(inner) = self.open_string(own) else { return true };
        room.strings -= 1;
        room.depth -= 1;
        let all = inner.open_all(room);
        room.depth += 1;
        all
    }
}
