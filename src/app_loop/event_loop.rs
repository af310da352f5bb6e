//! The event loop: drains the queues, updates, prepares, draws once. It only waits for the next event; everything else
//! waits in tasks. An idle program does not wake up.

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
use crate::platform;
use crate::terminal::{FrameLinks, all_cells};
use crate::ui;

/// The shortest time between frames for background events (progress, arriving messages). Keys are drawn at once, and so
/// is their first result.
const FRAME_INTERVAL: Duration = Duration::from_millis(24);

/// The time between two steps of an animation.
const TICK_INTERVAL: Duration = Duration::from_millis(120);

/// The maximum number of task events handled before a frame.
const MAX_DRAINED_EVENTS: usize = 64;

/// The notice where a program cannot be stopped and resumed.
const SUSPEND_UNSUPPORTED: &str = "This system cannot suspend programs";

/// Performs effects.
pub trait EffectHandler {
    /// Starts an effect without waiting for it.
    fn perform(&mut self, effect: Effect);

    /// Returns the current time.
    fn now(&self) -> Timestamp;

    /// Runs another program in the terminal until it ends. The screen must then be redrawn. Returns the error, if any.
    fn run_in_terminal(&mut self, program: ExternalProgram) -> Option<String>;

    /// Suspends the program until the shell resumes it. Returns whether the screen must be redrawn.
    fn suspend(&mut self) -> bool;
}

/// The reason for the end of the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The user quit.
    Quit,
    /// The terminal is gone.
    InputClosed,
}

/// The event loop with its inputs and outputs.
pub struct EventLoop<'a, B: Backend, O> {
    pub terminal: &'a mut Terminal<B>,
    pub app: &'a mut App,
    /// Keys, mouse, paste, resize; closed when the terminal is gone.
    pub input: &'a mut Receiver<io::Result<Event>>,
    pub events: &'a mut Receiver<Event>,
    pub effect_handler: &'a mut O,
    /// The linked cells of each frame, for a terminal that has links.
    pub links: Option<FrameLinks>,
}

/// The reason why the loop woke up.
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
    /// Runs until the user quits or the terminal goes away.
    ///
    /// # Errors
    /// Drawing failed.
    pub async fn run(mut self) -> io::Result<Exit> {
        self.draw()?;
        // The time of the last frame for background events.
        let mut paced_at: Option<Instant> = None;
        let mut tick_at = Instant::now() + TICK_INTERVAL;
        let mut dirty = false;
        loop {
            let wake =
                self.next_wake(paced_at.filter(|_| dirty).map(|at| at + FRAME_INTERVAL), tick_at).await;
            // Messages on the first screen are drawn as they arrive; messages below it can wait for the next frame.
            let was_filling = self.app.shown().has_room_in_list();
            let was_loading = self.app.loading.is_active();
            let readiness = self.app.shown().selected_message_readiness();
            let was_awaiting = self.app.is_awaiting_results();
            let mut is_urgent = false;
            match wake {
                Wake::Input(None | Some(Err(_))) => return Ok(Exit::InputClosed),
                Wake::Input(Some(Ok(event))) => {
                    is_urgent = true;
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
                    tick_at = Instant::now() + TICK_INTERVAL;
                    self.handle_event(Event::Tick);
                }
                Wake::Frame => {}
            }
            match self.drain() {
                DrainResult::Quit => return Ok(Exit::Quit),
                DrainResult::Input => is_urgent = true,
                DrainResult::NoInput => {}
            }
            dirty = true;
            is_urgent |= was_filling && self.app.shown().list_len() > 0;
            is_urgent |= was_loading && !self.app.loading.is_active();
            is_urgent |= readiness != self.app.shown().selected_message_readiness();
            is_urgent |= was_awaiting && !self.app.is_awaiting_results();
            let is_due = paced_at.is_none_or(|at| at.elapsed() >= FRAME_INTERVAL);
            if is_urgent || is_due {
                self.draw()?;
                dirty = false;
                if !is_urgent {
                    paced_at = Some(Instant::now());
                }
            }
        }
    }

    async fn next_wake(&mut self, frame: Option<Instant>, tick: Instant) -> Wake {
        let is_animated = self.app.is_animated();
        tokio::select! {
            biased;
            input = self.input.recv() => Wake::Input(input),
            Some(event) = self.events.recv() => Wake::Event(event),
            () = sleep_until(frame.unwrap_or(tick)), if frame.is_some() => Wake::Frame,
            () = sleep_until(tick), if is_animated => Wake::Tick,
        }
    }

    /// Handles everything that is ready, input first, so that a flood is drawn once. The number of task events is
    /// limited, so that a fast source cannot delay drawing.
    fn drain(&mut self) -> DrainResult {
        let mut result = DrainResult::NoInput;
        while let Ok(Ok(event)) = self.input.try_recv() {
            result = DrainResult::Input;
            if self.handle_event(event) {
                return DrainResult::Quit;
            }
        }
        for _ in 0..MAX_DRAINED_EVENTS {
            let Ok(event) = self.events.try_recv() else { break };
            if self.handle_event(event) {
                return DrainResult::Quit;
            }
        }
        result
    }

    /// Updates the app with one event and performs its effects; returns whether to quit.
    fn handle_event(&mut self, event: Event) -> bool {
        let effects = self.app.update(event, self.effect_handler.now());
        self.perform_effects(effects)
    }

    fn perform_effects(&mut self, effects: Vec<Effect>) -> bool {
        for effect in effects {
            match effect {
                Effect::Quit => return true,
                Effect::Redraw => self.invalidate_screen(),
                Effect::Suspend => {
                    let event = if self.effect_handler.suspend() {
                        self.invalidate_screen();
                        Event::Resumed
                    } else {
                        Event::warning(SUSPEND_UNSUPPORTED.to_owned())
                    };
                    self.app.update(event, self.effect_handler.now());
                }
                Effect::RunInTerminal(program) => {
                    let error = self.effect_handler.run_in_terminal(program);
                    self.invalidate_screen();
                    for event in std::iter::once(Event::Resumed).chain(error.map(Event::warning)) {
                        self.app.update(event, self.effect_handler.now());
                    }
                }
                other => self.effect_handler.perform(other),
            }
        }
        false
    }

    /// Forces a full redraw. (`Terminal::clear` would query the cursor position, and the input reader would get the
    /// reply.)
    fn invalidate_screen(&mut self) {
        if let Ok(size) = self.terminal.size() {
            let _ = self.terminal.resize(size.into());
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        self.terminal.autoresize().map_err(io::Error::other)?;
        let size = self.terminal.current_buffer_mut().area;
        if (size.width, size.height) != (self.app.screen.width, self.app.screen.height) {
            self.handle_event(Event::Resize { width: size.width, height: size.height });
        }
        self.handle_event(Event::PrepareFrame);
        if self.app.shown().list_len() > 0 {
            platform::fail_point("draw");
        }
        self.draw_frame().map_err(io::Error::other)?;
        if self.app.shown().list_len() > 0 {
            platform::fail_point("drawn");
        }
        Ok(())
    }

    /// Draws a frame like [`Terminal::draw`], but hands all its cells to the backend, which compares them with the screen:
    /// comparing them twice would cost a fifth of a frame.
    fn draw_frame(&mut self) -> Result<(), B::Error> {
        let mut buffer = std::mem::take(self.terminal.current_buffer_mut());
        let drawn = ui::draw(self.app, self.app.prefs.theme.current(), &mut buffer);
        if let Some(links) = &self.links {
            links.set(drawn.links);
        }
        self.terminal.backend_mut().draw(all_cells(&buffer))?;
        buffer.reset();
        *self.terminal.current_buffer_mut() = buffer;
        match drawn.cursor {
            Some(position) => {
                self.terminal.show_cursor()?;
                self.terminal.set_cursor_position(position)?;
            }
            None => self.terminal.hide_cursor()?,
        }
        self.terminal.backend_mut().flush()
    }
}

/// The result of draining the queues.
enum DrainResult {
    Quit,
    Input,
    NoInput,
}
