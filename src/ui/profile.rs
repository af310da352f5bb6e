//! The profile of the whole thread: where the time goes by operation type, and turns over time. The twin of
//! `app/insight`.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::feedback;
use crate::app::insight;
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

/// Columns of one turn in the chart at most.
const BAR: usize = 6;

/// Columns that the shares of the time need at least.
const SHARES: usize = 8;

/// Draws the page.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let footer = "enter goes to the slowest   esc closes";
    let Some(inside) = page::frame(app, painter, "Profile of the thread", footer) else { return };
    let Some((insight, chooser)) = app.insight().zip(app.chooser()) else {
        painter.word(&mut Pen::at(inside, 0), "reading every span …", Role::Dim);
        return;
    };
    let areas = insight::areas(inside, insight.rows.len());
    let grid = Grid::of(&insight.rows, usize::from(inside.width));
    grid.heading(painter, areas.heading);
    for (cells, index) in chooser.rows() {
        let Some(row) = insight.rows.get(index) else { continue };
        grid.entry(painter, cells, row);
        if index == chooser.selected {
            painter.tint(cells, Role::Selected);
        }
    }
    if insight.rows.is_empty() {
        painter.word(&mut Pen::at(areas.rows, 0), "this thread has no spans", Role::Dim);
    }
    if !areas.chart.is_empty() {
        turns(painter, areas.chart, &insight.timeline);
    }
}

/// Names of the columns right of the operation type.
const COLUMNS: [&str; 9] = ["count", "errors", "self", "total", "p50", "p95", "max", "tokens", "cost"];

/// What is left out first where there is no room, by its place among the columns.
const SPARED: [usize; 7] = [8, 7, 4, 3, 5, 0, 1];

/// What the columns of a row say.
fn values(row: &ProfileRow) -> [(String, Role); 9] {
    let none = || "·".to_owned();
    let errors = if row.errors > 0 { (row.errors.to_string(), Role::Error) } else { (none(), Role::Dim) };
    let time = |micros| (number::duration(micros), Role::Text);
    let tokens = row.usage.total().filter(|tokens| *tokens > 0);
    [
        (row.count.to_string(), Role::Text),
        errors,
        (number::duration(Some(row.self_micros)), Role::Strong),
        time(Some(row.total_micros)),
        time(row.p50),
        time(row.p95),
        time(row.max),
        (tokens.map_or_else(none, number::tokens), Role::Dim),
        (row.usage.cost_usd.map_or_else(none, number::money), Role::Dim),
    ]
}

/// The widths of the table's columns: as much as they say, and as many as there is room for.
struct Grid {
    name: usize,
    /// 0 leaves a column out.
    columns: [usize; 9],
    /// The spans' own time in all.
    total: i64,
}

impl Grid {
    fn of(rows: &[ProfileRow], width: usize) -> Self {
        let mut columns = COLUMNS.map(|name| name.len() + 2);
        let mut name = "operation".len() + 1;
        for row in rows {
            for (column, (value, _)) in columns.iter_mut().zip(values(row)) {
                *column = (*column).max(width::columns(&value) + 2);
            }
            name = name.max(width::columns(Safe::line(&row.operation).as_str()) + 1);
        }
        let name = name.min((width / 4).max(10));
        for spared in SPARED {
            if name + columns.iter().sum::<usize>() + SHARES + 2 <= width {
                break;
            }
            if let Some(column) = columns.get_mut(spared) {
                *column = 0;
            }
        }
        let total = rows.iter().fold(0, |sum: i64, row| sum.saturating_add(row.self_micros));
        Self { name, columns, total }
    }

    fn heading(&self, painter: &mut Painter<'_>, area: Rect) {
        let mut pen = Pen::at(area, 0);
        painter.word(&mut pen, &width::pad_right("operation", self.name), Role::Heading);
        for (name, columns) in COLUMNS.iter().zip(self.columns).filter(|(_, columns)| *columns > 0) {
            painter.word(&mut pen, &width::pad_left(name, columns), Role::Heading);
        }
        let title = if pen.room() > 22 { "  where the time goes" } else { "  share" };
        painter.word(&mut pen, title, Role::Heading);
    }

    fn entry(&self, painter: &mut Painter<'_>, cells: Rect, row: &ProfileRow) {
        let mut pen = Pen::at(cells, 0);
        let name = Safe::line(&row.operation);
        let (cut, _) = width::ellipsis(name.as_str(), self.name.saturating_sub(1));
        painter.word(&mut pen, &width::pad_right(&cut, self.name), Role::Text);
        for ((value, role), columns) in values(row).iter().zip(self.columns) {
            if columns > 0 {
                painter.word(&mut pen, &width::pad_left(value, columns), *role);
            }
        }
        painter.word(&mut pen, "  ", Role::Text);
        let share = if self.total > 0 { row.self_micros.max(0) as f64 / self.total as f64 } else { 0.0 };
        let room = pen.room().min(35);
        let bar = room.saturating_sub(5);
        if bar > 0 {
            let eighths = (share * bar as f64 * 8.0).round() as usize;
            let rest = RIGHTWARD.get(eighths % 8).copied().unwrap_or_default();
            painter.word(&mut pen, &format!("{}{rest}", "█".repeat(eighths / 8)), Role::Bar);
        }
        if room >= 4 {
            painter.word(&mut pen, &format!(" {:.0}%", share * 100.0), Role::Dim);
        }
    }
}

/// Eighths of a cell from the left.
const RIGHTWARD: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// How long the turns took, over the thread; errors and thumbs are marked below.
fn turns(painter: &mut Painter<'_>, area: Rect, timeline: &[Bucket]) {
    let columns = usize::from(area.width).min(timeline.len());
    let wide = (usize::from(area.width) / columns.max(1)).clamp(1, BAR);
    let longest = timeline.iter().map(|bucket| bucket.longest_ms).max().unwrap_or(0).max(1);
    let title =
        format!("Turns over time, the longest {}", number::duration(Some(longest.saturating_mul(1000))));
    painter.word(&mut Pen::at(area, 0), &title, Role::Heading);
    for column in 0..columns {
        let (from, to) = (column * timeline.len() / columns, (column + 1) * timeline.len() / columns);
        let buckets = timeline.get(from..to.max(from + 1)).unwrap_or_default();
        let x = area.x + u16::try_from(column * wide).unwrap_or(0);
        // A blank between bars that are wide enough for it.
        let width = u16::try_from(wide - usize::from(wide > 2)).unwrap_or(1);
        turn(painter, Rect { x, width, ..area }, buckets, longest);
    }
}

/// One bar of the chart and what is marked below it.
fn turn(painter: &mut Painter<'_>, area: Rect, buckets: &[Bucket], longest: i64) {
    let tallest = buckets.iter().map(|bucket| bucket.longest_ms).max().unwrap_or(0).max(0);
    let failed = buckets.iter().any(|bucket| bucket.failed);
    let eighths = (tallest as f64 / longest as f64 * f64::from(CHART) * 8.0).round() as usize;
    for row in 0..CHART {
        let below = usize::from(CHART - 1 - row) * 8;
        let level = eighths.saturating_sub(below).min(8);
        let role = if failed { Role::BarError } else { Role::Bar };
        for x in area.left()..area.right() {
            painter.cell(x, area.y + 1 + row, LEVELS.get(level).copied().unwrap_or(" "), role);
        }
    }
    let middle = area.x + (area.width.max(1) - 1) / 2;
    if let Some(thumb) = buckets.iter().find_map(|bucket| bucket.sentiment) {
        painter.cell(middle, area.y + 1 + CHART, feedback::thumb(thumb), feedback::style(thumb));
    }
    if failed {
        painter.cell(middle, area.y + 2 + CHART, "✗", Role::Error);
    }
}
