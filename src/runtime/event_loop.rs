//! The loop: takes what is ready, updates, prepares, draws once. Never waits for anything but the next event; tasks do
//! all waiting. An idle program does not wake up.

use std::io;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::Backend;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

use crate::app::App;
use crate::domain::Stamp;
use crate::effect::{Effect, HandOver};
use crate::event::Event;
use crate::runtime::panics;
use crate::theme::Theme;
use crate::ui;

/// What happens by itself (progress, messages that arrive) is drawn at most this often; keys are drawn at once, and so is
/// the first that follows from them.
const FRAME: Duration = Duration::from_millis(24);

/// How often something that moves by itself takes a step.
const BEAT: Duration = Duration::from_millis(120);

/// Said where a program cannot be stopped and resumed.
const CANNOT_SUSPEND: &str = "this system cannot suspend a program";

/// Whoever carries out effects.
pub trait Outside {
    /// Begins to carry out an effect; never waits.
    fn perform(&mut self, effect: Effect);

    /// The clock.
    fn now(&self) -> Stamp;

    /// Gives the terminal to another program until it ends; the screen must be drawn anew. Returns what went wrong.
    fn hand_over(&mut self, hand_over: HandOver) -> Option<String>;

    /// Gives the terminal to the shell until the program is resumed. Returns whether the screen must be drawn anew.
    fn suspend(&mut self) -> bool;
}

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The user left.
    Quit,
    /// The terminal is gone: there are no more keys.
    NoInput,
}

/// Everything the loop works with.
pub struct Loop<'a, B: Backend, O> {
    pub terminal: &'a mut Terminal<B>,
    pub app: &'a mut App,
    pub theme: &'a Theme,
    /// Keys, mouse, paste, resize; closed when the terminal is gone.
    pub input: &'a mut Receiver<io::Result<Event>>,
    pub events: &'a mut Receiver<Event>,
    pub outside: &'a mut O,
}

/// What woke the loop up.
enum Wake {
    Input(Option<io::Result<Event>>),
    Event(Event),
    Beat,
    Frame,
}

impl<B, O> Loop<'_, B, O>
where
    B: Backend,
    B::Error: Send + Sync + 'static,
    O: Outside,
{
    /// Runs until the user leaves or the terminal goes away.
    ///
    /// # Errors
    /// What the terminal could not draw.
    pub async fn run(mut self) -> io::Result<Exit> {
        self.draw()?;
        // When something that happened by itself was drawn last.
        let mut paced_at: Option<Instant> = None;
        let mut beat_at = Instant::now() + BEAT;
        let mut dirty = false;
        loop {
            let wake = self.wait(paced_at.filter(|_| dirty).map(|at| at + FRAME), beat_at).await;
            // The first screenful is drawn as it comes; what fills the list below it can wait for its frame.
            let was_filling = self.app.is_filling();
            let was_loading = self.app.loading.is_active();
            let looked_at = self.app.looked_at();
            let mut urgent = false;
            match wake {
                Wake::Input(None | Some(Err(_))) => return Ok(Exit::NoInput),
                Wake::Input(Some(Ok(event))) => {
                    urgent = true;
                    if self.take(event) {
                        return Ok(Exit::Quit);
                    }
                }
                Wake::Event(event) => {
                    if self.take(event) {
                        return Ok(Exit::Quit);
                    }
                }
                Wake::Beat => {
                    beat_at = Instant::now() + BEAT;
                    self.take(Event::Tick);
                }
                Wake::Frame => {}
            }
            match self.drain() {
                Drained::Quit => return Ok(Exit::Quit),
                Drained::Input => urgent = true,
                Drained::Rest => {}
            }
            dirty = true;
            urgent |= was_filling && self.app.list_len() > 0;
            urgent |= was_loading && !self.app.loading.is_active();
            urgent |= looked_at != self.app.looked_at();
            let is_time = paced_at.is_none_or(|at| at.elapsed() >= FRAME);
            if urgent || is_time {
                self.draw()?;
                dirty = false;
                if !urgent {
                    paced_at = Some(Instant::now());
                }
            }
        }
    }

    async fn wait(&mut self, frame: Option<Instant>, beat: Instant) -> Wake {
        let animated = self.app.is_animated();
        tokio::select! {
            biased;
            input = self.input.recv() => Wake::Input(input),
            Some(event) = self.events.recv() => Wake::Event(event),
            () = sleep_until(frame.unwrap_or(beat)), if frame.is_some() => Wake::Frame,
            () = sleep_until(beat), if animated => Wake::Beat,
        }
    }

    /// Takes everything that is ready, keys first; a flood is drawn once. News of tasks are limited, so that a fast
    /// source cannot keep the screen from being drawn.
    fn drain(&mut self) -> Drained {
        let mut had_input = Drained::Rest;
        while let Ok(Ok(event)) = self.input.try_recv() {
            had_input = Drained::Input;
            if self.take(event) {
                return Drained::Quit;
            }
        }
        for _ in 0..64 {
            let Ok(event) = self.events.try_recv() else { break };
            if self.take(event) {
                return Drained::Quit;
            }
        }
        had_input
    }

    /// Updates with one event and carries out its effects; returns whether the program is to end.
    fn take(&mut self, event: Event) -> bool {
        let effects = self.app.update(event, self.outside.now());
        self.carry_out(effects)
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> bool {
        for effect in effects {
            match effect {
                Effect::Quit => return true,
                Effect::Suspend => {
                    let event = if self.outside.suspend() {
                        self.forget_screen();
                        Event::Resumed
                    } else {
                        Event::Told { text: CANNOT_SUSPEND.to_owned(), warning: true }
                    };
                    self.app.update(event, self.outside.now());
                }
                Effect::HandOver(hand_over) => {
                    let trouble = self.outside.hand_over(hand_over);
                    self.forget_screen();
                    let mut events = vec![Event::Resumed];
                    events.extend(trouble.map(|text| Event::Told { text, warning: true }));
                    for event in events {
                        self.app.update(event, self.outside.now());
                    }
                }
                other => self.outside.perform(other),
            }
        }
        false
    }

    /// Nothing of what was drawn is there any more. (`Terminal::clear` would ask the terminal where its cursor is, and the
    /// reader of keys would get the answer.)
    fn forget_screen(&mut self) {
        if let Ok(size) = self.terminal.size() {
            let _ = self.terminal.resize(size.into());
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        let size = self.terminal.size().map_err(io::Error::other)?;
        if (size.width, size.height) != (self.app.width, self.app.height) {
            self.take(Event::Resize { width: size.width, height: size.height });
        }
        self.take(Event::Settle);
        if self.app.list_len() > 0 {
            panics::rehearse("draw");
        }
        let (app, theme) = (&*self.app, self.theme);
        self.terminal.draw(|frame| ui::draw(app, theme, frame)).map_err(io::Error::other)?;
        Ok(())
    }
}

/// What was drained.
enum Drained {
    Quit,
    Input,
    Rest,
}
