//! Folding for search: texts that look equal to readers become equal. It folds case (unless the search is case-sensitive),
//! full-width forms and ligatures, composed and decomposed accents, kinds of spaces, hyphens and quotes, and invisible
//! characters.

use std::iter::once;

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfkc_quick};

use super::mapped_text::MappedText;
use crate::domain::steps::count_steps;

/// The treatment of case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Sensitive,
    Insensitive,
}

/// Folds a text. A run of spaces with at most one line break becomes one space; a run with more line breaks becomes a line
/// break, so that paragraphs are not joined.
pub(super) fn fold(text: &str, case: Case) -> MappedText {
    count_steps(text.len());
    let mut folded = MappedText::default();
    folded.text.reserve(text.len());
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = plain_prefix(rest);
        if plain > 0 {
            let piece = rest.get(..plain).unwrap_or_default();
            match case {
                Case::Sensitive => folded.push_verbatim(piece, at),
                Case::Insensitive => folded.push_verbatim(&piece.to_ascii_lowercase(), at),
            }
            at += plain;
            continue;
        }
        at += match space_prefix(rest) {
            (0, _) => fold_segment(&mut folded, rest, at, case),
            (len, breaks) => {
                folded.push_unit(if breaks > 1 { "\n" } else { " " }, at..at + len);
                len
            }
        };
    }
    folded
}

/// Folds a text without its positions.
pub(super) fn fold_text(text: &str, case: Case) -> String {
    fold(text, case).text
}

/// Folds the case of a text that [`fold_text`] folded with its case.
pub(super) fn fold_case(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len());
    folded.chars().for_each(|c| push_case_folded(&mut out, c, Case::Insensitive));
    out
}

/// Returns the length of the ASCII at the start that only the folding of case changes.
fn plain_prefix(text: &str) -> usize {
    let bytes = text.as_bytes();
    let len = bytes.iter().position(|byte| !is_plain_byte(*byte)).unwrap_or(bytes.len());
    let after = text.get(len..).and_then(|rest| rest.chars().next());
    match after {
        // A mark after the last letter belongs to it.
        Some(c) if !c.is_ascii() && !starts_segment(c) => len.saturating_sub(1),
        Some(_) | None => len,
    }
}

fn is_plain_byte(byte: u8) -> bool {
    byte.is_ascii() && !matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Returns the length of the white space at the start, and the number of its line breaks.
fn space_prefix(text: &str) -> (usize, usize) {
    let (mut len, mut breaks) = (0, 0);
    let mut pending = 0;
    for c in text.chars() {
        match c {
            '\n' | '\u{85}' | '\u{2028}' => breaks += 1,
            '\u{2029}' => breaks += 2,
            // Invisible characters are only part of it between spaces.
            _ if is_ignorable(c) && len > 0 => {
                pending += c.len_utf8();
                continue;
            }
            _ if c.is_whitespace() => {}
            _ => break,
        }
        len += std::mem::take(&mut pending) + c.len_utf8();
    }
    (len, breaks)
}

/// Folds a character and the marks on it; returns their length.
fn fold_segment(folded: &mut MappedText, text: &str, at: usize, case: Case) -> usize {
    let mut chars = text.char_indices().skip(1);
    let len = chars.find(|(_, c)| starts_segment(*c)).map_or(text.len(), |(index, _)| index);
    let segment = text.get(..len).unwrap_or_default();
    let mut out = String::new();
    let replaced = segment.chars().map(fold_char);
    if is_nfkc_quick(replaced.clone()) == IsNormalized::Yes {
        replaced.filter(|c| !is_ignorable(*c)).for_each(|c| push_case_folded(&mut out, c, case));
    } else {
        let composed = replaced.nfkc().map(fold_char).filter(|c| !is_ignorable(*c));
        composed.for_each(|c| push_case_folded(&mut out, c, case));
    }
    folded.push_unit(&out, at..at + len);
    len
}

/// Returns whether a character cannot join with the one before it.
pub(super) fn starts_segment(c: char) -> bool {
    if c.is_ascii() {
        return true;
    }
    let mut first = None;
    decompose_compatible(c, |part| {
        first.get_or_insert(part);
    });
    let first = first.unwrap_or(c);
    canonical_combining_class(first) == 0 && is_nfc_quick(once(first)) == IsNormalized::Yes
}

/// Converts kinds of hyphens and quotes to ASCII.
pub(super) fn fold_char(c: char) -> char {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => '-',
        '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{2035}' | '\u{2BC}' | '\u{B4}' | '\u{FF07}' => '\'',
        '\u{201C}'..='\u{201F}' | '\u{2033}' | '\u{2036}' | '\u{AB}' | '\u{BB}' | '\u{301D}'..='\u{301F}' => {
            '"'
        }
        _ => c,
    }
}

fn push_case_folded(out: &mut String, c: char, case: Case) {
    match case {
        Case::Sensitive => out.push(c),
        // The upper case is folded, so that `ß` equals `ss` and both forms of sigma are equal.
        Case::Insensitive => out.extend(c.to_uppercase().flat_map(char::to_lowercase)),
    }
}

/// Returns whether a character is invisible: soft hyphens, joiners, direction marks and selectors.
pub(super) fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0100}'..='\u{E01EF}')
}

/// Returns whether a text begins with a character that folding may join with the one before it.
pub(super) fn begins_inside_segment(text: &str) -> bool {
    text.chars().next().is_some_and(|c| !starts_segment(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_that_look_the_same_fold_to_the_same() {
        for (typed, written) in [
            ("it's", "It\u{2019}s"),
            ("it\u{2019}s", "it's"),
            ("non breaking", "non\u{A0}breaking"),
            ("thin space", "thin\u{202F}\u{2009}space"),
            ("abc 123", "ＡＢＣ\u{3000}１２３"),
            ("café", "cafe\u{301}"),
            ("cafe\u{301}", "café"),
            ("office", "o\u{FB03}ce"),
            ("well-known", "well\u{2011}known"),
            ("60-30", "60\u{2013}30"),
            ("\"quoted\"", "\u{201E}quoted\u{201C}"),
            ("strasse", "Straße"),
            ("σας", "ΣΑΣ"),
            ("ガス", "ｶﾞｽ"),
            ("각", "\u{1100}\u{1161}\u{11A8}"),
            ("unbelievable", "un\u{AD}believ\u{200B}able"),
            ("two lines", "two\n   lines"),
            ("wait...", "wait…"),
        ] {
            let fold = |text| fold_text(text, Case::Insensitive);
            assert_eq!(fold(typed), fold(written), "{typed}");
        }
    }

    #[test]
    fn different_texts_stay_different() {
        for (one, other) in [("cafe", "café"), ("one two", "one\n\ntwo"), ("a-b", "a b"), ("é", "e")] {
            assert_ne!(fold_text(one, Case::Insensitive), fold_text(other, Case::Insensitive), "{one}");
        }
        assert_ne!(fold_text("Lamp", Case::Sensitive), fold_text("lamp", Case::Sensitive));
    }

    #[test]
    fn positions_map_to_whole_characters() {
        let text = "Ca\u{AD}fe\u{301}  ＡＢ";
        let folded = fold(text, Case::Insensitive);
        assert_eq!(folded.text, "café ab");
        let source = |part: &str| {
            let start = folded.text.find(part).unwrap();
            text.get(folded.source_range(&(start..start + part.len()))).unwrap()
        };
        assert_eq!(source("café"), "Ca\u{AD}fe\u{301}");
        assert_eq!(source("é a"), "e\u{301}  Ａ");
    }

    proptest! {
        #[test]
        fn normal_forms_fold_to_the_same(text in "\\PC{0,16}") {
            let composed: String = text.nfc().collect();
            let decomposed: String = text.nfd().collect();
            prop_assert_eq!(fold_text(&composed, Case::Sensitive), fold_text(&decomposed, Case::Sensitive));
        }

        #[test]
        fn ranges_are_on_character_boundaries(text in any::<String>()) {
            let folded = fold(&text, Case::Insensitive);
            for (start, c) in folded.text.char_indices() {
                let source = folded.source_range(&(start..start + c.len_utf8()));
                prop_assert!(text.get(source).is_some_and(|part| !part.is_empty()));
            }
        }
    }
}
