//! The browser without its terminal: the state, the tasks that do what it asks for, and frames in memory. Every frame is
//! looked at for what must never be on a screen.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Receiver};
use tokio::time::timeout;
use unspool::app::{App, Prefs};
use unspool::effect::Effect;
use unspool::event::Event;
use unspool::keymap::{Chord, Code};
use unspool::runtime::event_loop::Outside;
use unspool::runtime::input::Reader;
use unspool::runtime::source::now;
use unspool::runtime::tasks::Tasks;
use unspool::theme::Theme;
use unspool::ui;

use crate::desk::{Desk, KEY};
use crate::harmless;

/// Longer than anything here takes; only a browser that hangs gets there.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Browser {
    app: App,
    tasks: Tasks,
    inbox: Receiver<Event>,
    terminal: Terminal<TestBackend>,
}

impl Browser {
    /// Asks for the thread.
    pub fn open(desk: &Desk) -> Self {
        let (outbox, inbox) = mpsc::channel(256);
        let (keys, _) = mpsc::channel(1);
        let reader = Reader::resting(Handle::current(), keys);
        let mut browser = Self {
            app: App::new(Prefs::default(), 120, 40),
            tasks: Tasks::new(desk.world(), outbox, Handle::current(), reader),
            inbox,
            terminal: Terminal::new(TestBackend::new(120, 40)).unwrap(),
        };
        let effects = browser.app.start_with(Desk::source(), now());
        browser.perform(effects);
        browser
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        effects.into_iter().for_each(|effect| self.tasks.perform(effect));
    }

    fn take(&mut self, event: Event) {
        let effects = self.app.update(event, now());
        self.perform(effects);
    }

    pub fn press(&mut self, code: Code) {
        self.take(Event::Key(Chord::plain(code)));
    }

    /// What one reads on the screen, with single blanks and without borders.
    pub fn screen(&mut self) -> String {
        self.take(Event::Settle);
        let app = &self.app;
        self.terminal.draw(|frame| ui::draw(app, &Theme::plain(), frame)).unwrap();
        let cells = self.terminal.backend().buffer().content();
        let text: String = cells.iter().map(|cell| cell.symbol()).collect();
        harmless::assert_harmless(&text, "the screen");
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
            match timeout(PATIENCE, self.inbox.recv()).await {
                Ok(Some(event)) => self.take(event),
                _ => panic!("waited in vain for {wanted:?}; on the screen: {screen}"),
            }
        }
    }

    /// Takes what happens until nothing is under way.
    pub async fn rests(&mut self) {
        while self.app.loading.is_active() {
            self.screen();
            let event = timeout(PATIENCE, self.inbox.recv()).await.unwrap().unwrap();
            self.take(event);
        }
    }

    /// Keys still do what they should.
    pub fn answers_keys(&mut self) {
        // What was said in the bottom line goes with the first key.
        self.press(Code::F(12));
        let before = self.screen();
        self.press(Code::Char('?'));
        assert!(self.screen().contains("move half a page down"), "{}", self.screen());
        self.press(Code::Esc);
        assert_eq!(self.screen(), before, "Esc goes back");
    }
}
