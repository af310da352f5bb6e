//! Hit testing: finds the target at a point on the screen.

use ratatui::layout::{Position, Rect};

use super::areas::{Frame, Mode};

/// The target of a mouse event; rows and columns are relative to the pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitTarget {
    ThreadBox,
    /// A message of the list, counted from the first visible one.
    MessageRow(usize),
    /// A row of the border between messages and detail pane, with the scrollbar of the list.
    SharedBorder(u16),
    /// A column of the detail pane's title line.
    DetailTitle(u16),
    /// A cell inside the detail pane.
    DetailBody {
        row: u16,
        column: u16,
    },
    Elsewhere,
}

fn contains(area: Rect, column: u16, row: u16) -> bool {
    area.contains(Position::new(column, row))
}

/// Returns the target at this column and row of the terminal, both from 0.
pub fn hit_test(frame: &Frame, column: u16, row: u16) -> HitTarget {
    if contains(frame.thread_box.outer, column, row) {
        return HitTarget::ThreadBox;
    }
    let list = frame.messages.inner;
    if contains(list, column, row) {
        return HitTarget::MessageRow(usize::from((row - list.y) / frame.rows_per_message.max(1)));
    }
    let detail = frame.detail;
    if frame.mode == Mode::Wide
        && !list.is_empty()
        && column == list.right()
        && (list.y..list.bottom()).contains(&row)
    {
        return HitTarget::SharedBorder(row - list.y);
    }
    if contains(detail.inner, column, row) {
        return HitTarget::DetailBody { row: row - detail.inner.y, column: column - detail.inner.x };
    }
    if contains(detail.outer, column, row) && row == detail.outer.y {
        return HitTarget::DetailTitle(column - detail.outer.x);
    }
    HitTarget::Elsewhere
}
