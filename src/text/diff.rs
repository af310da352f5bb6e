//! Text diffs, by word, or by line for large texts. The effort is bounded by the algorithm and not by a clock, so that
//! equal inputs always give equal results.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use similar::{Algorithm, DiffTag, DiffableStr, capture_diff_slices};

use super::line::StyledText;
use super::{Line, Safe};
use crate::domain::steps::count_steps;
use crate::theme::Role;

/// The maximum total size in bytes for a comparison by word.
const WORD_DIFF_LIMIT: usize = 200 << 10;
/// The maximum total size in bytes for a comparison by line.
const LINE_DIFF_LIMIT: usize = 8 << 20;

/// The granularity of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    Words,
    Lines,
    /// Only checked for equality.
    TooLarge,
}

/// Two texts merged into one, with removed and added parts marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// Empty if the texts are too large.
    pub lines: Vec<Line>,
    pub granularity: Granularity,
    pub is_same: bool,
}

/// The most words or lines of both texts that are aligned. Comparing them takes a few hundred steps each at worst.
const MAX_PARTS: usize = 1 << 18;

/// A word or line as a number: equal ones have the same. Each comparison counts as a step.
#[derive(Clone, Copy, Debug, Eq)]
struct Part(usize);

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        count_steps(1);
        self.0 == other.0
    }
}

impl Hash for Part {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

/// Compares two texts and renders the result as lines of at most `width` columns.
pub fn compare(old: &str, new: &str, width: usize) -> Diff {
    let is_same = old == new;
    let too_large = || Diff { lines: Vec::new(), granularity: Granularity::TooLarge, is_same };
    let size = old.len() + new.len();
    if size > LINE_DIFF_LIMIT {
        return too_large();
    }
    count_steps(size);
    let (old, new) = (Safe::text(old), Safe::text(new));
    let (old, new, granularity) = match size {
        0..=WORD_DIFF_LIMIT => (old.tokenize_words(), new.tokenize_words(), Granularity::Words),
        _ => (old.tokenize_lines(), new.tokenize_lines(), Granularity::Lines),
    };
    if old.len() + new.len() > MAX_PARTS {
        return too_large();
    }
    let mut styled = StyledText::default();
    for (role, parts) in align(&old, &new) {
        // Pieces of two texts get new neighbours, so that each piece is sanitized again.
        styled.push(&parts.concat(), role);
    }
    Diff { lines: styled.wrap(width), granularity, is_same }
}

/// Equal, removed and added parts in the order of the merged text.
fn align<'a>(old: &'a [&'a str], new: &'a [&'a str]) -> Vec<(Role, &'a [&'a str])> {
    let mut numbers = HashMap::new();
    let mut number = |texts: &'a [&'a str]| -> Vec<Part> {
        let parts = texts.iter().map(|text| {
            let next = numbers.len();
            Part(*numbers.entry(*text).or_insert(next))
        });
        parts.collect()
    };
    let (old_parts, new_parts) = (number(old), number(new));
    let mut aligned = Vec::new();
    for operation in capture_diff_slices(Algorithm::Myers, &old_parts, &new_parts) {
        let before = old.get(operation.old_range()).unwrap_or_default();
        let after = new.get(operation.new_range()).unwrap_or_default();
        match operation.tag() {
            DiffTag::Equal => aligned.push((Role::Text, before)),
            DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                aligned.extend([(Role::Removed, before), (Role::Added, after)]);
            }
        }
    }
    aligned
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use proptest::prelude::*;

    use super::*;
    use crate::domain::steps::take_steps;

    fn diff_markup(old: &str, new: &str) -> Vec<String> {
        let mark = |line: &Line| {
            let spans = line.spans.iter().map(|run| match run.style {
                Role::Added => format!("+{}+", run.text),
                Role::Removed => format!("-{}-", run.text),
                _ => run.text.to_string(),
            });
            spans.collect::<String>()
        };
        compare(old, new, 40).lines.iter().map(mark).collect()
    }

    #[test]
    fn changed_words_are_marked() {
        assert_eq!(
            diff_markup("the red lamp\nis here", "the blue lamp\nis here"),
            ["the -red-+blue+ lamp", "is here"]
        );
        assert!(compare("a", "a", 10).is_same);
    }

    #[test]
    fn the_work_depends_on_the_size_and_not_on_the_texts() {
        const MAX_STEPS: usize = 120_000_000;
        let mut state = 1_u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for (vocabulary, separator, bytes) in [
            (2, " ", WORD_DIFF_LIMIT),
            (26, " ", WORD_DIFF_LIMIT),
            (9_000, " ", WORD_DIFF_LIMIT),
            (26, "\n", 2 * MAX_PARTS),
        ] {
            let mut text = || {
                let mut text = String::new();
                while text.len() < bytes / 2 - 8 {
                    let word = random(vocabulary);
                    let _ = write!(text, "{word:x}{separator}");
                }
                text
            };
            let (old, new) = (text(), text());
            take_steps();
            let difference = compare(&old, &new, 80);
            let steps = take_steps();
            assert_ne!(difference.granularity, Granularity::TooLarge);
            assert!(steps < MAX_STEPS, "{vocabulary} words: {steps} steps");
        }
        let (old, new) = ("a\n".repeat(MAX_PARTS), "b\n".repeat(MAX_PARTS));
        assert_eq!(compare(&old, &new, 80).granularity, Granularity::TooLarge);
    }

    #[test]
    fn large_texts_are_compared_by_line_and_huge_ones_not_at_all() {
        let old = "some line\n".repeat(30_000);
        let new = format!("{old}one more\n");
        let difference = compare(&old, &new, 40);
        assert_eq!((difference.granularity, difference.is_same), (Granularity::Lines, false));
        assert_eq!(difference.lines.len(), 30_001);
        let huge = "x".repeat(LINE_DIFF_LIMIT);
        assert_eq!(compare(&huge, "y", 40).granularity, Granularity::TooLarge);
    }

    proptest! {
        #[test]
        fn unchanged_and_added_text_is_the_new_text(old in "([ab]{1,2}|[ \n]|\u{301}|é){0,30}", new in "([ab]{1,2}|[ \n]|\u{301}|é){0,30}") {
            let side = |without: Role| -> String {
                let lines = compare(&old, &new, 500).lines;
                let runs = lines.iter().flat_map(|line| &line.spans).filter(|run| run.style != without);
                runs.map(|run| run.text.as_str()).collect()
            };
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
            prop_assert_eq!(letters(&side(Role::Removed)), letters(&new));
            prop_assert_eq!(letters(&side(Role::Added)), letters(&old));
        }
    }
}
