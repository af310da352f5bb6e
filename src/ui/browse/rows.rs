//! The rows of the list and the headings of their columns.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::browse::columns::ColumnSpan;
use crate::app::browse::found::ListLine;
use crate::app::browse::thread_list::ThreadList;
use crate::domain::{ListedThread, SavedState, Timestamp};
use crate::text::fuzzy::fuzzy_match;
use crate::text::{Safe, number, time, width};
use crate::theme::Role;
use crate::ui::browse::found;
use crate::ui::painter::{Painter, Pen};
use crate::ui::thread_box::draw_marked;
use crate::view::thread_table::{ThreadColumn, ThreadGroup, beginning};

/// The text that replaces an empty title.
pub const UNTITLED: &str = "(no title)";

/// Draws the names of the columns, with the direction next to the sorted one.
pub fn draw_headings(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let Some(list) = app.browse.list().filter(|_| !area.is_empty()) else { return };
    for span in app.browse.columns(&app.browse_context()) {
        let mut pen = pen_of(area, span);
        let is_sorted = span.column == list.sort.column;
        let arrow = if list.sort.is_descending { "↓" } else { "↑" };
        let text = match (heading(list, span.column), is_sorted) {
            ("", true) => arrow.to_owned(),
            (name, true) => format!("{name} {arrow}"),
            (name, false) => name.to_owned(),
        };
        let text =
            if is_number(span.column) { width::pad_left(&text, usize::from(span.width)) } else { text };
        painter.write(&mut pen, &text, if is_sorted { Role::Strong } else { Role::Dim });
    }
}

fn heading(list: &ThreadList, column: ThreadColumn) -> &'static str {
    match column {
        ThreadColumn::State => "",
        ThreadColumn::Updated => "updated",
        ThreadColumn::Title => "title",
        ThreadColumn::Messages => "msgs",
        ThreadColumn::User => "user",
        ThreadColumn::Application if matches!(list.group, ThreadGroup::Application(_)) => "variant",
        ThreadColumn::Application if list.arrangement.present.application => "application",
        ThreadColumn::Application => "source",
        ThreadColumn::Model => "model",
        ThreadColumn::Created => "created",
        ThreadColumn::Id => "id",
    }
}

const fn is_number(column: ThreadColumn) -> bool {
    matches!(column, ThreadColumn::Messages)
}

fn pen_of(area: Rect, span: ColumnSpan) -> Pen {
    let x = area.x.saturating_add(span.x);
    Pen::between(x, x.saturating_add(span.width).min(area.right()), area.y)
}

/// Draws the rows in view.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let Some(list) = app.browse.list() else { return };
    let context = app.browse_context();
    let view = app.browse.list_in_view(&context);
    let columns = app.browse.columns(&context);
    for (cells, at) in view.rows() {
        let Some(line) = list.line(at) else { continue };
        let item = list.item_at(at);
        let mut hit = Rect::default();
        let shown = match line {
            ListLine::Thread(position) => list.row(position).map(|(_, row)| (&row.thread, row.saved)),
            ListLine::Found(found) => Some((&found.thread, found.saved)),
            ListLine::Context(found) => {
                hit = found::draw_context(painter, cells, &found.message);
                None
            }
            ListLine::Rule => {
                found::draw_rule(painter, cells);
                continue;
            }
        };
        if let Some(shown) = shown {
            if list.is_chosen(item) {
                painter.write(&mut Pen::between(cells.x + 1, cells.right(), cells.y), "✓", Role::Accent);
            }
            columns.iter().for_each(|span| draw_cell(app, list, shown, painter, (cells, *span)));
        }
        if item == list.cursor.row {
            painter.select(cells, !app.browse.has_tree_focus(&context));
        }
        painter.tint(hit, Role::Match);
    }
}

fn draw_cell(
    app: &App,
    list: &ThreadList,
    (thread, saved): (&ListedThread, SavedState),
    painter: &mut Painter<'_>,
    (area, span): (Rect, ColumnSpan),
) {
    let mut pen = pen_of(area, span);
    let columns = usize::from(span.width);
    // On the background of the selection, marked letters with another background would not be readable.
    let is_selected = list.selected().is_some_and(|selected| selected.thread.id == thread.id);
    let marked = if is_selected { Role::Accent } else { Role::Match };
    let mut write = |text: &str, role: Role| {
        let safe = Safe::line(beginning(text));
        let (cut, _) = width::ellipsize(safe.as_str(), columns);
        draw_narrowed(painter, &mut pen, &cut, (role, marked), &list.narrowing);
    };
    match span.column {
        ThreadColumn::State => painter.write(&mut pen, saved.symbol(), state_role(saved)),
        ThreadColumn::Updated => {
            let text = time_text(app, thread.changed_at());
            painter.write(&mut pen, &text, Role::Dim);
        }
        ThreadColumn::Created => painter.write(&mut pen, &time_text(app, thread.created_at), Role::Dim),
        ThreadColumn::Title if thread.title.trim().is_empty() => painter.write(&mut pen, UNTITLED, Role::Dim),
        ThreadColumn::Title => write(&thread.title, Role::Text),
        ThreadColumn::Messages => {
            let count = thread.message_count.map(number::count);
            painter.write(&mut pen, &width::pad_left(&count.unwrap_or_default(), columns), Role::Dim);
        }
        ThreadColumn::User => write(thread.user.as_deref().unwrap_or_default(), Role::Dim),
        ThreadColumn::Application => write(&place_text(list, thread), Role::Dim),
        ThreadColumn::Model => write(thread.model.as_deref().unwrap_or_default(), Role::Dim),
        ThreadColumn::Id => write(&thread.id, Role::Dim),
    }
}

/// Returns the application and the variant of a thread; the variant alone if all have the same application.
fn place_text(list: &ThreadList, thread: &ListedThread) -> String {
    match (&list.group, &thread.variant_id) {
        (ThreadGroup::Application(_), Some(variant)) => list.applications.variant_name(variant).to_owned(),
        (_, _) => list.applications.place_of(thread),
    }
}

/// Writes a text, and marks the letters of the typed words.
fn draw_narrowed(
    painter: &mut Painter<'_>,
    pen: &mut Pen,
    text: &str,
    (role, marked): (Role, Role),
    narrowing: &str,
) {
    let found = narrowing.split_whitespace().filter_map(|word| fuzzy_match(word, text));
    let marks: Vec<usize> = found.flat_map(|found| found.chars).collect();
    draw_marked(painter, pen, text, (role, marked), &marks);
}

/// Returns the role of a state.
pub const fn state_role(state: SavedState) -> Role {
    match state {
        SavedState::NotSaved | SavedState::Read => Role::Dim,
        SavedState::Saved => Role::Ok,
        SavedState::Changed => Role::Warn,
        SavedState::Gone => Role::Accent,
        SavedState::Refused => Role::Error,
    }
}

/// Formats a time to the minute; one of another year as the date with the year.
fn time_text(app: &App, time: Option<Timestamp>) -> String {
    let Some(time) = time else { return String::new() };
    let format = &app.prefs.time_format;
    let (date, today) = (time::date(time, format), time::date(app.now, format));
    if date.get(..4) == today.get(..4) { time::short(time, format) } else { date }
}
