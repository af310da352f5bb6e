//! The preview of the selected thread: the fields that are known without fetching it.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::browse::found::SelectedThread;
use crate::app::browse::thread_list::ThreadList;
use crate::domain::Timestamp;
use crate::text::{Safe, number, time, wrap_styled};
use crate::theme::Role;
use crate::ui::browse::found;
use crate::ui::browse::rows::{UNTITLED, state_role};
use crate::ui::painter::{Painter, Pen};
use crate::view::thread_table::beginning;

/// The columns of the names of the fields.
const NAME_COLUMNS: u16 = 13;

/// The maximum number of lines in a title.
const MAX_TITLE_LINES: u16 = 5;

/// Draws the preview.
pub fn draw(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let list = app.browse.list();
    let Some((list, selected)) = list.and_then(|list| Some((list, list.selected()?))) else { return };
    let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    if area.width < NAME_COLUMNS * 2 {
        return;
    }
    let y = draw_fields(app, list, selected, painter, inside);
    if let Some(message) = selected.message {
        let y = (y + 1).min(inside.bottom());
        found::draw_preview(app, painter, Rect { y, height: inside.bottom() - y, ..inside }, message);
    }
}

/// Draws the title and the fields; returns the row below them.
fn draw_fields(
    app: &App,
    list: &ThreadList,
    selected: SelectedThread<'_>,
    painter: &mut Painter<'_>,
    inside: Rect,
) -> u16 {
    let thread = selected.thread;
    let (title, role) = match thread.title.trim() {
        "" => (UNTITLED, Role::Dim),
        title => (beginning(title), Role::Strong),
    };
    let mut y = inside.y;
    for line in wrap_styled(title, usize::from(inside.width), role).iter().take(usize::from(MAX_TITLE_LINES))
    {
        painter.write_line(&mut Pen::between(inside.x, inside.right(), y), line);
        y += 1;
    }
    y += 1;
    let account = app.browse.account.as_ref();
    let input = format!("{}:{}", account.map_or("", |account| account.service), thread.id);
    let applications = &list.applications;
    let when = |stamp: Option<Timestamp>| {
        let format = &app.prefs.time_format;
        stamp.map(|stamp| format!("{} {}", time::date(stamp, format), time::minute(stamp, format)))
    };
    // The history has only threads of the account in use.
    let is_recent = account.is_some_and(|account| account.kept.is_none());
    let opened = app.thread_box.recent_threads().iter().find(|recent| is_recent && recent.input == input);
    let application = applications.application_id_of(thread);
    let fields = [
        ("state", Some(selected.saved.meaning().to_owned()), state_role(selected.saved)),
        ("updated", when(thread.updated_at), Role::Text),
        ("created", when(thread.created_at), Role::Text),
        ("archived", when(thread.archived_at), Role::Warn),
        ("opened", opened.and_then(|recent| Some(number::age(recent.opened_at?, app.now))), Role::Text),
        ("messages", thread.message_count.map(|count| count.to_string()), Role::Text),
        ("user", thread.user.clone(), Role::Text),
        ("source", thread.origin.clone(), Role::Text),
        ("application", application.map(|id| applications.application_name(id).to_owned()), Role::Text),
        (
            "variant",
            thread.variant_id.as_deref().map(|id| applications.variant_name(id).to_owned()),
            Role::Text,
        ),
        ("variant id", thread.variant_id.clone(), Role::Dim),
        ("model", thread.model.clone(), Role::Text),
        ("id", Some(input), Role::Dim),
    ];
    for (name, value, role) in fields {
        let Some(value) = value.filter(|_| y < inside.bottom()) else { continue };
        painter.write(&mut Pen::between(inside.x, inside.right(), y), name, Role::Dim);
        let columns = usize::from(inside.width - NAME_COLUMNS);
        for line in wrap_styled(Safe::line(beginning(&value)).as_str(), columns, role).iter().take(3) {
            if y < inside.bottom() {
                painter.write_line(&mut Pen::between(inside.x + NAME_COLUMNS, inside.right(), y), line);
                y += 1;
            }
        }
    }
    y
}
