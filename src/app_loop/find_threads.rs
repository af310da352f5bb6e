//! The search for threads whose messages contain the words that filter the browser's list. It waits for a pause in the
//! typing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::Sender as Outbox;
use tokio::task::spawn_blocking;

use crate::app_loop::failure::task_failed_event;
use crate::app_loop::library_search::{PreparedSearch, to_found};
use crate::app_loop::notes;
use crate::domain::{ExitCode, UserError};
use crate::effect::FindRequest;
use crate::event::{Event, FoundThread, FoundThreads};
use crate::filter::ThreadFilter;
use crate::library::{
    Account, HitExtent, KeptThread, LibraryHit, LibraryLocation, SearchMode, SearchOptions,
};
use crate::text::number;

/// The pause before a search begins. A letter that is typed earlier restarts the pause.
const PAUSE: Duration = Duration::from_millis(150);

/// The maximum number of threads that are shown.
const MAX_THREADS: usize = 50;

/// Searches after a pause, and sends the threads; sends nothing once it is stopped.
pub async fn run(
    place: (LibraryLocation, Account),
    request: FindRequest,
    stop: Arc<AtomicBool>,
    outbox: Outbox<Event>,
) {
    tokio::time::sleep(PAUSE).await;
    let stop_flag = Arc::clone(&stop);
    let is_stopped = move || stop_flag.load(Ordering::Relaxed);
    if is_stopped() {
        return;
    }
    let id = request.id;
    let found = spawn_blocking(move || find(&place, &request, &is_stopped)).await;
    let event = match found {
        Ok(Ok(found)) => Event::ThreadsFound(Box::new(FoundThreads { id, ..found })),
        Ok(Err(error)) => {
            let problem = format!("Messages were not searched: {}. {}", error.summary(), error.hint);
            Event::ThreadsFound(Box::new(FoundThreads { id, problem, ..FoundThreads::default() }))
        }
        Err(_) => task_failed_event("searching the library"),
    };
    if !stop.load(Ordering::Relaxed) {
        let _ = outbox.send(event).await;
    }
}

/// Finds threads of the account, the last changed first. An invalid query finds nothing.
fn find(
    place: &(LibraryLocation, Account),
    request: &FindRequest,
    is_stopped: &dyn Fn() -> bool,
) -> Result<FoundThreads, UserError> {
    let (location, account) = place;
    let Some(library) = location.open_reader()? else { return Ok(FoundThreads::default()) };
    let library = library.as_ref();
    let search = match PreparedSearch::new((location, library), &request.words, SearchMode::Typing) {
        Err(error) if error.exit_code == ExitCode::Usage => return Ok(FoundThreads::default()),
        search => search?,
    };
    let applications = search.applications();
    let folder = account.folder();
    let filter = request.filter.clone().map(|filter| notes::add_to_filter(filter, Some(place)));
    let is_in_list = |thread: &KeptThread| {
        thread.account.service == account.service
            && thread.account.folder() == folder
            && request.group.contains(&thread.listed, applications)
            && filter
                .as_ref()
                .is_none_or(|filter| filter.matches(&thread.listed, thread.state(), applications))
            && search.selects(thread)
    };
    let mut terms = search.required_terms();
    terms.extend(request.filter.iter().flat_map(ThreadFilter::required_terms));
    let options = SearchOptions {
        is_selected: &is_in_list,
        required_terms: &terms,
        is_stopped,
        limit: MAX_THREADS,
        extent: HitExtent::NewestMessage,
    };
    let threads: Vec<_> =
        search.find_with(library, &options)?.into_iter().map(|hit| to_found_thread(hit, account)).collect();
    let problem = match if threads.is_empty() { library.unindexed_count()? } else { 0 } {
        0 => String::new(),
        rest => format!("No hit in messages yet; {} to index", number::pluralize(rest, "thread")),
    };
    Ok(FoundThreads { threads, problem, ..FoundThreads::default() })
}

fn to_found_thread(hit: LibraryHit, account: &Account) -> FoundThread {
    let (thread, saved) = (hit.thread.listed.clone(), hit.thread.state());
    // The list has the account.
    FoundThread { thread, saved, message: to_found(hit, std::slice::from_ref(account)) }
}

#[cfg(test)]
mod tests;
