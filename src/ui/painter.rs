//! Writes text into cells: from left to right, clipped to an area, in the style of a role. Untrusted text must have
//! passed the text gate.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::text::link::LinkedCells;
use crate::text::{Graphemes, Line, Safe, width};
use crate::theme::{Role, Theme};

/// Makes the cells after each wide character different from blank cells. Otherwise a space would be written over its other
/// half, and none would be written when narrow text replaces it.
pub fn mark_wide_characters(buffer: &mut Buffer) {
    let columns = usize::from(buffer.area.width).max(1);
    for row in buffer.content.chunks_mut(columns) {
        let mut covered = 0;
        for cell in row {
            if covered > 0 {
                cell.set_symbol("");
                covered -= 1;
            } else if cell.symbol().len() > 2 {
                covered = width::of_grapheme(cell.symbol()).saturating_sub(1);
            }
        }
    }
}

/// A buffer with a theme.
pub struct Painter<'a> {
    buffer: &'a mut Buffer,
    pub theme: &'a Theme,
    links: Vec<LinkedCells>,
}

/// A position on a line, and the end of the writable columns.
#[derive(Clone, Copy, Debug)]
pub struct Pen {
    pub x: u16,
    pub y: u16,
    pub right: u16,
    /// Whether nothing was written yet, so that the cells to the left belong to other text.
    is_fresh: bool,
}

/// The result of writing text into the columns of a pen.
struct Written<'t> {
    /// The column after the text.
    end: u16,
    /// The column of the ellipsis if the text is cut: after the last cluster that leaves space for it.
    cut: u16,
    /// The text that does not fit.
    rest: &'t str,
}

/// Returns whether a text has other characters than spaces, lines and blocks.
fn has_visible_text(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && !matches!(c, '\u{2500}'..='\u{259f}'))
}

impl Pen {
    /// Creates a pen for the columns `x..right` of a line.
    pub fn between(x: u16, right: u16, y: u16) -> Self {
        Self { x, y, right, is_fresh: true }
    }

    /// Returns the same pen with another end.
    pub fn with_right(self, right: u16) -> Self {
        Self { right, ..self }
    }

    /// Creates a pen for a row of an area, counted from its top.
    pub fn at(area: Rect, row: u16) -> Self {
        Self::between(area.x, area.right(), area.y.saturating_add(row))
    }

    /// Returns the number of columns to the end.
    pub fn columns_left(&self) -> usize {
        usize::from(self.right.saturating_sub(self.x))
    }
}

impl<'a> Painter<'a> {
    /// Creates a painter for a buffer.
    pub fn new(buffer: &'a mut Buffer, theme: &'a Theme) -> Self {
        Self { buffer, theme, links: Vec::new() }
    }

    /// Ends painting; returns the cells that show web addresses.
    pub fn into_links(self) -> Vec<LinkedCells> {
        self.links
    }

    /// Returns the style of a role.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// Returns a style that replaces all of a cell's style but the background.
    fn without_inherited_style(&self, style: Style) -> Style {
        Style {
            fg: style.fg.or(self.theme.base_style().fg).or(Some(Color::Reset)),
            sub_modifier: Modifier::all().difference(style.add_modifier),
            ..style
        }
    }

    /// Writes trusted text; text that does not fit ends in `…`.
    pub fn write(&mut self, pen: &mut Pen, text: &str, role: Role) {
        let style = self.style(role);
        self.write_styled(pen, text, style);
    }

    /// Writes untrusted text.
    pub fn write_safe(&mut self, pen: &mut Pen, text: &Safe<'_>, role: Role) {
        let style = self.style(role);
        self.write_styled(pen, text.as_str(), style);
    }

    fn write_styled(&mut self, pen: &mut Pen, text: &str, style: Style) {
        let area = self.buffer.area;
        if pen.x < area.x || pen.y < area.y || pen.y >= area.bottom() || text.is_empty() {
            return;
        }
        if pen.columns_left() == 0 {
            if !pen.is_fresh && has_visible_text(text) {
                self.draw_ellipsis(pen);
            }
            return;
        }
        let style = self.without_inherited_style(style);
        let written = self.set_clusters(pen, text, style);
        pen.x = if has_visible_text(written.rest) {
            let cut = written.cut..written.end.max(written.cut + 1);
            for (x, symbol) in cut.zip(std::iter::once("…").chain(std::iter::repeat(" "))) {
                if let Some(cell) = self.buffer.cell_mut((x, pen.y)) {
                    cell.set_symbol(symbol).set_style(style);
                }
            }
            pen.right
        } else {
            written.end
        };
        pen.is_fresh = false;
    }

    /// Writes the clusters that fit. (`Buffer::set_stringn` measures some clusters narrower than [`width`] does.)
    fn set_clusters<'t>(&mut self, pen: &Pen, text: &'t str, style: Style) -> Written<'t> {
        let base = self.theme.base_style();
        let area = self.buffer.area;
        let room = pen.right.min(area.right()).saturating_sub(pen.x);
        let start = usize::from(pen.y - area.y) * usize::from(area.width) + usize::from(pen.x - area.x);
        let mut cells = self.buffer.content.iter_mut().skip(start).take(usize::from(room));
        let mut written = Written { end: pen.x, cut: pen.x, rest: text };
        let mut clusters = Graphemes::new(text);
        while let Some((cluster, columns)) = clusters.next_with_width() {
            let end = written.end.saturating_add(u16::try_from(columns).unwrap_or(u16::MAX));
            if end > pen.right {
                return written;
            }
            if let Some(cell) = (&mut cells).take(columns).next() {
                cell.set_symbol(cluster).set_style(style);
            }
            for covered in (&mut cells).take(columns.saturating_sub(1)) {
                covered.reset();
                covered.set_style(base);
            }
            written.end = end;
            if end < pen.right {
                written.cut = end;
            }
            written.rest = clusters.rest();
        }
        written
    }

    /// Replaces the character in the last column with an ellipsis.
    fn draw_ellipsis(&mut self, pen: &Pen) {
        let Some(last) = pen.right.checked_sub(1) else { return };
        // A wide character would be cut.
        for distance in 1..=3 {
            let before = last.checked_sub(distance).and_then(|x| self.buffer.cell_mut((x, pen.y)));
            if let Some(cell) = before.filter(|cell| width::columns(cell.symbol()) > usize::from(distance)) {
                cell.set_symbol(" ");
            }
        }
        if let Some(cell) = self.buffer.cell_mut((last, pen.y)) {
            cell.set_symbol("…");
        }
    }

    /// Writes a line of styled text.
    pub fn write_line(&mut self, pen: &mut Pen, line: &Line) {
        for run in &line.spans {
            let style = self.style(run.style);
            let (x, y) = (pen.x, pen.y);
            self.write_styled(pen, run.text.as_str(), style);
            let columns = pen.x.saturating_sub(x);
            if let Some(address) = run.link.clone().filter(|_| columns > 0) {
                self.links.push(LinkedCells { y, x, columns, address });
            }
        }
    }

    /// Writes at the right end of a line; returns false if the text does not fit.
    pub fn write_right(&mut self, pen: &mut Pen, text: &str, role: Role) -> bool {
        let columns = width::columns(text);
        if columns > pen.columns_left() {
            return false;
        }
        let x = pen.right - u16::try_from(columns).unwrap_or(0);
        let mut end = Pen::between(x, pen.right, pen.y);
        self.write(&mut end, text, role);
        pen.right = pen.right.saturating_sub(u16::try_from(columns).unwrap_or(0));
        true
    }

    /// Applies the style of a role to painted cells.
    pub fn tint(&mut self, area: Rect, role: Role) {
        let style = self.style(role);
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Makes painted cells less bright.
    pub fn dim(&mut self, area: Rect) {
        let style = Style::new().add_modifier(Modifier::DIM);
        self.buffer.set_style(area.intersection(self.buffer.area), style);
    }

    /// Gives blank cells the background of the theme, if it has one.
    pub fn fill_background(&mut self, area: Rect) {
        let base = self.theme.base_style();
        if base != Style::new() {
            self.buffer.set_style(area, base);
        }
    }

    /// Marks painted cells as selected: a subtle background, and a bar in the first column if it is blank.
    pub fn select(&mut self, area: Rect, has_focus: bool) {
        self.tint(area, if has_focus { Role::Selected } else { Role::SelectedElsewhere });
        for y in area.top()..area.bottom() {
            if self.buffer.cell((area.x, y)).is_some_and(|cell| cell.symbol() == " ") {
                self.set_cell(area.x, y, "▌", if has_focus { Role::Accent } else { Role::Dim });
            }
        }
    }

    /// Clears an area.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        let base = self.theme.base_style();
        self.links.retain(|link| !area.intersects(Rect::new(link.x, link.y, link.columns, 1)));
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(base);
                }
            }
        }
    }

    /// Draws a border of single lines.
    pub fn draw_border(&mut self, area: Rect, role: Role) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let style = self.style(role);
        let across = "─".repeat(usize::from(area.width - 2));
        for (y, left, right) in [(area.top(), "┌", "┐"), (area.bottom() - 1, "└", "┘")] {
            let mut pen = Pen::between(area.x, area.right(), y);
            for text in [left, &across, right] {
                self.write_styled(&mut pen, text, style);
            }
        }
        let side = self.without_inherited_style(style);
        for y in area.top() + 1..area.bottom() - 1 {
            for x in [area.left(), area.right() - 1] {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.set_symbol("│").set_style(side);
                }
            }
        }
    }

    /// Sets the symbol of one cell, for bars.
    pub fn set_cell(&mut self, x: u16, y: u16, symbol: &'static str, role: Role) {
        let style = self.style(role);
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol(symbol).set_style(style);
        }
    }

    /// Returns the text of a line of cells, and the column of each byte.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the result of writing these words into eight columns between bars.
    fn painted_row(words: &[&str]) -> String {
        let mut buffer = Buffer::with_lines(["|        |"]);
        let theme = Theme::plain();
        let mut painter = Painter::new(&mut buffer, &theme);
        let mut pen = Pen::between(1, 9, 0);
        for word in words {
            painter.write(&mut pen, word, Role::Text);
        }
        painter.row_text(Rect::new(0, 0, 10, 1)).0
    }

    #[test]
    fn overflowing_text_ends_in_an_ellipsis() {
        for (words, expected) in [
            (&["12345678"][..], "|12345678|"),
            (&["123456789"], "|1234567…|"),
            (&["1234", "56789"], "|1234567…|"),
            (&["12345678", "9"], "|1234567…|"),
            (&["12345678", "", " "], "|12345678|"),
            (&["1234567", "  ", "9", "0"], "|1234567…|"),
            (&["1234", "────────"], "|1234────|"),
            (&["日本語文", "字"], "|日本語 …|"),
            (&["日本語文字"], "|日本語… |"),
        ] {
            assert_eq!(painted_row(words), expected, "{words:?}");
        }
    }

    #[test]
    fn a_full_pen_does_not_touch_other_cells() {
        let mut buffer = Buffer::with_lines(["ab"]);
        let theme = Theme::plain();
        Painter::new(&mut buffer, &theme).write(&mut Pen::between(1, 1, 0), "cut", Role::Text);
        assert_eq!(buffer, Buffer::with_lines(["ab"]));
    }
}
