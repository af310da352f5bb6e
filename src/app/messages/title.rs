//! The title of the list: the number of the selected row, and chips for the search, the filter and the order. A click on a
//! chip opens its search, filter or order.

use crate::action::Action;
use crate::app::messages::{Chip, ChipKind};
use crate::app::panes::Shown;
use crate::layout::Rect;
use crate::text::width;

/// The title, with the chips that fit.
#[derive(Clone, Debug)]
pub struct ListTitle {
    /// The line of the heading and the number.
    pub area: Rect,
    pub heading: &'static str,
    /// The selected row and the number of rows.
    pub number: String,
    /// The chips; those that do not fit in the title are in the lower border.
    pub chips: Vec<PlacedChip>,
}

/// A chip with its area. If there is not enough space, its text is truncated and its label empty.
#[derive(Clone, Debug)]
pub struct PlacedChip {
    pub chip: Chip,
    pub area: Rect,
}

const HEADING: &str = " Messages ";

impl Shown<'_> {
    /// Returns the title of the list, if its pane has one.
    pub fn list_title(self) -> Option<ListTitle> {
        let pane = self.screen.frame().messages;
        let (outer, inner) = (pane.outer, pane.inner);
        if inner.y <= outer.y {
            return None;
        }
        let indent = u16::from(inner.x > outer.x) * 2;
        let line = |y: u16| Rect {
            x: outer.x + indent,
            y,
            width: outer.width.saturating_sub(indent + 1),
            height: 1,
        };
        let area = line(outer.y);
        let len = self.list_len();
        let selected = if len == 0 { 0 } else { self.row_of(self.list.selected) + 1 };
        let number = format!("{selected}/{len} ");
        let room = usize::from(area.width).saturating_sub(width::columns(&number));
        let (chips, below) = self.split_chips(room);
        let needed: usize = chips.iter().map(|chip| chip_columns(chip, true)).sum();
        // If there is little space, chips are more important than the heading.
        let is_narrow = needed + HEADING.len() > room && !chips.is_empty();
        let heading = if is_narrow { " " } else { HEADING };
        let used = heading.len() + width::columns(&number);
        let mut placed = place_chips(chips, skip_columns(area, used));
        placed.extend(place_chips(below, skip_columns(line(outer.bottom().saturating_sub(1)), 1)));
        Some(ListTitle { area, heading, number, chips: placed })
    }

    /// Returns the chips of the title, and the chips that do not fit and move to the lower border.
    fn split_chips(self, room: usize) -> (Vec<Chip>, Vec<Chip>) {
        let room = room.saturating_sub(1);
        let mut left = room;
        let has_border = self.screen.frame().messages.has_border();
        self.list_chips().partition(|chip| {
            let columns = chip_columns(chip, false);
            let is_first = left == room;
            let fits = !has_border || is_first || columns <= left;
            if fits {
                left = left.saturating_sub(columns);
            }
            fits
        })
    }

    /// Returns the action of a click on the title.
    pub(in crate::app) fn title_action(self, column: u16, row: u16) -> Option<Action> {
        let is_there = |placed: &PlacedChip| placed.area.contains((column, row).into());
        match self.list_title()?.chips.into_iter().find(is_there)?.chip.kind {
            ChipKind::Search => Some(Action::ShowResults),
            ChipKind::Filter => Some(Action::Filter),
            ChipKind::Order => Some(Action::SortByTime),
        }
    }
}

fn skip_columns(area: Rect, columns: usize) -> Rect {
    let columns = u16::try_from(columns).unwrap_or(u16::MAX).min(area.width);
    Rect { x: area.x + columns, width: area.width - columns, ..area }
}

/// Returns the columns of a complete chip with the space after it.
fn chip_columns(chip: &Chip, has_label: bool) -> usize {
    let label = if has_label { width::columns(chip.label) } else { 0 };
    label + width::columns(&chip.text) + width::columns(&chip.counts) + 2
}

/// Places chips. Their counts stay complete; if there is not enough space, the labels are omitted, then all texts are
/// truncated equally.
fn place_chips(chips: Vec<Chip>, mut area: Rect) -> Vec<PlacedChip> {
    let room = usize::from(area.width);
    let has_labels = chips.iter().map(|chip| chip_columns(chip, true)).sum::<usize>() <= room;
    let missing = chips.iter().map(|chip| chip_columns(chip, false)).sum::<usize>().saturating_sub(room);
    let texts = chips.iter().map(|chip| width::columns(&chip.text)).sum::<usize>().max(1);
    let mut placed = Vec::new();
    for mut chip in chips {
        let own = width::columns(&chip.text);
        let columns = own.saturating_sub((missing * own).div_ceil(texts)).max(1);
        if !has_labels {
            chip.label = "";
        }
        chip.text = width::ellipsize(&chip.text, columns).0.into_owned();
        let needed = chip_columns(&chip, has_labels);
        if needed > usize::from(area.width) {
            break;
        }
        let rest = skip_columns(area, needed);
        placed.push(PlacedChip { chip, area: Rect { width: area.width - rest.width, ..area } });
        area = rest;
    }
    placed
}
