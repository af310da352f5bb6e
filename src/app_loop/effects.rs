//! Effects to tasks, one arm each. A task ends in events; when one dies, that becomes an event too.

use std::collections::HashMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender as Outbox;

use crate::app_loop::analysis;
use crate::app_loop::event_loop::EffectHandler;
use crate::app_loop::search::{self, SearchJob};
use crate::commands::export;
use crate::config::Clipboard;
use crate::credentials::api_key::LazyApiKey;
use crate::credentials::profiles::ProfileDirectory;
use crate::domain::{ExitCode, MessageKey, Raw, RequestId, Source, Timestamp, UserError};
use crate::effect::{Effect, ExternalProgram, Freshness};
use crate::event::{Event, FetchUpdate, LoadedMessage};
use crate::ingest::body_reader::KnownMessages;
use crate::ingest::fetch::{self, CachePolicy, FetchRequest, FileRequest, ServiceClient};
use crate::net::{self, Client, Limits};
use crate::platform;
use crate::provider::{self, Provider, ServiceAccess};
use crate::storage::recent_threads;
use crate::storage::thread_cache::ThreadCache;
use crate::terminal::input::InputReader;
use crate::terminal::{self, clipboard, external_program, panics, suspend};
use crate::view::MessageView;
use crate::view::message::HiddenText;
use crate::view::page::{self, PageContent, PageLayout};

/// What the tasks need to know of the outside.
#[derive(Clone)]
pub struct Context {
    /// How to reach each service.
    pub service_access: HashMap<&'static str, ServiceAccess>,
    /// Where the key of each service is, if not in its access.
    pub api_keys: HashMap<&'static str, LazyApiKey>,
    /// For files: the service whose body it is, if the user said so.
    pub provider: Option<&'static dyn Provider>,
    pub limits: Limits,
    /// Where copies of what was fetched are kept; `None` keeps none and shows none.
    pub cache: Option<ThreadCache>,
    pub network_mode: NetworkMode,
    pub redaction: Redaction,
    pub clipboard: Clipboard,
    /// Where profiles are looked up when one is chosen; `None` has none.
    pub profiles: Option<ProfileDirectory>,
    /// Where what was opened is remembered; `None` remembers nothing.
    pub recent_threads: Option<recent_threads::RecentThreads>,
}

/// What the user wants masked in everything that leaves the program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redaction {
    /// Without being asked.
    pub always: bool,
    /// Besides the built-in rules, each as NAME=REGEX.
    pub patterns: Vec<String>,
}

/// Whether services are asked at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NetworkMode {
    #[default]
    Online,
    /// Kept copies are all there is.
    Offline,
}

impl Context {
    /// A service and how to ask it.
    pub fn service_client(&self, name: &str, client: Arc<Client>) -> Option<ServiceClient> {
        let (provider, access) = (provider::by_id(name)?, self.service_access.get(name)?.clone());
        let keys = self.api_keys.get(name).cloned().unwrap_or_default();
        Some(ServiceClient {
            provider,
            access,
            api_key: keys,
            client,
            cache: self.cache.clone(),
            known_messages: KnownMessages::default(),
        })
    }

    /// How a file or a pipe is to be read.
    pub fn file_request(&self, request: RequestId) -> FileRequest {
        FileRequest {
            request,
            provider: self.provider,
            max_bytes: self.limits.max_body,
            known_messages: KnownMessages::default(),
        }
    }

    /// What to do about copies, unless the user is offline.
    pub fn cache_policy(&self, online: CachePolicy) -> CachePolicy {
        match self.network_mode {
            NetworkMode::Online => online,
            NetworkMode::Offline => CachePolicy::CacheOnly,
        }
    }
}

/// A request under way and how to stop it.
struct InFlight {
    request: RequestId,
    handle: net::FetchHandle,
    stop: Arc<AtomicBool>,
}

/// Carries out effects.
pub struct TaskRunner {
    context: Context,
    outbox: Outbox<Event>,
    runtime: Handle,
    client: Option<Arc<Client>>,
    in_flight: Option<InFlight>,
    /// What the thread that is opened next may still be.
    known_messages: KnownMessages,
    search_stop_flag: Option<Arc<AtomicBool>>,
    /// Ends the reading of a message that is no longer looked at.
    read_stop_flag: Arc<AtomicBool>,
    reader: InputReader,
}

impl TaskRunner {
    /// Tasks on this runtime, telling their events to `outbox`.
    pub fn new(world: Context, outbox: Outbox<Event>, runtime: Handle, reader: InputReader) -> Self {
        Self {
            context: world,
            outbox,
            runtime,
            client: None,
            in_flight: None,
            known_messages: KnownMessages::default(),
            search_stop_flag: None,
            read_stop_flag: Arc::default(),
            reader,
        }
    }

    /// The HTTP client, made when it is first needed.
    fn client(&mut self) -> Arc<Client> {
        let limits = &self.context.limits;
        Arc::clone(self.client.get_or_insert_with(|| Arc::new(Client::new(limits.clone()))))
    }

    /// `died` is told if the task panics.
    fn spawn(&self, died: Event, task: impl Future<Output = ()> + Send + 'static) {
        let outbox = self.outbox.clone();
        let joined = self.runtime.spawn(task);
        self.runtime.spawn(async move {
            if joined.await.is_err_and(|error| error.is_panic()) {
                let _ = outbox.send(died).await;
            }
        });
    }

    /// Runs something that blocks or computes on a thread of its own.
    fn spawn_thread(&self, died: Event, task: impl FnOnce() + Send + 'static) {
        let outbox = self.outbox.clone();
        std::thread::spawn(move || {
            if catch_unwind(AssertUnwindSafe(task)).is_err() {
                let _ = outbox.blocking_send(died);
            }
        });
    }

    fn open(&mut self, request: RequestId, source: Source, freshness: Freshness) {
        self.cancel();
        let (handle, control) = net::fetch_control();
        let stop = Arc::new(AtomicBool::new(false));
        let known = std::mem::take(&mut self.known_messages);
        self.in_flight = Some(InFlight { request, handle, stop: Arc::clone(&stop) });
        match source {
            Source::Thread(thread) => {
                let plan = self.context.cache_policy(match freshness {
                    Freshness::CacheFirst => CachePolicy::CacheFirst,
                    Freshness::NetworkOnly => CachePolicy::NetworkOnly,
                });
                self.open_thread(FetchRequest { request, thread, cache_policy: plan }, known, control);
            }
            Source::File(path) => {
                let reading = FileRequest { known_messages: known, ..self.context.file_request(request) };
                self.open_file(reading, path, stop);
            }
            Source::Stdin => {
                let (outbox, reading) = (self.outbox.clone(), self.context.file_request(request));
                self.spawn_thread(request_failed_event(request, "reading standard input"), move || {
                    fetch::read_stdin(reading, &outbox, &stop);
                });
            }
        }
    }

    fn open_file(&self, reading: FileRequest, path: PathBuf, stop: Arc<AtomicBool>) {
        let outbox = self.outbox.clone();
        self.spawn_thread(request_failed_event(reading.request, "reading the file"), move || {
            fetch::read_file(reading, &path, &outbox, &stop);
        });
    }

    fn open_thread(&mut self, errand: FetchRequest, known: KnownMessages, control: net::FetchControl) {
        let client = self.client();
        let outbox = self.outbox.clone();
        match self.context.service_client(errand.thread.service, client) {
            Some(service) => {
                let service = ServiceClient { known_messages: known, ..service };
                self.spawn(
                    request_failed_event(errand.request, "fetching"),
                    fetch::fetch(errand, service, outbox, control),
                )
            }
            None => self.spawn(task_failed_event("fetching"), async move {
                let news = FetchUpdate::Failed(unknown_service_error(errand.thread.service));
                let _ = outbox.send(Event::Fetch { request: errand.request, update: news }).await;
            }),
        }
    }

    fn cancel(&mut self) {
        if let Some(running) = self.in_flight.take() {
            running.handle.cancel();
            running.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Only the message that was asked for last is waited for: the reading of any other is given up.
    fn read_message(
        &mut self,
        (key, width): (MessageKey, usize),
        service: &'static str,
        raw: Raw,
        hidden: HiddenText,
    ) {
        let outbox = self.outbox.clone();
        let stop = Arc::<AtomicBool>::default();
        std::mem::replace(&mut self.read_stop_flag, Arc::clone(&stop)).store(true, Ordering::Relaxed);
        self.spawn_thread(task_failed_event("reading the message"), move || {
            let Some(provider) = provider::by_id(service) else { return };
            let is_stopped = || stop.load(Ordering::Relaxed);
            let Some(prepared) = MessageView::new_cancellable(&is_stopped, provider, &raw, (width, hidden))
            else {
                return;
            };
            let prepared = Arc::new(prepared);
            let _ =
                outbox.blocking_send(Event::MessageReady(LoadedMessage { key, width, raw, view: prepared }));
        });
    }

    fn lay_out_page(&self, number: u64, subject: PageContent, width: usize) {
        let outbox = self.outbox.clone();
        self.spawn_thread(task_failed_event("laying out the page"), move || {
            let document = page::lay_out(&subject, width);
            let _ =
                outbox.blocking_send(Event::PageReady(Box::new(PageLayout { page_id: number, document })));
        });
    }

    /// What is under way was asked for at another place.
    fn use_profile(&mut self, name: &str) {
        let Some(profiles) = self.context.profiles.clone() else { return };
        if let Err(failure) = profiles.activate(name, &mut self.context) {
            let _ = self.outbox.try_send(Event::Notify { text: failure.message, is_warning: true });
        }
    }

    fn stop_search(&mut self) {
        if let Some(stop) = self.search_stop_flag.take() {
            stop.store(true, Ordering::Relaxed);
        }
    }
}

fn task_failed_event(what: &str) -> Event {
    let what = format!("{what} failed inside the program; what is on the screen stays. The log says more.");
    Event::TaskFailed { message: what }
}

/// The request would wait for ever for what died.
fn request_failed_event(request: RequestId, what: &str) -> Event {
    let failure = UserError {
        message: format!("{what} failed inside the program"),
        service_messages: Vec::new(),
        hint: "This is a bug of unspool. Try again; the log says more.".to_owned(),
        exit_code: ExitCode::Failure,
    };
    Event::Fetch { request, update: FetchUpdate::Failed(failure) }
}

fn unknown_service_error(service: &str) -> UserError {
    UserError {
        message: format!("there is no service called {service}"),
        service_messages: Vec::new(),
        hint: "Write sgp:ID or camelai:ID.".to_owned(),
        exit_code: ExitCode::Usage,
    }
}

impl EffectHandler for TaskRunner {
    #[expect(
        clippy::too_many_lines,
        reason = "one exhaustive list: the compiler asks for the arm of a new effect"
    )]
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Open { request, source, freshness } => self.open(request, source, freshness),
            Effect::ReuseMessages(heads) => self.known_messages = KnownMessages::new(heads),
            Effect::Cancel(request) => {
                if self.in_flight.as_ref().is_some_and(|running| running.request == request) {
                    self.cancel();
                }
            }
            Effect::SkipWait(request) => {
                if let Some(running) = self.in_flight.as_ref().filter(|running| running.request == request) {
                    running.handle.skip_wait();
                }
            }
            Effect::ReadMessage { key, service, raw, width, hidden } => {
                self.read_message((key, width), service, raw, hidden)
            }
            Effect::FormatPayload(wish) => {
                let outbox = self.outbox.clone();
                self.spawn_thread(task_failed_event("reading the payload"), move || {
                    let _ = outbox.blocking_send(Event::PayloadReady(Box::new(wish.run())));
                });
            }
            Effect::Search { id, summaries: heads, finder, from } => {
                self.stop_search();
                let stop = Arc::new(AtomicBool::new(false));
                self.search_stop_flag = Some(Arc::clone(&stop));
                let outbox = self.outbox.clone();
                self.spawn_thread(task_failed_event("the search"), move || {
                    panics::fail_point("searching");
                    search::run(&SearchJob { id, summaries: heads, finder, start: from }, &outbox, &stop);
                });
            }
            Effect::StopSearch(_) => self.stop_search(),
            Effect::LayOutPage { id: number, content: subject, width } => {
                self.lay_out_page(number, subject, width)
            }
            Effect::Filter { id, summaries: heads, filter, service } => {
                let outbox = self.outbox.clone();
                self.spawn_thread(task_failed_event("the filter"), move || {
                    analysis::filter_messages(id, &heads, &filter, service, &outbox)
                });
            }
            Effect::Analyse { generation, summaries: heads, service } => {
                let outbox = self.outbox.clone();
                self.spawn_thread(task_failed_event("the profile"), move || {
                    analysis::analyse_thread(generation, &heads, service, &outbox)
                });
            }
            Effect::Copy(taken) => {
                let (outbox, wanted) = (self.outbox.clone(), self.context.clipboard.clone());
                self.spawn_thread(task_failed_event("the clipboard"), move || {
                    let told = match clipboard::copy(&taken, &wanted) {
                        Ok(text) => Event::Notify { text, is_warning: false },
                        Err(why) => Event::CopyFailed { clip: taken, reason: why },
                    };
                    let _ = outbox.blocking_send(told);
                });
            }
            Effect::Export(wish) => {
                let (outbox, redaction) = (self.outbox.clone(), self.context.redaction.clone());
                self.spawn_thread(task_failed_event("the export"), move || {
                    let (text, warning) = export::export_to_file(*wish, &redaction);
                    let _ = outbox.blocking_send(Event::Notify { text, is_warning: warning });
                });
            }
            Effect::Save(taken) => {
                let outbox = self.outbox.clone();
                self.spawn_thread(task_failed_event("writing the file"), move || {
                    let (text, warning) = export::save_clip(&taken);
                    let _ = outbox.blocking_send(Event::Notify { text, is_warning: warning });
                });
            }
            Effect::Pipe { clip: taken, command } => {
                let outbox = self.outbox.clone();
                self.spawn_thread(task_failed_event("the command"), move || {
                    let _ = outbox.blocking_send(Event::CommandOutput(external_program::pipe_through_shell(
                        &taken.text,
                        &command,
                    )));
                });
            }
            Effect::StartTimer { seconds, id: number } => {
                let outbox = self.outbox.clone();
                self.spawn(task_failed_event("the timer"), async move {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                    let _ = outbox.send(Event::TimerFired { id: number }).await;
                });
            }
            Effect::UseProfile { name } => self.use_profile(&name),
            Effect::RecordVisit(visit) => {
                if let Some(memory) = self.context.recent_threads.clone() {
                    let outbox = self.outbox.clone();
                    self.spawn_thread(task_failed_event("remembering the thread"), move || {
                        memory.record(&visit, &outbox)
                    });
                }
            }
            Effect::PrepareMore => {
                let _ = self.outbox.try_send(Event::PrepareFrame);
            }
            Effect::SetMouseOwner(mouse) => terminal::set_mouse_owner(mouse),
            Effect::Suspend | Effect::RunInTerminal(_) | Effect::Quit => {}
        }
    }

    fn now(&self) -> Timestamp {
        fetch::now()
    }

    fn run_in_terminal(&mut self, hand_over: ExternalProgram) -> Option<String> {
        self.reader.pause();
        terminal::restore();
        let before = platform::TtyState::capture();
        let trouble = external_program::run_in_terminal(hand_over).err();
        if trouble.is_some() {
            terminal::reset_line_mode(&before);
        }
        let _ = terminal::re_enter();
        self.reader.resume();
        trouble
    }

    fn suspend(&mut self) -> bool {
        self.reader.pause();
        let stopped = suspend::suspend();
        self.reader.resume();
        stopped
    }
}
