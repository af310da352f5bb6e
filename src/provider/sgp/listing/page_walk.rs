//! A walk over the pages of one list.

use std::collections::HashSet;

use crate::decode::ListBody;
use crate::json::Value;

/// The maximum number of pages of one list, for a service that would return pages without end.
const MAX_PAGES: u32 = 10_000;

/// A walk over pages that are counted from 1.
#[derive(Debug)]
pub(super) struct PageWalk {
    pub(super) page: u32,
    /// The number of entries of a page.
    pub(super) limit: u32,
    ids: HashSet<String>,
    /// The number of entries of the current page, and of new ones among them.
    rows: usize,
    new_rows: usize,
    total: Option<usize>,
}

impl PageWalk {
    pub(super) fn new(limit: u32) -> Self {
        Self { page: 1, limit, ids: HashSet::new(), rows: 0, new_rows: 0, total: None }
    }

    /// Counts an entry; returns whether its id is new.
    pub(super) fn add(&mut self, id: &str) -> bool {
        let is_new = self.ids.insert(id.to_owned());
        self.rows += 1;
        self.new_rows += usize::from(is_new);
        is_new
    }

    /// Counts an entry that cannot be read.
    pub(super) fn skip_row(&mut self) {
        self.rows += 1;
    }

    /// Restarts a page that arrived in part. Its entries still count as new.
    pub(super) fn restart_page(&mut self) {
        self.rows = 0;
    }

    /// Ends a page; returns whether there is a next one. A service may ignore the page number, so a page without a new
    /// entry is the last one, even if the stated total is higher.
    pub(super) fn end_page(&mut self, body: &ListBody) -> bool {
        let total = Value::of(&body.envelope).get("total_item_count").and_then(Value::as_i64);
        self.total = total.and_then(|total| usize::try_from(total).ok()).or(self.total);
        let is_last = body.is_bare
            || self.rows == 0
            || self.new_rows == 0
            || self.total.is_some_and(|total| self.ids.len() >= total)
            || self.page >= MAX_PAGES;
        (self.rows, self.new_rows) = (0, 0);
        self.page += 1;
        !is_last
    }

    /// Requests smaller pages. Returns false if they cannot be smaller, or if the first page has arrived.
    pub(super) fn halve_limit(&mut self) -> bool {
        let can_shrink = self.limit > 1 && self.page == 1;
        self.limit = (self.limit / 2).max(1);
        can_shrink
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns the stated number of entries, if fewer were listed.
    pub(super) fn missing_total(&self) -> Option<usize> {
        self.total.filter(|total| *total > self.ids.len())
    }
}
