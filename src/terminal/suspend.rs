//! Suspends to the shell (ctrl-z): the terminal is restored, and entered again when the shell resumes the program.

use crate::platform;
use crate::terminal;

/// Stops the program until it is resumed. Returns false on systems that cannot stop it.
pub fn suspend() -> bool {
    if !platform::CAN_SUSPEND {
        return false;
    }
    terminal::restore();
    let is_stopped = platform::suspend_process();
    let _ = terminal::set_modes();
    is_stopped
}
