//! The feedback tab: what was said about this message, below it the thread's feedback with the turn of the selected entry.
//! The twin of `app/detail/feedback`.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::feedback::{ENTRY_LINES, comment, sentiment_style, sentiment_symbol};
use crate::domain::Feedback;
use crate::layout::{FeedbackAreas, Pane};
use crate::text::{Safe, time, width, wrap_styled};
use crate::theme::Role;
use crate::ui::detail::{draw_document, draw_scrollbar};
use crate::ui::painter::{Painter, Pen};
use crate::ui::search;

/// Draws the tab.
pub fn draw(app: &App, painter: &mut Painter<'_>) {
    let Some(shown) = app.message_state() else { return };
    let areas = app.feedback_areas();
    let own = &shown.view.message.feedback;
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

/// Why there is none.
fn empty_text(app: &App) -> String {
    let why = app
        .shown_thread()
        .and_then(|thread| thread.provider())
        .and_then(|p| p.capabilities().no_feedback_reason);
    why.unwrap_or("nobody left feedback on this message").to_owned()
}

fn draw_entry(app: &App, painter: &mut Painter<'_>, area: Rect, row: u16, feedback: &Feedback) -> u16 {
    if row >= area.height {
        return row;
    }
    let mut pen = Pen::at(area, row);
    painter.write(&mut pen, sentiment_symbol(feedback.sentiment), sentiment_style(feedback.sentiment));
    painter.write(&mut pen, " ", Role::Text);
    painter.write_safe(&mut pen, &Safe::line(&feedback.sentiment_text), sentiment_style(feedback.sentiment));
    painter.write(&mut pen, &format!("  {}", app.feedback_time(feedback)), Role::Dim);
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

/// What is listed: the kinds with their numbers, and the phrase.
fn draw_filter_bar(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let sift = &app.detail.feedback.filter;
    let mut pen = Pen::at(area, 0);
    for (index, (kind, label)) in app.feedback_kind_labels().into_iter().enumerate() {
        if index > 0 {
            painter.write(&mut pen, " │ ", Role::Border);
        }
        painter.write(&mut pen, &label, if kind == sift.kind { Role::TabHere } else { Role::Tab });
    }
    if !sift.phrase.is_empty() {
        let typed = Safe::line(&sift.phrase);
        let (cut, _) = width::ellipsize(typed.as_str(), 24);
        painter.write(&mut pen, &format!("  “{cut}” {}", sift.matching.len()), Role::Accent);
    }
    let keys = |action| app.prefs.keymap.keys_of(action).first().cloned().unwrap_or_default();
    let next = keys(crate::action::Action::NextPart);
    let phrase = keys(crate::action::Action::Filter);
    let hint = format!("{next} kind  {phrase} phrase  enter goes there");
    pen.x = pen.x.saturating_add(3);
    painter.write_right(&mut pen, &hint, Role::Dim);
}

fn draw_list(app: &App, painter: &mut Painter<'_>, area: Rect) {
    let view = &app.detail.feedback;
    if view.filter.matching.is_empty() {
        painter.write(&mut Pen::at(area, 0), "no feedback is like that", Role::Dim);
        return;
    }
    let rows = (usize::from(area.height) / ENTRY_LINES).max(1);
    for (index, place) in view.filter.matching.iter().enumerate().skip(view.offset).take(rows) {
        let row = u16::try_from((index - view.offset) * ENTRY_LINES).unwrap_or(0);
        draw_list_entry(app, painter, area, row, *place);
        if index == view.selected {
            let cells = Rect::new(area.x, area.y + row, area.width, 1);
            let here = app.focus == Pane::Detail && app.overlay.is_none();
            painter.tint(cells, if here { Role::Selected } else { Role::SelectedElsewhere });
        }
    }
}

fn draw_list_entry(app: &App, painter: &mut Painter<'_>, area: Rect, row: u16, place: u32) {
    let mut pen = Pen::at(area, row);
    painter.write(&mut pen, &format!("{:>5}  ", place.saturating_add(1)), Role::Dim);
    let Some(feedback) = app.detail.feedback.feedback_at(place).first() else { return };
    painter.write(&mut pen, sentiment_symbol(feedback.sentiment), sentiment_style(feedback.sentiment));
    painter.write(&mut pen, " ", Role::Text);
    if let Some(at) = feedback.created_at {
        painter.write(&mut pen, &time::short(at, &app.prefs.time_format), Role::Dim);
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

/// The turn of the selected entry, beside or below the list.
fn draw_turn(app: &App, painter: &mut Painter<'_>, areas: &FeedbackAreas) {
    let Some(turn) = app.detail.feedback.turn_preview.as_ref().filter(|_| !areas.turn.is_empty()) else {
        return;
    };
    let rule = areas.divider;
    if rule.height == 1 {
        painter.write(&mut Pen::at(rule, 0), &"─".repeat(usize::from(rule.width)), Role::Border);
    } else {
        for y in rule.top()..rule.bottom() {
            painter.set_cell(rule.x, y, "│", Role::Border);
        }
    }
    draw_document(&turn.document, turn.offset, false, painter, areas.turn);
}
