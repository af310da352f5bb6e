//! The part that touches the world: network, disk, terminal.

pub mod cache;
pub mod files;
pub mod history;
pub mod http;
pub mod secret;
