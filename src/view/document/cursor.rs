//! A cursor over the sections of a document that show values: each can be selected, and copied with its path.

use std::ops::Range;

use crate::layout::Direction;
use crate::view::document::{Document, ScrolledDocument, SectionSource};

impl Document {
    /// Returns whether the cursor stops at a section: it shows a value that differs from that of the previous section.
    fn is_stop(&self, section: usize) -> bool {
        let source = |index: usize| self.sections.get(index).and_then(|section| section.source);
        let is_continued = || {
            let is_foldable = self.sections.get(section).is_some_and(|section| section.is_foldable);
            !is_foldable && section.checked_sub(1).is_some_and(|before| source(before) == source(section))
        };
        source(section).is_some_and(SectionSource::is_value)
            && self.section_rows(section) > 0
            && !is_continued()
    }

    /// Returns the stop at or before a section.
    fn stop_of(&self, section: usize) -> Option<usize> {
        (0..=section.min(self.sections.len().saturating_sub(1))).rev().find(|index| self.is_stop(*index))
    }

    /// Returns the stop next to a section.
    fn neighbour_stop(&self, section: usize, direction: Direction) -> Option<usize> {
        match direction {
            Direction::Forward => (section + 1..self.sections.len()).find(|index| self.is_stop(*index)),
            Direction::Backward => (0..section).rev().find(|index| self.is_stop(*index)),
        }
    }

    /// Returns the rows of a stop: those of its value, without blank rows below.
    fn stop_rows(&self, stop: usize) -> Range<usize> {
        let end = self.neighbour_stop(stop, Direction::Forward).unwrap_or(self.sections.len());
        let has_source =
            |index: &usize| self.sections.get(*index).is_some_and(|section| section.source.is_some());
        let last = (stop..end).rev().find(has_source).unwrap_or(stop);
        self.section_start(stop)..self.section_start(last) + self.section_rows(last)
    }
}

impl ScrolledDocument {
    /// Returns the selected value, else the first one in view. `None` if no section shows a value.
    fn current_stop(&self, page: usize) -> Option<usize> {
        let document = &self.document;
        let view = self.position(page)..self.position(page) + page;
        let is_in_view = |stop: &usize| {
            let rows = document.stop_rows(*stop);
            rows.start < view.end && rows.end > view.start
        };
        let selected = document.selected_section.filter(|section| document.is_stop(*section));
        if let Some(selected) = selected.filter(is_in_view) {
            return Some(selected);
        }
        let first = document.section_at(view.start);
        let is_below = |stop: &usize| document.section_start(*stop) >= view.start;
        let from_first =
            (first..document.sections.len()).find(|index| document.is_stop(*index) && is_below(index));
        from_first.filter(is_in_view).or_else(|| document.stop_of(first)).or(from_first)
    }

    /// Returns the rows and the source of the selected value.
    pub fn selection(&self, page: usize) -> Option<(Range<usize>, SectionSource)> {
        let stop = self.current_stop(page)?;
        let source = self.document.sections.get(stop)?.source?;
        Some((self.document.stop_rows(stop), source))
    }

    /// Moves the cursor to the next or previous value; a value that is longer than the page is scrolled first. Returns
    /// false if no section shows a value.
    pub fn walk(&mut self, direction: Direction, page: usize) -> bool {
        let Some(current) = self.current_stop(page) else { return false };
        self.document.selected_section = Some(current);
        self.offset = self.position(page);
        let (rows, view_end) = (self.document.stop_rows(current), self.offset + page);
        let next = self.document.neighbour_stop(current, direction);
        match (direction, next) {
            (Direction::Forward, _) if rows.end > view_end => self.offset += 1,
            (Direction::Backward, _) if rows.start < self.offset => self.offset -= 1,
            (_, Some(next)) => self.select_stop(next, page),
            (Direction::Forward, None) => self.offset += 1,
            (Direction::Backward, None) => self.offset = self.offset.saturating_sub(1),
        }
        self.offset = self.position(page);
        true
    }

    /// Selects a stop and scrolls as little as possible to show it: all of it if it fits, else its nearer end.
    fn select_stop(&mut self, stop: usize, page: usize) {
        let rows = self.document.stop_rows(stop);
        self.document.selected_section = Some(stop);
        let last_page = rows.end.saturating_sub(page);
        if rows.start < self.offset {
            self.offset = rows.start.max(last_page);
        } else if rows.end > self.offset + page {
            self.offset = last_page.min(rows.start);
        }
    }

    /// Moves the cursor after scrolling: to the first value in view, or at an end of the document, to the last or first
    /// value.
    pub fn select_in_view(&mut self, direction: Direction, page: usize) {
        let (at, last) = (self.position(page), self.positions(page) - 1);
        let document = &self.document;
        let all = 0..document.sections.len();
        let stop = match direction {
            Direction::Forward if at == last => all.rev().find(|index| document.is_stop(*index)),
            Direction::Backward if at == 0 => all.into_iter().find(|index| document.is_stop(*index)),
            Direction::Forward | Direction::Backward => None,
        };
        self.document.selected_section = stop;
    }

    /// Selects the innermost value that contains this byte of the payload, and scrolls to it.
    pub fn select_byte(&mut self, byte: usize, page: usize) {
        let document = &self.document;
        let length = |index: &usize| match document.sections.get(*index)?.source? {
            SectionSource::Bytes(range) => {
                let start = range.start as usize;
                (start..start + range.len as usize).contains(&byte).then_some(range.len)
            }
            SectionSource::Error
            | SectionSource::Untraced
            | SectionSource::Block { .. }
            | SectionSource::Citation(_) => None,
        };
        let stops = (0..document.sections.len()).filter(|index| document.is_stop(*index));
        let containing = stops.filter_map(|index| Some((length(&index)?, index)));
        if let Some((_, stop)) = containing.min() {
            self.select_stop(stop, page);
        }
    }

    /// Selects the value of a section, without scrolling.
    pub(super) fn select_section(&mut self, section: usize) {
        if let Some(stop) = self.document.stop_of(section) {
            self.document.selected_section = Some(stop);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::ByteRange;
    use crate::text::Line;
    use crate::theme::Role;
    use crate::view::document::{Body, Section};

    /// Values with these numbers of rows; a blank row follows every other one.
    fn document(rows: &[usize]) -> ScrolledDocument {
        let mut sections = Vec::new();
        for (index, rows) in rows.iter().enumerate() {
            let body = Body::Lines(vec![Line::styled("x", Role::Text); *rows]);
            let range = ByteRange { start: index as u32, len: 1 };
            sections.push(Section::text(body, Role::Dim).with_source(SectionSource::Bytes(range)));
            if index % 2 == 0 {
                sections.push(Section::text(Body::Lines(vec![Line::default()]), Role::Dim));
            }
        }
        ScrolledDocument::new(Document::new(sections))
    }

    fn selected(view: &ScrolledDocument, page: usize) -> u32 {
        match view.selection(page).unwrap().1 {
            SectionSource::Bytes(range) => range.start,
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        #[test]
        fn walking_visits_every_value_and_shows_all_of_it(
            rows in prop::collection::vec(1usize..12, 1..8),
            page in 1usize..10,
        ) {
            let mut view = document(&rows);
            let mut seen = vec![false; view.document.len()];
            let mut visited = Vec::new();
            for _ in 0..view.document.len() * 2 {
                visited.push(selected(&view, page));
                seen.iter_mut().skip(view.position(page)).take(page).for_each(|row| *row = true);
                prop_assert!(view.walk(Direction::Forward, page));
            }
            visited.dedup();
            prop_assert_eq!(visited, (0..rows.len() as u32).collect::<Vec<_>>());
            let lines = view.document.window(0..seen.len());
            // Blank rows between values may be passed over.
            let hidden = lines.iter().zip(&seen).filter(|(row, seen)| !**seen && !row.line.spans.is_empty());
            prop_assert_eq!(hidden.count(), 0);
            for _ in 0..view.document.len() * 2 {
                view.walk(Direction::Backward, page);
            }
            prop_assert_eq!((selected(&view, page), view.offset), (0, 0));
        }
    }
}
