//! A canvas of braille characters, each with two by four dots.

use super::PlotStyle;
use crate::text::{Line, StyledRun};
use crate::theme::Role;

pub(super) struct Canvas {
    cols: usize,
    rows: usize,
    /// The dots of each character, row by row, and the role that was drawn last.
    cells: Vec<(u8, Role)>,
}

impl Canvas {
    /// Creates an empty canvas of at least one character.
    pub(super) fn new(cols: usize, rows: usize) -> Self {
        let (cols, rows) = (cols.clamp(1, 2000), rows.clamp(1, 2000));
        Self { cols, rows, cells: vec![(0, Role::Text); cols * rows] }
    }

    /// Draws points with coordinates from 0 to 1, from the left and from the top; `None` interrupts a line.
    pub(super) fn draw(
        &mut self,
        points: impl Iterator<Item = Option<(f64, f64)>>,
        style: PlotStyle,
        role: Role,
    ) {
        let mut last = None;
        for point in points {
            let Some((x, y)) = point else {
                last = None;
                continue;
            };
            let dot = (
                (x * (self.cols * 2 - 1) as f64).round() as i64,
                (y * (self.rows * 4 - 1) as f64).round() as i64,
            );
            match (style, last) {
                (PlotStyle::Lines, Some(from)) => self.line(from, dot, role),
                (PlotStyle::Lines, None) | (PlotStyle::Points, _) => self.dot(dot, role),
            }
            last = Some(dot);
        }
    }

    fn line(&mut self, from: (i64, i64), to: (i64, i64), role: Role) {
        let (wide, high) = (to.0 - from.0, to.1 - from.1);
        let steps = wide.abs().max(high.abs()).max(1);
        for step in 0..=steps {
            let along =
                |start: i64, length: i64| start + (2 * length * step + steps * length.signum()) / (2 * steps);
            self.dot((along(from.0, wide), along(from.1, high)), role);
        }
    }

    fn dot(&mut self, (x, y): (i64, i64), role: Role) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        let bit = match (x % 2, y % 4) {
            (0, row @ 0..=2) => 1 << row,
            (_, row @ 0..=2) => 8 << row,
            (0, _) => 0x40,
            (_, _) => 0x80,
        };
        if let Some(cell) = self.cells.get_mut(y / 4 * self.cols + x / 2).filter(|_| x / 2 < self.cols) {
            *cell = (cell.0 | bit, role);
        }
    }

    /// Returns the rows from the top.
    pub(super) fn into_lines(self) -> Vec<Line> {
        self.cells.chunks(self.cols).map(to_line).collect()
    }
}

fn to_line(cells: &[(u8, Role)]) -> Line {
    let mut line = Line::default();
    for run in cells.chunk_by(|(_, one), (_, next)| one == next) {
        let dots: String = run.iter().map(|(dots, _)| glyph(*dots)).collect();
        line.spans.push(StyledRun::new(&dots, run.first().map_or(Role::Text, |(_, role)| *role)));
    }
    line
}

fn glyph(dots: u8) -> char {
    if dots == 0 { ' ' } else { char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' ') }
}
