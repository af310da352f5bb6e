//! The thread box and the threads that drop down below it. The twin of `app/thread_box`.

use ratatui::layout::{Position, Rect};

use crate::app::App;
use crate::effect::{Source, Visit};
use crate::layout::Pane;
use crate::provider;
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::ui::paint::{Painter, Pen};
use crate::ui::{border_role, frame_pane};

/// Rows of the drop-down at most.
const MOST: u16 = 16;

/// Draws the box; returns where the cursor is, if the box has the focus.
pub fn draw(app: &App, painter: &mut Painter<'_>, screen: Rect) -> Option<Position> {
    let area = app.frame().thread_box;
    if !area.is_shown() {
        return None;
    }
    let focused = app.focus == Pane::ThreadBox;
    frame_pane(painter, &area, border_role(app, Pane::ThreadBox));
    if area.has_border() {
        let mut pen = Pen { x: area.outer.x + 2, y: area.outer.y, right: area.outer.right() - 1 };
        painter.word(&mut pen, " Thread ", if focused { Role::TabHere } else { Role::Title });
    }
    let mut pen = Pen::at(area.inner, 0);
    painter.word(&mut pen, if area.has_border() { " " } else { "› " }, Role::Dim);
    if focused {
        meaning(app, painter, &mut pen);
    }
    let start = pen.x;
    let column = text(app, painter, &mut pen, focused);
    if focused {
        drop_down(app, painter, screen);
        let last = area.inner.right().saturating_sub(1);
        return Some(Position::new(start.saturating_add(column).min(last), area.inner.y));
    }
    None
}

/// Writes the text so that the cursor is in view; returns the cursor's column from the start.
fn text(app: &App, painter: &mut Painter<'_>, pen: &mut Pen, focused: bool) -> u16 {
    let typed = app.thread_box.text();
    if typed.is_empty() {
        painter.word(pen, "a thread id, a link, sgp:ID, camelai:ID or a file", Role::Dim);
        return 0;
    }
    let before: String = typed.chars().take(app.thread_box.cursor()).collect();
    let cursor = width::columns(Safe::line(&before).as_str());
    let room = pen.room().saturating_sub(1).max(1);
    let hidden = if focused { cursor.saturating_sub(room) } else { 0 };
    let safe = Safe::line(typed);
    let (skipped, used) = width::truncate(safe.as_str(), hidden);
    let rest = safe.as_str().get(skipped.len()..).unwrap_or_default();
    let role = if app.thread_box.is_untouched() && focused { Role::Dim } else { Role::Text };
    painter.word(pen, rest, role);
    u16::try_from(cursor.saturating_sub(used)).unwrap_or(0)
}

/// What the typed text names, at the right end.
fn meaning(app: &App, painter: &mut Painter<'_>, pen: &mut Pen) {
    if app.thread_box.text().is_empty() || pen.room() < 40 {
        return;
    }
    let (text, role) = match app.thread_box.meaning() {
        Ok(Source::Thread(thread)) => {
            let name = provider::named(thread.service).map_or(thread.service, |provider| provider.name());
            (format!(" {name} thread "), Role::Ok)
        }
        Ok(Source::File(_)) => (" file ".to_owned(), Role::Ok),
        Ok(Source::Stdin) => (" standard input ".to_owned(), Role::Ok),
        Err(_) => (" not a thread ".to_owned(), Role::Warn),
    };
    painter.right(pen, &text, role);
}

/// Where threads drop down below the box; empty if none do.
pub fn drop_area(app: &App, screen: Rect) -> Rect {
    let area = app.frame().thread_box;
    let top = area.below_line();
    let room = screen.bottom().saturating_sub(top + 3).min(MOST);
    let rows = u16::try_from(app.thread_box.suggestions().len()).unwrap_or(MOST).min(room);
    if app.focus != Pane::ThreadBox || rows == 0 || screen.width < 20 {
        return Rect::default();
    }
    Rect::new(area.outer.x + 1, top, area.outer.width.saturating_sub(2), rows + 2)
}

fn drop_down(app: &App, painter: &mut Painter<'_>, screen: Rect) {
    let area = drop_area(app, screen);
    if area.is_empty() {
        return;
    }
    painter.clear(area);
    painter.border(area, Role::Border);
    let rows = area.height - 2;
    let suggestions = app.thread_box.suggestions();
    let chosen = app.thread_box.chosen;
    let first = chosen.map_or(0, |at| (at + 1).saturating_sub(usize::from(rows)));
    for (row, (index, visit)) in (0..rows).zip(suggestions.iter().enumerate().skip(first)) {
        let inside = Rect::new(area.x + 1, area.y + 1 + row, area.width.saturating_sub(2), 1);
        entry(app, painter, inside, visit);
        if chosen == Some(index) {
            painter.tint(inside, Role::Selected);
        }
    }
}

fn entry(app: &App, painter: &mut Painter<'_>, area: Rect, visit: &Visit) {
    let mut pen = Pen::at(area, 0);
    let when = visit.at.map(|at| number::age(at, app.now)).unwrap_or_default();
    let remark = if visit.note.is_empty() { when } else { visit.note.clone() };
    // Three columns at the same places in every row: the title is what people look for.
    let room = pen.room().saturating_sub(4);
    let typed_width = (room * 3 / 10).min(44);
    let title_width = (room * 4 / 10).min(60);
    let column = |painter: &mut Painter<'_>, pen: &mut Pen, text: &str, columns: usize, role| {
        let safe = Safe::line(text);
        let (cut, _) = width::ellipsis(safe.as_str(), columns);
        painter.word(pen, " ", Role::Text);
        painter.word(pen, &width::pad_right(&cut, columns), role);
    };
    if visit.title.trim().is_empty() {
        column(painter, &mut pen, "(no title)", title_width, Role::Dim);
    } else {
        column(painter, &mut pen, &visit.title, title_width, Role::Strong);
    }
    column(painter, &mut pen, &visit.typed, typed_width, Role::Text);
    let rest = pen.room().saturating_sub(2);
    column(painter, &mut pen, &remark, rest, Role::Dim);
}
