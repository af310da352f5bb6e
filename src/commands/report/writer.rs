//! Writes the rows of all threads to standard output in one of the formats, or the lines of the text format.

use std::io::{self, Write};

use crate::cli::ReportFormat;
use crate::export::rows::{self, Row};
use crate::export::without_type_column;
use crate::storage::output::Output;

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

    /// Returns whether the output is lines for people, not rows.
    pub fn is_text(&self) -> bool {
        self.format == ReportFormat::Text
    }

    /// Writes the column names in CSV, even if no row follows.
    ///
    /// # Errors
    /// Errors of the output, as for all methods here.
    pub fn write_header(&mut self, row: &Row) -> io::Result<()> {
        if self.format == ReportFormat::Csv && !std::mem::replace(&mut self.has_header, true) {
            rows::write_csv_header(&mut self.out, &without_type_column(row.clone()))?;
        }
        Ok(())
    }

    /// Writes a row; nothing in the text format.
    pub fn write_row(&mut self, row: Row) -> io::Result<()> {
        self.row_count += 1;
        match self.format {
            ReportFormat::Text => Ok(()),
            ReportFormat::Csv => {
                self.write_header(&row)?;
                rows::write_csv_row(&mut self.out, &without_type_column(row))
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

    /// Writes a sanitized line; nothing in the formats with rows.
    pub fn write_line(&mut self, line: &str) -> io::Result<()> {
        if self.is_text() { writeln!(self.out, "{line}") } else { Ok(()) }
    }

    /// Closes the JSON array and flushes the output.
    pub fn finish(&mut self) -> io::Result<()> {
        if self.format == ReportFormat::Json {
            self.out.write_all(if self.row_count == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        self.out.flush()
    }
}
