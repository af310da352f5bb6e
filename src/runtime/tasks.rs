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

use crate::app::Prepared;
use crate::app::detail::compose::HiddenText;
use crate::app::page::{self, Laid, Subject};
use crate::config::Clipboard;
use crate::domain::{Raw, Stamp};
use crate::effect::{Effect, Freshness, HandOver, RequestId, Source};
use crate::event::{Event, Failure, MessageKey, News, ReadMessage};
use crate::provider::{self, Access, Provider};
use crate::runtime::event_loop::Outside;
use crate::runtime::http::{self, Client, Limits};
use crate::runtime::input::Reader;
use crate::runtime::intake::Known;
use crate::runtime::profiles::Directory;
use crate::runtime::search::Hunt;
use crate::runtime::secret::Keyring;
use crate::runtime::source::{Errand, Plan, Reading, Service};
use crate::runtime::store::Store;
use crate::runtime::{
    analysis, child, clipboard, export, memory, panics, platform, search, source, suspend, terminal,
};

/// What the tasks need to know of the outside.
#[derive(Clone)]
pub struct World {
    /// How to reach each service.
    pub access: HashMap<&'static str, Access>,
    /// Where the key of each service is, if not in its access.
    pub keys: HashMap<&'static str, Keyring>,
    /// For files: the service whose body it is, if the user said so.
    pub provider: Option<&'static dyn Provider>,
    pub limits: Limits,
    /// Where copies of what was fetched are kept; `None` keeps none and shows none.
    pub store: Option<Store>,
    pub reach: Reach,
    pub redaction: Redaction,
    pub clipboard: Clipboard,
    /// Where profiles are looked up when one is chosen; `None` has none.
    pub profiles: Option<Directory>,
    /// Where what was opened is remembered; `None` remembers nothing.
    pub memory: Option<memory::Memory>,
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
pub enum Reach {
    #[default]
    Online,
    /// Kept copies are all there is.
    Offline,
}

impl World {
    /// A service and how to ask it.
    pub fn service(&self, name: &str, client: Arc<Client>) -> Option<Service> {
        let (provider, access) = (provider::named(name)?, self.access.get(name)?.clone());
        let keys = self.keys.get(name).cloned().unwrap_or_default();
        Some(Service { provider, access, keys, client, store: self.store.clone(), known: Known::default() })
    }

    /// How a file or a pipe is to be read.
    pub fn reading(&self, request: RequestId) -> Reading {
        Reading { request, provider: self.provider, most: self.limits.max_body, known: Known::default() }
    }

    /// What to do about copies, unless the user is offline.
    pub fn plan(&self, online: Plan) -> Plan {
        match self.reach {
            Reach::Online => online,
            Reach::Offline => Plan::CopyOnly,
        }
    }
}

/// A request under way and how to stop it.
struct Running {
    request: RequestId,
    handle: http::Handle,
    stop: Arc<AtomicBool>,
}

/// Carries out effects.
pub struct Tasks {
    world: World,
    outbox: Outbox<Event>,
    runtime: Handle,
    client: Option<Arc<Client>>,
    running: Option<Running>,
    /// What the thread that is opened next may still be.
    known: Known,
    search: Option<Arc<AtomicBool>>,
    /// Ends the reading of a message that is no longer looked at.
    read: Arc<AtomicBool>,
    reader: Reader,
}

impl Tasks {
    /// Tasks on this runtime, telling their events to `outbox`.
    pub fn new(world: World, outbox: Outbox<Event>, runtime: Handle, reader: Reader) -> Self {
        Self {
            world,
            outbox,
            runtime,
            client: None,
            running: None,
            known: Known::default(),
            search: None,
            read: Arc::default(),
            reader,
        }
    }

    /// The HTTP client, made when it is first needed.
    fn client(&mut self) -> Arc<Client> {
        let limits = &self.world.limits;
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
        let (handle, control) = http::control();
        let stop = Arc::new(AtomicBool::new(false));
        let known = std::mem::take(&mut self.known);
        self.running = Some(Running { request, handle, stop: Arc::clone(&stop) });
        match source {
            Source::Thread(thread) => {
                let plan = self.world.plan(match freshness {
                    Freshness::CachedFirst => Plan::CopyFirst,
                    Freshness::Fresh => Plan::Fresh,
                });
                self.open_thread(Errand { request, thread, plan }, known, control);
            }
            Source::File(path) => {
                let reading = Reading { known, ..self.world.reading(request) };
                self.open_file(reading, path, stop);
            }
            Source::Stdin => {
                let (outbox, reading) = (self.outbox.clone(), self.world.reading(request));
                self.spawn_thread(lost(request, "reading standard input"), move || {
                    source::read_stdin(reading, &outbox, &stop);
                });
            }
        }
    }

    fn open_file(&self, reading: Reading, path: PathBuf, stop: Arc<AtomicBool>) {
        let outbox = self.outbox.clone();
        self.spawn_thread(lost(reading.request, "reading the file"), move || {
            source::read_file(reading, &path, &outbox, &stop);
        });
    }

    fn open_thread(&mut self, errand: Errand, known: Known, control: http::Control) {
        let client = self.client();
        let outbox = self.outbox.clone();
        match self.world.service(errand.thread.service, client) {
            Some(service) => {
                let service = Service { known, ..service };
                self.spawn(lost(errand.request, "fetching"), source::fetch(errand, service, outbox, control))
            }
            None => self.spawn(died("fetching"), async move {
                let news = News::Failed(unknown_service(errand.thread.service));
                let _ = outbox.send(Event::Fetch { request: errand.request, news }).await;
            }),
        }
    }

    fn cancel(&mut self) {
        if let Some(running) = self.running.take() {
            running.handle.cancel();
            running.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Only the message that was asked for last is waited for: the reading of any other is given up.
    fn read(
        &mut self,
        (key, width): (MessageKey, usize),
        service: &'static str,
        raw: Raw,
        hidden: HiddenText,
    ) {
        let outbox = self.outbox.clone();
        let stop = Arc::<AtomicBool>::default();
        std::mem::replace(&mut self.read, Arc::clone(&stop)).store(true, Ordering::Relaxed);
        self.spawn_thread(died("reading the message"), move || {
            let Some(provider) = provider::named(service) else { return };
            let is_stopped = || stop.load(Ordering::Relaxed);
            let Some(prepared) = Prepared::unless(&is_stopped, provider, &raw, (width, hidden)) else {
                return;
            };
            let prepared = Arc::new(prepared);
            let _ = outbox.blocking_send(Event::Read(ReadMessage { key, width, raw, prepared }));
        });
    }

    fn lay(&self, number: u64, subject: Subject, width: usize) {
        let outbox = self.outbox.clone();
        self.spawn_thread(died("laying out the page"), move || {
            let document = page::lay(&subject, width);
            let _ = outbox.blocking_send(Event::Laid(Box::new(Laid { number, document })));
        });
    }

    /// What is under way was asked for at another place.
    fn use_profile(&mut self, name: &str) {
        let Some(profiles) = self.world.profiles.clone() else { return };
        if let Err(failure) = profiles.enter(name, &mut self.world) {
            let _ = self.outbox.try_send(Event::Told { text: failure.what, warning: true });
        }
    }

    fn stop_search(&mut self) {
        if let Some(stop) = self.search.take() {
            stop.store(true, Ordering::Relaxed);
        }
    }
}

fn died(what: &str) -> Event {
    let what = format!("{what} failed inside the program; what is on the screen stays. The log says more.");
    Event::TaskFailed { what }
}

/// The request would wait for ever for what died.
fn lost(request: RequestId, what: &str) -> Event {
    let failure = Failure {
        what: format!("{what} failed inside the program"),
        said: Vec::new(),
        advice: "This is a bug of unspool. Try again; the log says more.".to_owned(),
        exit_code: 1,
    };
    Event::Fetch { request, news: News::Failed(failure) }
}

fn unknown_service(service: &str) -> Failure {
    Failure {
        what: format!("there is no service called {service}"),
        said: Vec::new(),
        advice: "Write sgp:ID or camelai:ID.".to_owned(),
        exit_code: 2,
    }
}

impl Outside for Tasks {
    #[expect(
        clippy::too_many_lines,
        reason = "one exhaustive list: the compiler asks for the arm of a new effect"
    )]
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Open { request, source, freshness } => self.open(request, source, freshness),
            Effect::Know(heads) => self.known = Known::new(heads),
            Effect::Cancel(request) => {
                if self.running.as_ref().is_some_and(|running| running.request == request) {
                    self.cancel();
                }
            }
            Effect::SkipWait(request) => {
                if let Some(running) = self.running.as_ref().filter(|running| running.request == request) {
                    running.handle.skip_wait();
                }
            }
            Effect::Read { key, service, raw, width, hidden } => {
                self.read((key, width), service, raw, hidden)
            }
            Effect::ReadPayload(wish) => {
                let outbox = self.outbox.clone();
                self.spawn_thread(died("reading the payload"), move || {
                    let _ = outbox.blocking_send(Event::PayloadRead(Box::new(wish.answer())));
                });
            }
            Effect::Search { id, heads, finder, from } => {
                self.stop_search();
                let stop = Arc::new(AtomicBool::new(false));
                self.search = Some(Arc::clone(&stop));
                let outbox = self.outbox.clone();
                self.spawn_thread(died("the search"), move || {
                    panics::rehearse("searching");
                    search::run(&Hunt { id, heads, finder, from }, &outbox, &stop);
                });
            }
            Effect::StopSearch(_) => self.stop_search(),
            Effect::Lay { number, subject, width } => self.lay(number, subject, width),
            Effect::Filter { id, heads, filter, service } => {
                let outbox = self.outbox.clone();
                self.spawn_thread(died("the filter"), move || {
                    analysis::filter(id, &heads, &filter, service, &outbox)
                });
            }
            Effect::Analyse { generation, heads, service } => {
                let outbox = self.outbox.clone();
                self.spawn_thread(died("the profile"), move || {
                    analysis::run(generation, &heads, service, &outbox)
                });
            }
            Effect::Copy(taken) => {
                let (outbox, wanted) = (self.outbox.clone(), self.world.clipboard.clone());
                self.spawn_thread(died("the clipboard"), move || {
                    let told = match clipboard::copy(&taken, &wanted) {
                        Ok(text) => Event::Told { text, warning: false },
                        Err(why) => Event::NotCopied { taken, why },
                    };
                    let _ = outbox.blocking_send(told);
                });
            }
            Effect::Export(wish) => {
                let (outbox, redaction) = (self.outbox.clone(), self.world.redaction.clone());
                self.spawn_thread(died("the export"), move || {
                    let (text, warning) = export::to_file(*wish, &redaction);
                    let _ = outbox.blocking_send(Event::Told { text, warning });
                });
            }
            Effect::Save(taken) => {
                let outbox = self.outbox.clone();
                self.spawn_thread(died("writing the file"), move || {
                    let (text, warning) = export::save(&taken);
                    let _ = outbox.blocking_send(Event::Told { text, warning });
                });
            }
            Effect::Pipe { taken, command } => {
                let outbox = self.outbox.clone();
                self.spawn_thread(died("the command"), move || {
                    let _ = outbox.blocking_send(Event::Piped(child::pipe(&taken.text, &command)));
                });
            }
            Effect::Later { seconds, number } => {
                let outbox = self.outbox.clone();
                self.spawn(died("the timer"), async move {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                    let _ = outbox.send(Event::Due { number }).await;
                });
            }
            Effect::UseProfile { name } => self.use_profile(&name),
            Effect::Remember(visit) => {
                if let Some(memory) = self.world.memory.clone() {
                    let outbox = self.outbox.clone();
                    self.spawn_thread(died("remembering the thread"), move || {
                        memory.remember(&visit, &outbox)
                    });
                }
            }
            Effect::Continue => {
                let _ = self.outbox.try_send(Event::Settle);
            }
            Effect::Mouse(mouse) => terminal::set_mouse(mouse),
            Effect::Suspend | Effect::HandOver(_) | Effect::Quit => {}
        }
    }

    fn now(&self) -> Stamp {
        source::now()
    }

    fn hand_over(&mut self, hand_over: HandOver) -> Option<String> {
        self.reader.pause();
        terminal::give_back();
        let before = platform::Line::look();
        let trouble = child::run(hand_over).err();
        if trouble.is_some() {
            terminal::tidy_up(&before);
        }
        let _ = terminal::retake();
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
