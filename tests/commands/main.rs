//! The maintenance subcommands, each in a temporary home.

// These tests use an empty environment (in which no program starts on Windows), file modes and signals.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a helper that cannot do its part fails the test")]

mod archive;
mod arguments;
mod cache;
mod clickhouse_server;
mod completions;
mod config;
mod doctor;
mod find;
mod forget;
mod home;
mod kept_list;
mod library_export;
mod library_push;
mod login;
mod unresponsive_server;
