//! The program in a pseudo-terminal: the screen, the state of the terminal afterwards, and every byte written.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot do its part fails the test")]

mod children;
mod clipboard;
#[path = "../support/harmless.rs"]
mod harmless;
mod hostile;
mod keyboard;
mod output;
mod profiles;
mod read_threads;
mod session;
mod shutdown;
mod startup_errors;
mod stress;
mod theme;
mod tour;
mod unwritable_home;
