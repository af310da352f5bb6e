//! Ctrl-z: the terminal goes back to the shell, and is taken again when the shell resumes us.

use rustix::process::{Signal, getpid, kill_process};

use crate::runtime::terminal;

/// Stops the program until it is resumed. Returns whether it was stopped at all.
pub fn suspend() -> bool {
    terminal::give_back();
    let stopped = kill_process(getpid(), Signal::TSTP).is_ok();
    // Comes back here after SIGCONT.
    let _ = terminal::retake();
    stopped
}
