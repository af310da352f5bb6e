//! The tasks that perform effects. A task ends with events; a panic in a task becomes an event as well.

mod account;
mod fetch;
mod messages;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender as Outbox;

use crate::app_loop::analysis;
use crate::app_loop::context::Context;
use crate::app_loop::event_loop::EffectHandler;
use crate::app_loop::failure::{internal_error, task_failed_event};
use crate::app_loop::index_updates::IndexUpdates;
use crate::app_loop::library_search::SearchRequest;
use crate::app_loop::listing::Listings;
use crate::app_loop::save;
use crate::app_loop::search::SearchJob;
use crate::domain::{RecentThread, Timestamp};
use crate::effect::{Effect, ExportRequest, ExternalProgram};
use crate::event::Event;
use crate::ingest::body_reader::KnownMessages;
use crate::net::Client;
use crate::platform;
use crate::provider;
use crate::terminal::input::InputReader;
use crate::terminal::{self, clipboard, external_program, suspend};
use crate::view::Clip;
use fetch::InFlight;

/// A copy to the clipboard; returns the event about its result.
type CopyJob = Box<dyn FnOnce() -> Event + Send>;

/// Performs effects as tasks.
pub struct TaskRunner {
    context: Context,
    outbox: Outbox<Event>,
    runtime: Handle,
    client: Option<Arc<Client>>,
    in_flight: Option<InFlight>,
    listings: Listings,
    /// Known messages that the next body may contain unchanged.
    known_messages: KnownMessages,
    search_stop_flag: Option<Arc<AtomicBool>>,
    layout_stop_flag: Option<Arc<AtomicBool>>,
    /// Stops the reading of a message that is no longer selected.
    read_stop_flag: Arc<AtomicBool>,
    /// Stops the filter in progress.
    filter_stop_flag: Arc<AtomicBool>,
    /// Stops the sorting in progress.
    sort_stop_flag: Arc<AtomicBool>,
    /// Stops the arranging in progress.
    arrange_stop_flag: Arc<AtomicBool>,
    has_prepared_search: bool,
    /// Stops the search through the library in progress.
    library_stop_flag: Arc<AtomicBool>,
    /// Stops the search for threads in progress.
    find_stop_flag: Arc<AtomicBool>,
    /// Whether a search has updated the index; archive runs do so at their end.
    has_updated_index: bool,
    /// Stops the analysis of kept threads in progress.
    library_analysis_stop_flag: Arc<AtomicBool>,
    index_updates: IndexUpdates,
    /// The queue of copies, created by the first one.
    copies: Option<mpsc::Sender<CopyJob>>,
    /// The address of the demo's server, once it runs.
    demo_address: Arc<OnceLock<String>>,
    reader: InputReader,
}

impl TaskRunner {
    /// Runs tasks on this runtime; they send their events to `outbox`.
    pub fn new(context: Context, outbox: Outbox<Event>, runtime: Handle, reader: InputReader) -> Self {
        Self {
            context,
            outbox,
            runtime,
            client: None,
            in_flight: None,
            listings: Listings::default(),
            known_messages: KnownMessages::default(),
            search_stop_flag: None,
            layout_stop_flag: None,
            read_stop_flag: Arc::default(),
            filter_stop_flag: Arc::default(),
            sort_stop_flag: Arc::default(),
            arrange_stop_flag: Arc::default(),
            has_prepared_search: false,
            library_stop_flag: Arc::default(),
            find_stop_flag: Arc::default(),
            has_updated_index: false,
            library_analysis_stop_flag: Arc::default(),
            index_updates: IndexUpdates::default(),
            copies: None,
            demo_address: Arc::default(),
            reader,
        }
    }

    /// Returns the HTTP client, created on first use.
    fn client(&mut self) -> Arc<Client> {
        let limits = &self.context.limits;
        Arc::clone(self.client.get_or_insert_with(|| Arc::new(Client::new(limits.clone()))))
    }

    /// Runs an asynchronous task. Sends `on_panic` if it panics.
    fn spawn_async(&self, on_panic: Event, task: impl Future<Output = ()> + Send + 'static) {
        let outbox = self.outbox.clone();
        let joined = self.runtime.spawn(task);
        self.runtime.spawn(async move {
            if joined.await.is_err_and(|error| error.is_panic()) {
                let _ = outbox.send(on_panic).await;
            }
        });
    }

    /// Runs a task that blocks or computes, on its own thread. Sends `on_panic` if it panics.
    fn spawn_thread(&self, on_panic: Event, task: impl FnOnce(&Outbox<Event>) + Send + 'static) {
        let outbox = self.outbox.clone();
        std::thread::spawn(move || {
            if catch_unwind(AssertUnwindSafe(|| task(&outbox))).is_err() {
                let _ = outbox.blocking_send(on_panic);
            }
        });
    }

    /// Runs a task on its own thread and sends its event, if any. `what` names the task in an internal error.
    fn spawn<E: Into<Option<Event>>>(&self, what: &str, task: impl FnOnce() -> E + Send + 'static) {
        self.spawn_thread(task_failed_event(what), move |outbox| {
            if let Some(event) = task().into() {
                let _ = outbox.blocking_send(event);
            }
        });
    }

    fn save(&self, clip: Clip) {
        self.spawn("saving the file", move || {
            let (text, is_warning) = save::save_clip(&clip);
            Event::Notify { text, is_warning }
        });
    }

    /// Copies to the clipboard in the order of the requests, so that the last one remains.
    fn copy(&mut self, clip: Clip) {
        let clipboard = self.context.clipboard.clone();
        let job: CopyJob = Box::new(move || match clipboard::copy(&clip, &clipboard) {
            Ok(text) => Event::notice(text),
            Err(reason) => Event::CopyFailed { clip, reason },
        });
        if self.copies.is_none() {
            self.copies = Some(self.start_copies());
        }
        if let Some(copies) = &self.copies {
            // The thread ends only when this sender is dropped.
            let _sent = copies.send(job).is_ok();
        }
    }

    /// Starts the thread of all copies.
    fn start_copies(&self) -> mpsc::Sender<CopyJob> {
        let (sender, jobs) = mpsc::channel::<CopyJob>();
        let outbox = self.outbox.clone();
        std::thread::spawn(move || {
            for job in jobs {
                let event = catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| task_failed_event("copy"));
                let _ = outbox.blocking_send(event);
            }
        });
        sender
    }

    fn export(&self, request: ExportRequest) {
        let redaction = self.context.redaction.clone();
        self.spawn("export", move || {
            let (text, is_warning) = save::export_to_file(request, &redaction);
            Event::Notify { text, is_warning }
        });
    }

    fn record_visit(&mut self, visit: RecentThread) {
        self.attach_demo();
        let Some(recent_threads) = self.context.recent_threads.clone() else { return };
        self.spawn("recent threads", move || {
            recent_threads
                .record(&visit)
                .map(|recorded| recorded.map_or_else(Event::warning, Event::RecentThreads))
        });
    }

    fn record_place(&self, left: RecentThread) {
        let Some(recent_threads) = self.context.recent_threads.clone() else { return };
        self.spawn("recent threads", move || recent_threads.record_place(&left).map(Event::RecentThreads));
    }

    fn start_timer(&self, seconds: u64, id: u64) {
        let outbox = self.outbox.clone();
        self.spawn_async(task_failed_event("timer"), async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            let _ = outbox.send(Event::TimerFired { id }).await;
        });
    }

    fn start_demo(&self) {
        let Some(launcher) = self.context.demo else { return };
        let (runtime, address) = (self.runtime.clone(), Arc::clone(&self.demo_address));
        self.spawn("demo", move || match (launcher.start)(&runtime) {
            Ok((base_url, threads)) => {
                // If the demo is started twice, the first server stays.
                let _ = address.set(base_url);
                Event::DemoStarted { threads }
            }
            Err(error) => Event::warning(error.message),
        });
    }

    /// Sends all requests to the demo's server, once it runs.
    fn attach_demo(&mut self) {
        if let Some(base_url) = self.demo_address.get()
            && let Some(launcher) = self.context.demo.take()
        {
            (launcher.attach)(&mut self.context, base_url);
        }
    }

    /// Uses a profile for later requests; the request in flight keeps its access.
    fn use_profile(&mut self, name: &str) {
        if let Err(error) = self.context.activate_profile(name) {
            let _ = self.outbox.try_send(Event::warning(error.message));
        }
    }
}

/// Stops the task that has this flag; returns the flag of the next one.
fn replace_stop_flag(flag: &mut Arc<AtomicBool>) -> Arc<AtomicBool> {
    let stop = Arc::<AtomicBool>::default();
    std::mem::replace(flag, Arc::clone(&stop)).store(true, Ordering::Relaxed);
    stop
}

impl EffectHandler for TaskRunner {
    #[expect(clippy::too_many_lines, reason = "one exhaustive list: the compiler reports a missing effect")]
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Open { request, source, freshness } => self.open(request, source, freshness),
            Effect::ReuseMessages(summaries) => self.known_messages = KnownMessages::new(summaries),
            Effect::Cancel(request) => self.cancel_request(request),
            Effect::SkipWait(request) => self.skip_wait(request),
            Effect::ReadMessage { key, service, raw, width, options } => {
                self.read_message((key, width), service, raw, options);
            }
            Effect::FormatPayload(job) => {
                self.spawn("payload", move || Event::PayloadReady(Box::new(job.run())));
            }
            Effect::Search { id, summaries, finder, from } => {
                self.start_search(SearchJob { id, summaries, finder, start: from });
            }
            Effect::FindHits(job) => self.spawn("search", move || Event::HitsFound(Box::new(job.run()))),
            Effect::ReadHits(request) => self.read_hits(request),
            Effect::StopSearch => self.stop_search(),
            Effect::LayOutPage { id, content, width } => self.lay_out_page(id, content, width),
            Effect::StopLayout => self.stop_layout(),
            Effect::Filter { id, summaries, filter, service } => {
                self.filter_messages(id, summaries, filter, service);
            }
            Effect::Sort { id, order, summaries, questions, service } => {
                self.sort_messages(id, order, (summaries, questions), service);
            }
            Effect::Analyse { generation, summaries, service } => self.spawn("analysis", move || {
                let analysis = analysis::analyse_thread(&summaries, provider::by_id(service)?);
                Some(Event::Analysed { generation, analysis: Arc::new(analysis) })
            }),
            Effect::List { id, account, variant } => self.list(id, &account, variant),
            Effect::SearchLibrary { id, text, scope } => {
                self.search_library(SearchRequest { id, text, scope })
            }
            Effect::StopLibrarySearch => drop(replace_stop_flag(&mut self.library_stop_flag)),
            Effect::FindThreads(request) => self.find_threads(*request),
            Effect::StopFindingThreads => drop(replace_stop_flag(&mut self.find_stop_flag)),
            Effect::AnalyseLibrary { id, subject, day } => self.analyse_library(id, subject, day),
            Effect::StopLibraryAnalysis => drop(replace_stop_flag(&mut self.library_analysis_stop_flag)),
            Effect::SaveSearch { name, query } => self.save_search(name, query),
            Effect::ReadNotes(thread) => self.read_notes(thread),
            Effect::WriteNote(edit) => self.write_note(*edit),
            Effect::ListNotes => self.list_notes(),
            Effect::StopListing(id) => self.listings.stop(id),
            Effect::Archive(request) => self.archive(*request),
            Effect::ExportThreads(export) => self.export_threads(*export),
            Effect::Arrange(request) => self.arrange_threads(request),
            Effect::Copy(clip) => self.copy(clip),
            Effect::OpenLink(address) => {
                self.spawn("browser", move || external_program::open_link(&address).err().map(Event::warning))
            }
            Effect::Export(request) => self.export(*request),
            Effect::Save(clip) => self.save(clip),
            Effect::Pipe { clip, command } => self.spawn("shell command", move || {
                Event::CommandOutput(external_program::pipe_through_shell(&clip.text, &command))
            }),
            Effect::StartTimer { seconds, id } => self.start_timer(seconds, id),
            Effect::StartDemo => self.start_demo(),
            Effect::UseProfile { name } => self.use_profile(&name),
            Effect::RecordVisit(visit) => self.record_visit(visit),
            Effect::RecordPlace(left) => self.record_place(left),
            Effect::PrepareMore => {
                let _ = self.outbox.try_send(Event::PrepareFrame);
            }
            Effect::SetMouseOwner(owner) => terminal::set_mouse_owner(owner),
            Effect::SetWindowTitle(title) => terminal::set_title(&title),
            // Performed by the loop.
            Effect::Redraw | Effect::Suspend | Effect::RunInTerminal(_) | Effect::Quit => {}
        }
    }

    fn now(&self) -> Timestamp {
        platform::now()
    }

    fn run_in_terminal(&mut self, program: ExternalProgram) -> Option<String> {
        self.reader.pause();
        terminal::restore();
        let settings = platform::TtyState::capture();
        let error = external_program::run_in_terminal(program, &settings).err();
        terminal::reset_line_mode(&settings);
        let _ = terminal::set_modes();
        self.reader.resume();
        error
    }

    fn suspend(&mut self) -> bool {
        self.reader.pause();
        let is_suspended = suspend::suspend();
        self.reader.resume();
        is_suspended
    }
}
