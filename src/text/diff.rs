//! Text diffs, by word, or by line for large texts. The effort is bounded by the algorithm and not by a clock, so that
//! equal inputs always give equal results.

use similar::{ChangeTag, TextDiff};

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

/// Compares two texts and renders the result as lines of at most `width` columns.
pub fn compare(old: &str, new: &str, width: usize) -> Diff {
    let is_same = old == new;
    let size = old.len() + new.len();
    let (old, new) = match size {
        0..=LINE_DIFF_LIMIT => (Safe::text(old), Safe::text(new)),
        _ => return Diff { lines: Vec::new(), granularity: Granularity::TooLarge, is_same },
    };
    let (diff, granularity) = match size {
        0..=WORD_DIFF_LIMIT => (TextDiff::from_words(old.as_str(), new.as_str()), Granularity::Words),
        _ => (TextDiff::from_lines(old.as_str(), new.as_str()), Granularity::Lines),
    };
    count_steps(size);
    let mut styled = StyledText::default();
    for (tag, piece) in grouped_changes(&diff) {
        let role = match tag {
            ChangeTag::Equal => Role::Text,
            ChangeTag::Insert => Role::Added,
            ChangeTag::Delete => Role::Removed,
        };
        // Pieces of two texts get new neighbours, so that each piece is sanitized again.
        styled.push(&piece, role);
    }
    Diff { lines: styled.wrap(width), granularity, is_same }
}

/// Merges adjacent changes of the same kind.
fn grouped_changes(diff: &TextDiff<'_, '_, str>) -> Vec<(ChangeTag, String)> {
    let mut pieces: Vec<(ChangeTag, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        match pieces.last_mut() {
            Some((tag, piece)) if *tag == change.tag() => piece.push_str(change.value()),
            _ => pieces.push((change.tag(), change.value().to_owned())),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
