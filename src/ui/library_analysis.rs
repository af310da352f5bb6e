//! The page with statistics of many kept threads: totals, the threads with the most problems, operations and days. Only the
//! rows on the screen are drawn.

use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use crate::app::App;
use crate::app::library_analysis::{AnalysisRow, LibraryAnalysisPage};
use crate::domain::Timestamp;
use crate::effect::AnalysedDay;
use crate::event::LibraryAnalysis;
use crate::text::{Safe, number, time, width};
use crate::theme::Role;
use crate::trace::DayTotals;
use crate::ui::overlay;
use crate::ui::painter::{Painter, Pen};

/// The columns of a number.
const NUMBER_COLUMNS: usize = 10;

/// The narrowest name before the numbers; narrower pages drop numbers from the right.
const MIN_NAME_COLUMNS: usize = 16;
const MAX_NAME_COLUMNS: usize = 60;

const WORST_TITLES: [&str; 5] = ["turns", "failed", "negative", "slowest", "cost"];
const OPERATION_TITLES: [&str; 7] = ["count", "failed", "p50", "p95", "max", "tokens", "cost"];
const DAY_TITLES: [&str; 6] = ["turns", "failed", "positive", "negative", "tokens", "cost"];

/// Draws the page.
pub fn draw(app: &App, page: &LibraryAnalysisPage, painter: &mut Painter<'_>) {
    let footer = match (page.is_running(), page.selected_day()) {
        (true, _) => "esc stop",
        (false, None) => "enter open the worst message   esc back",
        (false, Some(_)) => "enter this day alone   esc back",
    };
    let title = match page.day {
        None => "Analysis of kept threads".to_owned(),
        Some(AnalysedDay(None)) => "Analysis of turns without a time".to_owned(),
        Some(AnalysedDay(day)) => format!("Analysis of {}", day_name(day)),
    };
    let Some(inside) = overlay::draw(app, painter, &title, footer) else { return };
    let mut pen = Pen::between(inside.x + 1, inside.right(), inside.y);
    let Some(analysis) = &page.analysis else {
        let text = match (page.problem.is_empty(), page.all) {
            (false, _) => Safe::line(&page.problem).into_string(),
            (true, 0) => "Finding threads …".to_owned(),
            (true, all) => {
                format!("Reading {} of {} …", number::count(page.done), number::pluralize(all, "thread"))
            }
        };
        let (cut, _) = width::ellipsize(&text, pen.columns_left());
        return painter.write(&mut pen, &cut, Role::Dim);
    };
    draw_totals(analysis, painter, &mut pen);
    let Some(list) = app.overlay_list() else { return };
    let most_turns = analysis.days.iter().map(|day| day.totals.turns).max().unwrap_or(0).max(1);
    for (cells, row) in list.rows() {
        let Some(shown) = page.rows.get(row) else { continue };
        draw_row(analysis, *shown, cells, most_turns, painter);
        if row == list.selected {
            painter.select(cells, true);
        }
    }
}

fn draw_totals(analysis: &LibraryAnalysis, painter: &mut Painter<'_>, pen: &mut Pen) {
    let totals = &analysis.totals;
    let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let mut parts = vec![
        (number::pluralize(analysis.threads, "thread"), Role::Strong),
        (number::pluralize(count(totals.turns), "turn"), Role::Text),
    ];
    if totals.failed > 0 {
        parts.push((format!("{} failed", number::count(totals.failed)), Role::Error));
    }
    if totals.negative > 0 {
        parts.push((format!("▼ {}", number::count(totals.negative)), Role::Error));
    }
    if totals.positive > 0 {
        parts.push((format!("▲ {}", number::count(totals.positive)), Role::Ok));
    }
    if totals.tokens > 0 {
        parts.push((format!("{} tokens", number::tokens(totals.tokens)), Role::Text));
    }
    if totals.cost_usd > 0.0 {
        parts.push((number::money(totals.cost_usd), Role::Text));
    }
    if analysis.unreadable > 0 {
        let text = format!("{} unreadable", number::pluralize(analysis.unreadable, "thread"));
        parts.push((text, Role::Warn));
    }
    for (at, (text, role)) in parts.iter().enumerate() {
        if width::columns(text) + 3 > pen.columns_left() {
            break;
        }
        painter.write(pen, if at > 0 { " · " } else { "" }, Role::Dim);
        painter.write(pen, text, *role);
    }
}

fn draw_row(
    analysis: &LibraryAnalysis,
    row: AnalysisRow,
    cells: Rect,
    most_turns: u64,
    painter: &mut Painter<'_>,
) {
    match row {
        AnalysisRow::WorstHeading => draw_heading("worst threads", &WORST_TITLES, cells, painter),
        AnalysisRow::OperationHeading => draw_heading("operations", &OPERATION_TITLES, cells, painter),
        AnalysisRow::DayHeading => draw_heading("days in UTC", &DAY_TITLES, cells, painter),
        AnalysisRow::Worst(index) => {
            let Some(thread) = analysis.worst.get(index) else { return };
            let title = thread.title.trim();
            let name = if title.is_empty() { &thread.place.thread_id } else { title };
            let totals = &thread.totals;
            let numbers = [
                (number::count(totals.turns), Role::Text),
                problem(totals.failed),
                problem(totals.negative),
                (number::duration(thread.slowest_micros), Role::Text),
                money(totals.cost_usd),
            ];
            draw_numbers(name, &numbers, cells, painter);
        }
        AnalysisRow::Operation(index) => {
            let Some(operation) = analysis.operations.get(index).map(|operation| &operation.stats) else {
                return;
            };
            let tokens = operation.usage.total().filter(|tokens| *tokens > 0);
            let numbers = [
                (number::count(operation.count), Role::Text),
                problem(operation.errors),
                (number::duration(operation.p50), Role::Text),
                (number::duration(operation.p95), Role::Text),
                (number::duration(operation.max), Role::Text),
                (tokens.map_or_else(|| "·".to_owned(), number::tokens), Role::Dim),
                money(operation.usage.cost_usd.unwrap_or(0.0)),
            ];
            let name = if operation.operation.is_empty() { "(none)" } else { &operation.operation };
            draw_numbers(name, &numbers, cells, painter);
        }
        AnalysisRow::Day(index) => {
            if let Some(day) = analysis.days.get(index) {
                draw_day(day, cells, most_turns, painter);
            }
        }
    }
}

/// Draws the numbers of a day, and a bar of its turns where there is room.
fn draw_day(day: &DayTotals, cells: Rect, most_turns: u64, painter: &mut Painter<'_>) {
    let (name, day) = (day_name(day.day), &day.totals);
    let numbers = [
        (number::count(day.turns), Role::Text),
        problem(day.failed),
        (if day.positive > 0 { number::count(day.positive) } else { "·".to_owned() }, Role::Ok),
        problem(day.negative),
        (if day.tokens > 0 { number::tokens(day.tokens) } else { "·".to_owned() }, Role::Dim),
        money(day.cost_usd),
    ];
    let mut pen = draw_numbers(&name, &numbers, cells, painter);
    let room = pen.columns_left().saturating_sub(2).min(40);
    if room >= 8 {
        let columns =
            |turns: u64| usize::try_from(turns.saturating_mul(room as u64).div_ceil(most_turns)).unwrap_or(0);
        let failed = columns(day.failed).min(columns(day.turns));
        painter.write(&mut pen, "  ", Role::Text);
        painter.write(&mut pen, &"█".repeat(failed), Role::BarError);
        painter.write(&mut pen, &"█".repeat(columns(day.turns) - failed), Role::Bar);
    }
}

fn day_name(day: Option<Timestamp>) -> String {
    day.map_or_else(|| "without a time".to_owned(), |day| time::date(day, &TimeZone::UTC))
}

fn problem(count: u64) -> (String, Role) {
    if count > 0 { (number::count(count), Role::Error) } else { ("·".to_owned(), Role::Dim) }
}

fn money(usd: f64) -> (String, Role) {
    (if usd > 0.0 { number::money(usd) } else { "·".to_owned() }, Role::Dim)
}

fn draw_heading(name: &str, titles: &[&str], cells: Rect, painter: &mut Painter<'_>) {
    let titles: Vec<(String, Role)> =
        titles.iter().map(|title| ((*title).to_owned(), Role::Heading)).collect();
    let mut pen = Pen::between(cells.x, cells.right(), cells.y);
    write_numbers((name, Role::Heading), &titles, painter, &mut pen);
}

fn draw_numbers(name: &str, numbers: &[(String, Role)], cells: Rect, painter: &mut Painter<'_>) -> Pen {
    let mut pen = Pen::between(cells.x.saturating_add(1), cells.right(), cells.y);
    write_numbers((name, Role::Text), numbers, painter, &mut pen);
    pen
}

/// Writes a name and as many numbers as fit, each in its own column.
fn write_numbers(
    (name, role): (&str, Role),
    numbers: &[(String, Role)],
    painter: &mut Painter<'_>,
    pen: &mut Pen,
) {
    // A heading begins one column before the rows.
    let indent = usize::from(role == Role::Heading);
    let room = pen.columns_left() - indent.min(pen.columns_left());
    let shown = numbers.len().min(room.saturating_sub(MIN_NAME_COLUMNS) / NUMBER_COLUMNS);
    let columns = room.saturating_sub(shown * NUMBER_COLUMNS).min(MAX_NAME_COLUMNS);
    let name = Safe::line(name);
    let (cut, _) = width::ellipsize(name.as_str(), columns);
    painter.write(pen, &width::pad_right(&cut, columns + indent), role);
    for (number, role) in numbers.iter().take(shown) {
        painter.write(pen, &width::pad_left(number, NUMBER_COLUMNS), *role);
    }
}
