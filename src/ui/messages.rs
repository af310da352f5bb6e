//! The message list: number, time, first line, marks and duration of each message. Only the rows on the screen are built.

mod row;

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::messages::ChipKind;
use crate::layout::Pane;
use crate::theme::Role;
use crate::ui::painter::{Painter, Pen};
use crate::ui::{border_role, draw_pane_border};
use crate::view::thread::{OpenThread, any_in};

use row::{Columns, MessageRow};

/// Draws the pane.
pub fn draw(app: &App, thread: &OpenThread, painter: &mut Painter<'_>) {
    let frame = app.screen.frame();
    let area = frame.messages;
    if !area.is_shown() {
        return;
    }
    draw_pane_border(painter, &area, border_role(app, Pane::Messages));
    draw_title(app, painter);
    let inner = area.inner;
    if app.shown().list_len() == 0 {
        let text = if app.list.matching.is_some() { "No matching messages" } else { "No messages" };
        painter.write(&mut Pen::at(inner, 0), text, Role::Dim);
        return;
    }
    let height = frame.rows_per_message.max(1);
    let columns = Columns::fit(app, thread, usize::from(inner.width));
    for (index, row) in (0..inner.height / height).zip(app.list.offset..app.shown().list_len()) {
        let Some(row) = MessageRow::new(app, columns, row) else { continue };
        let cells = Rect::new(inner.x, inner.y + index * height, inner.width, height);
        row.draw(painter, cells);
    }
}

fn draw_title(app: &App, painter: &mut Painter<'_>) {
    let Some(title) = app.shown().list_title() else { return };
    let mut pen = Pen::at(title.area, 0);
    painter.write(&mut pen, title.heading, Role::Title);
    painter.write(&mut pen, &title.number, Role::Dim);
    for chip in &title.chips {
        // In the border, a space also precedes the first chip.
        let start = chip.area.x.saturating_sub(u16::from(chip.area.y != title.area.y));
        let mut pen = Pen::between(start, chip.area.right(), chip.area.y);
        if start < chip.area.x {
            painter.write(&mut pen, " ", Role::Text);
        }
        let role = match chip.chip.kind {
            ChipKind::Search => Role::Match,
            ChipKind::Filter => Role::Accent,
            ChipKind::Order => Role::Text,
        };
        painter.write(&mut pen, chip.chip.label, Role::Dim);
        painter.write(&mut pen, &chip.chip.text, role);
        let counts = if chip.chip.kind == ChipKind::Search { Role::Accent } else { role };
        painter.write(&mut pen, &format!(" {} ", chip.chip.counts), counts);
    }
}

/// Draws the scrollbar in the border: the visible part, and ticks for errors and feedback.
pub fn draw_scrollbar(app: &App, thread: &OpenThread, painter: &mut Painter<'_>) {
    let area = app.screen.frame().messages;
    let (len, rows) = (app.shown().list_len(), usize::from(area.inner.height));
    if !area.has_border() || len <= app.shown().list_page() || rows == 0 {
        return;
    }
    let narrow = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
    let in_view = app.list.offset..app.list.offset + app.shown().list_page();
    for row in 0..rows {
        let (from, to) = (row * len / rows, ((row + 1) * len / rows).max(row * len / rows + 1));
        let range = narrow(from)..narrow(to);
        let is_in_view = from < in_view.end && to > in_view.start;
        // In a filtered or sorted list, the rows differ from those of the thread.
        let is_whole = app.list.visible.is_none() && app.list.order.is_none();
        let tick = if is_whole { tick_in(thread, range) } else { None };
        let (symbol, role) = match (tick, is_in_view) {
            (Some(role), true) => ("┫", role),
            (Some(role), false) => ("┤", role),
            (None, true) => ("┃", Role::BorderFocus),
            (None, false) => continue,
        };
        painter.set_cell(area.inner.right(), area.inner.y + u16::try_from(row).unwrap_or(0), symbol, role);
    }
}

/// Returns the colour of the most important mark among these messages.
fn tick_in(thread: &OpenThread, range: std::ops::Range<u32>) -> Option<Role> {
    let landmarks = &thread.landmarks;
    if any_in(&landmarks.errors, range.clone()) || any_in(&landmarks.negative, range.clone()) {
        return Some(Role::Error);
    }
    any_in(&landmarks.positive, range).then_some(Role::Ok)
}
