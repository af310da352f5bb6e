//! One walk from the first page to the last. Pages shift while threads are created, changed and deleted, so a pass detects
//! whether it may have missed a thread that existed all the time.

use std::collections::HashSet;

/// Pages beyond the stated number that are read before a pass ends.
const EXTRA_PAGES: usize = 8;
/// The number of consecutive equal pages after which the service apparently ignores the page number.
const MAX_REPEATS: usize = 3;
/// The maximum number of pages of a pass if the service states no number.
const MAX_PAGES: usize = 10_000;

/// A walk over the pages.
#[derive(Debug, Default)]
pub(super) struct Pass {
    /// The ids of all pages.
    ids: HashSet<String>,
    /// The ids of the last page, to recognize a page that repeats.
    last_page: Vec<String>,
    /// The ids of the current page.
    page: Vec<String>,
    /// The number of consecutive pages that were equal to the previous one.
    repeats: usize,
    /// The queries that were used.
    queries: HashSet<String>,
    first_count: Option<usize>,
    count: Option<usize>,
    has_shrunk: bool,
    has_changed: bool,
    pub(super) pages: usize,
    /// The number of rows of all pages, without repeated pages.
    rows: usize,
    /// The number of threads that no previous pass had.
    pub(super) new_threads: usize,
    /// The number of such threads on the current page.
    new_on_page: usize,
}

impl Pass {
    pub(super) fn restart_page(&mut self) {
        self.page.clear();
    }

    pub(super) fn add(&mut self, id: &str, is_new: bool) {
        self.page.push(id.to_owned());
        self.new_on_page += usize::from(is_new);
    }

    /// Ends a page with the number of threads that the service states, and the query of the next page.
    pub(super) fn end_page(&mut self, count: Option<usize>, next: Option<String>) -> PageEnd {
        self.pages += 1;
        let is_same_count = count == self.count;
        if self.pages > 1 {
            self.has_shrunk |= count < self.count;
            self.has_changed |= !is_same_count;
        } else {
            self.first_count = count;
        }
        self.count = count;
        let is_repeated = self.pages > 1 && is_same_count && self.page == self.last_page;
        self.repeats = if is_repeated { self.repeats + 1 } else { 0 };
        let is_empty = self.page.is_empty();
        let size = self.page.len().max(1);
        // A repeated page has no row that moved.
        self.rows += if is_repeated { 0 } else { self.page.len() };
        self.ids.extend(self.page.iter().cloned());
        self.last_page = std::mem::take(&mut self.page);
        let brought_new = self.new_on_page > 0;
        self.new_threads += std::mem::take(&mut self.new_on_page);
        let max_pages = count.map_or(MAX_PAGES, |count| count.div_ceil(size).saturating_add(EXTRA_PAGES));
        let next = next
            .filter(|_| !self.repeats_page() && !is_empty && self.pages < max_pages)
            .filter(|query| self.queries.insert(query.clone()));
        PageEnd { next, brought_new }
    }

    /// Ends the pass at a page that has vanished, because threads were deleted.
    pub(super) fn lose_page(&mut self) {
        self.pages += 1;
        (self.has_shrunk, self.has_changed) = (true, true);
    }

    /// Returns whether every thread that existed during the whole pass was listed. A thread is missed if an earlier one is
    /// deleted, which shows in the count, or if it moves to the front, which shows as fewer ids than the count, or as a row
    /// that repeats on the next page.
    pub(super) fn is_whole(&self) -> bool {
        !self.has_shrunk
            && !self.has_changed()
            && self.first_count.is_none_or(|count| self.ids.len() >= count)
    }

    /// Returns whether the pass ended because the service repeated the same page.
    pub(super) fn repeats_page(&self) -> bool {
        self.repeats >= MAX_REPEATS
    }

    /// Returns whether the account changed during the pass: the number of threads changed, or a thread moved to the front,
    /// so that a row repeated on the next page.
    pub(super) fn has_changed(&self) -> bool {
        self.has_changed || self.rows > self.ids.len()
    }

    /// Returns the last number of threads that the service stated.
    pub(super) fn count(&self) -> Option<usize> {
        self.count
    }
}

/// The end of a page.
#[derive(Debug)]
pub(super) struct PageEnd {
    /// The query of the next page of the pass.
    pub(super) next: Option<String>,
    /// Whether it had a thread that no previous page had.
    pub(super) brought_new: bool,
}
