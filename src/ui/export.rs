//! The export menu over the panes. The twin of `app/exporting`.

use ratatui::layout::Rect;

use crate::app::exporting::ExportMenu;
use crate::export::ExportFormat;
use crate::theme::Role;
use crate::ui::page;
use crate::ui::paint::{Painter, Pen};

/// Draws the menu.
pub fn draw(menu: &ExportMenu, painter: &mut Painter<'_>, screen: Rect) {
    let rows = u16::try_from(ExportFormat::ALL.len()).unwrap_or(7) + 6;
    let room = Rect { height: screen.height.min(rows + 2), ..screen };
    let footer = " enter writes   esc closes ";
    let Some(inside) = page::frame(painter, room, 60, "Export", footer) else { return };
    for (row, format) in (0..inside.height).zip(ExportFormat::ALL) {
        let mut pen = Pen::at(inside, row);
        painter.word(&mut pen, format.title(), Role::Text);
        painter.word(&mut pen, &format!("  .{}", format.extension()), Role::Dim);
        if usize::from(row) == menu.format {
            painter.tint(Rect::new(inside.x, inside.y + row, inside.width, 1), Role::Selected);
        }
    }
    let below = u16::try_from(ExportFormat::ALL.len()).unwrap_or(7) + 1;
    let masked = if menu.redact { "masked" } else { "kept as they are" };
    let lines = [("tab", "what", menu.extent.title()), ("space", "secrets and addresses", masked)];
    for (row, (key, what, value)) in (below..inside.height).zip(lines) {
        let mut pen = Pen::at(inside, row);
        painter.word(&mut pen, key, Role::Hint);
        painter.word(&mut pen, &format!("  {what}: "), Role::Dim);
        painter.word(&mut pen, value, Role::Text);
    }
}
