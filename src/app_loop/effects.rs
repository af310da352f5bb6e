//! The tasks behind effects. A task ends in events; a panic in a task becomes an event too.

mod account;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender as Outbox;

use crate::app_loop::analysis;
use crate::app_loop::context::Context;
use crate::app_loop::event_loop::EffectHandler;
use crate::app_loop::failure::{
    internal_error, request_failed_event, task_failed_event, unknown_service_error,
};
use crate::app_loop::listing::Listings;
use crate::app_loop::save;
use crate::app_loop::search::{self, SearchJob};
use crate::app_loop::sort::sort_messages;
use crate::domain::{
    FilterId, MessageKey, MessageSummaries, Raw, RecentThread, RequestId, SortId, SortOrder, Source,
    Timestamp,
};
use crate::effect::{Effect, ExportRequest, ExternalProgram, Freshness};
use crate::event::{Event, FetchUpdate, LoadedMessage};
use crate::filter::Filter;
use crate::ingest::body_reader::KnownMessages;
use crate::ingest::fetch::{self, CachePolicy, FetchRequest, FileRequest, ServiceClient};
use crate::net::{self, Client};
use crate::platform;
use crate::provider;
use crate::terminal::input::InputReader;
use crate::terminal::{self, clipboard, external_program, suspend};
use crate::view::hit_lines::HitRequest;
use crate::view::message::TextOptions;
use crate::view::page::{self, PageContent, PageLayout};
use crate::view::{Clip, MessageView};

/// The request in flight and the handles that stop it.
struct InFlight {
    request: RequestId,
    handle: net::FetchHandle,
    stop: Arc<AtomicBool>,
}

/// A copy to perform; returns the event about its result.
type CopyJob = Box<dyn FnOnce() -> Event + Send>;

/// Performs effects as tasks.
pub struct TaskRunner {
    context: Context,
    outbox: Outbox<Event>,
    runtime: Handle,
    client: Option<Arc<Client>>,
    in_flight: Option<InFlight>,
    listings: Listings,
    /// Messages that the next thread may contain unchanged.
    known_messages: KnownMessages,
    search_stop_flag: Option<Arc<AtomicBool>>,
    layout_stop_flag: Option<Arc<AtomicBool>>,
    /// Stops reading a message that is no longer selected.
    read_stop_flag: Arc<AtomicBool>,
    /// Stops the filter under way.
    filter_stop_flag: Arc<AtomicBool>,
    /// Stops the sorting under way.
    sort_stop_flag: Arc<AtomicBool>,
    /// Stops the arranging under way.
    arrange_stop_flag: Arc<AtomicBool>,
    library_stop_flag: Arc<AtomicBool>,
    /// Whether the index of the library is being updated.
    is_indexing: Arc<AtomicBool>,
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
            library_stop_flag: Arc::default(),
            is_indexing: Arc::default(),
            copies: None,
            demo_address: Arc::default(),
            reader,
        }
    }

    /// The HTTP client, created on first use.
    fn client(&mut self) -> Arc<Client> {
        let limits = &self.context.limits;
        Arc::clone(self.client.get_or_insert_with(|| Arc::new(Client::new(limits.clone()))))
    }

    /// Runs a task that waits. Sends `on_panic` if it panics.
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

    fn open(&mut self, request: RequestId, source: Source, freshness: Freshness) {
        self.cancel();
        self.attach_demo();
        let (handle, control) = net::fetch_control();
        let stop = Arc::new(AtomicBool::new(false));
        let known_messages = std::mem::take(&mut self.known_messages);
        self.in_flight = Some(InFlight { request, handle, stop: Arc::clone(&stop) });
        match source {
            Source::Thread(thread) => {
                let cache_policy = self.context.cache_policy(match freshness {
                    Freshness::CacheFirst => CachePolicy::CacheFirst,
                    Freshness::NetworkOnly => CachePolicy::NetworkOnly,
                });
                self.open_thread(FetchRequest { request, thread, cache_policy }, known_messages, control);
            }
            Source::File(path) => {
                self.open_file(
                    FileRequest { known_messages, ..self.context.file_request(request) },
                    path,
                    stop,
                );
            }
            Source::Stdin => {
                let file_request = self.context.file_request(request);
                self.spawn_thread(request_failed_event(request, "reading standard input"), move |outbox| {
                    fetch::read_stdin(file_request, outbox, &stop);
                });
            }
        }
    }

    fn open_file(&self, file_request: FileRequest, path: PathBuf, stop: Arc<AtomicBool>) {
        let on_panic = request_failed_event(file_request.request, "reading the file");
        self.spawn_thread(on_panic, move |outbox| fetch::read_file(file_request, &path, outbox, &stop));
    }

    fn open_thread(
        &mut self,
        fetch_request: FetchRequest,
        known_messages: KnownMessages,
        control: net::FetchControl,
    ) {
        let client = self.client();
        let outbox = self.outbox.clone();
        let (request, service) = (fetch_request.request, fetch_request.thread.service);
        match self.context.service_client(service, client) {
            Some(client) => {
                let client = ServiceClient { known_messages, ..client };
                let task = fetch::fetch(fetch_request, client, outbox, control);
                self.spawn_async(request_failed_event(request, "fetch"), task);
            }
            None => self.spawn("fetch", move || Event::Fetch {
                request,
                update: FetchUpdate::Failed(unknown_service_error(service)),
            }),
        }
    }

    fn cancel(&mut self) {
        if let Some(in_flight) = self.in_flight.take() {
            in_flight.handle.cancel();
            in_flight.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Reads a message; stops reading the one before, which is no longer selected.
    fn read_message(
        &mut self,
        (key, width): (MessageKey, usize),
        service: &'static str,
        raw: Raw,
        options: TextOptions,
    ) {
        let stop = replace_stop_flag(&mut self.read_stop_flag);
        self.spawn("reading a message", move || {
            let is_stopped = || stop.load(Ordering::Relaxed);
            let provider = provider::by_id(service)?;
            let view = MessageView::new_cancellable(&is_stopped, provider, &raw, (width, options))?;
            Some(Event::MessageReady(LoadedMessage { key, width, raw, view: Arc::new(view) }))
        });
    }

    fn save(&self, clip: Clip) {
        self.spawn("saving the file", move || {
            let (text, is_warning) = save::save_clip(&clip);
            Event::Notify { text, is_warning }
        });
    }

    fn read_hits(&self, request: Box<HitRequest>) {
        self.spawn("reading hits", move || {
            let provider = provider::by_id(request.service)?;
            Some(Event::HitsRead(Box::new(request.run(provider))))
        });
    }

    fn filter_messages(
        &mut self,
        id: FilterId,
        summaries: MessageSummaries,
        filter: Filter,
        service: &'static str,
    ) {
        let stop = replace_stop_flag(&mut self.filter_stop_flag);
        self.spawn("filter", move || {
            let provider = provider::by_id(service)?;
            let visible = analysis::filter_messages(&summaries, &filter, provider, &stop)?;
            Some(Event::Filtered { id, visible: Arc::new(visible) })
        });
    }

    /// Sorts messages in groups that begin at these indices.
    fn sort_messages(
        &mut self,
        id: SortId,
        order: SortOrder,
        (summaries, questions): (MessageSummaries, Vec<u32>),
        service: &'static str,
    ) {
        let stop = replace_stop_flag(&mut self.sort_stop_flag);
        self.spawn("sorting", move || {
            let provider = provider::by_id(service)?;
            let sorted = sort_messages(&summaries, &questions, order, provider, &stop)?;
            Some(Event::Sorted { id, sorted: Arc::new(sorted) })
        });
    }

    fn start_search(&mut self, job: SearchJob) {
        self.stop_search();
        let stop = Arc::new(AtomicBool::new(false));
        self.search_stop_flag = Some(Arc::clone(&stop));
        self.spawn_thread(task_failed_event("search"), move |outbox| {
            platform::fail_point("searching");
            search::run(&job, outbox, &stop);
        });
    }

    fn stop_search(&mut self) {
        if let Some(stop) = self.search_stop_flag.take() {
            stop.store(true, Ordering::Relaxed);
        }
    }

    /// Lays out the page in front; the layout of an earlier page or width is no longer needed.
    fn lay_out_page(&mut self, page_id: u64, content: PageContent, width: usize) {
        self.stop_layout();
        let stop = Arc::new(AtomicBool::new(false));
        self.layout_stop_flag = Some(Arc::clone(&stop));
        self.spawn("page layout", move || {
            let document = page::lay_out(&content, width, &|| stop.load(Ordering::Relaxed))?;
            Some(Event::PageReady(Box::new(PageLayout { page_id, document })))
        });
    }

    fn stop_layout(&mut self) {
        if let Some(stop) = self.layout_stop_flag.take() {
            stop.store(true, Ordering::Relaxed);
        }
    }

    /// Copies in the order of the requests: the last one stays in the clipboard.
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
            // The thread ends with this sender only.
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
                // A second start in a row keeps the first server.
                let _ = address.set(base_url);
                Event::DemoStarted { threads }
            }
            Err(error) => Event::warning(error.message),
        });
    }

    /// Once the demo runs, all requests go to its server.
    fn attach_demo(&mut self) {
        if let Some(base_url) = self.demo_address.get()
            && let Some(launcher) = self.context.demo.take()
        {
            (launcher.attach)(&mut self.context, base_url);
        }
    }

    /// Applies to later requests; the one in flight keeps its access.
    fn use_profile(&mut self, name: &str) {
        if let Err(error) = self.context.activate_profile(name) {
            let _ = self.outbox.try_send(Event::warning(error.message));
        }
    }

    /// The request in flight, if it is this one.
    fn in_flight(&self, request: RequestId) -> Option<&InFlight> {
        self.in_flight.as_ref().filter(|in_flight| in_flight.request == request)
    }
}

/// Stops the task that has this flag; returns the flag of the next one.
fn replace_stop_flag(flag: &mut Arc<AtomicBool>) -> Arc<AtomicBool> {
    let stop = Arc::<AtomicBool>::default();
    std::mem::replace(flag, Arc::clone(&stop)).store(true, Ordering::Relaxed);
    stop
}

impl TaskRunner {
    fn skip_wait(&self, request: RequestId) {
        if let Some(in_flight) = self.in_flight(request) {
            in_flight.handle.skip_wait();
        }
    }
}

impl EffectHandler for TaskRunner {
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Open { request, source, freshness } => self.open(request, source, freshness),
            Effect::ReuseMessages(summaries) => self.known_messages = KnownMessages::new(summaries),
            Effect::Cancel(request) => {
                if self.in_flight(request).is_some() {
                    self.cancel();
                }
            }
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
            Effect::List { id, service, variant } => self.list(id, service, variant),
            Effect::SearchLibrary { id, text } => self.search_library(id, text),
            Effect::StopListing(id) => self.listings.stop(id),
            Effect::Archive(request) => self.archive(*request),
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
