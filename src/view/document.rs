//! What a tab of text shows: sections with a title that can be folded, made of lines that are already wrapped. Only the
//! rows in view are handed out; a text too large for lines stays one string with an index of its rows.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::layout::Direction;
use crate::text::wrap::WrapIndex;
use crate::text::{Line, StyledRun};
use crate::theme::Role;

/// A text too large to be kept as lines: plain, wrapped in windows.
#[derive(Clone, Debug)]
pub struct BigText {
    text: String,
    wrap: WrapIndex,
}

impl BigText {
    /// Wraps a text that has passed the gate.
    pub fn new(text: String, width: usize) -> Self {
        let mut wrap = WrapIndex::new(width.max(1));
        while !wrap.step(&text, 1 << 20) {}
        Self { text, wrap }
    }

    fn rows(&self) -> usize {
        self.wrap.len()
    }

    fn lines(&self, range: Range<usize>) -> Vec<Line> {
        let rows = self.wrap.rows(&self.text, range);
        rows.iter()
            .map(|row| {
                let text = self.text.get(row.start..row.end).unwrap_or_default();
                Line { spans: vec![StyledRun::new(text, Role::Text)] }
            })
            .collect()
    }
}

/// What a section holds.
#[derive(Clone, Debug)]
pub enum Body {
    Lines(Vec<Line>),
    Big(Box<BigText>),
}

impl Body {
    fn rows(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.len(),
            Self::Big(big) => big.rows(),
        }
    }
}

/// A part of a document.
#[derive(Clone, Debug)]
pub struct Section {
    /// `None` for text that stands by itself.
    pub title: Option<Line>,
    /// Whether the title folds and unfolds the body.
    pub is_foldable: bool,
    pub open: bool,
    pub body: Body,
    /// Whose words these are: the colour of the gutter.
    pub gutter: Role,
}

impl Section {
    /// Text without a title.
    pub fn text(body: Body, gutter: Role) -> Self {
        Self { title: None, is_foldable: false, open: true, body, gutter }
    }

    /// A heading that always shows what is below it.
    pub fn with_heading(title: Line, body: Body, gutter: Role) -> Self {
        Self { title: Some(title), is_foldable: false, open: true, body, gutter }
    }

    /// A block that can be folded.
    pub fn foldable(title: Line, body: Body, gutter: Role, open: Fold) -> Self {
        Self { title: Some(title), is_foldable: true, open: open == Fold::Open, body, gutter }
    }

    fn rows(&self) -> usize {
        usize::from(self.title.is_some()) + if self.open { self.body.rows() } else { 0 }
    }
}

/// Whether a block begins folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    Open,
    Closed,
}

/// One row as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentRow {
    pub line: Line,
    pub gutter: Role,
    /// For a title: whether its block can be folded, and is open.
    pub fold: Option<bool>,
    /// Whether it is a section's title.
    pub is_title: bool,
    pub section: usize,
}

/// Sections from top to bottom.
#[derive(Clone, Debug, Default)]
pub struct Document {
    sections: Vec<Section>,
    /// Row at which each section begins.
    section_starts: Vec<usize>,
    rows: usize,
    /// The block that a folding key acts on, where one was chosen.
    selected_section: Option<usize>,
}

impl Document {
    /// Puts sections together.
    pub fn new(sections: Vec<Section>) -> Self {
        let mut document = Self { sections, ..Self::default() };
        document.update_row_count();
        document
    }

    fn update_row_count(&mut self) {
        let mut at = 0;
        self.section_starts.clear();
        for section in &self.sections {
            self.section_starts.push(at);
            at += section.rows();
        }
        self.rows = at;
    }

    /// Rows in all, as folded now.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// The sections.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The section a row belongs to.
    pub fn section_at(&self, row: usize) -> usize {
        self.section_starts.partition_point(|start| *start <= row).saturating_sub(1)
    }

    /// The row at which a section begins.
    pub fn section_start(&self, section: usize) -> usize {
        self.section_starts.get(section).copied().unwrap_or(0)
    }

    /// The rows of a window, and no others, are built.
    pub fn window(&self, range: Range<usize>) -> Vec<DocumentRow> {
        let end = range.end.min(self.rows);
        let mut rows = Vec::with_capacity(end.saturating_sub(range.start));
        let mut index = self.section_at(range.start);
        while let Some((section, start)) = self.sections.get(index).zip(self.section_starts.get(index))
            && *start < end
        {
            push_section(&mut rows, section, index, range.start.saturating_sub(*start)..end - start);
            index += 1;
        }
        rows
    }

    /// The text of every line of every section, folded or not, with its place; large texts are left out.
    pub fn section_lines(&self) -> impl Iterator<Item = (usize, Vec<(usize, String)>)> + '_ {
        self.sections.iter().enumerate().map(|(index, section)| {
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

    /// The row of a section's line, counted from its title; the section is unfolded if need be.
    pub fn reveal(&mut self, section: usize, line: usize) -> usize {
        if line > 0 {
            self.set_fold(section, Fold::Open);
        }
        self.section_start(section) + line
    }

    /// Folds or unfolds a section; returns whether it can be folded.
    pub fn toggle(&mut self, section: usize) -> bool {
        let open = self.sections.get(section).map(|section| !section.open);
        open.is_some_and(|open| self.set_fold(section, if open { Fold::Open } else { Fold::Closed }))
    }

    /// Sets whether a section is open; returns whether it can be folded.
    pub fn set_fold(&mut self, section: usize, fold: Fold) -> bool {
        let Some(found) = self.sections.get_mut(section).filter(|section| section.is_foldable) else {
            return false;
        };
        found.open = fold == Fold::Open;
        self.update_row_count();
        true
    }

    /// Folds or unfolds every section that can be.
    pub fn set_all_folds(&mut self, fold: Fold) {
        for section in self.sections.iter_mut().filter(|section| section.is_foldable) {
            section.open = fold == Fold::Open;
        }
        self.update_row_count();
    }

    /// Folds what can be folded as it is in another document: one of the same message or payload, laid out for another
    /// width or before it changed. Blocks of the same title are the same, in their order; so are those of no common
    /// title in the same place.
    pub fn copy_folds_from(&mut self, other: &Self) {
        let known = other.fold_states();
        let names: HashMap<&(String, usize), bool> = known.iter().map(|(name, open)| (name, *open)).collect();
        let fresh = self.fold_states();
        let is_fresh: HashSet<&(String, usize)> = fresh.iter().map(|(name, _)| name).collect();
        let in_place = |place: usize| {
            let (name, open) = known.get(place)?;
            (!is_fresh.contains(name)).then_some(*open)
        };
        let opens = fresh.iter().enumerate().map(|(place, (name, open))| {
            names.get(name).copied().or_else(|| in_place(place)).unwrap_or(*open)
        });
        let opens: Vec<bool> = opens.collect();
        for (section, open) in self.sections.iter_mut().filter(|section| section.is_foldable).zip(opens) {
            section.open = open;
        }
        self.selected_section = other
            .selected_section
            .filter(|chosen| self.sections.get(*chosen).is_some_and(|one| one.is_foldable));
        self.update_row_count();
    }

    /// What can be folded: its title, how many blocks before it have the same one, and whether it is open.
    fn fold_states(&self) -> Vec<((String, usize), bool)> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let folding = self.sections.iter().filter(|section| section.is_foldable);
        let name = |section: &Section| {
            let title = section.title.as_ref().map(Line::plain_text).unwrap_or_default();
            let count = counts.entry(title.clone()).or_default();
            *count += 1;
            ((title, *count), section.open)
        };
        folding.map(name).collect()
    }

    /// The row that shows what this row of another document shows, which is laid out for another width.
    pub fn equivalent_row(&self, other: &Self, row: usize) -> usize {
        let section = other.section_at(row);
        let rows = |document: &Self| document.sections.get(section).map_or(1, Section::rows).max(1);
        let into = row.saturating_sub(other.section_start(section));
        let row = self.section_start(section).saturating_add(into.saturating_mul(rows(self)) / rows(other));
        row.min(self.rows.saturating_sub(1))
    }

    /// Chooses the next or previous block that can be folded, seen from the one that a folding key would act on; returns
    /// the row of its title.
    pub fn select_foldable(&mut self, direction: Direction, row: usize, page: usize) -> Option<usize> {
        let folds = |index: &usize| self.sections.get(*index).is_some_and(|section| section.is_foldable);
        let here = self.foldable_near(row, page)?;
        let next = match direction {
            Direction::Forward => (here + 1..self.sections.len()).find(folds),
            Direction::Backward => (0..here).rev().find(folds),
        };
        self.selected_section = Some(next.unwrap_or(here));
        self.selected_section.map(|section| self.section_start(section))
    }

    /// The chosen section if it is in view, else the first at or below a row that can be folded, else the nearest above.
    pub fn foldable_near(&self, row: usize, page: usize) -> Option<usize> {
        let in_view = |index: &usize| (row..row.saturating_add(page)).contains(&self.section_start(*index));
        if let Some(chosen) = self.selected_section.filter(in_view) {
            return Some(chosen);
        }
        let folds = |index: &usize| self.sections.get(*index).is_some_and(|section| section.is_foldable);
        let here = self.section_at(row);
        let below = (here..self.sections.len())
            .filter(|index| {
                self.section_start(*index) >= row && self.section_start(*index) < row.saturating_add(page)
            })
            .find(folds);
        below.or_else(|| (0..=here).rev().find(folds))
    }
}

fn push_section(rows: &mut Vec<DocumentRow>, section: &Section, index: usize, range: Range<usize>) {
    let title_rows = usize::from(section.title.is_some());
    if let Some(title) = section.title.as_ref().filter(|_| range.start == 0 && range.end > 0) {
        rows.push(DocumentRow {
            line: title.clone(),
            gutter: section.gutter,
            fold: section.is_foldable.then_some(section.open),
            is_title: true,
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
    rows.extend(lines.into_iter().map(|line| DocumentRow {
        line,
        gutter: section.gutter,
        fold: None,
        is_title: false,
        section: index,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line::styled(text, Role::Text)
    }

    fn lines(count: usize) -> Body {
        Body::Lines((0..count).map(|number| line(&number.to_string())).collect())
    }

    #[test]
    fn window_equals_the_slice_of_all_rows() {
        let mut document = Document::new(vec![
            Section::text(lines(3), Role::Text),
            Section::foldable(line("tool"), lines(4), Role::Text, Fold::Open),
            Section::foldable(line("empty"), lines(0), Role::Text, Fold::Closed),
            Section::with_heading(line("end"), lines(2), Role::Text),
        ]);
        for _ in 0..2 {
            let whole = document.window(0..document.len());
            assert_eq!(whole.len(), document.len());
            for from in 0..whole.len() {
                for to in from..whole.len() {
                    assert_eq!(document.window(from..to), whole[from..to]);
                }
            }
            assert!(document.toggle(1));
        }
        assert!(!document.toggle(0));
    }

    #[test]
    fn folds_are_copied_by_title_or_else_by_position() {
        let block = |title: &str, open| Section::foldable(line(title), lines(2), Role::Text, open);
        let (open, closed) = (Fold::Open, Fold::Closed);
        let old = Document::new(vec![
            block("tool", open),
            block("tool", closed),
            Section::text(lines(1), Role::Text),
            block("thinking, 3 lines", open),
        ]);
        let mut new = Document::new(vec![
            block("first", closed),
            block("tool", closed),
            block("tool", open),
            block("thinking, 4 lines", closed),
            block("more", open),
        ]);
        new.copy_folds_from(&old);
        let opens: Vec<bool> = new.sections().iter().map(|section| section.open).collect();
        assert_eq!(opens, [false, true, false, false, true], "a block before them moves the place");
        assert_eq!(new.len(), 5 + 2 * 2);
        let mut new = Document::new(vec![
            block("tool", closed),
            block("tool", open),
            block("thinking, 4 lines", closed),
            block("more", closed),
        ]);
        new.copy_folds_from(&old);
        let opens: Vec<bool> = new.sections().iter().map(|section| section.open).collect();
        assert_eq!(opens, [true, false, true, false]);
    }

    #[test]
    fn equivalent_row_is_found_at_another_width() {
        let of = |rows: [usize; 3]| {
            Document::new(rows.iter().map(|rows| Section::text(lines(*rows), Role::Text)).collect())
        };
        let (wide, narrow) = (of([4, 10, 3]), of([8, 20, 6]));
        assert_eq!([0, 4, 9, 16].map(|row| narrow.equivalent_row(&wide, row)), [0, 8, 18, 32]);
        assert_eq!([0, 8, 18, 32].map(|row| wide.equivalent_row(&narrow, row)), [0, 4, 9, 16]);
        assert_eq!(Document::default().equivalent_row(&wide, 9), 0);
    }

    #[test]
    fn selected_block_is_folded_while_in_view() {
        let block = || Section::foldable(line("block"), lines(2), Role::Text, Fold::Open);
        let mut document =
            Document::new(vec![block(), Section::text(lines(1), Role::Text), block(), block()]);
        assert_eq!(document.foldable_near(0, 10), Some(0));
        assert_eq!(document.select_foldable(Direction::Forward, 0, 10), Some(4));
        assert_eq!(document.select_foldable(Direction::Forward, 0, 10), Some(7));
        assert_eq!(document.select_foldable(Direction::Forward, 0, 10), Some(7), "there is no other below");
        assert_eq!(document.foldable_near(0, 10), Some(3));
        assert_eq!(document.foldable_near(0, 7), Some(0), "out of view it counts no more");
        assert_eq!(document.select_foldable(Direction::Backward, 0, 10), Some(4));
        assert_eq!(Document::default().select_foldable(Direction::Forward, 0, 10), None);
    }
}
