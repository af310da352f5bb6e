//! Text on its way to people: the gate that makes foreign text harmless ([`Safe`]), column widths, wrapping in
//! windows, Markdown, tables, code colours, diffs, charts, and the formats of numbers and times. Pure functions;
//! drawing itself is in `ui`, colours are in [`crate::theme`].

mod char_class;
pub mod chart;
pub mod code;
pub mod diff;
mod grapheme;
mod json;
mod line;
pub mod markdown;
pub mod number;
pub mod overlap;
mod safe;
mod sanitize;
mod slug;
pub mod table;
pub mod time;
pub mod width;
pub mod wrap;

pub use grapheme::Graphemes;
pub use json::safe_json;
pub use line::{Line, StyledRun, render_plain, wrap_styled};
pub use safe::Safe;
pub use sanitize::{HiddenChars, scan_hidden};
