//! Markdown rendered as styled lines of a given width, for any text and in linear time: nesting deeper than a screen can
//! show is counted, not drawn, and a text of more than a megabyte is shown verbatim.

mod formula;
mod inline;
mod outline;
mod source;
mod writer;

use pulldown_cmark::Options;

use super::{Line, Safe, wrap_styled};
use crate::theme::Role;
pub use source::MarkdownSource;
use writer::Writer;

/// The extensions of Markdown that answers use.
const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_FOOTNOTES);

/// The size, in bytes, from which Markdown is shown as plain text, because nobody reads such a text.
pub const LIMIT: usize = 1 << 20;

/// Returns the positions of the brackets that begin a link definition.
pub fn definition_positions(text: &str) -> Vec<usize> {
    let definitions = outline::Outline::new(text).definitions(text);
    definitions.into_iter().map(|(position, _)| position).collect()
}

/// Renders Markdown as lines of at most `width` columns.
pub fn render(text: &str, width: usize) -> Vec<Line> {
    if text.len() > LIMIT {
        return wrap_styled(text, width, Role::Text);
    }
    let safe = Safe::text(text);
    let source = MarkdownSource::new(&safe);
    let mut writer = Writer::new(&source, width);
    for (event, range) in source.events() {
        writer.handle_event(event, range);
    }
    writer.finish()
}

#[cfg(test)]
mod tests;
