//! Markdown as styled lines of a given width. Total and linear: nesting beyond what a screen shows is counted, not
//! drawn, and a text of more than a megabyte is shown as it was written.

mod inline;
mod math;
mod writer;

use pulldown_cmark::{Options, Parser};

use super::{Line, Safe, render_plain};
use writer::Writer;

/// Beyond so many bytes Markdown is shown as plain text: nobody wrote that for reading.
pub const LIMIT: usize = 1 << 20;

/// Draws Markdown into lines of at most `width` columns.
pub fn render(text: &str, width: usize) -> Vec<Line> {
    if text.len() > LIMIT {
        return render_plain(text, width);
    }
    let safe = Safe::text(text);
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES;
    let mut writer = Writer::new(&safe, width);
    for (event, range) in Parser::new_ext(&safe, options).into_offset_iter() {
        writer.handle_event(event, range);
    }
    writer.finish()
}

#[cfg(test)]
mod tests;
