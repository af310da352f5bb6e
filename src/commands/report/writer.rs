//! Rows on standard output in one of the formats, over all threads together; text lines as they come.

use std::io::{self, Write};

use crate::cli::ReportFormat;
use crate::commands::output::Output;
use crate::export::rows::{self, Row};
use crate::export::without_type_column;

/// The output of a report.
pub struct ReportWriter {
    format: ReportFormat,
    out: Output,
    row_count: usize,
    has_header: bool,
}

impl ReportWriter {
    pub fn new(format: ReportFormat, out: Output) -> Self {
        Self { format, out, row_count: 0, has_header: false }
    }

    /// Whether people read it: then there are lines, else rows.
    pub fn is_text(&self) -> bool {
        self.format == ReportFormat::Text
    }

    /// Names the columns, where the format does that, even if no row follows.
    ///
    /// # Errors
    /// Those of the output, as everywhere here.
    pub fn write_header(&mut self, row: &Row) -> io::Result<()> {
        if self.format == ReportFormat::Csv && !std::mem::replace(&mut self.has_header, true) {
            rows::csv_head(&mut self.out, &without_type_column(row.clone()))?;
        }
        Ok(())
    }

    /// A row; nothing where people read.
    pub fn write_row(&mut self, row: Row) -> io::Result<()> {
        self.row_count += 1;
        match self.format {
            ReportFormat::Text => Ok(()),
            ReportFormat::Csv => {
                self.write_header(&row)?;
                rows::csv_row(&mut self.out, &without_type_column(row))
            }
            ReportFormat::Ndjson => {
                rows::write_json_row(&mut self.out, &row)?;
                self.out.write_all(b"\n")
            }
            ReportFormat::Json => {
                self.out.write_all(if self.row_count == 1 { b"[\n" } else { b",\n" })?;
                rows::write_json_row(&mut self.out, &row)
            }
        }
    }

    /// A line for people; it must have passed the gate. Nothing where programs read.
    pub fn write_line(&mut self, line: &str) -> io::Result<()> {
        if self.is_text() { writeln!(self.out, "{line}") } else { Ok(()) }
    }

    /// Ends what has been begun.
    pub fn finish(&mut self) -> io::Result<()> {
        if self.format == ReportFormat::Json {
            self.out.write_all(if self.row_count == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        self.out.flush()
    }
}
