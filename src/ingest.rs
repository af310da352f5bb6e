//! Bytes to [`FetchUpdate`](crate::event::FetchUpdate)s: the cache policy of a fetch, reading bodies chunk by chunk, and
//! diagnosis of bodies that are not threads; and lists of the threads that a key can see.

pub mod body_check;
pub mod body_reader;
pub mod diagnose;
pub mod fetch;
pub mod listing;
