//! The threads below the list: the rule above them, and the text around their hits.

use ratatui::layout::Rect;

use crate::app::App;
use crate::event::FoundMessage;
use crate::text::width;
use crate::theme::Role;
use crate::ui::library_search::{draw_snippet, draw_text_around};
use crate::ui::painter::{Painter, Pen};

const RULE: &str = "── in messages ";

/// The columns before the text, which are those of the state.
const INDENT: u16 = 4;

/// The minimum width of a list that shows the place.
const MIN_PLACE_COLUMNS: u16 = 72;
const PLACE_COLUMNS: usize = 11;

/// Draws the rule.
pub fn draw_rule(painter: &mut Painter<'_>, area: Rect) {
    let mut pen = Pen::at(area, 0);
    let (rule, _) = width::truncate(RULE, usize::from(area.width));
    painter.write(&mut pen, rule, Role::Dim);
    let rest = "─".repeat(pen.columns_left());
    painter.write(&mut pen, &rest, Role::Border);
}

/// Draws the text around a hit; returns the cells of the found word.
pub fn draw_context(painter: &mut Painter<'_>, area: Rect, message: &FoundMessage) -> Rect {
    let mut pen = Pen::between(area.x.saturating_add(INDENT), area.right().saturating_sub(1), area.y);
    if area.width >= MIN_PLACE_COLUMNS {
        painter.write(&mut pen, &width::pad_right(message.place, PLACE_COLUMNS), Role::Dim);
    }
    draw_snippet(message, Role::Dim, painter, &mut pen)
}

/// Draws a longer text around a hit, below the fields of its thread.
pub fn draw_preview(app: &App, painter: &mut Painter<'_>, area: Rect, message: &FoundMessage) {
    if area.height > 3 {
        draw_text_around(app, message, area, painter);
    }
}
