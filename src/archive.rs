//! The archive run: fetches every listed thread that may have changed and keeps it in the library, at a pace that the
//! service accepts. The log of the run is its state, so that an interrupted run can be continued.

mod download;
mod pacer;
mod plan;
mod report;

pub use plan::{ArchiveOptions, Plan, PlannedThread, Retention};
pub use report::{ArchiveProgress, ArchiveReport};

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep_until};

use crate::domain::{ExitCode, ListedThread, Thread, Timestamp, UserError};
use crate::ingest::fetch::ServiceClient;
use crate::library::{
    Account, ArchiveOutcome, FetchedBody, KeepOutcome, Library, LibraryError, RunLog, RunRecord,
};
use crate::net::FetchControl;
use crate::platform::now;

use download::{Download, DownloadError};
use pacer::Pacer;

/// The maximum number of requests for one thread in a run.
const MAX_REQUESTS: u32 = 5;
/// The number of consecutive failures after which the run stops, because they have a common cause.
const MAX_FAILURES_IN_SEQUENCE: usize = 10;

/// A run in progress.
pub struct Archive<'a> {
    service: ServiceClient,
    account: Account,
    library: Arc<Mutex<Library>>,
    control: FetchControl,
    on_progress: &'a mut (dyn FnMut(&ArchiveProgress) + Send),
}

/// The threads of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveTarget {
    pub threads: Vec<ListedThread>,
    /// Whether the threads come from a list, not from arguments.
    pub is_listed: bool,
    /// Kept threads that are no longer in the list.
    pub gone: Vec<ListedThread>,
}

/// The state of a run.
struct Run {
    queue: VecDeque<Attempt>,
    pacer: Pacer,
    progress: ArchiveProgress,
    report: ArchiveReport,
    log: RunLog,
    failures_in_sequence: usize,
    is_listed: bool,
}

/// The next request for a thread.
struct Attempt {
    thread: PlannedThread,
    /// The number of requests sent before.
    requests: u32,
}

impl<'a> Archive<'a> {
    /// Creates a run for this account. `on_progress` is called after each thread and before each wait.
    pub fn new(
        service: ServiceClient,
        account: Account,
        library: Arc<Mutex<Library>>,
        control: FetchControl,
        on_progress: &'a mut (dyn FnMut(&ArchiveProgress) + Send),
    ) -> Self {
        Self { service, account, library, control, on_progress }
    }

    /// Archives the threads of a target.
    ///
    /// # Errors
    /// The library cannot be written, another process archives this account, or the service refuses everything. Finished
    /// threads stay finished, and the next run continues.
    pub async fn run(
        mut self,
        target: ArchiveTarget,
        options: &ArchiveOptions,
    ) -> Result<ArchiveReport, UserError> {
        let ArchiveTarget { threads, is_listed, gone } = target;
        let named: HashSet<String> = match options.retention {
            Some(Retention { skips_old: false, .. }) => {
                threads.iter().map(|thread| thread.id.clone()).collect()
            }
            Some(_) | None => HashSet::new(),
        };
        let started_at = now();
        let started = Instant::now();
        let (_lock, plan, log) = {
            let library = lock(&self.library);
            let Some(account_lock) = library.lock_account(&self.account)? else {
                let hint = "Wait for it to end, or stop it; threads that it has archived stay archived.";
                return Err(UserError::new("another process archives this account", hint, ExitCode::Failure));
            };
            let plan = Plan::new(&library, &self.account, threads, options, started_at)?;
            let log = RunLog::start(&library, &self.account, started_at)?;
            (account_lock, plan, log)
        };
        let progress = ArchiveProgress { total: plan.total() + gone.len(), ..ArchiveProgress::default() };
        let mut run = Run {
            queue: plan.fetch.into_iter().map(|thread| Attempt { thread, requests: 0 }).collect(),
            pacer: Pacer::new(options.pace),
            progress,
            report: ArchiveReport { too_old: plan.too_old, ..ArchiveReport::default() },
            log,
            failures_in_sequence: 0,
            is_listed,
        };
        let gone = gone.into_iter().map(|thread| (thread, ArchiveOutcome::Gone));
        for (thread, outcome) in plan.skipped.into_iter().chain(gone) {
            run.finish_thread(record(thread, outcome, 0))?;
        }
        self.fetch_all(&mut run).await?;
        run.log.end(now()).map_err(UserError::from)?;
        if let Some(retention) = options.retention {
            self.expire(retention.start(started_at), named, &mut run.report).await?;
        }
        Ok(ArchiveReport { requests: run.progress.requests, duration: started.elapsed(), ..run.report })
    }

    /// Removes the threads that are older than the retention.
    async fn expire(
        &mut self,
        before: Timestamp,
        named: HashSet<String>,
        report: &mut ArchiveReport,
    ) -> Result<(), UserError> {
        let (library, account) = (Arc::clone(&self.library), self.account.clone());
        let expiring =
            spawn_blocking(move || lock(&library).expire(&account, before, &|id| named.contains(id)));
        match expiring.await.map_err(|_| task_error())? {
            Ok(removed) => report.expired = removed.threads,
            // The next run removes them.
            Err(error @ LibraryError::Locked(_)) => {
                report.problems.push(("old threads were not removed".to_owned(), error.to_string()));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn fetch_all(&mut self, run: &mut Run) -> Result<(), UserError> {
        let mut in_flight = FuturesUnordered::new();
        loop {
            while in_flight.len() < run.pacer.limit() && run.pacer.is_open(Instant::now()) {
                let Some(attempt) = run.queue.pop_front() else { break };
                run.pacer.start(Instant::now());
                run.progress.requests += 1;
                in_flight.push(self.download(attempt));
            }
            run.progress.in_flight = in_flight.len();
            run.progress.wait = run.pacer.wait(Instant::now()).filter(|_| !run.queue.is_empty());
            (self.on_progress)(&run.progress);
            if in_flight.is_empty() && run.queue.is_empty() {
                return Ok(());
            }
            let has_room = in_flight.len() < run.pacer.limit() && !run.queue.is_empty();
            let opens_at = Instant::now() + run.pacer.wait(Instant::now()).unwrap_or(Duration::ZERO);
            tokio::select! {
                biased;
                () = self.control.cancelled() => return Err(stopped_error()),
                Some((attempt, result)) = in_flight.next() => self.take_result(run, attempt, result).await?,
                () = sleep_until(opens_at), if has_room => {}
            }
        }
    }

    /// Sends one request. The future owns its data.
    fn download(
        &self,
        attempt: Attempt,
    ) -> impl Future<Output = (Attempt, Result<Download, DownloadError>)> + use<> {
        let (service, library, control) =
            (self.service.clone(), Arc::clone(&self.library), self.control.clone());
        async move {
            let writer = lock(&library).start_body();
            let result = match writer {
                Ok(writer) => download::download(&service, &attempt.thread.listed.id, writer, &control).await,
                Err(error) => Err(DownloadError::Library(error)),
            };
            (attempt, result)
        }
    }

    async fn take_result(
        &mut self,
        run: &mut Run,
        mut attempt: Attempt,
        result: Result<Download, DownloadError>,
    ) -> Result<(), UserError> {
        attempt.requests += 1;
        match result {
            Ok(download) => {
                run.pacer.record_success();
                run.failures_in_sequence = 0;
                run.progress.bytes += download.body.size;
                let record = self.keep(run, attempt, download).await?;
                run.finish_thread(record)
            }
            Err(DownloadError::Retry { reason, retry_after, is_throttled }) => {
                run.pacer.record_failure(Instant::now(), retry_after, is_throttled);
                if run.pacer.is_wait_too_long(Instant::now()) {
                    let hint = "Run the same command later to continue.";
                    let message = format!("the service requests a wait of more than an hour: {reason}");
                    return Err(UserError::new(message, hint, ExitCode::Network));
                }
                if attempt.requests < MAX_REQUESTS {
                    run.queue.push_back(attempt);
                    return Ok(());
                }
                self.finish_failed(run, attempt, ArchiveOutcome::Failed, reason)
            }
            Err(DownloadError::Refused(reason)) => {
                self.finish_failed(run, attempt, ArchiveOutcome::Refused, reason)
            }
            Err(DownloadError::Failed(reason)) => {
                self.finish_failed(run, attempt, ArchiveOutcome::Failed, reason)
            }
            Err(DownloadError::Gone) => {
                run.failures_in_sequence = 0;
                let id = attempt.thread.listed.id.clone();
                lock(&self.library).record_gone(&self.account, &id, now())?;
                run.finish_thread(record(attempt.thread.listed, ArchiveOutcome::Gone, attempt.requests))
            }
            Err(DownloadError::Library(error)) => Err(error.into()),
            Err(DownloadError::Stop(error)) => Err(*error),
        }
    }

    async fn keep(
        &mut self,
        run: &mut Run,
        attempt: Attempt,
        download: Download,
    ) -> Result<RunRecord, UserError> {
        let Attempt { thread: PlannedThread { listed, is_sample }, requests } = attempt;
        let Download { body, facts, thread, note } = download;
        let listed = with_fields_of_body(listed, thread);
        let (library, account) = (Arc::clone(&self.library), self.account.clone());
        let fetched = FetchedBody { body, facts, fetched_at: now() };
        // Flushing to the disk blocks, so it must not run on a thread that serves connections.
        let keeping = spawn_blocking(move || {
            let kept = lock(&library).keep(&account, &listed, fetched);
            (kept, listed)
        });
        let (kept, listed) = keeping.await.map_err(|_| task_error())?;
        let kept = kept?;
        run.report.unreadable_messages += facts.unreadable_count;
        if facts.has_spans == Some(false) {
            run.report.without_spans += 1;
        }
        let (outcome, revision) = match kept {
            KeepOutcome::Saved(revision) => (ArchiveOutcome::Saved, Some(revision)),
            KeepOutcome::Changed(revision) => {
                run.report.changed_unseen += usize::from(is_sample);
                (ArchiveOutcome::Changed, Some(revision))
            }
            KeepOutcome::Unchanged(revision) => (ArchiveOutcome::Unchanged, Some(revision)),
            KeepOutcome::Worse(_) => (ArchiveOutcome::Worse, None),
        };
        let reason = note.or_else(|| {
            (outcome == ArchiveOutcome::Worse)
                .then(|| "the kept body has more readable messages or spans".to_owned())
        });
        Ok(RunRecord { revision, reason, ..record(listed, outcome, requests) })
    }

    fn finish_failed(
        &self,
        run: &mut Run,
        attempt: Attempt,
        outcome: ArchiveOutcome,
        reason: String,
    ) -> Result<(), UserError> {
        run.failures_in_sequence += 1;
        let failed = record(attempt.thread.listed, outcome, attempt.requests);
        run.finish_thread(RunRecord { reason: Some(reason.clone()), ..failed })?;
        if run.failures_in_sequence < MAX_FAILURES_IN_SEQUENCE {
            return Ok(());
        }
        let hint = "Check the key and the account, then run the same command again to continue.";
        let message = format!("{MAX_FAILURES_IN_SEQUENCE} threads in a row failed; the last: {reason}");
        let code = if outcome == ArchiveOutcome::Refused { ExitCode::NotAllowed } else { ExitCode::Network };
        Err(UserError::new(message, hint, code))
    }
}

impl Run {
    /// Logs a thread as done.
    fn finish_thread(&mut self, record: RunRecord) -> Result<(), UserError> {
        let record = RunRecord { is_listed: self.is_listed, ..record };
        self.log.record(&record)?;
        self.report.add(&record);
        self.progress.done += 1;
        Ok(())
    }
}

fn record(thread: ListedThread, outcome: ArchiveOutcome, requests: u32) -> RunRecord {
    RunRecord { thread, is_listed: false, outcome, at: now(), reason: None, requests, revision: None }
}

/// Adds the fields of the body to a thread that is not in a list.
fn with_fields_of_body(listed: ListedThread, thread: Thread) -> ListedThread {
    let message_count = thread.message_count.and_then(|count| u64::try_from(count).ok());
    let has_values = listed.updated_at.is_some() || listed.message_count.is_some();
    ListedThread {
        title: if listed.title.is_empty() { thread.title.unwrap_or_default() } else { listed.title },
        created_at: listed.created_at.or(thread.created_at),
        updated_at: listed.updated_at.or(thread.updated_at),
        archived_at: listed.archived_at.or(thread.archived_at),
        // The count of the body may differ from that of a list, which would look like a change.
        message_count: listed.message_count.or(message_count.filter(|_| !has_values)),
        ..listed
    }
}

fn task_error() -> UserError {
    UserError::new("internal error: a task crashed", "Please report this bug.", ExitCode::Failure)
}

fn stopped_error() -> UserError {
    UserError::new("stopped", "Run the same command again to continue.", ExitCode::Failure)
}

/// Locks the library, also after a panic in another task: what that task wrote is whole or absent.
fn lock(library: &Mutex<Library>) -> std::sync::MutexGuard<'_, Library> {
    library.lock().unwrap_or_else(PoisonError::into_inner)
}

impl From<LibraryError> for DownloadError {
    fn from(error: LibraryError) -> Self {
        Self::Library(error)
    }
}

#[cfg(test)]
mod tests;
