//! A thread loaded to its end, by the same tasks that the browser uses: their news, gathered until they are done.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use crate::app_loop::effects::Context;
use crate::commands::runner::Verbosity;
use crate::domain::{ExitCode, BodySummary, MessageSummaries, Origin, RequestId, Source, Thread, Timestamp, UserError};
use crate::event::{Event, FetchUpdate};
use crate::ingest::fetch::{self, CachePolicy, FetchRequest};
use crate::net::{Client, FetchControl};
use crate::provider::{self, Provider};
use crate::text::{number, time};

/// News that may wait; whoever tells more waits.
const UPDATE_QUEUE_CAPACITY: usize = 64;

/// A thread, as much of it as came.
#[derive(Clone, Debug)]
pub struct LoadedThread {
    pub service: &'static str,
    pub thread: Thread,
    /// In the order in which the browser shows them.
    pub summaries: MessageSummaries,
    pub body_summary: BodySummary,
    /// When the copy was saved, if this is a kept one.
    pub cached_at: Option<Timestamp>,
    /// Why it is only the copy, if the service was asked.
    pub network_error: Option<String>,
    /// 0, or how the program is to end as a part of the thread is missing.
    pub exit_code: ExitCode,
}

impl LoadedThread {
    /// The service.
    ///
    /// # Errors
    /// None in practice: bodies are recognised by services that exist.
    pub fn provider(&self) -> Result<&'static dyn Provider, UserError> {
        provider::by_id(self.service).ok_or_else(|| UserError::new("the body is of no known service", "", ExitCode::NotUnderstood))
    }

    /// Says on standard error what is odd or missing; `about` is its name, where there are others beside it.
    pub fn print_warnings(&self, chatter: Verbosity, about: Option<&str>) {
        let about = about.map(|name| format!("{name}: ")).unwrap_or_default();
        let say = |chatter: Verbosity, text: &str| chatter.print_notice(&format!("{about}{text}"));
        let unread = usize::from(self.body_summary.is_unreadable);
        if let Some(why) = self.body_summary.warnings.first().filter(|_| self.body_summary.is_unreadable) {
            // This is why it fails, which is said however quiet it is to be.
            say(Verbosity::Normal, why);
        }
        for oddity in self.body_summary.warnings.iter().skip(unread) {
            say(chatter, &format!("note: {oddity}"));
        }
        let mut lost = self.summaries.iter().filter(|head| head.read_error.is_some());
        if let Some(first) = lost.next() {
            let count = number::pluralize(lost.count() + 1, "message");
            let reason = first.read_error.as_ref().map_or("", |fault| &fault.reason);
            say(chatter, &format!("{count} could not be read; the first, at {}: {reason}", first.index));
        }
        if let Some(saved) = self.cached_at {
            let why = self.network_error.as_ref().map(|why| format!("{why}; ")).unwrap_or_default();
            let saved = time::full(saved, &TimeZone::UTC);
            say(chatter, &format!("{why}this is the copy that was saved {saved}"));
        } else if self.body_summary.is_partial {
            say(Verbosity::Normal, "the thread is not complete: this is what came of it");
        }
    }
}

/// Loads all of a thread. `hear` is told how it goes.
///
/// # Errors
/// Nothing of it could be had.
pub async fn load(
    source: Source,
    world: &Context,
    client: &Arc<Client>,
    hear: &mut (dyn FnMut(&FetchUpdate) + Send),
) -> Result<LoadedThread, UserError> {
    let from_network = matches!(source, Source::Thread(_));
    let (outbox, mut inbox) = mpsc::channel(UPDATE_QUEUE_CAPACITY);
    spawn_load(source, world, client, outbox)?;
    let mut gathered = Collected::default();
    while let Some(event) = inbox.recv().await {
        if let Event::Fetch { update: news, .. } = event {
            hear(&news);
            gathered.apply(news);
        }
    }
    gathered.finish(if from_network { ExitCode::Network } else { ExitCode::NotUnderstood })
}

/// Sets a task to work that tells its news to `outbox` and drops it at its end.
fn spawn_load(
    source: Source,
    world: &Context,
    client: &Arc<Client>,
    outbox: mpsc::Sender<Event>,
) -> Result<(), UserError> {
    let request = RequestId(1);
    let reading = world.file_request(request);
    match source {
        Source::Thread(thread) => {
            let service = world
                .service_client(thread.service, Arc::clone(client))
                .ok_or_else(|| UserError::new(format!("there is no service called {}", thread.service), "", ExitCode::Usage))?;
            let errand = FetchRequest {
                request,
                thread,
                cache_policy: world.cache_policy(CachePolicy::NetworkElseCache),
            };
            tokio::spawn(fetch::fetch(errand, service, outbox, FetchControl::none()));
        }
        Source::File(path) => {
            std::thread::spawn(move || {
                fetch::read_file(reading, &path, &outbox, &AtomicBool::new(false));
            });
        }
        Source::Stdin => {
            std::thread::spawn(move || {
                fetch::read_stdin(reading, &outbox, &AtomicBool::new(false));
            });
        }
    }
    Ok(())
}

/// What the news add up to.
#[derive(Default)]
struct Collected {
    service: Option<&'static str>,
    thread: Thread,
    details: Option<Vec<u8>>,
    summaries: MessageSummaries,
    outcome: Option<Result<BodySummary, UserError>>,
    cached_at: Option<Timestamp>,
    network_error: Option<UserError>,
    /// What is to be known besides what the body tells.
    warnings: Vec<String>,
}

impl Collected {
    fn apply(&mut self, news: FetchUpdate) {
        match news {
            FetchUpdate::Started { origin } => self.start(&origin),
            FetchUpdate::Restarted => {
                self.summaries = MessageSummaries::default();
                self.thread = Thread::default();
            }
            FetchUpdate::ProviderDetected { service } => self.service = Some(service),
            FetchUpdate::Summaries(heads) => self.summaries.extend(heads),
            FetchUpdate::Thread(thread) => self.thread = *thread,
            FetchUpdate::Details(details) => self.details = Some(details),
            FetchUpdate::Warning(remark) => self.warnings.push(remark),
            FetchUpdate::Ended(ending) => self.outcome = Some(Ok(ending)),
            FetchUpdate::Failed(failure)
                if self.cached_at.is_some() && matches!(self.outcome, Some(Ok(_))) =>
            {
                self.network_error = Some(failure);
            }
            FetchUpdate::Failed(failure) => self.outcome = Some(Err(failure)),
            FetchUpdate::OfflineOnly
            | FetchUpdate::Connecting
            | FetchUpdate::RetryScheduled { .. }
            | FetchUpdate::Progress { .. } => {}
        }
    }

    fn start(&mut self, origin: &Origin) {
        let copy_of = match origin {
            Origin::Cache { fetched_at } => Some(*fetched_at),
            Origin::Network { .. } | Origin::File { .. } => None,
        };
        let (details, remarks) = (self.details.take(), std::mem::take(&mut self.warnings));
        *self = Self { cached_at: copy_of, details, warnings: remarks, ..Self::default() };
    }

    fn finish(mut self, partial_code: ExitCode) -> Result<LoadedThread, UserError> {
        let lost = || UserError::new("the thread could not be read: a task of the program died", "", ExitCode::Failure);
        let mut ending = self.outcome.take().unwrap_or_else(|| Err(lost()))?;
        let service = self.service.ok_or_else(lost)?;
        ending.warnings.append(&mut self.warnings);
        if let Some(provider) = provider::by_id(service) {
            if let Some(details) = &self.details {
                provider.add_details(&mut self.thread, details);
            }
            if !provider.capabilities().is_ordered {
                self.summaries.sort_by_time();
            }
        }
        let exit_code = match &self.network_error {
            Some(failure) => failure.exit_code,
            None if ending.is_partial => partial_code,
            None if ending.is_unreadable => ExitCode::NotUnderstood,
            None => ExitCode::Success,
        };
        let unreached = self.network_error.map(|failure| failure.message);
        let (thread, heads, copy_of) = (self.thread, self.summaries, self.cached_at);
        Ok(LoadedThread {
            service,
            thread,
            summaries: heads,
            body_summary: ending,
            cached_at: copy_of,
            network_error: unreached,
            exit_code,
        })
    }
}
