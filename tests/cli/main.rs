//! The program without a screen, as scripts see it: output, standard error and exit code, against the demo's threads on
//! loopback and the fixtures on disk.

// The program is run in an empty environment, in which no program starts on Windows; files have modes, and signals end it.
#![cfg(unix)]
#[cfg(test)]
mod exit_codes;
#[cfg(test)]
mod export;
#[cfg(test)]
mod export_formats;
#[cfg(test)]
mod report;
#[cfg(test)]
mod show;
#[cfg(test)]
mod support;
