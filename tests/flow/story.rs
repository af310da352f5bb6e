//! One run of the program: what the user types, what the service says, what there is to see.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ratatui::Terminal;
use tokio::sync::mpsc::{self, Sender};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use unspool::app::{App, Prefs};
use unspool::app_loop::event_loop::{EffectHandler, EventLoop, Exit};
use unspool::domain::{BodySummary, MessageSummary, Origin, Raw, RequestId, Source, Timestamp, UserError};
use unspool::effect::{Effect, ExternalProgram, Freshness};
use unspool::event::{Event, FetchUpdate};
use unspool::keymap::{Chord, Key};
use unspool::provider;
use unspool::theme::Theme;

use crate::screen::Screen;

/// What the loop asks of the outside, written down.
#[derive(Default)]
struct RecordedCalls {
    effects: Vec<Effect>,
    suspended: usize,
    /// How often the loop looked at the clock: once for each thing that happened.
    wakeups: usize,
}

struct Recorder {
    notes: Arc<Mutex<RecordedCalls>>,
    started_at: Instant,
}

impl EffectHandler for Recorder {
    fn perform(&mut self, effect: Effect) {
        self.notes.lock().unwrap().effects.push(effect);
    }

    fn now(&self) -> Timestamp {
        self.notes.lock().unwrap().wakeups += 1;
        Timestamp(1_790_000_000_000_000 + i64::try_from(self.started_at.elapsed().as_micros()).unwrap())
    }

    fn run_in_terminal(&mut self, _: ExternalProgram) -> Option<String> {
        None
    }

    fn suspend(&mut self) -> bool {
        self.notes.lock().unwrap().suspended += 1;
        true
    }
}

pub struct Story {
    pub screen: Screen,
    notes: Arc<Mutex<RecordedCalls>>,
    keys: Option<Sender<io::Result<Event>>>,
    events: Sender<Event>,
    run: JoinHandle<io::Result<Exit>>,
}

/// How long a story waits for something to be seen, in the time of the test.
const TIMEOUT: Duration = Duration::from_secs(5);

impl Story {
    /// The program has just started, with nothing opened.
    pub fn begin() -> Self {
        Self::begin_sized(100, 30)
    }

    pub fn begin_sized(width: u16, height: u16) -> Self {
        let screen = Screen::new(width, height);
        let notes = Arc::new(Mutex::new(RecordedCalls::default()));
        let (keys, mut input) = mpsc::channel(1024);
        let (events, mut inbox) = mpsc::channel(256);
        let mut outside = Recorder { notes: Arc::clone(&notes), started_at: Instant::now() };
        let backend = screen.clone();
        let run = tokio::spawn(async move {
            let mut terminal = Terminal::new(backend).unwrap();
            let mut app = App::new(Prefs::default(), width, height);
            let run = EventLoop {
                terminal: &mut terminal,
                app: &mut app,
                theme: &Theme::default(),
                input: &mut input,
                events: &mut inbox,
                effect_handler: &mut outside,
            };
            run.run().await
        });
        Self { screen, notes, keys: Some(keys), events, run }
    }

    /// Types: `<Enter>`, `<Esc>`, `<Down>` and the like, or characters.
    pub fn types(&self, text: &str) {
        for chord in parse_chords(text) {
            self.input(Event::Key(chord));
        }
    }

    pub fn input(&self, event: Event) {
        self.keys.as_ref().unwrap().try_send(Ok(event)).unwrap();
    }

    /// The terminal goes away: no more keys will come.
    pub fn hang_up(&mut self) {
        self.keys = None;
    }

    /// A task says something.
    pub async fn happens(&self, event: Event) {
        self.events.send(event).await.unwrap();
    }

    /// Pastes the name of a thread and waits until it is asked for.
    pub async fn opens(&self, typed: &str) -> RequestId {
        let before = self.latest_request();
        self.input(Event::Paste(typed.to_owned()));
        self.types("<Enter>");
        self.waits_for(|story| story.latest_request() != before, "a request").await;
        self.latest_request().unwrap()
    }

    /// The service says something about a request.
    pub async fn hears(&self, request: RequestId, news: FetchUpdate) {
        self.happens(Event::Fetch { request, update: news }).await;
    }

    /// The service sends these messages, and there are more to come.
    pub async fn receives(&self, request: RequestId, said: &[&str]) {
        self.hears(request, FetchUpdate::Started { origin: Origin::Network { host: "sgp.example".into() } })
            .await;
        self.hears(request, FetchUpdate::Summaries(summaries(said))).await;
    }

    /// The service sends a whole thread.
    pub async fn receives_all(&self, request: RequestId, said: &[&str]) {
        self.receives(request, said).await;
        self.hears(request, FetchUpdate::Ended(BodySummary { bytes: 4096, ..BodySummary::default() })).await;
    }

    pub async fn refuses(&self, request: RequestId, what: &str) {
        let failure = UserError {
            message: what.into(),
            service_messages: vec!["No.".into()],
            hint: "Ask.".into(),
            exit_code: unspool::domain::ExitCode::Network,
        };
        self.hears(request, FetchUpdate::Failed(failure)).await;
    }

    /// Waits until this can be read on the screen.
    pub async fn sees(&self, text: &str) {
        self.waits_for(|story| story.screen.text().contains(text), text).await;
    }

    /// Waits until this can no longer be read.
    pub async fn no_longer_sees(&self, text: &str) {
        self.waits_for(|story| !story.screen.text().contains(text), &format!("no {text}")).await;
    }

    /// Everything that happened has been taken in and drawn, and this is not there.
    pub async fn does_not_see(&self, text: &str) {
        self.settles().await;
        assert!(!self.screen.text().contains(text), "{text:?} is on the screen:\n{}", self.screen.text());
    }

    /// Lets the loop take in and draw everything that is ready; nothing that takes time is begun by that.
    pub async fn settles(&self) {
        sleep(Duration::from_millis(200)).await;
    }

    /// Waits for something, with the screen as a witness if it does not come.
    pub async fn waits_for(&self, wanted: impl Fn(&Self) -> bool, what: &str) {
        let there = async {
            while !wanted(self) {
                sleep(Duration::from_millis(1)).await;
            }
        };
        if timeout(TIMEOUT, there).await.is_err() {
            panic!("waited in vain for {what:?}; on the screen:\n{}", self.screen.text());
        }
    }

    /// Everything that was asked of the outside so far.
    pub fn effects(&self) -> Vec<Effect> {
        self.notes.lock().unwrap().effects.clone()
    }

    /// The openings asked for so far.
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
        self.notes.lock().unwrap().wakeups
    }

    pub fn suspended(&self) -> usize {
        self.notes.lock().unwrap().suspended
    }

    /// Waits for the program's end.
    pub async fn ends(self) -> Exit {
        timeout(TIMEOUT, self.run).await.unwrap().unwrap().unwrap()
    }
}

/// Turns of Scale SGP that say this.
pub fn summaries(said: &[&str]) -> Vec<MessageSummary> {
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
    said.iter().enumerate().map(turn).collect()
}

/// Keys from text; a name in angle brackets is one key.
fn parse_chords(text: &str) -> Vec<Chord> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|after| after.split_once('>'));
        if let Some((name, after)) = named {
            found.push(name.to_lowercase().parse().unwrap());
            rest = after;
        } else {
            found.push(Chord::plain(Key::Char(first)));
            rest = rest.split_at(first.len_utf8()).1;
        }
    }
    found
}
