//! The order of listed threads.

use std::cmp::Ordering;

use crate::cli::ListSort;
use crate::domain::ListedThread;

/// Sorts threads, equal ones by id, so that the order is deterministic. Threads without the value come last.
pub(super) fn sort_threads(threads: &mut [ListedThread], sort: ListSort) {
    match sort {
        ListSort::Updated => {
            threads.sort_by(|a, b| descending(a, b, |thread| (thread.changed_at(), thread.created_at)));
        }
        ListSort::Created => threads.sort_by(|a, b| descending(a, b, |thread| thread.created_at)),
        ListSort::Messages => threads.sort_by(|a, b| descending(a, b, |thread| thread.message_count)),
        ListSort::Title => threads.sort_by_cached_key(|thread| {
            (thread.title.is_empty(), thread.title.to_lowercase(), thread.id.clone())
        }),
    }
}

/// Compares two threads: the larger value comes first.
fn descending<K: Ord>(a: &ListedThread, b: &ListedThread, key: impl Fn(&ListedThread) -> K) -> Ordering {
    key(b).cmp(&key(a)).then_with(|| a.id.cmp(&b.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn thread_that_never_changed_is_sorted_by_its_creation() {
        let thread = |id: &str, created: Option<i64>, updated: Option<i64>| ListedThread {
            id: id.to_owned(),
            created_at: created.map(Timestamp),
            updated_at: updated.map(Timestamp),
            ..ListedThread::default()
        };
        let mut threads = [
            thread("no time", None, None),
            thread("changed", Some(1), Some(2)),
            thread("only created", Some(3), None),
            thread("b", Some(1), Some(5)),
            thread("a", Some(1), Some(5)),
        ];
        sort_threads(&mut threads, ListSort::Updated);
        let ids = threads.map(|thread| thread.id);
        assert_eq!(ids, ["a", "b", "only created", "changed", "no time"]);
    }
}
