//! Decodes JSON strings. Total: lone surrogates and invalid UTF-8 become U+FFFD, unknown escapes are kept, and a string
//! may be cut off anywhere.

use std::borrow::Cow;

use memchr::memchr2;

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
