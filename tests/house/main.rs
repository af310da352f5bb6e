//! The subcommands that look after the program itself, run as a user runs them, each in a home of its own.

#![expect(clippy::unwrap_used, reason = "a helper that cannot do its part fails the test")]

mod cache;
mod config;
mod doctor;
mod forget;
mod home;
mod login;
mod shell;
