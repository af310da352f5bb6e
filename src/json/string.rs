//! Decodes JSON strings. Total: lone surrogates and invalid UTF-8 become U+FFFD, unknown escapes are kept, and a string
//! may be cut off anywhere.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr_iter, memchr2, memmem};

/// The number of bytes within which a string is preferably split at a line or a word.
const NEAR_BYTES: usize = 64 << 10;

/// The longest escape in bytes, `\u` and four digits.
const MAX_ESCAPE_BYTES: usize = 6;

/// Decodes a JSON string with its quotes; borrows if nothing changes.
pub fn decode(raw: &[u8]) -> Cow<'_, str> {
    let body = raw.strip_prefix(b"\"").unwrap_or(raw);
    let stop = memchr2(b'"', b'\\', body).unwrap_or(body.len());
    if body.get(stop) != Some(&b'\\') {
        let text = body.get(..stop).unwrap_or_default();
        return utf8_lossy(text);
    }
    let mut out = String::with_capacity(body.len());
    decode_into(&mut out, body, usize::MAX);
    Cow::Owned(out)
}

/// Decodes bytes without escapes. A validity check is much faster than lossy decoding, which is rarely needed.
fn utf8_lossy(text: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(text).map_or_else(|_| String::from_utf8_lossy(text), Cow::Borrowed)
}

/// Decodes at most the first `max_bytes` bytes of text of a JSON string, ending at a character boundary. The rest of the
/// string is not read, however long it is.
pub fn decode_prefix(raw: &[u8], max_bytes: usize) -> String {
    let mut out = String::new();
    decode_into(&mut out, raw.strip_prefix(b"\"").unwrap_or(raw), max_bytes);
    out.truncate(out.floor_char_boundary(max_bytes));
    out
}

/// Decodes up to the closing quote, or until `out` holds at least `enough` bytes.
fn decode_into(out: &mut String, body: &[u8], enough: usize) {
    let mut at = 0;
    while out.len() < enough {
        let rest = body.get(at..).unwrap_or_default();
        // Include the longest character, so that a split one lies past `enough`.
        let window = enough.saturating_sub(out.len()).saturating_add(4).min(rest.len());
        let window = rest.get(..window).unwrap_or_default();
        let stop = memchr2(b'"', b'\\', window).unwrap_or(window.len());
        out.push_str(&utf8_lossy(window.get(..stop).unwrap_or_default()));
        if rest.get(stop) != Some(&b'\\') {
            return;
        }
        let (character, length) = unescape(rest.get(stop + 1..).unwrap_or_default());
        out.push(character);
        at += stop + 1 + length;
    }
}

/// Returns the first good place after `least` bytes to split the inside of a string, so that both parts can be decoded: after
/// a line break if there is one near, else before a space; `None` if there is no place until the end.
pub fn split_point(inside: &[u8], least: usize) -> Option<usize> {
    split_point_in_steps(inside, least, NEAR_BYTES)
}

fn split_point_in_steps(inside: &[u8], least: usize, step: usize) -> Option<usize> {
    (least..inside.len()).step_by(step).find_map(|start| split_point_within(inside, start..start + step))
}

fn split_point_within(inside: &[u8], range: Range<usize>) -> Option<usize> {
    let (start, window) = (range.start, inside.get(range.clone())?);
    let is_unescaped = |at: &usize| !has_backslash(inside, at.saturating_sub(1)..*at);
    let line = memmem::find_iter(window, br"\n").map(|at| start + at).find(is_unescaped);
    let word = || memchr_iter(b' ', window).map(|at| start + at).find(is_unescaped);
    let is_outside_escape = |at: &usize| {
        inside.get(*at).is_some_and(|byte| !is_continuation(*byte))
            && !has_backslash(inside, at.saturating_sub(MAX_ESCAPE_BYTES)..*at)
    };
    line.map(|at| at + 2).or_else(word).or_else(|| range.clone().find(is_outside_escape))
}

/// Returns whether a byte of UTF-8 is inside a character.
fn is_continuation(byte: u8) -> bool {
    matches!(byte, 0x80..=0xBF)
}

fn has_backslash(inside: &[u8], range: Range<usize>) -> bool {
    inside.get(range).is_some_and(|bytes| bytes.contains(&b'\\'))
}

/// Decodes an escape: the character, and the number of bytes after the backslash. An unknown escape is a backslash.
pub fn unescape(after: &[u8]) -> (char, usize) {
    match after.first() {
        Some(b'n') => ('\n', 1),
        Some(b't') => ('\t', 1),
        Some(b'r') => ('\r', 1),
        Some(b'b') => ('\u{8}', 1),
        Some(b'f') => ('\u{c}', 1),
        Some(&byte @ (b'"' | b'\\' | b'/')) => (char::from(byte), 1),
        Some(b'u') => unescape_unicode(after).unwrap_or(('\\', 0)),
        _ => ('\\', 0),
    }
}

/// Decodes `uXXXX`, or a surrogate pair of them.
fn unescape_unicode(after: &[u8]) -> Option<(char, usize)> {
    let first = parse_hex(after.get(1..5)?)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 5));
    }
    let second = match after.get(5..11) {
        Some([b'\\', b'u', digits @ ..]) => parse_hex(digits),
        _ => None,
    };
    match second {
        Some(low @ 0xDC00..=0xDFFF) if first < 0xDC00 => {
            let character = 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00);
            Some((char::from_u32(character)?, 11))
        }
        _ => Some((char::REPLACEMENT_CHARACTER, 5)),
    }
}

fn parse_hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &digit| Some(sum * 16 + char::from(digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn decoding_inverts_strict_encoding(text in any::<String>()) {
            let raw = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(decode(raw.as_bytes()), text);
        }

        #[test]
        fn prefix_is_the_start_of_the_whole_text(bytes in proptest::collection::vec(
            prop_oneof![Just(b'\\'), Just(b'u'), Just(b'd'), Just(b'8'), Just(b'0'), Just(0xE2), any::<u8>()], 0..80),
            max in 0_usize..90)
        {
            let whole = decode(&bytes);
            let prefix = decode_prefix(&bytes, max);
            prop_assert_eq!(prefix.as_str(), whole.get(..whole.floor_char_boundary(max)).unwrap());
        }
    }

    proptest! {
        #[test]
        fn both_parts_of_a_split_string_can_be_decoded(text in "[a ä語\n\\\\\"\u{1}]{0,60}", least in 1usize..20) {
            let raw = serde_json::to_string(&text).unwrap();
            let mut inside = raw.trim_matches('"').as_bytes();
            // An escaped quote at the end was trimmed, too.
            prop_assume!(!text.ends_with('"') && !text.starts_with('"'));
            let mut decoded = String::new();
            while let Some(end) = split_point_in_steps(inside, least, 15) {
                decoded.push_str(&decode(&inside[..end]));
                inside = &inside[end..];
            }
            decoded.push_str(&decode(inside));
            prop_assert_eq!(decoded, text);
        }
    }

    #[test]
    fn a_string_is_split_at_a_line_then_at_a_word_and_never_inside_an_escape() {
        let first = |raw: &str| {
            let (first, _) = raw.split_at(split_point_in_steps(raw.as_bytes(), 4, 12)?);
            Some(first.to_owned())
        };
        assert_eq!(first(r"one two\nthree four").as_deref(), Some(r"one two\n"));
        assert_eq!(first(r"one two\\nthree four").as_deref(), Some(r"one two\\nthree"));
        assert_eq!(first(r"abc\u00e9defghijklmnop").as_deref(), Some(r"abc\u00e9d"));
        assert_eq!(first(r"abc\ud83d\ude00\u00e9\u00e9def"), None);
        assert_eq!(first("äöüäöüäöüäöüäöüäöüäöü").as_deref(), Some("äö"), "without ASCII");
        assert_eq!(first("日本語日本語日本語").as_deref(), Some("日本"), "between characters");
        assert_eq!(first("short"), None);
    }

    #[test]
    fn surrogates_pair_up_or_are_replaced() {
        assert_eq!(decode(br#""\ud83d\ude00""#), "😀");
        assert_eq!(decode(br#""a\ud83db""#), "a\u{FFFD}b");
        assert_eq!(decode(br#""\ude00\ud83d\n""#), "\u{FFFD}\u{FFFD}\n");
        assert_eq!(decode(b"\"\xFF\xE2\x82\""), "\u{FFFD}\u{FFFD}");
    }

    #[test]
    fn unknown_escapes_are_kept() {
        assert_eq!(decode(br#""\x\u12zz\"#), r"\x\u12zz\");
    }

    #[test]
    fn plain_string_is_borrowed() {
        assert!(matches!(decode("\"grüß\"".as_bytes()), Cow::Borrowed("grüß")));
    }
}
