//! Text on its way to people: the gate that makes foreign text harmless ([`Safe`]), column widths, wrapping in
//! windows, Markdown, tables, code colours, diffs, charts, and the formats of numbers and times. Pure functions;
//! drawing itself is in `ui`, colours are in [`crate::theme`].

pub mod chart;
mod class;
mod cluster;
pub mod code;
pub mod diff;
mod gate;
mod json;
mod line;
pub mod markdown;
pub mod number;
pub mod overlap;
mod safe;
mod slug;
pub mod table;
pub mod time;
pub mod width;
pub mod wrap;

pub use cluster::Clusters;
pub use gate::{Hidden, hidden};
pub use json::safe_json;
pub use line::{Line, Run, plain, render_plain};
pub use safe::Safe;
