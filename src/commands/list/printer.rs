//! Writes a list to standard output in one of the formats.

use std::io::Write;

use jiff::tz::TimeZone;

use crate::cli::ListFormat;
use crate::domain::{Applications, ListedAccount, ListedThread, Timestamp, UserError};
use crate::export::rows::{self, Row};
use crate::export::without_type_column;
use crate::provider;
use crate::storage::output::{Output, write_error};
use crate::text::{Safe, time, width};

/// The output of a list.
pub(super) struct Printer {
    service: &'static str,
    format: ListFormat,
    out: Output,
    row_count: usize,
    /// Ids that other commands would not read as the same id.
    left_out: Vec<String>,
}

impl Printer {
    pub(super) fn new(service: &'static str, format: ListFormat, out: Output) -> Self {
        Self { service, format, out, row_count: 0, left_out: Vec::new() }
    }

    pub(super) fn row_count(&self) -> usize {
        self.row_count
    }

    pub(super) fn left_out(&self) -> &[String] {
        &self.left_out
    }

    pub(super) fn has_left_out(&self) -> bool {
        !self.left_out.is_empty()
    }

    /// Writes a thread, in a format whose rows are independent.
    pub(super) fn write_thread(
        &mut self,
        thread: &ListedThread,
        applications: &Applications,
    ) -> Result<(), UserError> {
        let [application, variant] = applications.names_of(thread);
        let row = || rows::listed_thread_row(self.service, thread, application, variant);
        match self.format {
            ListFormat::Ids => self.write_id(Some(self.service), &thread.id),
            ListFormat::Ndjson | ListFormat::Csv => self.write_row(row()),
            ListFormat::Text => self.write_table(&[self.thread_line(thread, applications)]),
        }
    }

    /// Writes the collected threads; without any, the header of a CSV list.
    pub(super) fn write_threads(
        &mut self,
        threads: &[ListedThread],
        applications: &Applications,
    ) -> Result<(), UserError> {
        if self.format == ListFormat::Csv && threads.is_empty() && self.row_count == 0 {
            return self.write_header(rows::listed_thread_row(
                self.service,
                &ListedThread::default(),
                "",
                "",
            ));
        }
        if self.format == ListFormat::Text {
            let lines: Vec<Vec<String>> =
                threads.iter().map(|thread| self.thread_line(thread, applications)).collect();
            return self.write_table(&lines);
        }
        threads.iter().try_for_each(|thread| self.write_thread(thread, applications))
    }

    pub(super) fn write_accounts(
        &mut self,
        accounts: &[ListedAccount],
        limit: usize,
    ) -> Result<(), UserError> {
        let service = self.service;
        let entries = accounts.iter().map(|account| Entry {
            id: &account.id,
            row: rows::listed_account_row(service, account),
            line: cells([&account.id, &account.role, &account.status, &account.name]),
        });
        self.write_entries(entries, limit, rows::listed_account_row(service, &Default::default()))
    }

    pub(super) fn write_applications(
        &mut self,
        applications: &Applications,
        app: Option<&str>,
        limit: usize,
    ) -> Result<(), UserError> {
        let service = self.service;
        let all = applications.applications().iter();
        let wanted = all.filter(|application| is_application(applications, Some(&application.id), app));
        let entries = wanted.map(|application| Entry {
            id: &application.id,
            row: rows::listed_application_row(service, application),
            line: cells([
                &application.id,
                &date(application.created_at),
                if application.archived_at.is_some() { "archived" } else { "" },
                &application.name,
            ]),
        });
        self.write_entries(entries, limit, rows::listed_application_row(service, &Default::default()))
    }

    pub(super) fn write_variants(
        &mut self,
        applications: &Applications,
        app: Option<&str>,
        limit: usize,
    ) -> Result<(), UserError> {
        let service = self.service;
        let all = applications.variants().iter();
        let wanted =
            all.filter(|variant| is_application(applications, variant.application_id.as_deref(), app));
        let entries = wanted.map(|variant| {
            let application = name_of(applications, variant.application_id.as_deref());
            Entry {
                id: &variant.id,
                row: rows::listed_variant_row(service, variant, application),
                line: cells([
                    &variant.id,
                    &date(variant.updated_at),
                    &variant.version,
                    if variant.is_draft { "draft" } else { "" },
                    application,
                    &variant.name,
                ]),
            }
        });
        self.write_entries(entries, limit, rows::listed_variant_row(service, &Default::default(), ""))
    }

    /// Writes entries up to the limit. The empty row has the names of the columns, for a CSV list without entries.
    fn write_entries<'a>(
        &mut self,
        entries: impl Iterator<Item = Entry<'a>>,
        limit: usize,
        empty_row: Row,
    ) -> Result<(), UserError> {
        let entries: Vec<Entry<'a>> = entries.take(limit).collect();
        match self.format {
            ListFormat::Text => {
                let lines: Vec<Vec<String>> = entries.into_iter().map(|entry| entry.line).collect();
                self.write_table(&lines)
            }
            ListFormat::Csv if entries.is_empty() => self.write_header(empty_row),
            ListFormat::Csv | ListFormat::Ndjson => {
                entries.into_iter().try_for_each(|entry| self.write_row(entry.row))
            }
            ListFormat::Ids => entries.iter().try_for_each(|entry| self.write_id(None, entry.id)),
        }
    }

    fn thread_line(&self, thread: &ListedThread, applications: &Applications) -> Vec<String> {
        let names = applications.names_of(thread).into_iter();
        let place: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
        let count = thread.message_count.map(|count| count.to_string()).unwrap_or_default();
        cells([
            &format!("{}:{}", self.service, thread.id),
            &thread.changed_at().map(minute).unwrap_or_default(),
            &count,
            thread.user.as_deref().unwrap_or_default(),
            thread.origin.as_deref().unwrap_or_default(),
            &place.join(" · "),
            if thread.archived_at.is_some() { "archived" } else { "" },
            if thread.title.is_empty() { "(no title)" } else { &thread.title },
        ])
    }

    /// Writes lines with aligned columns; columns that are empty everywhere are omitted.
    fn write_table(&mut self, lines: &[Vec<String>]) -> Result<(), UserError> {
        self.row_count += lines.len();
        let column_count = lines.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..column_count)
            .map(|column| {
                let cells = lines.iter().filter_map(|line| line.get(column));
                cells.map(|cell| width::columns(cell)).max().unwrap_or(0)
            })
            .collect();
        lines.iter().try_for_each(|line| {
            let cells = line.iter().zip(&widths).filter(|(_, width)| **width > 0);
            let padded: Vec<String> = cells.map(|(cell, width)| width::pad_right(cell, *width)).collect();
            self.write_line(padded.join("  ").trim_end())
        })
    }

    /// Writes an id, unless other commands would not read it as the same id.
    fn write_id(&mut self, service: Option<&str>, id: &str) -> Result<(), UserError> {
        let is_valid = match service.and_then(provider::by_id) {
            Some(provider) => provider.check_id(id).is_ok(),
            None => true,
        };
        if !is_valid || Safe::line(id).as_str() != id || id.trim() != id {
            self.left_out.push(id.to_owned());
            return Ok(());
        }
        self.row_count += 1;
        match service {
            Some(service) => self.write_line(&format!("{service}:{id}")),
            None => self.write_line(id),
        }
    }

    fn write_row(&mut self, row: Row) -> Result<(), UserError> {
        let is_first = self.row_count == 0;
        self.row_count += 1;
        if self.format == ListFormat::Csv {
            if is_first {
                self.write_header(row.clone())?;
            }
            return rows::write_csv_row(&mut self.out, &without_type_column(row))
                .map_err(|error| write_error(&error));
        }
        let result = rows::write_json_row(&mut self.out, &row).and_then(|()| self.out.write_all(b"\n"));
        result.map_err(|error| write_error(&error))
    }

    fn write_header(&mut self, row: Row) -> Result<(), UserError> {
        rows::write_csv_header(&mut self.out, &without_type_column(row)).map_err(|error| write_error(&error))
    }

    /// Writes a line that passed the text gate.
    fn write_line(&mut self, line: &str) -> Result<(), UserError> {
        writeln!(self.out, "{line}").map_err(|error| write_error(&error))
    }

    /// Flushes the output.
    pub(super) fn flush(&mut self) -> Result<(), UserError> {
        self.out.flush().map_err(|error| write_error(&error))
    }
}

/// An entry of a list, for all formats.
struct Entry<'a> {
    id: &'a str,
    row: Row,
    line: Vec<String>,
}

/// Returns the name of an application; empty if it is unknown.
fn name_of<'a>(applications: &'a Applications, id: Option<&str>) -> &'a str {
    id.and_then(|id| applications.application(id)).map_or("", |known| &known.name)
}

/// Returns whether an application is the wanted one, by its id or a part of its name.
pub(super) fn is_application(applications: &Applications, id: Option<&str>, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| {
        let name = name_of(applications, id).to_lowercase();
        id == Some(wanted) || name.contains(&wanted.to_lowercase())
    })
}

/// Sanitizes the cells of a line.
fn cells<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.iter().map(|text| Safe::line(text).into_string()).collect()
}

fn date(stamp: Option<Timestamp>) -> String {
    stamp.map(|stamp| time::date(stamp, &TimeZone::UTC)).unwrap_or_default()
}

/// Formats a time in UTC to the minute.
fn minute(stamp: Timestamp) -> String {
    format!("{} {}", time::date(stamp, &TimeZone::UTC), time::minute(stamp, &TimeZone::UTC))
}
