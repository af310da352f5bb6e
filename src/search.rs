//! Search in messages. A query matches decoded text with and without its markup, both folded, so that case, widths,
//! accents, spaces, hyphens and quotes need not be typed exactly. A fast check of the raw bytes rejects most messages, and
//! only the others are decoded. Pure; `app_loop` runs the parallel tasks.

mod finder;
mod fold;
mod forms;
mod mapped_text;
mod markup;
mod query;
mod required;
mod scan;
mod tokens;
mod walk;

pub use finder::Finder;
pub use forms::prepare;
pub use query::{Query, QueryError};
