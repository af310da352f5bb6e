//! The page that searches the library: the query, the hits below their threads, and a preview on wide screens. Only the
//! rows on the screen are drawn.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::library_search::{LibrarySearchPage, SearchRow, areas};
use crate::app::line_editor::LineEditor;
use crate::effect::SearchScope;
use crate::event::FoundMessage;
use crate::search::{Finder, Query};
use crate::text::{Safe, time, width, wrap_styled};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};
use crate::ui::prompt::visible_text;
use crate::ui::{overlay, search};

/// The minimum width of a list that shows times and places.
const MIN_WIDE_LIST_COLUMNS: u16 = 72;
const TIME_COLUMNS: usize = 12;
const PLACE_COLUMNS: usize = 10;

const SEARCH_KEYS: &str = concat!(
    "enter open   esc close   tab span payloads   ctrl-t analysis   ctrl-s save   ↑↓ select   ",
    "words, \"phrases\", -word, role:user, is:negative, app:, since:7d, cost>0.01, re:"
);
const PAYLOAD_KEYS: &str =
    "enter open   esc close   tab messages   ctrl-t analysis   ctrl-s save   ↑↓ select";
const SAVED_KEYS: &str = "enter search   esc close   ctrl-x remove   ↑↓ select";
const NAME_KEYS: &str = "enter save   esc back";

/// Draws the page.
pub fn draw(app: &App, page: &LibrarySearchPage, painter: &mut Painter<'_>) {
    let heading = match page.scope {
        SearchScope::Texts => "Search the library",
        SearchScope::Payloads => "Search span payloads",
    };
    let gap = if page.progress.is_empty() { "" } else { " · " };
    let footer = match (&page.name, page.scope) {
        (Some(_), _) => NAME_KEYS,
        (None, _) if !page.saved.is_empty() => SAVED_KEYS,
        (None, SearchScope::Texts) => SEARCH_KEYS,
        (None, SearchScope::Payloads) => PAYLOAD_KEYS,
    };
    let title = format!("{heading}{gap}{}", page.progress);
    let Some(inside) = overlay::draw(app, painter, &title, footer) else { return };
    match &page.name {
        Some(name) => draw_field("save as › ", name, inside, painter),
        None => draw_field("› ", &page.query, inside, painter),
    }
    let Some(list) = app.overlay_list() else { return };
    if list.len == 0 {
        let text = match (page.is_current, page.is_running) {
            (true, false) => page.message.as_str(),
            (true, true) | (false, _) => "Searching…",
        };
        for (line, y) in wrap_styled(text, usize::from(list.area.width).saturating_sub(2).max(1), Role::Dim)
            .iter()
            .zip(list.area.top()..list.area.bottom())
        {
            painter.write_line(&mut Pen::between(list.area.x + 1, list.area.right(), y), line);
        }
        return;
    }
    for (cells, row) in list.rows() {
        let Some(shown) = page.rows.get(row) else { continue };
        let found = draw_row(app, page, *shown, cells, painter);
        if row == list.selected {
            painter.select(cells, true);
        }
        painter.tint(found, Role::Match);
    }
    draw_preview(app, page, areas(inside).preview, painter);
}

fn draw_field(label: &str, field: &LineEditor, inside: Rect, painter: &mut Painter<'_>) {
    let mut pen = Pen::between(inside.x + 1, inside.right(), inside.y);
    painter.write(&mut pen, label, Role::Hint);
    let (text, cursor) = visible_text(field.text(), field.cursor(), pen.columns_left());
    let (before, _) = width::truncate(&text, cursor);
    painter.write(&mut pen, before, Role::Text);
    painter.write(&mut pen, "▏", Role::Hint);
    painter.write(&mut pen, text.get(before.len()..).unwrap_or_default(), Role::Text);
}

/// Draws a row; returns the cells of its hit.
fn draw_row(
    app: &App,
    page: &LibrarySearchPage,
    row: SearchRow,
    cells: Rect,
    painter: &mut Painter<'_>,
) -> Rect {
    let mut pen = Pen::between(cells.x.saturating_add(1), cells.right(), cells.y);
    match row {
        SearchRow::Thread(index) => {
            if let Some(hit) = page.hits.get(index) {
                draw_thread(hit, painter, &mut pen);
            }
        }
        SearchRow::Saved(index) => {
            if let Some(search) = page.saved.get(index) {
                let (name, query) = (Safe::line(&search.name), Safe::line(&search.query));
                let (cut, _) = width::ellipsize(name.as_str(), pen.columns_left() / 2);
                painter.write(&mut pen, &cut, Role::Heading);
                let (cut, _) = width::ellipsize(query.as_str(), pen.columns_left().saturating_sub(2));
                painter.write(&mut pen, &format!("  {cut}"), Role::Dim);
            }
        }
        SearchRow::Hit(index) => {
            if let Some(hit) = page.hits.get(index) {
                return draw_hit(app, hit, cells, painter, &mut pen);
            }
        }
    }
    Rect::default()
}

/// Draws the title of a thread, and its id where there is room.
fn draw_thread(hit: &FoundMessage, painter: &mut Painter<'_>, pen: &mut Pen) {
    let title = if hit.title.trim().is_empty() { "(no title)" } else { hit.title.trim() };
    let title = Safe::line(title);
    let id = format!("{}:{}", hit.service, hit.thread_id);
    let id = Safe::line(&id);
    let (cut, _) = width::ellipsize(title.as_str(), pen.columns_left());
    painter.write(pen, &cut, Role::Heading);
    if 2 + width::columns(id.as_str()) <= pen.columns_left() {
        painter.write(pen, &format!("  {}", id.as_str()), Role::Dim);
    }
}

/// Draws a hit below its thread; returns the cells of the found word.
fn draw_hit(app: &App, hit: &FoundMessage, cells: Rect, painter: &mut Painter<'_>, pen: &mut Pen) -> Rect {
    painter.write(pen, "  ", Role::Text);
    if cells.width >= MIN_WIDE_LIST_COLUMNS {
        let at = hit.at.map_or_else(String::new, |at| time::short(at, &app.prefs.time_format));
        painter.write(pen, &format!("{} ", width::pad_right(&at, TIME_COLUMNS)), Role::Dim);
        painter.write(pen, &width::pad_right(hit.place, PLACE_COLUMNS), Role::Dim);
    }
    draw_snippet(hit, Role::Text, painter, pen)
}

/// Draws the line around a hit; returns the cells of the found word.
pub fn draw_snippet(hit: &FoundMessage, role: Role, painter: &mut Painter<'_>, pen: &mut Pen) -> Rect {
    let (before, found, after) = (
        hit.snippet.get(..hit.hit.start).unwrap_or_default(),
        hit.snippet.get(hit.hit.clone()).unwrap_or_default(),
        hit.snippet.get(hit.hit.end..).unwrap_or(&hit.snippet),
    );
    let [before, found, after] = [before, found, after].map(Safe::line);
    // The text before the hit is cut at its start, so that the hit stays in view.
    let room = pen.columns_left().saturating_sub(width::columns(found.as_str())).saturating_sub(12);
    let before = last_columns(before.as_str(), room);
    painter.write(pen, &before, role);
    let start = pen.x;
    painter.write(pen, found.as_str(), Role::Text);
    let found = Rect { x: start, y: pen.y, width: pen.x.saturating_sub(start), height: 1 };
    let (after, _) = width::ellipsize(after.as_str(), pen.columns_left());
    painter.write(pen, &after, role);
    found
}

/// Draws the text around the selected hit.
fn draw_preview(app: &App, page: &LibrarySearchPage, area: Rect, painter: &mut Painter<'_>) {
    let Some(hit) = page.selected_hit().filter(|_| !area.is_empty()) else { return };
    for y in area.top()..area.bottom() {
        painter.set_cell(area.x - 1, y, "│", Role::Border);
    }
    let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
    draw_text_around(app, hit, inside, painter);
}

/// Draws the place and the time of a message, and below them the text around its hit, with the hit in the upper half.
pub fn draw_text_around(app: &App, hit: &FoundMessage, inside: Rect, painter: &mut Painter<'_>) {
    let at = hit.at.map_or_else(String::new, |at| format!(" · {}", time::short(at, &app.prefs.time_format)));
    painter.write(&mut Pen::at(inside, 0), &format!("{}{at}", hit.place), Role::Dim);
    let body = Rect { y: inside.y + 2, height: inside.height.saturating_sub(2), ..inside };
    let columns = usize::from(body.width).max(1);
    let lines = wrap_styled(&hit.preview, columns, Role::Text);
    let before = hit.preview.get(..hit.preview_hit.end).unwrap_or_default();
    let line_of_hit = wrap_styled(before, columns, Role::Text).len().saturating_sub(1);
    let height = usize::from(body.height);
    let first = line_of_hit.saturating_sub(height / 3).min(lines.len().saturating_sub(height));
    let found = hit.preview.get(hit.preview_hit.clone()).filter(|found| !found.is_empty());
    let finder = found.and_then(|found| Finder::new(&Query::literal(found)).ok());
    for (line, y) in lines.iter().skip(first).zip(body.top()..body.bottom()) {
        painter.write_line(&mut Pen::between(body.x, body.right(), y), line);
        if let Some(finder) = &finder {
            search::highlight_line(painter, finder, Rect { y, height: 1, ..body });
        }
    }
}

/// Returns the end of a text that fits; `…` marks the cut.
fn last_columns(text: &str, columns: usize) -> String {
    let all = width::columns(text);
    if all <= columns {
        return text.to_owned();
    }
    let hidden = all + 1 - columns.max(1);
    let (mut skipped, used) = width::truncate(text, hidden);
    if used < hidden {
        // The cut would be inside a wide character.
        (skipped, _) = width::truncate(text, hidden + 1);
    }
    format!("…{}", text.get(skipped.len()..).unwrap_or_default())
}
