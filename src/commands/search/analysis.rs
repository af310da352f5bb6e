//! `unspool search … --analysis`: statistics of the threads with hits.

use jiff::tz::TimeZone;
use serde_json::json;

use crate::app_loop::analysis::library::analyse_library;
use crate::app_loop::library_search::PreparedSearch;
use crate::cli::SearchFormat;
use crate::commands::maintenance::{format_columns, print};
use crate::commands::progress::Progress;
use crate::commands::runner::Verbosity;
use crate::domain::{ExitCode, UserError};
use crate::event::{LibraryAnalysis, MessagePlace};
use crate::library::LibraryReader;
use crate::text::{Safe, number, safe_json, time};
use crate::trace::{DayTotals, TurnTotals};

/// Analyses the threads and prints the result; returns the exit code.
///
/// # Errors
/// No thread has a hit, or the library cannot be read.
pub(super) fn print_analysis(
    prepared: &PreparedSearch,
    library: &dyn LibraryReader,
    format: SearchFormat,
) -> Result<ExitCode, UserError> {
    let threads = prepared.threads(library, &|| false)?;
    if threads.is_empty() {
        let hint = "Check the words and the terms; unspool library stats counts the kept threads.";
        return Err(UserError::new("no kept thread matches", hint, ExitCode::NotFound));
    }
    let mut progress = Progress::new(Verbosity::Normal);
    let analysis = analyse_library(library, &threads, (None, &[]), &mut |done| {
        progress.draw(&format!("{} of {}", number::count(done), number::pluralize(threads.len(), "thread")));
        true
    });
    progress.clear();
    Ok(print(&match format {
        SearchFormat::Text => text(&analysis),
        SearchFormat::Ndjson => ndjson(&analysis),
        SearchFormat::Ids => {
            let id = |place: &MessagePlace| format!("{}:{}", place.service, place.thread_id);
            let ids = analysis.worst.iter().map(|thread| id(&thread.place));
            ids.map(|id| format!("{}\n", Safe::line(&id))).collect()
        }
    }))
}

fn text(analysis: &LibraryAnalysis) -> String {
    let totals = &analysis.totals;
    let mut text = format!("{}, ", number::pluralize(analysis.threads, "thread"));
    let turns = usize::try_from(totals.turns).unwrap_or(usize::MAX);
    text.push_str(&number::pluralize(turns, "turn"));
    let counts = [("failed", totals.failed), ("negative", totals.negative), ("positive", totals.positive)];
    for (label, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        text.push_str(&format!(", {} {label}", number::count(count)));
    }
    if analysis.unreadable > 0 {
        text.push_str(&format!(", {} unreadable", number::pluralize(analysis.unreadable, "thread")));
    }
    let titles = |titles: [&str; 8]| titles.map(str::to_owned);
    let mut worst =
        vec![["worst threads", "turns", "failed", "negative", "slowest", "cost"].map(str::to_owned)];
    worst.extend(analysis.worst.iter().map(|thread| {
        [
            format!("{}:{}", thread.place.service, thread.place.thread_id),
            number::count(thread.totals.turns),
            number::count(thread.totals.failed),
            number::count(thread.totals.negative),
            number::duration(thread.slowest_micros),
            number::money(thread.totals.cost_usd),
        ]
    }));
    let mut operations =
        vec![titles(["operations", "count", "failed", "p50", "p95", "max", "tokens", "cost"])];
    operations.extend(analysis.operations.iter().map(|operation| {
        let stats = &operation.stats;
        let name = if stats.operation.is_empty() { "(none)" } else { &stats.operation };
        let [p50, p95, max] = [stats.p50, stats.p95, stats.max].map(number::duration);
        let tokens = stats.usage.total().map_or_else(|| number::UNKNOWN.to_owned(), number::tokens);
        let cost = stats.usage.cost_usd.map_or_else(|| number::UNKNOWN.to_owned(), number::money);
        [
            name.to_owned(),
            number::count(stats.count),
            number::count(stats.errors),
            p50,
            p95,
            max,
            tokens,
            cost,
        ]
    }));
    let mut days =
        vec![["days", "turns", "failed", "positive", "negative", "tokens", "cost"].map(str::to_owned)];
    days.extend(analysis.days.iter().map(|day| {
        [
            day_name(day).unwrap_or_else(|| "no time".to_owned()),
            number::count(day.totals.turns),
            number::count(day.totals.failed),
            number::count(day.totals.positive),
            number::count(day.totals.negative),
            number::tokens(day.totals.tokens),
            number::money(day.totals.cost_usd),
        ]
    }));
    let tables = [format_columns(&worst), format_columns(&operations), format_columns(&days)];
    format!("{text}\n\n{}", tables.join("\n"))
}

fn day_name(day: &DayTotals) -> Option<String> {
    day.day.map(|day| time::date(day, &TimeZone::UTC))
}

fn ndjson(analysis: &LibraryAnalysis) -> String {
    let millis = |micros: Option<i64>| micros.map(|micros| micros as f64 / 1000.0);
    let sums = |totals: &TurnTotals| {
        json!({
            "turns": totals.turns,
            "failed": totals.failed,
            "positive": totals.positive,
            "negative": totals.negative,
            "tokens": totals.tokens,
            // Rounds off the errors of summation.
            "cost_usd": (totals.cost_usd * 1e9).round() / 1e9,
        })
    };
    let merge = |mut row: serde_json::Value, sums: serde_json::Value| {
        if let (Some(row), serde_json::Value::Object(sums)) = (row.as_object_mut(), sums) {
            row.extend(sums);
        }
        row
    };
    let total = json!({ "scope": "all", "threads": analysis.threads, "unreadable": analysis.unreadable });
    let mut rows = vec![merge(total, sums(&analysis.totals))];
    rows.extend(analysis.worst.iter().map(|thread| {
        let row = json!({
            "scope": "thread",
            "service": thread.place.service,
            "thread_id": thread.place.thread_id,
            "title": thread.title,
            "message_id": thread.place.message_id,
            "slowest_ms": millis(thread.slowest_micros),
        });
        merge(row, sums(&thread.totals))
    }));
    rows.extend(analysis.operations.iter().map(|operation| {
        let stats = &operation.stats;
        json!({
            "scope": "operation",
            "operation": stats.operation,
            "count": stats.count,
            "errors": stats.errors,
            "p50_ms": millis(stats.p50),
            "p95_ms": millis(stats.p95),
            "max_ms": millis(stats.max),
            "total_ms": millis(Some(stats.total_micros)),
            "self_ms": millis(Some(stats.self_micros)),
            "total_tokens": stats.usage.total(),
            "cost_usd": stats.usage.cost_usd.map(|cost| (cost * 1e9).round() / 1e9),
        })
    }));
    let day = |day: &DayTotals| merge(json!({ "scope": "day", "day": day_name(day) }), sums(&day.totals));
    rows.extend(analysis.days.iter().map(day));
    rows.iter().map(|row| format!("{}\n", safe_json(&row.to_string()))).collect()
}
