//! Loads a complete thread with the fetch tasks of the browser, by collecting their updates until they end.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tokio::sync::mpsc;

use crate::app_loop::context::Context;
use crate::app_loop::failure::unknown_service_error;
use crate::app_loop::notes;
use crate::domain::{
    BodySummary, ExitCode, FetchProgress, MessageSummaries, Origin, RequestId, Source, Thread, ThreadNotes,
    ThreadRef, Timestamp, UserError,
};
use crate::event::{Event, FetchUpdate};
use crate::ingest::fetch::{self, CachePolicy, FetchRequest};
use crate::net::{Client, FetchControl};
use crate::provider::{self, Provider};

/// The capacity of the queue of updates; a fetch task waits while it is full.
const UPDATE_QUEUE_CAPACITY: usize = 64;

/// A loaded thread, or the part of it that could be loaded.
#[derive(Clone, Debug)]
pub struct LoadedThread {
    pub service: &'static str,
    pub thread: Thread,
    /// The summaries, in the order of the browser.
    pub summaries: MessageSummaries,
    pub body_summary: BodySummary,
    /// The time at which the cached copy was saved, if this is one.
    pub cached_at: Option<Timestamp>,
    /// The network error, if a cached copy was loaded instead.
    pub network_error: Option<String>,
    /// The user's notes on the thread.
    pub notes: Arc<ThreadNotes>,
    /// Success, or the exit code for an incomplete thread.
    pub exit_code: ExitCode,
}

impl LoadedThread {
    /// Returns the provider of the thread's service.
    ///
    /// # Errors
    /// An unknown service. This does not occur, because only registered services are detected.
    pub fn provider(&self) -> Result<&'static dyn Provider, UserError> {
        provider::by_id(self.service)
            .ok_or_else(|| UserError::new("the body is of an unknown service", "", ExitCode::NotUnderstood))
    }
}

/// Loads a thread to its end. `cache_policy` applies to threads of a service. `on_progress` is called with each progress.
///
/// # Errors
/// No part of the thread could be loaded.
pub async fn load(
    source: Source,
    context: &Context,
    client: &Arc<Client>,
    cache_policy: CachePolicy,
    on_progress: &mut (dyn FnMut(&FetchProgress) + Send),
) -> Result<LoadedThread, UserError> {
    let named = source.thread().cloned();
    let partial_code = match source {
        Source::Thread(_) => ExitCode::Network,
        Source::File(_) | Source::Stdin => ExitCode::NotUnderstood,
    };
    let (outbox, mut inbox) = mpsc::channel(UPDATE_QUEUE_CAPACITY);
    spawn_load(source, context, client, cache_policy, outbox)?;
    let mut collected = Collected::default();
    while let Some(event) = inbox.recv().await {
        if let Event::Fetch { update, .. } = event {
            if let FetchUpdate::Progress(progress) = &update {
                on_progress(progress);
            }
            collected.apply(update);
        }
    }
    let mut loaded = collected.finish(partial_code)?;
    let thread = named.or_else(|| Some(ThreadRef::new(loaded.service, loaded.thread.id.clone()?)));
    loaded.notes = Arc::new(thread.map(|thread| notes::read(context, &thread)).unwrap_or_default());
    Ok(loaded)
}

/// Starts a task that sends its updates to `outbox` and drops it at its end.
fn spawn_load(
    source: Source,
    context: &Context,
    client: &Arc<Client>,
    cache_policy: CachePolicy,
    outbox: mpsc::Sender<Event>,
) -> Result<(), UserError> {
    let request = RequestId(1);
    let file_request = context.file_request(request);
    match source {
        Source::Thread(thread) => {
            let service = context
                .account_client(&thread.account(), Arc::clone(client))
                .ok_or_else(|| unknown_service_error(thread.service))?;
            let cache_policy = context.cache_policy(cache_policy);
            let fetch_request = FetchRequest { request, thread, cache_policy };
            tokio::spawn(fetch::fetch(fetch_request, service, outbox, FetchControl::none()));
        }
        Source::File(path) => {
            std::thread::spawn(move || {
                fetch::read_file(file_request, &path, &outbox, &AtomicBool::new(false));
            });
        }
        Source::Stdin => {
            std::thread::spawn(move || {
                fetch::read_stdin(file_request, &outbox, &AtomicBool::new(false));
            });
        }
    }
    Ok(())
}

/// The thread collected from fetch updates.
#[derive(Default)]
struct Collected {
    service: Option<&'static str>,
    thread: Thread,
    details: Option<Vec<u8>>,
    summaries: MessageSummaries,
    outcome: Option<Result<BodySummary, UserError>>,
    cached_at: Option<Timestamp>,
    network_error: Option<UserError>,
    /// Warnings about the fetch, not the body.
    warnings: Vec<String>,
}

impl Collected {
    fn apply(&mut self, update: FetchUpdate) {
        match update {
            FetchUpdate::Started { origin } => self.start(&origin),
            FetchUpdate::Restarted => {
                self.summaries = MessageSummaries::default();
                self.thread = Thread::default();
            }
            FetchUpdate::ProviderDetected { service } => self.service = Some(service),
            FetchUpdate::Summaries(summaries) => self.summaries.extend(summaries),
            FetchUpdate::Thread(thread) => self.thread = *thread,
            FetchUpdate::Details(details) => self.details = Some(details),
            FetchUpdate::Warning(warning) => self.warnings.push(warning),
            FetchUpdate::Ended(body_summary) => self.outcome = Some(Ok(body_summary)),
            FetchUpdate::Failed(error) if self.cached_at.is_some() && matches!(self.outcome, Some(Ok(_))) => {
                self.network_error = Some(error);
            }
            FetchUpdate::Failed(error) => self.outcome = Some(Err(error)),
            FetchUpdate::OfflineOnly | FetchUpdate::Progress(_) => {}
        }
    }

    fn start(&mut self, origin: &Origin) {
        let cached_at = match origin {
            Origin::Cache { fetched_at } => Some(*fetched_at),
            Origin::Network { .. } | Origin::File { .. } => None,
        };
        let (details, warnings) = (self.details.take(), std::mem::take(&mut self.warnings));
        *self = Self { cached_at, details, warnings, ..Self::default() };
    }

    fn finish(mut self, partial_code: ExitCode) -> Result<LoadedThread, UserError> {
        let crashed =
            || UserError::new("internal error: a task crashed", "Please report this bug.", ExitCode::Failure);
        let mut body_summary = self.outcome.take().unwrap_or_else(|| Err(crashed()))?;
        let service = self.service.ok_or_else(crashed)?;
        body_summary.warnings.append(&mut self.warnings);
        if let Some(provider) = provider::by_id(service) {
            if let Some(details) = &self.details {
                provider.add_details(&mut self.thread, details);
            }
            if !provider.capabilities().is_ordered {
                self.summaries.sort_by_time();
            }
        }
        let exit_code = match &self.network_error {
            Some(error) => error.exit_code,
            None if body_summary.is_partial => partial_code,
            None if body_summary.is_unreadable => ExitCode::NotUnderstood,
            None => ExitCode::Success,
        };
        Ok(LoadedThread {
            service,
            thread: self.thread,
            summaries: self.summaries,
            body_summary,
            cached_at: self.cached_at,
            network_error: self.network_error.map(|error| error.message),
            notes: Arc::default(),
            exit_code,
        })
    }
}
