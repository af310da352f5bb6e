//! Comparison of raw JSON with a folded query, one character at a time. A step is certain only where nothing can change the
//! text: no escape, no markup, no character that folds to another one. Elsewhere the result is "perhaps", and the token is
//! decoded.
//!
//! Example: the query `brain research`, and the candidate `research` found in the raw bytes `the **brain** research`.
//! Backwards from it, the space is equal, and then a `*` may be markup: perhaps. In `the claim research`, the letter before
//! the space is an `m`, not an `n`: different, and nothing is decoded.

use unicode_normalization::{IsNormalized, is_nfkc_quick};

use super::fold::{self, Case};
use crate::json;

/// The result of comparing one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The same character, with the position after it.
    Same(usize),
    /// The token must be decoded to decide.
    Perhaps,
    Different,
}

/// Compares the character that begins at `at`.
pub(super) fn forward(raw: &[u8], at: usize, expected: char, case: Case) -> Step {
    let Some(&byte) = raw.get(at) else {
        return if expected.is_whitespace() { Step::Perhaps } else { Step::Different };
    };
    let next = raw.get(at + 1).copied().unwrap_or_default();
    let is_same = is_same_byte(byte, expected, case);
    match byte {
        b' ' => blank(raw, at, expected, |at| raw.get(at).copied().map(|byte| (byte, at + 1))),
        // A block may end here, which is shown as white space.
        b'"' | b'|' if expected.is_whitespace() => Step::Perhaps,
        b'"' => Step::Different,
        b'\\' => escape(raw, at, expected, case),
        b'*' | b'`' | b'~' if differs_after_marks(raw, at, expected, case) => Step::Different,
        b'*' | b'`' | b'~' | b'[' | b']' | b'<' | b'>' | b'&' | b'_' | b'!' if is_markup(raw, at) => {
            Step::Perhaps
        }
        0x21..=0x7E if is_same => Step::Same(at + 1),
        // A mark may follow that turns this letter into the expected one.
        0x21..=0x7E if !expected.is_ascii() && (next >= 0x80 || may_hide_mark(next)) => Step::Perhaps,
        0x21..=0x7E => Step::Different,
        0x80.. => match char_at(raw, at) {
            Some(c) => compare_char(raw, at + c.len_utf8(), c, expected, case).map_same(at + c.len_utf8()),
            None => Step::Perhaps,
        },
        _ => Step::Perhaps,
    }
}

/// Compares the character that ends before `end`.
pub(super) fn backward(raw: &[u8], end: usize, expected: char, case: Case) -> Step {
    let Some(at) = end.checked_sub(1) else {
        return if expected.is_whitespace() { Step::Perhaps } else { Step::Different };
    };
    let Some(&byte) = raw.get(at) else { return Step::Different };
    let is_same = is_same_byte(byte, expected, case);
    match byte {
        b' ' => blank(raw, at, expected, |at| {
            let at = at.checked_sub(1)?;
            raw.get(at).copied().map(|byte| (byte, at))
        })
        .before(at, raw),
        _ if is_escaped(raw, at) => Step::Perhaps,
        b')' | b';' => Step::Perhaps,
        b'"' | b'|' | b':' if expected.is_whitespace() => Step::Perhaps,
        b'*' | b'`' | b'~' if differs_before_marks(raw, end, expected, case) => Step::Different,
        b'*' | b'`' | b'~' | b'[' | b']' | b'<' | b'>' | b'_' if is_markup(raw, at) => Step::Perhaps,
        0x21..=0x7E if is_same => Step::Same(at),
        0x21..=0x7E => Step::Different,
        0x80.. => {
            let start = (0..4)
                .filter_map(|back| at.checked_sub(back))
                .find(|at| raw.get(*at).is_some_and(|byte| byte & 0xC0 != 0x80));
            match start.and_then(|start| Some((start, char_at(raw, start)?))) {
                Some((start, c)) => compare_char(raw, end, c, expected, case).map_same(start),
                None => Step::Perhaps,
            }
        }
        _ => Step::Perhaps,
    }
}

impl Step {
    fn map_same(self, at: usize) -> Self {
        match self {
            Self::Same(_) => Self::Same(at),
            Self::Perhaps | Self::Different => self,
        }
    }

    /// Returns the start of the run of spaces that ends at this byte.
    fn before(self, at: usize, raw: &[u8]) -> Self {
        let mut start = at;
        while start > 0 && raw.get(start - 1) == Some(&b' ') {
            start -= 1;
        }
        self.map_same(start)
    }
}

/// Compares a run of spaces. Spaces at the edge of a code span vanish, and other kinds of white space may follow.
fn blank(raw: &[u8], mut at: usize, expected: char, next: impl Fn(usize) -> Option<(u8, usize)>) -> Step {
    let beyond = loop {
        match next(at) {
            Some((b' ', beyond)) => at = beyond,
            Some((byte, beyond)) => break Some((byte, beyond)),
            None => break None,
        }
    };
    let Some((byte, beyond)) = beyond else { return Step::Perhaps };
    let is_break = matches!(byte, b'\\' | ..b' ') || is_escaped(raw, beyond);
    match expected {
        ' ' if is_break || byte >= 0x80 => Step::Perhaps,
        ' ' => Step::Same(at),
        '\n' => Step::Perhaps,
        _ if byte == b'`' || is_break => Step::Perhaps,
        _ => Step::Different,
    }
}

/// Compares the character of an escape.
fn escape(raw: &[u8], at: usize, expected: char, case: Case) -> Step {
    match raw.get(at + 1) {
        Some(b'"') if expected != '"' && !expected.is_whitespace() => Step::Different,
        Some(b'n' | b't' | b'r') if !expected.is_whitespace() => {
            let rest = raw.get(at + 2..).unwrap_or_default();
            let first = rest.iter().find(|byte| **byte != b' ');
            if matches!(first, Some(b'`' | b'\\')) { Step::Perhaps } else { Step::Different }
        }
        Some(b'u') => {
            let (c, len) = json::unescape(raw.get(at + 1..).unwrap_or_default());
            match compare_char(raw, at + 1 + len, c, expected, case) {
                Step::Different if !c.is_ascii() => Step::Different,
                _ => Step::Perhaps,
            }
        }
        _ => Step::Perhaps,
    }
}

/// Compares a character beyond ASCII, which ends at `end`.
fn compare_char(raw: &[u8], end: usize, c: char, expected: char, case: Case) -> Step {
    let Some(folded) = fold_inert(c, case) else {
        // Marks and compatible forms never match a letter that they do not fold to, unless that letter also has marks.
        let is_other = expected.is_ascii_alphanumeric()
            && !fold::is_ignorable(c)
            && !fold::fold_text(c.encode_utf8(&mut [0; 4]), case).contains(expected);
        return if is_other { Step::Different } else { Step::Perhaps };
    };
    if folded == expected {
        return Step::Same(end);
    }
    let next = raw.get(end).copied().unwrap_or_default();
    let may_compose = next >= 0x80 && char_at(raw, end).is_none_or(|next| !fold::starts_segment(next));
    let may_compose = may_compose || may_hide_mark(next);
    if may_compose && !expected.is_ascii() { Step::Perhaps } else { Step::Different }
}

/// Returns the folded form of a character that has no other meaning in any context, apart from its case.
pub(super) fn fold_inert(c: char, case: Case) -> Option<char> {
    if matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3041}'..='\u{3093}' | '\u{30A1}'..='\u{30F6}' | '\u{AC00}'..='\u{D7A3}' | '\u{430}'..='\u{44F}')
    {
        return Some(c);
    }
    let is_inert = !c.is_whitespace()
        && !fold::is_ignorable(c)
        && fold::fold_char(c) == c
        && is_nfkc_quick(std::iter::once(c)) == IsNormalized::Yes
        && fold::starts_segment(c);
    let mut folded = c.to_uppercase().flat_map(char::to_lowercase);
    match (case, folded.next(), folded.next()) {
        _ if !is_inert => None,
        (Case::Sensitive, _, _) => Some(c),
        (Case::Insensitive, only, None) => only,
        (Case::Insensitive, _, Some(_)) => None,
    }
}

/// Returns whether the marks of emphasis or code that begin at `at`, after a letter, precede a letter or punctuation other
/// than the expected letter. Then neither the marks, nor spaces between them, nor that letter match, whether the marks are
/// shown or not.
fn differs_after_marks(raw: &[u8], at: usize, expected: char, case: Case) -> bool {
    let mut marks = raw.get(at..).unwrap_or_default().iter().take_while(|byte| is_mark(**byte)).count();
    while let Some(len) = raw.get(at + marks..).and_then(blank_len) {
        marks += len;
    }
    let letter = at.checked_sub(1).and_then(|at| raw.get(at));
    let is_other = |byte: &u8| {
        (byte.is_ascii_alphanumeric() || b".,:;?'".contains(byte)) && !is_same_byte(*byte, expected, case)
    };
    expected.is_ascii_alphanumeric()
        && letter.is_some_and(u8::is_ascii_alphanumeric)
        && raw.get(at + marks).is_some_and(is_other)
}

/// Returns the same as [`differs_after_marks`] for the marks that end before `end`, where a letter begins, and the letter
/// before them.
fn differs_before_marks(raw: &[u8], end: usize, expected: char, case: Case) -> bool {
    let before = raw.get(..end).unwrap_or_default();
    let marks = before.iter().rev().take_while(|byte| is_mark(**byte)).count();
    let other = end.checked_sub(marks + 1);
    let is_other = |at: usize| {
        let byte = raw.get(at).filter(|byte| byte.is_ascii_alphanumeric());
        byte.is_some_and(|byte| !is_same_byte(*byte, expected, case)) && !is_escaped(raw, at)
    };
    expected.is_ascii_alphanumeric()
        && raw.get(end).is_some_and(u8::is_ascii_alphanumeric)
        && other.is_some_and(is_other)
}

/// Returns the length of the space or escaped line break at the start.
fn blank_len(raw: &[u8]) -> Option<usize> {
    match raw {
        [b' ', ..] => Some(1),
        [b'\\', b'n' | b't' | b'r', ..] => Some(2),
        _ => None,
    }
}

/// Returns whether a byte is a mark of emphasis or code that may vanish.
fn is_mark(byte: u8) -> bool {
    matches!(byte, b'*' | b'`' | b'~')
}

/// Returns whether a mark at this byte may be markup. An underscore inside a word is never markup, nor is a `!` without a
/// bracket.
fn is_markup(raw: &[u8], at: usize) -> bool {
    let is_letter = |at: Option<usize>| at.and_then(|at| raw.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    match raw.get(at) {
        Some(b'_') => !(is_letter(at.checked_sub(1)) && is_letter(Some(at + 1))),
        Some(b'!') => matches!(raw.get(at + 1), Some(b'[' | b'\\')),
        Some(_) | None => true,
    }
}

/// Returns whether the byte is a part of an escape: the letter after a backslash, or a digit of `\u00e9`.
pub(super) fn is_escaped(raw: &[u8], at: usize) -> bool {
    let back = |distance: usize| at.checked_sub(distance).and_then(|at| raw.get(at));
    back(1) == Some(&b'\\')
        || (2..=5).any(|distance| back(distance) == Some(&b'\\') && back(distance - 1) == Some(&b'u'))
}

/// Returns whether the escape that this byte is a part of begins with more than one backslash.
pub(super) fn is_escaped_twice(raw: &[u8], at: usize) -> bool {
    let back = |distance: usize| at.checked_sub(distance).and_then(|at| raw.get(at));
    (1..=5).any(|distance| back(distance) == Some(&b'\\') && back(distance + 1) == Some(&b'\\'))
}

/// Returns whether a mark may begin at this byte that belongs to the character before it.
pub(super) fn has_mark(raw: &[u8], at: usize) -> bool {
    match (raw.get(at), raw.get(at + 1)) {
        (Some(0x80..), _) => char_at(raw, at).is_none_or(|c| !fold::starts_segment(c)),
        (Some(b'\\'), Some(b'u')) => {
            let (c, _) = json::unescape(raw.get(at + 1..).unwrap_or_default());
            !fold::starts_segment(c)
        }
        _ => false,
    }
}

/// Returns whether a mark on the character before this byte may follow the byte, after markup or in an escape or entity.
pub(super) fn may_hide_mark(byte: u8) -> bool {
    matches!(byte, b'\\' | b'&' | b'*' | b'`' | b'~' | b'_' | b'[' | b']' | b'<' | b'>' | b'!')
}

/// Returns whether an ASCII byte equals the expected character.
fn is_same_byte(byte: u8, expected: char, case: Case) -> bool {
    match case {
        Case::Sensitive => char::from(byte) == expected,
        Case::Insensitive => char::from(byte.to_ascii_lowercase()) == expected,
    }
}

/// Returns the character that begins at this byte.
pub(super) fn char_at(raw: &[u8], at: usize) -> Option<char> {
    let window = raw.get(at..raw.len().min(at + 4))?;
    window.utf8_chunks().next()?.valid().chars().next()
}
