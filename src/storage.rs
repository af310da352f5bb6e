//! Files on disk: the cache, the history and recent threads, the log, output files.

pub mod cache_file;
pub mod files;
pub mod history;
pub mod log;
pub mod output;
pub mod recent_threads;
pub mod thread_cache;
