//! Flat rows with named columns, for databases and spreadsheets: the columns of messages, spans and feedback, and the
//! writing of rows as CSV and JSON. `docs/export-schema.md` documents them.

mod columns;
mod content;
mod csv;
mod listing;
mod schema;

use std::io::{self, Write};

use clap::ValueEnum;

use super::json::{JsonWriter, Scalar};
use super::time::rfc3339;
use crate::domain::Timestamp;

pub(super) use columns::measured_ms;
pub use columns::{feedback_row, message_row, span_row, thread_row, unreadable_row, usage_columns};
pub use content::{
    CallTimes, artifact_rows, chunk_rows, empty_artifact_row, empty_chunk_row, empty_tool_call_row,
    empty_tool_result_row, tool_call_rows, tool_result_rows,
};
pub use csv::{write_byte_order_mark, write_csv_header, write_csv_row};
pub use listing::{listed_account_row, listed_application_row, listed_thread_row, listed_variant_row};
pub use schema::{ColumnType, column_type};

/// Returns the further columns of a kept row: the account, and the time and number of its revision.
pub fn origin_columns(account: &str, fetched_at: Timestamp, revision: u32) -> [(&'static str, Cell); 3] {
    [
        ("account", Cell::text(account)),
        ("fetched_at", Cell::Time(fetched_at)),
        ("revision", Cell::Int(revision.into())),
    ]
}

/// The version of the names and meanings of rows and JSON. Adding names does not change it.
pub const SCHEMA_VERSION: i64 = 1;

/// The kinds of rows of a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum RowKind {
    /// The thread itself
    Thread,
    /// Messages and turns
    #[default]
    Message,
    /// Spans of turns
    Span,
    /// Calls of tools in messages
    ToolCall,
    /// Results of tools in messages
    ToolResult,
    /// Tables and charts of answers
    Artifact,
    /// Retrieved chunks of messages and spans
    Chunk,
    /// Feedback on messages
    Feedback,
}

impl RowKind {
    /// Returns the name of a folder with such rows.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Thread => "threads",
            Self::Message => "messages",
            Self::Span => "spans",
            Self::ToolCall => "tool_calls",
            Self::ToolResult => "tool_results",
            Self::Artifact => "artifacts",
            Self::Chunk => "chunks",
            Self::Feedback => "feedback",
        }
    }
}

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Time(Timestamp),
    Text(String),
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn count(number: usize) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// Returns the value as text, without escaping; empty for null.
    pub fn to_plain_text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Bool(yes) => yes.to_string(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) if number.is_finite() => number.to_string(),
            Self::Float(_) => String::new(),
            Self::Time(stamp) => rfc3339(*stamp).unwrap_or_default(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl From<Option<i64>> for Cell {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::Null, Self::Int)
    }
}

impl From<Option<f64>> for Cell {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Null, Self::Float)
    }
}

impl From<Option<Timestamp>> for Cell {
    fn from(stamp: Option<Timestamp>) -> Self {
        stamp.map_or(Self::Null, Self::Time)
    }
}

impl From<Option<&str>> for Cell {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Null, Self::text)
    }
}

/// Names and values; all rows of one kind have the same names in the same order.
pub type Row = Vec<(&'static str, Cell)>;

/// Writes a row as a JSON object, without a line break.
///
/// # Errors
/// The errors of `out`.
pub fn write_json_row(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    JsonWriter::new(out).object(|json| {
        row.iter().try_for_each(|(name, cell)| {
            let value = match cell {
                Cell::Null => Scalar::Null,
                Cell::Bool(yes) => Scalar::Bool(*yes),
                Cell::Int(number) => Scalar::Int(*number),
                Cell::Float(number) => Scalar::Float(*number),
                Cell::Time(stamp) => Scalar::Time(*stamp),
                Cell::Text(text) => Scalar::Text(text),
            };
            json.field(name, value)
        })
    })
}

#[cfg(test)]
mod tests;
