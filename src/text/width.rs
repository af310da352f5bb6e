//! How many columns text takes, exactly as the screen library counts them: cluster by cluster, control characters
//! nothing. Cutting and padding to columns.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Clusters;

/// The columns of one grapheme cluster; 0 for control characters.
pub fn cluster(cluster: &str) -> usize {
    let mut chars = cluster.chars();
    match (chars.next(), chars.next()) {
        (None, _) => 0,
        (Some(c), None) => of_char(c),
        (Some(_), Some(_)) if cluster.contains(char::is_control) => 0,
        (Some(_), Some(_)) => cluster.width() + cluster.chars().filter(|c| is_sound_mark(*c)).count(),
    }
}

/// The columns of a character that is a cluster of its own.
pub(super) fn of_char(c: char) -> usize {
    match c {
        ' '..='~' => 1,
        _ => c.width().unwrap_or(0) + usize::from(is_sound_mark(c)),
    }
}

/// Half-width katakana sound marks, which terminals give a column of their own.
fn is_sound_mark(c: char) -> bool {
    matches!(c, '\u{ff9e}' | '\u{ff9f}')
}

/// The columns of a text in one line.
pub fn columns(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    let mut clusters = Clusters::new(text);
    std::iter::from_fn(|| clusters.next_wide()).map(|(_, wide)| wide).sum()
}

/// Whether every byte is a printable ASCII character, so that bytes are columns.
pub fn is_plain(text: &str) -> bool {
    text.as_bytes()
        .chunks(64)
        .all(|chunk| chunk.iter().fold(true, |plain, b| plain & matches!(b, b' '..=b'~')))
}

/// The longest start of `text` that fits into `cols` columns, and the columns it takes. No cluster is cut, so a wide
/// one can leave a column free.
pub fn truncate(text: &str, cols: usize) -> (&str, usize) {
    let mut used = 0;
    let mut end = 0;
    let mut clusters = Clusters::new(text);
    while let Some((piece, wide)) = clusters.next_wide() {
        if used + wide > cols {
            break;
        }
        used += wide;
        end += piece.len();
    }
    (text.get(..end).unwrap_or_default(), used)
}

/// Like [`truncate`], with `…` as the last column where something was cut off.
pub fn ellipsis(text: &str, cols: usize) -> (Cow<'_, str>, usize) {
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

/// Exactly `cols` columns with the text on the left; cut with `…` where it is too long.
pub fn pad_right(text: &str, cols: usize) -> String {
    let (cut, used) = ellipsis(text, cols);
    let mut out = cut.into_owned();
    out.extend(std::iter::repeat_n(' ', cols - used));
    out
}

/// Exactly `cols` columns with the text on the right; cut with `…` where it is too long.
pub fn pad_left(text: &str, cols: usize) -> String {
    let (cut, used) = ellipsis(text, cols);
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
    fn every_character_is_as_wide_as_on_the_screen() {
        for c in (' '..=char::MAX).filter(|c| !c.is_control()) {
            let text = c.to_string();
            assert_eq!(cluster(&text), usize::from(text.cell_width()), "{c:?}");
        }
    }

    #[test]
    fn wide_joined_and_combined() {
        assert_eq!(columns("日本"), 4);
        assert_eq!(columns("👩‍👩‍👧 e\u{301}🇩🇪 1\u{fe0f}\u{20e3}"), 2 + 1 + 1 + 2 + 1 + 2);
        assert_eq!(truncate("日本", 3), ("日", 2));
        assert_eq!(ellipsis("日本語", 4), (Cow::Owned("日…".into()), 3));
        assert_eq!(pad_right("日本語", 4), "日… ");
        assert_eq!(pad_left("ab", 4), "  ab");
        assert_eq!(pad_left("ab", 0), "");
    }

    proptest! {
        #[test]
        fn a_cut_text_fits_and_pads_to_the_column(text in ".*", cols in 0usize..40) {
            let (cut, used) = truncate(&text, cols);
            prop_assert!(used <= cols);
            prop_assert_eq!(used, columns(cut));
            prop_assert!(text.starts_with(cut));
            prop_assert!(ellipsis(&text, cols).1 <= cols);
            prop_assert_eq!(columns(&pad_left(&text, cols)), cols);
            prop_assert_eq!(columns(&pad_right(&text, cols)), cols);
        }

        #[test]
        fn columns_are_those_of_the_screen(text in "\\PC*") {
            let screen: usize = text.graphemes(true).map(|g| usize::from(g.cell_width())).sum();
            prop_assert_eq!(columns(&text), screen);
        }
    }
}
