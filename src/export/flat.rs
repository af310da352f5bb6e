//! The two flat formats: CSV with a row a message, and NDJSON with a line for each message, span, piece of feedback and
//! unreadable message.

use std::io::{self, Write};

use super::rows::{self, Row};
use super::{Document, Item, Lost, Writer};
use crate::domain::{Message, Span};
use crate::trace::Forest;

/// A row a message. Unreadable messages have no row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Csv;

impl Writer for Csv {
    fn begin(&mut self, out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
        // The columns do not depend on the message.
        let item = Item { number: 0, index: 0, raw: &[], message: &Message::default() };
        rows::csv_head(out, &without_type(rows::message(document, &item)))
    }

    fn message(&mut self, out: &mut dyn Write, document: &Document<'_>, item: &Item<'_>) -> io::Result<()> {
        rows::csv_row(out, &without_type(rows::message(document, item)))
    }

    fn lost(&mut self, _: &mut dyn Write, _: &Document<'_>, _: &Lost<'_>) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write, _: &Document<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// In a file with one kind of row its kind is no news.
pub fn without_type(row: Row) -> Row {
    row.into_iter().filter(|(name, _)| *name != "type").collect()
}

/// One object a line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ndjson;

impl Writer for Ndjson {
    fn begin(&mut self, _: &mut dyn Write, _: &Document<'_>) -> io::Result<()> {
        Ok(())
    }

    fn message(&mut self, out: &mut dyn Write, document: &Document<'_>, item: &Item<'_>) -> io::Result<()> {
        line(out, &rows::message(document, item))?;
        let depths = depths(&item.message.spans);
        for (span, depth) in item.message.spans.iter().zip(depths) {
            line(out, &rows::span(document, item, span, depth))?;
        }
        let about = (item.number, item.message);
        item.message
            .feedback
            .iter()
            .try_for_each(|feedback| line(out, &rows::feedback(document, about, feedback)))
    }

    fn lost(&mut self, out: &mut dyn Write, document: &Document<'_>, lost: &Lost<'_>) -> io::Result<()> {
        line(out, &rows::lost(document, lost))
    }

    fn end(&mut self, _: &mut dyn Write, _: &Document<'_>) -> io::Result<()> {
        Ok(())
    }
}

fn line(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    rows::json_row(out, row)?;
    out.write_all(b"\n")
}

/// How deep in its tree each span stands, in the order of the list.
pub fn depths(spans: &[Span]) -> Vec<Option<u32>> {
    let forest = Forest::new(spans);
    let place = |span: usize| forest.node_of_span(u32::try_from(span).ok()?);
    (0..spans.len()).map(|span| Some(forest.node(place(span)?)?.depth)).collect()
}
