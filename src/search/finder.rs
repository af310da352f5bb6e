//! A compiled query: finds hits in the raw JSON of messages and in decoded text.

use std::ops::Range;
use std::sync::Arc;

use memchr::memmem;

use super::fold::{self, Case};
use super::mapped_text::MappedText;
use super::prefilter::{MAX_PATTERN_BYTES, Prefilter, Presence};
use super::query::{Query, QueryError};
use super::{markup, tokens};
use crate::json;

/// The largest thread that is searched thoroughly, in bytes.
const MAX_THOROUGH_BYTES: usize = 64 << 20;

/// A compiled query; cheap to clone and to share between tasks.
#[derive(Clone, Debug)]
pub struct Finder {
    query: Query,
    matcher: Arc<Matcher>,
    /// Whether words may be hidden by markup or unusual characters; see [`Finder::for_size`].
    is_thorough: bool,
}

#[derive(Debug)]
enum Matcher {
    Literal(Box<Literal>),
    Regex(regex::Regex),
}

/// A literal query, folded.
#[derive(Debug)]
struct Literal {
    finder: memmem::Finder<'static>,
    len: usize,
    case: Case,
    prefilter: Prefilter,
    is_one_word: bool,
    /// The text unfolded, if folding may join it with the text before it or leaves nothing of it.
    exact: Option<memmem::Finder<'static>>,
}

/// JSON inside of strings is searched to this depth.
const MAX_NESTING: usize = 3;

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
        let matcher = if query.is_literal() {
            Matcher::Literal(Box::new(Literal::new(query)))
        } else {
            let pattern = regex::RegexBuilder::new(query.text())
                .case_insensitive(query.is_case_insensitive())
                .multi_line(true)
                .crlf(true)
                .size_limit(MAX_PATTERN_BYTES)
                .build();
            Matcher::Regex(pattern.map_err(query_error)?)
        };
        Ok(Self { query: query.clone(), matcher: Arc::new(matcher), is_thorough: true })
    }

    /// The finder for a thread of this many bytes. In large threads, words broken by markup or unusual characters are not
    /// looked for where the plain word is absent: that would take several times as long.
    #[must_use]
    pub fn for_size(&self, bytes: usize) -> Self {
        Self { is_thorough: bytes <= MAX_THOROUGH_BYTES, ..self.clone() }
    }

    /// Whether the query is a regular expression, to which line breaks matter.
    pub fn is_regex(&self) -> bool {
        !self.query.is_literal()
    }

    /// Counts the hits in the raw JSON of a message, without overlaps, up to `limit`.
    pub fn count_hits(&self, raw: &[u8], limit: usize) -> usize {
        let mut count = 0;
        self.visit_tokens(raw, |token, presence| {
            let text = decode_token(token);
            count += self.hits_in(&text, presence, limit - count, MAX_NESTING).len();
            count < limit
        });
        count
    }

    /// The byte ranges of the first `limit` hits in raw JSON.
    pub fn hits(&self, raw: &[u8], limit: usize) -> Vec<Range<usize>> {
        let mut hits = Vec::new();
        let base = raw.as_ptr() as usize;
        self.visit_tokens(raw, |token, presence| {
            let start = token.as_ptr() as usize - base;
            let decoded = tokens::decode_mapped(token);
            let found = self.hits_in(&decoded.text, presence, limit - hits.len(), MAX_NESTING);
            hits.extend(found.iter().map(|hit| {
                let source = decoded.source_range(hit);
                start + source.start..start + source.end
            }));
            hits.len() < limit
        });
        hits
    }

    /// The byte ranges of the first `limit` hits in decoded text: as it is written, and as it is shown.
    pub fn text_hits(&self, text: &str, limit: usize) -> Vec<Range<usize>> {
        self.hits_in(text, Presence::Broken, limit, 0)
    }

    /// Calls `visit` with each token of raw JSON that may have a hit, until it returns `false`.
    fn visit_tokens<'a>(&self, raw: &'a [u8], mut visit: impl FnMut(&'a [u8], Presence) -> bool) {
        let presence = |raw: &[u8]| match &*self.matcher {
            Matcher::Literal(literal) => literal.prefilter.presence(raw, self.is_thorough),
            Matcher::Regex(_) => Presence::Broken,
        };
        if presence(raw) == Presence::Absent {
            return;
        }
        for range in tokens::tokens(raw) {
            let token = raw.get(range).unwrap_or_default();
            match presence(token) {
                Presence::Absent => {}
                found if visit(token, found) => {}
                Presence::Whole | Presence::Broken => return,
            }
        }
    }

    /// The hits in a text as it is written, as it is shown, and in JSON that it holds.
    fn hits_in(&self, text: &str, presence: Presence, limit: usize, nesting: usize) -> Vec<Range<usize>> {
        let mut hits = self.matcher.hits(text, limit);
        if hits.len() < limit
            && self.matcher.crosses_markup(presence)
            && let Some(shown) = markup::strip(text)
        {
            let found = self.matcher.hits(&shown.text, limit);
            merge(&mut hits, found.iter().map(|hit| shown.source_range(hit)).collect());
        }
        if nesting > 0
            && hits.len() < limit
            && text.trim_start().starts_with(['{', '['])
            && text.contains('"')
        {
            merge(&mut hits, self.nested_hits(text, limit, nesting - 1));
        }
        hits.truncate(limit);
        hits
    }

    /// The hits in JSON that a string holds, as arguments of tools are.
    fn nested_hits(&self, text: &str, limit: usize, nesting: usize) -> Vec<Range<usize>> {
        let mut hits = Vec::new();
        let base = text.as_ptr() as usize;
        self.visit_tokens(text.as_bytes(), |token, presence| {
            let start = token.as_ptr() as usize - base;
            let decoded = tokens::decode_mapped(token);
            let found = self.hits_in(&decoded.text, presence, limit, nesting);
            hits.extend(found.iter().map(|hit| {
                let source = decoded.source_range(hit);
                start + source.start..start + source.end
            }));
            hits.len() < limit
        });
        hits
    }
}

impl Matcher {
    fn hits(&self, text: &str, limit: usize) -> Vec<Range<usize>> {
        match self {
            Self::Literal(literal) => literal.hits(text, limit),
            Self::Regex(pattern) => {
                let hits = pattern.find_iter(text).map(|hit| hit.range());
                hits.filter(|range| !range.is_empty()).take(limit).collect()
            }
        }
    }

    /// Whether text without its markup may have more hits.
    fn crosses_markup(&self, presence: Presence) -> bool {
        match self {
            Self::Literal(literal) => !literal.is_one_word || presence == Presence::Broken,
            Self::Regex(_) => true,
        }
    }
}

impl Literal {
    fn new(query: &Query) -> Self {
        let case = if query.is_case_insensitive() { Case::Insensitive } else { Case::Sensitive };
        let needle = fold::fold_text(query.text(), case);
        let needs_exact = needle.is_empty() || fold::begins_inside_segment(query.text());
        let prefilter = Prefilter::new(query.text(), if needs_exact { "" } else { &needle }, case);
        Self {
            finder: memmem::Finder::new(&needle).into_owned(),
            len: needle.len(),
            case,
            is_one_word: prefilter.is_one_word(&needle),
            prefilter,
            exact: needs_exact.then(|| memmem::Finder::new(query.text()).into_owned()),
        }
    }

    fn hits(&self, text: &str, limit: usize) -> Vec<Range<usize>> {
        if let Some(exact) = &self.exact {
            let len = exact.needle().len();
            return exact
                .find_iter(text.as_bytes())
                .filter(|_| len > 0)
                .take(limit)
                .map(|at| at..at + len)
                .collect();
        }
        let folded: MappedText = fold::fold(text, self.case);
        let mut hits: Vec<Range<usize>> = Vec::new();
        for at in self.finder.find_iter(folded.text.as_bytes()).take(limit) {
            let hit = folded.source_range(&(at..at + self.len));
            // Two hits in one ligature are one.
            if hits.last() != Some(&hit) {
                hits.push(hit);
            }
        }
        hits
    }
}

/// The text of a token; a string loses its quotes.
fn decode_token(token: &[u8]) -> std::borrow::Cow<'_, str> {
    if token.first() == Some(&b'"') { json::decode(token) } else { String::from_utf8_lossy(token) }
}

/// Adds hits that overlap none of those before, and sorts all.
fn merge(hits: &mut Vec<Range<usize>>, more: Vec<Range<usize>>) {
    let known = hits.len();
    for hit in more {
        let next = hits.get(..known).unwrap_or_default().partition_point(|other| other.end <= hit.start);
        let overlaps = hits.get(next).is_some_and(|other| next < known && other.start < hit.end);
        if !overlaps {
            hits.push(hit);
        }
    }
    hits.sort_unstable_by_key(|hit| (hit.start, hit.end));
}

fn query_error(error: regex::Error) -> QueryError {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    QueryError { reason }
}

#[cfg(test)]
mod tests;
