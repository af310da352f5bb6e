//! Rows on standard output in one of the formats, over all threads together; text lines as they come.

use std::io::{self, Write};

use crate::cli::ReportFormat;
use crate::export::rows::{self, Row};
use crate::export::without_type;
use crate::runtime::script::output::Output;

/// The output of a report.
pub struct Sheet {
    format: ReportFormat,
    out: Output,
    rows: usize,
    headed: bool,
}

impl Sheet {
    pub fn new(format: ReportFormat, out: Output) -> Self {
        Self { format, out, rows: 0, headed: false }
    }

    /// Whether people read it: then there are lines, else rows.
    pub fn is_text(&self) -> bool {
        self.format == ReportFormat::Text
    }

    /// Names the columns, where the format does that, even if no row follows.
    ///
    /// # Errors
    /// Those of the output, as everywhere here.
    pub fn head(&mut self, row: &Row) -> io::Result<()> {
        if self.format == ReportFormat::Csv && !std::mem::replace(&mut self.headed, true) {
            rows::csv_head(&mut self.out, &without_type(row.clone()))?;
        }
        Ok(())
    }

    /// A row; nothing where people read.
    pub fn row(&mut self, row: Row) -> io::Result<()> {
        self.rows += 1;
        match self.format {
            ReportFormat::Text => Ok(()),
            ReportFormat::Csv => {
                self.head(&row)?;
                rows::csv_row(&mut self.out, &without_type(row))
            }
            ReportFormat::Ndjson => {
                rows::json_row(&mut self.out, &row)?;
                self.out.write_all(b"\n")
            }
            ReportFormat::Json => {
                self.out.write_all(if self.rows == 1 { b"[\n" } else { b",\n" })?;
                rows::json_row(&mut self.out, &row)
            }
        }
    }

    /// A line for people; it must have passed the gate. Nothing where programs read.
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        if self.is_text() { writeln!(self.out, "{line}") } else { Ok(()) }
    }

    /// Ends what has been begun.
    pub fn end(&mut self) -> io::Result<()> {
        if self.format == ReportFormat::Json {
            self.out.write_all(if self.rows == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        self.out.flush()
    }
}
