//! Everything that a user, a terminal and a service can do to the state, in any order, with a frame drawn at any size.
//! Played from bytes: by a property on stable, and by a fuzzer that looks for the bytes.

use std::sync::{Arc, LazyLock};

use ratatui::{Terminal, backend::TestBackend};
use unspool::app::take::Taken;
use unspool::app::{App, Effects, Prefs, Prepared};
use unspool::decode::Splitter;
use unspool::domain::{Head, Stamp, Thread};
use unspool::effect::{Effect, RequestId, Visit};
use unspool::event::{
    Ending, Event, Failure, Findings, Insight, Mouse, MouseKind, News, Origin, Piped, ReadMessage,
};
use unspool::keymap::{Chord, Code};
use unspool::trace::Example;
use unspool::{provider, theme::Theme, ui};

struct Body {
    service: &'static str,
    heads: Vec<Head>,
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
        let provider = provider::named(service).unwrap();
        let mut splitter = Splitter::default();
        splitter.push(bytes);
        let outcome = splitter.finish();
        let mut heads = Vec::new();
        while let Some(batch) = splitter.next_batch() {
            heads.extend(batch.raws().map(|(index, raw, _)| provider.head(raw, index)));
        }
        Body { service, heads, thread: provider.thread(&outcome.envelope) }
    })
    .into()
});

const NAMED: [Code; 20] = [
    Code::Enter,
    Code::Esc,
    Code::Tab,
    Code::Backspace,
    Code::Delete,
    Code::Insert,
    Code::Home,
    Code::End,
    Code::PageUp,
    Code::PageDown,
    Code::Up,
    Code::Down,
    Code::Left,
    Code::Right,
    Code::F(1),
    Code::F(5),
    Code::F(255),
    Code::Char('\u{202e}'),
    Code::Char('日'),
    Code::Char('\u{1b}'),
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

struct Run {
    app: App,
    now: i64,
    request: RequestId,
    effects: Effects,
}

impl Run {
    fn update(&mut self, event: Event) {
        self.now = self.now.saturating_add(1);
        let effects = self.app.update(event, Stamp(self.now));
        for effect in &effects {
            if let Effect::Open { request, .. } = effect {
                self.request = *request;
            }
        }
        self.effects.extend(effects);
    }

    fn hear(&mut self, news: News) {
        let request = self.request;
        self.update(Event::Fetch { request, news });
    }

    /// What the tasks would answer to what was asked for.
    fn answer(&mut self) {
        for effect in std::mem::take(&mut self.effects).into_iter().take(8) {
            match effect {
                Effect::Read { key, service, raw, width, hidden } => {
                    let Some(provider) = provider::named(service) else { continue };
                    let prepared = Arc::new(Prepared::new(provider, &raw, width, hidden));
                    self.update(Event::Read(ReadMessage { key, width, raw, prepared }));
                }
                Effect::ReadPayload(wish) => self.update(Event::PayloadRead(Box::new(wish.answer()))),
                Effect::Search { id, heads, from, .. } => {
                    let hits = heads.iter().map(|head| (head.index, head.spans + 1)).collect();
                    self.update(Event::Found(Findings { id, hits, searched: heads.len() + from }));
                }
                Effect::Filter { id, heads, .. } => {
                    let visible = Arc::new((0..heads.len() as u32).step_by(2).collect());
                    self.update(Event::Filtered { id, visible });
                }
                Effect::Analyse { generation, heads, .. } => {
                    let slow =
                        (0..heads.len() as u32).map(|turn| Example { turn, span: 0, micros: 1 }).collect();
                    let insight = Arc::new(Insight { slow, ..Insight::default() });
                    self.update(Event::Analysed { generation, insight });
                }
                Effect::Later { number, .. } => self.update(Event::Due { number }),
                Effect::Continue => self.update(Event::Settle),
                _ => {}
            }
        }
    }

    fn body(&mut self, which: u8) {
        let body = &BODIES[usize::from(which) % BODIES.len()];
        self.hear(News::Began { origin: Origin::File { size: None } });
        self.hear(News::Recognised { service: body.service });
        self.hear(News::Thread(Box::new(body.thread.clone())));
        self.hear(News::Heads(body.heads.clone()));
    }

    fn news(&mut self, which: u8, value: u8) {
        let text = TEXTS[usize::from(value) % TEXTS.len()].to_owned();
        match which % 12 {
            0..=2 => self.body(value),
            3 => self.hear(News::Ended(Ending {
                bytes: 9,
                oddities: vec![text],
                partial: value > 127,
                ..Ending::default()
            })),
            4 => {
                let said = vec![text.clone()];
                self.hear(News::Failed(Failure { what: text.clone(), said, advice: text, exit_code: value }));
            }
            5 => self.hear(News::Restarted),
            6 => {
                let until = Stamp(i64::from(value) << 56);
                self.hear(News::Waiting { attempt: 2, of: 3, until, why: text });
            }
            7 => {
                self.hear(News::Receiving { bytes: u64::MAX >> (value % 64), total: Some(u64::from(value)) })
            }
            8 => {
                self.hear(News::Began { origin: Origin::Cache { fetched_at: Stamp(i64::from(value) << 55) } })
            }
            9 => self.hear(News::NotAsked),
            10 if value > 127 => self.hear(News::Details(text.into_bytes())),
            10 => self.hear(News::Remark(text)),
            _ => self.request = RequestId(u64::from(value)),
        }
    }

    fn event(&mut self, kind: u8, value: u8, other: u8) {
        let text = TEXTS[usize::from(value) % TEXTS.len()].to_owned();
        match kind % 32 {
            0..=13 => {
                let code = match value {
                    0x20..=0x7e => Code::Char(char::from(value)),
                    _ => NAMED[usize::from(value) % NAMED.len()],
                };
                let chord = Chord { code, ctrl: other & 7 == 1, alt: other & 7 == 2, shift: other & 7 == 3 };
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
            18..=23 => self.news(value, other),
            24 => self.update(Event::Piped(Piped { command: text.clone(), output: text, trouble: None })),
            25 => self.update(Event::Told { text, warning: other > 127 }),
            26 => {
                let visit = Visit {
                    typed: text.clone(),
                    title: text.clone(),
                    service: "sgp".into(),
                    profile: None,
                    at: None,
                    note: text,
                };
                self.update(Event::Visits(vec![visit; usize::from(other % 9)]));
            }
            27 => self.update(Event::Tick),
            28 if other > 127 => {
                let taken = Taken { what: "value", text: text.clone() };
                self.update(Event::NotCopied { taken, why: text });
            }
            28 => self.update(Event::TaskFailed { what: text }),
            29 | 30 => self.update(Event::Settle),
            _ => self.answer(),
        }
    }

    fn draw(&mut self) {
        self.update(Event::Settle);
        let list = &self.app.list;
        assert!(list.selected == 0 || list.selected < self.app.list_len(), "the selection is in the list");
        let (width, height) = (self.app.width.min(200), self.app.height.min(100));
        let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
        let Ok(_) = terminal.draw(|frame| ui::draw(&self.app, &Theme::plain(), frame));
        let bad = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        for symbol in terminal.backend().buffer().content().iter().map(|cell| cell.symbol()) {
            // Nearly all of them are blanks.
            assert!(symbol == " " || !symbol.contains(bad), "{symbol:?}");
        }
    }
}

/// Plays bytes: three for each event, at most 64 events, with a frame after every sixteenth and at the end.
pub fn play(data: &[u8]) {
    let mut run = Run {
        app: App::new(Prefs::default(), 80, 24),
        now: 1_790_000_000_000_000,
        request: RequestId(0),
        effects: Vec::new(),
    };
    for (at, step) in data.as_chunks::<3>().0.iter().take(64).enumerate() {
        let [kind, value, other] = *step;
        run.event(kind, value, other);
        if at % 16 == 15 {
            run.draw();
        }
    }
    run.draw();
}
