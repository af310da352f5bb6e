//! The numbers of requests.

use crate::domain::{FilterId, SearchId, SortId};

/// Counters for ids that distinguish a current result from a stale one.
#[derive(Clone, Debug, Default)]
pub struct Ids {
    search: u64,
    filter: u64,
    sort: u64,
    timer: u64,
    page: u64,
}

impl Ids {
    pub(super) fn next_search(&mut self) -> SearchId {
        self.search += 1;
        SearchId(self.search)
    }

    pub(super) fn next_filter(&mut self) -> FilterId {
        self.filter += 1;
        FilterId(self.filter)
    }

    pub(super) fn next_sort(&mut self) -> SortId {
        self.sort += 1;
        SortId(self.sort)
    }

    pub(super) fn next_timer(&mut self) -> u64 {
        self.timer += 1;
        self.timer
    }

    pub(super) fn next_page(&mut self) -> u64 {
        self.page += 1;
        self.page
    }
}
