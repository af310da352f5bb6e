//! The application on an in-memory terminal with a thread open, to measure a key from press to frame, without an event loop
//! and with tasks that finish at once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use divan::Bencher;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::sync::mpsc;
use unspool::testing::app::{App, Prefs};
use unspool::testing::domain::{Raw, Source, Timestamp};
use unspool::testing::effect::Effect;
use unspool::testing::event::{Event, LoadedMessage};
use unspool::testing::ingest::body_reader::KnownMessages;
use unspool::testing::ingest::fetch;
use unspool::testing::keymap::{Chord, Key};
use unspool::testing::provider;
use unspool::testing::theme::Theme;
use unspool::testing::ui;
use unspool::testing::view::MessageView;
use unspool::testing::view::message::TextOptions;

pub struct TestApp {
    pub app: App,
    terminal: Terminal<TestBackend>,
    theme: Theme,
}

impl TestApp {
    /// Opens a thread with these SGP turns, separated by commas.
    pub fn new(turns: &str) -> Option<Self> {
        let body = std::env::temp_dir().join(format!("unspool-bench-{}.json", std::process::id()));
        std::fs::write(&body, format!(r#"{{"messages":[{turns}]}}"#)).ok()?;
        let terminal = Terminal::new(TestBackend::new(160, 48)).ok()?;
        let mut test_app =
            Self { app: App::new(Prefs::default(), 160, 48), terminal, theme: Theme::default() };
        test_app.app.open_and_focus(Source::File(body.clone()), Timestamp(0));
        let (outbox, mut inbox) = mpsc::channel(1 << 16);
        let file_request = fetch::FileRequest {
            request: test_app.app.loading.request,
            provider: None,
            max_bytes: u64::MAX,
            known_messages: KnownMessages::default(),
        };
        fetch::read_file(file_request, &body, &outbox, &AtomicBool::new(false));
        drop(outbox);
        while let Some(event) = inbox.blocking_recv() {
            test_app.app.update(event, Timestamp(0));
        }
        std::fs::remove_file(&body).ok()?;
        test_app.draw_frame();
        Some(test_app)
    }

    /// Presses a key and draws the next frame.
    pub fn press(&mut self, key: Key) {
        self.app.update(Event::Key(Chord::plain(key)), Timestamp(0));
        self.draw_frame();
    }

    fn send(&mut self, event: Event) {
        self.app.update(event, Timestamp(0));
    }

    /// Prepares and draws a frame like the event loop.
    pub fn draw_frame(&mut self) {
        for effect in self.app.update(Event::PrepareFrame, Timestamp(0)) {
            match effect {
                Effect::ReadMessage { key, service, raw, width, options } => {
                    let Some(provider) = provider::by_id(service) else { continue };
                    let view = Arc::new(MessageView::new(provider, &raw, width, options));
                    self.send(Event::MessageReady(LoadedMessage { key, width, raw, view }));
                }
                Effect::FormatPayload(job) => self.send(Event::PayloadReady(Box::new(job.run()))),
                Effect::FindHits(job) => self.send(Event::HitsFound(Box::new(job.run()))),
                Effect::Open { .. }
                | Effect::ReuseMessages(_)
                | Effect::Cancel(_)
                | Effect::SkipWait(_)
                | Effect::StopSearch
                | Effect::StopLayout
                | Effect::LayOutPage { .. }
                | Effect::Search { .. }
                | Effect::ReadHits(_)
                | Effect::Filter { .. }
                | Effect::Sort { .. }
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
                | Effect::Analyse { .. }
                | Effect::StartTimer { .. }
                | Effect::PrepareMore
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
        let (app, theme) = (&self.app, &self.theme);
        let _ = self.terminal.draw(|frame| drop(ui::draw(app, theme, frame.buffer_mut())));
    }
}

/// Measures the preparation of a selected message.
pub fn bench_prepare(bencher: Bencher<'_, '_>, turn: String) {
    let raw = Raw::owned(turn.into_bytes());
    let Some(provider) = provider::by_id("sgp") else { return };
    bencher.bench_local(|| MessageView::new(provider, &raw, 108, TextOptions::default()));
}
