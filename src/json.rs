//! A lenient, lazy reader of JSON bytes. Nothing is built: a [`Value`] is a slice, and walking it skips what nobody asks
//! for at memory speed. No recursion, no limit of depth or of numbers, no demand for valid UTF-8, and no panic on any
//! bytes: what a strict parser would refuse as a whole costs here the one value that is wrong.

mod iter;
mod scan;
mod string;
pub mod tree;
mod value;
mod write;

pub use iter::{Elements, Key, Members, SyntaxError};
pub use scan::{Scan, skip_value, trim};
pub use string::{decode, decode_prefix};
pub use value::{Kind, Value};
pub use write::{collapse_whitespace, pretty, quote, write_string};
