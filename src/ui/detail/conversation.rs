//! The conversation: for each message in view a rule and its text. The rule of the message at the top stays in view.

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::detail::conversation::VisibleMessage;
use crate::domain::MessageSummary;
use crate::json;
use crate::layout::Pane;
use crate::text::{Safe, number, width};
use crate::theme::Role;
use crate::ui::detail::document::{Gutter, draw_gutter};
use crate::ui::detail::draw_scrollbar_part;
use crate::ui::painter::{Painter, Pen};
use crate::view::conversation::Heading;
use crate::view::message::role_style;

/// The units of a message in the scrollbar.
const SCROLL_UNITS: usize = 64;

/// Draws the messages in view.
pub fn draw(app: &App, painter: &mut Painter<'_>, inner: Rect) {
    let visible = app.shown().visible_messages();
    let fold_target = app.shown().fold_target().filter(|_| app.screen.focus == Pane::Detail);
    for message in &visible {
        draw_message(app, painter, inner, message, fold_target);
    }
    if let Some(top) = visible.first() {
        if top.first_row > 0 && top.first_row + 1 < top.rows {
            let mut pen = Pen::at(inner, 0);
            painter.clear(Rect { height: 1, ..inner });
            draw_heading(app, painter, &mut pen, top.position);
        }
        draw_position(app, painter, inner, &visible);
    }
}

fn draw_message(
    app: &App,
    painter: &mut Painter<'_>,
    inner: Rect,
    message: &VisibleMessage,
    fold_target: Option<(usize, usize)>,
) {
    let page = usize::from(inner.height);
    let row_at = |entry_row: usize| {
        let row = (message.top + entry_row).checked_sub(message.first_row)?;
        u16::try_from(row).ok().filter(|row| *row < inner.height)
    };
    if let Some(row) = row_at(0) {
        draw_heading(app, painter, &mut Pen::at(inner, row), message.position);
    }
    let Some(state) = app.shown().message_state_at(message.position) else {
        return draw_placeholder(app, painter, inner, message, row_at);
    };
    let target = fold_target.filter(|(position, _)| *position == message.position);
    let first = message.first_row.saturating_sub(1);
    let last = (message.first_row + page).saturating_sub(message.top + 1);
    let rows = state.text.document.window(first..last);
    for (document_row, content) in (first..).zip(rows) {
        let Some(row) = row_at(document_row + 1) else { continue };
        let mut pen = Pen::at(inner, row);
        let is_target = target.is_some_and(|(_, target)| target == content.section);
        draw_gutter(painter, &mut pen, &content, Gutter::of(app), is_target);
        painter.write_line(&mut pen, &content.line);
    }
}

fn draw_heading(app: &App, painter: &mut Painter<'_>, pen: &mut Pen, position: usize) {
    let Some(thread) = app.loading.shown_thread() else { return };
    let Some(summary) = app.shown().summary_at(position) else { return };
    let heading = Heading {
        number: app.shown().thread_index_at(position).unwrap_or(position) + 1,
        summary,
        message: app.shown().message_state_at(position).map(|state| &state.view.message),
        time_format: &app.prefs.time_format,
        show_date: thread.spans_multiple_days(),
        is_selected: position == app.list.selected,
        call_name: app.shown().call_name_at(position),
        folded: app
            .shown()
            .thread_index_at(position)
            .and_then(|index| app.shown().folded_replies(index))
            .map_or(0, |folded| folded.messages),
        notes: app.shown().notes_on(summary),
    };
    let line = heading.line(pen.columns_left());
    painter.write_line(pen, &line);
}

/// Draws the size and the first line of a message that is not read yet.
fn draw_placeholder(
    app: &App,
    painter: &mut Painter<'_>,
    inner: Rect,
    message: &VisibleMessage,
    row_at: impl Fn(usize) -> Option<u16>,
) {
    let Some(summary) = app.shown().summary_at(message.position) else { return };
    let lines = [
        (format!("Loading {} …", number::bytes(summary.raw.len() as u64)), Role::Dim),
        (first_line(summary, usize::from(inner.width)), Role::Text),
    ];
    for (entry_row, (text, role)) in (1..).zip(lines) {
        let Some(row) = row_at(entry_row) else { continue };
        let mut pen = Pen::at(inner, row);
        painter.write(&mut pen, "▏ ", role_style(summary.role));
        let (cut, _) = width::ellipsize(&text, pen.columns_left());
        painter.write(&mut pen, &cut, role);
    }
}

fn first_line(summary: &MessageSummary, columns: usize) -> String {
    let text = json::decode_prefix(summary.raw.bytes_in(summary.preview), columns * 4);
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    Safe::line(line.trim()).into_string()
}

/// Draws the scrollbar. The height of the messages out of view is unknown, so each of them has the same share.
fn draw_position(app: &App, painter: &mut Painter<'_>, inner: Rect, visible: &[VisibleMessage]) {
    let page = usize::from(inner.height);
    let (Some(first), Some(last)) = (visible.first(), visible.last()) else { return };
    let units = |message: &VisibleMessage, row: usize| {
        message.position * SCROLL_UNITS + row.min(message.rows) * SCROLL_UNITS / message.rows.max(1)
    };
    // The blank row below the last message is never in view.
    let end = last.first_row + page.saturating_sub(last.top) + 1;
    let part = units(first, first.first_row)..units(last, end);
    draw_scrollbar_part(painter, inner, part, app.shown().list_len() * SCROLL_UNITS);
}
