//! Panics, which there should be none of: the terminal is given back before one of the screen is told, one of a task
//! becomes an event, and what is told has passed the gate, because the words of a panic can quote data.

use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::terminal;
use crate::text::Safe;

/// Whether the screen is ours, and standard error with it.
static TUI_ACTIVE: AtomicBool = AtomicBool::new(false);

/// From now on panics are told in words that are harmless to a terminal.
pub fn install_hook() {
    let main = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == main {
            terminal::restore();
            print_panic(info);
        } else if TUI_ACTIVE.load(Ordering::SeqCst) {
            tracing::error!("a task panicked: {}", Safe::line(&info.to_string()));
        } else {
            print_panic(info);
        }
    }));
}

/// From now on a panic of a task is the business of whoever waits for the task: it leaves the terminal alone.
pub fn set_tui_active() {
    TUI_ACTIVE.store(true, Ordering::SeqCst);
}

fn print_panic(info: &PanicHookInfo<'_>) {
    // The place is that of the source, and the payload may hold anything.
    let text = format!("unspool failed inside: {info}\nThis is a bug of unspool.\n");
    let _ = io::stderr().write_all(Safe::text(&text).as_bytes());
}

/// Panics if the variable `UNSPOOL_FAIL` names this place: how tests see what a panic there does. Only in builds for
/// debugging; there is nothing of it in a release.
#[cfg(debug_assertions)]
pub fn fail_point(place: &str) {
    let is_wanted = std::env::var("UNSPOOL_FAIL").is_ok_and(|wanted| wanted == place);
    assert!(!is_wanted, "a rehearsal of failing in {place} \u{1b}[2J\u{202e}");
}

#[cfg(not(debug_assertions))]
pub const fn rehearse(_place: &str) {}
