//! The loop: takes what is ready, updates, prepares, draws once. Never waits for anything but the next event; tasks do
//! all waiting. An idle program does not wake up.

use std::io;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::Backend;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

use crate::app::App;
use crate::domain::Timestamp;
use crate::effect::{Effect, ExternalProgram};
use crate::event::Event;
use crate::terminal::panics;
use crate::theme::Theme;
use crate::ui;

/// What happens by itself (progress, messages that arrive) is drawn at most this often; keys are drawn at once, and so is
/// the first that follows from them.
const FRAME_INTERVAL: Duration = Duration::from_millis(24);

/// How often something that moves by itself takes a step.
const TICK_INTERVAL: Duration = Duration::from_millis(120);

/// Said where a program cannot be stopped and resumed.
const SUSPEND_UNSUPPORTED: &str = "this system cannot suspend a program";

/// Whoever carries out effects.
pub trait EffectHandler {
    /// Begins to carry out an effect; never waits.
    fn perform(&mut self, effect: Effect);

    /// The clock.
    fn now(&self) -> Timestamp;

    /// Gives the terminal to another program until it ends; the screen must be drawn anew. Returns what went wrong.
    fn run_in_terminal(&mut self, hand_over: ExternalProgram) -> Option<String>;

    /// Gives the terminal to the shell until the program is resumed. Returns whether the screen must be drawn anew.
    fn suspend(&mut self) -> bool;
}

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The user left.
    Quit,
    /// The terminal is gone: there are no more keys.
    InputClosed,
}

/// Everything the loop works with.
pub struct EventLoop<'a, B: Backend, O> {
    pub terminal: &'a mut Terminal<B>,
    pub app: &'a mut App,
    pub theme: &'a Theme,
    /// Keys, mouse, paste, resize; closed when the terminal is gone.
    pub input: &'a mut Receiver<io::Result<Event>>,
    pub events: &'a mut Receiver<Event>,
    pub effect_handler: &'a mut O,
}

/// What woke the loop up.
enum Wake {
    Input(Option<io::Result<Event>>),
    Event(Event),
    Tick,
    Frame,
}

impl<B, O> EventLoop<'_, B, O>
where
    B: Backend,
    B::Error: Send + Sync + 'static,
    O: EffectHandler,
{
    /// Runs until the user leaves or the terminal goes away.
    ///
    /// # Errors
    /// What the terminal could not draw.
    pub async fn run(mut self) -> io::Result<Exit> {
        self.draw()?;
        // When something that happened by itself was drawn last.
        let mut paced_at: Option<Instant> = None;
        let mut beat_at = Instant::now() + TICK_INTERVAL;
        let mut dirty = false;
        loop {
            let wake =
                self.next_wake(paced_at.filter(|_| dirty).map(|at| at + FRAME_INTERVAL), beat_at).await;
            // The first screenful is drawn as it comes; what fills the list below it can wait for its frame.
            let was_filling = self.app.has_room_in_list();
            let was_loading = self.app.loading.is_active();
            let looked_at = self.app.selected_message_readiness();
            let mut urgent = false;
            match wake {
                Wake::Input(None | Some(Err(_))) => return Ok(Exit::InputClosed),
                Wake::Input(Some(Ok(event))) => {
                    urgent = true;
                    if self.handle_event(event) {
                        return Ok(Exit::Quit);
                    }
                }
                Wake::Event(event) => {
                    if self.handle_event(event) {
                        return Ok(Exit::Quit);
                    }
                }
                Wake::Tick => {
                    beat_at = Instant::now() + TICK_INTERVAL;
                    self.handle_event(Event::Tick);
                }
                Wake::Frame => {}
            }
            match self.drain() {
                DrainResult::Quit => return Ok(Exit::Quit),
                DrainResult::Input => urgent = true,
                DrainResult::NoInput => {}
            }
            dirty = true;
            urgent |= was_filling && self.app.list_len() > 0;
            urgent |= was_loading && !self.app.loading.is_active();
            urgent |= looked_at != self.app.selected_message_readiness();
            let is_time = paced_at.is_none_or(|at| at.elapsed() >= FRAME_INTERVAL);
            if urgent || is_time {
                self.draw()?;
                dirty = false;
                if !urgent {
                    paced_at = Some(Instant::now());
                }
            }
        }
    }

    async fn next_wake(&mut self, frame: Option<Instant>, beat: Instant) -> Wake {
        let animated = self.app.is_animated();
        tokio::select! {
            biased;
            input = self.input.recv() => Wake::Input(input),
            Some(event) = self.events.recv() => Wake::Event(event),
            () = sleep_until(frame.unwrap_or(beat)), if frame.is_some() => Wake::Frame,
            () = sleep_until(beat), if animated => Wake::Tick,
        }
    }

    /// Takes everything that is ready, keys first; a flood is drawn once. News of tasks are limited, so that a fast
    /// source cannot keep the screen from being drawn.
    fn drain(&mut self) -> DrainResult {
        let mut had_input = DrainResult::NoInput;
        while let Ok(Ok(event)) = self.input.try_recv() {
            had_input = DrainResult::Input;
            if self.handle_event(event) {
                return DrainResult::Quit;
            }
        }
        for _ in 0..64 {
            let Ok(event) = self.events.try_recv() else { break };
            if self.handle_event(event) {
                return DrainResult::Quit;
            }
        }
        had_input
    }

    /// Updates with one event and carries out its effects; returns whether the program is to end.
    fn handle_event(&mut self, event: Event) -> bool {
        let effects = self.app.update(event, self.effect_handler.now());
        self.perform_effects(effects)
    }

    fn perform_effects(&mut self, effects: Vec<Effect>) -> bool {
        for effect in effects {
            match effect {
                Effect::Quit => return true,
                Effect::Suspend => {
                    let event = if self.effect_handler.suspend() {
                        self.invalidate_screen();
                        Event::Resumed
                    } else {
                        Event::Notify { text: SUSPEND_UNSUPPORTED.to_owned(), is_warning: true }
                    };
                    self.app.update(event, self.effect_handler.now());
                }
                Effect::RunInTerminal(hand_over) => {
                    let trouble = self.effect_handler.run_in_terminal(hand_over);
                    self.invalidate_screen();
                    let mut events = vec![Event::Resumed];
                    events.extend(trouble.map(|text| Event::Notify { text, is_warning: true }));
                    for event in events {
                        self.app.update(event, self.effect_handler.now());
                    }
                }
                other => self.effect_handler.perform(other),
            }
        }
        false
    }

    /// Nothing of what was drawn is there any more. (`Terminal::clear` would ask the terminal where its cursor is, and the
    /// reader of keys would get the answer.)
    fn invalidate_screen(&mut self) {
        if let Ok(size) = self.terminal.size() {
            let _ = self.terminal.resize(size.into());
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        let size = self.terminal.size().map_err(io::Error::other)?;
        if (size.width, size.height) != (self.app.width, self.app.height) {
            self.handle_event(Event::Resize { width: size.width, height: size.height });
        }
        self.handle_event(Event::PrepareFrame);
        if self.app.list_len() > 0 {
            panics::fail_point("draw");
        }
        let (app, theme) = (&*self.app, self.theme);
        self.terminal.draw(|frame| ui::draw(app, theme, frame)).map_err(io::Error::other)?;
        Ok(())
    }
}

/// What was drained.
enum DrainResult {
    Quit,
    Input,
    NoInput,
}
