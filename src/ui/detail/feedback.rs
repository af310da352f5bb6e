//! The feedback tab: what was said about this message, and below it about all others. The twin of `app/detail/feedback`.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::feedback::{ENTRY, HEADING, thumb};
use crate::domain::{Feedback, Sentiment};
use crate::layout::Pane;
use crate::text::{Safe, number, plain, time, width};
use crate::theme::Role;
use crate::ui::paint::{Painter, Pen};

/// Draws the tab.
pub fn draw(app: &App, painter: &mut Painter<'_>, inner: Rect) {
    let Some(shown) = app.shown() else { return };
    let own = &shown.prepared.message.feedback;
    let own_rows = app.own_feedback_rows();
    let mut row = 0u16;
    for feedback in own {
        row = entry(app, painter, inner, row, feedback);
    }
    if own.is_empty() {
        painter.word(&mut Pen::at(inner, 0), &empty(app), Role::Dim);
    }
    let top = u16::try_from(own_rows).unwrap_or(u16::MAX);
    if top < inner.height {
        list(app, painter, inner, top);
    }
}

/// Why there is none.
fn empty(app: &App) -> String {
    let why =
        app.shown_thread().and_then(|thread| thread.provider()).and_then(|p| p.capabilities().no_feedback);
    why.unwrap_or("nobody left feedback on this message").to_owned()
}

fn style(sentiment: Sentiment) -> Role {
    match sentiment {
        Sentiment::Positive => Role::Ok,
        Sentiment::Negative => Role::Error,
        Sentiment::Other => Role::Warn,
    }
}

fn entry(app: &App, painter: &mut Painter<'_>, inner: Rect, row: u16, feedback: &Feedback) -> u16 {
    if row >= inner.height {
        return row;
    }
    let mut pen = Pen::at(inner, row);
    painter.word(&mut pen, thumb(feedback.sentiment), style(feedback.sentiment));
    painter.word(&mut pen, " ", Role::Text);
    painter.safe(&mut pen, &Safe::line(&feedback.sentiment_text), style(feedback.sentiment));
    let when = match feedback.created_at {
        Some(at) => format!("{}  ({})", time::full(at, &app.prefs.zone), number::age(at, app.now)),
        None => Safe::line(&feedback.created_text).as_str().to_owned(),
    };
    painter.word(&mut pen, &format!("  {when}"), Role::Dim);
    let mut row = row + 1;
    let wrap = usize::from(inner.width).saturating_sub(2).max(1);
    let text = if feedback.description.is_empty() { "(no words)" } else { feedback.description.as_str() };
    for line in plain(text, wrap, Role::Text).iter().take(8) {
        if row >= inner.height {
            break;
        }
        let mut pen = Pen::at(inner, row);
        painter.word(&mut pen, "▏ ", style(feedback.sentiment));
        painter.line(&mut pen, line);
        row += 1;
    }
    row
}

fn list(app: &App, painter: &mut Painter<'_>, inner: Rect, top: u16) {
    let view = &app.detail.feedback;
    if view.places.is_empty() {
        return;
    }
    let mut pen = Pen::at(inner, top);
    painter.word(&mut pen, &format!("In this thread: {}", view.places.len()), Role::Heading);
    painter.word(&mut pen, "   enter goes to the message", Role::Dim);
    let first = top + HEADING as u16 - 1;
    let rows = usize::from(inner.height.saturating_sub(first)) / ENTRY;
    for (index, place) in view.places.iter().enumerate().skip(view.offset).take(rows) {
        let row = first + u16::try_from((index - view.offset) * ENTRY).unwrap_or(0);
        list_entry(app, painter, inner, row, *place);
        if index == view.selected && app.focus == Pane::Detail {
            let cells = Rect::new(inner.x, inner.y + row, inner.width, 1);
            painter.tint(cells, Role::Selected);
        }
    }
}

fn list_entry(app: &App, painter: &mut Painter<'_>, inner: Rect, row: u16, place: u32) {
    let mut pen = Pen::at(inner, row);
    painter.word(&mut pen, &format!("{:>5}  ", place.saturating_add(1)), Role::Dim);
    let Some(feedback) = app.detail.feedback.of(place).first() else { return };
    painter.word(&mut pen, thumb(feedback.sentiment), style(feedback.sentiment));
    painter.word(&mut pen, " ", Role::Text);
    if let Some(at) = feedback.created_at {
        painter.word(&mut pen, &time::full(at, &app.prefs.zone), Role::Dim);
    }
    let mut pen = Pen { x: inner.x + 7, ..Pen::at(inner, row + 1) };
    if row + 1 < inner.height {
        let text = if feedback.description.is_empty() { "(no words)" } else { feedback.description.as_str() };
        let safe = Safe::line(text);
        let (cut, _) = width::ellipsis(safe.as_str(), pen.room());
        painter.word(&mut pen, &cut, Role::Text);
    }
}
