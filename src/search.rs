//! Searching a thread in its raw bytes: a query becomes a finder that knows how JSON may write each character, so that
//! `é` finds `\u00e9` too, and only messages that hit are decoded. Pure; the tasks that share the work are in `runtime`.

mod finder;
mod query;

pub use finder::Finder;
pub use query::{Query, QueryError};
