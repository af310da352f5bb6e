//! The two flat formats: CSV with a row a message, and NDJSON with a line for each message, span, piece of feedback and
//! unreadable message.

use std::io::{self, Write};

use super::rows::{self, Row};
use super::{ExportedMessage, ExportedThread, Unreadable, Writer};
use crate::domain::{Message, Span};
use crate::trace::Forest;

/// A row a message. Unreadable messages have no row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Csv;

impl Writer for Csv {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        // The columns do not depend on the message.
        let item = ExportedMessage { number: 0, index: 0, raw: &[], message: &Message::default() };
        rows::csv_head(out, &without_type_column(rows::message_row(document, &item)))
    }

    fn write_message(
        &mut self,
        out: &mut dyn Write,
        document: &ExportedThread<'_>,
        item: &ExportedMessage<'_>,
    ) -> io::Result<()> {
        rows::csv_row(out, &without_type_column(rows::message_row(document, item)))
    }

    fn write_unreadable(
        &mut self,
        _: &mut dyn Write,
        _: &ExportedThread<'_>,
        _: &Unreadable<'_>,
    ) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write, _: &ExportedThread<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// In a file with one kind of row its kind is no news.
pub fn without_type_column(row: Row) -> Row {
    row.into_iter().filter(|(name, _)| *name != "type").collect()
}

/// One object a line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ndjson;

impl Writer for Ndjson {
    fn begin(&mut self, _: &mut dyn Write, _: &ExportedThread<'_>) -> io::Result<()> {
        Ok(())
    }

    fn write_message(
        &mut self,
        out: &mut dyn Write,
        document: &ExportedThread<'_>,
        item: &ExportedMessage<'_>,
    ) -> io::Result<()> {
        write_line(out, &rows::message_row(document, item))?;
        let depths = span_depths(&item.message.spans);
        for (span, depth) in item.message.spans.iter().zip(depths) {
            write_line(out, &rows::span_row(document, item, span, depth))?;
        }
        let about = (item.number, item.message);
        item.message
            .feedback
            .iter()
            .try_for_each(|feedback| write_line(out, &rows::feedback_row(document, about, feedback)))
    }

    fn write_unreadable(
        &mut self,
        out: &mut dyn Write,
        document: &ExportedThread<'_>,
        lost: &Unreadable<'_>,
    ) -> io::Result<()> {
        write_line(out, &rows::unreadable_row(document, lost))
    }

    fn end(&mut self, _: &mut dyn Write, _: &ExportedThread<'_>) -> io::Result<()> {
        Ok(())
    }
}

fn write_line(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    rows::write_json_row(out, row)?;
    out.write_all(b"\n")
}

/// How deep in its tree each span stands, in the order of the list.
pub fn span_depths(spans: &[Span]) -> Vec<Option<u32>> {
    let forest = Forest::new(spans);
    let place = |span: usize| forest.node_of_span(u32::try_from(span).ok()?);
    (0..spans.len()).map(|span| Some(forest.node(place(span)?)?.depth)).collect()
}
