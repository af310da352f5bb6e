//! What changed between two texts, word by word; line by line where they are large. The search is bounded by the
//! algorithm, not by a clock, so the same texts always give the same answer.

use similar::{ChangeTag, TextDiff};

use super::line::StyledText;
use super::{Line, Safe};
use crate::theme::Role;

/// Up to so many bytes on both sides words are compared.
const WORD_DIFF_LIMIT: usize = 200 << 10;
/// Up to so many bytes on both sides lines are compared.
const LINE_DIFF_LIMIT: usize = 8 << 20;

/// How closely two texts were compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    Words,
    Lines,
    /// Not at all, only whether they are the same.
    TooLarge,
}

/// Two texts in one: what both have, what only the old one had, what only the new one has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// Empty where the texts are too large.
    pub lines: Vec<Line>,
    pub granularity: Granularity,
    pub is_same: bool,
}

/// Compares two texts and draws the result into lines of at most `width` columns.
pub fn compare(old: &str, new: &str, width: usize) -> Diff {
    let is_same = old == new;
    let size = old.len() + new.len();
    let (old, new) = match size {
        0..=LINE_DIFF_LIMIT => (Safe::text(old), Safe::text(new)),
        _ => return Diff { lines: Vec::new(), granularity: Granularity::TooLarge, is_same },
    };
    let (diff, grain) = match size {
        0..=WORD_DIFF_LIMIT => (TextDiff::from_words(old.as_str(), new.as_str()), Granularity::Words),
        _ => (TextDiff::from_lines(old.as_str(), new.as_str()), Granularity::Lines),
    };
    let mut rich = StyledText::default();
    for (tag, piece) in grouped_changes(&diff) {
        let role = match tag {
            ChangeTag::Equal => Role::Text,
            ChangeTag::Insert => Role::Added,
            ChangeTag::Delete => Role::Removed,
        };
        // Pieces of two texts side by side make new neighbours: each passes the gate for itself.
        rich.push(&piece, role);
    }
    Diff { lines: rich.wrap(width), granularity: grain, is_same }
}

/// The changes, neighbours of one kind together.
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
