//! Arranging listed threads for the screen.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::effect::ArrangeRequest;
use crate::view::thread_table::{Arrangement, Selection, arrange};

/// Arranges the threads; `None` if stopped.
pub fn arrange_threads(request: &ArrangeRequest, stop: &AtomicBool) -> Option<Arrangement> {
    let selection = Selection { group: &request.group, narrowing: &request.narrowing, matches: &|_, _| true };
    let is_stopped = || stop.load(Ordering::Relaxed);
    arrange(&request.table, &request.catalogue, &selection, request.sort, &is_stopped)
}
