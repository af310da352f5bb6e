//! The page that searches the library: the query, and a line for each hit. Only the rows on the screen are drawn.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::library_search::LibrarySearchPage;
use crate::event::FoundMessage;
use crate::text::{Safe, time, width};
use crate::theme::Role;
use crate::ui::overlay;
use crate::ui::painter::{Painter, Pen};

/// The widest title; narrow pages leave the times and the places out.
const MAX_TITLE_COLUMNS: usize = 32;
const MIN_WIDE_PAGE_COLUMNS: u16 = 80;
const PLACE_COLUMNS: usize = 10;

/// Draws the page.
pub fn draw(app: &App, page: &LibrarySearchPage, painter: &mut Painter<'_>) {
    let count = match page.hits.len() {
        0 => String::new(),
        len => format!(" · {} of {len}", (page.selected + 1).min(len)),
    };
    let title = format!("Search the library{count}");
    let footer =
        "enter open   esc close   ↑↓ select   words, \"phrases\", role:user, is:negative, app:, since:7d";
    let Some(inside) = overlay::draw(app, painter, &title, footer) else { return };
    draw_query(page, inside, painter);
    let Some(list) = app.overlay_list() else { return };
    if list.len == 0 {
        let mut pen = Pen::between(list.area.x + 1, list.area.right(), list.area.y);
        let text = if page.is_current { page.message.as_str() } else { "Searching…" };
        let text = Safe::line(text);
        let (cut, _) = width::ellipsize(text.as_str(), pen.columns_left());
        painter.write(&mut pen, &cut, Role::Dim);
        return;
    }
    for (cells, row) in list.rows() {
        let Some(hit) = page.hits.get(row) else { continue };
        let is_same_thread =
            |other: &FoundMessage| (&other.service, &other.thread_id) == (&hit.service, &hit.thread_id);
        let is_first = row == list.offset
            || row
                .checked_sub(1)
                .and_then(|row| page.hits.get(row))
                .is_none_or(|other| !is_same_thread(other));
        let found = draw_hit(app, hit, is_first, cells, painter);
        if row == list.selected {
            painter.select(cells, true);
        }
        painter.tint(found, Role::Match);
    }
}

fn draw_query(page: &LibrarySearchPage, inside: Rect, painter: &mut Painter<'_>) {
    let mut pen = Pen::between(inside.x + 1, inside.right(), inside.y);
    painter.write(&mut pen, "› ", Role::Hint);
    let text = Safe::line(page.query.text());
    let (cut, _) = width::ellipsize(text.as_str(), pen.columns_left().saturating_sub(1));
    painter.write(&mut pen, &cut, Role::Text);
    painter.write(&mut pen, "▏", Role::Hint);
}

/// Draws a row; returns the cells of its hit.
fn draw_hit(app: &App, hit: &FoundMessage, is_first: bool, cells: Rect, painter: &mut Painter<'_>) -> Rect {
    let mut pen = Pen::between(cells.x.saturating_add(1), cells.right(), cells.y);
    let is_wide = cells.width >= MIN_WIDE_PAGE_COLUMNS;
    let title_columns = MAX_TITLE_COLUMNS.min(usize::from(cells.width) / 3);
    let title = if hit.title.trim().is_empty() { "(no title)" } else { hit.title.trim() };
    let title = Safe::line(title);
    let (cut, _) = width::ellipsize(title.as_str(), title_columns);
    // A thread is named in its first row in view.
    let title = if is_first { cut.to_string() } else { String::new() };
    painter.write(&mut pen, &format!("{} ", width::pad_right(&title, title_columns)), Role::Heading);
    if is_wide {
        let at = hit.at.map_or_else(String::new, |at| time::short(at, &app.prefs.time_format));
        painter.write(&mut pen, &format!("{} ", width::pad_right(&at, 11)), Role::Dim);
        painter.write(&mut pen, &width::pad_right(hit.place, PLACE_COLUMNS), Role::Dim);
    }
    let (before, found, after) = (
        hit.snippet.get(..hit.hit.start).unwrap_or_default(),
        hit.snippet.get(hit.hit.clone()).unwrap_or_default(),
        hit.snippet.get(hit.hit.end..).unwrap_or(&hit.snippet),
    );
    let [before, found, after] = [before, found, after].map(Safe::line);
    // The hit stays in view: the text before it is cut at its start.
    let room = pen.columns_left().saturating_sub(width::columns(found.as_str())).saturating_sub(12);
    let before = last_columns(before.as_str(), room);
    painter.write(&mut pen, &before, Role::Text);
    let start = pen.x;
    painter.write(&mut pen, found.as_str(), Role::Text);
    let found = Rect { x: start, width: pen.x.saturating_sub(start), ..cells };
    let (after, _) = width::ellipsize(after.as_str(), pen.columns_left());
    painter.write(&mut pen, &after, Role::Text);
    found
}

/// The end of a text that fits, with a sign for what is cut.
fn last_columns(text: &str, columns: usize) -> String {
    if width::columns(text) <= columns {
        return text.to_owned();
    }
    let mut kept = text;
    while width::columns(kept) >= columns.max(1) {
        let mut chars = kept.chars();
        if chars.next().is_none() {
            break;
        }
        kept = chars.as_str();
    }
    format!("…{kept}")
}
