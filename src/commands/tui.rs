//! Runs the browser: enters the terminal, runs the event loop, and restores the terminal however the loop ends.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::app::deep_link::DeepLink;
use crate::app::{App, Prefs};
use crate::app_loop::context::Context;
use crate::app_loop::effects::TaskRunner;
use crate::app_loop::event_loop::{EffectHandler, EventLoop, Exit};
use crate::domain::{ExitCode, Source, UserError};
use crate::event::Event;
use crate::platform;
use crate::storage::recent_threads::RecentThreads;
use crate::terminal::input::InputReader;
use crate::terminal::signals::Signals;
use crate::terminal::{self, background, forced_exit, panic_hook, private_file, watchdog};

/// The number of queued events at which senders wait.
const EVENT_QUEUE_CAPACITY: usize = 256;

/// The options of the browser.
pub struct TuiOptions {
    pub source: Option<Source>,
    /// The part of the thread to show first.
    pub deep_link: DeepLink,
    pub prefs: Prefs,
    /// Whether the background of the terminal is requested, to choose a theme that fits it.
    pub asks_background: bool,
    pub context: Context,
    pub recent_threads: RecentThreads,
    pub notice: Option<StartupNotice>,
}

/// A notice on the first screen.
pub enum StartupNotice {
    Info(String),
    Warning(String),
}

impl StartupNotice {
    /// Returns the text.
    pub fn into_text(self) -> String {
        match self {
            Self::Info(text) | Self::Warning(text) => text,
        }
    }
}

/// Returns whether the error means that the terminal was closed. The error of a frame wraps that of the terminal.
fn is_terminal_closed(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()).unwrap_or(error);
    platform::is_terminal_gone(inner) || inner.kind() == io::ErrorKind::BrokenPipe
}

fn draw_error(error: io::Error) -> UserError {
    UserError::new(format!("cannot draw the screen: {error}"), "", ExitCode::Failure)
}

/// Keeps where the thread was left for the next time.
fn keep_place(app: &App, history: &RecentThreads) {
    if let Some(visit) = app.visit() {
        history.record_place(&visit);
    }
}

/// Runs the browser until the user quits; returns the exit code of the process.
///
/// # Errors
/// No usable terminal, or one that fails.
pub fn run(options: TuiOptions, runtime: &Runtime) -> Result<ExitCode, UserError> {
    panic_hook::set_tui_active();
    let mut signals = Signals::listen(runtime).share_with_children(runtime);
    let mut screen =
        terminal::enter().map_err(|error| UserError::new(error.to_string(), "", ExitCode::Usage))?;
    watchdog::watch();
    std::thread::spawn(private_file::remove_abandoned);
    let links = terminal::has_links().then(|| screen.backend().links());
    let size = screen.size().map_err(draw_error)?;
    let mut app = App::new(options.prefs, size.width, size.height);
    app.prefs.mouse_released = !terminal::is_mouse_wanted();
    let (outbox, mut events) = mpsc::channel(EVENT_QUEUE_CAPACITY);
    let (keys, mut input) = mpsc::channel(EVENT_QUEUE_CAPACITY * 4);
    forced_exit::watch_signals(runtime);
    let background_until = options.asks_background.then(background::ask).flatten();
    let reader = InputReader::start(runtime.handle().clone(), keys, background_until);
    let mut tasks = TaskRunner::new(options.context, outbox.clone(), runtime.handle().clone(), reader);
    let recent_threads = options.recent_threads;
    let history = recent_threads.clone();
    std::thread::spawn(move || {
        let _ = outbox.blocking_send(Event::RecentThreads(recent_threads.load()));
    });
    app.panes().follow_deep_link(options.deep_link);
    if let Some(source) = options.source {
        for effect in app.open_and_focus(source, platform::now()) {
            tasks.perform(effect);
        }
    }
    show_startup_notice(&mut app, options.notice);
    let run_loop = AssertUnwindSafe(async {
        let event_loop = EventLoop {
            terminal: &mut screen,
            app: &mut app,
            input: &mut input,
            events: &mut events,
            effect_handler: &mut tasks,
            links,
        };
        tokio::select! {
            biased;
            Some(signal) = signals.recv() => Ok(Err(signal)),
            exit = event_loop.run() => exit.map(Ok),
        }
    });
    let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(run_loop)));
    background::wait_for_answer();
    terminal::restore();
    if outcome.is_ok() {
        keep_place(&app, &history);
    }
    // The system reclaims the memory faster than dropping a loaded thread would. Dropping the screen would also show the
    // cursor once more, and panic if standard error is closed.
    std::mem::forget((screen, app, events, tasks));
    let Ok(outcome) = outcome else { return Ok(ExitCode::Panic) };
    exit_code(outcome)
}

fn show_startup_notice(app: &mut App, notice: Option<StartupNotice>) {
    match notice {
        Some(StartupNotice::Warning(text)) => app.warn(text),
        Some(StartupNotice::Info(text)) => app.notify(text),
        None => {}
    }
}

/// Returns the exit code for the end of the loop, or for the signal that ended it.
fn exit_code(outcome: io::Result<Result<Exit, i32>>) -> Result<ExitCode, UserError> {
    Ok(match outcome {
        Err(error) if is_terminal_closed(&error) => ExitCode::Signal(1),
        Err(error) => return Err(draw_error(error)),
        Ok(Ok(Exit::Quit)) => ExitCode::Success,
        Ok(Ok(Exit::InputClosed)) => ExitCode::Signal(1),
        Ok(Err(signal)) => ExitCode::Signal(u8::try_from(signal).unwrap_or(0)),
    })
}
