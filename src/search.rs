//! Search in the raw bytes of a thread. A query is compiled to a finder that knows every JSON spelling of a character,
//! so that `é` also finds `\u00e9`, and only messages with hits are decoded. Pure; `app_loop` runs the parallel tasks.

mod finder;
mod query;

pub use finder::Finder;
pub use query::Query;
