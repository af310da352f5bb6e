//! The detail pane: its border with the tabs, and the tab in front. The twin of `app/detail`.

mod feedback;
mod spans;
mod text;
mod tree;

pub(super) use text::document_rows;

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::payload::view::PayloadView;
use crate::app::detail::{Tab, tab};
use crate::json::tree::json_path;
use crate::layout::Pane;
use crate::search::Finder;
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::ui::paint::{Painter, Pen};
use crate::ui::{border_role, frame_pane};

/// Draws the pane.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let area = app.frame().detail;
    if !area.is_shown() {
        return;
    }
    frame_pane(painter, &area, border_role(app, Pane::Detail));
    if area.inner.y > area.outer.y {
        tabs(app, painter, area.outer);
    }
    let inner = area.inner;
    if inner.is_empty() {
        return;
    }
    if area.has_border() {
        path(app, painter, area.outer);
    }
    if app.shown().is_none() {
        waiting(app, painter, inner);
        return;
    }
    match app.detail.tab {
        Tab::Message | Tab::Metadata => text::draw(app, painter, inner),
        Tab::Spans => spans::draw(app, painter, inner),
        Tab::Feedback => feedback::draw(app, painter),
        Tab::Raw => {
            if let Some(view) = app.shown().and_then(|shown| shown.json.as_ref()) {
                tree::draw(view, app.focus == Pane::Detail, finder(app), painter, inner);
            }
        }
    }
}

/// What is searched for.
fn finder(app: &App) -> Option<&Finder> {
    app.find.as_ref().map(|find| &find.finder)
}

/// The way to the selected row of a JSON tree, in the border below it.
fn path(app: &App, painter: &mut Painter<'_>, outer: Rect) {
    let view = match app.detail.tab {
        Tab::Raw => app.shown().and_then(|shown| shown.json.as_ref()),
        Tab::Spans => match app.payload_view() {
            PayloadView::Tree(tree) => Some(tree),
            PayloadView::Reading { .. } | PayloadView::Nothing => None,
        },
        Tab::Message | Tab::Feedback | Tab::Metadata => None,
    };
    let Some(view) = view else { return };
    let path = json_path(&view.tree().path(view.selected));
    let text = format!(" {} ", Safe::line(&path).as_str());
    let y = outer.bottom().saturating_sub(1);
    let mut pen = Pen::between(outer.x + 2, outer.right().saturating_sub(2), y);
    let (cut, _) = width::ellipsis(&text, pen.room());
    painter.word(&mut pen, &cut, Role::Key);
}

/// The tab names in the border.
fn tabs(app: &App, painter: &mut Painter<'_>, outer: Rect) {
    let mut pen = Pen::between(outer.x + 1, outer.right().saturating_sub(1), outer.y);
    let places = app.tab_places(pen.room());
    let is_first = places.first().is_some_and(|place| place.tab == Tab::Message);
    painter.word(&mut pen, if is_first { " " } else { tab::MORE }, Role::Border);
    for (index, place) in places.iter().enumerate() {
        if index > 0 || !is_first {
            painter.word(&mut pen, tab::BETWEEN, Role::Border);
        }
        let role = if place.tab == app.detail.tab { Role::TabHere } else { Role::Tab };
        painter.word(&mut pen, &place.label, role);
    }
    painter.word(&mut pen, " ", Role::Text);
}

/// While a task reads a large message: its size, and the beginning of its text at once.
fn waiting(app: &App, painter: &mut Painter<'_>, inner: Rect) {
    let Some(head) = app.selected_head() else {
        if app.list.visible.is_none() && !app.loading.is_active() {
            painter.word(&mut Pen::at(inner, 0), "nothing was said in this thread", Role::Dim);
        }
        return;
    };
    let size = number::bytes(head.raw.len() as u64);
    painter.word(&mut Pen::at(inner, 0), &format!("reading {size} …"), Role::Dim);
    let bytes = usize::from(inner.width) * usize::from(inner.height) * 4;
    let text = crate::json::decode_prefix(head.raw.piece(head.preview), bytes);
    let width = usize::from(inner.width).saturating_sub(2).max(1);
    let lines = crate::text::plain(&text, width, Role::Text);
    for (row, line) in (1..inner.height).zip(&lines) {
        let mut pen = Pen::at(inner, row);
        painter.word(&mut pen, "▏ ", Role::Dim);
        painter.line(&mut pen, line);
    }
}

/// A thumb at the right edge that tells where the window is; nothing if all is in view.
fn scroll_mark(painter: &mut Painter<'_>, area: Rect, offset: usize, len: usize) {
    let page = usize::from(area.height);
    if len <= page || area.width == 0 {
        return;
    }
    let size = (page * page / len).max(1);
    let top = offset.min(len - page) * (page - size.min(page)) / (len - page).max(1);
    for row in top..(top + size).min(page) {
        let y = area.y + u16::try_from(row).unwrap_or(0);
        painter.cell(area.right(), y, "┃", Role::BorderFocus);
    }
}
