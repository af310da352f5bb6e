//! The message list: number, time, first line, marks and duration of each message. Only the rows on the screen are built.

mod row;

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::messages::{Chip, ChipKind};
use crate::layout::Pane;
use crate::text::width;
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
    draw_title(app, painter, area.outer, area.inner);
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

fn draw_title(app: &App, painter: &mut Painter<'_>, outer: Rect, inner: Rect) {
    if inner.y <= outer.y {
        return;
    }
    let len = app.shown().list_len();
    let number = if len == 0 { 0 } else { app.shown().row_of(app.list.selected) + 1 };
    let indent = u16::from(inner.x > outer.x) * 2;
    let mut pen = Pen::between(outer.x + indent, outer.right().saturating_sub(1), outer.y);
    let heading = " Messages ";
    let number = format!("{number}/{len} ");
    let room = pen.columns_left().saturating_sub(width::columns(&number));
    let (chips, below) = split_chips(app, room);
    let needed: usize = chips.iter().map(|chip| chip_columns(chip, true)).sum();
    // Chips need the room of the heading more than the heading does.
    let is_narrow = needed + width::columns(heading) > room && !chips.is_empty();
    painter.write(&mut pen, if is_narrow { " " } else { heading }, Role::Title);
    painter.write(&mut pen, &number, Role::Dim);
    draw_chips(&chips, painter, &mut pen);
    if !below.is_empty() {
        let mut pen = Pen::between(outer.x + indent, outer.right().saturating_sub(1), outer.bottom() - 1);
        painter.write(&mut pen, " ", Role::Text);
        draw_chips(&below, painter, &mut pen);
    }
}

/// The chips of the title, and those that move to the lower border because the title has no room for them.
fn split_chips(app: &App, room: usize) -> (Vec<Chip>, Vec<Chip>) {
    let room = room.saturating_sub(1);
    let mut left = room;
    let has_border = app.screen.frame().messages.has_border();
    app.shown().list_chips().partition(|chip| {
        let columns = chip_columns(chip, false);
        let is_first = left == room;
        let fits = !has_border || is_first || columns <= left;
        if fits {
            left = left.saturating_sub(columns);
        }
        fits
    })
}

/// The columns of a whole chip with the blank behind it.
fn chip_columns(chip: &Chip, has_label: bool) -> usize {
    let label = if has_label { width::columns(chip.label) } else { 0 };
    label + width::columns(&chip.text) + width::columns(&chip.counts) + 2
}

/// Draws chips. Their counts stay complete; without room, the labels are left out, then the texts are cut.
fn draw_chips(chips: &[Chip], painter: &mut Painter<'_>, pen: &mut Pen) {
    let has_labels = chips.iter().map(|chip| chip_columns(chip, true)).sum::<usize>() <= pen.columns_left();
    let missing =
        chips.iter().map(|chip| chip_columns(chip, false)).sum::<usize>().saturating_sub(pen.columns_left());
    // All texts are cut alike.
    let texts = chips.iter().map(|chip| width::columns(&chip.text)).sum::<usize>().max(1);
    for chip in chips {
        let own = width::columns(&chip.text);
        let cut = (missing * own).div_ceil(texts);
        let columns = own.saturating_sub(cut);
        if chip_columns(chip, false) > pen.columns_left() + own.saturating_sub(columns.max(1)) {
            return;
        }
        let role = match chip.kind {
            ChipKind::Search => Role::Match,
            ChipKind::Filter => Role::Accent,
            ChipKind::Order => Role::Text,
        };
        if has_labels {
            painter.write(pen, chip.label, Role::Dim);
        }
        let (text, _) = width::ellipsize(&chip.text, columns.max(1));
        painter.write(pen, &text, role);
        let counts = if chip.kind == ChipKind::Search { Role::Accent } else { role };
        painter.write(pen, &format!(" {} ", chip.counts), counts);
    }
}

/// Draws the scrollbar in the border: the part in view, and ticks where errors and feedback are.
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
        // The rows of a filtered or sorted list are not those of the thread.
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

/// The colour of the most important mark among these messages.
fn tick_in(thread: &OpenThread, range: std::ops::Range<u32>) -> Option<Role> {
    let landmarks = &thread.landmarks;
    if any_in(&landmarks.errors, range.clone()) || any_in(&landmarks.negative, range.clone()) {
        return Some(Role::Error);
    }
    any_in(&landmarks.positive, range).then_some(Role::Ok)
}
