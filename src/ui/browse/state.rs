//! The progress of the listing, and the page without rows.

use ratatui::layout::Rect;

use crate::action::Action;
use crate::app::App;
use crate::app::browse::thread_list::{ListPhase, ThreadList};
use crate::app::header::spinner;
use crate::provider;
use crate::text::{Line, Safe, number, width, wrap_styled};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};
use crate::ui::placeholder;
use crate::view::thread_table::{ThreadGroup, beginning};

/// Draws the line: `31 of 42 variants · 8,204 threads · 1 refused`, and at the right the age of the list.
pub fn draw_summary(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let Some(list) = app.browse.list().filter(|_| !area.is_empty()) else { return };
    let mut pen = Pen::at(area, 0);
    painter.write(&mut pen, " ", Role::Text);
    if list.is_running() {
        painter.write(&mut pen, spinner(app), Role::Accent);
        painter.write(&mut pen, " ", Role::Text);
    }
    for (at, (text, role)) in summary(list).into_iter().enumerate() {
        let separator = if at == 0 { "" } else { " · " };
        if width::columns(&text) + separator.chars().count() > pen.columns_left() {
            break;
        }
        painter.write(&mut pen, separator, Role::Dim);
        painter.write(&mut pen, &text, role);
    }
    draw_age(app, list, painter, &mut pen);
}

/// Draws the age of the list at the right, if it fits.
fn draw_age(app: &App, list: &ThreadList, painter: &mut Painter<'_>, pen: &mut Pen) {
    let Some(listed_at) = list.listed_at else { return };
    let key = app.prefs.keymap.keys_of(Action::Reload).first().cloned().unwrap_or_default();
    let age = format!(" as of {} ", number::age(listed_at, app.now));
    let hint = if list.is_running() { String::new() } else { format!("· {key} reloads ") };
    if width::columns(&age) + width::columns(&hint) < pen.columns_left() {
        painter.write_right(pen, &hint, Role::Dim);
    }
    if width::columns(&age) < pen.columns_left() {
        painter.write_right(pen, &age, Role::Dim);
    }
}

/// Returns the parts of the line, the most important first.
fn summary(list: &ThreadList) -> Vec<(String, Role)> {
    let known = list.arrangement.counts.all;
    let mut items: Vec<(String, Role)> =
        progress_text(list).map(|text| (text, Role::Text)).into_iter().collect();
    if known > 0 || matches!(list.phase, ListPhase::Ended { .. }) {
        items.push((threads_text(list, known), Role::Text));
    }
    let shown = list.arrangement.rows.len();
    if shown != known {
        items.push((format!("{} shown", number::count(shown)), Role::Text));
    }
    if list.marks.len() > 0 {
        items.push((format!("{} marked", number::count(list.marks.len())), Role::Accent));
    }
    if !list.refusals.is_empty() {
        items.push((format!("{} refused", number::count(list.refusals.len())), Role::Error));
    }
    items.extend(match &list.phase {
        ListPhase::Running => None,
        ListPhase::Ended { is_complete: true, .. } => Some(("complete".to_owned(), Role::Ok)),
        ListPhase::Ended { .. } if !list.is_renewed() => Some(("kept list".to_owned(), Role::Dim)),
        ListPhase::Ended { is_complete: false, .. } => Some(("incomplete".to_owned(), Role::Warn)),
        ListPhase::Stopped => Some(("stopped, incomplete".to_owned(), Role::Warn)),
        ListPhase::Failed(_) if known > 0 => Some(("failed, incomplete".to_owned(), Role::Error)),
        ListPhase::Failed(_) => Some(("failed".to_owned(), Role::Error)),
    });
    items
}

/// Formats `31 of 42 variants`, or the number of pages that were read.
fn progress_text(list: &ThreadList) -> Option<String> {
    if let Some(variant) = list.retried_variant() {
        return Some(format!(
            "listing {} again",
            Safe::line(list.applications.variant_name(variant)).as_str()
        ));
    }
    let progress = &list.progress;
    if !list.is_running() {
        return None;
    }
    let noun = if list.applications.variants().is_empty() { "page" } else { "variant" };
    Some(match progress.lists_total {
        Some(total) => {
            format!("{} of {}", number::count(progress.lists_read), number::pluralize(total, noun))
        }
        None if progress.lists_read > 0 => number::pluralize(progress.lists_read, noun),
        None => "listing".to_owned(),
    })
}

/// Formats `8,204 threads`, or `1,203 of 1,204 threads` if the service states more than it sent.
fn threads_text(list: &ThreadList, known: usize) -> String {
    let stated = list.progress.threads_total.and_then(|total| usize::try_from(total).ok());
    match stated.filter(|stated| *stated > known) {
        Some(stated) => format!("{} of {}", number::count(known), number::pluralize(stated, "thread")),
        None => number::pluralize(known, "thread"),
    }
}

/// Draws the reason why there are no rows.
pub fn draw_empty(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let inside = Rect {
        x: area.x + 2.min(area.width),
        y: area.y + u16::from(area.height > 6),
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(u16::from(area.height > 6)),
    };
    let columns = usize::from(inside.width).max(1);
    for (row, line) in (0..inside.height).zip(empty_lines(app, columns)) {
        painter.write_line(&mut Pen::at(inside, row), &line);
    }
}

fn empty_lines(app: &App, columns: usize) -> Vec<Line> {
    let Some((account, list)) = app.browse.account.as_ref().zip(app.browse.list()) else { return Vec::new() };
    let service = account.service;
    let name = provider::by_id(service).map_or(service, |provider| provider.display_name());
    let key = |action: Action| app.prefs.keymap.keys_of(action).first().cloned().unwrap_or_default();
    let text = match (&list.phase, &list.group) {
        (ListPhase::Failed(error), _) if list.table.len() == 0 => {
            let start = format!("Could not list the threads of {name}");
            return placeholder::error_lines(app, error, &start, columns);
        }
        (_, ThreadGroup::Variant(variant)) if list.refusal_of(variant).is_some() => {
            let reason = list.refusal_of(variant).map_or("", |refusal| refusal.reason.as_str());
            let mut lines = wrap_styled("This variant could not be listed.", columns, Role::Error);
            lines.extend(wrap_styled(beginning(reason), columns, Role::Text));
            lines.extend(wrap_styled(&format!("{} tries again", key(Action::Reload)), columns, Role::Dim));
            return lines;
        }
        _ if list.filter.is_some() && list.narrowing.is_empty() => {
            format!("No thread matches the filter; {} clears it", key(Action::Back))
        }
        _ if !list.narrowing.is_empty() => {
            format!("No thread matches \"{}\"; {} shows all again", list.narrowing, key(Action::Back))
        }
        (ListPhase::Running, _) => format!("Listing the threads of {name} …"),
        (_, ThreadGroup::All) if account.kept.is_none() => {
            format!("No threads. {name} listed none for this key.")
        }
        (_, _) => "No threads here".to_owned(),
    };
    wrap_styled(&text, columns, Role::Dim)
}
