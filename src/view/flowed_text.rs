//! Wrapped lines joined to continuous text again, to find phrases that span a line break.

use crate::search::Finder;
use crate::text::width;
use crate::view::document::Document;

/// Joined lines: one text, and the position of each of its bytes.
#[derive(Clone, Debug, Default)]
pub struct FlowedText<T> {
    pub text: String,
    positions: Vec<T>,
    /// The byte at which each line begins.
    line_starts: Vec<usize>,
}

/// The separator between two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineJoin {
    /// The space at which a line was wrapped.
    Space,
    /// Nothing: a word longer than the line was split.
    Empty,
    /// The end of a paragraph.
    Break,
}

impl<T: Copy> FlowedText<T> {
    /// Adds a line with the position of each of its bytes. Leading and trailing spaces are dropped: wrapping added them.
    pub fn push(&mut self, line: &str, positions: impl IntoIterator<Item = T>, join: LineJoin) {
        let indent = line.len() - line.trim_start().len();
        let trimmed = line.trim();
        if let Some(last) = self.positions.last().copied() {
            let separator = match join {
                LineJoin::Space => " ",
                LineJoin::Empty => "",
                LineJoin::Break => "\n",
            };
            self.text.push_str(separator);
            self.positions.extend(separator.bytes().map(|_| last));
        }
        self.line_starts.push(self.text.len());
        self.text.push_str(trimmed);
        self.positions.extend(positions.into_iter().skip(indent).take(trimmed.len()));
        // The caller may pass fewer positions than bytes.
        if let Some(last) = self.positions.last().copied() {
            self.positions.resize(self.text.len(), last);
        } else {
            self.text.clear();
        }
    }

    /// Returns the positions of the bytes of each hit, for at most `limit` hits.
    pub fn hit_positions(&self, finder: &Finder, limit: usize) -> Vec<&[T]> {
        let ranges = finder.text_hits(&self.text, limit);
        ranges.into_iter().filter_map(|range| self.positions.get(range)).collect()
    }

    /// Returns the same, but only for hits that span a line break.
    pub fn hits_across_lines(&self, finder: &Finder, limit: usize) -> Vec<&[T]> {
        let spans_break = |range: &std::ops::Range<usize>| {
            let next = self.line_starts.partition_point(|start| *start <= range.start);
            self.line_starts.get(next).is_some_and(|start| *start < range.end)
        };
        let ranges = finder.text_hits(&self.text, limit);
        ranges.into_iter().filter(spans_break).filter_map(|range| self.positions.get(range)).collect()
    }
}

/// Returns the section and line in which each hit of a document begins, folded or not, in order; about `limit` at most.
pub fn hit_lines(document: &Document, finder: &Finder, limit: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (section, lines) in document.section_lines() {
        if found.len() >= limit {
            break;
        }
        let widest = lines.iter().map(|(_, text)| width::columns(text)).max().unwrap_or(0);
        let joined = |full_line: LineJoin| {
            let mut flowed = FlowedText::default();
            let mut join = LineJoin::Break;
            for (line, text) in &lines {
                let positions = (0..text.len()).map(|byte| (*line, byte));
                flowed.push(text, positions, if text.trim().is_empty() { LineJoin::Break } else { join });
                let is_full = width::columns(text) + 1 >= widest || full_line == LineJoin::Break;
                join = if text.trim().is_empty() {
                    LineJoin::Break
                } else if is_full {
                    full_line
                } else {
                    LineJoin::Space
                };
            }
            flowed
        };
        let first = |hit: &&[(usize, usize)]| hit.first().copied();
        let room = limit - found.len();
        let mut hits: Vec<_> =
            joined(LineJoin::Space).hit_positions(finder, room).iter().filter_map(first).collect();
        hits.extend(joined(LineJoin::Empty).hits_across_lines(finder, room).iter().filter_map(first));
        if finder.is_regex() {
            // Lines of code and verbatim text also end with a break.
            hits.extend(joined(LineJoin::Break).hit_positions(finder, room).iter().filter_map(first));
        }
        hits.sort_unstable();
        hits.dedup();
        found.extend(hits.into_iter().map(|(line, _)| (section, line)));
    }
    found
}

/// Returns the section and line in which the hit with this index begins.
pub fn hit_line(document: &Document, finder: &Finder, index: usize) -> Option<(usize, usize)> {
    let lines = hit_lines(document, finder, index.saturating_add(1));
    lines.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Query;
    use crate::text::wrap_styled;
    use crate::theme::Role;
    use crate::view::document::{Body, Section};

    fn hit_lines_in(text: &str, width: usize, query: &str) -> Vec<usize> {
        let body = Body::Lines(wrap_styled(text, width, Role::Text));
        let document = Document::new(vec![Section::text(body, Role::Text)]);
        let finder = Finder::new(&Query::new(query)).unwrap();
        hit_lines(&document, &finder, 100).into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn phrase_is_found_across_a_line_break() {
        assert_eq!(hit_lines_in("lamps can be sent back", 12, "be sent"), [0]);
        assert_eq!(hit_lines_in("lamps can be sent back", 8, "can be sent back"), [1]);
        assert_eq!(hit_lines_in("lamp lamp lamp", 9, "lamp"), [0, 0, 1]);
        assert_eq!(hit_lines_in("abcdefghij", 4, "cdef"), [0], "a split word");
        assert_eq!(hit_lines_in("abcdefghij", 4, "abcdefghij"), [0]);
        assert_eq!(hit_lines_in("abcd efgh", 4, "abcd efgh"), [0], "a space after a full line");
        assert!(hit_lines_in("one\n\ntwo", 20, "one two").is_empty(), "another paragraph");
    }

    #[test]
    fn regular_expression_matches_whole_lines() {
        assert_eq!(hit_lines_in("one\ntwo\nthree", 20, "re:^two$"), [1]);
        assert!(hit_lines_in("one two", 20, "re:^two").is_empty());
    }

    #[test]
    fn phrase_crosses_markup_that_is_shown_verbatim() {
        assert_eq!(hit_lines_in("about **brain** research", 40, "brain research"), [0]);
    }

    #[test]
    fn hit_has_the_positions_of_its_letters() {
        let mut flowed = FlowedText::default();
        flowed.push("  ab", 0..4, LineJoin::Break);
        flowed.push("cd ", 10..13, LineJoin::Space);
        assert_eq!(flowed.text, "ab cd");
        let finder = Finder::new(&Query::new("b c")).unwrap();
        assert_eq!(flowed.hit_positions(&finder, 9), [[3, 3, 10]]);
        assert_eq!(flowed.hits_across_lines(&finder, 9), [[3, 3, 10]]);
    }
}
