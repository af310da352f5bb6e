//! A lenient, lazy JSON reader. Nothing is built: a [`Value`] is a slice, and iterating over it skips nested values at
//! memory speed. No recursion, no limit on depth or numbers, no need for valid UTF-8, and no panic on any bytes. Where a
//! strict parser would reject the whole document, only the invalid value is lost.

mod iter;
mod scan;
mod shorten;
mod string;
pub mod tree;
mod value;
mod write;

pub use iter::{Key, Members};
pub use scan::{Scan, skip_value, trim};
pub use shorten::{Omissions, shorten};
pub use string::{decode, decode_prefix, split_point, unescape};
pub use value::{Kind, Value};
pub use write::{collapse_whitespace, pretty, write_string};
