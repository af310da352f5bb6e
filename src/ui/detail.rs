//! The detail pane: its border with the tabs, and the tab in front. The twin of `app/detail`.

mod feedback;
mod json_tree;
mod message;
mod spans;

pub(super) use message::draw_document;

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::payload::PayloadView;
use crate::app::detail::{Tab, tab};
use crate::json::tree::json_path;
use crate::layout::Pane;
use crate::search::Finder;
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};
use crate::ui::{border_role, draw_pane_border};

/// Draws the pane.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let area = app.frame().detail;
    if !area.is_shown() {
        return;
    }
    draw_pane_border(painter, &area, border_role(app, Pane::Detail));
    if area.inner.y > area.outer.y {
        draw_tabs(app, painter, area.outer);
    }
    let inner = area.inner;
    if inner.is_empty() {
        return;
    }
    if area.has_border() {
        draw_path(app, painter, area.outer);
    }
    if app.message_state().is_none() {
        draw_loading(app, painter, inner);
        return;
    }
    match app.detail.tab {
        Tab::Message | Tab::Metadata => message::draw(app, painter, inner),
        Tab::Spans => spans::draw(app, painter, inner),
        Tab::Feedback => feedback::draw(app, painter),
        Tab::Raw => {
            if let Some(view) = app.message_state().and_then(|shown| shown.json.as_ref()) {
                json_tree::draw(view, app.focus == Pane::Detail, active_finder(app), painter, inner);
            }
        }
    }
}

/// What is searched for.
fn active_finder(app: &App) -> Option<&Finder> {
    app.search.as_ref().map(|find| &find.finder)
}

/// The way to the selected row of a JSON tree, in the border below it.
fn draw_path(app: &App, painter: &mut Painter<'_>, outer: Rect) {
    let view = match app.detail.tab {
        Tab::Raw => app.message_state().and_then(|shown| shown.json.as_ref()),
        Tab::Spans => match app.payload_view() {
            PayloadView::Tree(tree) => Some(tree),
            PayloadView::Formatted { .. } | PayloadView::Absent => None,
        },
        Tab::Message | Tab::Feedback | Tab::Metadata => None,
    };
    let Some(view) = view else { return };
    let path = json_path(&view.tree().path(view.selected));
    let text = format!(" {} ", Safe::line(&path).as_str());
    let y = outer.bottom().saturating_sub(1);
    let mut pen = Pen::between(outer.x + 2, outer.right().saturating_sub(2), y);
    let (cut, _) = width::ellipsize(&text, pen.columns_left());
    painter.write(&mut pen, &cut, Role::Key);
}

/// The tab names in the border.
fn draw_tabs(app: &App, painter: &mut Painter<'_>, outer: Rect) {
    let mut pen = Pen::between(outer.x + 1, outer.right().saturating_sub(1), outer.y);
    let places = app.tab_headers(pen.columns_left());
    let is_first = places.first().is_some_and(|place| place.tab == Tab::Message);
    painter.write(&mut pen, if is_first { " " } else { tab::ELLIPSIS }, Role::Border);
    for (index, place) in places.iter().enumerate() {
        if index > 0 || !is_first {
            painter.write(&mut pen, tab::SEPARATOR, Role::Border);
        }
        let role = if place.tab == app.detail.tab { Role::TabHere } else { Role::Tab };
        painter.write(&mut pen, &place.label, role);
    }
    painter.write(&mut pen, " ", Role::Text);
}

/// While a task reads a large message: its size, and the beginning of its text at once.
fn draw_loading(app: &App, painter: &mut Painter<'_>, inner: Rect) {
    let Some(head) = app.selected_summary() else {
        if app.list.visible.is_none() && !app.loading.is_active() {
            painter.write(&mut Pen::at(inner, 0), "nothing was said in this thread", Role::Dim);
        }
        return;
    };
    let size = number::bytes(head.raw.len() as u64);
    painter.write(&mut Pen::at(inner, 0), &format!("reading {size} …"), Role::Dim);
    let bytes = usize::from(inner.width) * usize::from(inner.height) * 4;
    let text = crate::json::decode_prefix(head.raw.bytes_in(head.preview), bytes);
    let width = usize::from(inner.width).saturating_sub(2).max(1);
    let lines = crate::text::wrap_styled(&text, width, Role::Text);
    for (row, line) in (1..inner.height).zip(&lines) {
        let mut pen = Pen::at(inner, row);
        painter.write(&mut pen, "▏ ", Role::Dim);
        painter.write_line(&mut pen, line);
    }
}

/// A thumb at the right edge that tells where the window is; nothing if all is in view.
fn draw_scrollbar(painter: &mut Painter<'_>, area: Rect, offset: usize, len: usize) {
    let page = usize::from(area.height);
    if len <= page || area.width == 0 {
        return;
    }
    let size = (page * page / len).max(1);
    let top = offset.min(len - page) * (page - size.min(page)) / (len - page).max(1);
    for row in top..(top + size).min(page) {
        let y = area.y + u16::try_from(row).unwrap_or(0);
        painter.set_cell(area.right(), y, "┃", Role::BorderFocus);
    }
}
