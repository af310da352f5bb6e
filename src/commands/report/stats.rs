//! The statistics: a row for the messages of each thread, one for each kind of operation in them, and, if there are
//! several threads, the same for all of them together.

use std::io::{self, Write};

use super::lists::write_title;
use super::writer::ReportWriter;
use crate::commands::selection::FailConditions;
use crate::domain::{Message, Sentiment, Status, Usage};
use crate::export::rows::{self, Cell, Row};
use crate::export::{ExportedMessage, ExportedThread, Unreadable, Writer};
use crate::text::{Safe, number, width};
use crate::trace::{Forest, OperationAnalysis, OperationStats, total_usage};

/// The statistics of several threads.
pub(super) struct StatsReport {
    thread_count: usize,
    total: ThreadStats,
}

impl StatsReport {
    pub(super) fn new(threads: usize) -> Self {
        Self { thread_count: threads, total: ThreadStats::default() }
    }

    /// What counts a thread.
    pub(super) fn collector<'a>(&self, found: &'a mut FailConditions) -> StatsCollector<'a> {
        StatsCollector { stats: ThreadStats::default(), fail_conditions: found }
    }

    /// Writes a thread's rows and adds them to those of all.
    pub(super) fn write_thread(
        &mut self,
        document: &ExportedThread<'_>,
        tally: ThreadStats,
        sheet: &mut ReportWriter,
    ) -> io::Result<()> {
        write_title(sheet, document)?;
        tally.write(sheet, Some((document.provider.id(), document.thread.id.as_deref())))?;
        if self.thread_count > 1 {
            self.total.merge(tally);
        }
        Ok(())
    }

    /// Writes the rows of all threads together, if there are several.
    pub(super) fn write_total(&mut self, sheet: &mut ReportWriter) -> io::Result<()> {
        if self.thread_count < 2 {
            return Ok(());
        }
        sheet.write_line(&format!("all {} threads", self.thread_count))?;
        std::mem::take(&mut self.total).write(sheet, None)
    }
}

/// Counts while a thread is read.
pub(super) struct StatsCollector<'a> {
    stats: ThreadStats,
    fail_conditions: &'a mut FailConditions,
}

impl StatsCollector<'_> {
    pub(super) fn finish(self) -> ThreadStats {
        self.stats
    }
}

impl Writer for StatsCollector<'_> {
    fn begin(&mut self, _: &mut dyn Write, _: &ExportedThread<'_>) -> io::Result<()> {
        Ok(())
    }

    fn write_message(
        &mut self,
        _: &mut dyn Write,
        _: &ExportedThread<'_>,
        item: &ExportedMessage<'_>,
    ) -> io::Result<()> {
        self.fail_conditions.count(item.message);
        self.stats.add_message(item.number, item.message);
        Ok(())
    }

    fn write_unreadable(
        &mut self,
        _: &mut dyn Write,
        _: &ExportedThread<'_>,
        _: &Unreadable<'_>,
    ) -> io::Result<()> {
        self.stats.unreadable += 1;
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write, _: &ExportedThread<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// What is counted.
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
        let opinions = |wanted| message.feedback.iter().filter(|one| one.sentiment == wanted).count();
        self.positive += opinions(Sentiment::Positive);
        self.negative += opinions(Sentiment::Negative);
        let duration = message.duration_ms.filter(|ms| *ms >= 0);
        self.durations.extend(duration.map(|ms| ms.saturating_mul(1000)));
        let forest = Forest::new(&message.spans);
        add_usage(&mut self.usage, &message_usage(message, &forest));
        self.operations.add_forest(u32::try_from(number).unwrap_or(u32::MAX), &message.spans, &forest);
    }

    fn merge(&mut self, other: Self) {
        self.messages += other.messages;
        self.errors += other.errors;
        self.unreadable += other.unreadable;
        self.positive += other.positive;
        self.negative += other.negative;
        self.durations.extend(other.durations);
        add_usage(&mut self.usage, &other.usage);
        self.operations.merge(other.operations);
    }

    fn write(&self, sheet: &mut ReportWriter, thread: Option<(&str, Option<&str>)>) -> io::Result<()> {
        let operations = self.operations.rows();
        if sheet.is_text() {
            return write_table(
                sheet,
                &std::iter::once(self.messages_line())
                    .chain(operations.iter().map(operation_line))
                    .collect::<Vec<_>>(),
            )
            .and_then(|()| self.write_counts(sheet));
        }
        sheet.write_row(self.messages_row(thread))?;
        operations.iter().try_for_each(|operation| sheet.write_row(operation_row(thread, operation)))
    }

    fn sorted_durations(&self) -> Vec<i64> {
        let mut sorted = self.durations.clone();
        sorted.sort_unstable();
        sorted
    }

    /// The messages' row.
    fn messages_row(&self, thread: Option<(&str, Option<&str>)>) -> Row {
        let sorted = self.sorted_durations();
        let total = sorted.iter().fold(0_i64, |sum, micros| sum.saturating_add(*micros));
        let times = [percentile(&sorted, 50), percentile(&sorted, 95), sorted.last().copied(), Some(total)];
        let mut row = row_start(thread, "messages", None);
        row.extend([("count", Cell::count(self.messages)), ("errors", Cell::count(self.errors))]);
        row.extend(time_columns(sorted.len() as u64, times, None));
        // Sums of fractions end in digits that mean nothing.
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

    fn write_counts(&self, sheet: &mut ReportWriter) -> io::Result<()> {
        let counts = [("unreadable", self.unreadable), ("liked", self.positive), ("disliked", self.negative)];
        let told: Vec<String> = counts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("{count} {what}"))
            .collect();
        if told.is_empty() { Ok(()) } else { sheet.write_line(&format!("  {}", told.join(", "))) }
    }
}

/// The row of a kind of operation.
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
    own: Option<i64>,
) -> [(&'static str, Cell); 6] {
    let ms = |micros: Option<i64>| Cell::from(micros.map(|micros| micros as f64 / 1000.0));
    [
        ("timed", Cell::Int(i64::try_from(timed).unwrap_or(i64::MAX))),
        ("p50_ms", ms(p50)),
        ("p95_ms", ms(p95)),
        ("max_ms", ms(max)),
        ("total_ms", ms(total)),
        ("self_ms", ms(own)),
    ]
}

fn feedback_columns([unreadable, positive, negative]: [Option<usize>; 3]) -> [(&'static str, Cell); 3] {
    let cell = |count: Option<usize>| count.map_or(Cell::Null, Cell::count);
    [("unreadable", cell(unreadable)), ("positive", cell(positive)), ("negative", cell(negative))]
}

/// By nearest rank, as in [`crate::trace::Profile`].
fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = sorted.len().saturating_mul(percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// What a message says of itself, which is the sum of its spans already; where it says nothing, what they do.
fn message_usage(message: &Message, forest: &Forest) -> Usage {
    let below = total_usage(forest, &message.spans);
    let Some(own) = &message.usage else { return below };
    Usage {
        input_tokens: own.input_tokens.or(below.input_tokens),
        output_tokens: own.output_tokens.or(below.output_tokens),
        cached_tokens: own.cached_tokens.or(below.cached_tokens),
        reasoning_tokens: own.reasoning_tokens.or(below.reasoning_tokens),
        total_tokens: own.total().or(below.total_tokens),
        cost_usd: own.cost_usd.or(below.cost_usd),
    }
}

fn add_usage(sum: &mut Usage, more: &Usage) {
    let add = |sum: &mut Option<i64>, more: Option<i64>| {
        *sum = more.map(|more| more.max(0).saturating_add(sum.unwrap_or(0))).or(*sum);
    };
    let total = more.total();
    add(&mut sum.input_tokens, more.input_tokens);
    add(&mut sum.output_tokens, more.output_tokens);
    add(&mut sum.cached_tokens, more.cached_tokens);
    add(&mut sum.reasoning_tokens, more.reasoning_tokens);
    add(&mut sum.total_tokens, total);
    let cost = more.cost_usd.filter(|cost| cost.is_finite() && *cost >= 0.0);
    sum.cost_usd = cost.map(|cost| cost + sum.cost_usd.unwrap_or(0.0)).or(sum.cost_usd);
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

/// Lines with their columns under each other; the first one to the left, numbers to the right.
fn write_table(sheet: &mut ReportWriter, lines: &[[String; 8]]) -> io::Result<()> {
    let head = ["", "count", "errors", "p50", "p95", "max", "tokens", "cost"].map(str::to_owned);
    let mut widths = [0; 8];
    for line in lines.iter().chain([&head]) {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = width::columns(cell).max(*width);
        }
    }
    for line in std::iter::once(&head).chain(lines) {
        let mut text = String::from("  ");
        for (at, (cell, width)) in line.iter().zip(widths).enumerate() {
            let gap = " ".repeat(width.saturating_sub(width::columns(cell)));
            text.push_str(&if at == 0 { format!("{cell}{gap}") } else { format!("  {gap}{cell}") });
        }
        sheet.write_line(text.trim_end())?;
    }
    Ok(())
}
