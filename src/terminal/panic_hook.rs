//! The panic hook. A panic of the main thread restores the terminal first; a panic of a task is logged and becomes an
//! event. Output is sanitized, because a panic message can quote data.

use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::terminal;
use crate::text::Safe;

/// Whether the browser controls the screen, which standard error shares.
static TUI_ACTIVE: AtomicBool = AtomicBool::new(false);

/// Installs a panic hook that sanitizes its output.
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

/// Makes panics of tasks leave the terminal alone; the code that awaits the task reports them.
pub fn set_tui_active() {
    TUI_ACTIVE.store(true, Ordering::SeqCst);
}

fn print_panic(info: &PanicHookInfo<'_>) {
    // A panic message can contain anything.
    let text = format!("unspool crashed: {info}\nPlease report this bug.\n");
    let _ = io::stderr().write_all(Safe::text(&text).as_bytes());
}
