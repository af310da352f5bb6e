//! Markdown rendered as styled lines of a given width. Total and linear: nesting deeper than a screen can show is
//! counted, not drawn, and a text of more than a megabyte is shown verbatim.

mod inline;
mod math;
mod writer;

use pulldown_cmark::{Options, Parser};

use super::{Line, Safe, wrap_styled};
use crate::theme::Role;
use writer::Writer;

/// The size in bytes beyond which Markdown is shown as plain text, because such a text is not meant for reading.
pub const LIMIT: usize = 1 << 20;

/// Renders Markdown as lines of at most `width` columns.
pub fn render(text: &str, width: usize) -> Vec<Line> {
    if text.len() > LIMIT {
        return wrap_styled(text, width, Role::Text);
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
