//! Windowed wrapping of long text: an index of every 64th row, built in steps, gives access to any rows without
//! wrapping the text above them. Expects sanitized text; other text still terminates, but columns may be wrong.

mod index;
mod row;
mod script;

pub use index::WrapIndex;
pub use row::Row;

#[cfg(test)]
mod tests;
