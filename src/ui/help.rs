//! The help page over the panes, from the same table that the keys come from.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::help::{HelpRow, WIDTH, rows};
use crate::theme::Role;
use crate::ui::paint::{Painter, Pen};

/// Draws the page from this row on.
pub fn draw(app: &App, painter: &mut Painter<'_>, screen: Rect, offset: usize) {
    let width = screen.width.min(WIDTH);
    let height = screen.height.saturating_sub(2);
    if width < 4 || height < 3 {
        return;
    }
    let area = Rect::new((screen.width - width) / 2, 1, width, height);
    painter.clear(area);
    painter.border(area, Role::BorderFocus);
    painter.word(&mut Pen { x: area.x + 2, y: area.y, right: area.right() - 1 }, " Keys ", Role::Title);
    let footer = " j k scroll   esc closes ";
    let mut pen = Pen { x: area.x + 2, y: area.bottom() - 1, right: area.right() - 1 };
    painter.word(&mut pen, footer, Role::Dim);
    let inside = Rect::new(area.x + 2, area.y + 1, width - 4, height - 2);
    let all = rows(&app.prefs.keymap, usize::from(inside.width));
    let page = usize::from(inside.height);
    let offset = offset.min(all.len().saturating_sub(page));
    for (row, entry) in (0..inside.height).zip(all.iter().skip(offset)) {
        let mut pen = Pen::at(inside, row);
        match entry {
            HelpRow::Blank => {}
            HelpRow::Heading(title) => painter.word(&mut pen, title, Role::Heading),
            HelpRow::Action { keys, help } => {
                painter.word(&mut pen, keys, Role::Hint);
                painter.word(&mut pen, help, Role::Text);
            }
        }
    }
}
