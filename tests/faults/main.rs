//! A sweep of everything that can go wrong on the network, through the browser's state and tasks and through the program
//! itself: what the screen says, that keys work, exit codes, tries, and that the key is nowhere but in requests to its
//! own service. And what the program writes on hostile data, held against a list of what may be in it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that cannot do its part fails the test"
)]

mod browser;
mod cases;
mod desk;
mod disk;
mod harmless;
mod memory;
mod odd;
#[path = "../http/pack.rs"]
mod pack;
// In an empty environment no program starts on Windows.
#[cfg(unix)]
mod program;
mod refused;
mod retries;
#[path = "../http/server.rs"]
mod server;
mod sweep;
