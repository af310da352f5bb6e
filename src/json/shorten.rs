//! Shortens the long strings of a document that is too large to be shown whole.

use memchr::memchr;

use super::scan::skip_value;
use super::string::split_point;

/// The bytes from which a string is long.
const LONG_BYTES: usize = 1 << 20;

/// The character at the end of a shortened string.
const ELLIPSIS: &str = "…";

/// The parts of a document that a shortened copy omits, and the offsets in both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Omissions(Vec<Omission>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Omission {
    /// The start of the omitted part in the document.
    start: usize,
    /// The start of the ellipsis in the copy.
    start_in_copy: usize,
    /// The omitted bytes.
    len: usize,
}

/// Returns a copy of a JSON document in which all long strings together have about `max_bytes`, and its omissions; `None` if
/// nothing is that long. Each long string keeps an equal part, up to the next line or word.
///
/// For example, with a maximum of 6 bytes, two long strings that begin with `one two three` keep 3 bytes each: `one…`.
pub fn shorten(document: &[u8], max_bytes: usize) -> Option<(Vec<u8>, Omissions)> {
    shorten_from(document, max_bytes, LONG_BYTES)
}

fn shorten_from(document: &[u8], max_bytes: usize, long_bytes: usize) -> Option<(Vec<u8>, Omissions)> {
    let long = long_strings(document, long_bytes);
    let kept_bytes = max_bytes / long.len().max(1);
    let mut copy = Vec::new();
    let mut omissions = Vec::new();
    let mut at = 0;
    for (start, end) in long {
        let inside = document.get(start..end).unwrap_or_default();
        let Some(kept) = split_point(inside, kept_bytes).filter(|kept| *kept < inside.len()) else {
            continue;
        };
        let start = start + kept;
        copy.extend_from_slice(document.get(at..start).unwrap_or_default());
        omissions.push(Omission { start, start_in_copy: copy.len(), len: end - start });
        copy.extend_from_slice(ELLIPSIS.as_bytes());
        at = end;
    }
    copy.extend_from_slice(document.get(at..).unwrap_or_default());
    (!omissions.is_empty()).then_some((copy, Omissions(omissions)))
}

/// Returns the starts and ends of the insides of long strings.
fn long_strings(document: &[u8], long_bytes: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(quote) = document.get(at..).and_then(|rest| memchr(b'"', rest)) {
        let start = at + quote;
        let Some(end) = skip_value(document, start).filter(|end| *end > start + 1) else { break };
        let inside = (start + 1, end - 1);
        if inside.1 - inside.0 >= long_bytes {
            found.push(inside);
        }
        at = end;
    }
    found
}

impl Omissions {
    /// Returns the offset in the document of an offset in the copy.
    pub fn original_offset(&self, offset: usize) -> usize {
        let before = self.0.iter().take_while(|omission| omission.start_in_copy + ELLIPSIS.len() <= offset);
        before.fold(offset, |offset, omission| offset + omission.len - ELLIPSIS.len())
    }

    /// Returns the offset in the copy of an offset in the document: that of the ellipsis if it is in an omitted part.
    pub fn offset_in_copy(&self, offset: usize) -> usize {
        let last = self.0.iter().take_while(|omission| omission.start <= offset).last();
        last.map_or(offset, |omission| match offset.checked_sub(omission.start + omission.len) {
            Some(after) => omission.start_in_copy + ELLIPSIS.len() + after,
            None => omission.start_in_copy,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shortened(json: &str, max_bytes: usize) -> Option<(String, Omissions)> {
        let (copy, omissions) = shorten_from(json.as_bytes(), max_bytes, 3)?;
        Some((String::from_utf8(copy).unwrap(), omissions))
    }

    #[test]
    fn long_strings_share_the_space() {
        let long = format!("one {}", "word ".repeat(20_000));
        let json = format!(r#"["a","{long}",{{"k":"{long}"}},7]"#);
        let (copy, omissions) = shortened(&json, 6).unwrap();
        assert_eq!(copy, r#"["a","one…",{"k":"one…"},7]"#);
        assert_eq!(omissions.0.iter().map(|omission| omission.len).sum::<usize>(), 2 * (long.len() - 3));
        assert_eq!(shortened(&json, usize::MAX), None);
        assert_eq!(shortened(r#"["a",1]"#, 6), None);
        assert_eq!(shortened("not \" JSON", 6), None);
    }

    #[test]
    fn offsets_are_those_of_the_same_text_and_omitted_text_is_at_the_ellipsis() {
        let long = format!("one {}", "word ".repeat(20_000));
        let json = format!(r#"["a","{long}",{{"k":"{long}"}},7]"#);
        let (copy, omissions) = shortened(&json, 6).unwrap();
        for part in ["[", "\"a", "\",{", "\"k", "7]"] {
            let (in_copy, original) = (copy.find(part).unwrap(), json.find(part).unwrap());
            assert_eq!(
                (omissions.original_offset(in_copy), omissions.offset_in_copy(original)),
                (original, in_copy)
            );
        }
        let ellipsis = copy.find('…').unwrap();
        assert_eq!(omissions.offset_in_copy(json.find("word").unwrap()), ellipsis);
        assert_eq!(omissions.original_offset(ellipsis), ellipsis);
    }
}
