//! The export menu over the panes. The twin of `app/exporting`.

use crate::app::App;
use crate::app::exporting::{ExportMenu, MenuAreas};
use crate::export::ExportFormat;
use crate::text::width;
use crate::theme::Role;
use crate::ui::page;
use crate::ui::paint::{Painter, Pen};

/// Draws the menu.
pub fn draw(app: &App, menu: &ExportMenu, painter: &mut Painter<'_>) {
    let framed = page::frame(app, painter, "Export", "enter writes   esc closes");
    let Some((inside, chooser)) = framed.zip(app.chooser()) else { return };
    for (cells, index) in chooser.rows() {
        let Some(format) = ExportFormat::ALL.get(index) else { continue };
        let mut pen = Pen::at(cells, 0);
        painter.right(&mut pen, &format!("  .{}", format.extension()), Role::Dim);
        let (cut, _) = width::ellipsis(format.title(), pen.room());
        painter.word(&mut pen, &cut, Role::Text);
        if index == chooser.selected {
            painter.tint(cells, Role::Selected);
        }
    }
    let masked = if menu.redact { "masked" } else { "kept" };
    let lines =
        [("tab", menu.extent.title().to_owned()), ("space", format!("secrets and addresses: {masked}"))];
    let options = MenuAreas::of(inside).options;
    for (row, (key, what)) in (0..options.height).zip(lines) {
        let mut pen = Pen::at(options, row);
        painter.word(&mut pen, &width::pad_right(key, 7), Role::Hint);
        let (cut, _) = width::ellipsis(&what, pen.room());
        painter.word(&mut pen, &cut, Role::Text);
    }
}
