//! The rows of the analysis: operations, tools, waits, models, and the slowest steps.

use ratatui::layout::Rect;

use crate::app::analysis::AnalysisRow;
use crate::domain::SpanKind;
use crate::event::{SlowStep, ThreadAnalysis};
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::trace::OperationStats;
use crate::ui::analysis::chart::percent;
use crate::ui::painter::{Painter, Pen};
use crate::view::trace_strip::kind_role;

/// The columns to the right of the name.
const COLUMN_TITLES: [&str; 9] = ["count", "failed", "self", "total", "p50", "p95", "max", "tokens", "cost"];

/// The columns to drop in a narrow page, by index, first to last.
const DROP_ORDER: [usize; 7] = [3, 8, 7, 4, 6, 0, 1];

/// Columns of the tag of a kind, with its space.
const TAG_COLUMNS: usize = 4;

/// The minimum and the maximum width of the shares.
const MIN_SHARE_COLUMNS: usize = 8;
const MAX_SHARE_COLUMNS: usize = 35;

/// Blocks of 0 to 7 eighths of a cell, from the left.
const HORIZONTAL_EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Returns the texts of a row's columns.
fn cell_values(row: &OperationStats) -> [(String, Role); 9] {
    let none = || "·".to_owned();
    let count = |count: u64| number::count(count);
    let failed = if row.errors > 0 { (count(row.errors), Role::Error) } else { (none(), Role::Dim) };
    let time = |micros| (number::duration(micros), Role::Text);
    let tokens = row.usage.total().filter(|tokens| *tokens > 0);
    let own = if row.timed_count > 0 { Some(row.self_micros) } else { None };
    [
        (count(row.count), Role::Text),
        failed,
        (number::duration(own), Role::Strong),
        time(own.map(|_| row.total_micros)),
        time(row.p50),
        time(row.p95),
        time(row.max),
        (tokens.map_or_else(none, number::tokens), Role::Dim),
        (row.usage.cost_usd.map_or_else(none, number::money), Role::Dim),
    ]
}

/// The widths of the table's columns, fitted to their texts and to the page.
pub struct TableLayout {
    name_width: usize,
    /// 0 for a dropped column.
    column_widths: [usize; 9],
    /// The self time of all operations.
    total_self_micros: i64,
}

impl TableLayout {
    pub fn fit(analysis: &ThreadAnalysis, width: usize) -> Self {
        let mut columns = COLUMN_TITLES.map(|name| name.len() + 2);
        let mut name = "time between messages".len() - TAG_COLUMNS;
        for row in analysis.operations.iter().chain(&analysis.waits).chain(&analysis.models) {
            for (column, (value, _)) in columns.iter_mut().zip(cell_values(row)) {
                *column = (*column).max(width::columns(&value) + 2);
            }
            name = name.max(width::columns(Safe::line(&row.operation).as_str()) + 1);
        }
        let name = name.min((width / 4).max(12));
        for dropped in DROP_ORDER {
            if TAG_COLUMNS + name + columns.iter().sum::<usize>() + MIN_SHARE_COLUMNS + 2 <= width {
                break;
            }
            if let Some(column) = columns.get_mut(dropped) {
                *column = 0;
            }
        }
        let operations = &analysis.operations;
        let total = operations.iter().fold(0, |sum: i64, row| sum.saturating_add(row.self_micros));
        Self { name_width: name, column_widths: columns, total_self_micros: total }
    }

    pub fn draw_heading(&self, painter: &mut Painter<'_>, area: Rect, title: &str) {
        let mut pen = Pen::at(area, 0);
        painter.write(&mut pen, &width::pad_right(title, self.name_width + TAG_COLUMNS + 1), Role::Heading);
        for (name, columns) in
            COLUMN_TITLES.iter().zip(self.column_widths).filter(|(_, columns)| *columns > 0)
        {
            painter.write(&mut pen, &width::pad_left(name, columns), Role::Heading);
        }
        let long = "  share of self time";
        let title = if pen.columns_left() >= long.len() { long } else { "  share" };
        if pen.columns_left() >= title.len() {
            painter.write(&mut pen, title, Role::Heading);
        }
    }

    pub fn draw_row(
        &self,
        painter: &mut Painter<'_>,
        cells: Rect,
        analysis: &ThreadAnalysis,
        row: AnalysisRow<'_>,
    ) {
        let mut pen = Pen::at(cells, 0);
        painter.write(&mut pen, " ", Role::Text);
        match row {
            AnalysisRow::Heading(title) => painter.write(&mut pen, title, Role::Heading),
            AnalysisRow::Hidden(count) => {
                painter.write(
                    &mut pen,
                    &format!("… {}", number::pluralize(count, "more operation")),
                    Role::Dim,
                );
            }
            AnalysisRow::Slowest(step) => self.draw_step(painter, &mut pen, step),
            AnalysisRow::Stats(stats) => {
                let is_operation = analysis.operations.iter().any(|row| std::ptr::eq(row, stats));
                let kind = is_operation.then(|| analysis.kind_of(&stats.operation));
                self.draw_name(painter, &mut pen, kind, &stats.operation);
                for ((value, role), columns) in cell_values(stats).iter().zip(self.column_widths) {
                    if columns > 0 {
                        painter.write(&mut pen, &width::pad_left(value, columns), *role);
                    }
                }
                if let Some(kind) = kind {
                    self.draw_share(painter, &mut pen, stats, kind_role(kind));
                }
            }
        }
    }

    fn draw_name(&self, painter: &mut Painter<'_>, pen: &mut Pen, kind: Option<SpanKind>, name: &str) {
        if let Some(kind) = kind {
            painter.write(pen, kind.tag(), kind_role(kind));
            painter.write(pen, " ", Role::Text);
        }
        let columns = self.name_width + if kind.is_some() { 0 } else { TAG_COLUMNS };
        let name = Safe::line(name);
        let (cut, _) = width::ellipsize(name.as_str(), columns - 1);
        painter.write(pen, &width::pad_right(&cut, columns), Role::Text);
    }

    /// Draws a bar of the share of all self time, and its number.
    fn draw_share(&self, painter: &mut Painter<'_>, pen: &mut Pen, row: &OperationStats, role: Role) {
        painter.write(pen, "  ", Role::Text);
        let total = self.total_self_micros.max(1);
        let share = row.self_micros.max(0) as f64 / total as f64;
        let room = pen.columns_left().min(MAX_SHARE_COLUMNS);
        let bar = room.saturating_sub(6);
        if bar > 0 {
            let eighths = (share * bar as f64 * 8.0).round() as usize;
            let rest = HORIZONTAL_EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
            painter.write(pen, &format!("{}{rest}", "█".repeat(eighths / 8)), role);
        }
        if room >= 5 {
            painter.write(pen, &format!(" {}", percent(share)), Role::Dim);
        }
    }

    /// Draws a slow step: its kind, its operation and name, its message, and its self time below that of the operations.
    fn draw_step(&self, painter: &mut Painter<'_>, pen: &mut Pen, step: &SlowStep) {
        self.draw_name(painter, pen, Some(step.kind), &step.operation);
        let before_self: usize = self.column_widths.iter().take(2).sum();
        let own = self.column_widths.get(2).copied().unwrap_or_default();
        let turn = format!("#{}", number::count(i64::from(step.example.turn) + 1));
        painter.write(pen, &width::pad_left(&turn, before_self), Role::Dim);
        let time = number::duration(Some(step.example.micros));
        painter.write(pen, &width::pad_left(&time, own), Role::Strong);
        painter.write(pen, "  ", Role::Text);
        painter.write_safe(pen, &Safe::line(&step.name), Role::Dim);
    }
}
