//! The page of all hits: message, speaker, part and the text around each hit. Only the rows on the screen are drawn.

use crate::app::App;
use crate::app::results::ResultsPage;
use crate::layout::Rect;
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};
use crate::ui::{overlay, search};
use crate::view::message::role_style;

/// The maximum width of the part of a message; narrow pages omit this column.
const MAX_PART_COLUMNS: usize = 32;
const MIN_PART_PAGE_COLUMNS: u16 = 60;

/// The columns of the speaker and a space.
const ROLE_COLUMNS: usize = 10;

/// Draws the page.
pub fn draw(app: &App, page: &ResultsPage, painter: &mut Painter<'_>) {
    let Some(search) = &app.search else { return };
    let number = (page.selected + 1).min(page.len);
    let progress = if search.is_done() { "" } else { ", searching…" };
    let hidden = app.list.filter.as_ref().filter(|_| page.hidden > 0).map(|filter| {
        format!(" · {} hidden by the filter {}", number::count(page.hidden), filter.expression())
    });
    let (typed, hidden) = (&search.typed, hidden.unwrap_or_default());
    let title = format!("Hits /{typed} · {number} of {}{progress}{hidden}", page.len);
    let footer = "enter go to the hit   f filter   esc close";
    let Some(inside) = overlay::draw(app, painter, &title, footer) else { return };
    if page.len == 0 {
        painter.write(&mut Pen::at(inside, 0), "No hits in the messages that match the filter", Role::Dim);
    }
    let Some(list) = app.overlay_list() else { return };
    let numbers = app.loading.shown_thread().map_or(0, |thread| thread.summaries.len());
    let numbers = numbers.max(1).ilog10() as usize + 1;
    let parts = if inside.width < MIN_PART_PAGE_COLUMNS {
        0
    } else {
        MAX_PART_COLUMNS.min(usize::from(inside.width) / 3)
    };
    let roles = if parts > 0 { ROLE_COLUMNS } else { 0 };
    for (cells, row) in list.rows() {
        let Some((index, hit)) = page.message_at(row) else { continue };
        let mut pen = Pen::between(cells.x.saturating_add(1), cells.right(), cells.y);
        // Only the first visible row of a message has its number.
        if hit == 0 || row == list.offset {
            draw_message(app, index, (numbers, roles), painter, &mut pen);
        } else {
            painter.write(&mut pen, &" ".repeat(numbers + 1 + roles), Role::Text);
        }
        let Some(line) = page.line(row) else {
            painter.write(&mut pen, "…", Role::Dim);
            continue;
        };
        if parts > 0 {
            let part = Safe::line(&line.part);
            let (cut, _) = width::ellipsize(part.as_str(), parts);
            painter.write(&mut pen, &format!("{} ", width::pad_right(&cut, parts)), Role::Dim);
        }
        if line.offset.is_none() {
            painter.write(&mut pen, "only in the displayed text", Role::Dim);
        }
        let text = Safe::line(&line.text);
        let hit = search.finder.text_hits(text.as_str(), 1).into_iter().next().unwrap_or(0..0);
        let cut = width::excerpt(text.as_str(), hit, pen.columns_left());
        let area = Rect { x: pen.x, width: cells.right().saturating_sub(pen.x), ..cells };
        painter.write(&mut pen, &cut, Role::Text);
        if row == list.selected {
            painter.select(cells, true);
        }
        search::highlight_line(painter, &search.finder, area);
    }
}

fn draw_message(
    app: &App,
    index: u32,
    (numbers, roles): (usize, usize),
    painter: &mut Painter<'_>,
    pen: &mut Pen,
) {
    let number = width::pad_left(&(index as usize + 1).to_string(), numbers);
    painter.write(pen, &format!("{number} "), Role::Dim);
    let summary = app.loading.shown_thread().and_then(|thread| thread.summaries.get(index as usize));
    if let Some(role) = summary.map(|summary| summary.role).filter(|_| roles > 0) {
        painter.write(pen, &width::pad_right(role.as_str(), roles), role_style(role));
    }
}
