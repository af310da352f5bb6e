//! The header: the title of the thread, its counts and its origin, and the progress while it loads.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::header::{ITEM_GAP, TITLE_COLUMN};
use crate::app::loading::PaneContent;
use crate::text::{Safe, width};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};

/// The minimum width of a title.
const MIN_TITLE_COLUMNS: usize = 8;

/// The minimum width of the service next to a title.
const MIN_SERVICE_COLUMNS: usize = 6;

/// Draws the line.
pub fn draw(app: &App, painter: &mut Painter<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    painter.write(&mut Pen::at(area, 0), " unspool", Role::Accent);
    let pen = Pen::between(area.x.saturating_add(TITLE_COLUMN), area.right(), area.y);
    let items = app.header_items();
    let right = items.first().map_or(area.right(), |(_, place)| place.x.saturating_sub(ITEM_GAP));
    draw_title(app, painter, &mut pen.with_right(right.min(area.right().saturating_sub(1))));
    for (item, place) in items {
        painter.write(&mut Pen::at(place, 0), &item.text, item.role);
    }
}

fn draw_title(app: &App, painter: &mut Painter<'_>, pen: &mut Pen) {
    let (source, service, title) = match app.loading.pane_content() {
        PaneContent::Idle => return draw_active_profiles(app, painter, pen),
        PaneContent::Opening(source) | PaneContent::Failed(source, _) | PaneContent::Stopped(source) => {
            (source, None, source.to_input())
        }
        PaneContent::Thread(thread) => (&thread.source, thread.service, thread.title()),
    };
    let of_thread = source.thread();
    let source_service = of_thread.map(|thread| thread.service);
    let kept = of_thread.and_then(|thread| thread.account.as_ref());
    let kept = kept.map(|account| Safe::line(&format!("kept: {}", account.label())).into_string());
    let profile = kept.as_deref().or_else(|| app.prefs.profiles.active_profile(source_service?));
    if pen.columns_left() < MIN_TITLE_COLUMNS {
        return;
    }
    let service = service.or(source_service.filter(|_| profile.is_some()));
    if let Some(service) = service.filter(|_| pen.columns_left() >= MIN_SERVICE_COLUMNS + MIN_TITLE_COLUMNS) {
        draw_service(service, profile, painter, pen);
    }
    let title = Safe::line(&title);
    let (cut, _) = width::ellipsize(title.as_str(), pen.columns_left());
    painter.write(pen, &cut, Role::Strong);
}

/// Draws the service and its active profile.
fn draw_service(service: &str, profile: Option<&str>, painter: &mut Painter<'_>, pen: &mut Pen) {
    painter.write(pen, service, Role::Dim);
    if let Some(profile) = profile {
        painter.write(pen, " · ", Role::Dim);
        let (cut, _) = width::ellipsize(profile, pen.columns_left() / 3);
        painter.write(pen, &cut, Role::Text);
    }
    painter.write(pen, "  ", Role::Text);
}

/// Draws the active profiles, while no thread is open.
fn draw_active_profiles(app: &App, painter: &mut Painter<'_>, pen: &mut Pen) {
    for access in &app.prefs.profiles.active {
        if let Some(profile) = &access.profile {
            draw_service(access.service, Some(profile), painter, pen);
        }
    }
}
