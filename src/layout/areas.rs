//! The areas of the panes.

use ratatui::layout::Rect;

/// A pane that can have the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pane {
    /// The input box for a thread id.
    ThreadBox,
    #[default]
    Messages,
    Detail,
    /// The lower half of the spans tab: the selected span's input, output, expected and metadata.
    Payload,
}

/// The arrangement of the panes, by available space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Messages next to the detail pane.
    Wide,
    /// Messages above the detail pane.
    Narrow,
    /// Only the focused pane.
    Small,
}

/// The values that the layout depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayoutInput {
    pub width: u16,
    pub height: u16,
    pub focus: Pane,
    /// Whether only the focused pane is shown, without borders.
    pub is_zoomed: bool,
    pub list: ListLayout,
}

/// The user's choices for the message list; `None` leaves them to the width of the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListLayout {
    /// Columns next to the detail pane, with borders.
    pub columns: Option<u16>,
    /// Lines of a message.
    pub lines: Option<u16>,
}

/// The area of a pane, with and without its border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaneArea {
    pub outer: Rect,
    pub inner: Rect,
}

impl PaneArea {
    fn bordered(outer: Rect) -> Self {
        let inner = if outer.width >= 2 && outer.height >= 2 {
            Rect::new(outer.x + 1, outer.y + 1, outer.width - 2, outer.height - 2)
        } else {
            Rect::new(outer.x, outer.y, 0, 0)
        };
        Self { outer, inner }
    }

    fn bare(area: Rect) -> Self {
        Self { outer: area, inner: area }
    }

    /// Creates a pane below a title line.
    fn titled(outer: Rect) -> Self {
        if outer.height < 2 {
            return Self::bare(outer);
        }
        Self { outer, inner: Rect::new(outer.x, outer.y + 1, outer.width, outer.height - 1) }
    }

    /// Returns whether the pane is on the screen.
    pub fn is_shown(&self) -> bool {
        !self.outer.is_empty()
    }

    /// Returns the row below the first line of a pane of any height.
    pub fn second_row(&self) -> u16 {
        (self.outer.y + 1).min(self.outer.bottom())
    }

    /// Returns whether the pane has a border on all sides.
    pub fn has_border(&self) -> bool {
        self.inner.x > self.outer.x
    }
}

/// The areas of one frame; hidden panes are empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    pub mode: Mode,
    pub header: Rect,
    pub thread_box: PaneArea,
    pub messages: PaneArea,
    pub detail: PaneArea,
    pub hints: Rect,
    /// Lines of a message in the list.
    pub rows_per_message: u16,
}

/// The minimum width for messages next to the detail pane.
const MIN_WIDE_COLUMNS: u16 = 76;

/// The minimum width for two lines a message in the list.
const MIN_TWO_LINE_COLUMNS: u16 = 140;

/// The minimum width of the list and of the detail pane next to each other.
const MIN_LIST_COLUMNS: u16 = 16;
const MIN_DETAIL_COLUMNS: u16 = 40;

/// Computes the areas, for every size from 0 × 0 on; all areas lie inside it. Messages and detail pane share the border
/// between them.
pub fn areas(input: &LayoutInput) -> Frame {
    let LayoutInput { width, height, focus, is_zoomed, list } = *input;
    let mode = if width < 50 || height < 15 {
        Mode::Small
    } else if width < MIN_WIDE_COLUMNS {
        Mode::Narrow
    } else {
        Mode::Wide
    };
    let hints_height = u16::from(height >= 3);
    let header_height = u16::from(height >= 6 && !is_zoomed);
    let box_height = match (is_zoomed, mode) {
        (true, _) => 0,
        (false, Mode::Small) => u16::from(height >= 4 && focus != Pane::ThreadBox),
        (false, Mode::Narrow | Mode::Wide) => 1,
    };
    let header = Rect::new(0, 0, width, header_height);
    let top = header_height + box_height;
    let body = Rect::new(0, top, width, height.saturating_sub(top + hints_height));
    let mut frame = Frame {
        mode,
        header,
        thread_box: PaneArea::bare(Rect::new(0, header_height, width, box_height)),
        messages: PaneArea::default(),
        detail: PaneArea::default(),
        hints: Rect::new(0, height.saturating_sub(hints_height), width, hints_height),
        rows_per_message: list.lines.unwrap_or(if width >= MIN_TWO_LINE_COLUMNS { 2 } else { 1 }),
    };
    if is_zoomed {
        show_only(&mut frame, focus, PaneArea::bare(body));
        return frame;
    }
    match mode {
        Mode::Wide => {
            let list = list.columns.unwrap_or((width * 3 / 10).clamp(28, 52));
            let list = list.clamp(MIN_LIST_COLUMNS, width - MIN_DETAIL_COLUMNS);
            let shared = list - 1;
            frame.messages = PaneArea::bordered(Rect { width: list, ..body });
            frame.detail =
                PaneArea::bordered(Rect { x: body.x + shared, width: body.width - shared, ..body });
        }
        Mode::Narrow => {
            let list = (body.height * 2 / 5).max(4).min(body.height);
            let shared = list.saturating_sub(1);
            frame.messages = PaneArea::bordered(Rect { height: list, ..body });
            frame.detail =
                PaneArea::bordered(Rect { y: body.y + shared, height: body.height - shared, ..body });
        }
        Mode::Small => show_only(&mut frame, focus, PaneArea::titled(body)),
    }
    frame
}

fn show_only(frame: &mut Frame, focus: Pane, area: PaneArea) {
    match focus {
        Pane::Messages => frame.messages = area,
        Pane::Detail | Pane::Payload => frame.detail = area,
        Pane::ThreadBox => frame.thread_box = PaneArea::bare(area.outer),
    }
}

/// The areas of the spans tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpansAreas {
    /// One line: the traced share, and the ticks of the time axis.
    pub axis: Rect,
    pub tree: Rect,
    /// One line: the facts of the selected span.
    pub header: Rect,
    /// One line: the span's parts and its name.
    pub part_bar: Rect,
    pub payload: Rect,
}

/// Splits the detail pane for the spans tab. `rows` is the number of rows of the tree; a short tree leaves its space to
/// the payload.
pub fn split_spans_tab(inner: Rect, rows: usize) -> SpansAreas {
    if inner.height < 6 {
        return SpansAreas { tree: inner, ..SpansAreas::default() };
    }
    let axis = Rect { height: u16::from(inner.height >= 10), ..inner };
    let header_height = u16::from(inner.height >= 12);
    let rest = inner.height - axis.height - header_height - 1;
    let max_height = (rest * 3 / 5).max(3);
    let height = u16::try_from(rows.saturating_add(1)).unwrap_or(u16::MAX).clamp(3, max_height);
    let tree = Rect { y: axis.bottom(), height, ..inner };
    let header = Rect { y: tree.bottom(), height: header_height, ..inner };
    let part_bar = Rect { y: header.bottom(), height: 1, ..inner };
    let payload = Rect { y: part_bar.bottom(), height: rest - height, ..inner };
    SpansAreas { axis, tree, header, part_bar, payload }
}

/// The areas of the feedback tab; those without space are empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedbackAreas {
    /// The feedback on the selected message.
    pub message_feedback: Rect,
    /// One line: the filter of the list.
    pub filter_bar: Rect,
    /// The feedback of the whole thread.
    pub list: Rect,
    /// The line between the list and the turn.
    pub divider: Rect,
    /// The turn of the selected entry: next to the list if wide enough, else below it if high enough.
    pub turn: Rect,
}

/// Splits the detail pane for the feedback tab. `rows` is the number of rows of the feedback on the selected message.
pub fn split_feedback_tab(inner: Rect, rows: usize) -> FeedbackAreas {
    let max_height = (inner.height / 3).max(1);
    let height = u16::try_from(rows).unwrap_or(u16::MAX).clamp(1, max_height).min(inner.height);
    let message_feedback = Rect { height, ..inner };
    let below = inner.height - height;
    let spacing = u16::from(below >= 10);
    let filter_bar = Rect {
        y: message_feedback.bottom() + spacing,
        height: below.saturating_sub(spacing).min(1),
        ..inner
    };
    let top = filter_bar.bottom();
    let rest = Rect { y: top, height: inner.bottom().saturating_sub(top), ..inner };
    let areas = FeedbackAreas { message_feedback, filter_bar, list: rest, ..FeedbackAreas::default() };
    if rest.width >= 84 {
        let list = (rest.width * 2 / 5).min(60);
        return FeedbackAreas {
            list: Rect { width: list, ..rest },
            divider: Rect { x: rest.x + list, width: 1, ..rest },
            turn: Rect { x: rest.x + list + 2, width: rest.width - list - 2, ..rest },
            ..areas
        };
    }
    if rest.height < 10 {
        return areas;
    }
    let list = rest.height * 2 / 5;
    FeedbackAreas {
        list: Rect { height: list, ..rest },
        divider: Rect { y: rest.y + list, height: 1, ..rest },
        turn: Rect { y: rest.y + list + 1, height: rest.height - list - 1, ..rest },
        ..areas
    }
}

/// Returns the area of an overlay at most `max_columns` wide; `None` if there is no space. A line stays free above and
/// below it, and a column inside its border on both sides.
pub fn overlay_area(screen: Rect, max_columns: u16) -> Option<PaneArea> {
    let columns = screen.width.min(max_columns);
    let rows = screen.height.saturating_sub(2);
    if columns < 4 || rows < 3 {
        return None;
    }
    let outer = Rect::new(screen.x + (screen.width - columns) / 2, screen.y + 1, columns, rows);
    let inner = Rect::new(outer.x + 2, outer.y + 1, columns - 4, rows - 2);
    Some(PaneArea { outer, inner })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tree_and_payload_have_room_in_a_terminal_of_80_by_24() {
        let input = LayoutInput {
            width: 80,
            height: 24,
            focus: Pane::Detail,
            is_zoomed: false,
            list: ListLayout::default(),
        };
        let spans = split_spans_tab(areas(&input).detail.inner, 100);
        assert!(spans.tree.height >= 8 && spans.payload.height >= 6, "{spans:?}");
        assert_eq!((spans.axis.height, spans.header.height, spans.part_bar.height), (1, 1, 1));
    }

    proptest! {
        #[test]
        fn every_area_lies_inside_the_screen(
            width in 0u16..400,
            height in 0u16..200,
            pane in 0usize..4,
            is_zoomed: bool,
            rows in 0usize..40,
            columns in proptest::option::of(0u16..400),
        ) {
            let focus = [Pane::ThreadBox, Pane::Messages, Pane::Detail, Pane::Payload][pane];
            let list = ListLayout { columns, lines: columns.map(|columns| columns % 3) };
            let frame = areas(&LayoutInput { width, height, focus, is_zoomed, list });
            let screen = Rect::new(0, 0, width, height);
            let spans = split_spans_tab(frame.detail.inner, 7);
            let feedback = split_feedback_tab(frame.detail.inner, rows);
            for area in [
                frame.header, frame.thread_box.outer, frame.messages.outer, frame.messages.inner,
                frame.detail.outer, frame.detail.inner, frame.hints, spans.axis, spans.tree, spans.header,
                spans.part_bar, spans.payload,
                feedback.message_feedback, feedback.filter_bar, feedback.list, feedback.divider, feedback.turn,
            ] {
                prop_assert!(area.is_empty() || screen.intersection(area) == area, "{area:?}");
            }
        }
    }
}
