//! The export menu over the panes. The twin of `app/exporting`.

use crate::app::App;
use crate::app::export_menu::{ExportMenu, MenuAreas};
use crate::export::ExportFormat;
use crate::text::width;
use crate::theme::Role;
use crate::ui::overlay;
use crate::ui::painter::{Painter, Pen};

/// Draws the menu.
pub fn draw(app: &App, menu: &ExportMenu, painter: &mut Painter<'_>) {
    let framed = overlay::draw(app, painter, "Export", "enter writes   esc closes");
    let Some((inside, chooser)) = framed.zip(app.overlay_list()) else { return };
    for (cells, index) in chooser.rows() {
        let Some(format) = ExportFormat::ALL.get(index) else { continue };
        let mut pen = Pen::at(cells, 0);
        painter.write_right(&mut pen, &format!("  .{}", format.extension()), Role::Dim);
        let (cut, _) = width::ellipsize(format.title(), pen.columns_left());
        painter.write(&mut pen, &cut, Role::Text);
        if index == chooser.selected {
            painter.tint(cells, Role::Selected);
        }
    }
    let masked = if menu.redact { "masked" } else { "kept" };
    let lines =
        [("tab", menu.scope.title().to_owned()), ("space", format!("secrets and addresses: {masked}"))];
    let options = MenuAreas::split(inside).options;
    for (row, (key, what)) in (0..options.height).zip(lines) {
        let mut pen = Pen::at(options, row);
        painter.write(&mut pen, &width::pad_right(key, 7), Role::Hint);
        let (cut, _) = width::ellipsize(&what, pen.columns_left());
        painter.write(&mut pen, &cut, Role::Text);
    }
}
