//! The browser without its terminal: the state, its tasks, and frames in memory. Every frame is checked for text that must
//! never be on a screen.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::timeout;
use unspool::testing::app::{App, Prefs};
use unspool::testing::app_loop::effects::TaskRunner;
use unspool::testing::app_loop::event_loop::EffectHandler;
use unspool::testing::effect::Effect;
use unspool::testing::event::Event;
use unspool::testing::keymap::{Chord, Key};
use unspool::testing::platform::now;
use unspool::testing::terminal::input::InputReader;
use unspool::testing::theme::Theme;
use unspool::testing::ui;

use crate::assert_harmless;
use crate::test_env::{KEY, TestEnv};

/// The deadline of a hanging browser, far longer than any test takes.
const TIMEOUT: Duration = Duration::from_secs(60);

pub struct Browser {
    app: App,
    tasks: TaskRunner,
    inbox: Receiver<Event>,
    terminal: Terminal<TestBackend>,
}

impl Browser {
    /// Starts opening the thread.
    pub fn open(env: &TestEnv) -> Self {
        let (outbox, inbox) = mpsc::channel(256);
        let (keys, _) = mpsc::channel(1);
        let reader = InputReader::paused(Handle::current(), keys);
        let mut browser = Self {
            app: App::new(Prefs::default(), 120, 40),
            tasks: TaskRunner::new(env.context(), outbox, Handle::current(), reader),
            inbox,
            terminal: Terminal::new(TestBackend::new(120, 40)).unwrap(),
        };
        let effects = browser.app.open_and_focus(TestEnv::source(), now());
        browser.perform(effects);
        browser
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        effects.into_iter().for_each(|effect| self.tasks.perform(effect));
    }

    fn handle_event(&mut self, event: Event) {
        let effects = self.app.update(event, now());
        self.perform(effects);
    }

    pub fn press(&mut self, code: Key) {
        self.handle_event(Event::Key(Chord::plain(code)));
    }

    /// Returns the text on the screen, with single spaces and without borders.
    pub fn screen(&mut self) -> String {
        self.handle_event(Event::PrepareFrame);
        let app = &self.app;
        self.terminal.draw(|frame| drop(ui::draw(app, &Theme::plain(), frame.buffer_mut()))).unwrap();
        let cells = self.terminal.backend().buffer().content();
        let text: String = cells.iter().map(|cell| cell.symbol()).collect();
        assert_harmless::assert_harmless(&text, "the screen");
        let text = text.replace(|c: char| ('\u{2500}'..='\u{257f}').contains(&c), " ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!text.contains(KEY), "the key is on the screen: {text}");
        text
    }

    /// Handles events until this text is on the screen.
    pub async fn sees(&mut self, text: &str) {
        loop {
            let screen = self.screen();
            if screen.contains(text) {
                return;
            }
            match timeout(TIMEOUT, self.inbox.recv()).await {
                Ok(Some(event)) => self.handle_event(event),
                _ => panic!("timed out waiting for {text:?}; on the screen: {screen}"),
            }
        }
    }

    /// Handles events until loading has ended.
    pub async fn wait_until_loaded(&mut self) {
        while self.app.loading.is_active() {
            self.screen();
            let event = timeout(TIMEOUT, self.inbox.recv()).await.unwrap().unwrap();
            self.handle_event(event);
        }
    }

    /// Checks that keys still work.
    pub fn assert_responsive(&mut self) {
        // The first key clears the notice in the bottom line.
        self.press(Key::F(12));
        let before = self.screen();
        self.press(Key::Char('?'));
        assert!(self.screen().contains("move half a page down"), "{}", self.screen());
        self.press(Key::Esc);
        assert_eq!(self.screen(), before, "Esc goes back");
    }
}
