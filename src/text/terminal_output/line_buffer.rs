//! One line of a terminal: cells, and a cursor that text and sequences move.

use super::sequence::{self, Effect};
use super::style::TerminalStyle;
use super::{Removed, Styled};
use crate::text::Graphemes;
use crate::theme::Role;

/// The maximum number of columns beyond the text that a cursor movement can reach.
const MAX_JUMP: usize = 500;

/// The distance of tab stops, the same as in the text gate.
const TAB_WIDTH: usize = 4;

/// The content of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cell<'a> {
    Blank,
    Cluster(&'a str),
    /// The second column of a wide cluster.
    Continued,
}

/// The line written so far.
#[derive(Debug, Default)]
pub(super) struct LineBuffer<'a> {
    cells: Vec<Cell<'a>>,
    /// The style of each cell.
    roles: Vec<Role>,
    style: TerminalStyle,
    column: usize,
    pub removed: Removed,
    /// Whether the cursor went back since text was last lost.
    is_rewound: bool,
    /// Whether the last character was a backspace.
    is_overstriking: bool,
}

impl<'a> LineBuffer<'a> {
    /// Creates an empty line that begins in this style.
    pub(super) fn new(style: TerminalStyle) -> Self {
        Self { style, ..Self::default() }
    }

    /// Returns the style at the end of the line.
    pub(super) fn style(&self) -> TerminalStyle {
        self.style
    }

    /// Writes text without newlines.
    pub(super) fn write(&mut self, text: &'a str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            if let Some((len, effect)) = sequence::read(rest) {
                match effect {
                    Effect::Style(parameters) if self.style.apply(parameters) => self.removed.colours += 1,
                    _ => self.removed.sequences += 1,
                }
                self.apply(effect);
                rest = rest.get(len..).unwrap_or_default();
                continue;
            }
            match c {
                '\r' => self.go_to(0),
                '\x08' => {
                    self.removed.sequences += 1;
                    self.column = self.column.saturating_sub(1);
                    self.is_overstriking = true;
                }
                '\t' => {
                    let stop = self.column - self.column % TAB_WIDTH + TAB_WIDTH;
                    self.extend(stop);
                    self.column = stop;
                }
                _ => {
                    let plain = rest.find(is_special).unwrap_or(rest.len());
                    let (run, after) = rest.split_at_checked(plain.max(c.len_utf8())).unwrap_or((rest, ""));
                    let mut clusters = Graphemes::new(run);
                    while let Some((cluster, columns)) = clusters.next_with_width() {
                        self.put(cluster, columns.max(1));
                    }
                    rest = after;
                    continue;
                }
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }

    /// Appends the line, without unwritten spaces at its end.
    pub(super) fn finish(self, out: &mut Styled) {
        let written = self.cells.iter().rposition(|cell| *cell != Cell::Blank).map_or(0, |last| last + 1);
        for (cell, role) in self.cells.iter().zip(&self.roles).take(written) {
            match cell {
                Cell::Blank => out.push(" ", *role),
                Cell::Cluster(cluster) => out.push(cluster, *role),
                Cell::Continued => {}
            }
        }
    }

    fn apply(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::None | Effect::Style(_) => {}
            Effect::ToColumn(column) => self.go_to(column),
            Effect::Forward(columns) => self.go_to(self.column.saturating_add(columns)),
            Effect::Backward(columns) => self.go_to(self.column.saturating_sub(columns)),
            Effect::EraseToEnd => self.erase(self.column, usize::MAX),
            Effect::EraseToStart => self.erase(0, self.column.saturating_add(1)),
            Effect::EraseLine => self.erase(0, usize::MAX),
        }
    }

    fn go_to(&mut self, column: usize) {
        let column = column.min(self.cells.len().max(self.column).saturating_add(MAX_JUMP));
        self.is_rewound |= column < self.column;
        self.column = column;
        self.is_overstriking = false;
    }

    fn erase(&mut self, from: usize, to: usize) {
        let cells = self.cells.iter_mut().take(to).skip(from);
        let mut has_text = false;
        for cell in cells {
            has_text |= is_visible(*cell);
            *cell = Cell::Blank;
        }
        if has_text {
            self.removed.states += 1;
            self.is_rewound = false;
        }
    }

    fn extend(&mut self, columns: usize) {
        if self.cells.len() < columns {
            self.cells.resize(columns, Cell::Blank);
            self.roles.resize(columns, Role::Text);
        }
    }

    fn put(&mut self, cluster: &'a str, columns: usize) {
        self.extend(self.column + columns);
        let overstruck = std::mem::take(&mut self.is_overstriking);
        let old = self.cells.get(self.column).copied().unwrap_or(Cell::Blank);
        let new = match old {
            // An underlined letter of a manual page: the underline is dropped, not the letter.
            Cell::Cluster(letter) if overstruck && cluster == "_" => letter,
            Cell::Blank | Cell::Cluster(_) | Cell::Continued => cluster,
        };
        let is_lost =
            is_visible(old) && old != Cell::Cluster(new) && !(overstruck && old == Cell::Cluster("_"));
        if is_lost && (self.is_rewound || overstruck) {
            self.removed.states += 1;
            self.is_rewound = false;
        }
        self.split_wide_cells(columns);
        for (offset, cell) in self.cells.iter_mut().skip(self.column).take(columns).enumerate() {
            *cell = if offset == 0 { Cell::Cluster(new) } else { Cell::Continued };
        }
        self.roles.iter_mut().skip(self.column).take(columns).for_each(|role| *role = self.style.role());
        self.column += columns;
    }

    /// Clears the other halves of wide clusters that the next `columns` columns cut.
    fn split_wide_cells(&mut self, columns: usize) {
        let (start, end) = (self.column, self.column + columns);
        if self.cells.get(start) == Some(&Cell::Continued)
            && let Some(first) = start.checked_sub(1).and_then(|before| self.cells.get_mut(before))
        {
            *first = Cell::Blank;
        }
        if let Some(half) = self.cells.get_mut(end).filter(|cell| **cell == Cell::Continued) {
            *half = Cell::Blank;
        }
    }
}

fn is_special(c: char) -> bool {
    matches!(c, '\x1b' | '\r' | '\x08' | '\t' | '\x07' | '\x0e' | '\x0f' | '\u{80}'..='\u{9f}')
}

fn is_visible(cell: Cell<'_>) -> bool {
    matches!(cell, Cell::Cluster(cluster) if cluster != " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::width;

    #[test]
    fn wide_cluster_is_cleared_when_half_of_it_is_written_over() {
        let mut buffer = LineBuffer::default();
        buffer.write("日本\rx");
        let mut line = Styled::default();
        buffer.finish(&mut line);
        assert_eq!(line.text, "x 本");
        assert_eq!(width::columns(&line.text), 4);
    }
}
