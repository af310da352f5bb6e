//! Windowed wrapping of long text: an index of every 64th row, built in steps, gives access to any rows without
//! wrapping the text above them. Expects sanitized text; other text still terminates, but columns may be wrong.

mod index;
mod line_break;
mod unspaced_script;

pub use index::WrapIndex;
pub use line_break::Row;

#[cfg(test)]
mod tests;
