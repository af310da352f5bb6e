//! The list of the threads that were opened since the start, over the panes.

use crate::app::App;
use crate::app::open_threads::{OpenThreadsPage, VisitedThread};
use crate::text::{Safe, width};
use crate::theme::Role;
use crate::ui::overlay;
use crate::ui::painter::{Painter, Pen};

/// The minimum width of a row with the place.
const MIN_PLACE_COLUMNS: usize = 60;

/// Draws the list.
pub fn draw(app: &App, page: &OpenThreadsPage, painter: &mut Painter<'_>) {
    let inside = overlay::draw(app, painter, "Open threads", "enter go there   esc close");
    let Some(list) = inside.and_then(|_| app.overlay_list()) else { return };
    for (cells, index) in list.rows() {
        let Some(thread) = page.threads.get(index) else { continue };
        let mut pen = Pen::at(cells, 0);
        let is_shown = page.has_shown && index == 0;
        painter.write(&mut pen, if is_shown { " ● " } else { "   " }, Role::Accent);
        draw_thread(thread, painter, &mut pen);
        if index == list.selected {
            painter.select(cells, true);
        }
    }
}

fn draw_thread(thread: &VisitedThread, painter: &mut Painter<'_>, pen: &mut Pen) {
    let service = thread.source.thread().map_or("file", |thread| thread.service);
    let place = if pen.columns_left() < MIN_PLACE_COLUMNS { String::new() } else { thread.place() };
    let texts =
        [(width::pad_left(&place, 16), Role::Text), (width::pad_left(&thread.counts(), 22), Role::Dim)];
    for (text, role) in texts {
        if !text.trim().is_empty() {
            painter.write_right(pen, &format!("  {text}"), role);
        }
    }
    painter.write(pen, &width::pad_right(service, 8), Role::Dim);
    let title = Safe::line(&thread.title);
    let (cut, _) = width::ellipsize(title.as_str(), pen.columns_left());
    painter.write(pen, &cut, Role::Strong);
}
