//! The event loop, and the tasks that perform effects.

pub mod analysis;
pub mod archive;
pub mod arrange;
pub mod context;
pub mod effects;
pub mod event_loop;
mod export_threads;
pub mod failure;
pub mod find_threads;
mod index_updates;
pub mod kept_library;
pub mod kept_lists;
pub mod library_analysis;
pub mod library_search;
pub mod listing;
pub mod load;
pub mod notes;
pub mod save;
pub mod search;
pub mod sort;
