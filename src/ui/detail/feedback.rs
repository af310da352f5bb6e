//! The Feedback tab: the feedback on this message, and below it the thread's feedback with a preview of the selected turn.

use ratatui::layout::Rect;

use crate::action::Action;
use crate::app::App;
use crate::app::detail::feedback::{ENTRY_LINES, comment, format_time};
use crate::domain::Feedback;
use crate::layout::{FeedbackAreas, Pane};
use crate::text::{Safe, time, width, wrap_styled};
use crate::theme::Role;
use crate::ui::detail::{Gutter, draw_document, draw_scrollbar};
use crate::ui::painter::{Painter, Pen};
use crate::ui::search;
use crate::view::message::{sentiment_style, sentiment_symbol};

/// Draws the tab.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let Some(state) = app.shown().message_state() else { return };
    let areas = app.shown().feedback_areas();
    let own = &state.view.message.feedback;
    let mut row = 0u16;
    for feedback in own {
        row = draw_entry(app, painter, areas.message_feedback, row, feedback);
    }
    if own.is_empty() {
        painter.write(&mut Pen::at(areas.message_feedback, 0), &empty_text(app), Role::Dim);
    }
    if app.detail.feedback.counts.first().is_none_or(|all| *all == 0) || areas.filter_bar.height == 0 {
        return;
    }
    draw_filter_bar(app, painter, areas.filter_bar);
    draw_list(app, painter, areas.list);
    draw_turn(app, painter, &areas);
    let view = &app.detail.feedback;
    draw_scrollbar(painter, areas.list, view.offset * ENTRY_LINES, view.filter.matching.len() * ENTRY_LINES);
}

/// Returns the text for a message without feedback.
fn empty_text(app: &App) -> String {
    let reason = app
        .loading
        .shown_thread()
        .and_then(|thread| thread.provider())
        .and_then(|p| p.capabilities().no_feedback_reason);
    reason.unwrap_or("No feedback on this message.").to_owned()
}

fn draw_entry(app: &App, painter: &mut Painter<'_>, area: Rect, row: u16, feedback: &Feedback) -> u16 {
    if row >= area.height {
        return row;
    }
    let mut pen = Pen::at(area, row);
    painter.write(&mut pen, sentiment_symbol(feedback.sentiment), sentiment_style(feedback.sentiment));
    painter.write(&mut pen, " ", Role::Text);
    painter.write_safe(&mut pen, &Safe::line(&feedback.sentiment_text), sentiment_style(feedback.sentiment));
    painter.write(
        &mut pen,
        &format!("  {}", format_time(feedback, &app.prefs.time_context(app.now))),
        Role::Dim,
    );
    let mut row = row + 1;
    let wrap = usize::from(area.width).saturating_sub(2).max(1);
    for line in &wrap_styled(comment(feedback), wrap, Role::Text) {
        if row >= area.height {
            break;
        }
        let mut pen = Pen::at(area, row);
        painter.write(&mut pen, "▏ ", sentiment_style(feedback.sentiment));
        painter.write_line(&mut pen, line);
        row += 1;
    }
    row + 1
}

/// Draws the kinds of feedback with their counts, and the phrase.
fn draw_filter_bar(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let filter = &app.detail.feedback.filter;
    let mut pen = Pen::at(area, 0);
    for (index, (kind, label)) in app.detail.feedback.kind_labels().into_iter().enumerate() {
        if index > 0 {
            painter.write(&mut pen, " │ ", Role::Border);
        }
        painter.write(&mut pen, &label, if kind == filter.kind { Role::TabHere } else { Role::Tab });
    }
    if !filter.phrase.is_empty() {
        let phrase = Safe::line(&filter.phrase);
        let (cut, _) = width::ellipsize(phrase.as_str(), 24);
        painter.write(&mut pen, &format!("  “{cut}” {}", filter.matching.len()), Role::Accent);
    }
    let key = |action| app.prefs.keymap.keys_of(action).first().cloned().unwrap_or_default();
    let hint = format!("{} kind · {} phrase · enter open", key(Action::NextPart), key(Action::Filter));
    pen.x = pen.x.saturating_add(3);
    painter.write_right(&mut pen, &hint, Role::Dim);
}

fn draw_list(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let view = &app.detail.feedback;
    if view.filter.matching.is_empty() {
        painter.write(&mut Pen::at(area, 0), "No matching feedback.", Role::Dim);
        return;
    }
    let rows = (usize::from(area.height) / ENTRY_LINES).max(1);
    for (index, message) in view.filter.matching.iter().enumerate().skip(view.offset).take(rows) {
        let row = u16::try_from((index - view.offset) * ENTRY_LINES).unwrap_or(0);
        draw_list_entry(app, painter, area, row, *message);
        if index == view.selected {
            let cells = Rect::new(area.x, area.y + row, area.width, 1);
            let is_focused = app.screen.focus == Pane::Detail && app.overlay.is_none();
            painter.select(cells, is_focused);
        }
    }
}

fn draw_list_entry(app: &App, painter: &mut Painter<'_>, area: Rect, row: u16, message: u32) {
    let mut pen = Pen::at(area, row);
    painter.write(&mut pen, &format!("{:>5}  ", message.saturating_add(1)), Role::Dim);
    let all = app.detail.feedback.feedback_at(message);
    let Some(feedback) = all.iter().min_by_key(|one| one.sentiment.precedence()) else { return };
    painter.write(&mut pen, sentiment_symbol(feedback.sentiment), sentiment_style(feedback.sentiment));
    painter.write(&mut pen, " ", Role::Text);
    if let Some(stamp) = feedback.created_at {
        painter.write(&mut pen, &time::short(stamp, &app.prefs.time_format), Role::Dim);
    }
    if row + 1 >= area.height {
        return;
    }
    let mut pen = Pen::between(area.x + 7, area.right().saturating_sub(1), area.y + row + 1);
    let safe = Safe::line(comment(feedback));
    let role = if feedback.description.is_empty() { Role::Dim } else { Role::Text };
    let (cut, _) = width::ellipsize(safe.as_str(), pen.columns_left());
    painter.write(&mut pen, &cut, role);
    if let Some(finder) = app.detail.feedback.filter.finder() {
        search::highlight_line(painter, finder, Rect::new(area.x, area.y + row + 1, area.width, 1));
    }
}

/// Draws the turn of the selected entry, next to or below the list.
fn draw_turn(app: &App, painter: &mut Painter<'_>, areas: &FeedbackAreas) {
    let Some(turn) = app.detail.feedback.turn_preview.as_ref().filter(|_| !areas.turn.is_empty()) else {
        return;
    };
    let divider = areas.divider;
    if divider.height == 1 {
        painter.write(&mut Pen::at(divider, 0), &"─".repeat(usize::from(divider.width)), Role::Border);
    } else {
        for y in divider.top()..divider.bottom() {
            painter.set_cell(divider.x, y, "│", Role::Border);
        }
    }
    draw_document(&turn.text, false, Gutter::of(app), painter, areas.turn);
}
