//! The profile of the whole thread: where the time goes by operation type, and turns over time. The twin of
//! `app/insight`.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::feedback;
use crate::domain::Sentiment;
use crate::event::Bucket;
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::trace::ProfileRow;
use crate::ui::page;
use crate::ui::paint::{Painter, Pen};

/// Rows of the chart of turns over time.
const CHART: u16 = 6;

/// Eighths of a cell from the bottom.
const LEVELS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Draws the page.
pub fn draw(app: &App, painter: &mut Painter<'_>, screen: Rect, selected: usize, offset: usize) {
    let footer = " enter goes to the slowest   esc closes ";
    let Some(inside) = page::frame(painter, screen, 150, "Profile of the thread", footer) else { return };
    let Some(insight) = app.insight() else {
        painter.word(&mut Pen::at(inside, 0), "reading every span …", Role::Dim);
        return;
    };
    let chart = if inside.height > CHART + 10 { CHART + 3 } else { 0 };
    let table = Rect { height: inside.height - chart, ..inside };
    let total: i64 = insight.rows.iter().fold(0, |sum, row| sum.saturating_add(row.self_micros));
    heading(painter, table);
    for (line, (index, row)) in (1..table.height).zip(insight.rows.iter().enumerate().skip(offset)) {
        let cells = Rect::new(table.x, table.y + line, table.width, 1);
        entry(painter, cells, row, total);
        if index == selected {
            painter.tint(cells, Role::Selected);
        }
    }
    if insight.rows.is_empty() {
        painter.word(&mut Pen::at(table, 1), "this thread has no spans", Role::Dim);
    }
    if chart > 0 {
        turns(painter, Rect { y: inside.bottom() - chart, height: chart, ..inside }, &insight.timeline);
    }
}

/// Names and widths of the columns right of the operation type.
const COLUMNS: [(&str, usize); 9] = [
    ("count", 8),
    ("errors", 7),
    ("self", 10),
    ("total", 10),
    ("p50", 9),
    ("p95", 9),
    ("max", 9),
    ("tokens", 8),
    ("cost", 9),
];

fn name_width(area: Rect) -> usize {
    (usize::from(area.width) / 5).clamp(12, 24)
}

fn heading(painter: &mut Painter<'_>, area: Rect) {
    let mut pen = Pen::at(area, 0);
    painter.word(&mut pen, &width::pad_right("operation", name_width(area)), Role::Heading);
    for (name, columns) in COLUMNS {
        painter.word(&mut pen, &width::pad_left(name, columns), Role::Heading);
    }
    painter.word(&mut pen, "  where the time goes", Role::Heading);
}

fn entry(painter: &mut Painter<'_>, cells: Rect, row: &ProfileRow, total: i64) {
    let mut pen = Pen::at(cells, 0);
    let name = Safe::line(&row.operation);
    let (cut, _) = width::ellipsis(name.as_str(), name_width(cells) - 1);
    painter.word(&mut pen, &width::pad_right(&cut, name_width(cells)), Role::Text);
    let errors =
        if row.errors > 0 { (row.errors.to_string(), Role::Error) } else { ("·".to_owned(), Role::Dim) };
    let values = [
        (row.count.to_string(), Role::Text),
        errors,
        (number::duration(Some(row.self_micros)), Role::Strong),
        (number::duration(Some(row.total_micros)), Role::Text),
        (number::duration(row.p50), Role::Text),
        (number::duration(row.p95), Role::Text),
        (number::duration(row.max), Role::Text),
        (row.usage.total().map_or_else(|| "·".to_owned(), number::tokens), Role::Dim),
        (row.usage.cost_usd.map_or_else(|| "·".to_owned(), number::money), Role::Dim),
    ];
    for ((value, role), (_, columns)) in values.iter().zip(COLUMNS) {
        painter.word(&mut pen, &width::pad_left(value, columns), *role);
    }
    painter.word(&mut pen, "  ", Role::Text);
    let room = pen.room().min(30) as f64;
    let share = if total > 0 { row.self_micros.max(0) as f64 / total as f64 } else { 0.0 };
    painter.word(&mut pen, &"█".repeat((share * room).round() as usize), Role::Bar);
}

/// How long the turns took, over the thread; errors and thumbs are marked below.
fn turns(painter: &mut Painter<'_>, area: Rect, timeline: &[Bucket]) {
    let columns = usize::from(area.width).min(timeline.len());
    let longest = timeline.iter().map(|bucket| bucket.longest_ms).max().unwrap_or(0).max(1);
    let title =
        format!("Turns over time, the longest {}", number::duration(Some(longest.saturating_mul(1000))));
    painter.word(&mut Pen::at(area, 0), &title, Role::Heading);
    for column in 0..columns {
        let (from, to) = (column * timeline.len() / columns, (column + 1) * timeline.len() / columns);
        let buckets = timeline.get(from..to.max(from + 1)).unwrap_or_default();
        let tallest = buckets.iter().map(|bucket| bucket.longest_ms).max().unwrap_or(0).max(0);
        let failed = buckets.iter().any(|bucket| bucket.failed);
        let x = area.x + u16::try_from(column).unwrap_or(0);
        let eighths = (tallest as f64 / longest as f64 * f64::from(CHART) * 8.0).round() as usize;
        for row in 0..CHART {
            let below = usize::from(CHART - 1 - row) * 8;
            let level = eighths.saturating_sub(below).min(8);
            let role = if failed { Role::BarError } else { Role::Bar };
            painter.cell(x, area.y + 1 + row, LEVELS.get(level).copied().unwrap_or(" "), role);
        }
        if let Some(thumb) = buckets.iter().find_map(|bucket| bucket.sentiment) {
            let role = if thumb == Sentiment::Positive { Role::Ok } else { Role::Error };
            painter.cell(x, area.y + 1 + CHART, feedback::thumb(thumb), role);
        }
    }
}
