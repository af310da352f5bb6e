//! The feedback tab: what was said about this message, below it the thread's feedback with the turn of the selected entry.
//! The twin of `app/detail/feedback`.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::feedback::{ENTRY, style, thumb, words};
use crate::domain::Feedback;
use crate::layout::{FeedbackAreas, Pane};
use crate::text::{Safe, plain, time, width};
use crate::theme::Role;
use crate::ui::detail::{document_rows, scroll_mark};
use crate::ui::marks;
use crate::ui::paint::{Painter, Pen};

/// Draws the tab.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let Some(shown) = app.shown() else { return };
    let areas = app.feedback_areas();
    let own = &shown.prepared.message.feedback;
    let mut row = 0u16;
    for feedback in own {
        row = entry(app, painter, areas.own, row, feedback);
    }
    if own.is_empty() {
        painter.word(&mut Pen::at(areas.own, 0), &empty(app), Role::Dim);
    }
    if app.detail.feedback.counts.first().is_none_or(|all| *all == 0) || areas.bar.height == 0 {
        return;
    }
    bar(app, painter, areas.bar);
    list(app, painter, areas.list);
    turn(app, painter, &areas);
    let view = &app.detail.feedback;
    scroll_mark(painter, areas.list, view.offset * ENTRY, view.sift.passing.len() * ENTRY);
}

/// Why there is none.
fn empty(app: &App) -> String {
    let why =
        app.shown_thread().and_then(|thread| thread.provider()).and_then(|p| p.capabilities().no_feedback);
    why.unwrap_or("nobody left feedback on this message").to_owned()
}

fn entry(app: &App, painter: &mut Painter<'_>, area: Rect, row: u16, feedback: &Feedback) -> u16 {
    if row >= area.height {
        return row;
    }
    let mut pen = Pen::at(area, row);
    painter.word(&mut pen, thumb(feedback.sentiment), style(feedback.sentiment));
    painter.word(&mut pen, " ", Role::Text);
    painter.safe(&mut pen, &Safe::line(&feedback.sentiment_text), style(feedback.sentiment));
    painter.word(&mut pen, &format!("  {}", app.when(feedback)), Role::Dim);
    let mut row = row + 1;
    let wrap = usize::from(area.width).saturating_sub(2).max(1);
    for line in &plain(words(feedback), wrap, Role::Text) {
        if row >= area.height {
            break;
        }
        let mut pen = Pen::at(area, row);
        painter.word(&mut pen, "▏ ", style(feedback.sentiment));
        painter.line(&mut pen, line);
        row += 1;
    }
    row + 1
}

/// What is listed: the kinds with their numbers, and the phrase.
fn bar(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let sift = &app.detail.feedback.sift;
    let mut pen = Pen::at(area, 0);
    for (index, (kind, label)) in app.feedback_labels().into_iter().enumerate() {
        if index > 0 {
            painter.word(&mut pen, " │ ", Role::Border);
        }
        painter.word(&mut pen, &label, if kind == sift.kind { Role::TabHere } else { Role::Tab });
    }
    if !sift.typed.is_empty() {
        let typed = Safe::line(&sift.typed);
        let (cut, _) = width::ellipsis(typed.as_str(), 24);
        painter.word(&mut pen, &format!("  “{cut}” {}", sift.passing.len()), Role::Accent);
    }
    let keys = |action| app.prefs.keymap.keys_of(action).first().cloned().unwrap_or_default();
    let next = keys(crate::action::Action::NextPart);
    let phrase = keys(crate::action::Action::Filter);
    let hint = format!("{next} kind  {phrase} phrase  enter goes there");
    pen.x = pen.x.saturating_add(3);
    painter.right(&mut pen, &hint, Role::Dim);
}

fn list(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let view = &app.detail.feedback;
    if view.sift.passing.is_empty() {
        painter.word(&mut Pen::at(area, 0), "no feedback is like that", Role::Dim);
        return;
    }
    let rows = (usize::from(area.height) / ENTRY).max(1);
    for (index, place) in view.sift.passing.iter().enumerate().skip(view.offset).take(rows) {
        let row = u16::try_from((index - view.offset) * ENTRY).unwrap_or(0);
        list_entry(app, painter, area, row, *place);
        if index == view.selected {
            let cells = Rect::new(area.x, area.y + row, area.width, 1);
            let here = app.focus == Pane::Detail && app.overlay.is_none();
            painter.tint(cells, if here { Role::Selected } else { Role::SelectedElsewhere });
        }
    }
}

fn list_entry(app: &App, painter: &mut Painter<'_>, area: Rect, row: u16, place: u32) {
    let mut pen = Pen::at(area, row);
    painter.word(&mut pen, &format!("{:>5}  ", place.saturating_add(1)), Role::Dim);
    let Some(feedback) = app.detail.feedback.of(place).first() else { return };
    painter.word(&mut pen, thumb(feedback.sentiment), style(feedback.sentiment));
    painter.word(&mut pen, " ", Role::Text);
    if let Some(at) = feedback.created_at {
        painter.word(&mut pen, &time::short(at, &app.prefs.zone), Role::Dim);
    }
    if row + 1 >= area.height {
        return;
    }
    let mut pen = Pen::between(area.x + 7, area.right().saturating_sub(1), area.y + row + 1);
    let safe = Safe::line(words(feedback));
    let role = if feedback.description.is_empty() { Role::Dim } else { Role::Text };
    let (cut, _) = width::ellipsis(safe.as_str(), pen.room());
    painter.word(&mut pen, &cut, role);
    if let Some(finder) = app.detail.feedback.sift.finder() {
        marks::line(painter, finder, Rect::new(area.x, area.y + row + 1, area.width, 1));
    }
}

/// The turn of the selected entry, beside or below the list.
fn turn(app: &App, painter: &mut Painter<'_>, areas: &FeedbackAreas) {
    let Some(turn) = app.detail.feedback.turn.as_ref().filter(|_| !areas.turn.is_empty()) else { return };
    let rule = areas.rule;
    if rule.height == 1 {
        painter.word(&mut Pen::at(rule, 0), &"─".repeat(usize::from(rule.width)), Role::Border);
    } else {
        for y in rule.top()..rule.bottom() {
            painter.cell(rule.x, y, "│", Role::Border);
        }
    }
    document_rows(&turn.document, turn.offset, false, painter, areas.turn);
}
