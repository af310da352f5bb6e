//! A text that was derived from another one, with a map from its bytes to those of its source.

use std::ops::Range;

/// A derived text: decoded, folded, or without its markup.
#[derive(Debug, Default)]
pub(super) struct MappedText {
    pub(super) text: String,
    runs: Vec<Run>,
}

/// A part of the text with one rule for its positions.
#[derive(Debug)]
struct Run {
    /// The first byte in the derived text.
    start: usize,
    /// The bytes of the source; of a verbatim run, only the start is used.
    source: Range<usize>,
    /// Whether each byte corresponds to one byte of the source; otherwise the run corresponds to its whole range.
    is_verbatim: bool,
}

impl MappedText {
    /// Adds text whose bytes correspond one to one to those of the source, starting at `source`.
    pub(super) fn push_verbatim(&mut self, text: &str, source: usize) {
        let start = self.text.len();
        let continues = self
            .runs
            .last()
            .is_some_and(|run| run.is_verbatim && run.source.start + (start - run.start) == source);
        if !continues && !text.is_empty() {
            self.runs.push(Run { start, source: source..source, is_verbatim: true });
        }
        self.text.push_str(text);
    }

    /// Adds text that corresponds to a range of the source as a whole, such as an escape.
    pub(super) fn push_unit(&mut self, text: &str, source: Range<usize>) {
        if text.is_empty() {
            return;
        }
        if text.len() == source.len() && text.chars().nth(1).is_none() {
            return self.push_verbatim(text, source.start);
        }
        self.runs.push(Run { start: self.text.len(), source, is_verbatim: false });
        self.text.push_str(text);
    }

    /// Returns the range of the source that corresponds to a range of the text.
    pub(super) fn source_range(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.run_at(range.start).map_or(0, |run| match run.is_verbatim {
            true => run.source.start + (range.start - run.start),
            false => run.source.start,
        });
        let end = self.run_at(range.end.saturating_sub(1)).map_or(start, |run| match run.is_verbatim {
            true => run.source.start + (range.end.saturating_sub(run.start)),
            false => run.source.end,
        });
        start..end.max(start)
    }

    fn run_at(&self, at: usize) -> Option<&Run> {
        let after = self.runs.partition_point(|run| run.start <= at);
        self.runs.get(after.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_map_to_the_bytes_they_came_from() {
        let mut text = MappedText::default();
        text.push_verbatim("ab", 0);
        text.push_unit("&", 2..7);
        text.push_verbatim("cd", 7);
        assert_eq!(text.text, "ab&cd");
        for (range, source) in [(0..1, 0..1), (1..4, 1..8), (2..3, 2..7), (3..5, 7..9), (0..5, 0..9)] {
            assert_eq!(text.source_range(&range), source, "{range:?}");
        }
    }
}
