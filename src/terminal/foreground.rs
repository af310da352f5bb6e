//! The external program that has the terminal. Signals of the keyboard are meant for it: Ctrl-C in a pager must not end
//! this program. A request to end goes to both.

use std::io;
use std::process::{Child, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::platform::{self, TtyState};

/// The time after the end of a program during which a signal may still have been meant for it.
const SIGNAL_DELAY: Duration = Duration::from_millis(200);

/// The time that a program has to end by itself.
const END_TIMEOUT: Duration = Duration::from_millis(700);

#[derive(Debug)]
struct State {
    /// Whether a program has the terminal.
    is_taken: bool,
    child: Option<u32>,
    released_at: Option<Instant>,
}

static STATE: Mutex<State> = Mutex::new(State { is_taken: false, child: None, released_at: None });

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The terminal in the hands of a program, until dropped.
#[derive(Debug)]
pub struct Foreground(());

impl Foreground {
    /// Marks the terminal as taken, before the program starts.
    pub fn take() -> Self {
        *state() = State { is_taken: true, child: None, released_at: None };
        Self(())
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        *state() = State { is_taken: false, child: None, released_at: Some(Instant::now()) };
    }
}

/// Waits for the program that has the terminal. If it stops alone, this program stops with it, so that the shell gets the
/// terminal; both continue together.
///
/// # Errors
/// The program cannot be waited for.
pub fn wait_for(child: &mut Child, shell_settings: &TtyState) -> io::Result<ExitStatus> {
    let id = child.id();
    state().child = Some(id);
    let status = platform::wait_for(child, || {
        let child_settings = TtyState::capture();
        shell_settings.restore();
        platform::suspend_process();
        child_settings.restore();
        platform::continue_process(id);
    });
    state().child = None;
    status
}

/// Whether signals of the keyboard are meant for another program.
pub fn has_keyboard_signals() -> bool {
    let state = state();
    state.is_taken || state.released_at.is_some_and(|at| at.elapsed() < SIGNAL_DELAY)
}

/// Asks the program that has the terminal to end, and ends it if it does not.
pub fn end_child(signal: i32) {
    let Some(id) = state().child else { return };
    platform::send_signal(id, signal);
    platform::continue_process(id);
    thread::spawn(move || {
        thread::sleep(END_TIMEOUT);
        if state().child == Some(id) {
            platform::kill(id);
        }
    });
}
