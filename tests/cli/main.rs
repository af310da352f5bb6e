//! The program without a screen, as scripts see it: output, standard error and exit code, against the demo's threads on
//! loopback and the fixtures on disk.

mod codes;
mod export;
mod show;
mod support;
