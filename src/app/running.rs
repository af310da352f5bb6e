//! Wrapped lines read as running text again, so that a phrase is found though a line ends within it.

use crate::app::document::Document;
use crate::search::Finder;
use crate::text::width;

/// Lines put together: one text, and for each of its bytes where that stands.
#[derive(Clone, Debug, Default)]
pub struct Running<T> {
    pub text: String,
    places: Vec<T>,
    /// Where each line begins.
    starts: Vec<usize>,
}

/// What stands between two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glue {
    /// The blank at which a line was wrapped.
    Blank,
    /// Nothing: a word longer than the line was cut in two.
    Nothing,
    /// The text ends and another begins.
    End,
}

impl<T: Copy> Running<T> {
    /// Adds a line; each byte of it has its place. Blanks around it are left out, as wrapping made them.
    pub fn push(&mut self, line: &str, places: impl IntoIterator<Item = T>, glue: Glue) {
        let indent = line.len() - line.trim_start().len();
        let kept = line.trim();
        if let Some(last) = self.places.last().copied() {
            let between = match glue {
                Glue::Blank => " ",
                Glue::Nothing => "",
                Glue::End => "\n",
            };
            self.text.push_str(between);
            self.places.extend(between.bytes().map(|_| last));
        }
        self.starts.push(self.text.len());
        self.text.push_str(kept);
        self.places.extend(places.into_iter().skip(indent).take(kept.len()));
        // A place for each byte, whatever the caller gave.
        if let Some(last) = self.places.last().copied() {
            self.places.resize(self.text.len(), last);
        } else {
            self.text.clear();
        }
    }

    /// The places of all hits, each from its first byte to its last; at most `most` of them.
    pub fn hits(&self, finder: &Finder, most: usize) -> Vec<&[T]> {
        let ranges = finder.text_hits(&self.text, most);
        ranges.into_iter().filter_map(|range| self.places.get(range)).collect()
    }

    /// The same, but only those that go over the end of a line.
    pub fn hits_over_ends(&self, finder: &Finder, most: usize) -> Vec<&[T]> {
        let over = |range: &std::ops::Range<usize>| {
            let next = self.starts.partition_point(|start| *start <= range.start);
            self.starts.get(next).is_some_and(|start| *start < range.end)
        };
        let ranges = finder.text_hits(&self.text, most);
        ranges.into_iter().filter(over).filter_map(|range| self.places.get(range)).collect()
    }
}

/// The section and line in which each hit of a document begins, folded or not, in order; at most about `most`.
pub fn lines_of_hits(document: &Document, finder: &Finder, most: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (section, lines) in document.lines_of_sections() {
        if found.len() >= most {
            break;
        }
        let widest = lines.iter().map(|(_, text)| width::columns(text)).max().unwrap_or(0);
        let together = |cut: Glue| {
            let mut running = Running::default();
            let mut glue = Glue::End;
            for (line, text) in &lines {
                let places = (0..text.len()).map(|at| (*line, at));
                running.push(text, places, if text.trim().is_empty() { Glue::End } else { glue });
                let is_full = width::columns(text) + 1 >= widest;
                glue = if text.trim().is_empty() {
                    Glue::End
                } else if is_full {
                    cut
                } else {
                    Glue::Blank
                };
            }
            running
        };
        let first = |hit: &&[(usize, usize)]| hit.first().copied();
        let room = most - found.len();
        let mut hits: Vec<_> = together(Glue::Blank).hits(finder, room).iter().filter_map(first).collect();
        hits.extend(together(Glue::Nothing).hits_over_ends(finder, room).iter().filter_map(first));
        hits.sort_unstable();
        hits.dedup();
        found.extend(hits.into_iter().map(|(line, _)| (section, line)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::document::{Body, Section};
    use crate::search::Query;
    use crate::text::plain;
    use crate::theme::Role;

    fn lines(text: &str, width: usize, wanted: &str) -> Vec<usize> {
        let body = Body::Lines(plain(text, width, Role::Text));
        let document = Document::new(vec![Section::text(body, Role::Text)]);
        let finder = Finder::new(&Query::new(wanted)).unwrap();
        lines_of_hits(&document, &finder, 100).into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn a_phrase_is_found_though_a_line_ends_within_it() {
        assert_eq!(lines("lamps can be sent back", 12, "be sent"), [0]);
        assert_eq!(lines("lamps can be sent back", 8, "can be sent back"), [1]);
        assert_eq!(lines("lamp lamp lamp", 9, "lamp"), [0, 0, 1]);
        assert_eq!(lines("abcdefghij", 4, "cdef"), [0], "a word cut in two");
        assert_eq!(lines("abcdefghij", 4, "abcdefghij"), [0]);
        assert_eq!(lines("abcd efgh", 4, "abcd efgh"), [0], "a blank after a full line");
        assert!(lines("one\n\ntwo", 20, "one two").is_empty(), "another paragraph");
    }

    #[test]
    fn a_hit_has_the_places_of_its_letters() {
        let mut running = Running::default();
        running.push("  ab", 0..4, Glue::End);
        running.push("cd ", 10..13, Glue::Blank);
        assert_eq!(running.text, "ab cd");
        let finder = Finder::new(&Query::new("b c")).unwrap();
        assert_eq!(running.hits(&finder, 9), [[3, 3, 10]]);
        assert_eq!(running.hits_over_ends(&finder, 9), [[3, 3, 10]]);
    }
}
