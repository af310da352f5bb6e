//! The program in scripts: standard output, standard error and exit codes, with demo threads on loopback and the fixtures on
//! disk.

// These tests use an empty environment (in which no program starts on Windows), file modes and signals.
#![cfg(unix)]
#[cfg(test)]
#[path = "../support/assert_harmless.rs"]
mod assert_harmless;
#[cfg(test)]
mod documented_commands;
#[cfg(test)]
mod exit_codes;
#[cfg(test)]
mod export;
#[cfg(test)]
mod export_formats;
#[cfg(test)]
mod filter;
#[cfg(test)]
#[path = "../support/harmless.rs"]
mod harmless;
#[cfg(test)]
mod list;
#[cfg(test)]
mod report;
#[cfg(test)]
mod show;
#[cfg(test)]
mod support;
#[cfg(test)]
mod usage;
#[cfg(test)]
mod verbatim;
