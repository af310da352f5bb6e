//! The strings and scalars of raw JSON in the order of its bytes, keys included. The tokenizer is purely lexical, so that a
//! broken or truncated document yields all its text.

use std::ops::Range;

use memchr::memchr2;

use super::mapped_text::MappedText;
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

/// Decodes a token with the positions of its characters.
pub(super) fn decode_mapped(raw: &[u8]) -> MappedText {
    let mut text = MappedText::default();
    let is_string = raw.first() == Some(&b'"');
    let mut at = usize::from(is_string);
    let end = raw.len() - usize::from(is_string && raw.len() > 1 && raw.last() == Some(&b'"'));
    while at < end {
        let rest = raw.get(at..end).unwrap_or_default();
        let escape = if is_string { memchr::memchr(b'\\', rest) } else { None };
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
            let (character, len) = json::unescape(raw.get(at + 1..end).unwrap_or_default());
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
        tokens(raw.as_bytes()).map(|range| decode_mapped(raw.as_bytes().get(range).unwrap()).text).collect()
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
            let decoded = decode_mapped(raw.as_bytes());
            prop_assert_eq!(&decoded.text, &text);
            for (start, c) in text.char_indices() {
                let source = decoded.source_range(&(start..start + c.len_utf8()));
                prop_assert_eq!(decode_mapped(raw.as_bytes().get(source.clone()).map(|part| [b"\"", part, b"\""].concat()).unwrap().as_slice()).text, c.to_string());
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
