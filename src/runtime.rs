//! The part that touches the world: the loop, tasks, network, disk, terminal. No rules of the domain live here.

pub mod analysis;
pub mod browse;
pub mod cache;
pub mod child;
pub mod clipboard;
pub mod ending;
pub mod event_loop;
pub mod files;
pub mod history;
pub mod house;
pub mod http;
pub mod input;
pub mod intake;
pub mod memory;
pub mod program;
pub mod script;
pub mod search;
pub mod secret;
pub mod show;
pub mod signals;
pub mod source;
pub mod store;
pub mod suspend;
pub mod tasks;
pub mod terminal;
pub mod watchdog;
