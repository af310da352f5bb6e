//! A page over the panes: cleared, bordered, with a title and a footer.

use ratatui::layout::Rect;

use crate::text::{Safe, width};
use crate::theme::Role;
use crate::ui::paint::{Painter, Pen};

/// Draws the frame of a page; returns its inside, or nothing if there is no room.
pub fn frame(
    painter: &mut Painter<'_>,
    screen: Rect,
    most_columns: u16,
    title: &str,
    footer: &str,
) -> Option<Rect> {
    let columns = screen.width.min(most_columns);
    let rows = screen.height.saturating_sub(2);
    if columns < 4 || rows < 3 {
        return None;
    }
    let area = Rect::new((screen.width - columns) / 2, 1, columns, rows);
    painter.clear(area);
    painter.border(area, Role::BorderFocus);
    let right = area.right() - 1;
    let title = format!(" {} ", Safe::line(title).as_str());
    let (cut, _) = width::ellipsis(&title, usize::from(columns.saturating_sub(4)));
    painter.word(&mut Pen { x: area.x + 2, y: area.y, right }, &cut, Role::Title);
    painter.word(&mut Pen { x: area.x + 2, y: area.bottom() - 1, right }, footer, Role::Dim);
    Some(Rect::new(area.x + 2, area.y + 1, columns - 4, rows - 2))
}
