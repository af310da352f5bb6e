//! The strings and scalars of raw JSON in the order of its bytes, keys included. The tokenizer is purely lexical, so that a
//! broken or truncated document yields all its text. Very long strings are searched in pieces, so that a search needs little
//! memory and can stop after enough hits.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr2;

use super::mapped_text::MappedText;
use crate::domain::steps::count_steps;
use crate::json;

/// Returns the byte ranges of all tokens; strings include their quotes.
pub(super) fn tokens(raw: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let is_between =
            |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':');
        let rest = raw.get(at..)?;
        let start = at + rest.iter().position(|byte| !is_between(byte))?;
        let rest = raw.get(start..)?;
        let len = match rest.first() {
            Some(b'"') => string_len(rest),
            _ => {
                let ends = |byte: &u8| matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b'"' | b'\n');
                rest.iter().position(ends).unwrap_or(rest.len())
            }
        };
        at = start + len.max(1);
        Some(start..at)
    })
}

/// A token or a piece of one, without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) raw: &'a [u8],
    /// Whether it has the escapes of a string.
    pub(super) is_string: bool,
}

/// The minimum size in bytes of a piece that is not the last one of its string.
const PIECE_BYTES: usize = 4 << 20;

/// Returns the token in one piece, or in several if it is long. Each ends with a line; without one, with a word.
pub(super) fn pieces(token: &[u8]) -> impl Iterator<Item = Piece<'_>> + '_ {
    let inner = token.strip_prefix(b"\"").map(|rest| rest.strip_suffix(b"\"").unwrap_or(rest));
    let is_string = inner.is_some();
    let mut rest = Some(inner.unwrap_or(token));
    std::iter::from_fn(move || {
        let raw = rest.take()?;
        let end = if is_string { json::split_point(raw, PIECE_BYTES) } else { None };
        let (piece, others) = end.and_then(|end| raw.split_at_checked(end)).unwrap_or((raw, &[]));
        rest = Some(others).filter(|others| !others.is_empty());
        Some(Piece { raw: piece, is_string })
    })
}

/// Returns the length of the string at the start, quotes included; for a string that is cut off, the length of the rest.
fn string_len(raw: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = raw.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if raw.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    raw.len()
}

impl<'a> Piece<'a> {
    /// Decodes the piece.
    pub(super) fn decode(self) -> Cow<'a, str> {
        if self.is_string { json::decode(self.raw) } else { String::from_utf8_lossy(self.raw) }
    }
}

/// Decodes a piece with the positions of its characters.
pub(super) fn decode_mapped(piece: Piece<'_>) -> MappedText {
    let raw = piece.raw;
    count_steps(raw.len());
    let mut text = MappedText::default();
    let mut at = 0;
    while at < raw.len() {
        let rest = raw.get(at..).unwrap_or_default();
        let escape = if piece.is_string { memchr::memchr(b'\\', rest) } else { None };
        let plain = rest.get(..escape.unwrap_or(rest.len())).unwrap_or_default();
        for chunk in plain.utf8_chunks() {
            text.push_verbatim(chunk.valid(), at);
            at += chunk.valid().len();
            text.push_unit(
                if chunk.invalid().is_empty() { "" } else { "\u{FFFD}" },
                at..at + chunk.invalid().len(),
            );
            at += chunk.invalid().len();
        }
        if escape.is_some() {
            let (character, len) = json::unescape(raw.get(at + 1..).unwrap_or_default());
            text.push_unit(character.encode_utf8(&mut [0; 4]), at..at + 1 + len);
            at += 1 + len;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(raw: &str) -> Vec<String> {
        let tokens = tokens(raw.as_bytes()).map(|range| raw.as_bytes().get(range).unwrap());
        tokens.flat_map(pieces).map(|piece| decode_mapped(piece).text).collect()
    }

    #[test]
    fn every_key_and_scalar_is_a_token() {
        assert_eq!(
            texts(r#"{"a\"b": [12, true, "x\\"], "c":"\u00e9"}"#),
            ["a\"b", "12", "true", "x\\", "c", "é"]
        );
        assert_eq!(texts("not JSON: at all"), ["not JSON: at all"]);
        assert_eq!(texts(r#"{"cut": "off"#), ["cut", "off"]);
    }

    proptest! {
        #[test]
        fn decoding_equals_that_of_the_json_reader(text in any::<String>()) {
            let raw = serde_json::to_string(&text).unwrap();
            let piece = pieces(raw.as_bytes()).next().unwrap();
            prop_assert_eq!(piece.decode(), text.as_str());
            let decoded = decode_mapped(piece);
            prop_assert_eq!(&decoded.text, &text);
            for (start, c) in text.char_indices() {
                let source = decoded.source_range(&(start..start + c.len_utf8()));
                let part = Piece { raw: piece.raw.get(source).unwrap(), ..piece };
                prop_assert_eq!(decode_mapped(part).text, c.to_string());
            }
        }

        #[test]
        fn tokens_are_in_order_and_inside(raw in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut end = 0;
            for token in tokens(&raw) {
                prop_assert!(token.start >= end && token.end > token.start && token.end <= raw.len());
                end = token.end;
            }
        }
    }
}
