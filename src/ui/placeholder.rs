//! What the panes show while there is no thread in them: how to begin, what is being opened, why it failed.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::loading::{PaneContent, Phase};
use crate::app::thread_box::DropDown;
use crate::domain::{Source, UserError};
use crate::layout::{Mode, PaneArea};
use crate::text::{Line, Safe, wrap_styled};
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};

/// Draws the panel over the place of the panes, below what drops down.
pub fn draw(app: &App, drop: Option<&DropDown<'_>>, painter: &mut Painter<'_>) {
    let frame = app.frame();
    let panes: [PaneArea; 2] = [frame.messages, frame.detail];
    let area = panes
        .iter()
        .filter(|pane| pane.is_shown())
        .fold(Rect::default(), |all, pane| if all.is_empty() { pane.outer } else { all.union(pane.outer) });
    let area = if area.is_empty() { area_below_box(&frame.thread_box) } else { area };
    let inside = if area.width > 8 && area.height > 4 && frame.mode != Mode::Small {
        // Nothing is framed before there is something: the threads that drop down have a frame of their own.
        if !matches!(app.pane_content(), PaneContent::Idle) {
            painter.draw_border(area, Role::Border);
        }
        Rect::new(area.x + 3, area.y + 2, area.width - 6, area.height - 3)
    } else {
        area
    };
    let covered = drop.map_or(0, |drop| drop.area.bottom());
    let top = if covered >= inside.y { covered + 1 } else { inside.y }.min(inside.bottom());
    let inside = Rect { y: top, height: inside.bottom() - top, ..inside };
    let lines = content(app, usize::from(inside.width));
    for (row, line) in (0..inside.height).zip(&lines) {
        painter.write_line(&mut Pen::at(inside, row), line);
    }
}

/// Where only the thread box is shown, the rows below its line are free.
fn area_below_box(thread_box: &PaneArea) -> Rect {
    let outer = thread_box.outer;
    let top =
        thread_box.row_below_single_line().saturating_add(u16::from(outer.height > 4)).min(outer.bottom());
    let side = u16::from(outer.width > 20);
    Rect::new(outer.x + side, top, outer.width.saturating_sub(2 * side), outer.bottom() - top)
}

fn content(app: &App, width: usize) -> Vec<Line> {
    match app.pane_content() {
        PaneContent::Idle | PaneContent::Thread(_) if app.frame().mode == Mode::Small => {
            idle_compact(app, width)
        }
        PaneContent::Idle | PaneContent::Thread(_) => idle(app, width),
        PaneContent::Opening(source) => opening(app, source, width),
        PaneContent::Failed(source, failure) => failed(app, source, failure, width),
        PaneContent::Stopped(source) => {
            let mut lines = headline("Stopped", source, width);
            lines.extend(wrap_styled("r asks again, i opens another thread", width, Role::Dim));
            lines
        }
    }
}

fn idle(app: &App, width: usize) -> Vec<Line> {
    let mut lines =
        wrap_styled("Paste a thread id, a link or the path of a saved thread above.", width, Role::Strong);
    lines.push(Line::default());
    for text in &app.prefs.welcome {
        lines.extend(wrap_styled(text, width, Role::Dim));
        lines.extend(text.is_empty().then(Line::default));
    }
    lines.push(Line::default());
    lines.extend(wrap_styled("Esc, then ? shows all keys.", width, Role::Dim));
    lines
}

/// The same where there is little room: what to do first.
fn idle_compact(app: &App, width: usize) -> Vec<Line> {
    let mut lines = wrap_styled("Paste a thread id, a link or a path.", width, Role::Strong);
    for text in ["Esc, then ? shows all keys.", "Esc, then q quits. unspool --demo has threads to try."] {
        lines.extend(wrap_styled(text, width, Role::Text));
    }
    let welcome = app.prefs.welcome.iter().filter(|text| !text.is_empty() && !text.contains("--demo"));
    lines.extend(welcome.flat_map(|text| wrap_styled(text, width, Role::Dim)));
    lines
}

fn headline(what: &str, source: &Source, width: usize) -> Vec<Line> {
    let typed = source.to_input();
    let mut lines = wrap_styled(&format!("{what} {typed}"), width, Role::Strong);
    lines.push(Line::default());
    lines
}

fn opening(app: &App, source: &Source, width: usize) -> Vec<Line> {
    let mut lines = headline("Opening", source, width);
    let text = match &app.loading.phase {
        Phase::RetryScheduled { attempt, max_attempts: of, reason: why, .. } => {
            format!("{why}; try {attempt} of {of} comes next")
        }
        Phase::Receiving { bytes, .. } if *bytes > 0 => {
            format!("{} read, no message complete yet", crate::text::number::bytes(*bytes))
        }
        Phase::Receiving { .. } => "nothing of the thread has come yet".to_owned(),
        Phase::Idle | Phase::Connecting | Phase::Failed(_) | Phase::Stopped => {
            "waiting for an answer".to_owned()
        }
    };
    lines.extend(wrap_styled(&text, width, Role::Text));
    lines.push(Line::default());
    lines.extend(wrap_styled("Esc stops", width, Role::Dim));
    lines
}

fn failed(app: &App, source: &Source, failure: &UserError, width: usize) -> Vec<Line> {
    let mut lines = headline("Could not open", source, width);
    lines.extend(wrap_styled(&failure.message, width, Role::Error));
    for said in &failure.service_messages {
        lines.extend(wrap_styled(&format!("“{}”", Safe::text(said).as_str()), width, Role::Text));
    }
    lines.push(Line::default());
    lines.extend(wrap_styled(&failure.hint, width, Role::Strong));
    lines.push(Line::default());
    let back = if app.thread.is_some() { "Esc goes back to the thread before, " } else { "" };
    lines.extend(wrap_styled(&format!("{back}r tries again, i opens another thread"), width, Role::Dim));
    lines
}
