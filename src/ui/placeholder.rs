//! The placeholder for the panes without a thread: getting started, loading progress, or the error.

use ratatui::layout::Rect;

use crate::action::Action;
use crate::app::App;
use crate::app::loading::{PaneContent, Phase};
use crate::app::thread_box::DropDown;
use crate::domain::{Source, UserError};
use crate::layout::{Mode, PaneArea};
use crate::text::{Line, Safe, number, to_sentence, width, wrap_styled};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};

/// Draws the placeholder in the area of the panes, below the drop-down.
pub fn draw(app: &App, drop_down: Option<&DropDown<'_>>, painter: &mut Painter<'_>) {
    let frame = app.screen.frame();
    let panes: [PaneArea; 2] = [frame.messages, frame.detail];
    let area = panes
        .iter()
        .filter(|pane| pane.is_shown())
        .fold(Rect::default(), |all, pane| if all.is_empty() { pane.outer } else { all.union(pane.outer) });
    let area = if area.is_empty() { area_below_box(&frame.thread_box) } else { area };
    let inside = if area.width > 8 && area.height > 4 && frame.mode != Mode::Small {
        // The idle screen has no border: the drop-down has its own.
        if !matches!(app.loading.pane_content(), PaneContent::Idle) {
            painter.draw_border(area, Role::Border);
        }
        Rect::new(area.x + 3, area.y + 2, area.width - 6, area.height - 3)
    } else {
        area
    };
    let covered = drop_down.map_or(0, |drop_down| drop_down.area.bottom());
    let top = if covered >= inside.y { covered + 1 } else { inside.y }.min(inside.bottom());
    let inside = Rect { y: top, height: inside.bottom() - top, ..inside };
    let lines = content(app, usize::from(inside.width));
    for (row, line) in (0..inside.height).zip(&lines) {
        painter.write_line(&mut Pen::at(inside, row), line);
    }
}

/// Returns the free area below the thread box when no pane is shown.
fn area_below_box(thread_box: &PaneArea) -> Rect {
    let outer = thread_box.outer;
    let top = thread_box.second_row().saturating_add(u16::from(outer.height > 4)).min(outer.bottom());
    let side = u16::from(outer.width > 20);
    Rect::new(outer.x + side, top, outer.width.saturating_sub(2 * side), outer.bottom() - top)
}

fn content(app: &App, width: usize) -> Vec<Line> {
    match app.loading.pane_content() {
        PaneContent::Idle | PaneContent::Thread(_) if app.screen.frame().mode == Mode::Small => {
            idle_compact(app, width)
        }
        PaneContent::Idle | PaneContent::Thread(_) => idle(app, width),
        PaneContent::Opening(source) => opening(app, source, width),
        PaneContent::Failed(source, error) => failed(app, source, error, width),
        PaneContent::Stopped(source) => {
            let mut lines = headline("Stopped", source, width);
            lines.extend(wrap_styled("r retry · i open another thread", width, Role::Dim));
            lines
        }
    }
}

fn idle(app: &App, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    if app.thread_box.recent_threads().is_empty() {
        lines.extend(wrap_styled("Three ways to begin", width, Role::Strong));
        let login = "2  Store an API key: quit with ctrl-c and run unspool login.";
        let demo = "3  Try the demo: choose the row above with Enter.";
        for text in ["1  Paste a thread id, a link or the path of a saved thread.", login, demo] {
            lines.extend(wrap_styled(text, width, Role::Text));
        }
    } else {
        let text = "Paste a thread id, a link or a path, or type words of a title.";
        lines.extend(wrap_styled(text, width, Role::Strong));
    }
    lines.push(Line::default());
    lines.extend(app.prefs.welcome.iter().flat_map(|text| wrap_styled(text, width, Role::Dim)));
    lines
}

/// Returns the idle lines for a small screen, the most important ones first.
fn idle_compact(app: &App, width: usize) -> Vec<Line> {
    let text = "Paste a thread id, a link or a path. F1 help, ctrl-c quit.";
    let mut lines = wrap_styled(text, width, Role::Strong);
    lines.extend(app.prefs.welcome.iter().flat_map(|text| wrap_styled(text, width, Role::Dim)));
    lines
}

fn headline(state: &str, source: &Source, width: usize) -> Vec<Line> {
    let mut lines = wrap_styled(&format!("{state} {}", source.to_input()), width, Role::Strong);
    lines.push(Line::default());
    lines
}

fn opening(app: &App, source: &Source, width: usize) -> Vec<Line> {
    let mut lines = headline("Opening", source, width);
    let text = match &app.loading.phase {
        Phase::RetryScheduled { attempt, max_attempts, reason, .. } => {
            format!("{reason}; retrying ({attempt}/{max_attempts})")
        }
        Phase::Receiving { bytes, .. } if *bytes > 0 => {
            format!("{} received, first message pending", number::bytes(*bytes))
        }
        Phase::Receiving { .. } => "Connected, no data yet".to_owned(),
        Phase::Idle | Phase::Connecting | Phase::Failed(_) | Phase::Stopped => {
            "Waiting for the server".to_owned()
        }
    };
    lines.extend(wrap_styled(&text, width, Role::Text));
    lines.push(Line::default());
    lines.extend(wrap_styled("esc stop", width, Role::Dim));
    lines
}

fn failed(app: &App, source: &Source, error: &UserError, width: usize) -> Vec<Line> {
    let mut lines = error_lines(app, error, &format!("Could not open {}", source.to_input()), width);
    lines.extend(wrap_styled(&failed_keys(app), width, Role::Text));
    lines.extend(recent_lines(app, source, width));
    lines
}

/// Formats an error: a sentence for people, the failed task, the next step, and the details.
pub fn error_lines(app: &App, error: &UserError, what_failed: &str, width: usize) -> Vec<Line> {
    let mut lines = wrap_styled(&to_sentence(error.summary()), width, Role::Error);
    lines.extend(wrap_styled(what_failed, width, Role::Strong));
    lines.extend(error.facts.iter().flat_map(|fact| wrap_styled(fact, width, Role::Text)));
    lines.push(Line::default());
    lines.extend(wrap_styled(&error.hint, width, Role::Strong));
    if let Some(seconds) = app.loading.seconds_to_wait(app.now) {
        let text = format!("The service accepts no further requests yet: {seconds} s left.");
        lines.extend(wrap_styled(&text, width, Role::Warn));
    }
    lines.push(Line::default());
    if !error.headline.is_empty() {
        lines.extend(wrap_styled(&error.message, width, Role::Dim));
    }
    for message in &error.service_messages {
        lines.extend(wrap_styled(&format!("“{}”", Safe::text(message).as_str()), width, Role::Dim));
    }
    lines.push(Line::default());
    lines
}

/// Returns the keys that lead out of an error.
fn failed_keys(app: &App) -> String {
    let key = |action: Action| app.prefs.keymap.keys_of(action).first().cloned().unwrap_or_default();
    let mut keys =
        vec![format!("{} retry", key(Action::Reload)), format!("{} open", key(Action::FocusThread))];
    if app.loading.thread.is_some() {
        keys.push(format!("{} back to the previous thread", key(Action::Back)));
    }
    if !app.prefs.profiles.choices.is_empty() {
        keys.push(format!("{} another profile", key(Action::ChooseProfile)));
    }
    keys.join(" · ")
}

/// Returns the titles of other threads, to continue after an error.
fn recent_lines(app: &App, failed: &Source, width: usize) -> Vec<Line> {
    let failed = failed.to_input();
    let threads = app.thread_box.recent_threads().iter().filter(|thread| thread.input != failed);
    let titles = threads.filter(|thread| !thread.title.trim().is_empty()).take(MAX_RECENT_TITLES);
    let lines: Vec<Line> = titles
        .flat_map(|thread| {
            let text = format!("{} · {}", thread.title, thread.input);
            let safe = Safe::line(&text);
            let (cut, _) = width::ellipsize(safe.as_str(), width);
            wrap_styled(&cut, width, Role::Dim)
        })
        .collect();
    if lines.is_empty() {
        return lines;
    }
    let mut all = vec![Line::default()];
    all.extend(wrap_styled("Recent threads", width, Role::Heading));
    all.extend(lines);
    all
}

/// The maximum number of recent threads below an error.
const MAX_RECENT_TITLES: usize = 5;
