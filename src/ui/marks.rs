//! Marks on what a search found, wherever it stands on the screen: laid over cells that are painted already, so that
//! every pane shows them alike.

use ratatui::layout::Rect;

use crate::app::App;
use crate::search::Finder;
use crate::theme::Role;
use crate::ui::paint::Painter;

/// Hits marked in one line at most.
const MOST: usize = 50;

/// Marks the hits in both panes.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let Some(find) = &app.find else { return };
    let frame = app.frame();
    for area in [frame.messages.inner, frame.detail.inner] {
        for y in area.top()..area.bottom() {
            line(painter, &find.finder, Rect { y, height: 1, ..area });
        }
    }
}

/// Marks the hits in one line of an area.
pub fn line(painter: &mut Painter<'_>, finder: &Finder, area: Rect) {
    let (text, columns) = painter.row_text(area);
    for hit in finder.text_hits(&text, MOST) {
        let ends = columns.get(hit.start).zip(columns.get(hit.end.saturating_sub(1)));
        if let Some((first, last)) = ends {
            painter.tint(Rect { x: *first, width: last - first + 1, ..area }, Role::Match);
        }
    }
}
