//! The flat formats: CSV with a row per message, and NDJSON with a line per message, span, feedback entry and unreadable
//! message.

use std::io::{self, Write};

use super::rows::{self, Row};
use super::{ExportedMessage, ExportedThread, Unreadable, Writer};
use crate::domain::{Message, Span};
use crate::trace::Forest;

/// A row per message. Unreadable messages have no row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Csv {
    /// Whether the file begins with a byte order mark, without which Excel does not recognize UTF-8.
    pub has_byte_order_mark: bool,
}

impl Writer for Csv {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        if self.has_byte_order_mark {
            rows::write_byte_order_mark(out)?;
        }
        // The columns do not depend on the message.
        let item = ExportedMessage { document, number: 0, index: 0, raw: &[], message: &Message::default() };
        rows::write_csv_header(out, &without_type_column(rows::message_row(&item)))
    }

    fn write_message(&mut self, out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        rows::write_csv_row(out, &without_type_column(rows::message_row(item)))
    }
}

/// Removes the `type` column, which is constant in a file with one kind of row.
pub fn without_type_column(row: Row) -> Row {
    row.into_iter().filter(|(name, _)| *name != "type").collect()
}

/// An object per line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ndjson;

impl Writer for Ndjson {
    fn write_message(&mut self, out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        write_line(out, &rows::message_row(item))?;
        let depths = span_depths(&item.message.spans);
        for (span, depth) in item.message.spans.iter().zip(depths) {
            write_line(out, &rows::span_row(item, span, depth))?;
        }
        let message = (item.number, item.message);
        item.message
            .feedback
            .iter()
            .try_for_each(|feedback| write_line(out, &rows::feedback_row(item.document, message, feedback)))
    }

    fn write_unreadable(&mut self, out: &mut dyn Write, message: &Unreadable<'_>) -> io::Result<()> {
        write_line(out, &rows::unreadable_row(message))
    }
}

fn write_line(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    rows::write_json_row(out, row)?;
    out.write_all(b"\n")
}

/// The depth of each span in its tree, in the order of the list.
pub fn span_depths(spans: &[Span]) -> Vec<Option<u32>> {
    let forest = Forest::new(spans);
    let node = |span: usize| forest.node(forest.node_of_span(u32::try_from(span).ok()?)?);
    (0..spans.len()).map(|span| Some(node(span)?.depth)).collect()
}
