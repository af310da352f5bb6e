//! Documents: foldable sections of wrapped lines. Only the rows in view are built; a text that is too large for lines stays
//! one string with an index of its rows.

mod cursor;
mod section;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use crate::layout::Direction;
use crate::text::{Line, StyledRun};
use crate::theme::Role;

pub use section::{BigText, Body, Fold, Form, Section, SectionSource};

/// A place in a document that does not depend on the width of its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    section: usize,
    offset: Offset,
}

/// A place in a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offset {
    Title,
    /// The number of characters before the place, without spaces.
    Letters(usize),
    /// A row and the number of rows, in a text that is too large to count characters.
    Share(usize, usize),
}

fn count_letters(line: &Line) -> usize {
    let letters = |run: &StyledRun| run.text.as_str().chars().filter(|c| !c.is_whitespace()).count();
    line.spans.iter().map(letters).sum()
}

/// One row, ready to draw.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentRow {
    pub line: Line,
    pub gutter: Role,
    /// Whether the block is open, if this is the title of a foldable one.
    pub fold: Option<bool>,
    /// Whether the row is a section's title.
    pub is_title: bool,
    /// The symbol that replaces the bar in the gutter.
    pub marker: Option<&'static str>,
    pub section: usize,
}

/// Sections from top to bottom.
#[derive(Clone, Debug, Default)]
pub struct Document {
    form: Form,
    /// Shared with tasks; a change while one of them uses the sections copies them.
    sections: Arc<Vec<Section>>,
    /// The first row of each section.
    section_starts: Vec<usize>,
    rows: usize,
    /// The block that fold keys act on, if one was selected.
    selected_section: Option<usize>,
}

impl Document {
    /// Creates a document of these sections.
    pub fn new(sections: Vec<Section>) -> Self {
        let mut document = Self { sections: Arc::new(sections), ..Self::default() };
        document.update_row_count();
        document
    }

    fn sections_mut(&mut self) -> &mut Vec<Section> {
        Arc::make_mut(&mut self.sections)
    }

    fn update_row_count(&mut self) {
        self.rows = 0;
        self.section_starts.clear();
        for section in self.sections.iter() {
            self.section_starts.push(self.rows);
            self.rows += section.rows(self.form);
        }
    }

    /// Shows the sections of this form; asides are folded in a conversation.
    pub fn set_form(&mut self, form: Form) {
        if self.form != form {
            self.form = form;
            for section in self.sections_mut().iter_mut().filter(|section| section.is_aside) {
                section.open = form == Form::Page;
            }
            self.update_row_count();
        }
    }

    /// Returns the number of rows, without those that are folded away.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Returns the sections.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Returns the section of a row.
    pub fn section_at(&self, row: usize) -> usize {
        self.section_starts.partition_point(|start| *start <= row).saturating_sub(1)
    }

    /// Returns the first row of a section.
    pub fn section_start(&self, section: usize) -> usize {
        self.section_starts.get(section).copied().unwrap_or(0)
    }

    /// Returns the number of visible rows of a section; 0 if this form of the document does not have it.
    pub fn section_rows(&self, section: usize) -> usize {
        self.sections.get(section).map_or(0, |section| section.rows(self.form))
    }

    /// Builds the rows of a window.
    pub fn window(&self, range: Range<usize>) -> Vec<DocumentRow> {
        let end = range.end.min(self.rows);
        let mut rows = Vec::with_capacity(end.saturating_sub(range.start));
        let mut index = self.section_at(range.start);
        while let Some((section, start)) = self.sections.get(index).zip(self.section_starts.get(index))
            && *start < end
        {
            if section.is_in(self.form) {
                let marker = section.marker.filter(|_| self.form == Form::Conversation);
                let rows_of_section = range.start.saturating_sub(*start)..end - start;
                push_section(&mut rows, section, (index, marker), rows_of_section);
            }
            index += 1;
        }
        rows
    }

    /// Returns the text of every line of every section, folded or not, with its index; large texts are omitted.
    pub fn section_lines(&self) -> impl Iterator<Item = (usize, Vec<(usize, String)>)> + '_ {
        let sections = self.sections.iter().enumerate().filter(|(_, section)| section.is_in(self.form));
        sections.map(|(index, section)| {
            let mut lines = Vec::new();
            if let Some(title) = &section.title {
                lines.push((0, title.plain_text()));
            }
            let first = lines.len();
            match &section.body {
                Body::Lines(body) => {
                    lines.extend(body.iter().enumerate().map(|(at, line)| (first + at, line.plain_text())))
                }
                Body::Big(_) => {}
            }
            (index, lines)
        })
    }

    /// Unfolds a section if necessary; returns the row of its line, counted from its title.
    pub fn reveal(&mut self, section: usize, line: usize) -> usize {
        if line > 0 {
            self.set_fold(section, Fold::Open);
        }
        self.section_start(section) + line
    }

    /// Folds or unfolds a section; returns whether it is foldable.
    pub fn toggle(&mut self, section: usize) -> bool {
        let open = self.sections.get(section).map(|section| !section.open);
        open.is_some_and(|open| self.set_fold(section, if open { Fold::Open } else { Fold::Closed }))
    }

    /// Opens or closes a section; returns whether it is foldable.
    pub fn set_fold(&mut self, section: usize, fold: Fold) -> bool {
        let Some(found) = self.sections_mut().get_mut(section).filter(|section| section.is_foldable) else {
            return false;
        };
        found.open = fold == Fold::Open;
        self.update_row_count();
        true
    }

    /// Opens or closes every foldable section.
    pub fn set_all_folds(&mut self, fold: Fold) {
        for section in self.sections_mut().iter_mut().filter(|section| section.is_foldable) {
            section.open = fold == Fold::Open;
        }
        self.update_row_count();
    }

    /// Copies the folds of another document of the same message or payload: one for another width, or from before a change.
    /// Blocks with equal titles correspond in order; blocks whose titles are not in both documents correspond by position.
    pub fn copy_folds_from(&mut self, other: &Self) {
        let (old, new) = (other.fold_states(), self.fold_states());
        let old_by_title: HashMap<&(String, usize), bool> =
            old.iter().map(|(title, open)| (title, *open)).collect();
        let new_titles: HashSet<&(String, usize)> = new.iter().map(|(title, _)| title).collect();
        let by_position = |index: usize| {
            let (title, open) = old.get(index)?;
            (!new_titles.contains(title)).then_some(*open)
        };
        let opens = new.iter().enumerate().map(|(index, (title, open))| {
            old_by_title.get(title).copied().or_else(|| by_position(index)).unwrap_or(*open)
        });
        let opens: Vec<bool> = opens.collect();
        for (section, open) in self.sections_mut().iter_mut().filter(|section| section.is_foldable).zip(opens)
        {
            section.open = open;
        }
        self.selected_section = other.selected_section.filter(|index| {
            self.sections.get(*index).is_some_and(|section| {
                section.is_foldable || section.source.is_some_and(SectionSource::is_value)
            })
        });
        self.update_row_count();
    }

    /// Returns the foldable blocks: title, number among the blocks of that title, and whether it is open.
    fn fold_states(&self) -> Vec<((String, usize), bool)> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let foldable = self.sections.iter().filter(|section| section.is_foldable);
        let state = |section: &Section| {
            let title = section.title.as_ref().map(Line::plain_text).unwrap_or_default();
            let count = counts.entry(title.clone()).or_default();
            *count += 1;
            ((title, *count), section.open)
        };
        foldable.map(state).collect()
    }

    /// Returns the row that corresponds to a row of `other`, the same document at another width.
    pub fn equivalent_row(&self, other: &Self, row: usize) -> usize {
        self.row_of(other.place_of(row))
    }

    /// Returns the place of a row, independent of the width.
    pub fn place_of(&self, row: usize) -> Place {
        let index = self.section_at(row);
        let depth = row.saturating_sub(self.section_start(index));
        let offset = match self.sections.get(index).map(|section| (section, &section.body)) {
            Some((section, _)) if depth < usize::from(section.title.is_some()) => Offset::Title,
            Some((section, Body::Lines(lines))) => {
                let line = depth - usize::from(section.title.is_some());
                Offset::Letters(lines.iter().take(line).map(count_letters).sum())
            }
            Some((_, Body::Big(_))) | None => Offset::Share(depth, self.section_rows(index)),
        };
        Place { section: index, offset }
    }

    /// Returns the row of a place.
    pub fn row_of(&self, place: Place) -> usize {
        let section = self.sections.get(place.section);
        let title_rows = section.map_or(0, |section| usize::from(section.title.is_some()));
        let depth = match (place.offset, section.map(|section| &section.body)) {
            (Offset::Letters(before), Some(Body::Lines(lines))) => {
                let mut passed = 0;
                let found = lines.iter().position(|line| {
                    passed += count_letters(line);
                    passed > before
                });
                title_rows + found.unwrap_or(lines.len().saturating_sub(1))
            }
            (Offset::Share(depth, rows), _) => {
                depth.saturating_mul(self.section_rows(place.section)) / rows.max(1)
            }
            (Offset::Title | Offset::Letters(_), _) => 0,
        };
        let depth = depth.min(self.section_rows(place.section).saturating_sub(1));
        (self.section_start(place.section) + depth).min(self.rows.saturating_sub(1))
    }

    /// Selects the next or previous foldable block, relative to the one that fold keys act on; returns the row of its
    /// title.
    pub fn select_foldable(&mut self, direction: Direction, row: usize, page: usize) -> Option<usize> {
        let is_foldable =
            |index: &usize| self.sections.get(*index).is_some_and(|section| section.is_foldable);
        let current = self.foldable_near(row, page)?;
        let next = match direction {
            Direction::Forward => (current + 1..self.sections.len()).find(is_foldable),
            Direction::Backward => (0..current).rev().find(is_foldable),
        };
        self.selected_section = Some(next.unwrap_or(current));
        self.selected_section.map(|section| self.section_start(section))
    }

    /// Selects the first foldable block, or the last one backward; returns the row of its title.
    pub fn select_end_foldable(&mut self, direction: Direction) -> Option<usize> {
        let mut foldable = (0..)
            .zip(self.sections.iter())
            .filter(|(_, section)| section.is_foldable)
            .map(|(index, _)| index);
        self.selected_section = match direction {
            Direction::Forward => foldable.next(),
            Direction::Backward => foldable.last(),
        };
        self.selected_section.map(|section| self.section_start(section))
    }

    /// Returns the selected section if a part of it is in view, else the first foldable one at or below `row`, else the
    /// nearest above.
    pub fn foldable_near(&self, row: usize, page: usize) -> Option<usize> {
        let in_view = |index: &usize| {
            let start = self.section_start(*index);
            start < row.saturating_add(page) && start + self.section_rows(*index) > row
        };
        if let Some(selected) = self.selected_section.filter(in_view) {
            return Some(selected);
        }
        let is_foldable =
            |index: &usize| self.sections.get(*index).is_some_and(|section| section.is_foldable);
        let first = self.section_at(row);
        let below = (first..self.sections.len())
            .filter(|index| {
                self.section_start(*index) >= row && self.section_start(*index) < row.saturating_add(page)
            })
            .find(is_foldable);
        below.or_else(|| (0..=first).rev().find(is_foldable))
    }
}

fn push_section(
    rows: &mut Vec<DocumentRow>,
    section: &Section,
    (index, marker): (usize, Option<&'static str>),
    range: Range<usize>,
) {
    let marker_at = |row: usize| marker.filter(|_| row == 0);
    let title_rows = usize::from(section.title.is_some());
    if let Some(title) = section.title.as_ref().filter(|_| range.start == 0 && range.end > 0) {
        rows.push(DocumentRow {
            line: title.clone(),
            gutter: section.gutter,
            fold: section.is_foldable.then_some(section.open),
            is_title: true,
            marker: marker_at(0),
            section: index,
        });
    }
    if !section.open {
        return;
    }
    let from = range.start.saturating_sub(title_rows);
    let to = range.end.saturating_sub(title_rows).min(section.body.rows());
    let lines = match &section.body {
        Body::Lines(lines) => lines.get(from..to.max(from)).unwrap_or_default().to_vec(),
        Body::Big(big) => big.lines(from..to.max(from)),
    };
    rows.extend((from + title_rows..).zip(lines).map(|(row, line)| DocumentRow {
        line,
        gutter: section.gutter,
        fold: None,
        is_title: false,
        marker: marker_at(row),
        section: index,
    }));
}

/// A document with its scroll position.
#[derive(Clone, Debug, Default)]
pub struct ScrolledDocument {
    pub document: Document,
    /// The first row in view.
    pub offset: usize,
}

impl ScrolledDocument {
    /// Creates a document at its top.
    pub fn new(document: Document) -> Self {
        Self { document, offset: 0 }
    }

    /// Returns the number of scroll positions. At the last one, the last row of the document is at the bottom of the page.
    pub fn positions(&self, page: usize) -> usize {
        self.document.len().saturating_sub(page) + 1
    }

    /// Returns the scroll position, inside the document.
    pub fn position(&self, page: usize) -> usize {
        self.offset.min(self.positions(page) - 1)
    }

    /// Handles a click on a visible row: on a title, folds or unfolds its section.
    pub fn click(&mut self, row: usize, page: usize) {
        let row = self.position(page) + row;
        let section = self.document.section_at(row);
        self.select_section(section);
        if self.document.section_start(section) == row {
            self.document.toggle(section);
        }
    }

    /// Unfolds a section and scrolls to one of its lines, unless that is in view already.
    pub fn reveal(&mut self, section: usize, line: usize, page: usize) {
        let row = self.document.reveal(section, line);
        self.select_section(section);
        if row < self.offset || row >= self.offset.saturating_add(page) {
            self.offset = row.saturating_sub(page / 3);
        }
    }

    /// Copies the folds and the scroll position from the same document at another width.
    pub fn resume(&mut self, other: &Self) {
        self.document.copy_folds_from(&other.document);
        self.offset = self.document.equivalent_row(&other.document, other.offset);
    }
}

#[cfg(test)]
mod tests;
