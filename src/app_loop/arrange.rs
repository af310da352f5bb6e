//! Arranges listed threads for the screen.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::Applications;
use crate::effect::ArrangeRequest;
use crate::view::thread_table::{Arrangement, Selection, ThreadRow, arrange};

/// Arranges the threads; `None` if stopped.
pub fn arrange_threads(request: &ArrangeRequest, stop: &AtomicBool) -> Option<Arrangement> {
    let matches = |row: &ThreadRow, applications: &Applications| {
        request.filter.as_ref().is_none_or(|filter| filter.matches(&row.thread, row.saved, applications))
    };
    let selection = Selection { group: &request.group, narrowing: &request.narrowing, matches: &matches };
    let is_stopped = || stop.load(Ordering::Relaxed);
    arrange(&request.table, &request.applications, &selection, request.sort, &is_stopped)
}
