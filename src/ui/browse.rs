//! The page that lists an account's threads. Only the rows on the screen are drawn.

mod found;
mod preview;
mod rows;
mod state;
mod tree;

use ratatui::layout::Rect;

use crate::app::App;
use crate::text::{Safe, width};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};
use crate::view::thread_table::{ThreadGroup, beginning};

/// Draws the page.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let context = app.browse_context();
    let areas = app.browse.areas(&context);
    draw_title(app, painter, areas.title);
    state::draw_summary(app, painter, areas.summary);
    tree::draw(app, painter);
    draw_divider(painter, areas.divider);
    let has_rows = app.browse.list().is_some_and(|list| list.item_count() > 0);
    if has_rows {
        rows::draw_headings(app, painter, areas.headings);
        rows::draw(app, painter);
        draw_divider(painter, areas.preview_divider);
        preview::draw(app, painter, areas.preview);
    } else {
        state::draw_empty(app, painter, areas.headings.union(areas.rows));
    }
    for (row, line) in (0..areas.footer.height).zip(app.browse.footer(&context)) {
        painter.write_line(
            &mut Pen::between(areas.footer.x + 1, areas.footer.right(), areas.footer.y + row),
            &line,
        );
    }
}

/// Draws the page's name and the path of the group: `Threads  Scale SGP › Support › RAG v3`; at the right, the filter.
fn draw_title(app: &App, painter: &mut Painter<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let mut pen = Pen::at(area, 0);
    painter.write(&mut pen, " Threads", Role::Accent);
    painter.write(&mut pen, "  ", Role::Text);
    if let Some(list) = app.browse.list() {
        let words = Safe::line(&list.narrowing);
        if !list.narrowing.is_empty() {
            let (cut, _) = width::ellipsize(words.as_str(), pen.columns_left() / 3);
            painter.write_right(&mut pen, &format!(" /{cut} "), Role::Accent);
        }
        if let Some(filter) = &list.filter {
            let expression = Safe::line(filter.expression());
            let (cut, _) = width::ellipsize(expression.as_str(), pen.columns_left() / 2);
            painter.write_right(&mut pen, &format!("{cut} "), Role::Accent);
            painter.write_right(&mut pen, " filter ", Role::Dim);
        }
    }
    let path = app.browse.breadcrumb();
    for (at, node) in path.iter().enumerate() {
        if at > 0 {
            painter.write(&mut pen, " › ", Role::Dim);
        }
        let label = Safe::line(beginning(&node.label));
        let is_last = at + 1 == path.len();
        let columns = if is_last { pen.columns_left() } else { pen.columns_left() / 2 };
        let (cut, _) = width::ellipsize(label.as_str(), columns);
        painter.write(&mut pen, &cut, if is_last { Role::Strong } else { Role::Text });
    }
    if path.last().is_some_and(|node| node.group == ThreadGroup::All) {
        painter.write(&mut pen, " › ", Role::Dim);
        painter.write(&mut pen, "all threads", Role::Text);
    }
}

fn draw_divider(painter: &mut Painter<'_>, area: Rect) {
    for y in area.top()..area.bottom() {
        if area.width > 0 {
            painter.set_cell(area.x, y, "│", Role::Border);
        }
    }
}
