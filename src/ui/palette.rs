//! The command palette: the rows above the prompt.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::palette::{MAX_ROWS, PaletteEntry};
use crate::text::{Safe, width};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};

/// The maximum width, with the border.
const MAX_WIDTH: u16 = 100;

/// The minimum width of the palette; narrower screens show only the typed line.
const MIN_WIDTH: u16 = 16;

/// The widest column of names.
const MAX_NAME_COLUMNS: usize = 30;

/// Draws the rows above the line of the prompt.
pub fn draw(app: &App, painter: &mut Painter<'_>, prompt: Rect) {
    let rows = app.palette();
    let selected = app.prompt.as_ref().and_then(|prompt| prompt.palette_row());
    let most = MAX_ROWS.min(prompt.y.saturating_sub(3));
    let shown = u16::try_from(rows.len()).unwrap_or(most).min(most);
    if shown == 0 || prompt.width < MIN_WIDTH {
        return;
    }
    let area =
        Rect { y: prompt.y - shown - 2, height: shown + 2, width: prompt.width.min(MAX_WIDTH), ..prompt };
    painter.clear(area);
    painter.draw_border(area, Role::BorderFocus);
    let footer = format!(" {} · ↑↓ select · tab complete · enter run ", rows.len());
    painter.write(&mut Pen::between(area.x + 2, area.right() - 1, area.y), " Commands ", Role::Title);
    painter.write_right(&mut Pen::between(area.x + 13, area.right() - 2, area.y), &footer, Role::Dim);
    let names = rows.iter().map(|entry| width::columns(Safe::line(&entry.name).as_str())).max();
    let names = names.unwrap_or(0).min(MAX_NAME_COLUMNS).min(usize::from(area.width) / 2);
    let offset = (selected.unwrap_or(0) + 1).saturating_sub(usize::from(shown));
    for (row, (index, entry)) in (0..shown).zip(rows.iter().enumerate().skip(offset)) {
        let cells = Rect { x: area.x + 1, y: area.y + 1 + row, width: area.width - 2, height: 1 };
        draw_entry(painter, cells, entry, names);
        if selected == Some(index) {
            painter.select(cells, true);
        }
    }
}

fn draw_entry(painter: &mut Painter<'_>, cells: Rect, entry: &PaletteEntry, names: usize) {
    let mut pen = Pen::between(cells.x + 1, cells.right().saturating_sub(1), cells.y);
    painter.write_right(&mut pen, &format!("  {}", entry.keys), Role::Hint);
    let name = Safe::line(&entry.name);
    let (cut, _) = width::ellipsize(name.as_str(), names);
    painter.write(&mut pen, &width::pad_right(&cut, names), Role::Text);
    painter.write(&mut pen, "  ", Role::Text);
    let help = Safe::line(&entry.help);
    let (cut, _) = width::ellipsize(help.as_str(), pen.columns_left());
    painter.write(&mut pen, &cut, Role::Dim);
}
