//! The analysis of the whole thread: a table by operation type and a timeline of the turns.

use ratatui::layout::Rect;

use crate::app::{App, analysis};
use crate::domain::SpanKind;
use crate::event::{ThreadAnalysis, TimelineBucket};
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::trace::OperationStats;
use crate::ui::overlay;
use crate::ui::painter::{Painter, Pen};
use crate::view::message::{sentiment_style, sentiment_symbol};
use crate::view::trace_strip::kind_role;

/// Rows of the timeline's bars.
const CHART_HEIGHT: u16 = 6;

/// Blocks of 0 to 8 eighths of a cell, from the bottom.
const VERTICAL_EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// The maximum width of a bar of the timeline.
const MAX_BAR_COLUMNS: usize = 6;

/// The minimum width of the shares.
const MIN_SHARE_COLUMNS: usize = 8;

/// Draws the page.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let footer = "enter slowest example   esc close";
    let Some(inside) = overlay::draw(app, painter, "Thread analysis", footer) else { return };
    let Some((analysis, list)) = app.current_analysis().zip(app.overlay_list()) else {
        painter.write(&mut Pen::at(inside, 0), "Analysing spans …", Role::Dim);
        return;
    };
    let areas = analysis::areas(inside, analysis.operations.len());
    let table = TableLayout::fit(&analysis.operations, usize::from(inside.width));
    table.draw_heading(painter, areas.heading);
    for (cells, index) in list.rows() {
        let Some(row) = analysis.operations.get(index) else { continue };
        table.draw_row(painter, cells, row);
        if index == list.selected {
            painter.select(cells, true);
        }
    }
    if analysis.operations.is_empty() {
        painter.write(&mut Pen::at(areas.rows, 0), "This thread has no spans", Role::Dim);
    }
    if !areas.chart.is_empty() {
        draw_timeline(painter, areas.chart, analysis);
    }
}

/// The columns to the right of the operation type.
const COLUMN_TITLES: [&str; 9] = ["count", "errors", "self", "total", "p50", "p95", "max", "tokens", "cost"];

/// The columns to drop in a narrow page, by index, first to last.
const DROP_ORDER: [usize; 7] = [8, 7, 4, 3, 5, 0, 1];

/// Columns of the tag of a kind, with its blank.
const TAG_COLUMNS: usize = 4;

/// The texts of a row's columns.
fn cell_values(row: &OperationStats) -> [(String, Role); 9] {
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

/// The widths of the table's columns, fitted to their texts and to the page.
struct TableLayout {
    name_width: usize,
    /// 0 for a dropped column.
    column_widths: [usize; 9],
    /// The self time of all spans.
    total_self_micros: i64,
}

impl TableLayout {
    fn fit(rows: &[OperationStats], width: usize) -> Self {
        let mut columns = COLUMN_TITLES.map(|name| name.len() + 2);
        let mut name = "operation".len() + 1;
        for row in rows {
            for (column, (value, _)) in columns.iter_mut().zip(cell_values(row)) {
                *column = (*column).max(width::columns(&value) + 2);
            }
            name = name.max(width::columns(Safe::line(&row.operation).as_str()) + 1);
        }
        let name = name.min((width / 4).max(10));
        for dropped in DROP_ORDER {
            if TAG_COLUMNS + name + columns.iter().sum::<usize>() + MIN_SHARE_COLUMNS + 2 <= width {
                break;
            }
            if let Some(column) = columns.get_mut(dropped) {
                *column = 0;
            }
        }
        let total = rows.iter().fold(0, |sum: i64, row| sum.saturating_add(row.self_micros));
        Self { name_width: name, column_widths: columns, total_self_micros: total }
    }

    fn draw_heading(&self, painter: &mut Painter<'_>, area: Rect) {
        let mut pen = Pen::at(area, 0);
        painter.write(
            &mut pen,
            &width::pad_right(" operation", self.name_width + TAG_COLUMNS + 1),
            Role::Heading,
        );
        for (name, columns) in
            COLUMN_TITLES.iter().zip(self.column_widths).filter(|(_, columns)| *columns > 0)
        {
            painter.write(&mut pen, &width::pad_left(name, columns), Role::Heading);
        }
        let title = if pen.columns_left() > 22 { "  share of self time" } else { "  share" };
        painter.write(&mut pen, title, Role::Heading);
    }

    fn draw_row(&self, painter: &mut Painter<'_>, cells: Rect, row: &OperationStats) {
        let mut pen = Pen::at(cells, 0);
        painter.write(&mut pen, " ", Role::Text);
        let name = Safe::line(&row.operation);
        let (cut, _) = width::ellipsize(name.as_str(), self.name_width.saturating_sub(1));
        let kind = SpanKind::of_operation(&row.operation);
        let role = kind_role(kind);
        painter.write(&mut pen, kind.tag(), role);
        painter.write(&mut pen, " ", Role::Text);
        painter.write(&mut pen, &width::pad_right(&cut, self.name_width), Role::Text);
        for ((value, role), columns) in cell_values(row).iter().zip(self.column_widths) {
            if columns > 0 {
                painter.write(&mut pen, &width::pad_left(value, columns), *role);
            }
        }
        painter.write(&mut pen, "  ", Role::Text);
        let share = if self.total_self_micros > 0 {
            row.self_micros.max(0) as f64 / self.total_self_micros as f64
        } else {
            0.0
        };
        let room = pen.columns_left().min(35);
        let bar = room.saturating_sub(6);
        if bar > 0 {
            let eighths = (share * bar as f64 * 8.0).round() as usize;
            let rest = HORIZONTAL_EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
            painter.write(&mut pen, &format!("{}{rest}", "█".repeat(eighths / 8)), role);
        }
        if room >= 5 {
            painter.write(&mut pen, &format!(" {:.0} %", share * 100.0), Role::Dim);
        }
    }
}

/// Blocks of 0 to 7 eighths of a cell, from the left.
const HORIZONTAL_EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// The durations of the turns over the thread, with errors and feedback marked below.
fn draw_timeline(painter: &mut Painter<'_>, area: Rect, analysis: &ThreadAnalysis) {
    let timeline = &analysis.timeline;
    let columns = usize::from(area.width).min(timeline.len());
    let wide = (usize::from(area.width) / columns.max(1)).clamp(1, MAX_BAR_COLUMNS);
    let longest = timeline.iter().map(|bucket| bucket.longest_ms).max().unwrap_or(0).max(1);
    let mut title =
        format!("Turns over time · longest {}", number::duration(Some(longest.saturating_mul(1000))));
    if let Some(tokens) = analysis.usage.total() {
        title.push_str(&format!(" · {} tokens", number::tokens(tokens)));
    }
    if let Some(cost) = analysis.usage.cost_usd {
        title.push_str(&format!(" · {}", number::money(cost)));
    }
    painter.write(&mut Pen::at(area, 0), &title, Role::Heading);
    for column in 0..columns {
        let (from, to) = (column * timeline.len() / columns, (column + 1) * timeline.len() / columns);
        let buckets = timeline.get(from..to.max(from + 1)).unwrap_or_default();
        let x = area.x + u16::try_from(column * wide).unwrap_or(0);
        // Wide bars are separated by a space.
        let width = u16::try_from(wide - usize::from(wide > 2)).unwrap_or(1);
        draw_timeline_bar(painter, Rect { x, width, ..area }, buckets, longest);
    }
}

/// One bar of the timeline and the marks below it.
fn draw_timeline_bar(painter: &mut Painter<'_>, area: Rect, buckets: &[TimelineBucket], longest: i64) {
    let tallest = buckets.iter().map(|bucket| bucket.longest_ms).max().unwrap_or(0).max(0);
    let failed = buckets.iter().any(|bucket| bucket.failed);
    let eighths = (tallest as f64 / longest as f64 * f64::from(CHART_HEIGHT) * 8.0).round() as usize;
    for row in 0..CHART_HEIGHT {
        let below = usize::from(CHART_HEIGHT - 1 - row) * 8;
        let level = eighths.saturating_sub(below).min(8);
        let role = if failed { Role::BarError } else { Role::Bar };
        for x in area.left()..area.right() {
            painter.set_cell(x, area.y + 1 + row, VERTICAL_EIGHTHS.get(level).copied().unwrap_or(" "), role);
        }
    }
    let middle = area.x + (area.width.max(1) - 1) / 2;
    if let Some(sentiment) = buckets.iter().find_map(|bucket| bucket.sentiment) {
        painter.set_cell(
            middle,
            area.y + 1 + CHART_HEIGHT,
            sentiment_symbol(sentiment),
            sentiment_style(sentiment),
        );
    }
    if failed {
        painter.set_cell(middle, area.y + 2 + CHART_HEIGHT, "✗", Role::Error);
    }
}
