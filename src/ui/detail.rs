//! The detail pane: its border with the tabs, and the current tab.

mod conversation;
mod document;
mod feedback;
mod json_tree;
mod spans;

pub(super) use document::{Gutter, draw_document};

use std::ops::Range;

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::payload::PayloadView;
use crate::app::detail::tab::TabHeader;
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
    let area = app.screen.frame().detail;
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
    if app.shown().shows_conversation() && app.shown().list_len() > 0 {
        return conversation::draw(app, painter, inner);
    }
    let Some(state) = app.shown().message_state() else { return draw_loading(app, painter, inner) };
    let is_focused = app.screen.focus == Pane::Detail;
    match app.detail.tab {
        Tab::Message => draw_document(&state.text, is_focused, Gutter::of(app), painter, inner),
        Tab::Metadata => draw_document(&state.metadata, is_focused, Gutter::of(app), painter, inner),
        Tab::Spans => spans::draw(app, painter, inner),
        Tab::Feedback => feedback::draw(app, painter),
        Tab::Raw => {
            if let Some(tree) = &state.json {
                json_tree::draw(tree, is_focused, active_finder(app), painter, inner);
            }
        }
    }
}

/// Returns the active search.
fn active_finder(app: &App) -> Option<&Finder> {
    app.search.as_ref().map(|search| &search.finder)
}

/// Draws the path of the selected row of a JSON tree, in the border below it.
fn draw_path(app: &App, painter: &mut Painter<'_>, outer: Rect) {
    let tree = match app.detail.tab {
        Tab::Raw => app.shown().message_state().and_then(|state| state.json.as_ref()),
        Tab::Spans => match app.shown().payload() {
            PayloadView::Tree(tree) => Some(tree),
            PayloadView::Formatted(_) | PayloadView::Absent => None,
        },
        Tab::Message | Tab::Feedback | Tab::Metadata => None,
    };
    let Some(tree) = tree else { return };
    let path = json_path(&tree.tree().path(tree.selected));
    let text = format!(" {} ", Safe::line(&path).as_str());
    let y = outer.bottom().saturating_sub(1);
    let mut pen = Pen::between(outer.x + 2, outer.right().saturating_sub(2), y);
    let (cut, _) = width::ellipsize(&text, pen.columns_left());
    painter.write(&mut pen, &cut, Role::Key);
}

/// Draws the tab labels in the border.
fn draw_tabs(app: &App, painter: &mut Painter<'_>, outer: Rect) {
    let mut pen = Pen::between(outer.x + 1, outer.right().saturating_sub(1), outer.y);
    let headers = app.shown().tab_headers(pen.columns_left());
    let is_first = headers.first().is_some_and(|header| Tab::ALL.first() == Some(&header.tab));
    painter.write(&mut pen, if is_first { " " } else { tab::ELLIPSIS }, Role::Border);
    for (index, header) in headers.iter().enumerate() {
        if index > 0 || !is_first {
            painter.write(&mut pen, tab::SEPARATOR, Role::Border);
        }
        let role = if header.tab == app.detail.tab { Role::TabHere } else { Role::Tab };
        painter.write(&mut pen, &header.label, role);
    }
    painter.write(&mut pen, " ", Role::Text);
    if let Some(total) = spans::total_in_title(app) {
        pen.right = pen.right.saturating_sub(1);
        painter.write_right(&mut pen, &format!(" {total} "), Role::Dim);
    }
}

/// Returns the columns of the title that the tabs leave.
fn columns_beside_tabs(app: &App) -> usize {
    let area = app.screen.frame().detail;
    if area.inner.y <= area.outer.y {
        return 0;
    }
    let columns = usize::from(area.outer.width).saturating_sub(2);
    let end = app.shown().tab_headers(columns).last().map_or(0, TabHeader::end_column);
    columns.saturating_sub(end + 1)
}

/// Draws the size and the beginning of a large message while a task prepares it.
fn draw_loading(app: &App, painter: &mut Painter<'_>, inner: Rect) {
    let Some(summary) = app.shown().selected_summary() else {
        if app.list.matching.is_none() && !app.loading.is_active() {
            painter.write(&mut Pen::at(inner, 0), "This thread has no messages.", Role::Dim);
        }
        return;
    };
    let size = number::bytes(summary.raw.len() as u64);
    painter.write(&mut Pen::at(inner, 0), &format!("Loading {size} …"), Role::Dim);
    let bytes = usize::from(inner.width) * usize::from(inner.height) * 4;
    let text = crate::json::decode_prefix(summary.raw.bytes_in(summary.preview), bytes);
    let width = usize::from(inner.width).saturating_sub(2).max(1);
    let lines = crate::text::wrap_styled(&text, width, Role::Text);
    for (row, line) in (1..inner.height).zip(&lines) {
        let mut pen = Pen::at(inner, row);
        painter.write(&mut pen, "▏ ", Role::Dim);
        painter.write_line(&mut pen, line);
    }
}

/// Draws the thumb of a scrollbar at the right edge, unless everything is in view.
fn draw_scrollbar(painter: &mut Painter<'_>, area: Rect, offset: usize, len: usize) {
    let page = usize::from(area.height);
    draw_scrollbar_part(painter, area, offset..offset.saturating_add(page), len);
}

/// Draws the thumb for the visible part of a length `len`, in any unit.
fn draw_scrollbar_part(painter: &mut Painter<'_>, area: Rect, part: Range<usize>, len: usize) {
    let (height, page) = (usize::from(area.height), part.len());
    if len <= page || area.width == 0 {
        return;
    }
    let size = (height * page / len).max(1);
    let last = len - page;
    let top = part.start.min(last) * (height - size.min(height)) / last.max(1);
    for row in top..(top + size).min(height) {
        let y = area.y + u16::try_from(row).unwrap_or(0);
        painter.set_cell(area.right(), y, "┃", Role::BorderFocus);
    }
}
