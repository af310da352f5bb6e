//! Encodes frames in few bytes, which matters over SSH. Tracks the screen and encodes only the difference: rewrites a few
//! unchanged cells rather than jumping over them, erases rather than writing spaces, and changes only the differing parts
//! of the style. Does no I/O.

use std::sync::Arc;

use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

use super::style_state::{CellStyle, StyleState, push_decimal};
use crate::text::link::LinkedCells;

/// The fewest spaces at the end of a line that are worth erasing.
const MIN_ERASED_TAIL: usize = 4;
/// The fewest spaces within a line that are worth erasing, as the cursor must jump over them afterwards.
const MIN_ERASED_GAP: usize = 10;

/// The position of the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CursorState {
    /// Another program may have moved the cursor.
    Unknown,
    /// On this line; terminals may disagree about the column.
    Line(u16),
    At(Position),
}

/// Encodes changes of the screen into a byte buffer.
#[derive(Debug)]
pub struct Encoder {
    size: Size,
    /// The cells on the screen, row by row; the cell after a wide character has no symbol.
    cells: Vec<Cell>,
    changed: Vec<usize>,
    /// The linked cells on the screen, sorted.
    links: Vec<LinkedCells>,
    /// The address that the terminal currently links written cells to.
    open_link: Option<Arc<str>>,
    style: StyleState,
    cursor: CursorState,
}

impl Encoder {
    /// Creates an encoder for a blank screen of this size.
    pub fn new(size: Size) -> Self {
        let cells = vec![Cell::default(); usize::from(size.width) * usize::from(size.height)];
        Self {
            size,
            cells,
            changed: Vec::new(),
            links: Vec::new(),
            open_link: None,
            style: StyleState::default(),
            cursor: CursorState::Unknown,
        }
    }

    /// Clears the screen, whose size may have changed.
    pub fn clear(&mut self, size: Size, out: &mut Vec<u8>) {
        *self = Self::new(size);
        out.extend_from_slice(b"\x1b[m\x1b[2J");
    }

    /// Returns the last known position of the cursor.
    pub fn position(&self) -> Position {
        match self.cursor {
            CursorState::At(position) => position,
            CursorState::Line(y) => Position { x: 0, y },
            CursorState::Unknown => Position::ORIGIN,
        }
    }

    /// Moves the cursor.
    pub fn set_cursor(&mut self, to: Position, out: &mut Vec<u8>) {
        if self.cursor != CursorState::At(to) {
            self.jump(to, out);
        }
    }

    /// Writes the cells that differ from the screen, or in their link, and resets the style.
    pub fn draw<'a>(
        &mut self,
        cells: impl Iterator<Item = (u16, u16, &'a Cell)>,
        links: Vec<LinkedCells>,
        out: &mut Vec<u8>,
    ) {
        self.changed.clear();
        for (x, y, cell) in cells {
            let index = usize::from(y) * usize::from(self.size.width) + usize::from(x);
            let Some(known) = self.cells.get_mut(index).filter(|_| x < self.size.width) else { continue };
            if !CellStyle::is_same_appearance(known, cell) {
                self.changed.push(index);
                known.clone_from(cell);
                self.clear_covered_cells(cell, index);
            }
        }
        self.set_links(links);
        self.add_exposed_cells();
        let changed = std::mem::take(&mut self.changed);
        let mut rest = changed.as_slice();
        while let Some((index, after)) = rest.split_first() {
            let skipped = self.erase_spaces(*index, after, out);
            rest = after.get(skipped.unwrap_or(0)..).unwrap_or_default();
            if skipped.is_none() {
                self.write_at(*index, out);
            }
        }
        self.changed = changed;
        self.switch_link(None, out);
        self.style.reset(out);
    }

    /// Replaces the links; cells whose link differs are written again.
    fn set_links(&mut self, mut links: Vec<LinkedCells>) {
        links.sort_unstable();
        if links == self.links {
            return;
        }
        let old = std::mem::replace(&mut self.links, links);
        let removed = old.iter().filter(|link| self.links.binary_search(link).is_err());
        let added = self.links.iter().filter(|link| old.binary_search(link).is_err());
        for link in removed.chain(added) {
            let start = usize::from(link.y) * self.columns() + usize::from(link.x);
            let end = (start + usize::from(link.columns)).min(self.cells.len());
            self.changed.extend(start..end);
        }
        // A few sorted runs, which this sort merges.
        self.changed.sort();
        self.changed.dedup();
    }

    /// Returns the address that a cell links to.
    fn link_at(&self, index: usize) -> Option<&Arc<str>> {
        if self.links.is_empty() {
            return None;
        }
        let Position { x, y } = self.position_of(index);
        let next = self.links.partition_point(|link| (link.y, link.x) <= (y, x));
        let link = self.links.get(next.checked_sub(1)?)?;
        (link.y == y && x - link.x < link.columns).then_some(&link.address)
    }

    /// Links the cells that are written from now on.
    fn switch_link(&mut self, link: Option<Arc<str>>, out: &mut Vec<u8>) {
        if self.open_link != link {
            out.extend_from_slice(b"\x1b]8;;");
            push_address(out, link.as_deref().unwrap_or_default());
            out.extend_from_slice(b"\x1b\\");
            self.open_link = link;
        }
    }

    /// Clears the cells that a wide character covers.
    fn clear_covered_cells(&mut self, cell: &Cell, index: usize) {
        let covered = usize::from(width_of(cell.symbol())).saturating_sub(1);
        for behind in self.cells.iter_mut().skip(index + 1).take(covered) {
            behind.set_symbol("");
        }
    }

    /// Adds the unchanged cells that a changed cluster covers on a terminal that draws it wider than expected.
    fn add_exposed_cells(&mut self) {
        let changed = std::mem::take(&mut self.changed);
        let (mut next, mut exposed_end) = (0, 0);
        for stop in changed.into_iter().chain([usize::MAX]) {
            for index in next..stop {
                if index >= exposed_end {
                    break;
                }
                self.changed.push(index);
                exposed_end = exposed_end.max(self.reach(index));
            }
            if stop < self.cells.len() {
                self.changed.push(stop);
                exposed_end = exposed_end.max(self.reach(stop));
                next = stop + 1;
            }
        }
    }

    /// Returns the end of the cells that the symbol at `index` covers in some terminal.
    fn reach(&self, index: usize) -> usize {
        let columns = self.cells.get(index).map_or(0, |cell| largest_width(cell.symbol()));
        if columns <= 1 {
            return index + columns;
        }
        let row_end = (index / self.columns() + 1) * self.columns();
        (index + columns).min(row_end)
    }

    /// Erases the spaces that start here if that takes fewer bytes. Returns how many of the changed cells in `after` that
    /// covers.
    fn erase_spaces(&mut self, index: usize, after: &[usize], out: &mut Vec<u8>) -> Option<usize> {
        self.cells.get(index).filter(|cell| CellStyle::is_erasable(cell))?;
        let row_end = (index / self.columns() + 1) * self.columns();
        let row = self.cells.get(index..row_end)?;
        let spaces = row.iter().take_while(|cell| CellStyle::is_erasable(cell)).count();
        let covered = after.iter().take_while(|next| **next < index + spaces).count();
        let last = covered.checked_sub(1).and_then(|last| after.get(last)).copied().unwrap_or(index);
        let span = last + 1 - index;
        let reaches_row_end = index + spaces == row_end;
        if span < if reaches_row_end { MIN_ERASED_TAIL } else { MIN_ERASED_GAP } {
            return None;
        }
        self.move_to(index, out);
        self.switch_link(None, out);
        self.style.prepare_erase(out);
        out.extend_from_slice(b"\x1b[");
        if !reaches_row_end {
            push_decimal(out, u16::try_from(span).unwrap_or(u16::MAX));
        }
        out.push(if reaches_row_end { b'K' } else { b'X' });
        Some(covered)
    }

    fn write_at(&mut self, index: usize, out: &mut Vec<u8>) {
        if self.cells.get(index).is_none_or(|cell| cell.symbol().is_empty()) {
            return;
        }
        let link = self.link_at(index);
        if link == self.open_link.as_ref() {
            self.move_to(index, out);
        } else {
            let link = link.cloned();
            self.switch_link(None, out);
            self.move_to(index, out);
            self.switch_link(link, out);
        }
        self.write_cell(index, out);
    }

    /// Writes a cell at the cursor.
    fn write_cell(&mut self, index: usize, out: &mut Vec<u8>) {
        let Some(cell) = self.cells.get(index) else { return };
        self.style.apply(cell, out);
        let width = width_of(cell.symbol());
        let is_certain = has_certain_width(cell.symbol());
        let Position { x, y } = self.position_of(index);
        let is_last = x.saturating_add(1) >= self.size.width;
        if (width > 1 || is_last) && !is_certain {
            // A terminal that draws it narrower, or has no space for it, would keep the earlier text.
            push_sequence(out, width, b'X');
        }
        out.extend_from_slice(cell.symbol().as_bytes());
        let x = x.saturating_add(width);
        // Terminals disagree about the cursor's position after the last column.
        self.cursor = if is_certain && x < self.size.width {
            CursorState::At(Position { x, y })
        } else {
            CursorState::Line(y)
        };
    }

    fn columns(&self) -> usize {
        usize::from(self.size.width).max(1)
    }

    fn position_of(&self, index: usize) -> Position {
        let narrow = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        Position { x: narrow(index % self.columns()), y: narrow(index / self.columns()) }
    }

    fn move_to(&mut self, index: usize, out: &mut Vec<u8>) {
        let to = self.position_of(index);
        let y = match self.cursor {
            CursorState::Unknown => return self.jump(to, out),
            CursorState::Line(y) => y,
            CursorState::At(at) if at == to => return,
            CursorState::At(at) if at.y == to.y && at.x < to.x => return self.move_right(at, to, index, out),
            CursorState::At(at) => at.y,
        };
        match to.y.checked_sub(y) {
            Some(down @ 0..=3) if to.x == 0 => {
                out.push(b'\r');
                out.extend(std::iter::repeat_n(b'\n', usize::from(down)));
                self.cursor = CursorState::At(to);
            }
            Some(0) => {
                push_sequence(out, to.x + 1, b'G');
                self.cursor = CursorState::At(to);
            }
            _ => self.jump(to, out),
        }
    }

    /// Moves over unchanged cells, by rewriting them where that is shorter than a jump.
    fn move_right(&mut self, from: Position, to: Position, index: usize, out: &mut Vec<u8>) {
        let gap = usize::from(to.x - from.x);
        let between = self.cells.get(index - gap..index).unwrap_or_default();
        let is_rewritable = |cell: &Cell| cell.symbol().len() == 1 && self.style.matches(cell);
        let has_same_link = (index - gap..index).all(|index| self.link_at(index) == self.open_link.as_ref());
        if gap <= 4 && between.iter().all(is_rewritable) && has_same_link {
            between.iter().for_each(|cell| out.extend_from_slice(cell.symbol().as_bytes()));
        } else {
            push_sequence(out, to.x - from.x, b'C');
        }
        self.cursor = CursorState::At(to);
    }

    fn jump(&mut self, to: Position, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\x1b[");
        push_decimal(out, to.y + 1);
        if to.x > 0 {
            out.push(b';');
            push_decimal(out, to.x + 1);
        }
        out.push(b'H');
        self.cursor = CursorState::At(to);
    }
}

/// Appends a checked address; bytes outside of ASCII are percent-encoded, as terminals expect.
fn push_address(out: &mut Vec<u8>, address: &str) {
    for byte in address.bytes() {
        match byte {
            0x21..=0x7E => out.push(byte),
            _ => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
        }
    }
}

/// Appends a control sequence with one number; 1 is the default and omitted.
fn push_sequence(out: &mut Vec<u8>, number: u16, end: u8) {
    out.extend_from_slice(b"\x1b[");
    if number != 1 {
        push_decimal(out, number);
    }
    out.push(end);
}

fn width_of(symbol: &str) -> u16 {
    match symbol.len() {
        0 => 0,
        1 | 2 => 1,
        _ => u16::try_from(crate::text::width::of_grapheme(symbol)).unwrap_or(1).max(1),
    }
}

/// Returns whether all terminals agree on the width of a symbol, so that the cursor's column after it is known. Terminals
/// that are set to draw ambiguous letters and lines two columns wide are not considered.
#[inline]
fn has_certain_width(symbol: &str) -> bool {
    matches!(symbol.as_bytes(), [b' '..=b'~']) || has_certain_width_beyond_ascii(symbol)
}

fn has_certain_width_beyond_ascii(symbol: &str) -> bool {
    let mut characters = symbol.chars();
    match (characters.next(), characters.next()) {
        (Some(first), None) => matches!(
            u32::from(first),
            0xA1..=0x24F | 0x370..=0x482 | 0x48A..=0x52F
                | 0x2010..=0x2027 | 0x2190..=0x2193 | 0x2500..=0x259F
                | 0x3041..=0x3096 | 0x30A1..=0x30FA | 0x4E00..=0x9FFF | 0xAC00..=0xD7A3
        ),
        _ => false,
    }
}

/// Returns the most columns that a terminal gives a symbol: two for each character, unless all agree.
#[inline]
fn largest_width(symbol: &str) -> usize {
    if has_certain_width(symbol) { usize::from(width_of(symbol)) } else { symbol.chars().count() * 2 }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod width_tests;
