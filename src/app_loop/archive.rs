//! Archive runs: their client, their progress as text, and the run that the browser starts.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Sender as Outbox;

use crate::app_loop::context::{Context, NetworkMode};
use crate::app_loop::failure::{internal_error, unknown_service_error};
use crate::archive::{Archive, ArchiveOptions, ArchiveProgress, ArchiveReport, ArchiveTarget, Retention};
use crate::domain::{ExitCode, ListedThread, SavedState, UserError};
use crate::effect::ListedSelection;
use crate::event::Event;
use crate::ingest::fetch::ServiceClient;
use crate::library::{Account, ArchiveOutcome, Library, LibraryLocation};
use crate::net::{Client, FetchControl, Limits};
use crate::text::number;

/// The number of concurrent requests, for services that do not state their limits.
pub const DEFAULT_PARALLEL: u8 = 6;

/// The shortest time between two notices about the progress.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(1);

/// Returns the client of a run. The run repeats requests itself, at its own pace.
///
/// # Errors
/// The service is unknown, or its key cannot be read.
pub async fn connect(context: &Context, service: &str) -> Result<ServiceClient, UserError> {
    let limits = Limits { max_attempts: 1, ..context.limits.clone() };
    let client = context.service_client(service, Arc::new(Client::new(limits)));
    client.ok_or_else(|| unknown_service_error(service))?.with_key().await
}

/// Archives threads of the browser's list. Its progress and its end are events.
pub async fn run(context: Context, request: ListedSelection, outbox: Outbox<Event>) {
    let service = request.account.service;
    let end = match archive(&context, request, &outbox).await {
        Ok((report, states)) => {
            let _ = outbox.send(Event::SavedStates { service, states }).await;
            let problem = report.problems.first().map(|(id, reason)| format!(". {id}: {reason}"));
            let text = format!("Archived: {}{}", format_counts(&report), problem.unwrap_or_default());
            Event::ArchiveEnded { text, is_warning: report.has_failures() }
        }
        Err(error) => failed_event(&error),
    };
    let _ = outbox.send(end).await;
}

/// Returns the event about a run that panicked.
pub fn panicked_event() -> Event {
    failed_event(&internal_error("archive"))
}

fn failed_event(error: &UserError) -> Event {
    let text = format!("Not archived: {}. {}", error.summary(), error.hint);
    Event::ArchiveEnded { text, is_warning: true }
}

type Archived = (ArchiveReport, Vec<(String, SavedState)>);

async fn archive(
    context: &Context,
    request: ListedSelection,
    outbox: &Outbox<Event>,
) -> Result<Archived, UserError> {
    let usage = |message, hint| UserError::new(message, hint, ExitCode::Usage);
    if context.network_mode == NetworkMode::Offline {
        return Err(usage("an archive needs the network", "Start without --offline."));
    }
    let Some(location) = context.library.clone() else {
        return Err(usage("there is no folder for the library", "Set HOME or UNSPOOL_HOME."));
    };
    let client = connect(context, request.account.service).await?;
    let account = location.account(request.account.service, &client.access);
    let threads = listed_threads(&request);
    let ids: Vec<String> = threads.iter().map(|thread| thread.id.clone()).collect();
    let library = Arc::new(Mutex::new(open(location).await?));
    let started = Instant::now();
    let mut shown_at = started;
    let mut show = |state: &ArchiveProgress| {
        if shown_at.elapsed() >= PROGRESS_INTERVAL {
            shown_at = Instant::now();
            let text = format!("Archiving: {}", format_progress(state, started.elapsed()));
            // If the queue is full, the notice is dropped: other events are more urgent.
            let _ = outbox.try_send(Event::ArchiveProgress(text));
        }
    };
    let archive =
        Archive::new(client, account.clone(), Arc::clone(&library), FetchControl::none(), &mut show);
    let target = ArchiveTarget { threads, is_listed: true, gone: Vec::new() };
    let retention = context.retention.map(|age| Retention { age, skips_old: false });
    let options = ArchiveOptions { retention, ..ArchiveOptions::new(DEFAULT_PARALLEL.into()) };
    let report = archive.run(target, &options).await?;
    let states = tokio::task::spawn_blocking(move || saved_states(&library, &account, ids)).await;
    Ok((report, states.map_err(|_| internal_error("archive"))??))
}

/// Returns the threads in their listed form.
fn listed_threads(request: &ListedSelection) -> Vec<ListedThread> {
    request.rows().map(|row| row.thread.clone()).collect()
}

async fn open(location: LibraryLocation) -> Result<Library, UserError> {
    let opened = tokio::task::spawn_blocking(move || location.open()).await;
    Ok(opened.map_err(|_| internal_error("opening the library"))??)
}

fn saved_states(
    library: &Mutex<Library>,
    account: &Account,
    ids: Vec<String>,
) -> Result<Vec<(String, SavedState)>, UserError> {
    let library = library.lock().unwrap_or_else(PoisonError::into_inner);
    let mut states = Vec::new();
    for id in ids {
        let state = library.find(account, &id)?.map(|kept| kept.state()).unwrap_or_default();
        states.push((id, state));
    }
    Ok(states)
}

/// Formats the counts of a run: `12 saved · 1 refused`.
pub fn format_counts(report: &ArchiveReport) -> String {
    let counts = ArchiveOutcome::ALL.into_iter().filter_map(|outcome| {
        let count = report.count(outcome);
        (count > 0).then(|| format!("{} {}", number::count(count), outcome.name()))
    });
    let by_age = [(report.expired, "expired"), (report.too_old, "too old")]
        .into_iter()
        .filter(|(count, _)| *count > 0);
    let by_age = by_age.map(|(count, name)| format!("{} {name}", number::count(count)));
    let counts: Vec<String> = counts.chain(by_age).collect();
    if counts.is_empty() { "no threads".to_owned() } else { counts.join(" · ") }
}

/// Formats the progress: `1,204 of 8,200 threads · 3.1 GB · 2.4/s · about 48 min · waiting 30 s as requested`.
pub fn format_progress(state: &ArchiveProgress, elapsed: Duration) -> String {
    let mut line = format!("{} of {} threads", number::count(state.done), number::count(state.total));
    if state.bytes > 0 {
        line.push_str(&format!(" · {}", number::bytes(state.bytes)));
    }
    let seconds = elapsed.as_secs_f64();
    if state.done > 0 && seconds >= 1.0 {
        let rate = state.done as f64 / seconds;
        line.push_str(&format!(" · {rate:.1}/s"));
        let left = state.total.saturating_sub(state.done) as f64 / rate;
        if left >= 60.0 {
            line.push_str(&format!(" · about {} min", (left / 60.0).ceil()));
        }
    }
    if let Some(wait) = state.wait.filter(|wait| *wait >= Duration::from_secs(1)) {
        line.push_str(&format!(" · waiting {} s as requested", wait.as_secs()));
    }
    line
}
