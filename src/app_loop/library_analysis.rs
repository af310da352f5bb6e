//! The analysis of kept threads for the browser's page: of the threads that a search finds, or of listed ones.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::app_loop::analysis::library::analyse_library;
use crate::app_loop::library_search::PreparedSearch;
use crate::domain::{ExitCode, UserError};
use crate::effect::{AnalysedDay, LibrarySubject, ListedSelection};
use crate::event::LibraryAnalysisUpdate;
use crate::library::{Account, KeptThread, LibraryLocation, LibraryReader, SearchMode, ThreadSelection};

/// The shortest time between two events about the progress.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(100);

/// Analyses threads. Listed threads belong to the account. Examples from the accounts in use are marked. Sends nothing once
/// it is stopped.
pub fn run(
    (location, account, in_use): (&LibraryLocation, Option<&Account>, &[Account]),
    (id, subject, day): (u64, &LibrarySubject, Option<AnalysedDay>),
    stop: &AtomicBool,
    send: &mut dyn FnMut(LibraryAnalysisUpdate),
) {
    let is_stopped = || stop.load(Ordering::Relaxed);
    let mut send = |update: LibraryAnalysisUpdate| {
        if !is_stopped() {
            send(LibraryAnalysisUpdate { id, ..update });
        }
    };
    if let Err(error) = analyse((location, account, in_use), (subject, day), &is_stopped, &mut send) {
        send(LibraryAnalysisUpdate {
            problem: error.summary().to_owned(),
            ..LibraryAnalysisUpdate::default()
        });
    }
}

fn analyse(
    (location, account, in_use): (&LibraryLocation, Option<&Account>, &[Account]),
    (subject, day): (&LibrarySubject, Option<AnalysedDay>),
    is_stopped: &dyn Fn() -> bool,
    send: &mut dyn FnMut(LibraryAnalysisUpdate),
) -> Result<(), UserError> {
    let nothing = |message| UserError::new(message, "Run unspool archive.", ExitCode::NotFound);
    let library = location.open_reader()?.ok_or_else(|| nothing("nothing is kept yet"))?;
    let library = library.as_ref();
    let threads = match subject {
        LibrarySubject::Query(text) => {
            PreparedSearch::of_threads((location, library), text, SearchMode::Typing)?
                .threads(library, is_stopped)?
        }
        LibrarySubject::Listed(threads) => match account {
            Some(account) => kept_threads(library, threads, account)?,
            None => Vec::new(),
        },
    };
    if threads.is_empty() {
        return Err(nothing("none of these threads is kept"));
    }
    let all = threads.len();
    let mut sent_at: Option<Instant> = None;
    let analysis = analyse_library(library, &threads, (day, in_use), &mut |done| {
        if sent_at.is_none_or(|at| at.elapsed() >= PROGRESS_INTERVAL) {
            sent_at = Some(Instant::now());
            send(LibraryAnalysisUpdate { done, all, ..LibraryAnalysisUpdate::default() });
        }
        !is_stopped()
    });
    let analysis = Some(Arc::new(analysis));
    send(LibraryAnalysisUpdate { done: all, all, analysis, ..LibraryAnalysisUpdate::default() });
    Ok(())
}

/// Returns the threads that are kept or were read, in their account: another one may have the same ids.
fn kept_threads(
    library: &dyn LibraryReader,
    threads: &ListedSelection,
    account: &Account,
) -> Result<Vec<KeptThread>, UserError> {
    let wanted: HashSet<&str> = threads.rows().map(|row| row.thread.id.as_str()).collect();
    let folder = account.folder();
    let service = Some(account.service.clone());
    let selection = ThreadSelection { service, is_readable: true, ..ThreadSelection::default() };
    let mut kept = library.threads(&selection)?;
    kept.retain(|thread| wanted.contains(thread.listed.id.as_str()) && thread.account.folder() == folder);
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AccountRef, ListedThread, Timestamp};
    use crate::library::{BodyFacts, FetchedBody, Library};
    use crate::view::thread_table::ThreadTable;

    #[test]
    fn a_thread_of_another_account_with_the_same_id_is_omitted() {
        let folder = tempfile::tempdir().unwrap();
        let mut library = Library::open(&folder.path().join("library")).unwrap();
        let accounts = ["mine", "theirs"].map(|id| Account::new("sgp", "https://h", Some(id)));
        for account in &accounts {
            let mut body = library.start_body().unwrap();
            body.write(account.id.as_ref().unwrap().as_bytes()).unwrap();
            let (body, facts) = (body.finish().unwrap(), BodyFacts::default());
            let fetched = FetchedBody { body, facts, fetched_at: Timestamp(1) };
            let thread = ListedThread { id: "1".to_owned(), ..ListedThread::default() };
            library.keep(account, &thread, fetched).unwrap();
        }
        let mut table = ThreadTable::default();
        table.push(ListedThread { id: "1".to_owned(), ..ListedThread::default() });
        let threads = ListedSelection { account: AccountRef::in_use("sgp"), table, indices: vec![0] };
        let kept = kept_threads(&library, &threads, &accounts[0]).unwrap();
        let kept: Vec<_> = kept.into_iter().map(|thread| thread.account).collect();
        assert_eq!(kept, accounts[..1]);
    }
}
