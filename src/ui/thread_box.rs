//! The thread box and the threads that drop down below it. The twin of `app/thread_box`.

use ratatui::layout::{Position, Rect};

use crate::app::App;
use crate::app::thread_box::DropDown;
use crate::domain::{RecentThread, Source};
use crate::layout::Pane;
use crate::provider;
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};
use crate::ui::{border_role, draw_pane_border};

/// Draws the box; returns where the cursor is, if the box has the focus.
pub fn draw(app: &App, drop: Option<&DropDown<'_>>, painter: &mut Painter<'_>) -> Option<Position> {
    let area = app.frame().thread_box;
    if !area.is_shown() {
        return None;
    }
    let focused = app.focus == Pane::ThreadBox;
    draw_pane_border(painter, &area, border_role(app, Pane::ThreadBox));
    if area.has_border() {
        let mut pen = Pen::between(area.outer.x + 2, area.outer.right() - 1, area.outer.y);
        painter.write(&mut pen, " Thread ", if focused { Role::TabHere } else { Role::Title });
    }
    let mut pen = Pen::at(area.inner, 0);
    painter.write(&mut pen, if area.has_border() { " " } else { "› " }, Role::Dim);
    if focused {
        draw_source_kind(app, painter, &mut pen);
    }
    let start = pen.x;
    let column = draw_input(app, painter, &mut pen, focused);
    if focused {
        if let Some(drop) = drop {
            draw_drop_down(app, drop, painter);
        }
        let last = area.inner.right().saturating_sub(1);
        return Some(Position::new(start.saturating_add(column).min(last), area.inner.y));
    }
    None
}

/// Writes the text so that the cursor is in view; returns the cursor's column from the start.
fn draw_input(app: &App, painter: &mut Painter<'_>, pen: &mut Pen, focused: bool) -> u16 {
    let typed = app.thread_box.text();
    if typed.is_empty() {
        let hint = format!("a thread id, a link, a file, {}", provider::id_forms());
        painter.write(pen, &hint, Role::Dim);
        return 0;
    }
    let before: String = typed.chars().take(app.thread_box.cursor()).collect();
    let cursor = width::columns(Safe::line(&before).as_str());
    let room = pen.columns_left().saturating_sub(1).max(1);
    let hidden = if focused { cursor.saturating_sub(room) } else { 0 };
    let safe = Safe::line(typed);
    let (skipped, used) = width::truncate(safe.as_str(), hidden);
    let rest = safe.as_str().get(skipped.len()..).unwrap_or_default();
    let role = if app.thread_box.is_pristine() && focused { Role::Dim } else { Role::Text };
    painter.write(pen, rest, role);
    u16::try_from(cursor.saturating_sub(used)).unwrap_or(0)
}

/// What the typed text names, at the right end.
fn draw_source_kind(app: &App, painter: &mut Painter<'_>, pen: &mut Pen) {
    if app.thread_box.text().is_empty() || pen.columns_left() < 40 {
        return;
    }
    let (text, role) = match app.thread_box.parse() {
        Ok(Source::Thread(thread)) => {
            let name =
                provider::by_id(thread.service).map_or(thread.service, |provider| provider.display_name());
            (format!(" {name} thread "), Role::Ok)
        }
        Ok(Source::File(_)) => (" file ".to_owned(), Role::Ok),
        Ok(Source::Stdin) => (" standard input ".to_owned(), Role::Ok),
        Err(_) => (" not a thread ".to_owned(), Role::Warn),
    };
    painter.write_right(pen, &text, role);
}

fn draw_drop_down(app: &App, drop: &DropDown<'_>, painter: &mut Painter<'_>) {
    let area = drop.area;
    painter.clear(area);
    painter.draw_border(area, Role::Border);
    let columns = Columns::fit(app, &drop.rows, usize::from(area.width.saturating_sub(2)));
    for (row, (index, visit)) in (0..area.height - 2).zip(&drop.rows) {
        let inside = Rect::new(area.x + 1, area.y + 1 + row, area.width.saturating_sub(2), 1);
        draw_entry(app, painter, inside, visit, columns);
        if drop.highlighted == Some(*index) {
            painter.tint(inside, Role::Selected);
        }
    }
}

/// The widths of a row's columns, the same for every row in view: the title is what people look for, and gets what it
/// needs; what was typed for it follows where there is room for an id; the rest is the age or the remark.
#[derive(Clone, Copy)]
struct Columns {
    title: usize,
    input: usize,
}

impl Columns {
    fn fit(app: &App, seen: &[(usize, &RecentThread)], room: usize) -> Self {
        let columns = |text: &str| width::columns(Safe::line(text).as_str());
        let widest = |of: fn(&RecentThread) -> &str| {
            seen.iter().map(|(_, visit)| columns(of(visit))).max().unwrap_or(0)
        };
        let remark = seen.iter().map(|(_, visit)| columns(&note_text(app, visit))).max().unwrap_or(0);
        let narrow = room < MIN_INPUT_COLUMNS;
        let most = if narrow { room.saturating_sub(remark + 4).max(room * 2 / 5) } else { room * 2 / 5 };
        let title = widest(if narrow { title_or_input } else { title_of }).min(most).max(8);
        let left = room.saturating_sub(title + remark + 6).max(room * 3 / 10);
        let typed = if narrow { 0 } else { widest(|visit| &visit.input).min(left) };
        Self { title, input: typed }
    }
}

/// Below so many columns a row is its title and its remark alone.
const MIN_INPUT_COLUMNS: usize = 60;

const UNTITLED: &str = "(no title)";

fn title_of(visit: &RecentThread) -> &str {
    if visit.title.trim().is_empty() { UNTITLED } else { &visit.title }
}

/// Where what is typed has no column of its own, a thread without a title goes by that.
fn title_or_input(visit: &RecentThread) -> &str {
    if visit.title.trim().is_empty() { &visit.input } else { &visit.title }
}

/// When it was opened and by which profile, if by another than now, or what is to be said of it.
fn note_text(app: &App, visit: &RecentThread) -> String {
    if !visit.note.is_empty() {
        return visit.note.clone();
    }
    let age = visit.opened_at.map(|at| number::age(at, app.now)).unwrap_or_default();
    match visit.profile.as_deref() {
        Some(profile) if app.prefs.profiles.active_profile(&visit.service) != Some(profile) => {
            format!("{age}, {profile}")
        }
        _ => age,
    }
}

fn draw_entry(app: &App, painter: &mut Painter<'_>, area: Rect, visit: &RecentThread, columns: Columns) {
    let mut pen = Pen::at(area, 0);
    let mut column = |text: &str, columns: usize, role| {
        let safe = Safe::line(text);
        let (cut, _) = width::ellipsize(safe.as_str(), columns);
        painter.write(&mut pen, " ", Role::Text);
        painter.write(&mut pen, &width::pad_right(&cut, columns), role);
        painter.write(&mut pen, " ", Role::Text);
        pen.columns_left()
    };
    let role = if visit.title.trim().is_empty() { Role::Dim } else { Role::Strong };
    let rest = if columns.input == 0 {
        column(title_or_input(visit), columns.title, role)
    } else {
        column(title_of(visit), columns.title, role);
        column(&visit.input, columns.input, Role::Text)
    };
    column(&note_text(app, visit), rest.saturating_sub(2), Role::Dim);
}
