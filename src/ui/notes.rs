//! The page of all notes: thread, day, text and subject of each note. Only the rows on the screen are drawn.

use crate::app::App;
use crate::app::notes::NotesPage;
use crate::domain::ListedNote;
use crate::text::{Safe, number, time, width};
use crate::theme::Role;
use crate::ui::overlay;
use crate::ui::painter::{Painter, Pen};

/// The maximum width of a title; narrow pages omit the days.
const MAX_TITLE_COLUMNS: usize = 32;
const MIN_WIDE_PAGE_COLUMNS: u16 = 80;
const DAY_COLUMNS: usize = 11;

/// Draws the page.
pub fn draw(app: &App, page: &NotesPage, painter: &mut Painter<'_>) {
    let title = match page.notes.len() {
        0 => "Notes".to_owned(),
        len => format!("Notes · {} of {}", (page.selected + 1).min(len), number::count(len)),
    };
    let inside = overlay::draw(app, painter, &title, "enter go there   esc close");
    let Some(list) = inside.and_then(|_| app.overlay_list()) else { return };
    if list.len == 0 {
        let mut pen = Pen::between(list.area.x + 1, list.area.right(), list.area.y);
        let (text, role) = match (page.is_loaded, page.problem.as_str()) {
            (false, _) => (Safe::line("Loading…"), Role::Dim),
            (true, "") => (Safe::line("No notes yet; press a on a message or a span"), Role::Dim),
            (true, problem) => (Safe::line(problem), Role::Error),
        };
        return painter.write(&mut pen, &text, role);
    }
    for (cells, row) in list.rows() {
        let Some(note) = page.notes.get(row) else { continue };
        let is_same = |other: &ListedNote| {
            (&other.service, &other.account, &other.thread_id)
                == (&note.service, &note.account, &note.thread_id)
        };
        let above = row.checked_sub(1).filter(|_| row > list.offset).and_then(|row| page.notes.get(row));
        let mut pen = Pen::between(cells.x.saturating_add(1), cells.right(), cells.y);
        draw_note(app, note, !above.is_some_and(is_same), painter, &mut pen);
        if row == list.selected {
            painter.select(cells, true);
        }
    }
}

/// Draws a note. The first visible row of a thread also has the thread's name.
fn draw_note(app: &App, listed: &ListedNote, is_first: bool, painter: &mut Painter<'_>, pen: &mut Pen) {
    let is_wide = pen.columns_left() + 1 >= usize::from(MIN_WIDE_PAGE_COLUMNS);
    let title_columns = MAX_TITLE_COLUMNS.min(pen.columns_left() / 3);
    let title = listed.title.trim();
    let title = Safe::line(if title.is_empty() { &listed.thread_id } else { title });
    let (cut, _) = width::ellipsize(title.as_str(), title_columns);
    let title = if is_first { cut.to_string() } else { String::new() };
    painter.write(pen, &format!("{} ", width::pad_right(&title, title_columns)), Role::Heading);
    let note = &listed.note;
    if is_wide {
        let at = time::short(note.written_at, &app.prefs.time_format);
        painter.write(pen, &format!("{} ", width::pad_right(&at, DAY_COLUMNS)), Role::Dim);
    }
    painter.write(pen, "✎ ", Role::Accent);
    let (text, excerpt) = (Safe::line(&note.text), Safe::line(&note.excerpt));
    let (cut, _) = width::ellipsize(text.as_str(), pen.columns_left());
    painter.write(pen, &cut, Role::Text);
    let gap = if note.text.is_empty() { "" } else { "  " };
    let room = pen.columns_left().saturating_sub(gap.len() + 2);
    if room > 0 {
        let kind = if note.place.span_id.is_some() { "span " } else { "" };
        let (cut, _) = width::ellipsize(excerpt.as_str(), room.saturating_sub(kind.len()));
        painter.write(pen, &format!("{gap}{kind}{cut}"), Role::Dim);
    }
}
