//! A sweep of everything that can go wrong on the network, through the browser's state and tasks and through the program
//! itself: what the screen says, that keys work, exit codes, tries, and that the key is nowhere but in requests to its
//! own service. And what the program writes on hostile data, held against a list of what may be in it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that cannot do its part fails the test"
)]

mod assert_harmless;
mod browser;
mod cases;
#[path = "../http/gzip.rs"]
mod gzip;
mod malformed_bodies;
mod memory;
mod test_env;
mod unwritable_disk;
// In an empty environment no program starts on Windows.
mod network;
#[cfg(unix)]
mod program;
mod retries;
#[path = "../http/server.rs"]
mod server;
mod statuses;
