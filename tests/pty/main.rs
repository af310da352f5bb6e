//! The program in a pseudo-terminal: what a user sees, what the terminal is left like, and every byte that is written.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper that cannot do its part fails the test")]

mod bytes;
mod copying;
mod endings;
mod hostile;
mod places;
mod profiles;
mod refusals;
mod session;
mod storm;
mod walk;
