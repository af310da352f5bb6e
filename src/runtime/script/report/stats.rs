//! The statistics: a row for the messages of each thread, one for each kind of operation in them, and, if there are
//! several threads, the same for all of them together.

use std::io::{self, Write};

use super::list::title;
use super::sheet::Sheet;
use crate::domain::{Message, Sentiment, Status, Usage};
use crate::export::rows::{self, Cell, Row};
use crate::export::{Document, Item, Lost, Writer};
use crate::runtime::script::choice::Grounds;
use crate::text::{Safe, number, width};
use crate::trace::{Forest, Profile, ProfileRow, usage_total};

/// The statistics of several threads.
pub(super) struct Stats {
    threads: usize,
    all: Tally,
}

impl Stats {
    pub(super) fn new(threads: usize) -> Self {
        Self { threads, all: Tally::default() }
    }

    /// What counts a thread.
    pub(super) fn of_thread<'a>(&self, found: &'a mut Grounds) -> Counting<'a> {
        Counting { tally: Tally::default(), found }
    }

    /// Writes a thread's rows and adds them to those of all.
    pub(super) fn add(&mut self, document: &Document<'_>, tally: Tally, sheet: &mut Sheet) -> io::Result<()> {
        title(sheet, document)?;
        tally.write(sheet, Some((document.provider.service(), document.thread.id.as_deref())))?;
        if self.threads > 1 {
            self.all.merge(tally);
        }
        Ok(())
    }

    /// Writes the rows of all threads together, if there are several.
    pub(super) fn all(&mut self, sheet: &mut Sheet) -> io::Result<()> {
        if self.threads < 2 {
            return Ok(());
        }
        sheet.line(&format!("all {} threads", self.threads))?;
        std::mem::take(&mut self.all).write(sheet, None)
    }
}

/// Counts while a thread is read.
pub(super) struct Counting<'a> {
    tally: Tally,
    found: &'a mut Grounds,
}

impl Counting<'_> {
    pub(super) fn done(self) -> Tally {
        self.tally
    }
}

impl Writer for Counting<'_> {
    fn begin(&mut self, _: &mut dyn Write, _: &Document<'_>) -> io::Result<()> {
        Ok(())
    }

    fn message(&mut self, _: &mut dyn Write, _: &Document<'_>, item: &Item<'_>) -> io::Result<()> {
        self.found.look(item.message);
        self.tally.add(item.number, item.message);
        Ok(())
    }

    fn lost(&mut self, _: &mut dyn Write, _: &Document<'_>, _: &Lost<'_>) -> io::Result<()> {
        self.tally.unreadable += 1;
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write, _: &Document<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// What is counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    messages: usize,
    errors: usize,
    unreadable: usize,
    positive: usize,
    negative: usize,
    /// Microseconds.
    durations: Vec<i64>,
    usage: Usage,
    profile: Profile,
}

impl Tally {
    fn add(&mut self, number: usize, message: &Message) {
        self.messages += 1;
        self.errors += usize::from(message.status == Status::Error || message.error.is_some());
        let opinions = |wanted| message.feedback.iter().filter(|one| one.sentiment == wanted).count();
        self.positive += opinions(Sentiment::Positive);
        self.negative += opinions(Sentiment::Negative);
        let duration = message.duration_ms.filter(|ms| *ms >= 0);
        self.durations.extend(duration.map(|ms| ms.saturating_mul(1000)));
        let forest = Forest::new(&message.spans);
        add_usage(&mut self.usage, &used(message, &forest));
        self.profile.add_forest(u32::try_from(number).unwrap_or(u32::MAX), &message.spans, &forest);
    }

    fn merge(&mut self, other: Self) {
        self.messages += other.messages;
        self.errors += other.errors;
        self.unreadable += other.unreadable;
        self.positive += other.positive;
        self.negative += other.negative;
        self.durations.extend(other.durations);
        add_usage(&mut self.usage, &other.usage);
        self.profile.merge(other.profile);
    }

    fn write(&self, sheet: &mut Sheet, thread: Option<(&str, Option<&str>)>) -> io::Result<()> {
        let operations = self.profile.rows();
        if sheet.is_text() {
            return table(
                sheet,
                &std::iter::once(self.line()).chain(operations.iter().map(line)).collect::<Vec<_>>(),
            )
            .and_then(|()| self.remarks(sheet));
        }
        sheet.row(self.row(thread))?;
        operations.iter().try_for_each(|operation| sheet.row(row(thread, operation)))
    }

    fn sorted(&self) -> Vec<i64> {
        let mut sorted = self.durations.clone();
        sorted.sort_unstable();
        sorted
    }

    /// The messages' row.
    fn row(&self, thread: Option<(&str, Option<&str>)>) -> Row {
        let sorted = self.sorted();
        let total = sorted.iter().fold(0_i64, |sum, micros| sum.saturating_add(*micros));
        let times = [percentile(&sorted, 50), percentile(&sorted, 95), sorted.last().copied(), Some(total)];
        let mut row = start(thread, "messages", None);
        row.extend([("count", Cell::count(self.messages)), ("errors", Cell::count(self.errors))]);
        row.extend(columns(sorted.len() as u64, times, None));
        // Sums of fractions end in digits that mean nothing.
        let cost_usd = self.usage.cost_usd.map(|cost| (cost * 1e9).round() / 1e9);
        row.extend(rows::usage(Some(&Usage { cost_usd, ..self.usage.clone() })));
        row.extend(opinions([Some(self.unreadable), Some(self.positive), Some(self.negative)]));
        row
    }

    fn line(&self) -> [String; 8] {
        let sorted = self.sorted();
        let times = [percentile(&sorted, 50), percentile(&sorted, 95), sorted.last().copied()];
        cells("messages", [self.messages as u64, self.errors as u64], times, &self.usage)
    }

    fn remarks(&self, sheet: &mut Sheet) -> io::Result<()> {
        let counts = [("unreadable", self.unreadable), ("liked", self.positive), ("disliked", self.negative)];
        let told: Vec<String> = counts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("{count} {what}"))
            .collect();
        if told.is_empty() { Ok(()) } else { sheet.line(&format!("  {}", told.join(", "))) }
    }
}

/// The row of a kind of operation.
fn row(thread: Option<(&str, Option<&str>)>, operation: &ProfileRow) -> Row {
    let times = [operation.p50, operation.p95, operation.max, Some(operation.total_micros)];
    let count = |number: u64| Cell::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let mut row = start(thread, "operation", Some(&operation.operation));
    row.extend([("count", count(operation.count)), ("errors", count(operation.errors))]);
    row.extend(columns(operation.timed, times, Some(operation.self_micros)));
    row.extend(rows::usage(Some(&operation.usage)));
    row.extend(opinions([None; 3]));
    row
}

fn start(thread: Option<(&str, Option<&str>)>, scope: &str, operation: Option<&str>) -> Row {
    vec![
        ("type", Cell::text("stats")),
        ("service", thread.map(|(service, _)| service).into()),
        ("thread_id", thread.and_then(|(_, id)| id).into()),
        ("scope", Cell::text(scope)),
        ("operation", operation.into()),
    ]
}

fn columns(
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

fn opinions([unreadable, positive, negative]: [Option<usize>; 3]) -> [(&'static str, Cell); 3] {
    let cell = |count: Option<usize>| count.map_or(Cell::Null, Cell::count);
    [("unreadable", cell(unreadable)), ("positive", cell(positive)), ("negative", cell(negative))]
}

/// By nearest rank, as in [`crate::trace::Profile`].
fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = sorted.len().saturating_mul(percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// What a message says of itself, which is the sum of its spans already; where it says nothing, what they do.
fn used(message: &Message, forest: &Forest) -> Usage {
    let below = usage_total(forest, &message.spans);
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

fn line(operation: &ProfileRow) -> [String; 8] {
    let name = if operation.operation.is_empty() { "(none)" } else { &operation.operation };
    let times = [operation.p50, operation.p95, operation.max];
    cells(&Safe::line(name), [operation.count, operation.errors], times, &operation.usage)
}

fn cells(name: &str, [count, errors]: [u64; 2], times: [Option<i64>; 3], usage: &Usage) -> [String; 8] {
    let [p50, p95, max] = times.map(number::duration);
    let tokens = usage.total().map_or(number::UNKNOWN.to_owned(), number::tokens);
    let cost = usage.cost_usd.map_or(number::UNKNOWN.to_owned(), number::money);
    [name.to_owned(), count.to_string(), errors.to_string(), p50, p95, max, tokens, cost]
}

/// Lines with their columns under each other; the first one to the left, numbers to the right.
fn table(sheet: &mut Sheet, lines: &[[String; 8]]) -> io::Result<()> {
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
        sheet.line(text.trim_end())?;
    }
    Ok(())
}
