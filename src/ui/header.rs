//! The first line: what is open, and what there is to know about it at a glance. While something loads, real numbers.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::loading::{PaneContent, Phase};
use crate::domain::{Origin, Source};
use crate::text::{Safe, number};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};
use crate::view::thread::OpenThread;

/// From so many seconds on a wait is told in seconds.
const SLOW_AFTER_SECONDS: i64 = 3;

/// In fewer columns than this a title tells nothing.
const MIN_TITLE_COLUMNS: usize = 8;

/// Columns that the service takes beside a title.
const MIN_SERVICE_COLUMNS: usize = 6;

/// The sign of life.
const SPINNER_FRAMES: [&str; 8] = ["⠋", "⠙", "⠸", "⢰", "⣠", "⣄", "⡆", "⠇"];

/// Draws the line.
pub fn draw(app: &App, painter: &mut Painter<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let mut pen = Pen::at(area, 0);
    painter.write(&mut pen, " unspool", Role::Accent);
    painter.write(&mut pen, "  ", Role::Text);
    let facts = status_items(app);
    // Facts give way from the left until half of the line is left for the title.
    let room = pen.columns_left().saturating_sub(1);
    let mut width: usize = facts.iter().map(|(text, _)| crate::text::width::columns(text) + 3).sum();
    let mut shown = facts.as_slice();
    while let Some(((first, _), rest)) = shown.split_first()
        && width > room * 3 / 5
        && rest.len() > 1
    {
        width -= crate::text::width::columns(first) + 3;
        shown = rest;
    }
    let mut title_pen = pen.with_right(pen.right.saturating_sub(u16::try_from(width + 1).unwrap_or(0)));
    draw_title(app, painter, &mut title_pen);
    painter.write(&mut Pen::between(pen.right.saturating_sub(1), pen.right, pen.y), " ", Role::Text);
    pen.right = pen.right.saturating_sub(1);
    for (text, role) in shown.iter().rev() {
        painter.write_right(&mut pen, text, *role);
        painter.write_right(&mut pen, "   ", Role::Text);
    }
}

fn draw_title(app: &App, painter: &mut Painter<'_>, pen: &mut Pen) {
    let (source, service, title) = match app.pane_content() {
        PaneContent::Idle => return draw_active_profiles(app, painter, pen),
        PaneContent::Opening(source) | PaneContent::Failed(source, _) | PaneContent::Stopped(source) => {
            (source, None, source.to_input())
        }
        PaneContent::Thread(thread) => (&thread.source, thread.service, thread.title()),
    };
    let (asked, profile) = match source {
        Source::Thread(thread) => (Some(thread.service), app.prefs.profiles.active_profile(thread.service)),
        Source::File(_) | Source::Stdin => (None, None),
    };
    if pen.columns_left() < MIN_TITLE_COLUMNS {
        return;
    }
    let service = service.or(asked.filter(|_| profile.is_some()));
    if let Some(service) = service.filter(|_| pen.columns_left() >= MIN_SERVICE_COLUMNS + MIN_TITLE_COLUMNS) {
        draw_service(service, profile, painter, pen);
    }
    let title = Safe::line(&title);
    let (cut, _) = crate::text::width::ellipsize(title.as_str(), pen.columns_left());
    painter.write(pen, &cut, Role::Strong);
}

/// Where threads come from: the service, and the profile by which it is reached.
fn draw_service(service: &str, profile: Option<&str>, painter: &mut Painter<'_>, pen: &mut Pen) {
    painter.write(pen, service, Role::Dim);
    if let Some(profile) = profile {
        painter.write(pen, " · ", Role::Dim);
        let (cut, _) = crate::text::width::ellipsize(profile, pen.columns_left() / 3);
        painter.write(pen, &cut, Role::Text);
    }
    painter.write(pen, "  ", Role::Text);
}

/// While nothing is open: the profiles in use.
fn draw_active_profiles(app: &App, painter: &mut Painter<'_>, pen: &mut Pen) {
    for reached in &app.prefs.profiles.active {
        if let Some(profile) = &reached.profile {
            draw_service(reached.service, Some(profile), painter, pen);
        }
    }
}

/// What there is to know, the least important first.
fn status_items(app: &App) -> Vec<(String, Role)> {
    let mut facts = Vec::new();
    if let PaneContent::Thread(thread) = app.pane_content() {
        facts.extend(origin_items(app, thread));
        facts.extend(count_items(thread));
    }
    facts.extend(progress_items(app));
    facts
}

fn origin_items(app: &App, thread: &OpenThread) -> Vec<(String, Role)> {
    let mut facts = Vec::new();
    if let Some(ending) = &thread.body_summary {
        facts.push((number::bytes(ending.bytes), Role::Dim));
    }
    match &thread.origin {
        Origin::Cache { fetched_at } => {
            facts.push((format!("saved {}", number::age(*fetched_at, app.now)), Role::Warn));
        }
        Origin::Network { .. } if !app.loading.is_active() => {
            let age = app.now.micros_since(thread.fetched_at);
            if age > 60_000_000 {
                facts.push((format!("fetched {}", number::age(thread.fetched_at, app.now)), Role::Dim));
            }
        }
        Origin::Network { .. } | Origin::File { .. } => {}
    }
    facts
}

fn count_items(thread: &OpenThread) -> Vec<(String, Role)> {
    let totals = &thread.totals;
    let mut facts = Vec::new();
    let mut thumbs = Vec::new();
    if totals.positive > 0 {
        thumbs.push(format!("{}▲", totals.positive));
    }
    if totals.negative > 0 {
        thumbs.push(format!("{}▼", totals.negative));
    }
    if !thumbs.is_empty() {
        facts.push((thumbs.join(" "), Role::Text));
    }
    if totals.canceled > 0 {
        facts.push((format!("{} cancelled", totals.canceled), Role::Warn));
    }
    if totals.span_errors > 0 {
        facts.push((counted(totals.span_errors, "failed span"), Role::Error));
    }
    if totals.errors > 0 {
        facts.push((counted(totals.errors, "error"), Role::Error));
    }
    if totals.unreadable > 0 {
        facts.push((format!("{} unreadable", totals.unreadable), Role::Error));
    }
    let ending = thread.body_summary.as_ref();
    if ending.is_some_and(|ending| ending.is_partial) {
        facts.push(("partial".to_owned(), Role::Error));
    }
    if ending.is_some() {
        facts.push((counted(thread.summaries.len(), "message"), Role::Strong));
    }
    facts
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// What is under way, in numbers.
fn progress_items(app: &App) -> Vec<(String, Role)> {
    let beat = SPINNER_FRAMES.get((app.spinner_frame % 8) as usize).copied().unwrap_or("⠋");
    let growing = app.loading.incoming.as_ref().or(app.thread.as_ref());
    if let Some(follow) = &app.follow
        && app.thread.is_some()
        && !matches!(app.loading.phase, Phase::RetryScheduled { .. })
    {
        // The pace stands still while it is asked again: what is new shows in the list.
        return vec![(format!("following, every {} s", follow.interval_seconds), Role::Accent)];
    }
    match &app.loading.phase {
        Phase::Stopped => {
            let begun = app.thread.as_ref().filter(|thread| thread.body_summary.is_none());
            let left = begun.map(|thread| (format!("stopped after {}", thread.summaries.len()), Role::Warn));
            left.into_iter().collect()
        }
        Phase::Idle | Phase::Failed(_) => Vec::new(),
        Phase::Connecting => match app.now.micros_since(app.loading.started_at) / 1_000_000 {
            waited if waited >= SLOW_AFTER_SECONDS => {
                vec![(format!("{beat} asking, {waited} s"), Role::Accent)]
            }
            _ => vec![(format!("{beat} asking"), Role::Accent)],
        },
        Phase::RetryScheduled { attempt, max_attempts: of, retry_at: until, .. } => {
            let left = until.micros_since(app.now).max(0).saturating_add(999_999) / 1_000_000;
            vec![(format!("{beat} try {attempt} of {of} in {left} s"), Role::Warn)]
        }
        Phase::Receiving { bytes, total, last_received_at: at } => {
            let read = growing.map_or(0, |thread| thread.summaries.len());
            let size = match total {
                Some(total) => format!("{} of {}", number::bytes(*bytes), number::bytes(*total)),
                None => number::bytes(*bytes),
            };
            let silent = app.now.micros_since(*at) / 1_000_000;
            if silent >= SLOW_AFTER_SECONDS {
                return vec![(format!("{beat} nothing for {silent} s: {read} so far, {size}"), Role::Warn)];
            }
            vec![(format!("{beat} reading: {read} so far, {size}"), Role::Accent)]
        }
    }
}
