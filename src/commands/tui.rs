//! The browser: takes the terminal, runs the loop, gives the terminal back, whatever ends it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::app::deep_link::DeepLink;
use crate::app::{App, Prefs};
use crate::app_loop::effects::{Context, TaskRunner};
use crate::app_loop::event_loop::{EventLoop, Exit};
use crate::domain::{ExitCode, Source};
use crate::ingest::fetch;
use crate::platform;
use crate::storage::recent_threads::RecentThreads;
use crate::terminal::input::InputReader;
use crate::terminal::signals::Signals;
use crate::terminal::{self, TerminalError, panics, watchdog};
use crate::theme::Theme;

/// Events that may wait for the loop; whoever sends more waits.
const EVENT_QUEUE_CAPACITY: usize = 256;

/// How the browser is to start.
pub struct TuiOptions {
    pub source: Option<Source>,
    /// What of it to show first.
    pub deep_link: DeepLink,
    pub prefs: Prefs,
    pub theme: Theme,
    pub context: Context,
    pub recent_threads: RecentThreads,
    /// What the user should know at once.
    pub notice: Option<StartupNotice>,
}

/// What is told before anything else happens.
pub enum StartupNotice {
    Info(String),
    Warning(String),
}

/// Why the browser could not run.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    #[error(transparent)]
    NoTerminal(#[from] TerminalError),
    #[error("the screen could not be drawn: {0}")]
    Draw(#[from] io::Error),
}

/// Whether it says that there is no terminal any more. The error of a frame wraps the terminal's own.
fn is_terminal_closed(error: &io::Error) -> bool {
    let own = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()).unwrap_or(error);
    platform::is_terminal_gone(own) || own.kind() == io::ErrorKind::BrokenPipe
}

/// Runs until the user leaves; returns the process's exit code.
///
/// # Errors
/// No terminal, or one that fails.
pub fn run(start: TuiOptions, runtime: &Runtime) -> Result<ExitCode, TuiError> {
    panics::set_tui_active();
    let mut endings = Signals::listen(runtime);
    let mut screen = terminal::enter()?;
    watchdog::watch();
    let size = screen.size()?;
    let mut app = App::new(start.prefs, size.width, size.height);
    app.mouse_released = !terminal::is_mouse_wanted();
    let (outbox, mut events) = mpsc::channel(EVENT_QUEUE_CAPACITY);
    let (keys, mut input) = mpsc::channel(EVENT_QUEUE_CAPACITY * 4);
    let reader = InputReader::start(runtime.handle().clone(), keys);
    let mut tasks = TaskRunner::new(start.context, outbox.clone(), runtime.handle().clone(), reader);
    let memory = start.recent_threads;
    std::thread::spawn(move || {
        let _ = outbox.blocking_send(crate::event::Event::RecentThreads(memory.load()));
    });
    app.deep_link = Some(start.deep_link).filter(|target| *target != DeepLink::default());
    if let Some(open) = start.source {
        for effect in app.open_and_focus(open, fetch::now()) {
            crate::app_loop::event_loop::EffectHandler::perform(&mut tasks, effect);
        }
    }
    match start.notice {
        Some(StartupNotice::Warning(text)) => app.warn(text),
        Some(StartupNotice::Info(text)) => app.notify(text),
        None => {}
    }
    let looping = AssertUnwindSafe(async {
        let run = EventLoop {
            terminal: &mut screen,
            app: &mut app,
            theme: &start.theme,
            input: &mut input,
            events: &mut events,
            effect_handler: &mut tasks,
        };
        tokio::select! {
            biased;
            signal = endings.next() => Ok(Err(signal)),
            exit = run.run() => exit.map(Ok),
        }
    });
    let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(looping)));
    terminal::restore();
    // What is loaded is left to the system: freeing it piece by piece would take longer than the rest of leaving.
    // (And the screen's own way to leave would show the cursor once more, and panic if there is nobody to complain to.)
    std::mem::forget((screen, app, events, tasks));
    let Ok(outcome) = outcome else { return Ok(ExitCode::Panic) };
    Ok(match outcome {
        Err(error) if is_terminal_closed(&error) => ExitCode::Signal(1),
        Err(error) => return Err(error.into()),
        Ok(Ok(Exit::Quit)) => ExitCode::Success,
        Ok(Ok(Exit::InputClosed)) => ExitCode::Signal(1),
        Ok(Err(signal)) => ExitCode::Signal(u8::try_from(signal).unwrap_or(0)),
    })
}
