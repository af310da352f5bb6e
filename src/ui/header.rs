//! The header: the title of the thread, its counts and its origin, and the progress while it loads.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::loading::{PaneContent, Phase};
use crate::domain::{Origin, Source};
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};
use crate::view::thread::OpenThread;

/// The wait after which the header shows its seconds.
const SLOW_AFTER_SECONDS: i64 = 3;

/// The age after which a fetched thread shows it, in microseconds.
const MIN_SHOWN_AGE_MICROS: i64 = 60_000_000;

/// The minimum width of a title.
const MIN_TITLE_COLUMNS: usize = 8;

/// The minimum width of the service beside a title.
const MIN_SERVICE_COLUMNS: usize = 6;

/// The frames of the loading animation.
const SPINNER_FRAMES: [&str; 8] = ["⠋", "⠙", "⠸", "⢰", "⣠", "⣄", "⡆", "⠇"];

/// The current frame of the loading animation.
pub fn spinner(app: &App) -> &'static str {
    SPINNER_FRAMES.get((app.loading.spinner_frame % 8) as usize).copied().unwrap_or("⠋")
}

/// Draws the line.
pub fn draw(app: &App, painter: &mut Painter<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let mut pen = Pen::at(area, 0);
    painter.write(&mut pen, " unspool", Role::Accent);
    painter.write(&mut pen, "  ", Role::Text);
    let items = status_items(app);
    // The first items are dropped until two fifths of the line are left for the title.
    let room = pen.columns_left().saturating_sub(1);
    let mut used: usize = items.iter().map(|(text, _)| width::columns(text) + 3).sum();
    let mut shown = items.as_slice();
    while let Some(((first, _), rest)) = shown.split_first()
        && used > room * 3 / 5
        && rest.len() > 1
    {
        used -= width::columns(first) + 3;
        shown = rest;
    }
    let mut title_pen = pen.with_right(pen.right.saturating_sub(u16::try_from(used + 1).unwrap_or(0)));
    draw_title(app, painter, &mut title_pen);
    painter.write(&mut Pen::between(pen.right.saturating_sub(1), pen.right, pen.y), " ", Role::Text);
    pen.right = pen.right.saturating_sub(1);
    for (text, role) in shown.iter().rev() {
        painter.write_right(&mut pen, text, *role);
        painter.write_right(&mut pen, "   ", Role::Text);
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
    let (source_service, profile) = match source {
        Source::Thread(thread) => (Some(thread.service), app.prefs.profiles.active_profile(thread.service)),
        Source::File(_) | Source::Stdin => (None, None),
    };
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

/// The service, and its active profile.
fn draw_service(service: &str, profile: Option<&str>, painter: &mut Painter<'_>, pen: &mut Pen) {
    painter.write(pen, service, Role::Dim);
    if let Some(profile) = profile {
        painter.write(pen, " · ", Role::Dim);
        let (cut, _) = width::ellipsize(profile, pen.columns_left() / 3);
        painter.write(pen, &cut, Role::Text);
    }
    painter.write(pen, "  ", Role::Text);
}

/// The active profiles, while no thread is open.
fn draw_active_profiles(app: &App, painter: &mut Painter<'_>, pen: &mut Pen) {
    for access in &app.prefs.profiles.active {
        if let Some(profile) = &access.profile {
            draw_service(access.service, Some(profile), painter, pen);
        }
    }
}

/// The items at the right, the least important first.
fn status_items(app: &App) -> Vec<(String, Role)> {
    let mut items = Vec::new();
    if let PaneContent::Thread(thread) = app.loading.pane_content() {
        items.extend(origin_items(app, thread));
        items.extend(count_items(thread));
    }
    items.extend(progress_item(app));
    items
}

fn origin_items(app: &App, thread: &OpenThread) -> Vec<(String, Role)> {
    let mut items = Vec::new();
    if let Some(summary) = &thread.body_summary {
        items.push((number::bytes(summary.bytes), Role::Dim));
    }
    match &thread.origin {
        Origin::Cache { fetched_at } => {
            items.push((format!("cached {}", number::age(*fetched_at, app.now)), Role::Warn));
        }
        Origin::Network { .. } if !app.loading.is_active() => {
            if app.now.micros_since(thread.fetched_at) > MIN_SHOWN_AGE_MICROS {
                items.push((format!("fetched {}", number::age(thread.fetched_at, app.now)), Role::Dim));
            }
        }
        Origin::Network { .. } | Origin::File { .. } => {}
    }
    items
}

fn count_items(thread: &OpenThread) -> Vec<(String, Role)> {
    let totals = &thread.totals;
    let mut items = Vec::new();
    let counts = [(totals.positive, "▲"), (totals.negative, "▼")];
    let feedback: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, symbol)| format!("{count}{symbol}"))
        .collect();
    if !feedback.is_empty() {
        items.push((feedback.join(" "), Role::Text));
    }
    if totals.canceled > 0 {
        items.push((format!("{} cancelled", totals.canceled), Role::Warn));
    }
    if totals.span_errors > 0 {
        items.push((number::pluralize(totals.span_errors, "failed span"), Role::Error));
    }
    if totals.errors > 0 {
        items.push((number::pluralize(totals.errors, "error"), Role::Error));
    }
    if totals.unreadable > 0 {
        items.push((format!("{} unreadable", totals.unreadable), Role::Error));
    }
    if let Some(summary) = &thread.body_summary {
        if summary.is_partial {
            items.push(("incomplete".to_owned(), Role::Error));
        }
        items.push((message_count(thread), Role::Strong));
    }
    items
}

fn message_count(thread: &OpenThread) -> String {
    number::pluralize(thread.summaries.len(), "message")
}

/// The progress of the request, or the interval of following.
fn progress_item(app: &App) -> Option<(String, Role)> {
    let spinner = spinner(app);
    if let Some(seconds) = app.follow.interval_seconds()
        && app.loading.thread.is_some()
        && !matches!(app.loading.phase, Phase::RetryScheduled { .. })
    {
        // Constant during the fetches: new messages appear in the list.
        return Some((format!("Following, every {seconds} s"), Role::Accent));
    }
    match &app.loading.phase {
        Phase::Stopped => {
            let stopped = app.loading.thread.as_ref().filter(|thread| thread.body_summary.is_none())?;
            Some((format!("Stopped after {}", message_count(stopped)), Role::Warn))
        }
        Phase::Idle | Phase::Failed(_) => None,
        Phase::Connecting => match app.now.micros_since(app.loading.started_at) / 1_000_000 {
            seconds if seconds >= SLOW_AFTER_SECONDS => {
                Some((format!("{spinner} Waiting for server, {seconds} s"), Role::Accent))
            }
            _ => Some((format!("{spinner} Waiting for server"), Role::Accent)),
        },
        Phase::RetryScheduled { attempt, max_attempts, retry_at, .. } => {
            let seconds = retry_at.micros_since(app.now).max(0).saturating_add(999_999) / 1_000_000;
            Some((format!("{spinner} Retry {attempt}/{max_attempts} in {seconds} s"), Role::Warn))
        }
        Phase::Receiving { bytes, total, last_received_at } => {
            let loading = app.loading.incoming.as_ref().or(app.loading.thread.as_ref());
            let messages = loading.map_or_else(|| "no messages".to_owned(), message_count);
            let size = match total {
                Some(total) => format!("{} of {}", number::bytes(*bytes), number::bytes(*total)),
                None => number::bytes(*bytes),
            };
            let silent_seconds = app.now.micros_since(*last_received_at) / 1_000_000;
            if silent_seconds >= SLOW_AFTER_SECONDS {
                let text = format!("{spinner} Stalled for {silent_seconds} s · {messages}, {size}");
                return Some((text, Role::Warn));
            }
            Some((format!("{spinner} Loading · {messages}, {size}"), Role::Accent))
        }
    }
}
