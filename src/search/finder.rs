//! A compiled query: finds hits in the raw JSON of messages and in decoded text.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use memchr::memmem;

use super::fold::{self, Case};
use super::mapped_text::MappedText;
use super::query::{Query, QueryError};
use super::scan::{Place, Scanner};
use super::tokens::{self, Piece};
use super::{markup, required};

/// A compiled query. It is cheap to clone and to share between tasks.
#[derive(Clone, Debug)]
pub struct Finder {
    query: Query,
    compiled: Arc<Compiled>,
}

/// The searchers of a query. The first task that needs a searcher of raw JSON builds it, so that this does not happen while
/// a key is handled.
#[derive(Debug)]
struct Compiled {
    matcher: Matcher,
    /// The complete searcher; `None` if every token must be decoded.
    scanner: OnceLock<Option<Scanner>>,
    /// The searcher for the plain spelling; `None` if the query has none.
    plain: OnceLock<Option<regex::bytes::Regex>>,
}

#[derive(Debug)]
enum Matcher {
    Literal(Box<Literal>),
    Regex(regex::Regex),
}

/// The maximum memory in bytes for a compiled pattern, so that a hostile expression is rejected.
const MAX_PATTERN_BYTES: usize = 4 << 20;

/// A literal query, folded.
#[derive(Debug)]
struct Literal {
    finder: memmem::Finder<'static>,
    len: usize,
    case: Case,
    /// The unfolded text, if folding may join it with the text before it, or removes all of it.
    exact: Option<memmem::Finder<'static>>,
}

/// The maximum number of places in a message. If there are more, every token is decoded until enough hits are found.
const MAX_PLACES: usize = 1 << 17;

/// The depth to which JSON inside strings is searched.
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
        let compiled = Compiled { matcher, scanner: OnceLock::new(), plain: OnceLock::new() };
        Ok(Self { query: query.clone(), compiled: Arc::new(compiled) })
    }

    /// Returns whether the query is a regular expression, for which line breaks are relevant.
    pub fn is_regex(&self) -> bool {
        !self.query.is_literal()
    }

    /// Counts the hits in the raw JSON of a message if the query occurs in its plain spelling; `None` otherwise, so that
    /// [`Finder::count_hits`] is needed. This is several times faster.
    pub fn count_if_plain(&self, raw: &[u8], limit: usize) -> Option<usize> {
        let plain = self.compiled.plain.get_or_init(|| plain_pattern(&self.query)).as_ref()?;
        plain.is_match(raw).then(|| self.count_hits(raw, limit))
    }

    /// Counts the hits in the raw JSON of a message, without overlaps, up to `limit`.
    pub fn count_hits(&self, raw: &[u8], limit: usize) -> usize {
        let places = self.places(raw);
        if let Some(places) = &places
            && let Some(count) = count_sure(places)
        {
            return count.min(limit);
        }
        let mut count = 0;
        visit_pieces(raw, places.as_deref(), |piece, places| {
            count += match places.and_then(count_sure) {
                Some(sure) => sure,
                None => self.hits_in(&piece.decode(), limit - count, MAX_NESTING).len(),
            };
            count < limit
        });
        count.min(limit)
    }

    /// Returns the byte ranges of the first `limit` hits in raw JSON.
    pub fn hits(&self, raw: &[u8], limit: usize) -> Vec<Range<usize>> {
        self.hits_in_tokens(raw, limit, MAX_NESTING)
    }

    /// Returns the byte ranges of the first `limit` hits in decoded text: in its source, and in its rendered form.
    pub fn text_hits(&self, text: &str, limit: usize) -> Vec<Range<usize>> {
        self.hits_in(text, limit, 0)
    }

    /// Returns the places of hits in the order of their bytes; `None` if every token must be decoded, or if there are too
    /// many.
    fn places(&self, raw: &[u8]) -> Option<Vec<Place>> {
        let scanner =
            self.compiled.scanner.get_or_init(|| self.compiled.matcher.scanner(&self.query)).as_ref()?;
        let is_regex = self.is_regex();
        let mut places = Vec::new();
        scanner.visit(raw, |place| {
            // The literal that an expression requires is not itself a hit.
            places.push(if is_regex { Place::Perhaps(place.start()) } else { place });
            places.len() <= MAX_PLACES
        });
        if places.len() > MAX_PLACES {
            return None;
        }
        places.sort_unstable_by_key(Place::start);
        Some(places)
    }

    /// Returns the hits in all tokens of raw JSON.
    fn hits_in_tokens(&self, raw: &[u8], limit: usize, nesting: usize) -> Vec<Range<usize>> {
        let mut hits = Vec::new();
        let base = raw.as_ptr() as usize;
        visit_pieces(raw, self.places(raw).as_deref(), |piece, _| {
            let start = piece.raw.as_ptr() as usize - base;
            let decoded = tokens::decode_mapped(piece);
            let found = self.hits_in(&decoded.text, limit - hits.len(), nesting);
            hits.extend(found.iter().map(|hit| {
                let source = decoded.source_range(hit);
                start + source.start..start + source.end
            }));
            hits.len() < limit
        });
        hits
    }

    /// Returns the hits in the source of a text, in its rendered form, and in JSON that it contains.
    fn hits_in(&self, text: &str, limit: usize, nesting: usize) -> Vec<Range<usize>> {
        let mut hits = self.compiled.matcher.hits(text, limit);
        if hits.len() < limit
            && let Some(shown) = markup::strip(text)
        {
            let found = self.compiled.matcher.hits(&shown.text, limit);
            merge(&mut hits, found.iter().map(|hit| shown.source_range(hit)).collect());
        }
        if nesting > 0
            && hits.len() < limit
            && text.trim_start().starts_with(['{', '['])
            && text.contains('"')
        {
            merge(&mut hits, self.hits_in_tokens(text.as_bytes(), limit, nesting - 1));
        }
        hits.truncate(limit);
        hits
    }
}

impl Matcher {
    fn scanner(&self, query: &Query) -> Option<Scanner> {
        let scanner = match self {
            Self::Literal(literal) if literal.exact.is_some() => return None,
            Self::Literal(literal) => {
                Scanner::new(std::str::from_utf8(literal.finder.needle()).unwrap_or_default(), literal.case)
            }
            Self::Regex(_) => required_scanner(query)?,
        };
        (!scanner.finds_nothing()).then_some(scanner)
    }

    fn hits(&self, text: &str, limit: usize) -> Vec<Range<usize>> {
        match self {
            Self::Literal(literal) => literal.hits(text, limit),
            Self::Regex(pattern) => {
                let hits = pattern.find_iter(text).map(|hit| hit.range());
                hits.filter(|range| !range.is_empty()).take(limit).collect()
            }
        }
    }
}

impl Literal {
    fn new(query: &Query) -> Self {
        let case = case_of(query);
        let needle = fold::fold_text(query.text(), case);
        let needs_exact = needle.is_empty() || fold::begins_inside_segment(query.text());
        Self {
            finder: memmem::Finder::new(&needle).into_owned(),
            len: needle.len(),
            case,
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
            // Two hits in one ligature are one hit.
            if hits.last() != Some(&hit) {
                hits.push(hit);
            }
        }
        hits
    }
}

fn case_of(query: &Query) -> Case {
    if query.is_case_insensitive() { Case::Insensitive } else { Case::Sensitive }
}

/// Returns a pattern for the query in raw JSON, in the spelling that most writers use; `None` if it is too large.
fn plain_pattern(query: &Query) -> Option<regex::bytes::Regex> {
    let pattern = if query.is_literal() {
        let json = serde_json::to_string(query.text()).ok()?;
        regex::escape(json.get(1..json.len().saturating_sub(1))?)
    } else {
        query.text().to_owned()
    };
    regex::bytes::RegexBuilder::new(&pattern)
        .case_insensitive(query.is_case_insensitive())
        .multi_line(true)
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .ok()
}

/// Returns the searcher for the text that all matches of a regular expression contain.
fn required_scanner(query: &Query) -> Option<Scanner> {
    let case = case_of(query);
    let literal = required::literal(query.text()).filter(|literal| !fold::begins_inside_segment(literal))?;
    let folded = fold::fold_text(literal.trim(), case);
    // A mark after the literal may change its last character.
    let end = folded.char_indices().next_back().map_or(0, |(at, _)| at);
    let needle = folded.get(..end).filter(|needle| !needle.trim().is_empty())?;
    Some(Scanner::new(needle, case))
}

/// Calls `visit` with each piece of raw JSON that has one of the places, until it returns `false`.
fn visit_pieces<'a>(
    raw: &'a [u8],
    places: Option<&[Place]>,
    mut visit: impl FnMut(Piece<'a>, Option<&[Place]>) -> bool,
) {
    let mut rest = places;
    if rest.is_some_and(<[Place]>::is_empty) {
        return;
    }
    let base = raw.as_ptr() as usize;
    for piece in tokens::tokens(raw).flat_map(|range| tokens::pieces(raw.get(range).unwrap_or_default())) {
        let piece_end = piece.raw.as_ptr() as usize - base + piece.raw.len();
        let inside = rest.map(|places| {
            let end = places.partition_point(|place| place.start() < piece_end);
            places.split_at_checked(end).unwrap_or_default()
        });
        rest = inside.map(|(_, rest)| rest);
        let inside = inside.map(|(inside, _)| inside);
        if inside.is_some_and(<[Place]>::is_empty) {
            continue;
        }
        if !visit(piece, inside) {
            return;
        }
        if rest.is_some_and(<[Place]>::is_empty) {
            return;
        }
    }
}

/// Returns the number of hits without overlaps, if no place must be decoded.
fn count_sure(places: &[Place]) -> Option<usize> {
    let mut end = 0;
    let mut count = 0;
    for place in places {
        match place {
            Place::Perhaps(_) => return None,
            Place::Hit(hit) if hit.start >= end => {
                end = hit.end;
                count += 1;
            }
            Place::Hit(_) => {}
        }
    }
    Some(count)
}

/// Adds hits that do not overlap earlier ones, and sorts all hits.
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
