//! The forms of a character: all characters that fold to it, alone, with others, or together with the marks that follow.
//!
//! Example: the forms of `i` are `i`, `I`, `ｉ`, `ℹ`, `ⅰ`, `ﬁ` (with `f`), `ĳ` (with `j`) and others.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::fold::{self, Case, fold_text};
use super::walk;

/// The characters beyond ASCII that fold to others, by the results.
#[derive(Default)]
struct Forms {
    /// Characters by the characters that they fold to, alone or with others.
    folded: HashMap<char, Vec<char>>,
    /// Characters by their parts after decomposition.
    parts: HashMap<char, Vec<char>>,
}

/// The ranges of all these characters, except the syllables of Hangul: see [`hangul_stem`].
const FOLDED_RANGES: [RangeInclusive<char>; 10] = [
    '\u{80}'..='\u{33FF}',
    '\u{A640}'..='\u{ABED}',
    '\u{F900}'..='\u{11F42}',
    '\u{1611E}'..='\u{1612F}',
    '\u{16AF0}'..='\u{16FF1}',
    '\u{1B123}'..='\u{1B126}',
    '\u{1BC9E}'..='\u{1BC9E}',
    '\u{1CCD6}'..='\u{1F251}',
    '\u{1FBF0}'..='\u{1FBF9}',
    '\u{2F800}'..='\u{2FA1D}',
];

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let mut forms = Forms::default();
    for c in FOLDED_RANGES.into_iter().flatten().filter(|c| is_folded(*c)) {
        let folded = fold_text(c.encode_utf8(&mut [0; 4]), Case::Sensitive);
        for folded in [fold::fold_case(&folded), folded] {
            folded.chars().for_each(|part| forms.folded.entry(part).or_default().push(c));
            folded.nfkd().for_each(|part| forms.parts.entry(part).or_default().push(c));
        }
    }
    forms
});

/// Builds the table of forms, which takes milliseconds, before a search needs it.
pub fn prepare() {
    LazyLock::force(&FORMS);
}

/// Returns the forms of a folded character, sorted.
pub(super) fn forms_of(c: char, case: Case) -> Vec<char> {
    let base = std::iter::once(c).nfkd().next().unwrap_or(c);
    let found = if has_marks(c) { FORMS.parts.get(&base) } else { FORMS.folded.get(&c) };
    let mut forms = found.cloned().unwrap_or_default();
    for c in [c, base] {
        forms.push(c);
        if case == Case::Insensitive {
            forms.extend(c.to_uppercase().chain(c.to_lowercase()));
        }
    }
    forms.extend(hangul_stem(c));
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// Returns whether a character folds to another one, or has marks.
fn is_folded(c: char) -> bool {
    walk::fold_inert(c, Case::Insensitive) != Some(c) || has_marks(c)
}

/// Returns whether a character can be written as another one with marks.
pub(super) fn has_marks(c: char) -> bool {
    !c.is_ascii() && std::iter::once(c).nfd().nth(1).is_some()
}

/// Returns the syllable of Hangul without its last consonant, of which it may be composed.
fn hangul_stem(c: char) -> Option<char> {
    let index = u32::from(c).checked_sub(0xAC00).filter(|index| *index < 11172)?;
    char::from_u32(0xAC00 + index / 28 * 28)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folded_character_is_in_a_range() {
        let is_left_out = |c: &char| {
            // Invisible characters vanish, and are no form of another one.
            !c.is_ascii()
                && !fold::is_ignorable(*c)
                && hangul_stem(*c).is_none()
                && is_folded(*c)
                && !FOLDED_RANGES.iter().any(|range| range.contains(c))
        };
        let left_out: Vec<char> = ('\0'..=char::MAX).filter(is_left_out).collect();
        assert!(left_out.is_empty(), "{left_out:?}");
    }

    #[test]
    fn folding_the_case_of_a_folded_text_equals_folding_the_text() {
        for c in FOLDED_RANGES.into_iter().flatten() {
            let text = c.to_string();
            let folded = fold_text(&text, Case::Sensitive);
            assert_eq!(fold::fold_case(&folded), fold_text(&text, Case::Insensitive), "{c:?}");
        }
    }

    #[test]
    fn forms_are_the_characters_that_look_the_same() {
        let forms = forms_of('i', Case::Insensitive);
        for c in ['i', 'I', 'ｉ', 'ⅰ', 'ﬁ', 'ĳ', '𝐢'] {
            assert!(forms.binary_search(&c).is_ok(), "{c}");
        }
        assert!(forms.binary_search(&'j').is_err());
        assert!(forms_of('한', Case::Sensitive).contains(&'하'));
    }
}
