//! Text diffs: by word, or by line for large texts. The work is bounded by the sizes of the texts, not by a clock, so that
//! equal inputs always give equal results.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use similar::{Algorithm, DiffOp, DiffTag, DiffableStr, capture_diff_slices};

use super::line::StyledText;
use super::{Line, Safe, StyledRun, number};
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
    /// The texts are only checked for equality.
    TooLarge,
}

/// Two texts merged into one, with removed and added parts marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// The lines; empty if the texts are too large.
    pub lines: Vec<Line>,
    pub granularity: Granularity,
    pub is_same: bool,
}

/// The maximum number of words or lines of both texts that are aligned. Comparing them takes a few hundred steps each at
/// worst.
const MAX_PARTS: usize = 1 << 18;

/// A word or line as a number; equal ones have the same number. Each comparison counts as a step.
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
        // Pieces of two texts get new neighbours, so each piece is sanitized again.
        styled.push(&parts.concat(), role);
    }
    Diff { lines: styled.wrap(width), granularity, is_same }
}

/// The number of equal lines around a difference.
const CONTEXT_LINES: usize = 2;

/// Compares two texts side by side, in rows of at most `width` columns: changed words are marked, and lines that are equal
/// and far from a change become a count. `None` if the texts are too large.
pub fn side_by_side(old: &str, new: &str, width: usize) -> Option<Vec<Line>> {
    let size = old.len() + new.len();
    if size > WORD_DIFF_LIMIT {
        return None;
    }
    count_steps(size);
    let (old, new) = (Safe::text(old), Safe::text(new));
    let (old, new): (Vec<&str>, Vec<&str>) = (old.as_str().lines().collect(), new.as_str().lines().collect());
    let mut rows = Rows { column: (width.saturating_sub(SEPARATOR_COLUMNS) / 2).max(1), lines: Vec::new() };
    let operations = operations(&old, &new);
    let count = operations.len();
    for (at, operation) in operations.into_iter().enumerate() {
        let before = old.get(operation.old_range()).unwrap_or_default();
        let after = new.get(operation.new_range()).unwrap_or_default();
        match operation.tag() {
            DiffTag::Equal => rows.push_equal(before, at > 0, at + 1 < count),
            DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => rows.push_changed(before, after),
        }
    }
    Some(rows.lines)
}

/// Pairs the equal items of two lists in their order. Items without a counterpart are alone, those of the old list first.
pub fn align_items<T: Hash + Ord>(old: &[T], new: &[T]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut pairs = Vec::with_capacity(old.len().max(new.len()));
    for operation in capture_diff_slices(Algorithm::Myers, old, new) {
        let (before, after) = (operation.old_range(), operation.new_range());
        match operation.tag() {
            DiffTag::Equal => pairs.extend(before.zip(after).map(|(old, new)| (Some(old), Some(new)))),
            DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                pairs.extend(before.map(|old| (Some(old), None)));
                pairs.extend(after.map(|new| (None, Some(new))));
            }
        }
    }
    pairs
}

/// The separator between the two sides.
const SEPARATOR: &str = " │ ";
const SEPARATOR_COLUMNS: usize = 3;

/// Rows of two sides.
struct Rows {
    column: usize,
    lines: Vec<Line>,
}

impl Rows {
    /// Adds the equal lines next to a change, and the number of the other equal lines.
    fn push_equal(&mut self, lines: &[&str], is_after_change: bool, is_before_change: bool) {
        let head = if is_after_change { CONTEXT_LINES } else { 0 }.min(lines.len());
        let tail = if is_before_change { CONTEXT_LINES } else { 0 }.min(lines.len() - head);
        let hidden = lines.len() - head - tail;
        for (at, line) in lines.iter().enumerate() {
            // A single line takes no more space than its count.
            if at < head || at >= lines.len() - tail || hidden == 1 {
                let line = wrap_runs(&[(Role::Dim, line)], self.column);
                self.push(line.clone(), line);
            } else if at == head {
                self.lines.push(equal_lines(hidden));
            }
        }
    }

    /// Adds lines that differ, in pairs: the first of one side next to the first of the other, and so on.
    fn push_changed(&mut self, before: &[&str], after: &[&str]) {
        for at in 0..before.len().max(after.len()) {
            let (old, new) = (before.get(at).copied(), after.get(at).copied());
            let (left, right) = mark_words(old.unwrap_or_default(), new.unwrap_or_default());
            self.push(wrap_runs(&left, self.column), wrap_runs(&right, self.column));
        }
    }

    /// Adds the lines of both sides, row by row.
    fn push(&mut self, left: Vec<Line>, right: Vec<Line>) {
        let rows = left.len().max(right.len());
        let (mut left, mut right) = (left.into_iter(), right.into_iter());
        for _ in 0..rows {
            let mut line = left.next().unwrap_or_default();
            let spaces = self.column.saturating_sub(line.width());
            line.spans.push(StyledRun::new(&" ".repeat(spaces), Role::Text));
            line.spans.push(StyledRun::new(SEPARATOR, Role::TableBorder));
            line.spans.extend(right.next().unwrap_or_default().spans);
            self.lines.push(line);
        }
    }
}

/// Returns the line that replaces this many equal lines.
pub fn equal_lines(count: usize) -> Line {
    Line::styled(&format!("… {}", number::pluralize(count, "equal line")), Role::Dim)
}

/// Pieces of text with their styles.
type Runs<'a> = Vec<(Role, &'a str)>;

/// Marks the differences of two lines; lines that have little in common are marked as a whole.
fn mark_words<'a>(old: &'a str, new: &'a str) -> (Runs<'a>, Runs<'a>) {
    let (old_words, new_words) = (old.tokenize_words(), new.tokenize_words());
    let (mut left, mut right) = (Runs::new(), Runs::new());
    let mut same = 0;
    let operations = operations(&old_words, &new_words);
    for operation in operations {
        let before = old_words.get(operation.old_range()).unwrap_or_default();
        let after = new_words.get(operation.new_range()).unwrap_or_default();
        let is_equal = operation.tag() == DiffTag::Equal;
        same += if is_equal { before.iter().map(|word| word.trim().len()).sum() } else { 0 };
        let (removed, added) = if is_equal { (Role::Text, Role::Text) } else { (Role::Removed, Role::Added) };
        left.extend(before.iter().map(|word| (removed, *word)));
        right.extend(after.iter().map(|word| (added, *word)));
    }
    if same * 3 < old.len().max(new.len()) {
        // Marks on nearly every word would only distract.
        (left, right) = (vec![(Role::Removed, old)], vec![(Role::Added, new)]);
    }
    (left, right)
}

fn wrap_runs(runs: &[(Role, &str)], width: usize) -> Vec<Line> {
    let mut styled = StyledText::default();
    for (role, text) in runs {
        styled.push(text, *role);
    }
    styled.wrap(width)
}

/// Returns the operations that turn one list of texts into another.
fn operations<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<DiffOp> {
    let mut numbers = HashMap::new();
    let mut number = |texts: &[&'a str]| -> Vec<Part> {
        let parts = texts.iter().map(|text| {
            let next = numbers.len();
            Part(*numbers.entry(*text).or_insert(next))
        });
        parts.collect()
    };
    let (old, new) = (number(old), number(new));
    capture_diff_slices(Algorithm::Myers, &old, &new)
}

/// Returns equal, removed and added parts in the order of the merged text.
fn align<'a>(old: &'a [&'a str], new: &'a [&'a str]) -> Vec<(Role, &'a [&'a str])> {
    let mut aligned = Vec::new();
    for operation in operations(old, new) {
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
    fn two_texts_are_side_by_side_with_equal_lines_counted() {
        let same = "a\nb\nc\nd\ne\n";
        let old = format!("{same}the red lamp\nis here");
        let new = format!("{same}the blue lamp\nis here");
        let lines = side_by_side(&old, &new, 43).unwrap();
        let texts: Vec<String> = lines.iter().map(Line::plain_text).collect();
        assert_eq!(texts[0], "… 3 equal lines");
        assert_eq!(texts[3], format!("{:<20} │ the blue lamp", "the red lamp"));
        assert_eq!(texts[4], format!("{:<20} │ is here", "is here"));
        let marked =
            |role| lines[3].spans.iter().filter(move |run| run.style == role).map(|run| run.text.as_str());
        assert_eq!(
            (marked(Role::Removed).collect::<String>(), marked(Role::Added).collect::<String>()),
            ("red".into(), "blue".into())
        );
        assert!(side_by_side("x", &"y".repeat(WORD_DIFF_LIMIT), 80).is_none());
        assert_eq!(side_by_side("", "", 80).unwrap().len(), 0);
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
            if bytes <= WORD_DIFF_LIMIT {
                take_steps();
                side_by_side(&old, &new, 80).unwrap();
                let steps = take_steps();
                assert!(steps < 2 * MAX_STEPS, "{vocabulary} words side by side: {steps} steps");
            }
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
        fn each_side_has_its_own_text(old in "([ab]{1,3}|[ \n]|é){0,30}", new in "([ab]{1,3}|[ \n]|é){0,30}", width in 1usize..60) {
            let lines = side_by_side(&old, &new, width).unwrap();
            prop_assert!(lines.iter().all(|line| line.width() <= width.max(5)));
            let hidden = lines.iter().any(|line| line.plain_text().starts_with('…'));
            let right: String = lines.iter().map(|line| line.plain_text().split_once('│').map_or(String::new(), |(_, right)| right.to_owned())).collect();
            let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
            prop_assert!(hidden || letters(&right) == letters(&new));
        }

        #[test]
        fn every_item_is_in_one_pair_and_pairs_are_equal(old in proptest::collection::vec(0u8..4, 0..20), new in proptest::collection::vec(0u8..4, 0..20)) {
            let pairs = align_items(&old, &new);
            let left: Vec<usize> = pairs.iter().filter_map(|(left, _)| *left).collect();
            let right: Vec<usize> = pairs.iter().filter_map(|(_, right)| *right).collect();
            prop_assert_eq!(left, (0..old.len()).collect::<Vec<_>>());
            prop_assert_eq!(right, (0..new.len()).collect::<Vec<_>>());
            for (left, right) in pairs {
                prop_assert!(left.zip(right).is_none_or(|(left, right)| old[left] == new[right]));
            }
        }

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
