//! Putting text into cells: clipped to an area, from left to right, in the style of a role. Takes only what passed the
//! gate, or our own words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::text::{Line, Safe, width};
use crate::theme::{Role, Theme};

/// Makes the cell behind each wide character different from a blank. Without this the difference of two frames leaves it
/// out when narrow text replaces the wide character, and terminals that do not clear its second half show a remnant.
pub fn mark_wide(buffer: &mut Buffer) {
    let columns = usize::from(buffer.area.width).max(1);
    for row in buffer.content.chunks_mut(columns) {
        let mut behind_wide = false;
        for cell in row {
            if behind_wide {
                cell.set_symbol("");
                behind_wide = false;
            } else {
                let symbol = cell.symbol();
                behind_wide = symbol.len() > 2 && width::cluster(symbol) == 2;
            }
        }
    }
}

/// A style that takes nothing over from what was in the cell, such as a border, but its background.
fn alone(style: Style) -> Style {
    Style {
        fg: style.fg.or(Some(Color::Reset)),
        sub_modifier: Modifier::all().difference(style.add_modifier),
        ..style
    }
}

/// A buffer with a theme.
pub struct Painter<'a> {
    buffer: &'a mut Buffer,
    pub theme: &'a Theme,
}

/// A place on a line, with the room that is left.
#[derive(Clone, Copy, Debug)]
pub struct Pen {
    pub x: u16,
    pub y: u16,
    pub right: u16,
}

impl Pen {
    /// The start of a line of an area; `row` counts from its top.
    pub fn at(area: Rect, row: u16) -> Self {
        Self { x: area.x, y: area.y.saturating_add(row), right: area.right() }
    }

    /// Columns left.
    pub fn room(&self) -> usize {
        usize::from(self.right.saturating_sub(self.x))
    }
}

impl<'a> Painter<'a> {
    /// Paints into this buffer.
    pub fn new(buffer: &'a mut Buffer, theme: &'a Theme) -> Self {
        Self { buffer, theme }
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// Writes our own words; stops at the edge.
    pub fn word(&mut self, pen: &mut Pen, text: &str, role: Role) {
        let style = self.style(role);
        self.styled(pen, text, style);
    }

    /// Writes text from outside.
    pub fn safe(&mut self, pen: &mut Pen, text: &Safe<'_>, role: Role) {
        let style = self.style(role);
        self.styled(pen, text.as_str(), style);
    }

    fn styled(&mut self, pen: &mut Pen, text: &str, style: Style) {
        let area = self.buffer.area;
        if pen.y < area.y || pen.y >= area.bottom() || pen.room() == 0 {
            return;
        }
        let (x, _) = self.buffer.set_stringn(pen.x, pen.y, text, pen.room(), alone(style));
        pen.x = x;
    }

    /// Writes a line of styled text.
    pub fn line(&mut self, pen: &mut Pen, line: &Line) {
        for run in &line.spans {
            let style = self.style(run.style);
            self.styled(pen, run.text.as_str(), style);
        }
    }

    /// Writes at the right end of a line; returns whether it fitted.
    pub fn right(&mut self, pen: &mut Pen, text: &str, role: Role) -> bool {
        let columns = width::columns(text);
        if columns > pen.room() {
            return false;
        }
        let mut end = Pen { x: pen.right - u16::try_from(columns).unwrap_or(0), ..*pen };
        self.word(&mut end, text, role);
        pen.right = pen.right.saturating_sub(u16::try_from(columns).unwrap_or(0));
        true
    }

    /// Lays a role's style over cells that are painted already.
    pub fn tint(&mut self, area: Rect, role: Role) {
        let style = self.style(role);
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Makes an area blank.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }

    /// A border of single lines.
    pub fn border(&mut self, area: Rect, role: Role) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let style = self.style(role);
        let across = "─".repeat(usize::from(area.width - 2));
        for (y, left, right) in [(area.top(), "┌", "┐"), (area.bottom() - 1, "└", "┘")] {
            let mut pen = Pen { x: area.x, y, right: area.right() };
            for text in [left, &across, right] {
                self.styled(&mut pen, text, style);
            }
        }
        for y in area.top() + 1..area.bottom() - 1 {
            for x in [area.left(), area.right() - 1] {
                let mut pen = Pen { x, y, right: area.right() };
                self.styled(&mut pen, "│", style);
            }
        }
    }

    /// One cell's symbol, for bars.
    pub fn cell(&mut self, x: u16, y: u16, symbol: &'static str, role: Role) {
        let style = self.style(role);
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol(symbol).set_style(style);
        }
    }

    /// The text of a line of cells, with the column of each of its bytes.
    pub fn row_text(&self, line: Rect) -> (String, Vec<u16>) {
        let mut text = String::new();
        let mut columns = Vec::new();
        let mut x = line.left();
        while x < line.right() {
            let Some(cell) = self.buffer.cell((x, line.y)) else { break };
            let symbol = cell.symbol();
            columns.extend(std::iter::repeat_n(x, symbol.len()));
            text.push_str(symbol);
            x += u16::try_from(width::columns(symbol)).unwrap_or(1).max(1);
        }
        (text, columns)
    }
}
