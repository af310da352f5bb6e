//! One run of the program: the user's keys, the service's responses, the screen.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ratatui::Terminal;
use tokio::sync::mpsc::{self, Sender};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use unspool::testing::app::{App, Prefs};
use unspool::testing::app_loop::event_loop::{EffectHandler, EventLoop, Exit};
use unspool::testing::domain::{
    BodySummary, MessageSummary, Origin, Raw, RequestId, Source, Timestamp, UserError,
};
use unspool::testing::effect::{Effect, ExternalProgram, Freshness};
use unspool::testing::event::{Event, FetchUpdate};
use unspool::testing::provider;

use crate::chords::parse_chords;
use crate::screen::Screen;

/// The recorded calls of the effect handler.
#[derive(Default)]
struct RecordedCalls {
    effects: Vec<Effect>,
    suspended: usize,
    /// The number of clock reads: one per handled event.
    wakeups: usize,
}

struct Recorder {
    calls: Arc<Mutex<RecordedCalls>>,
    started_at: Instant,
}

impl EffectHandler for Recorder {
    fn perform(&mut self, effect: Effect) {
        self.calls.lock().unwrap().effects.push(effect);
    }

    fn now(&self) -> Timestamp {
        self.calls.lock().unwrap().wakeups += 1;
        Timestamp(1_790_000_000_000_000 + i64::try_from(self.started_at.elapsed().as_micros()).unwrap())
    }

    fn run_in_terminal(&mut self, _: ExternalProgram) -> Option<String> {
        None
    }

    fn suspend(&mut self) -> bool {
        self.calls.lock().unwrap().suspended += 1;
        true
    }
}

pub struct Story {
    pub screen: Screen,
    calls: Arc<Mutex<RecordedCalls>>,
    keys: Option<Sender<io::Result<Event>>>,
    events: Sender<Event>,
    run: JoinHandle<io::Result<Exit>>,
}

/// The deadline for a text to appear, in the test's paused time.
const TIMEOUT: Duration = Duration::from_secs(5);

impl Story {
    /// Returns the program after its start, without a thread.
    pub fn begin() -> Self {
        Self::begin_sized(100, 30)
    }

    pub fn begin_sized(width: u16, height: u16) -> Self {
        let screen = Screen::new(width, height);
        let calls = Arc::new(Mutex::new(RecordedCalls::default()));
        let (keys, mut input) = mpsc::channel(1024);
        let (events, mut inbox) = mpsc::channel(256);
        let mut recorder = Recorder { calls: Arc::clone(&calls), started_at: Instant::now() };
        let backend = screen.clone();
        let run = tokio::spawn(async move {
            let mut terminal = Terminal::new(backend).unwrap();
            let mut app = App::new(Prefs::default(), width, height);
            let run = EventLoop {
                terminal: &mut terminal,
                app: &mut app,
                input: &mut input,
                events: &mut inbox,
                effect_handler: &mut recorder,
                links: None,
            };
            run.run().await
        });
        Self { screen, calls, keys: Some(keys), events, run }
    }

    /// Types characters and keys like `<Enter>`, `<Esc>` or `<Down>`.
    pub fn types(&self, text: &str) {
        for chord in parse_chords(text) {
            self.input(Event::Key(chord));
        }
    }

    pub fn input(&self, event: Event) {
        self.keys.as_ref().unwrap().try_send(Ok(event)).unwrap();
    }

    /// Closes the terminal: no more keys arrive.
    pub fn hang_up(&mut self) {
        self.keys = None;
    }

    /// Sends the event of a task.
    pub async fn happens(&self, event: Event) {
        self.events.send(event).await.unwrap();
    }

    /// Pastes a thread's name and waits for its request.
    pub async fn opens(&self, typed: &str) -> RequestId {
        let before = self.latest_request();
        self.input(Event::Paste(typed.to_owned()));
        self.types("<Enter>");
        self.waits_for(|story| story.latest_request() != before, "a request").await;
        self.latest_request().unwrap()
    }

    /// Sends a fetch update of a request.
    pub async fn hears(&self, request: RequestId, update: FetchUpdate) {
        self.happens(Event::Fetch { request, update }).await;
    }

    /// Delivers these messages from the service, with more to follow.
    pub async fn receives(&self, request: RequestId, questions: &[&str]) {
        self.hears(request, FetchUpdate::Started { origin: Origin::Network { host: "sgp.example".into() } })
            .await;
        self.hears(request, FetchUpdate::Summaries(summaries(questions))).await;
    }

    /// Delivers a complete thread from the service.
    pub async fn receives_all(&self, request: RequestId, questions: &[&str]) {
        self.receives(request, questions).await;
        self.hears(request, FetchUpdate::Ended(BodySummary { bytes: 4096, ..BodySummary::default() })).await;
    }

    pub async fn refuses(&self, request: RequestId, message: &str) {
        let error = UserError {
            service_messages: vec!["No.".into()],
            ..UserError::new(message, "Ask.", unspool::testing::domain::ExitCode::Network)
        };
        self.hears(request, FetchUpdate::Failed(error)).await;
    }

    /// Waits until this text is on the screen.
    pub async fn sees(&self, text: &str) {
        self.waits_for(|story| story.screen.text().contains(text), text).await;
    }

    /// Waits until this text is no longer on the screen.
    pub async fn no_longer_sees(&self, text: &str) {
        self.waits_for(|story| !story.screen.text().contains(text), &format!("no {text}")).await;
    }

    /// Checks that this text is not on the screen after all events were handled and drawn.
    pub async fn does_not_see(&self, text: &str) {
        self.settles().await;
        assert!(!self.screen.text().contains(text), "{text:?} is on the screen:\n{}", self.screen.text());
    }

    /// Waits until the loop has handled and drawn everything that is ready, without starting any timer.
    pub async fn settles(&self) {
        sleep(Duration::from_millis(200)).await;
    }

    /// Waits for a condition; the panic message at the deadline contains the screen.
    pub async fn waits_for(&self, condition: impl Fn(&Self) -> bool, description: &str) {
        let fulfilled = async {
            while !condition(self) {
                sleep(Duration::from_millis(1)).await;
            }
        };
        if timeout(TIMEOUT, fulfilled).await.is_err() {
            panic!("timed out waiting for {description:?}; on the screen:\n{}", self.screen.text());
        }
    }

    /// Returns all effects requested so far.
    pub fn effects(&self) -> Vec<Effect> {
        self.calls.lock().unwrap().effects.clone()
    }

    /// Returns the openings requested so far.
    pub fn openings(&self) -> Vec<(RequestId, Source, Freshness)> {
        let opening = |effect| match effect {
            Effect::Open { request, source, freshness } => Some((request, source, freshness)),
            _ => None,
        };
        self.effects().into_iter().filter_map(opening).collect()
    }

    pub fn latest_request(&self) -> Option<RequestId> {
        self.openings().last().map(|(request, ..)| *request)
    }

    pub fn wakeups(&self) -> usize {
        self.calls.lock().unwrap().wakeups
    }

    pub fn suspended(&self) -> usize {
        self.calls.lock().unwrap().suspended
    }

    /// Waits for the program to end.
    pub async fn ends(self) -> Exit {
        timeout(TIMEOUT, self.run).await.unwrap().unwrap().unwrap()
    }
}

/// Summaries of SGP turns with these questions.
pub fn summaries(questions: &[&str]) -> Vec<MessageSummary> {
    let sgp = provider::by_id("sgp").unwrap();
    let turn = |(index, text): (usize, &&str)| {
        let body = serde_json::json!({
            "entry": {
                "id": format!("entry-{text}"),
                "input": {"query": text},
                "output": {"response": format!("The answer to {text}.")},
                "operation_status": "SUCCESS",
                "duration_ms": 1200,
                "created_at": "2026-09-01T09:00:00Z",
            },
        });
        sgp.read_summary(Raw::owned(body.to_string().into_bytes()), u32::try_from(index).unwrap())
    };
    questions.iter().enumerate().map(turn).collect()
}
