//! Ctrl-z: the terminal goes back to the shell, and is taken again when the shell resumes us.

use crate::runtime::{platform, terminal};

/// Stops the program until it is resumed. Returns whether it was stopped at all: not every system can.
pub fn suspend() -> bool {
    if !platform::CAN_STOP {
        return false;
    }
    terminal::give_back();
    let stopped = platform::stop();
    let _ = terminal::retake();
    stopped
}
