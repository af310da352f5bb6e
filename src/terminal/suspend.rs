//! Ctrl-z: the terminal goes back to the shell, and is taken again when the shell resumes us.

use crate::platform;
use crate::terminal;

/// Stops the program until it is resumed. Returns whether it was stopped at all: not every system can.
pub fn suspend() -> bool {
    if !platform::CAN_SUSPEND {
        return false;
    }
    terminal::restore();
    let stopped = platform::suspend_process();
    let _ = terminal::re_enter();
    stopped
}
