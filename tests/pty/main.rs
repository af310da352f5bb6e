//! The program in a pseudo-terminal: what a user sees, what the terminal is left like, and every byte that is written.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot do its part fails the test")]

mod clipboard;
mod hostile;
mod output;
mod profiles;
mod session;
mod shutdown;
mod startup_errors;
mod stress;
mod tour;
mod unwritable_home;
