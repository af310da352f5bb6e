//! The export menu over the panes.

use crate::app::App;
use crate::app::export_menu::{ExportMenu, ExportScope, MenuAreas};
use crate::export::{ExportFormat, Payloads};
use crate::text::width;
use crate::theme::Role;
use crate::ui::overlay;
use crate::ui::painter::{Painter, Pen};

/// Draws the menu.
pub fn draw(app: &App, menu: &ExportMenu, painter: &mut Painter<'_>) {
    let inside = overlay::draw(app, painter, "Export", "enter save   esc cancel");
    let Some((inside, list)) = inside.zip(app.overlay_list()) else { return };
    for (cells, index) in list.rows() {
        let Some(format) = ExportFormat::ALL.get(index) else { continue };
        let mut pen = Pen::between(cells.x + 1, cells.right(), cells.y);
        painter.write_right(&mut pen, &format!("  .{}", format.extension()), Role::Dim);
        let (cut, _) = width::ellipsize(format.title(), pen.columns_left());
        painter.write(&mut pen, &cut, Role::Text);
        if index == list.selected {
            painter.select(cells, true);
        }
    }
    let redact = if menu.redact { "Redact: on" } else { "Redact: off" };
    let payloads = menu.payloads().map_or("no choice", Payloads::title);
    let payloads = format!("Span payloads: {payloads}");
    // The scope of listed threads cannot be changed.
    let key = if menu.scope == ExportScope::ListedThreads { "" } else { "tab" };
    let lines = [(key, menu.scope.title()), ("space", redact), (">", &payloads)];
    let options = MenuAreas::split(inside).options;
    for (row, (key, text)) in (0..options.height).zip(lines) {
        let mut pen = Pen::between(options.x.saturating_add(1), options.right(), options.y + row);
        painter.write(&mut pen, &width::pad_right(key, 7), Role::Hint);
        let (cut, _) = width::ellipsize(text, pen.columns_left());
        painter.write(&mut pen, &cut, Role::Text);
    }
}
