//! Huge single things: a message of 20 MB, half a million lines, a turn with 100,000 spans, a payload that is a list of a
//! million numbers. What it takes to make them ready, and that a key costs no more in them than elsewhere.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use divan::{AllocProfiler, Bencher};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::mpsc;
use unspool::app::detail::compose::HiddenText;
use unspool::app::{App, Prefs, Prepared};
use unspool::domain::{Raw, Stamp};
use unspool::effect::{Effect, Source};
use unspool::event::{Event, ReadMessage};
use unspool::keymap::{Chord, Code};
use unspool::provider;
use unspool::runtime::intake::Known;
use unspool::runtime::source;
use unspool::theme::Theme;
use unspool::ui;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const BYTES: usize = 20_000_000;

const TEXTS: [&str; 4] = ["ascii", "one line", "lines", "mixed"];

fn main() {
    divan::main();
}

fn text(kind: &str) -> String {
    let piece = match kind {
        "ascii" => "Annual plans are refundable within thirty days of purchase because policy says so. \\n",
        "one line" => "Annual plans are refundable ",
        "lines" => "status ok, next one in a minute, or so\\n",
        _ => "Größere Aufträge prüfen wir, 漢字 und Привет, während der Öffnungszeiten – “sofort”.\\n",
    };
    piece.repeat(BYTES / piece.len())
}

fn turn(answer: &str, spans: &[String]) -> String {
    let spans = spans.join(",");
    format!(
        r#"{{"entry":{{"id":"e","input":{{"query":"q"}},"output":{{"response":"{answer}"}},"operation_status":"SUCCESS","start_timestamp":"2025-01-06T08:00:00Z","duration_ms":700}},"spans":[{spans}],"feedback":null}}"#
    )
}

/// Ten to a parent, one after the other.
fn spans(count: usize) -> Vec<String> {
    let span = |at: usize| {
        let parent =
            if at.is_multiple_of(10) { "null".to_owned() } else { format!("\"s-{}\"", at - at % 10) };
        format!(
            r#"{{"id":"s-{at}","node_id":"step","operation_type":"COMPLETION","operation_status":"SUCCESS","operation_input":{{"prompt":"Why \"so\"?"}},"operation_output":{{"text":"Because."}},"start_timestamp":"2025-01-06T{:02}:{:02}:{:02}Z","duration_ms":900,"parent_id":{parent}}}"#,
            at / 3600 % 24,
            at / 60 % 60,
            at % 60
        )
    };
    (0..count).map(span).collect()
}

fn made_ready(bencher: Bencher<'_, '_>, turn: String) {
    let raw = Raw::owned(turn.into_bytes());
    let Some(provider) = provider::named("sgp") else { return };
    bencher.bench_local(|| Prepared::new(provider, &raw, 108, HiddenText::Counted));
}

#[divan::bench(args = TEXTS, sample_count = 10)]
fn text_made_ready(bencher: Bencher<'_, '_>, kind: &str) {
    made_ready(bencher, turn(&text(kind), &[]));
}

#[divan::bench(args = [10_000, 100_000], sample_count = 10)]
fn spans_made_ready(bencher: Bencher<'_, '_>, count: usize) {
    made_ready(bencher, turn("a", &spans(count)));
}

struct Stage {
    app: App,
    terminal: Terminal<TestBackend>,
    theme: Theme,
}

impl Stage {
    /// The program with this turn in front.
    fn new(turn: &str) -> Option<Self> {
        let body = std::env::temp_dir().join(format!("unspool-huge-{}.json", std::process::id()));
        std::fs::write(&body, format!(r#"{{"messages":[{turn}]}}"#)).ok()?;
        let terminal = Terminal::new(TestBackend::new(160, 48)).ok()?;
        let mut stage = Self { app: App::new(Prefs::default(), 160, 48), terminal, theme: Theme::default() };
        stage.app.start_with(Source::File(body.clone()), Stamp(0));
        let (outbox, mut news) = mpsc::channel(1 << 16);
        let reading = source::Reading {
            request: stage.app.loading.request,
            provider: None,
            most: u64::MAX,
            known: Known::default(),
        };
        source::read_file(reading, &body, &outbox, &AtomicBool::new(false));
        drop(outbox);
        while let Some(event) = news.blocking_recv() {
            stage.app.update(event, Stamp(0));
        }
        std::fs::remove_file(&body).ok()?;
        stage.settle();
        Some(stage)
    }

    fn press(&mut self, code: Code) {
        self.app.update(Event::Key(Chord::plain(code)), Stamp(0));
        self.settle();
        let (app, theme) = (&self.app, &self.theme);
        let _ = self.terminal.draw(|frame| ui::draw(app, theme, frame));
    }

    /// What the loop does before a frame, with tasks that answer at once.
    fn settle(&mut self) {
        for effect in self.app.update(Event::Settle, Stamp(0)) {
            match effect {
                Effect::Read { key, service, raw, width, hidden } => {
                    let Some(provider) = provider::named(service) else { continue };
                    let prepared = Arc::new(Prepared::new(provider, &raw, width, hidden));
                    self.app.update(Event::Read(ReadMessage { key, width, raw, prepared }), Stamp(0));
                }
                Effect::ReadPayload(wish) => {
                    self.app.update(Event::PayloadRead(Box::new(wish.answer())), Stamp(0));
                }
                _ => {}
            }
        }
    }
}

/// Up and down at the end, where whatever was counted from the start would show.
fn keys_at_the_end(bencher: Bencher<'_, '_>, turn: &str, tab: char) {
    let Some(mut stage) = Stage::new(turn) else { return };
    for code in [Code::Char(tab), Code::Enter, Code::Char('G')] {
        stage.press(code);
    }
    let mut keys = ['k', 'k', 'j', 'j'].into_iter().cycle();
    bencher.bench_local(|| keys.next().map(|key| stage.press(Code::Char(key))));
}

#[divan::bench(args = TEXTS)]
fn keys_at_the_end_of_a_text(bencher: Bencher<'_, '_>, kind: &str) {
    keys_at_the_end(bencher, &turn(&text(kind), &[]), '1');
}

#[divan::bench(args = [10_000, 100_000])]
fn keys_at_the_end_of_the_spans(bencher: Bencher<'_, '_>, count: usize) {
    keys_at_the_end(bencher, &turn("a", &spans(count)), '2');
}

/// The payload of the span is a list that is unfolded to its end.
#[divan::bench]
fn keys_at_the_end_of_a_million_numbers(bencher: Bencher<'_, '_>) {
    let numbers: Vec<String> = (0..1_000_000).map(|number| number.to_string()).collect();
    let span = format!(r#"{{"id":"s","node_id":"n","operation_output":[{}]}}"#, numbers.join(","));
    keys_at_the_end(bencher, &turn("a", &[span]), '5');
}
