//! The program on a terminal of memory, with a thread open: what a key costs from press to picture, without a loop, and
//! with tasks that answer at once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use divan::Bencher;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::mpsc;
use unspool::app::{App, Prefs};
use unspool::domain::{Raw, Source, Timestamp};
use unspool::effect::Effect;
use unspool::event::{Event, LoadedMessage};
use unspool::ingest::body_reader::KnownMessages;
use unspool::ingest::fetch;
use unspool::keymap::{Chord, Key};
use unspool::provider;
use unspool::theme::Theme;
use unspool::ui;
use unspool::view::MessageView;
use unspool::view::message::HiddenText;

pub struct Stage {
    pub app: App,
    terminal: Terminal<TestBackend>,
    theme: Theme,
}

impl Stage {
    /// With these turns of SGP, separated by commas, as the thread.
    pub fn new(turns: &str) -> Option<Self> {
        let body = std::env::temp_dir().join(format!("unspool-bench-{}.json", std::process::id()));
        std::fs::write(&body, format!(r#"{{"messages":[{turns}]}}"#)).ok()?;
        let terminal = Terminal::new(TestBackend::new(160, 48)).ok()?;
        let mut stage = Self { app: App::new(Prefs::default(), 160, 48), terminal, theme: Theme::default() };
        stage.app.open_and_focus(Source::File(body.clone()), Timestamp(0));
        let (outbox, mut news) = mpsc::channel(1 << 16);
        let reading = fetch::FileRequest {
            request: stage.app.loading.request,
            provider: None,
            max_bytes: u64::MAX,
            known_messages: KnownMessages::default(),
        };
        fetch::read_file(reading, &body, &outbox, &AtomicBool::new(false));
        drop(outbox);
        while let Some(event) = news.blocking_recv() {
            stage.app.update(event, Timestamp(0));
        }
        std::fs::remove_file(&body).ok()?;
        stage.frame();
        Some(stage)
    }

    /// A key, and the frame that follows.
    pub fn press(&mut self, code: Key) {
        self.app.update(Event::Key(Chord::plain(code)), Timestamp(0));
        self.frame();
    }

    /// What the loop does for a frame.
    pub fn frame(&mut self) {
        for effect in self.app.update(Event::PrepareFrame, Timestamp(0)) {
            match effect {
                Effect::ReadMessage { key, service, raw, width, hidden } => {
                    let Some(provider) = provider::by_id(service) else { continue };
                    let prepared = Arc::new(MessageView::new(provider, &raw, width, hidden));
                    self.app.update(
                        Event::MessageReady(LoadedMessage { key, width, raw, view: prepared }),
                        Timestamp(0),
                    );
                }
                Effect::FormatPayload(wish) => {
                    self.app.update(Event::PayloadReady(Box::new(wish.run())), Timestamp(0));
                }
                Effect::Open { .. }
                | Effect::ReuseMessages(_)
                | Effect::Cancel(_)
                | Effect::SkipWait(_)
                | Effect::StopSearch
                | Effect::LayOutPage { .. }
                | Effect::Search { .. }
                | Effect::Filter { .. }
                | Effect::Analyse { .. }
                | Effect::StartTimer { .. }
                | Effect::PrepareMore
                | Effect::Copy(_)
                | Effect::RunInTerminal(_)
                | Effect::Export(_)
                | Effect::Save(_)
                | Effect::Pipe { .. }
                | Effect::UseProfile { .. }
                | Effect::RecordVisit(_)
                | Effect::SetMouseOwner(_)
                | Effect::Suspend
                | Effect::Quit => {}
            }
        }
        let (app, theme) = (&self.app, &self.theme);
        let _ = self.terminal.draw(|frame| ui::draw(app, theme, frame));
    }
}

/// A message made ready for drawing, as it is when it is selected.
pub fn made_ready(bencher: Bencher<'_, '_>, turn: String) {
    let raw = Raw::owned(turn.into_bytes());
    let Some(provider) = provider::by_id("sgp") else { return };
    bencher.bench_local(|| MessageView::new(provider, &raw, 108, HiddenText::Counted));
}
