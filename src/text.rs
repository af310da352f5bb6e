//! Text for the terminal: the text gate that sanitizes untrusted text ([`Safe`]), column widths, windowed wrapping,
//! Markdown, tables, terminal output, syntax highlighting, diffs, charts, and number and time formats. Pure functions;
//! drawing is in `ui`, colours are in [`crate::theme`].

mod char_class;
pub mod chart;
pub mod code;
pub mod diff;
mod form;
pub mod fuzzy;
mod grapheme;
mod hex;
mod json;
mod line;
pub mod link;
pub mod markdown;
pub mod number;
pub mod overlap;
mod safe;
mod sanitize;
mod sentence;
mod shell;
mod slug;
pub mod suggest;
pub mod table;
mod terminal_output;
pub mod time;
pub mod width;
pub mod wrap;

pub use form::{TextForm, ToolOutput};
pub use grapheme::Graphemes;
pub use hex::hex;
pub use json::safe_json;
pub use line::{Line, StyledRun, wrap_styled};
pub use safe::Safe;
pub use sanitize::scan_hidden;
pub use sentence::to_sentence;
pub use shell::shell_quote;
