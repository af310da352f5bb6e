//! The subcommands that look after the program itself, run as a user runs them, each in a home of its own.

// The program is run in an empty environment, in which no program starts on Windows; files have modes, and signals end it.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper that cannot do its part fails the test")]

mod cache;
mod completions;
mod config;
mod doctor;
mod forget;
mod home;
mod login;
