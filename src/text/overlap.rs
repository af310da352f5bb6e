//! Verbatim overlap of two texts: runs of at least five words that are in both. Returns their ranges and their share of
//! the source; a maximum number of words bounds the cost.

use std::collections::HashSet;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::Line;
use super::line::StyledText;
use crate::domain::steps::count_steps;
use crate::theme::Role;

/// The number of consecutive words from which an overlap is not a coincidence.
const RUN_LEN: usize = 5;

/// The maximum number of words in each text that are compared; later words are treated as not quoted.
const MAX_WORDS: usize = 20_000;

/// A text that may quote sources, indexed for comparison with many of them.
#[derive(Clone, Debug, Default)]
pub struct OverlapFinder {
    runs: HashSet<[u64; RUN_LEN]>,
}

/// The parts of a source that a text quotes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overlap {
    /// Byte ranges of the source, ascending and not adjacent.
    pub ranges: Vec<Range<usize>>,
    /// The share of the source's words, from 0 to 1.
    pub share: f64,
}

/// The maximum number of bytes in each text that are compared, because a text may have few words and many bytes.
const MAX_BYTES: usize = 1 << 20;

/// Returns the hashes of a text's words in lower case, with their ranges. Punctuation is ignored, so that a quote is found
/// regardless of its Markdown.
fn hashed_words(text: &str) -> Vec<(u64, Range<usize>)> {
    let text = text.get(..text.floor_char_boundary(MAX_BYTES)).unwrap_or(text);
    count_steps(text.len());
    text.unicode_word_indices()
        .take(MAX_WORDS)
        .map(|(at, word)| (hash_word(word), at..at + word.len()))
        .collect()
}

/// FNV-1a over the lower-case characters, which is the same on every machine and in every run.
fn hash_word(word: &str) -> u64 {
    word.chars().flat_map(char::to_lowercase).fold(0xcbf2_9ce4_8422_2325, |hash, c| {
        (hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3)
    })
}

fn run_at(words: &[(u64, Range<usize>)], at: usize) -> Option<[u64; RUN_LEN]> {
    let mut run = [0; RUN_LEN];
    let window = words.get(at..at + RUN_LEN)?;
    run.iter_mut().zip(window).for_each(|(slot, (hash, _))| *slot = *hash);
    Some(run)
}

impl OverlapFinder {
    /// Indexes the text.
    pub fn new(text: &str) -> Self {
        let words = hashed_words(text);
        Self { runs: (0..words.len()).filter_map(|at| run_at(&words, at)).collect() }
    }

    /// Returns the parts of `source` that this text quotes.
    pub fn overlap_with(&self, source: &str) -> Overlap {
        if self.runs.is_empty() {
            return Overlap::default();
        }
        let words = hashed_words(source);
        let mut overlap = Overlap::default();
        let (mut until, mut count) = (0, 0usize);
        for at in 0..words.len() {
            if !run_at(&words, at).is_some_and(|run| self.runs.contains(&run)) {
                continue;
            }
            // The words from `at` on, without those of the previous run.
            let new = words.get(at.max(until)..at + RUN_LEN).unwrap_or_default();
            count += new.len();
            let (Some((_, first)), Some((_, last))) = (new.first(), new.last()) else { continue };
            match overlap.ranges.last_mut().filter(|_| at <= until && until > 0) {
                Some(range) => range.end = last.end,
                None => overlap.ranges.push(first.start..last.end),
            }
            until = at + RUN_LEN;
        }
        overlap.share = if words.is_empty() { 0.0 } else { count as f64 / words.len() as f64 };
        overlap
    }
}

/// Wraps a text to `width` columns and gives the ranges another style. Ranges that are not in the text are ignored.
pub fn highlight_ranges(
    text: &str,
    ranges: &[Range<usize>],
    width: usize,
    [plain, highlight]: [Role; 2],
) -> Vec<Line> {
    let mut styled = StyledText::default();
    let mut at = 0;
    for range in ranges {
        if let (Some(before), Some(inside)) = (text.get(at..range.start), text.get(range.clone())) {
            styled.push(before, plain);
            styled.push(inside, highlight);
            at = range.end;
        }
    }
    styled.push(text.get(at..).unwrap_or_default(), plain);
    styled.wrap(width)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn overlap_texts<'a>(answer: &str, source: &'a str) -> (Vec<&'a str>, f64) {
        let overlap = OverlapFinder::new(answer).overlap_with(source);
        let part = |range: &Range<usize>| source.get(range.clone()).unwrap_or("outside");
        (overlap.ranges.iter().map(part).collect(), overlap.share)
    }

    #[test]
    fn runs_of_five_words_are_found_regardless_of_punctuation_and_case() {
        let source = "Returns: within 14 days from the day of delivery. Otherwise not.";
        let answer = "You have **14 days** from the day of *Delivery* [1].";
        assert_eq!(overlap_texts(answer, source), (vec!["14 days from the day of delivery"], 7.0 / 11.0));
        assert_eq!(overlap_texts("days from the day", source), (vec![], 0.0));
        assert_eq!(overlap_texts("", source), (vec![], 0.0));
        assert_eq!(overlap_texts(answer, ""), (vec![], 0.0));
    }

    #[test]
    fn adjacent_runs_are_merged_and_others_stay_separate() {
        let source = "a b c d e f g h x y 1 2 3 4 5";
        let answer = "a b c d e f g. And 1 2 3 4 5";
        assert_eq!(overlap_texts(answer, source).0, ["a b c d e f g", "1 2 3 4 5"]);
        assert_eq!(overlap_texts(source, source), (vec![source], 1.0));
    }

    #[test]
    fn ranges_are_highlighted_and_invalid_ones_ignored() {
        let lines = highlight_ranges("one two", &[0..0, 4..7], 20, [Role::Text, Role::Added]);
        let runs: Vec<_> = lines[0].spans.iter().map(|run| (run.text.as_str(), run.style)).collect();
        assert_eq!(runs, [("one ", Role::Text), ("two", Role::Added)]);
        assert_eq!(
            highlight_ranges("é", &[1..9, Range { start: 7, end: 3 }], 20, [Role::Text, Role::Added])[0]
                .plain_text(),
            "é"
        );
    }

    proptest! {
        #[test]
        fn ranges_are_ascending_and_inside_the_source(answer in "([abc]|[ .\u{301}é]){0,60}", source in "([abc]|[ .\u{301}é]){0,60}") {
            let overlap = OverlapFinder::new(&answer).overlap_with(&source);
            let mut at = 0;
            for range in &overlap.ranges {
                prop_assert!(range.start >= at && range.end > range.start && source.get(range.clone()).is_some());
                at = range.end + 1;
            }
            prop_assert!((0.0..=1.0).contains(&overlap.share));
            prop_assert_eq!(overlap.share > 0.0, !overlap.ranges.is_empty());
        }
    }
}
