//! Arranging listed threads for the screen.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::ListedThread;
use crate::effect::ArrangeRequest;
use crate::filter::{ThreadFilter, ThreadNames};
use crate::view::thread_table::{Arrangement, Catalogue, Selection, arrange};

/// Arranges the threads; `None` if stopped.
pub fn arrange_threads(request: &ArrangeRequest, stop: &AtomicBool) -> Option<Arrangement> {
    let matches = |thread: &ListedThread, catalogue: &Catalogue| {
        request.filter.as_ref().is_none_or(|filter| matches_filter(filter, thread, catalogue))
    };
    let selection = Selection { group: &request.group, narrowing: &request.narrowing, matches: &matches };
    let is_stopped = || stop.load(Ordering::Relaxed);
    arrange(&request.table, &request.catalogue, &selection, request.sort, &is_stopped)
}

/// Whether a thread matches, by its own fields and the names of its application and variant.
pub fn matches_filter(filter: &ThreadFilter, thread: &ListedThread, catalogue: &Catalogue) -> bool {
    let application = catalogue.application_id_of(thread).map_or("", |id| catalogue.application_name(id));
    let variant = thread.variant_id.as_deref().map_or("", |id| catalogue.variant_name(id));
    filter.matches(thread, ThreadNames { application, variant })
}
