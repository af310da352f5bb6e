//! Everything kept on disk: cached copies, the history, recent threads, the log.

pub mod cache_file;
pub mod files;
pub mod history;
pub mod log;
pub mod recent_threads;
pub mod thread_cache;
