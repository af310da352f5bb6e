//! Tables with box-drawing borders: columns shrink and wrap to fit, and a table that cannot fit becomes a list of
//! records. Tables come from Markdown, and from the `html` and `delimited` readers.

mod csv;
mod delimited;
mod html;
mod words;

use super::line::StyledText;
use super::{Line, Safe, StyledRun, number, width, wrap};
use crate::theme::Role;

pub use delimited::delimited_table;
pub use html::html_table;

/// The maximum number of columns; further columns are counted, not drawn.
const MAX_COLUMNS: usize = 60;
/// The minimum width of a column, unless its text is shorter.
const MIN_COLUMN_WIDTH: usize = 4;
/// The space inside a number, at which no cell is wrapped.
const NO_BREAK_SPACE: char = '\u{a0}';

/// The alignment of a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Right for numeric columns, else left.
    #[default]
    Auto,
    Left,
    Center,
    Right,
}

/// A table of untrusted text. Rows may have any number of cells; missing cells are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// The alignment by column; missing ones are [`Align::Auto`].
    pub align: Vec<Align>,
}

/// Formats a table as tab-separated text, for spreadsheets; tabs and line breaks in cells become spaces.
pub fn tab_separated(table: &Table) -> String {
    let rows = Some(&table.head).filter(|head| !head.is_empty()).into_iter().chain(&table.rows);
    let cell = |text: &String| text.replace(['\t', '\n', '\r'], " ");
    let lines: Vec<String> = rows.map(|row| row.iter().map(cell).collect::<Vec<_>>().join("\t")).collect();
    lines.join("\n")
}

/// Draws the first `max_rows` rows as lines of at most `width` columns, and counts the rest in a last line.
pub fn draw(table: &Table, width: usize, max_rows: usize) -> Vec<Line> {
    let shown = table.rows.get(..max_rows.min(table.rows.len())).unwrap_or_default();
    let columns = shown.iter().map(Vec::len).max().unwrap_or(0).max(table.head.len());
    if columns == 0 {
        return Vec::new();
    }
    let grid = Grid::new(table, shown, columns.min(MAX_COLUMNS));
    let mut lines = match grid.fit_widths(width) {
        Some(widths) => grid.draw(&widths),
        None => grid.draw_records(width),
    };
    let more_rows = table.rows.len() - shown.len();
    for (more, noun) in [(columns.saturating_sub(MAX_COLUMNS), "more column"), (more_rows, "more row")] {
        if more > 0 {
            let mut note = StyledText::default();
            note.push(&format!("… {}", number::pluralize(more, noun)), Role::Dim);
            lines.extend(note.wrap(width));
        }
    }
    lines
}

/// The visible cells, sanitized.
struct Grid<'a> {
    head: Vec<Safe<'a>>,
    rows: Vec<Vec<Safe<'a>>>,
    align: Vec<Align>,
}

impl<'a> Grid<'a> {
    fn new(table: &'a Table, shown: &'a [Vec<String>], columns: usize) -> Self {
        let cells = |row: &'a Vec<String>| -> Vec<Safe<'a>> {
            let safe = |at: usize| Safe::text(row.get(at).map_or("", |cell| cell.trim()));
            (0..columns).map(|at| words::join_numbers(safe(at))).collect()
        };
        let rows: Vec<_> = shown.iter().map(cells).collect();
        let align = (0..columns)
            .map(|at| match table.align.get(at).copied().unwrap_or_default() {
                Align::Auto if is_numeric(&rows, at) => Align::Right,
                Align::Auto => Align::Left,
                align @ (Align::Left | Align::Center | Align::Right) => align,
            })
            .collect();
        Self { head: cells(&table.head), rows, align }
    }

    /// Returns the largest measure of each column's cells, at least 1.
    fn widest(&self, measure: impl Fn(&str) -> usize) -> Vec<usize> {
        let mut widths = vec![1; self.align.len()];
        for row in std::iter::once(&self.head).chain(&self.rows) {
            for (widest, cell) in widths.iter_mut().zip(row) {
                *widest = measure(cell).max(*widest);
            }
        }
        widths
    }

    /// Returns the width of each column's widest line.
    fn natural_widths(&self) -> Vec<usize> {
        self.widest(|cell| cell.split('\n').map(width::columns).max().unwrap_or(0))
    }

    /// Returns the width of each column in which no number and no word breaks.
    fn minimal_widths(&self) -> Vec<usize> {
        self.widest(words::minimal_width)
    }

    /// Returns the column widths in a table of `width`, or `None` if it would be too narrow to read.
    fn fit_widths(&self, width: usize) -> Option<Vec<usize>> {
        let natural = self.natural_widths();
        let room = width.checked_sub(3 * natural.len() + 1)?;
        let minimal: Vec<usize> = natural
            .iter()
            .zip(self.minimal_widths())
            .map(|(w, min)| *w.min(&min.max(MIN_COLUMN_WIDTH)))
            .collect();
        if minimal.iter().sum::<usize>() > room {
            return None;
        }
        // The widest columns shrink to a common width: the largest with which the table fits.
        let fit = |(w, min): (&usize, &usize), limit: usize| (*w).min(limit).max(*min);
        let columns = || natural.iter().zip(&minimal);
        let total = |limit: usize| columns().map(|column| fit(column, limit)).sum::<usize>();
        let (mut fits, mut too_much) = (1, room + 1);
        while fits + 1 < too_much {
            let middle = fits.midpoint(too_much);
            if total(middle) <= room { fits = middle } else { too_much = middle }
        }
        let mut spare = room - total(fits).min(room);
        let share = |column: (&usize, &usize)| {
            let width = fit(column, fits);
            let extra = usize::from(*column.0 > width && spare > 0);
            spare -= extra;
            width + extra
        };
        Some(columns().map(share).collect())
    }

    fn draw(&self, widths: &[usize]) -> Vec<Line> {
        let mut lines = vec![rule(widths, ["┌", "┬", "┐"])];
        if self.head.iter().any(|cell| !cell.is_empty()) {
            self.draw_row(&mut lines, &self.head, widths, Role::Strong);
            lines.push(rule(widths, ["├", "┼", "┤"]));
        }
        for row in &self.rows {
            self.draw_row(&mut lines, row, widths, Role::Text);
        }
        lines.push(rule(widths, ["└", "┴", "┘"]));
        lines
    }

    fn draw_row(&self, lines: &mut Vec<Line>, row: &[Safe<'_>], widths: &[usize], style: Role) {
        let wrapped: Vec<Vec<wrap::Row>> = row
            .iter()
            .zip(widths)
            .map(|(cell, w)| wrap::WrapIndex::build(cell, *w).rows(cell, 0..usize::MAX))
            .collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(0).max(1);
        for at in 0..height {
            let mut line = Line::default();
            for (((cell, rows), w), align) in row.iter().zip(&wrapped).zip(widths).zip(&self.align) {
                let part = rows.get(at).map_or("", |row| row.slice(cell)).replace(NO_BREAK_SPACE, " ");
                line.spans.push(StyledRun::new(
                    if line.spans.is_empty() { "│ " } else { " │ " },
                    Role::TableBorder,
                ));
                // The cell was sanitized as a whole: a row that begins inside a cluster must not get another circle.
                let text = Safe::from_sanitized(&align_cell(&part, *w, *align));
                line.spans.push(StyledRun { text, style, link: None });
            }
            line.spans.push(StyledRun::new(" │", Role::TableBorder));
            lines.push(line);
        }
    }

    /// Draws each row as a list of its fields.
    fn draw_records(&self, width: usize) -> Vec<Line> {
        let mut lines = Vec::new();
        for (number, row) in self.rows.iter().enumerate() {
            if number > 0 {
                lines.push(Line::styled(&"─".repeat(width.min(8)), Role::TableBorder));
            }
            for (name, cell) in self.head.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
                let mut field = StyledText::default();
                if !name.is_empty() {
                    field.push_sanitized(name, Role::Key);
                    field.push_sanitized(": ", Role::Dim);
                }
                field.push_sanitized(cell, Role::Text);
                lines.extend(field.wrap(width));
            }
        }
        if self.rows.is_empty() {
            self.head.iter().for_each(|name| {
                let mut field = StyledText::default();
                field.push_sanitized(name, Role::Key);
                lines.extend(field.wrap(width));
            });
        }
        lines
    }
}

fn align_cell(text: &str, cols: usize, align: Align) -> String {
    match align {
        Align::Auto | Align::Left => width::pad_right(text, cols),
        Align::Right => width::pad_left(text, cols),
        Align::Center => {
            let free = cols.saturating_sub(width::columns(text));
            width::pad_right(&format!("{}{text}", " ".repeat(free / 2)), cols)
        }
    }
}

fn rule(widths: &[usize], [left, middle, right]: [&str; 3]) -> Line {
    let bars: Vec<String> = widths.iter().map(|w| "─".repeat(w + 2)).collect();
    Line::styled(&format!("{left}{}{right}", bars.join(middle)), Role::TableBorder)
}

/// Returns whether a column has only numbers and empty cells.
fn is_numeric(rows: &[Vec<Safe<'_>>], column: usize) -> bool {
    let mut cells = rows.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty()).peekable();
    cells.peek().is_some() && cells.all(|cell| is_number(cell))
}

fn is_number(cell: &str) -> bool {
    let body =
        cell.trim_start_matches(['-', '+', '−', '$', '€', '£', '~']).trim_end_matches(['%', '€']).trim();
    body.starts_with(|c: char| c.is_ascii_digit())
        && body.chars().all(|c| matches!(c, '0'..='9' | '.' | ',' | ' ' | NO_BREAK_SPACE | '\'' | 'e'))
}

#[cfg(test)]
mod tests;
