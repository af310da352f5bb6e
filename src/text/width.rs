//! Text width in columns: per cluster, with width zero for control characters. Every letter of a cluster has its own
//! columns, as in most terminals, so that none is overwritten. Also truncates and pads to columns.

use std::borrow::Cow;
use std::ops::Range;

use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Graphemes;

/// Returns the width of one grapheme cluster; 0 for control characters.
pub fn of_grapheme(cluster: &str) -> usize {
    let mut chars = cluster.chars();
    match (chars.next(), chars.next()) {
        (None, _) => 0,
        (Some(c), None) => of_char(c),
        (Some(_), Some(_)) if cluster.contains(char::is_control) => 0,
        (Some(first), Some(_)) => {
            let marks = cluster.chars().filter(|c| is_sound_mark(*c)).count();
            (cluster.width() + marks).max(of_letters(first, cluster))
        }
    }
}

/// Returns the columns of a cluster in a terminal that does not combine letters. The parts of an emoji are not letters.
fn of_letters(first: char, cluster: &str) -> usize {
    let is_letter = |c: &char| !is_accent_or_emoji(*c) && (c.is_alphanumeric() || is_spacing_mark(*c));
    let others = cluster.chars().skip(1).filter(is_letter);
    of_char(first) + others.map(of_char).sum::<usize>()
}

/// Returns whether a character is one of the usual parts of clusters that are not letters, which saves their lookup.
fn is_accent_or_emoji(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f300}'..='\u{1faff}')
}

/// Returns whether a character is a mark with ink next to its letter.
fn is_spacing_mark(c: char) -> bool {
    !c.is_ascii() && CodePointMapData::<GeneralCategory>::new().get(c) == GeneralCategory::SpacingMark
}

/// Returns the width of a character that is a cluster by itself.
pub(super) fn of_char(c: char) -> usize {
    match c {
        // Most text, and the lines of borders.
        ' '..='~' | '\u{2500}'..='\u{259f}' => 1,
        _ => match c.width().unwrap_or(0) {
            0 => usize::from(is_sound_mark(c) || is_spacing_mark(c)),
            width => width + usize::from(is_sound_mark(c)),
        },
    }
}

/// Returns whether a character is a half-width katakana sound mark, which takes a separate column in terminals.
fn is_sound_mark(c: char) -> bool {
    matches!(c, '\u{ff9e}' | '\u{ff9f}')
}

/// Returns the width of a text on one line.
pub fn columns(text: &str) -> usize {
    if is_printable_ascii(text) {
        return text.len();
    }
    let mut clusters = Graphemes::new(text);
    std::iter::from_fn(|| clusters.next_with_width()).map(|(_, width)| width).sum()
}

/// Returns whether every byte is a printable ASCII character, so that bytes equal columns.
pub fn is_printable_ascii(text: &str) -> bool {
    text.as_bytes()
        .chunks(64)
        .all(|chunk| chunk.iter().fold(true, |clean, b| clean & matches!(b, b' '..=b'~')))
}

/// Returns the longest start of `text` that fits into `cols` columns, and its width. Clusters are never split, so a wide
/// one can leave a column free.
pub fn truncate(text: &str, cols: usize) -> (&str, usize) {
    let ascii = text.bytes().take(cols).take_while(|byte| matches!(byte, b' '..=b'~')).count();
    if ascii == text.len() {
        return (text, ascii);
    }
    // The last of them may begin a cluster.
    let mut end = ascii.saturating_sub(1);
    let mut used = end;
    let mut clusters = Graphemes::new(text.get(end..).unwrap_or_default());
    while let Some((piece, wide)) = clusters.next_with_width() {
        if used + wide > cols {
            break;
        }
        used += wide;
        end += piece.len();
    }
    (text.get(..end).unwrap_or_default(), used)
}

/// Like [`truncate`], with `…` in the last column if the text was cut.
pub fn ellipsize(text: &str, cols: usize) -> (Cow<'_, str>, usize) {
    let (whole, used) = truncate(text, cols);
    if whole.len() == text.len() {
        return (Cow::Borrowed(text), used);
    }
    if cols == 0 {
        return (Cow::Borrowed(""), 0);
    }
    let (start, used) = truncate(text, cols - 1);
    (Cow::Owned(format!("{start}…")), used + 1)
}

/// Returns a part of `text` of at most `cols` columns that shows the bytes in `range`, as far as they fit: the start of
/// the text if they are there, else their surroundings. `…` marks a cut at either end.
pub fn excerpt(text: &str, range: Range<usize>, cols: usize) -> Cow<'_, str> {
    let (start, _) = truncate(text, cols.saturating_sub(1));
    if range.end <= start.len() || truncate(text, cols).0.len() == text.len() {
        return ellipsize(text, cols).0;
    }
    let range_width = text.get(range.clone()).map_or(0, columns);
    let lead = (cols / 3).min(cols.saturating_sub(range_width + 2));
    let mut starts = Vec::new();
    let (mut at, mut used) = (0, 0);
    let mut clusters = Graphemes::new(text);
    while let Some((piece, wide)) = clusters.next_with_width() {
        if at + piece.len() > range.start {
            break;
        }
        starts.push((at, used));
        used += wide;
        at += piece.len();
    }
    let first = starts.partition_point(|(_, column)| column + lead < used);
    let from = starts.get(first).map_or(at, |(from, _)| *from);
    let (rest, _) = ellipsize(text.get(from..).unwrap_or_default(), cols.saturating_sub(1));
    if cols == 0 { Cow::Borrowed("") } else { Cow::Owned(format!("…{rest}")) }
}

/// Pads or cuts text to exactly `cols` columns, aligned left; a cut is marked with `…`.
pub fn pad_right(text: &str, cols: usize) -> String {
    let (cut, used) = ellipsize(text, cols);
    let mut out = cut.into_owned();
    out.extend(std::iter::repeat_n(' ', cols - used));
    out
}

/// Pads or cuts text to exactly `cols` columns, aligned right; a cut is marked with `…`.
pub fn pad_left(text: &str, cols: usize) -> String {
    let (cut, used) = ellipsize(text, cols);
    let mut out = " ".repeat(cols - used);
    out.push_str(&cut);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::buffer::CellWidth;
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;

    #[test]
    fn every_character_but_a_spacing_mark_has_its_ratatui_width() {
        for c in (' '..=char::MAX).filter(|c| !c.is_control() && !is_spacing_mark(*c)) {
            let text = c.to_string();
            assert_eq!(of_grapheme(&text), usize::from(text.cell_width()), "{c:?}");
        }
    }

    #[test]
    fn wide_joined_and_combining_text_is_measured_and_cut() {
        assert_eq!(columns("日本"), 4);
        assert_eq!(columns("👩‍👩‍👧 e\u{301}🇩🇪 1\u{fe0f}\u{20e3}"), 2 + 1 + 1 + 2 + 1 + 2);
        assert_eq!(truncate("日本", 3), ("日", 2));
        assert_eq!(ellipsize("日本語", 4), (Cow::Owned("日…".into()), 3));
        assert_eq!(pad_right("日本語", 4), "日… ");
        assert_eq!(pad_left("ab", 4), "  ab");
        assert_eq!(pad_left("ab", 0), "");
    }

    #[test]
    fn letters_of_one_cluster_have_their_own_columns() {
        // Bengali, Tamil and Kannada vowel signs, a conjunct of Devanagari, subscript letters of Khmer.
        for (cluster, width) in [("কা", 2), ("கா", 2), ("ಕೀ", 2), ("ক্ষা", 3), ("क्षि", 3), ("ក្ក", 2)]
        {
            assert_eq!(columns(cluster), width, "{cluster}");
        }
        for (cluster, width) in [("👩🏽‍💻", 2), ("👨‍👩‍👧‍👦", 2), ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2), ("각", 2), ("é", 1), ("👍🏽", 2)]
        {
            assert_eq!(columns(cluster), width, "{cluster}");
        }
    }

    #[test]
    fn an_excerpt_shows_the_range() {
        let text = "the quick brown fox jumps over the lazy dog";
        let cut = |word: &str, cols| {
            let at = text.find(word).unwrap();
            excerpt(text, at..at + word.len(), cols).into_owned()
        };
        assert_eq!(cut("quick", 12), "the quick b…");
        assert_eq!(cut("fox", 12), "…own fox ju…");
        assert_eq!(cut("dog", 12), "…azy dog");
        assert_eq!(cut("jumps over", 12), "…jumps over…");
        assert_eq!(cut("fox", 99), text);
        assert_eq!((cut("fox", 1), cut("fox", 0)), ("…".to_owned(), String::new()));
        assert_eq!(excerpt("日本語の文章をe\u{301}読む", 18..21, 7), "…章をe\u{301}…");
        assert_eq!(excerpt("a", 7..9, 3), "a");
    }

    proptest! {
        #[test]
        fn an_excerpt_contains_the_range(before in ".{0,40}", after in ".{0,40}", cols in 4usize..40) {
            let text = format!("{before} @ {after}");
            let cut = excerpt(&text, before.len() + 1..before.len() + 2, cols);
            prop_assert!(cut.contains('@'), "{cut:?}");
            prop_assert!(columns(&cut) <= cols);
        }

        #[test]
        fn truncated_text_fits_and_pads_to_the_column(text in ".*", cols in 0usize..40) {
            let (cut, used) = truncate(&text, cols);
            prop_assert!(used <= cols);
            prop_assert_eq!(used, columns(cut));
            prop_assert!(text.starts_with(cut));
            prop_assert!(ellipsize(&text, cols).1 <= cols);
            prop_assert_eq!(columns(&pad_left(&text, cols)), cols);
            prop_assert_eq!(columns(&pad_right(&text, cols)), cols);
        }

        #[test]
        fn columns_match_ratatui_except_for_letters_that_combine(text in "\\PC*") {
            for cluster in text.graphemes(true) {
                let letters = cluster.chars().filter(|c| c.is_alphanumeric() || is_spacing_mark(*c)).count();
                let (ours, theirs) = (of_grapheme(cluster), usize::from(cluster.cell_width()));
                let is_letter_alone = letters < 2 && !cluster.contains(is_spacing_mark);
                prop_assert!(ours == theirs || (ours > theirs && !is_letter_alone), "{cluster:?}");
            }
        }
    }
}
