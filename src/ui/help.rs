//! The help page over the panes.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::help::{COLUMN_GAP, HelpPage, HelpRow};
use crate::text::Safe;
use crate::theme::Role;
use crate::ui::overlay;
use crate::ui::painter::{Painter, Pen};

/// Draws the page.
pub fn draw(app: &App, help: &HelpPage, painter: &mut Painter<'_>) {
    let title = help
        .filter
        .as_ref()
        .map_or_else(|| "Keys".to_owned(), |filter| format!("Keys /{}", Safe::line(filter).as_str()));
    let footer = "esc close   enter run   type to filter   ↑↓ ←→ select";
    let Some(inside) = overlay::draw(app, painter, &title, footer) else { return };
    let layout = help.layout(&app.prefs.keymap, inside);
    if layout.columns.iter().all(Vec::is_empty) {
        painter.write(&mut Pen::at(inside, 0), " No key has these words", Role::Dim);
        return;
    }
    let columns = u16::try_from(layout.column_width).unwrap_or(inside.width);
    let step = layout.column_width + COLUMN_GAP;
    for (index, rows) in layout.columns.iter().enumerate() {
        let x = inside.x + u16::try_from(index * step).unwrap_or(inside.width);
        for (row, content) in (0..inside.height).zip(rows.iter().skip(help.offset)) {
            let cells = Rect { x, y: inside.y + row, width: columns, height: 1 };
            draw_row(painter, cells, content, help.selected);
        }
    }
}

fn draw_row(painter: &mut Painter<'_>, cells: Rect, row: &HelpRow, selected: usize) {
    let mut pen = Pen::between(cells.x.saturating_add(1), cells.right(), cells.y);
    match row {
        HelpRow::Blank => {}
        HelpRow::Heading(title) => painter.write(&mut pen, title, Role::Heading),
        HelpRow::Entry { keys, help, entry } => {
            painter.write(&mut pen, keys, Role::Hint);
            painter.write(&mut pen, help, Role::Text);
            if *entry == Some(selected) {
                painter.select(cells, true);
            }
        }
    }
}
