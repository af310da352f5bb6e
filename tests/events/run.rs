//! Events from users, terminals and services in any order, with frames drawn at any size. They are derived from bytes, which
//! a property test on stable or a fuzzer generates.

use std::time::Duration;

use std::sync::{Arc, LazyLock};

use ratatui::{Terminal, backend::TestBackend};
use unspool::testing::app::{App, Effects, Prefs};
use unspool::testing::decode::Splitter;
use unspool::testing::domain::{
    BodySummary, ExitCode, FetchProgress, MessageSummary, Origin, RecentThread, RequestId, SortedMessages,
    Thread, Timestamp, UserError,
};
use unspool::testing::effect::Effect;
use unspool::testing::event::{
    CommandOutput, Event, FetchUpdate, LoadedMessage, Mouse, MouseKind, SearchResults, ThreadAnalysis,
};
use unspool::testing::keymap::{Chord, Key};
use unspool::testing::theme::Theme;
use unspool::testing::trace::SlowExample;
use unspool::testing::view::page::{PageLayout, lay_out};
use unspool::testing::view::{Clip, MessageView};
use unspool::testing::{provider, ui};

struct Body {
    service: &'static str,
    summaries: Vec<MessageSummary>,
    thread: Thread,
}

static BODIES: LazyLock<Vec<Body>> = LazyLock::new(|| {
    [
        ("sgp", include_bytes!("../../assets/demo/sgp-hostile.json").as_slice()),
        ("camelai", include_bytes!("../../assets/demo/camelai-hostile.json")),
        ("sgp", include_bytes!("../../assets/demo/sgp-stock-agent.json")),
        ("camelai", include_bytes!("../../assets/demo/camelai-margin.json")),
    ]
    .map(|(service, bytes)| {
        let provider = provider::by_id(service).unwrap();
        let mut splitter = Splitter::default();
        splitter.push(bytes);
        let outcome = splitter.finish();
        let mut summaries = Vec::new();
        while let Some(batch) = splitter.next_batch() {
            summaries.extend(batch.raw_messages().map(|(index, raw, _)| provider.read_summary(raw, index)));
        }
        Body { service, summaries, thread: provider.read_thread(&outcome.envelope) }
    })
    .into()
});

const NAMED_KEYS: [Key; 20] = [
    Key::Enter,
    Key::Esc,
    Key::Tab,
    Key::Backspace,
    Key::Delete,
    Key::Insert,
    Key::Home,
    Key::End,
    Key::PageUp,
    Key::PageDown,
    Key::Up,
    Key::Down,
    Key::Left,
    Key::Right,
    Key::F(1),
    Key::F(5),
    Key::F(255),
    Key::Char('\u{202e}'),
    Key::Char('日'),
    Key::Char('\u{1b}'),
];

const TEXTS: [&str; 9] = [
    "sgp:demo-hostile",
    "camelai:12",
    "\u{1b}[2J\u{202e}x\u{e0041}",
    "../../etc/passwd",
    "-",
    "a\nb\r\n\tc",
    "is:error status:failed took:>5s \"",
    "日本語 é\u{301}\u{301} 👩‍👩‍👧",
    "(((((",
];

pub(crate) struct Player {
    pub(crate) app: App,
    now: i64,
    request: RequestId,
    pub(crate) effects: Effects,
}

impl Player {
    pub(crate) fn new() -> Self {
        Self {
            app: App::new(Prefs::default(), 80, 24),
            now: 1_790_000_000_000_000,
            request: RequestId(0),
            effects: Vec::new(),
        }
    }

    pub(crate) fn update(&mut self, event: Event) {
        self.now = self.now.saturating_add(1);
        let effects = self.app.update(event, Timestamp(self.now));
        self.note_effects(effects);
    }

    pub(crate) fn note_effects(&mut self, effects: Effects) {
        for effect in &effects {
            if let Effect::Open { request, .. } = effect {
                self.request = *request;
            }
        }
        self.effects.extend(effects);
    }

    pub(crate) fn send_update(&mut self, update: FetchUpdate) {
        let request = self.request;
        self.update(Event::Fetch { request, update });
    }

    /// Sends the events that tasks would send for the requested effects.
    #[expect(clippy::too_many_lines, reason = "one exhaustive list of effects")]
    pub(crate) fn answer_effects(&mut self) {
        for effect in std::mem::take(&mut self.effects).into_iter().take(8) {
            match effect {
                Effect::ReadMessage { key, service, raw, width, options } => {
                    let Some(provider) = provider::by_id(service) else { continue };
                    let view = Arc::new(MessageView::new(provider, &raw, width, options));
                    self.update(Event::MessageReady(LoadedMessage { key, width, raw, view }));
                }
                Effect::LayOutPage { id, content, width } => {
                    let Some(document) = lay_out(&content, width, &|| false) else { continue };
                    self.update(Event::PageReady(Box::new(PageLayout { page_id: id, document })));
                }
                Effect::FindHits(job) => self.update(Event::HitsFound(Box::new(job.run()))),
                Effect::FormatPayload(job) => self.update(Event::PayloadReady(Box::new(job.run()))),
                Effect::Search { id, summaries, from, .. } => {
                    let hits = summaries.iter().map(|head| (head.index, head.span_count + 1)).collect();
                    let searched = summaries.len() + from;
                    self.update(Event::SearchResults(SearchResults { id, hits, searched }));
                }
                Effect::Filter { id, summaries, .. } => {
                    let visible = Arc::new((0..summaries.len() as u32).step_by(2).collect());
                    self.update(Event::Filtered { id, visible });
                }
                Effect::Sort { id, summaries, .. } => {
                    self.update(Event::Sorted { id, sorted: shuffle(summaries.len()) });
                }
                Effect::Analyse { generation, summaries, .. } => {
                    self.update(Event::Analysed { generation, analysis: analyse(summaries.len() as u32) });
                }
                Effect::StartTimer { id, .. } => self.update(Event::TimerFired { id }),
                Effect::PrepareMore => self.update(Event::PrepareFrame),
                Effect::Open { .. }
                | Effect::ReuseMessages(_)
                | Effect::Cancel(_)
                | Effect::SkipWait(_)
                | Effect::ReadHits(_)
                | Effect::StopSearch
                | Effect::StopLayout
                | Effect::List { .. }
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
                | Effect::FindThreads(_)
                | Effect::StopFindingThreads
                | Effect::SearchLibrary { .. }
                | Effect::Arrange(_)
                | Effect::Copy(_)
                | Effect::RunInTerminal(_)
                | Effect::Export(_)
                | Effect::Save(_)
                | Effect::Pipe { .. }
                | Effect::StartDemo
                | Effect::UseProfile { .. }
                | Effect::RecordVisit(_)
                | Effect::RecordPlace(_)
                | Effect::SetMouseOwner(_)
                | Effect::SetWindowTitle(_)
                | Effect::Redraw
                | Effect::OpenLink(_)
                | Effect::Suspend
                | Effect::Quit => {}
            }
        }
    }

    fn send_body(&mut self, which: u8) {
        let body = &BODIES[usize::from(which) % BODIES.len()];
        self.send_update(FetchUpdate::Started { origin: Origin::File { size: None } });
        self.send_update(FetchUpdate::ProviderDetected { service: body.service });
        self.send_update(FetchUpdate::Thread(Box::new(body.thread.clone())));
        self.send_update(FetchUpdate::Summaries(body.summaries.clone()));
    }

    fn random_update(&mut self, which: u8, value: u8) {
        let text = TEXTS[usize::from(value) % TEXTS.len()].to_owned();
        match which % 12 {
            0..=2 => self.send_body(value),
            3 => self.send_update(FetchUpdate::Ended(BodySummary {
                bytes: 9,
                warnings: vec![text],
                is_partial: value > 127,
                ..BodySummary::default()
            })),
            4 => {
                self.send_update(FetchUpdate::Failed(UserError {
                    headline: text.as_str().into(),
                    facts: [text.clone()].into(),
                    service_messages: vec![text.clone()],
                    retry_after: Some(u32::from(value) << 24),
                    ..UserError::new(text.clone(), text, ExitCode::Signal(value))
                }));
            }
            5 => self.send_update(FetchUpdate::Restarted),
            6 => {
                let delay = Duration::from_millis(u64::from(value) << 56);
                let retry =
                    FetchProgress::RetryScheduled { attempt: 2, max_attempts: 3, delay, reason: text };
                self.send_update(FetchUpdate::Progress(retry));
            }
            7 => self.send_update(FetchUpdate::Progress(FetchProgress::Receiving {
                bytes: u64::MAX >> (value % 64),
                total: Some(u64::from(value)),
            })),
            8 => self.send_update(FetchUpdate::Started {
                origin: Origin::Cache { fetched_at: Timestamp(i64::from(value) << 55) },
            }),
            9 => self.send_update(FetchUpdate::OfflineOnly),
            10 if value > 127 => self.send_update(FetchUpdate::Details(text.into_bytes())),
            10 => self.send_update(FetchUpdate::Warning(text)),
            _ => self.request = RequestId(u64::from(value)),
        }
    }

    fn random_event(&mut self, kind: u8, value: u8, other: u8) {
        let text = TEXTS[usize::from(value) % TEXTS.len()].to_owned();
        match kind % 32 {
            0..=13 => {
                let key = match value {
                    0x20..=0x7e => Key::Char(char::from(value)),
                    _ => NAMED_KEYS[usize::from(value) % NAMED_KEYS.len()],
                };
                let chord = Chord { key, ctrl: other & 7 == 1, alt: other & 7 == 2, shift: other & 7 == 3 };
                self.update(Event::Key(chord));
            }
            14 => self.update(Event::Paste(text)),
            15 | 16 => {
                let kinds = [MouseKind::Press, MouseKind::WheelUp, MouseKind::WheelDown];
                let kind = kinds[usize::from(kind) % 3];
                self.update(Event::Mouse(Mouse { kind, column: value.into(), row: u16::from(other) }));
            }
            17 => {
                self.update(Event::Resize { width: u16::from(value % 201), height: u16::from(other % 101) })
            }
            18..=23 => self.random_update(value, other),
            24 => self.update(Event::CommandOutput(CommandOutput {
                command: text.clone(),
                output: text,
                error: None,
            })),
            25 => self.update(Event::Notify { text, is_warning: other > 127 }),
            26 => {
                let visit = RecentThread {
                    input: text.clone(),
                    title: text.clone(),
                    service: "sgp".into(),
                    profile: None,
                    opened_at: None,
                    note: text,
                    place: None,
                };
                self.update(Event::RecentThreads(vec![visit; usize::from(other % 9)]));
            }
            27 => self.update(Event::Tick),
            28 if other > 127 => {
                let clip = Clip { label: "value", text: text.clone() };
                self.update(Event::CopyFailed { clip, reason: text });
            }
            28 => self.update(Event::TaskFailed { message: text }),
            29 | 30 => self.update(Event::PrepareFrame),
            _ => self.answer_effects(),
        }
    }

    fn draw_and_check(&mut self) {
        self.update(Event::PrepareFrame);
        let list = &self.app.list;
        assert!(
            list.selected == 0 || list.selected < self.app.shown().list_len(),
            "the selection is in the list"
        );
        let (width, height) = (self.app.screen.width.min(200), self.app.screen.height.min(100));
        let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
        let Ok(_) = terminal.draw(|frame| drop(ui::draw(&self.app, &Theme::plain(), frame.buffer_mut())));
        let is_harmful =
            |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        for symbol in terminal.backend().buffer().content().iter().map(|cell| cell.symbol()) {
            // A fast path, because nearly all cells are spaces.
            assert!(symbol == " " || !symbol.contains(is_harmful), "{symbol:?}");
        }
    }
}

/// Plays events, each from three bytes, at most 64, with a frame after every sixteenth and at the end.
pub fn play(data: &[u8]) {
    let mut player = Player::new();
    for (at, step) in data.as_chunks::<3>().0.iter().take(64).enumerate() {
        let [kind, value, other] = *step;
        player.random_event(kind, value, other);
        if at % 16 == 15 {
            player.draw_and_check();
        }
    }
    player.draw_and_check();
}

/// Messages in another order.
fn shuffle(len: usize) -> Arc<SortedMessages> {
    let values = (0..len).map(|index| Some((index % 7) as f64)).collect();
    Arc::new(SortedMessages::new(values, &[], true, |_, _| None))
}

/// Returns an analysis in which each turn has a slow span.
fn analyse(turns: u32) -> Arc<ThreadAnalysis> {
    let slow_examples = (0..turns).map(|turn| SlowExample { turn, span: Some(0), micros: 1 }).collect();
    Arc::new(ThreadAnalysis { message_count: turns as usize, slow_examples, ..ThreadAnalysis::default() })
}
