//! The browser without its terminal: the state, the tasks that do what it asks for, and frames in memory. Every frame is
//! looked at for what must never be on a screen.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::timeout;
use unspool::app::{App, Prefs};
use unspool::app_loop::effects::TaskRunner;
use unspool::app_loop::event_loop::EffectHandler;
use unspool::effect::Effect;
use unspool::event::Event;
use unspool::ingest::fetch::now;
use unspool::keymap::{Chord, Key};
use unspool::terminal::input::InputReader;
use unspool::theme::Theme;
use unspool::ui;

use crate::assert_harmless;
use crate::test_env::{KEY, TestEnv};

/// Longer than anything here takes; only a browser that hangs gets there.
const TIMEOUT: Duration = Duration::from_secs(60);

pub struct Browser {
    app: App,
    tasks: TaskRunner,
    inbox: Receiver<Event>,
    terminal: Terminal<TestBackend>,
}

impl Browser {
    /// Asks for the thread.
    pub fn open(desk: &TestEnv) -> Self {
        let (outbox, inbox) = mpsc::channel(256);
        let (keys, _) = mpsc::channel(1);
        let reader = InputReader::paused(Handle::current(), keys);
        let mut browser = Self {
            app: App::new(Prefs::default(), 120, 40),
            tasks: TaskRunner::new(desk.context(), outbox, Handle::current(), reader),
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

    /// What one reads on the screen, with single blanks and without borders.
    pub fn screen(&mut self) -> String {
        self.handle_event(Event::PrepareFrame);
        let app = &self.app;
        self.terminal.draw(|frame| ui::draw(app, &Theme::plain(), frame)).unwrap();
        let cells = self.terminal.backend().buffer().content();
        let text: String = cells.iter().map(|cell| cell.symbol()).collect();
        assert_harmless::assert_harmless(&text, "the screen");
        let text = text.replace(|c: char| ('\u{2500}'..='\u{257f}').contains(&c), " ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!text.contains(KEY), "the key is on the screen: {text}");
        text
    }

    /// Takes what happens until this can be read.
    pub async fn sees(&mut self, wanted: &str) {
        loop {
            let screen = self.screen();
            if screen.contains(wanted) {
                return;
            }
            match timeout(TIMEOUT, self.inbox.recv()).await {
                Ok(Some(event)) => self.handle_event(event),
                _ => panic!("waited in vain for {wanted:?}; on the screen: {screen}"),
            }
        }
    }

    /// Takes what happens until nothing is under way.
    pub async fn rests(&mut self) {
        while self.app.loading.is_active() {
            self.screen();
            let event = timeout(TIMEOUT, self.inbox.recv()).await.unwrap().unwrap();
            self.handle_event(event);
        }
    }

    /// Keys still do what they should.
    pub fn answers_keys(&mut self) {
        // What was said in the bottom line goes with the first key.
        self.press(Key::F(12));
        let before = self.screen();
        self.press(Key::Char('?'));
        assert!(self.screen().contains("move half a page down"), "{}", self.screen());
        self.press(Key::Esc);
        assert_eq!(self.screen(), before, "Esc goes back");
    }
}
