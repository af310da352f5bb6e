//! The flat formats: CSV with one kind of rows, and NDJSON with a line for each row of every kind.

use std::io::{self, Write};

use clap::ValueEnum;

use super::rows::{self, CallTimes, Row, RowKind};
use super::time::month;
use super::usage_shares::UsageShares;
use super::{ExportedMessage, ExportedThread, Unreadable, Writer};
use crate::domain::{Feedback, Message, Span, Timestamp, Usage};
use crate::trace::Forest;

/// One kind of rows. Unreadable messages have no row.
#[derive(Clone, Debug, Default)]
pub struct Csv {
    /// Whether the file begins with a byte order mark, without which Excel does not recognize UTF-8.
    pub has_byte_order_mark: bool,
    pub kind: RowKind,
    call_times: CallTimes,
}

impl Csv {
    pub fn new(kind: RowKind, has_byte_order_mark: bool) -> Self {
        Self { has_byte_order_mark, kind, call_times: CallTimes::default() }
    }
}

impl Writer for Csv {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        if self.has_byte_order_mark {
            rows::write_byte_order_mark(out)?;
        }
        rows::write_csv_header(out, &without_type_column(empty_row(document, self.kind)))?;
        match self.kind {
            RowKind::Thread => rows::write_csv_row(out, &without_type_column(rows::thread_row(document))),
            _ => Ok(()),
        }
    }

    fn write_message(&mut self, out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        let rows = message_rows(self.kind, item, &mut self.call_times);
        rows.into_iter().try_for_each(|row| rows::write_csv_row(out, &without_type_column(row)))
    }
}

/// Returns a row with the columns of its kind, which do not depend on the message.
fn empty_row(document: &ExportedThread<'_>, kind: RowKind) -> Row {
    let item = ExportedMessage { document, number: 0, index: 0, raw: &[], message: &Message::default() };
    match kind {
        RowKind::Thread => rows::thread_row(document),
        RowKind::Message => rows::message_row(&item),
        RowKind::Span => rows::span_row(&item, &Span::default(), &SpanDetails::default()),
        RowKind::ToolCall => rows::empty_tool_call_row(&item),
        RowKind::ToolResult => rows::empty_tool_result_row(&item),
        RowKind::Artifact => rows::empty_artifact_row(&item),
        RowKind::Chunk => rows::empty_chunk_row(&item),
        RowKind::Feedback => rows::feedback_row(document, (0, item.message), &Feedback::default()),
    }
}

/// Returns the rows of one kind of a message.
fn message_rows(kind: RowKind, item: &ExportedMessage<'_>, call_times: &mut CallTimes) -> Vec<Row> {
    let message = item.message;
    match kind {
        RowKind::Thread => Vec::new(),
        RowKind::Message => vec![rows::message_row(item)],
        RowKind::Span => {
            let spans = message.spans.iter().zip(span_details(message));
            spans.map(|(span, details)| rows::span_row(item, span, &details)).collect()
        }
        RowKind::ToolCall => rows::tool_call_rows(item),
        RowKind::ToolResult => rows::tool_result_rows(item, call_times),
        RowKind::Artifact => rows::artifact_rows(item),
        RowKind::Chunk => rows::chunk_rows(item),
        RowKind::Feedback => {
            let row = |feedback| rows::feedback_row(item.document, (item.number, message), feedback);
            message.feedback.iter().map(row).collect()
        }
    }
}

/// Calls a function with the rows of every kind of a message.
fn for_each_row(
    item: &ExportedMessage<'_>,
    call_times: &mut CallTimes,
    put: &mut dyn FnMut(RowKind, Row) -> io::Result<()>,
) -> io::Result<()> {
    for kind in RowKind::value_variants() {
        message_rows(*kind, item, call_times).into_iter().try_for_each(|row| put(*kind, row))?;
    }
    Ok(())
}

/// Removes the `type` column, which is constant in a file with one kind of row.
pub fn without_type_column(row: Row) -> Row {
    row.into_iter().filter(|(name, _)| *name != "type").collect()
}

/// An object per line.
#[derive(Clone, Debug, Default)]
pub struct Ndjson {
    call_times: CallTimes,
}

impl Writer for Ndjson {
    fn begin(&mut self, out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        write_line(out, &rows::thread_row(document))
    }

    fn write_message(&mut self, out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        for_each_row(item, &mut self.call_times, &mut |_, row| write_line(out, &row))
    }

    fn write_unreadable(&mut self, out: &mut dyn Write, message: &Unreadable<'_>) -> io::Result<()> {
        write_line(out, &rows::unreadable_row(message))
    }
}

/// A row, and the partition of a data set that it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionedRow {
    /// The name of a folder with rows of one kind.
    pub folder: &'static str,
    /// The month in UTC, `2026-09`. Parts of a message have its month, so that they are in one partition. `None` without a
    /// time.
    pub month: Option<String>,
    pub row: Row,
}

/// The folder of the rows of unreadable messages.
const UNREADABLE_FOLDER: &str = "unreadable";

impl PartitionedRow {
    /// Returns every folder.
    pub fn folders() -> impl Iterator<Item = &'static str> {
        RowKind::value_variants().iter().map(|kind| kind.folder()).chain([UNREADABLE_FOLDER])
    }
}

/// Collects the rows of NDJSON instead of writing them.
pub struct Partitions<'a> {
    put: &'a mut dyn FnMut(PartitionedRow) -> io::Result<()>,
    /// The time of the thread.
    created_at: Option<Timestamp>,
    call_times: CallTimes,
}

impl<'a> Partitions<'a> {
    pub fn new(
        created_at: Option<Timestamp>,
        put: &'a mut dyn FnMut(PartitionedRow) -> io::Result<()>,
    ) -> Self {
        Self { put, created_at, call_times: CallTimes::default() }
    }
}

impl Writer for Partitions<'_> {
    fn begin(&mut self, _out: &mut dyn Write, document: &ExportedThread<'_>) -> io::Result<()> {
        let month = self.created_at.and_then(month);
        let row = rows::thread_row(document);
        (self.put)(PartitionedRow { folder: RowKind::Thread.folder(), month, row })
    }

    fn write_message(&mut self, _out: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        let month = item.message.created_at.and_then(month);
        let put = &mut self.put;
        for_each_row(item, &mut self.call_times, &mut |kind, row| {
            put(PartitionedRow { folder: kind.folder(), month: month.clone(), row })
        })
    }

    fn write_unreadable(&mut self, _out: &mut dyn Write, message: &Unreadable<'_>) -> io::Result<()> {
        let row = rows::unreadable_row(message);
        (self.put)(PartitionedRow { folder: UNREADABLE_FOLDER, month: None, row })
    }
}

fn write_line(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    rows::write_json_row(out, row)?;
    out.write_all(b"\n")
}

/// The columns of a span that depend on the whole tree.
#[derive(Clone, Debug, Default)]
pub struct SpanDetails {
    /// The depth in its tree.
    pub depth: Option<u32>,
    /// The usage without the usage of the spans below it.
    pub own_usage: Usage,
}

/// Returns the details of each span, in the order of the list.
pub fn span_details(message: &Message) -> Vec<SpanDetails> {
    let spans = &message.spans;
    let forest = Forest::new(spans);
    let own = UsageShares::new(message, &forest).by_span(&forest, spans.len());
    let depth = |span: usize| Some(forest.node(forest.node_of_span(u32::try_from(span).ok()?)?)?.depth);
    own.into_iter()
        .enumerate()
        .map(|(span, own_usage)| SpanDetails { depth: depth(span), own_usage })
        .collect()
}
