//! The order of listed threads.

use std::cmp::Reverse;

use crate::cli::ListSort;
use crate::domain::ListedThread;

/// Sorts threads; equal ones by id, so that the order is always the same.
pub(super) fn sort_threads(threads: &mut [ListedThread], sort: ListSort) {
    match sort {
        ListSort::Updated => threads.sort_by(|a, b| {
            (Reverse(a.updated_at), Reverse(a.created_at), &a.id).cmp(&(
                Reverse(b.updated_at),
                Reverse(b.created_at),
                &b.id,
            ))
        }),
        ListSort::Created => {
            threads.sort_by(|a, b| (Reverse(a.created_at), &a.id).cmp(&(Reverse(b.created_at), &b.id)))
        }
        ListSort::Title => threads.sort_by_cached_key(|thread| {
            (thread.title.is_empty(), thread.title.to_lowercase(), thread.id.clone())
        }),
        ListSort::Messages => {
            threads.sort_by(|a, b| (Reverse(a.message_count), &a.id).cmp(&(Reverse(b.message_count), &b.id)));
        }
    }
}
