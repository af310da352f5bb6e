//! A text over the panes: what a command printed, or a long value.

use ratatui::layout::Rect;

use crate::app::TextPage;
use crate::ui::page;
use crate::ui::paint::{Painter, Pen};

/// Draws the page.
pub fn draw(text: &TextPage, painter: &mut Painter<'_>, screen: Rect) {
    let footer = " j k scroll   esc closes ";
    let Some(inside) = page::frame(painter, screen, screen.width, &text.title, footer) else { return };
    let rows = usize::from(inside.height);
    let offset = text.offset.min(text.document.len().saturating_sub(rows));
    for (row, content) in (0..inside.height).zip(text.document.window(offset..offset + rows)) {
        painter.line(&mut Pen::at(inside, row), &content.line);
    }
}
