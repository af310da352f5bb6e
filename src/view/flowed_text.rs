//! Wrapped lines read as running text again, so that a phrase is found though a line ends within it.

use crate::search::Finder;
use crate::text::width;
use crate::view::document::Document;

/// Lines put together: one text, and for each of its bytes where that stands.
#[derive(Clone, Debug, Default)]
pub struct FlowedText<T> {
    pub text: String,
    positions: Vec<T>,
    /// Where each line begins.
    line_starts: Vec<usize>,
}

/// What stands between two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineJoin {
    /// The blank at which a line was wrapped.
    Space,
    /// Nothing: a word longer than the line was cut in two.
    Empty,
    /// The text ends and another begins.
    Break,
}

impl<T: Copy> FlowedText<T> {
    /// Adds a line; each byte of it has its place. Blanks around it are left out, as wrapping made them.
    pub fn push(&mut self, line: &str, places: impl IntoIterator<Item = T>, glue: LineJoin) {
        let indent = line.len() - line.trim_start().len();
        let kept = line.trim();
        if let Some(last) = self.positions.last().copied() {
            let between = match glue {
                LineJoin::Space => " ",
                LineJoin::Empty => "",
                LineJoin::Break => "\n",
            };
            self.text.push_str(between);
            self.positions.extend(between.bytes().map(|_| last));
        }
        self.line_starts.push(self.text.len());
        self.text.push_str(kept);
        self.positions.extend(places.into_iter().skip(indent).take(kept.len()));
        // A place for each byte, whatever the caller gave.
        if let Some(last) = self.positions.last().copied() {
            self.positions.resize(self.text.len(), last);
        } else {
            self.text.clear();
        }
    }

    /// The places of all hits, each from its first byte to its last; at most `most` of them.
    pub fn hit_positions(&self, finder: &Finder, most: usize) -> Vec<&[T]> {
        let ranges = finder.text_hits(&self.text, most);
        ranges.into_iter().filter_map(|range| self.positions.get(range)).collect()
    }

    /// The same, but only those that go over the end of a line.
    pub fn hits_across_lines(&self, finder: &Finder, most: usize) -> Vec<&[T]> {
        let over = |range: &std::ops::Range<usize>| {
            let next = self.line_starts.partition_point(|start| *start <= range.start);
            self.line_starts.get(next).is_some_and(|start| *start < range.end)
        };
        let ranges = finder.text_hits(&self.text, most);
        ranges.into_iter().filter(over).filter_map(|range| self.positions.get(range)).collect()
    }
}

/// The section and line in which each hit of a document begins, folded or not, in order; at most about `most`.
pub fn hit_lines(document: &Document, finder: &Finder, most: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (section, lines) in document.section_lines() {
        if found.len() >= most {
            break;
        }
        let widest = lines.iter().map(|(_, text)| width::columns(text)).max().unwrap_or(0);
        let together = |cut: LineJoin| {
            let mut running = FlowedText::default();
            let mut glue = LineJoin::Break;
            for (line, text) in &lines {
                let places = (0..text.len()).map(|at| (*line, at));
                running.push(text, places, if text.trim().is_empty() { LineJoin::Break } else { glue });
                let is_full = width::columns(text) + 1 >= widest;
                glue = if text.trim().is_empty() {
                    LineJoin::Break
                } else if is_full {
                    cut
                } else {
                    LineJoin::Space
                };
            }
            running
        };
        let first = |hit: &&[(usize, usize)]| hit.first().copied();
        let room = most - found.len();
        let mut hits: Vec<_> =
            together(LineJoin::Space).hit_positions(finder, room).iter().filter_map(first).collect();
        hits.extend(together(LineJoin::Empty).hits_across_lines(finder, room).iter().filter_map(first));
        hits.sort_unstable();
        hits.dedup();
        found.extend(hits.into_iter().map(|(line, _)| (section, line)));
    }
    found
}

/// The line where the hit of this number begins. Hits go over the ends of wrapped lines.
pub fn hit_line(document: &Document, finder: &Finder, number: usize) -> Option<(usize, usize)> {
    let lines = hit_lines(document, finder, number.saturating_add(1));
    lines.get(number).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::Query;
    use crate::text::wrap_styled;
    use crate::theme::Role;
    use crate::view::document::{Body, Section};

    fn hit_lines_in(text: &str, width: usize, wanted: &str) -> Vec<usize> {
        let body = Body::Lines(wrap_styled(text, width, Role::Text));
        let document = Document::new(vec![Section::text(body, Role::Text)]);
        let finder = Finder::new(&Query::new(wanted)).unwrap();
        hit_lines(&document, &finder, 100).into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn phrase_is_found_across_a_line_break() {
        assert_eq!(hit_lines_in("lamps can be sent back", 12, "be sent"), [0]);
        assert_eq!(hit_lines_in("lamps can be sent back", 8, "can be sent back"), [1]);
        assert_eq!(hit_lines_in("lamp lamp lamp", 9, "lamp"), [0, 0, 1]);
        assert_eq!(hit_lines_in("abcdefghij", 4, "cdef"), [0], "a word cut in two");
        assert_eq!(hit_lines_in("abcdefghij", 4, "abcdefghij"), [0]);
        assert_eq!(hit_lines_in("abcd efgh", 4, "abcd efgh"), [0], "a blank after a full line");
        assert!(hit_lines_in("one\n\ntwo", 20, "one two").is_empty(), "another paragraph");
    }

    #[test]
    fn hit_has_the_positions_of_its_letters() {
        let mut running = FlowedText::default();
        running.push("  ab", 0..4, LineJoin::Break);
        running.push("cd ", 10..13, LineJoin::Space);
        assert_eq!(running.text, "ab cd");
        let finder = Finder::new(&Query::new("b c")).unwrap();
        assert_eq!(running.hit_positions(&finder, 9), [[3, 3, 10]]);
        assert_eq!(running.hits_across_lines(&finder, 9), [[3, 3, 10]]);
    }
}
