//! The thread box and its drop-down list of recent threads.

use ratatui::layout::{Position, Rect};

use crate::app::App;
use crate::app::open_threads::VisitedThread;
use crate::app::thread_box::DropDown;
use crate::app::thread_box::finder::{
    BROWSE_NOTE, BROWSE_TITLE, DEMO_NOTE, DEMO_TITLE, FinderRow, Interpretation, ThreadMatch,
};
use crate::domain::{RecentThread, Source};
use crate::layout::Pane;
use crate::provider;
use crate::text::{Graphemes, Safe, number, width};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};

/// Draws the box; returns the cursor position if the box has the focus.
pub fn draw(app: &App, drop_down: Option<&DropDown<'_>>, painter: &mut Painter<'_>) -> Option<Position> {
    let area = app.screen.frame().thread_box;
    if !area.is_shown() {
        return None;
    }
    let focused = app.screen.focus == Pane::ThreadBox;
    let mut pen = Pen::at(area.inner, 0);
    let (label, rule) = if focused { (Role::TabHere, Role::Accent) } else { (Role::Title, Role::Border) };
    painter.write(&mut pen, " Thread ", label);
    painter.write(&mut pen, "▏", rule);
    if focused {
        draw_interpretation(app, painter, &mut pen);
    }
    let start = pen.x;
    let column = draw_input(app, painter, &mut pen, focused);
    if let Some(drop_down) = drop_down {
        draw_drop_down(app, drop_down, painter);
    }
    if focused {
        let last = area.inner.right().saturating_sub(1);
        return Some(Position::new(start.saturating_add(column).min(last), area.inner.y));
    }
    None
}

/// Draws the text with the cursor in view; returns the column of the cursor.
fn draw_input(app: &App, painter: &mut Painter<'_>, pen: &mut Pen, focused: bool) -> u16 {
    let typed = app.thread_box.text();
    if typed.is_empty() {
        let hint = format!("Thread id, link, file, words of a title, {}", provider::id_forms());
        painter.write(pen, &hint, Role::Dim);
        return 0;
    }
    let before: String = typed.chars().take(app.thread_box.cursor()).collect();
    let cursor = width::columns(Safe::line(&before).as_str());
    let columns = pen.columns_left().saturating_sub(1).max(1);
    let hidden = if focused { cursor.saturating_sub(columns) } else { 0 };
    let safe = Safe::line(typed);
    let (skipped, used) = width::truncate(safe.as_str(), hidden);
    let rest = safe.as_str().get(skipped.len()..).unwrap_or_default();
    let role = if app.thread_box.is_pristine() && focused { Role::Dim } else { Role::Text };
    painter.write(pen, rest, role);
    u16::try_from(cursor.saturating_sub(used)).unwrap_or(0)
}

/// Draws the meaning of the typed text at the right end.
fn draw_interpretation(app: &App, painter: &mut Painter<'_>, pen: &mut Pen) {
    if app.thread_box.text().is_empty() || app.thread_box.is_pristine() || pen.columns_left() < 40 {
        return;
    }
    let (text, role) = match app.thread_box.interpretation() {
        Interpretation::Certain(source) => (format!(" {} ", source_kind(source)), Role::Ok),
        Interpretation::Possible(source) => (format!(" could be a {} ", source_kind(source)), Role::Dim),
        Interpretation::None(_) => return,
    };
    painter.write_right(pen, &text, role);
}

/// Returns the kind of a source: `Scale SGP thread`, `file`.
fn source_kind(source: &Source) -> String {
    match source {
        Source::Thread(thread) => {
            let name =
                provider::by_id(thread.service).map_or(thread.service, |provider| provider.display_name());
            format!("{name} thread")
        }
        Source::File(_) => "file".to_owned(),
        Source::Stdin => "standard input".to_owned(),
    }
}

fn draw_drop_down(app: &App, drop_down: &DropDown<'_>, painter: &mut Painter<'_>) {
    let area = drop_down.area;
    painter.clear(area);
    painter.draw_border(area, Role::Border);
    let threads: Vec<&RecentThread> = drop_down
        .rows
        .iter()
        .filter_map(|(_, row)| match row {
            FinderRow::Thread(found) => app.thread_box.thread(found.index),
            FinderRow::Typed(_) | FinderRow::Demo | FinderRow::Browse => None,
        })
        .collect();
    let columns = Columns::fit(app, &threads, usize::from(area.width.saturating_sub(2)));
    draw_preview(app, drop_down, painter);
    for (row, (index, content)) in (0..area.height - 2).zip(&drop_down.rows) {
        let inside = Rect::new(area.x + 1, area.y + 1 + row, area.width.saturating_sub(2), 1);
        match content {
            FinderRow::Thread(found) => draw_entry(app, painter, inside, found, columns),
            FinderRow::Typed(interpretation) => draw_typed(app, painter, inside, interpretation),
            FinderRow::Demo => draw_command(painter, inside, DEMO_TITLE, DEMO_NOTE),
            FinderRow::Browse if app.thread_box.is_pristine() || app.thread_box.text().is_empty() => {
                draw_command(painter, inside, BROWSE_TITLE, BROWSE_NOTE);
            }
            FinderRow::Browse => draw_command(painter, inside, BROWSE_TITLE, "that contain these words"),
        }
        if drop_down.highlighted == Some(*index) {
            painter.select(inside, true);
        }
    }
}

/// Draws the facts of the highlighted thread, which may be truncated in its row.
fn draw_preview(app: &App, drop_down: &DropDown<'_>, painter: &mut Painter<'_>) {
    let area = drop_down.preview;
    if area.is_empty() {
        return;
    }
    for x in area.x..area.right() {
        painter.set_cell(x, area.y, "─", Role::Border);
    }
    painter.set_cell(area.x, area.y, "├", Role::Border);
    painter.set_cell(area.right() - 1, area.y, "┤", Role::Border);
    let highlighted = drop_down.rows.iter().find(|(index, _)| drop_down.highlighted == Some(*index));
    let Some((_, FinderRow::Thread(found))) = highlighted else { return };
    let Some(thread) = app.thread_box.thread(found.index) else { return };
    let lines = [
        (title_of(thread).to_owned(), Role::Strong),
        (origin_text(app, thread), Role::Text),
        (place_text(app, thread), Role::Dim),
    ];
    for (row, (text, role)) in (1..area.height).zip(lines) {
        let mut pen = Pen::between(area.x + 2, area.right().saturating_sub(2), area.y + row);
        let text = Safe::line(&text);
        let (cut, _) = width::ellipsize(text.as_str(), pen.columns_left());
        painter.write(&mut pen, &cut, role);
    }
}

/// Returns the input of a thread, its service, and the profile and the age of the last visit.
fn origin_text(app: &App, thread: &RecentThread) -> String {
    let service = provider::by_id(&thread.service).map(|provider| provider.display_name().to_owned());
    let profile = thread.profile.as_ref().map(|profile| format!("profile {profile}"));
    let visit = thread.opened_at.map(|opened_at| format!("opened {}", number::age(opened_at, app.now)));
    let facts = [Some(thread.input.clone()), service, profile, visit];
    facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Returns the note of a thread, its counts if it was opened since the start, and the place where it was left.
fn place_text(app: &App, thread: &RecentThread) -> String {
    let visited = app.places.visited.of_input(&thread.input);
    let left = thread.place.as_ref().map(|place| {
        let query = if place.query.is_empty() { String::new() } else { format!(", /{}", place.query) };
        match visited {
            Some(visited) => format!("left {}{query}", visited.place()),
            None => format!("left in the {} tab{query}", place.tab),
        }
    });
    let note = Some(thread.note.clone()).filter(|note| !note.is_empty());
    let facts = [note, visited.map(VisitedThread::counts), left];
    facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Draws a row that does something other than open a thread.
fn draw_command(painter: &mut Painter<'_>, area: Rect, title: &str, note: &str) {
    let mut pen = Pen::at(area, 0);
    painter.write(&mut pen, &format!(" {title}  "), Role::Strong);
    painter.write(&mut pen, note, Role::Dim);
}

/// Draws the row that opens the typed text.
fn draw_typed(app: &App, painter: &mut Painter<'_>, area: Rect, interpretation: &Interpretation) {
    let mut pen = Pen::at(area, 0);
    let (Interpretation::Certain(source) | Interpretation::Possible(source)) = interpretation else { return };
    painter.write(&mut pen, " Open ", Role::Dim);
    let typed = Safe::line(app.thread_box.text().trim());
    let (cut, _) = width::ellipsize(typed.as_str(), pen.columns_left() * 3 / 5);
    painter.write(&mut pen, &cut, Role::Strong);
    let article = if matches!(source, Source::Stdin) { "" } else { "a " };
    painter.write(&mut pen, &format!(" as {article}{}", source_kind(source)), Role::Dim);
}

/// The widths of the columns, the same for every row in view. The title gets the width that it needs, then the input if an
/// id fits; the note gets the rest.
#[derive(Clone, Copy)]
struct Columns {
    title: usize,
    input: usize,
}

impl Columns {
    fn fit(app: &App, rows: &[&RecentThread], total: usize) -> Self {
        let columns = |text: &str| width::columns(Safe::line(text).as_str());
        let widest = |text_of: fn(&RecentThread) -> &str| {
            rows.iter().map(|thread| columns(text_of(thread))).max().unwrap_or(0)
        };
        let note = rows.iter().map(|thread| columns(&note_text(app, thread))).max().unwrap_or(0);
        let is_narrow = total < MIN_INPUT_COLUMNS;
        let max_title =
            if is_narrow { total.saturating_sub(note + 4).max(total * 2 / 5) } else { total * 2 / 5 };
        let title = widest(if is_narrow { title_or_input } else { title_of }).min(max_title).max(8);
        let rest = total.saturating_sub(title + note + 6).max(total * 3 / 10);
        let input = if is_narrow { 0 } else { widest(|thread| &thread.input).min(rest) };
        Self { title, input }
    }
}

/// The minimum width of a row with a column for the input.
const MIN_INPUT_COLUMNS: usize = 60;

const UNTITLED: &str = "(no title)";

fn title_of(thread: &RecentThread) -> &str {
    if thread.title.trim().is_empty() { UNTITLED } else { &thread.title }
}

/// Returns the title, or the input of a thread without one.
fn title_or_input(thread: &RecentThread) -> &str {
    if thread.title.trim().is_empty() { &thread.input } else { &thread.title }
}

/// Returns the note, or the age of the visit and its profile if another one is active now.
fn note_text(app: &App, thread: &RecentThread) -> String {
    if !thread.note.is_empty() {
        return thread.note.clone();
    }
    let age = thread.opened_at.map(|opened_at| number::age(opened_at, app.now)).unwrap_or_default();
    match thread.profile.as_deref() {
        Some(profile) if app.prefs.profiles.active_profile(&thread.service) != Some(profile) => {
            format!("{age}, {profile}")
        }
        Some(_) | None => age,
    }
}

fn draw_entry(app: &App, painter: &mut Painter<'_>, area: Rect, found: &ThreadMatch, columns: Columns) {
    let Some(thread) = app.thread_box.thread(found.index) else { return };
    let mut pen = Pen::at(area, 0);
    let mut draw_column = |text: &str, columns: usize, role, marks: &[usize]| {
        let safe = Safe::line(text);
        let (cut, _) = width::ellipsize(safe.as_str(), columns);
        painter.write(&mut pen, " ", Role::Text);
        draw_marked(painter, &mut pen, &width::pad_right(&cut, columns), (role, Role::Match), marks);
        painter.write(&mut pen, " ", Role::Text);
        pen.columns_left()
    };
    let is_untitled = thread.title.trim().is_empty();
    let role = if is_untitled { Role::Dim } else { Role::Strong };
    let rest = if columns.input == 0 {
        let marks = if is_untitled { &found.input_marks } else { &found.title_marks };
        draw_column(title_or_input(thread), columns.title, role, marks)
    } else {
        draw_column(title_of(thread), columns.title, role, &found.title_marks);
        draw_column(&thread.input, columns.input, Role::Text, &found.input_marks)
    };
    draw_column(&note_text(app, thread), rest.saturating_sub(2), Role::Dim, &found.note_marks);
}

/// Writes a text with some of its characters marked, by their indices. The roles are those of other and of marked ones.
pub fn draw_marked(
    painter: &mut Painter<'_>,
    pen: &mut Pen,
    text: &str,
    (role, marked): (Role, Role),
    marks: &[usize],
) {
    let mut at = 0;
    for cluster in Graphemes::new(text) {
        let end = at + cluster.chars().count();
        let is_marked = marks.iter().any(|mark| (at..end).contains(mark));
        painter.write(pen, cluster, if is_marked { marked } else { role });
        at = end;
    }
}
