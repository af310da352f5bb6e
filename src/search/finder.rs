//! A compiled query: finds hits in the raw JSON of messages and in decoded text.

use std::ops::Range;
use std::sync::Arc;

use memchr::memmem;
use regex::bytes;

use super::query::{Query, QueryError};

/// A compiled query; cheap to clone and to share between tasks.
#[derive(Clone, Debug)]
pub struct Finder {
    query: Query,
    raw: Arc<RawFinder>,
    text: Arc<regex::Regex>,
}

#[derive(Debug)]
enum RawFinder {
    /// A plain byte string, found at memory speed.
    Literal(Box<memmem::Finder<'static>>),
    Regex(bytes::Regex),
}

/// Memory limit of a compiled pattern, in bytes; a hostile expression is rejected instead.
const MAX_PATTERN_BYTES: usize = 4 << 20;

impl PartialEq for Finder {
    fn eq(&self, other: &Self) -> bool {
        self.query == other.query
    }
}

impl Finder {
    /// Compiles a query.
    ///
    /// # Errors
    /// An invalid or too large regular expression.
    pub fn new(query: &Query) -> Result<Self, QueryError> {
        let raw = match query.literal_bytes() {
            Some(bytes) => RawFinder::Literal(Box::new(memmem::Finder::new(bytes).into_owned())),
            None => RawFinder::Regex(compile_raw_pattern(query)?),
        };
        let text = regex::RegexBuilder::new(&query.text_pattern())
            .case_insensitive(query.is_case_insensitive())
            .size_limit(MAX_PATTERN_BYTES)
            .build()
            .map_err(query_error)?;
        Ok(Self { query: query.clone(), raw: Arc::new(raw), text: Arc::new(text) })
    }

    /// Counts the hits in the raw JSON of a message, without overlaps, up to `limit`.
    pub fn count_hits(&self, raw: &[u8], limit: usize) -> usize {
        match &*self.raw {
            RawFinder::Literal(finder) => finder.find_iter(raw).take(limit).count(),
            RawFinder::Regex(pattern) => {
                pattern.find_iter(raw).filter(|hit| !hit.is_empty()).take(limit).count()
            }
        }
    }

    /// The byte ranges of the first `limit` hits in raw JSON.
    pub fn hits(&self, raw: &[u8], limit: usize) -> Vec<Range<usize>> {
        let len = self.query.text().len();
        match &*self.raw {
            RawFinder::Literal(finder) => {
                finder.find_iter(raw).take(limit).map(|start| start..start + len).collect()
            }
            RawFinder::Regex(pattern) => pattern
                .find_iter(raw)
                .map(|hit| hit.range())
                .filter(|range| !range.is_empty())
                .take(limit)
                .collect(),
        }
    }

    /// The byte ranges of the first `limit` hits in decoded text.
    pub fn text_hits(&self, text: &str, limit: usize) -> Vec<Range<usize>> {
        self.text
            .find_iter(text)
            .map(|hit| hit.range())
            .filter(|range| !range.is_empty())
            .take(limit)
            .collect()
    }
}

fn query_error(error: regex::Error) -> QueryError {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    QueryError { reason }
}

fn compile_raw_pattern(query: &Query) -> Result<bytes::Regex, QueryError> {
    // The pattern of a literal contains both cases of non-ASCII characters, escapes included; the flag covers ASCII.
    bytes::RegexBuilder::new(&query.json_pattern())
        .case_insensitive(query.is_case_insensitive())
        .unicode(!query.is_literal() || !query.is_case_insensitive() || !query.text().is_ascii())
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .map_err(query_error)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn count_hits(query: &str, raw: &str) -> usize {
        Finder::new(&Query::new(query)).unwrap().count_hits(raw.as_bytes(), usize::MAX)
    }

    #[test]
    fn escapes_and_plain_characters_both_match() {
        for raw in [r#""café""#, r#""caf\u00e9""#, r#""caf\u00E9""#] {
            assert_eq!(count_hits("café", raw), 1, "{raw}");
            assert_eq!(count_hits("CAFÉ", raw), 0, "{raw}");
        }
        assert_eq!(count_hits("café", r#""CAF\u00c9 Café CAFÉ""#), 3);
        assert_eq!(count_hits("👍", r#""\ud83d\udc4d 👍""#), 2);
        assert_eq!(count_hits("say \"hi\"", r#""say \"hi\"""#), 1);
        assert_eq!(count_hits("a/b", r#""a/b a\/b""#), 2);
        assert_eq!(count_hits("line\nbreak", r#""line\nbreak""#), 1);
    }

    #[test]
    fn search_uses_smart_case() {
        assert_eq!(count_hits("refund", "Refund REFUND refund"), 3);
        assert_eq!(count_hits("Refund", "Refund REFUND refund"), 1);
        assert_eq!(count_hits("q-0001", "Q-0001 q-0001"), 2);
    }

    #[test]
    fn re_prefix_selects_a_checked_regex() {
        assert_eq!(count_hits("re:turn \\d+", "turn 1, turn 22"), 2);
        assert!(Finder::new(&Query::new("re:(")).is_err());
        assert!(Finder::new(&Query::new("re:(a{1000}){1000}")).is_err());
        assert_eq!(count_hits("a.b", "a.b axb"), 1);
    }

    proptest! {
        #[test]
        fn literal_is_found_in_its_own_json(text in "\\PC{1,12}", before in "\\PC{0,8}") {
            let json = serde_json::to_string(&format!("{before}{text}")).unwrap();
            prop_assume!(!text.starts_with("re:"));
            let finder = Finder::new(&Query::new(&text)).unwrap();
            prop_assert!(finder.count_hits(json.as_bytes(), 10) >= 1, "{text:?} in {json}");
            let whole = format!("{before}{text}");
            prop_assert!(!finder.text_hits(&whole, 10).is_empty());
        }
    }
}
