//! Flat rows with named columns, as databases and spreadsheets read them: what the columns of messages, spans and
//! feedback are, and how a row is written as CSV and as JSON.

mod columns;
mod csv;

use std::io::{self, Write};

use super::json::{JsonWriter, Scalar};
use super::time::rfc3339;
use crate::domain::Timestamp;

pub use columns::{feedback_row, message_row, span_row, unreadable_row, usage_columns};
pub use csv::{write_header as csv_head, write_row as csv_row};

/// One value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Int(i64),
    Float(f64),
    Bool(bool),
    Time(Timestamp),
    Text(String),
}

impl Cell {
    /// Text, or nothing where there is none.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A count.
    pub fn count(number: usize) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// Plain, without the marks of any format; empty for nothing.
    pub fn to_plain_text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Int(number) => number.to_string(),
            Self::Float(number) if number.is_finite() => number.to_string(),
            Self::Float(_) => String::new(),
            Self::Bool(yes) => yes.to_string(),
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

/// Names and values, always the same names in the same order for one kind of row.
pub type Row = Vec<(&'static str, Cell)>;

/// Writes a row as a JSON object; the line is the caller's to end.
///
/// # Errors
/// Those of `out`.
pub fn write_json_row(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    JsonWriter::new(out).object(|json| {
        row.iter().try_for_each(|(name, cell)| {
            let value = match cell {
                Cell::Null => Scalar::Null,
                Cell::Int(number) => Scalar::Int(*number),
                Cell::Float(number) => Scalar::Float(*number),
                Cell::Bool(yes) => Scalar::Bool(*yes),
                Cell::Time(stamp) => Scalar::Time(*stamp),
                Cell::Text(text) => Scalar::Text(text),
            };
            json.field(name, value)
        })
    })
}
