//! The list of web addresses over the panes.

use crate::app::App;
use crate::app::links::{LinkMenu, LinkUse};
use crate::text::{Safe, width};
use crate::theme::Role;
use crate::ui::overlay;
use crate::ui::painter::{Painter, Pen};

/// Draws the list.
pub fn draw(app: &App, menu: &LinkMenu, painter: &mut Painter<'_>) {
    let hint = match menu.usage {
        LinkUse::Copy => "enter copy   esc close",
        LinkUse::Open => "enter open in the browser   esc close",
    };
    let inside = overlay::draw(app, painter, "Links", hint);
    let Some(list) = inside.and_then(|_| app.overlay_list()) else { return };
    for (cells, index) in list.rows() {
        let Some(address) = menu.addresses.get(index) else { continue };
        // The column before is for the marker of the selection.
        let mut pen = Pen::between(cells.x.saturating_add(1), cells.right(), cells.y);
        let columns = pen.columns_left();
        let safe = Safe::line(address);
        let (cut, _) = width::ellipsize(safe.as_str(), columns);
        painter.write(&mut pen, &width::pad_right(&cut, columns), Role::Link);
        if index == list.selected {
            painter.select(cells, true);
        }
    }
}
