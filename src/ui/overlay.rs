//! A page over the panes: cleared, bordered, with a title and a footer.

use ratatui::layout::Rect;

use crate::app::App;
use crate::layout::PaneArea;
use crate::text::{Safe, width};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};

/// Draws the frame of the open page; returns its inside, or `None` if it does not fit. The footer consists of parts
/// separated by three spaces; the last ones are dropped if they do not fit.
pub fn draw(app: &App, painter: &mut Painter<'_>, title: &str, footer: &str) -> Option<Rect> {
    let PaneArea { outer, inner } = app.overlay_area()?;
    painter.clear(outer);
    painter.draw_border(outer, Role::BorderFocus);
    let right = outer.right() - 2;
    let title = format!(" {} ", Safe::line(title).as_str());
    let mut pen = Pen::between(outer.x + 2, right, outer.y);
    let (cut, _) = width::ellipsize(&title, pen.columns_left());
    painter.write(&mut pen, &cut, Role::Title);
    let mut pen = Pen::between(outer.x + 2, right, outer.bottom() - 1);
    for part in footer.split("   ") {
        if width::columns(part) + 2 > pen.columns_left() {
            break;
        }
        painter.write(&mut pen, &format!(" {part} "), Role::Dim);
    }
    Some(inner)
}
