//! An excerpt of a row's key or value around a byte, for a search hit far into a long string. The cost depends on the
//! length of the excerpt, not of the string.

use super::Tree;
use crate::json::decode_prefix;

/// The part of a row that a byte belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowPart {
    Name,
    Value,
}

/// Unsanitized text around a byte of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    pub part: RowPart,
    /// Whether there is more text before `before`.
    pub is_truncated_before: bool,
    pub before: String,
    /// The text from the byte on.
    pub after: String,
    /// Whether there is more text after `after`.
    pub is_truncated_after: bool,
}

/// The longest escape, `\uXXXX`, in bytes.
const MAX_ESCAPE_LEN: usize = 6;

impl Tree {
    /// Returns the text around the byte at `offset`: at most about `reach` bytes of JSON before it and of text after it.
    /// `None` if the byte is in neither the row's key nor its value.
    pub fn excerpt(&self, row: usize, offset: usize, reach: usize) -> Option<Excerpt> {
        let (child, end) = self.locate_row(self.id_at(row)?, None)?;
        let (part, start, end) = if child.key.contains(&offset) {
            (RowPart::Name, child.key.start, child.key.end)
        } else {
            (RowPart::Value, child.value_start, end.unwrap_or(self.bytes().len()))
        };
        let raw = self.bytes().get(start..end)?;
        let at = offset.checked_sub(start).filter(|at| *at < raw.len())?;
        Some(if raw.first() == Some(&b'"') {
            string_excerpt(part, raw.get(1..)?, at.saturating_sub(1), reach)
        } else {
            token_excerpt(part, raw, at, reach)
        })
    }
}

/// Returns an excerpt of a string; `body` starts after the opening quote.
fn string_excerpt(part: RowPart, body: &[u8], at: usize, reach: usize) -> Excerpt {
    let from = char_start(body, at.saturating_sub(reach), at);
    let rest = body.get(at..).unwrap_or_default();
    let after = decode_prefix(rest, reach);
    Excerpt {
        part,
        is_truncated_before: from > 0,
        before: decode_prefix(body.get(from..at).unwrap_or_default(), usize::MAX),
        is_truncated_after: is_partial_prefix(&after, reach, rest.len().saturating_sub(1)),
        after,
    }
}

/// Returns whether a text of at most `limit` bytes, decoded from `json_len` bytes of JSON, may lack its end. Escapes make
/// JSON longer than its text, so a text that does not fill the limit, up to a split character, is complete.
pub(super) fn is_partial_prefix(text: &str, limit: usize, json_len: usize) -> bool {
    text.len() + 4 > limit && json_len > text.len()
}

fn token_excerpt(part: RowPart, raw: &[u8], at: usize, reach: usize) -> Excerpt {
    let from = at.saturating_sub(reach);
    let to = at.saturating_add(reach).min(raw.len());
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let (before, after) = (text(raw.get(from..at)), text(raw.get(at..to)));
    Excerpt { part, is_truncated_before: from > 0, before, after, is_truncated_after: to < raw.len() }
}

/// Returns the first position at or after `from` that certainly splits neither a character nor an escape; `at` if there is
/// none before it.
fn char_start(body: &[u8], from: usize, at: usize) -> usize {
    if from == 0 {
        return 0;
    }
    let is_start = |position: &usize| {
        let Some((before, rest)) = body.split_at_checked(*position) else { return true };
        let is_escape = rest.first() == Some(&b'\\');
        let is_inside = rest.first().is_some_and(|byte| matches!(byte, 0x80..=0xBF));
        // The low half of a surrogate pair is meaningless alone.
        let is_half = matches!(rest, [b'\\', b'u', b'd' | b'D', b'c'..=b'f' | b'C'..=b'F', ..]);
        let last = before.get(before.len().saturating_sub(MAX_ESCAPE_LEN - 1)..).unwrap_or_default();
        let is_clear = if is_escape { before.last() != Some(&b'\\') } else { !last.contains(&b'\\') };
        is_clear && !is_inside && !is_half
    };
    (from..at).find(is_start).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Raw;

    fn excerpt_of(json: &str, row: usize, offset: usize, reach: usize) -> Excerpt {
        let mut tree = Tree::collapsed(Raw::owned(json.as_bytes().to_vec()));
        tree.open(0);
        tree.excerpt(row, offset, reach).unwrap()
    }

    #[test]
    fn names_strings_and_numbers_have_excerpts() {
        let json = r#"{"a long name":"some long words","n":123456789}"#;
        let found = |needle: &str, row| {
            let found = excerpt_of(json, row, json.find(needle).unwrap(), 5);
            (found.part, found.is_truncated_before, found.before, found.after, found.is_truncated_after)
        };
        assert_eq!(found("long n", 1), (RowPart::Name, false, "a ".into(), "long ".into(), true));
        assert_eq!(found("long w", 1), (RowPart::Value, false, "some ".into(), "long ".into(), true));
        assert_eq!(found("words", 1), (RowPart::Value, true, "long ".into(), "words".into(), false));
        assert_eq!(found("6789", 2), (RowPart::Value, false, "12345".into(), "6789".into(), false));
    }

    #[test]
    fn escapes_are_never_split() {
        let json = r#"["\ud83d\ude00\n\\\\ü needle \u00e9"]"#;
        for reach in 0..40 {
            let found = excerpt_of(json, 1, json.find("needle").unwrap(), reach);
            assert!("😀\n\\\\ü ".ends_with(&found.before), "{reach}: {found:?}");
            assert!("needle é".starts_with(&found.after), "{reach}: {found:?}");
        }
    }

    #[test]
    fn byte_outside_the_row_has_no_excerpt() {
        let tree = Tree::collapsed(Raw::owned(b"[1, 22]".to_vec()));
        assert_eq!(tree.excerpt(1, 1, 9).unwrap().after, "1");
        assert_eq!(tree.excerpt(1, 4, 9), None);
        assert_eq!(tree.excerpt(7, 1, 9), None);
    }

    proptest! {
        #[test]
        fn excerpt_is_part_of_the_text(
            before in "([a-z\"\\\\\n]|é|日|😀){0,40}", after in "([a-z\"\\\\\n]|é|日|😀){0,40}", reach in 0usize..60,
        ) {
            let quoted = |text: &str| serde_json::to_string(text).unwrap();
            let json = format!("[{}]", quoted(&format!("{before}@{after}")));
            let found = excerpt_of(&json, 1, json.find('@').unwrap(), reach);
            prop_assert!(before.ends_with(&found.before));
            prop_assert_eq!(found.is_truncated_before && found.before.is_empty() && before.is_empty(), false);
            let whole = format!("@{after}");
            prop_assert!(whole.starts_with(&found.after));
            prop_assert!(found.is_truncated_after || whole == found.after);
        }
    }
}
