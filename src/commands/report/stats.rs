//! Statistics: per thread, one row for its messages and one per operation; for several threads, the same rows for all of
//! them together.

use std::io::{self, Write};

use super::lists::write_title;
use super::writer::ReportWriter;
use crate::commands::selection::FailConditions;
use crate::domain::{Message, Sentiment, Status, Usage};
use crate::export::rows::{self, Cell, Row};
use crate::export::{ExportedMessage, ExportedThread, Unreadable, Writer};
use crate::text::{Safe, number, width};
use crate::trace::{Forest, OperationAnalysis, OperationStats, message_usage_with, percentile};

/// The statistics of several threads.
pub(super) struct StatsReport {
    thread_count: usize,
    total: ThreadStats,
}

impl StatsReport {
    pub(super) fn new(thread_count: usize) -> Self {
        Self { thread_count, total: ThreadStats::default() }
    }

    /// Writes the rows of a thread and adds them to the total.
    pub(super) fn write_thread(
        &mut self,
        document: &ExportedThread<'_>,
        stats: ThreadStats,
        writer: &mut ReportWriter,
    ) -> io::Result<()> {
        write_title(writer, document)?;
        stats.write(writer, Some((document.provider.id(), document.thread.id.as_deref())))?;
        if self.thread_count > 1 {
            self.total.merge(stats);
        }
        Ok(())
    }

    /// Writes the rows of all threads together, if there are several.
    pub(super) fn write_total(&mut self, writer: &mut ReportWriter) -> io::Result<()> {
        if self.thread_count < 2 {
            return Ok(());
        }
        writer.write_line(&format!("all {} threads", self.thread_count))?;
        std::mem::take(&mut self.total).write(writer, None)
    }
}

/// Counts the messages of a thread while it is read.
pub(super) struct StatsCollector<'a> {
    stats: ThreadStats,
    fail_conditions: &'a mut FailConditions,
}

impl<'a> StatsCollector<'a> {
    pub(super) fn new(fail_conditions: &'a mut FailConditions) -> Self {
        Self { stats: ThreadStats::default(), fail_conditions }
    }

    pub(super) fn finish(self) -> ThreadStats {
        self.stats
    }
}

impl Writer for StatsCollector<'_> {
    fn write_message(&mut self, _: &mut dyn Write, item: &ExportedMessage<'_>) -> io::Result<()> {
        self.fail_conditions.count(item.message);
        self.stats.add_message(item.number, item.message);
        Ok(())
    }

    fn write_unreadable(&mut self, _: &mut dyn Write, _: &Unreadable<'_>) -> io::Result<()> {
        self.stats.unreadable += 1;
        Ok(())
    }
}

/// The counts of a thread, or of all.
#[derive(Clone, Debug, Default)]
pub(super) struct ThreadStats {
    messages: usize,
    errors: usize,
    unreadable: usize,
    positive: usize,
    negative: usize,
    /// Microseconds.
    durations: Vec<i64>,
    usage: Usage,
    operations: OperationAnalysis,
}

impl ThreadStats {
    fn add_message(&mut self, number: usize, message: &Message) {
        self.messages += 1;
        self.errors += usize::from(message.status == Status::Error || message.error.is_some());
        let sentiment = message.main_feedback().map(|feedback| feedback.sentiment);
        self.positive += usize::from(sentiment == Some(Sentiment::Positive));
        self.negative += usize::from(sentiment == Some(Sentiment::Negative));
        let duration = message.duration_ms.filter(|ms| *ms >= 0);
        self.durations.extend(duration.map(|ms| ms.saturating_mul(1000)));
        let forest = Forest::new(&message.spans);
        self.usage.add(&message_usage_with(message, &forest));
        self.operations.add_forest(u32::try_from(number).unwrap_or(u32::MAX), &message.spans, &forest);
    }

    fn merge(&mut self, other: Self) {
        self.messages += other.messages;
        self.errors += other.errors;
        self.unreadable += other.unreadable;
        self.positive += other.positive;
        self.negative += other.negative;
        self.durations.extend(other.durations);
        self.usage.add(&other.usage);
        self.operations.merge(other.operations);
    }

    fn write(&self, writer: &mut ReportWriter, thread: Option<(&str, Option<&str>)>) -> io::Result<()> {
        let operations = self.operations.rows();
        if writer.is_text() {
            return write_table(
                writer,
                &std::iter::once(self.messages_line())
                    .chain(operations.iter().map(operation_line))
                    .collect::<Vec<_>>(),
            )
            .and_then(|()| self.write_counts(writer));
        }
        writer.write_row(self.messages_row(thread))?;
        operations.iter().try_for_each(|operation| writer.write_row(operation_row(thread, operation)))
    }

    fn sorted_durations(&self) -> Vec<i64> {
        let mut sorted = self.durations.clone();
        sorted.sort_unstable();
        sorted
    }

    /// Returns the row of the messages.
    fn messages_row(&self, thread: Option<(&str, Option<&str>)>) -> Row {
        let sorted = self.sorted_durations();
        let total = sorted.iter().fold(0_i64, |sum, micros| sum.saturating_add(*micros));
        let times = [percentile(&sorted, 50), percentile(&sorted, 95), sorted.last().copied(), Some(total)];
        let mut row = row_start(thread, "messages", None);
        row.extend([("count", Cell::count(self.messages)), ("errors", Cell::count(self.errors))]);
        row.extend(time_columns(sorted.len() as u64, times, None));
        // Rounds off the errors of summation.
        let cost_usd = self.usage.cost_usd.map(|cost| (cost * 1e9).round() / 1e9);
        row.extend(rows::usage_columns(Some(&Usage { cost_usd, ..self.usage.clone() })));
        row.extend(feedback_columns([Some(self.unreadable), Some(self.positive), Some(self.negative)]));
        row
    }

    fn messages_line(&self) -> [String; 8] {
        let sorted = self.sorted_durations();
        let times = [percentile(&sorted, 50), percentile(&sorted, 95), sorted.last().copied()];
        format_cells("messages", [self.messages as u64, self.errors as u64], times, &self.usage)
    }

    fn write_counts(&self, writer: &mut ReportWriter) -> io::Result<()> {
        let counts =
            [("unreadable", self.unreadable), ("positive", self.positive), ("negative", self.negative)];
        let parts: Vec<String> = counts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(label, count)| format!("{count} {label}"))
            .collect();
        if parts.is_empty() { Ok(()) } else { writer.write_line(&format!("  {}", parts.join(", "))) }
    }
}

/// Returns the row of an operation.
fn operation_row(thread: Option<(&str, Option<&str>)>, operation: &OperationStats) -> Row {
    let times = [operation.p50, operation.p95, operation.max, Some(operation.total_micros)];
    let count = |number: u64| Cell::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let mut row = row_start(thread, "operation", Some(&operation.operation));
    row.extend([("count", count(operation.count)), ("errors", count(operation.errors))]);
    row.extend(time_columns(operation.timed_count, times, Some(operation.self_micros)));
    row.extend(rows::usage_columns(Some(&operation.usage)));
    row.extend(feedback_columns([None; 3]));
    row
}

fn row_start(thread: Option<(&str, Option<&str>)>, scope: &str, operation: Option<&str>) -> Row {
    vec![
        ("type", Cell::text("stats")),
        ("service", thread.map(|(service, _)| service).into()),
        ("thread_id", thread.and_then(|(_, id)| id).into()),
        ("scope", Cell::text(scope)),
        ("operation", operation.into()),
    ]
}

fn time_columns(
    timed: u64,
    [p50, p95, max, total]: [Option<i64>; 4],
    self_time: Option<i64>,
) -> [(&'static str, Cell); 6] {
    let ms = |micros: Option<i64>| Cell::from(micros.map(|micros| micros as f64 / 1000.0));
    [
        ("timed", Cell::Int(i64::try_from(timed).unwrap_or(i64::MAX))),
        ("p50_ms", ms(p50)),
        ("p95_ms", ms(p95)),
        ("max_ms", ms(max)),
        ("total_ms", ms(total)),
        ("self_ms", ms(self_time)),
    ]
}

fn feedback_columns([unreadable, positive, negative]: [Option<usize>; 3]) -> [(&'static str, Cell); 3] {
    let cell = |count: Option<usize>| count.map_or(Cell::Null, Cell::count);
    [("unreadable", cell(unreadable)), ("positive", cell(positive)), ("negative", cell(negative))]
}

fn operation_line(operation: &OperationStats) -> [String; 8] {
    let name = if operation.operation.is_empty() { "(none)" } else { &operation.operation };
    let times = [operation.p50, operation.p95, operation.max];
    format_cells(&Safe::line(name), [operation.count, operation.errors], times, &operation.usage)
}

fn format_cells(
    name: &str,
    [count, errors]: [u64; 2],
    times: [Option<i64>; 3],
    usage: &Usage,
) -> [String; 8] {
    let [p50, p95, max] = times.map(number::duration);
    let tokens = usage.total().map_or(number::UNKNOWN.to_owned(), number::tokens);
    let cost = usage.cost_usd.map_or(number::UNKNOWN.to_owned(), number::money);
    [name.to_owned(), count.to_string(), errors.to_string(), p50, p95, max, tokens, cost]
}

/// Writes aligned columns: the first to the left, numbers to the right.
fn write_table(writer: &mut ReportWriter, lines: &[[String; 8]]) -> io::Result<()> {
    let header = ["", "count", "errors", "p50", "p95", "max", "tokens", "cost"].map(str::to_owned);
    let mut widths = [0; 8];
    for line in lines.iter().chain([&header]) {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = width::columns(cell).max(*width);
        }
    }
    for line in std::iter::once(&header).chain(lines) {
        let mut text = String::from("  ");
        for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
            let gap = " ".repeat(width.saturating_sub(width::columns(cell)));
            text.push_str(&if column == 0 { format!("{cell}{gap}") } else { format!("  {gap}{cell}") });
        }
        writer.write_line(text.trim_end())?;
    }
    Ok(())
}
