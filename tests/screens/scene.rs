//! The application without its event loop: events in, a picture out. Effects are performed at once and in order, so that a
//! scene is the same every time.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::{Frame, Terminal};
use tokio::sync::mpsc::{self, Receiver, Sender};
use unspool::testing::app::{App, Prefs};
use unspool::testing::app_loop::analysis;
use unspool::testing::app_loop::arrange;
use unspool::testing::app_loop::search::{self, SearchJob};
use unspool::testing::app_loop::sort;
use unspool::testing::domain::{ListingId, Origin, RecentThread, RequestId, Source, ThreadRef, Timestamp};
use unspool::testing::effect::Effect;
use unspool::testing::event::{Event, FetchUpdate, LoadedMessage, Mouse, MouseKind};
use unspool::testing::ingest::body_reader::KnownMessages;
use unspool::testing::ingest::fetch;
use unspool::testing::provider;
use unspool::testing::theme::Theme;
use unspool::testing::ui;
use unspool::testing::view::{Clip, MessageView, page};

use crate::chords::parse_chords;
use crate::picture;

/// 2026-09-15T12:00:00Z.
pub const NOON: Timestamp = Timestamp(1_789_473_600_000_000);

pub struct Scene {
    pub app: App,
    pub theme: Theme,
    pub now: Timestamp,
    outbox: Sender<Event>,
    inbox: Receiver<Event>,
    /// The copied texts, in order.
    pub clips: Vec<Clip>,
    /// The requested listings: the id, the service, and the variant if only one is listed.
    pub listings: Vec<(ListingId, &'static str, Option<String>)>,
    /// The searches for threads: the number and the words.
    pub searches: Vec<(u64, String)>,
    /// Effects outside of the program, which a scene does not perform.
    pub outside_effects: usize,
}

impl Scene {
    /// Returns the start screen.
    pub fn sized(width: u16, height: u16) -> Self {
        let (outbox, inbox) = mpsc::channel(1 << 16);
        let prefs = Prefs {
            welcome: vec![
                "Scale SGP: key found (SGP_API_KEY)".into(),
                "camelAI: no key (CAMEL_API_KEY)".into(),
                String::new(),
                "No account? Run unspool --demo".into(),
            ],
            ..Prefs::default()
        };
        let mut scene = Self {
            app: App::new(prefs, width, height),
            theme: Theme::default(),
            now: NOON,
            outbox,
            inbox,
            clips: Vec::new(),
            listings: Vec::new(),
            searches: Vec::new(),
            outside_effects: 0,
        };
        scene.happens(Event::PrepareFrame);
        scene
    }

    /// Creates a scene with a demo thread open, as if its service had sent it.
    pub fn with(width: u16, height: u16, typed: &str, asset: &str) -> Self {
        let mut scene = Self::sized(width, height);
        let request = scene.asks_for(typed);
        scene.receives(request, &demo(asset));
        scene
    }

    /// Creates a scene with a thread of this body open.
    pub fn with_body(width: u16, height: u16, typed: &str, body: &str) -> Self {
        let mut scene = Self::sized(width, height);
        let request = scene.asks_for(typed);
        scene.receives_body(request, body);
        scene
    }

    /// Delivers these bytes from the service.
    pub fn receives_body(&mut self, request: RequestId, body: &str) {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("unspool-scene-{}-{number}.json", std::process::id()));
        std::fs::write(&path, body).unwrap();
        self.receives(request, &path);
        std::fs::remove_file(&path).unwrap();
    }

    /// Starts opening a thread.
    pub fn asks_for(&mut self, typed: &str) -> RequestId {
        let (service, id) = typed.split_once(':').unwrap();
        let service = provider::by_id(service).unwrap().id();
        let source = Source::Thread(ThreadRef::new(service, id));
        let effects = self.app.open_and_focus(source, self.now);
        self.run_effects(effects);
        self.app.loading.request
    }

    /// Delivers this body from the service.
    pub fn receives(&mut self, request: RequestId, body: &Path) {
        for event in recorded_events(request, body) {
            self.happens(event);
        }
    }

    pub fn hears(&mut self, request: RequestId, update: FetchUpdate) {
        self.happens(Event::Fetch { request, update });
    }

    /// Types characters and keys like `<Enter>`, `<Esc>` or `<ctrl-d>`, one second apart, so that digits are not counts.
    pub fn types(&mut self, text: &str) {
        for chord in parse_chords(text) {
            self.now = self.now.plus_millis(1000);
            self.happens(Event::Key(chord));
        }
    }

    /// Clicks at a cell.
    pub fn clicks(&mut self, column: u16, row: u16) {
        self.happens(Event::Mouse(Mouse { kind: MouseKind::Press, column, row }));
    }

    /// Advances the clock.
    pub fn lets_pass(&mut self, seconds: i64) {
        self.now = self.now.plus_millis(seconds * 1000);
        self.happens(Event::Tick);
    }

    /// Handles an event and everything that follows from it.
    pub fn happens(&mut self, event: Event) {
        let effects = self.app.update(event, self.now);
        self.run_effects(effects);
    }

    fn run_effects(&mut self, effects: Vec<Effect>) {
        let mut waiting: VecDeque<Effect> = effects.into();
        // An endless loop of effects is a fault too.
        for _ in 0..10_000 {
            while let Ok(event) = self.inbox.try_recv() {
                waiting.extend(self.app.update(event, self.now));
            }
            if let Some(effect) = waiting.pop_front() {
                self.perform(effect);
            } else if self.inbox.is_empty() {
                let more = self.app.update(Event::PrepareFrame, self.now);
                if more.is_empty() {
                    return;
                }
                waiting.extend(more);
            }
        }
        panic!("the effects never end");
    }

    fn send(&self, event: Event) {
        self.outbox.try_send(event).unwrap();
    }

    #[expect(clippy::too_many_lines, reason = "one exhaustive list: the compiler reports a missing effect")]
    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Copy(clip) => self.clips.push(clip),
            Effect::ReadMessage { key, service, raw, width, options } => {
                let provider = provider::by_id(service).unwrap();
                let view = Arc::new(MessageView::new(provider, &raw, width, options));
                self.send(Event::MessageReady(LoadedMessage { key, width, raw, view }));
            }
            Effect::LayOutPage { id, content, width } => {
                let document = page::lay_out(&content, width, &|| false).unwrap();
                let layout = page::PageLayout { page_id: id, document };
                self.send(Event::PageReady(Box::new(layout)));
            }
            Effect::FindHits(job) => self.send(Event::HitsFound(Box::new(job.run()))),
            Effect::FormatPayload(job) => self.send(Event::PayloadReady(Box::new(job.run()))),
            Effect::Search { id, summaries, finder, from } => {
                let job = SearchJob { id, summaries, finder, start: from };
                search::run(&job, &self.outbox, &AtomicBool::new(false));
            }
            effect @ (Effect::Filter { .. }
            | Effect::Sort { .. }
            | Effect::ReadHits(_)
            | Effect::Analyse { .. }
            | Effect::Arrange(_)) => {
                self.send(result_of(effect).unwrap());
            }
            Effect::FindThreads(request) => self.searches.push((request.id, request.words)),
            Effect::List { id, account, variant } => self.listings.push((id, account.service, variant)),
            Effect::PrepareMore => self.send(Event::PrepareFrame),
            Effect::ReuseMessages(_)
            | Effect::StopSearch
            | Effect::StopLayout
            | Effect::StopListing(_)
            | Effect::ExportThreads(_)
            | Effect::Archive(_)
            | Effect::ReadNotes(_)
            | Effect::WriteNote(_)
            | Effect::ListNotes
            | Effect::SaveSearch { .. }
            | Effect::AnalyseLibrary { .. }
            | Effect::StopLibraryAnalysis
            | Effect::StopLibrarySearch
            | Effect::StopFindingThreads
            | Effect::SearchLibrary { .. }
            | Effect::StartTimer { .. }
            | Effect::RecordVisit(_)
            | Effect::RecordPlace(_)
            | Effect::SetWindowTitle(_) => {}
            Effect::Open { .. }
            | Effect::Cancel(_)
            | Effect::SkipWait(_)
            | Effect::RunInTerminal(_)
            | Effect::Export(_)
            | Effect::Save(_)
            | Effect::Pipe { .. }
            | Effect::StartDemo
            | Effect::UseProfile { .. }
            | Effect::SetMouseOwner(_)
            | Effect::Redraw
            | Effect::OpenLink(_)
            | Effect::Suspend
            | Effect::Quit => self.outside_effects += 1,
        }
    }

    /// Returns the current screen.
    pub fn buffer(&self) -> Buffer {
        self.draw().backend().buffer().clone()
    }

    fn draw(&self) -> Terminal<TestBackend> {
        let mut terminal =
            Terminal::new(TestBackend::new(self.app.screen.width, self.app.screen.height)).unwrap();
        let draw = |frame: &mut Frame<'_>| {
            if let Some(position) = ui::draw(&self.app, &self.theme, frame.buffer_mut()).cursor {
                frame.set_cursor_position(position);
            }
        };
        terminal.draw(draw).unwrap();
        terminal
    }

    /// Returns the screen as text with its styles, and the position of a visible cursor.
    pub fn picture(&self) -> String {
        let mut terminal = self.draw();
        let mut picture = picture::picture(terminal.backend().buffer());
        let at = terminal.get_cursor_position().unwrap();
        if (at.x, at.y) != (0, 0) {
            picture.push_str(&format!("cursor at column {}, row {}\n", at.x, at.y));
        }
        picture
    }
}

pub fn demo(asset: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo").join(asset)
}

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Returns the events of loading a body, as if from the network, and without progress updates, which depend on the machine.
pub fn recorded_events(request: RequestId, body: &Path) -> Vec<Event> {
    let (outbox, mut inbox) = mpsc::channel(1 << 16);
    let file_request = fetch::FileRequest {
        request,
        provider: None,
        max_bytes: u64::MAX,
        known_messages: KnownMessages::default(),
    };
    fetch::read_file(file_request, body, &outbox, &AtomicBool::new(false));
    drop(outbox);
    let mut events = Vec::new();
    while let Some(event) = inbox.blocking_recv() {
        events.push(match event {
            Event::Fetch { update: FetchUpdate::Progress(_), .. } => continue,
            Event::Fetch { update: FetchUpdate::Started { .. }, .. } => {
                let origin = Origin::Network { host: "service.example".into() };
                Event::Fetch { request, update: FetchUpdate::Started { origin } }
            }
            other => other,
        });
    }
    events
}

/// Recently opened threads, and a demo thread.
pub fn recent_threads() -> Vec<RecentThread> {
    let visit = |typed: &str, title: &str, service: &str, minutes: Option<i64>, note: &str| RecentThread {
        input: typed.into(),
        title: title.into(),
        service: service.into(),
        profile: None,
        opened_at: minutes.map(|minutes| NOON.plus_millis(-minutes * 60_000)),
        note: note.into(),
        place: None,
    };
    vec![
        visit(
            "sgp:8c5e1a70-93d2-4b4f-a6c8-0e1f2d3c4b5a",
            "A wrong answer: lamp order 4471",
            "sgp",
            Some(3),
            "",
        ),
        visit("camelai:1001", "An analysis: why did margin fall?", "camelai", Some(1500), ""),
        visit("/tmp/thread.json", "", "file", Some(60_000), ""),
        visit(
            "sgp:demo-hostile",
            "Hostile \u{1b}]0;text\u{7} \u{202e}in a title",
            "sgp",
            None,
            "all harmless here",
        ),
    ]
}

/// Compares a picture with its snapshot.
#[macro_export]
macro_rules! assert_screen {
    ($name:expr, $scene:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true, snapshot_path => "../snapshots" }, {
            insta::assert_snapshot!($name, $scene.picture());
        });
    };
}

/// Returns the result of a task over all messages.
fn result_of(effect: Effect) -> Option<Event> {
    let stop = AtomicBool::new(false);
    match effect {
        Effect::Filter { id, summaries, filter, service } => {
            let provider = provider::by_id(service)?;
            let visible = analysis::filter_messages(&summaries, &filter, provider, &stop)?;
            Some(Event::Filtered { id, visible: Arc::new(visible) })
        }
        Effect::Sort { id, order, summaries, questions, service } => {
            let provider = provider::by_id(service)?;
            let sorted = sort::sort_messages(&summaries, &questions, order, provider, &stop)?;
            Some(Event::Sorted { id, sorted: Arc::new(sorted) })
        }
        Effect::ReadHits(request) => {
            Some(Event::HitsRead(Box::new(request.run(provider::by_id(request.service)?))))
        }
        Effect::Analyse { generation, summaries, service } => {
            let analysis = analysis::analyse_thread(&summaries, provider::by_id(service)?);
            Some(Event::Analysed { generation, analysis: Arc::new(analysis) })
        }
        Effect::Arrange(request) => {
            let arrangement = Arc::new(arrange::arrange_threads(&request, &stop)?);
            Some(Event::Arranged { id: request.id, arrangement })
        }
        _ => None,
    }
}
