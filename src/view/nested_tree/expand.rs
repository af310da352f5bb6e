//! Opens everything, including strings that contain JSON, within a budget: a body may nest strings in strings without
//! limit.

use super::{MAX_EMBEDDED, NestedTree};
use crate::json;

/// Bytes that one round scans for children of open containers.
const WALK_BYTES: usize = 2 << 20;

/// The maximum number of rounds of scanning and opening; each reaches at least one level deeper.
const MAX_ROUNDS: usize = 3;

/// The bytes of a string that are decoded to check whether it begins like JSON.
const PREFIX_BYTES: usize = 256;

/// Strings of one tree that are checked for JSON.
const MAX_CHECKED_STRINGS: usize = 10_000;

/// Limits on opening everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpandBudget {
    /// Visible rows, approximately.
    pub rows: usize,
    /// Opened strings.
    pub strings: usize,
    /// Bytes of JSON in these strings.
    pub bytes: usize,
    /// Levels of strings inside strings.
    pub depth: usize,
    /// Bytes to scan for containers, again for each level.
    pub scannable: usize,
}

impl NestedTree {
    /// Opens everything within the budget, which it uses up; returns whether everything is open.
    pub fn open_all(&mut self, budget: &mut ExpandBudget) -> bool {
        let mut all = self.open_containers(budget);
        budget.rows = budget.rows.saturating_sub(self.tree.len());
        let looks_like_json = |raw: &[u8]| {
            raw.starts_with(b"\"")
                && json::decode_prefix(raw, PREFIX_BYTES).trim_start().starts_with(['{', '['])
        };
        let strings = self.tree.rows_where(looks_like_json, MAX_CHECKED_STRINGS);
        all &= strings.len() < MAX_CHECKED_STRINGS;
        for own in strings {
            all &= self.open_string_within(own, budget);
        }
        all
    }

    /// Opens containers until the budget of rows or of bytes is used up; returns whether all are open.
    fn open_containers(&mut self, budget: &mut ExpandBudget) -> bool {
        for _ in 0..MAX_ROUNDS {
            if self.tree.open_all(budget.rows, &mut budget.scannable) {
                return true;
            }
            if self.tree.len() >= budget.rows || budget.scannable == 0 {
                return false;
            }
            self.tree.index_step(WALK_BYTES);
        }
        false
    }

    /// Opens the string in this row with all its content; returns whether the budget allowed it.
    fn open_string_within(&mut self, own: usize, budget: &mut ExpandBudget) -> bool {
        let bytes = self.tree.value(own).map_or(0, |value| value.raw().len());
        let id = self.tree.id_at(own);
        let is_known = self.embedded.iter().any(|inside| Some(inside.row_id) == id);
        let can_store = is_known || self.embedded.len() < MAX_EMBEDDED;
        if !can_store
            || budget.strings == 0
            || budget.depth == 0
            || budget.rows == 0
            || budget.scannable == 0
            || bytes > budget.bytes
        {
            // A string that turns out not to be JSON has not been skipped.
            return !self.tree.rows(own..own + 1).iter().any(|row| self.looks_like_json(row));
        }
        budget.bytes -= bytes;
        let Some(inner) = self.open_string(own) else { return true };
        budget.strings -= 1;
        budget.depth -= 1;
        let all = inner.open_all(budget);
        budget.depth += 1;
        all
    }
}
