//! The external program that controls the terminal. Signals from the keyboard are meant for it: Ctrl-C in a pager must not
//! end this program. A request to end goes to both.

use std::io;
use std::process::{Child, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::platform::{self, TtyState};
use crate::terminal;

/// The time after the end of a program during which a signal may still have been meant for it.
const SIGNAL_DELAY: Duration = Duration::from_millis(200);

/// The time that a program has to end by itself; shorter than the time until this program is [forced to
/// exit](crate::terminal::forced_exit).
const END_TIMEOUT: Duration = Duration::from_millis(400);

#[derive(Debug)]
struct State {
    /// Whether a program controls the terminal.
    is_taken: bool,
    child: Option<u32>,
    /// The line settings before the program started.
    settings: Option<TtyState>,
    released_at: Option<Instant>,
    /// The signal that requested the end of this program; it also applies to programs that start later.
    end_signal: Option<i32>,
}

static STATE: Mutex<State> =
    Mutex::new(State { is_taken: false, child: None, settings: None, released_at: None, end_signal: None });

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The control of the terminal by a program, until dropped.
#[derive(Debug)]
pub struct Foreground(());

impl Foreground {
    /// Marks the terminal as taken, before the program starts; `settings` are the line settings until then.
    pub fn take(settings: &TtyState) -> Self {
        let mut state = state();
        (state.is_taken, state.settings) = (true, Some(settings.clone()));
        Self(())
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        let mut state = state();
        (state.is_taken, state.settings) = (false, None);
        state.released_at = Some(Instant::now());
    }
}

/// Waits for the program that controls the terminal. If that program stops, this one stops too, so that the shell gets the
/// terminal; both continue together.
///
/// # Errors
/// The program cannot be waited for.
pub fn wait_for(child: &mut Child, shell_settings: &TtyState) -> io::Result<ExitStatus> {
    let id = child.id();
    let end_signal = {
        let mut state = state();
        state.child = Some(id);
        state.end_signal
    };
    if let Some(signal) = end_signal {
        request_end(id, signal);
    }
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

/// Returns whether signals from the keyboard are meant for another program.
pub fn has_keyboard_signals() -> bool {
    let state = state();
    state.is_taken || state.released_at.is_some_and(|at| at.elapsed() < SIGNAL_DELAY)
}

/// Requests the end of the program that controls the terminal, and of any that starts later; kills it after a timeout.
pub fn end_child(signal: i32) {
    let child = {
        let mut state = state();
        state.end_signal = Some(signal);
        state.child
    };
    if let Some(id) = child {
        request_end(id, signal);
    }
}

fn request_end(id: u32, signal: i32) {
    platform::send_signal(id, signal);
    platform::continue_process(id);
    thread::spawn(move || {
        thread::sleep(END_TIMEOUT);
        platform::fail_point("ending a child");
        if state().child == Some(id) {
            platform::kill(id);
        }
    });
}

/// Kills the program that controls the terminal, and restores the line settings from before it.
pub fn take_back() {
    let (child, settings) = {
        let mut state = state();
        (state.child, state.settings.take())
    };
    if let Some(id) = child {
        platform::kill(id);
    }
    if let Some(settings) = settings {
        terminal::reset_line_mode(&settings);
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_program_that_starts_after_a_request_to_end_ends_too() {
        const TERMINATE: i32 = 15;
        const KILL: i32 = 9;
        end_child(TERMINATE);
        let mut child = Command::new("sh").args(["-c", "trap '' TERM; exec sleep 30"]).spawn().unwrap();
        let status = wait_for(&mut child, &TtyState::capture()).unwrap();
        // Whether the trap was set in time is up to the system.
        assert!(matches!(status.signal(), Some(TERMINATE | KILL)), "{status}");
    }
}
