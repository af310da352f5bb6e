//! The browser: takes the terminal, runs the loop, gives the terminal back, whatever ends it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use crate::app::target::Target;
use crate::app::{App, Prefs};
use crate::effect::Source;
use crate::runtime::event_loop::{Exit, Loop};
use crate::runtime::input::Reader;
use crate::runtime::memory::Memory;
use crate::runtime::signals::Endings;
use crate::runtime::tasks::{Tasks, World};
use crate::runtime::terminal::NoTerminal;
use crate::runtime::{panics, platform, source, terminal, watchdog};
use crate::theme::Theme;

/// Events that may wait for the loop; whoever sends more waits.
const QUEUE: usize = 256;

/// How the browser is to start.
pub struct Start {
    pub open: Option<Source>,
    /// What of it to show first.
    pub target: Target,
    pub prefs: Prefs,
    pub theme: Theme,
    pub world: World,
    pub memory: Memory,
    /// What the user should know at once.
    pub notice: Option<Told>,
}

/// What is told before anything else happens.
pub enum Told {
    Remark(String),
    Warning(String),
}

/// Why the browser could not run.
#[derive(Debug, thiserror::Error)]
pub enum BrowseError {
    #[error(transparent)]
    NoTerminal(#[from] NoTerminal),
    #[error("the screen could not be drawn: {0}")]
    Draw(#[from] io::Error),
}

/// The exit code of a program whose terminal went away.
const HANGUP: u8 = 129;

/// Whether it says that there is no terminal any more. The error of a frame wraps the terminal's own.
fn is_gone(error: &io::Error) -> bool {
    let own = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()).unwrap_or(error);
    platform::is_terminal_gone(own) || own.kind() == io::ErrorKind::BrokenPipe
}

/// Runs until the user leaves; returns the process's exit code.
///
/// # Errors
/// No terminal, or one that fails.
pub fn run(start: Start, runtime: &Runtime) -> Result<u8, BrowseError> {
    panics::browsing();
    let mut endings = Endings::listen(runtime);
    let mut screen = terminal::take()?;
    watchdog::watch();
    let size = screen.size()?;
    let mut app = App::new(start.prefs, size.width, size.height);
    app.mouse_released = !terminal::wants_mouse();
    let (outbox, mut events) = mpsc::channel(QUEUE);
    let (keys, mut input) = mpsc::channel(QUEUE * 4);
    let reader = Reader::start(runtime.handle().clone(), keys);
    let mut tasks = Tasks::new(start.world, outbox.clone(), runtime.handle().clone(), reader);
    let memory = start.memory;
    std::thread::spawn(move || {
        let _ = outbox.blocking_send(crate::event::Event::Visits(memory.load()));
    });
    app.target = Some(start.target).filter(|target| *target != Target::default());
    if let Some(open) = start.open {
        for effect in app.start_with(open, source::now()) {
            crate::runtime::event_loop::Outside::perform(&mut tasks, effect);
        }
    }
    match start.notice {
        Some(Told::Warning(text)) => app.warn(text),
        Some(Told::Remark(text)) => app.say(text),
        None => {}
    }
    let looping = AssertUnwindSafe(async {
        let run = Loop {
            terminal: &mut screen,
            app: &mut app,
            theme: &start.theme,
            input: &mut input,
            events: &mut events,
            outside: &mut tasks,
        };
        tokio::select! {
            biased;
            signal = endings.next() => Ok(Err(signal)),
            exit = run.run() => exit.map(Ok),
        }
    });
    let outcome = catch_unwind(AssertUnwindSafe(|| runtime.block_on(looping)));
    terminal::give_back();
    // What is loaded is left to the system: freeing it piece by piece would take longer than the rest of leaving.
    // (And the screen's own way to leave would show the cursor once more, and panic if there is nobody to complain to.)
    std::mem::forget((screen, app, events, tasks));
    let Ok(outcome) = outcome else { return Ok(panics::FAILED) };
    Ok(match outcome {
        Err(error) if is_gone(&error) => HANGUP,
        Err(error) => return Err(error.into()),
        Ok(Ok(Exit::Quit)) => 0,
        Ok(Ok(Exit::NoInput)) => HANGUP,
        Ok(Err(signal)) => 128u8.saturating_add(u8::try_from(signal).unwrap_or(0)),
    })
}
