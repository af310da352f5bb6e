//! The placeholder for the panes without a thread: getting started, loading progress, or the error.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::loading::{PaneContent, Phase};
use crate::app::thread_box::DropDown;
use crate::domain::{Source, UserError};
use crate::layout::{Mode, PaneArea};
use crate::text::{Line, Safe, number, wrap_styled};
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

/// The free area below the thread box when no pane is shown.
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
    let mut lines =
        wrap_styled("Paste a thread id, a link or the path of a saved thread.", width, Role::Strong);
    lines.push(Line::default());
    for text in &app.prefs.welcome {
        lines.extend(wrap_styled(text, width, Role::Dim));
        lines.extend(text.is_empty().then(Line::default));
    }
    lines.push(Line::default());
    lines.extend(wrap_styled("Press Esc, then ? for all keys.", width, Role::Dim));
    lines
}

/// The idle lines for a small screen, the most important ones first.
fn idle_compact(app: &App, width: usize) -> Vec<Line> {
    let mut lines = wrap_styled("Paste a thread id, a link or a path.", width, Role::Strong);
    for text in ["Press Esc, then ? for all keys or q to quit.", "unspool --demo has example threads."] {
        lines.extend(wrap_styled(text, width, Role::Text));
    }
    let welcome = app.prefs.welcome.iter().filter(|text| !text.is_empty() && !text.contains("--demo"));
    lines.extend(welcome.flat_map(|text| wrap_styled(text, width, Role::Dim)));
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
    let mut lines = headline("Could not open", source, width);
    lines.extend(wrap_styled(&error.message, width, Role::Error));
    for message in &error.service_messages {
        lines.extend(wrap_styled(&format!("“{}”", Safe::text(message).as_str()), width, Role::Text));
    }
    lines.push(Line::default());
    lines.extend(wrap_styled(&error.hint, width, Role::Strong));
    lines.push(Line::default());
    let back = if app.loading.thread.is_some() { "esc back to the previous thread · " } else { "" };
    lines.extend(wrap_styled(&format!("{back}r retry · i open another thread"), width, Role::Dim));
    lines
}
