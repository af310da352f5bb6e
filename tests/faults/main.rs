//! Every network fault, through the browser's state and tasks and through the program itself: messages on the screen,
//! responsive keys, exit codes, attempts, and an API key that is sent to its own service only. Also checks all output about
//! hostile data for harmful characters.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that cannot do its part fails the test"
)]

#[path = "../support/assert_harmless.rs"]
mod assert_harmless;
mod browser;
mod cases;
#[cfg(target_os = "linux")]
#[path = "../support/child_process.rs"]
mod child_process;
#[path = "../http/gzip.rs"]
mod gzip;
#[path = "../support/harmless.rs"]
mod harmless;
mod malformed_bodies;
mod memory;
mod test_env;
mod unwritable_disk;
// Programs cannot start in an empty environment on Windows.
mod network;
#[cfg(unix)]
mod program;
mod retries;
#[path = "../http/server.rs"]
mod server;
mod statuses;
