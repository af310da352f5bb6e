//! The fast search of raw JSON: most messages have no hit, and this rejects them near memory speed. It searches for the
//! rarest character of the query, in every spelling that folds to it, and compares from there to both sides ([`walk`]).
//! Only certain bytes may follow it: the next character of the query, or the first byte of markup, an invisible character
//! or an escape between them. So no hit is missed, even if it is interrupted. Example: the search for `unbelievable` finds
//! `v`, the rarest of its letters: `v` and `V` before `a`, `*`, `[`, `\` and the like, full-width and other forms of `v`,
//! its escapes and its entities. In `un**believ**able`, it finds the `v` before `*`. Backwards from it, `e`, `i`, `l`, `e`,
//! `b` match until the `*`, so the token is decoded.

use std::ops::Range;

use aho_corasick::{AhoCorasick, packed};
use memchr::memmem;

use super::fold::{self, Case, fold_text};
use super::forms::{self, has_marks};
use super::walk::{self, Step, backward, forward};
use crate::json;

/// A place in raw JSON where the query occurs, or may occur.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A verbatim hit.
    Hit(Range<usize>),
    /// The token at this byte must be decoded to decide.
    Perhaps(usize),
}

impl Place {
    /// Creates a byte of the token that holds the place.
    pub(super) fn start(&self) -> usize {
        match self {
            Self::Hit(hit) => hit.start,
            Self::Perhaps(at) => *at,
        }
    }
}

/// Finds the places of a folded query.
#[derive(Debug)]
pub(super) struct Scanner {
    needle: Vec<char>,
    /// The index of the character to search for; `None` if the query has only white space.
    anchor: Option<usize>,
    case: Case,
    searcher: Searcher,
    /// The characters that fold to the anchor, alone or with others; sorted.
    forms: Vec<char>,
    /// Whether hits can be found without decoding; false if the query has characters that JSON itself uses.
    is_plain: bool,
}

/// Finds the bytes where the anchor may begin.
#[derive(Debug, Default)]
struct Searcher {
    /// The one-byte forms of the anchor: none, or both cases.
    bytes: Option<(u8, u8)>,
    /// The bytes that may follow one of these; `None` if all may.
    nexts: Option<Box<[bool; 256]>>,
    /// The other forms of the anchor.
    others: Option<Others>,
}

#[derive(Debug)]
enum Others {
    Packed(packed::Searcher),
    Any(AhoCorasick),
}

/// The maximum number of patterns; more patterns are shortened.
const MAX_PATTERNS: usize = 60;

/// The maximum number of bytes of a form to search for; further bytes are compared at each match.
const MAX_PATTERN: usize = 3;

/// The number of bytes that are examined at once for characters beyond ASCII.
const BLOCK: usize = 128;

/// The bytes after a letter that may begin markup, an escape or an invisible character inside of a word.
const BREAKS: &[u8] = &[
    b'*', b'`', b'~', b'[', b']', b'<', b'>', b'&', b'_', b'\\', b' ', b'!', 0xC2, 0xCD, 0xD8, 0xE1, 0xE2,
    0xEF, 0xF3,
];

/// The frequency of letters in text and keys, in tenths of a percent.
const LETTERS: [u16; 26] =
    [75, 16, 32, 42, 120, 20, 20, 40, 75, 3, 9, 40, 26, 72, 75, 26, 2, 70, 68, 92, 30, 12, 15, 4, 18, 3];

impl Scanner {
    /// Creates the scanner for a folded query; `needle` may be empty.
    pub(super) fn new(needle: &str, case: Case) -> Self {
        let needle: Vec<char> = needle.chars().collect();
        let anchor = (0..needle.len())
            .filter(|at| {
                // Marks may be in another order.
                needle.get(*at).is_some_and(|c| !c.is_whitespace() && fold::starts_segment(*c))
            })
            .min_by_key(|at| {
                // Between two other characters, a break is seldom the only match.
                let is_inside = *at > 0 && at + 1 < needle.len();
                frequency(&needle, *at) * if is_inside { 1 } else { 4 }
            });
        let is_plain =
            needle.iter().all(|c| !c.is_ascii() || c.is_ascii_alphanumeric() || " -./@'=+%$?".contains(*c));
        let mut scanner =
            Self { needle, anchor, case, searcher: Searcher::default(), forms: Vec::new(), is_plain };
        if let Some(at) = anchor {
            scanner.forms = scanner.forms_of(at);
            scanner.searcher = Searcher::new(&scanner.forms, scanner.nexts(at));
        }
        scanner
    }

    /// Returns whether there is nothing to search for, so that every token may have a hit.
    pub(super) fn finds_nothing(&self) -> bool {
        self.anchor.is_none()
    }

    /// Calls `visit` with the places of the query in raw JSON, in any order, until it returns `false`.
    pub(super) fn visit(&self, raw: &[u8], mut visit: impl FnMut(Place) -> bool) {
        let Some(anchor) = self.anchor else { return };
        for at in self.searcher.bytes_in(raw).chain(self.searcher.others_in(raw)) {
            if self.place_at(raw, at, anchor).is_some_and(|place| !visit(place)) {
                return;
            }
        }
        let is_sign = self.needle.get(anchor).is_some_and(|c| !c.is_alphanumeric());
        for at in memchr::memchr_iter(b'&', raw) {
            if (is_sign || is_unusual_entity(raw, at))
                && self.fits(raw, at..at, anchor, true)
                && !visit(Place::Perhaps(at))
            {
                return;
            }
        }
        for at in memmem::find_iter(raw, b"\\u") {
            let (c, len) = json::unescape(raw.get(at + 1..).unwrap_or_default());
            let is_form = self.is_form(c) && self.fits(raw, at..at + 1 + len, anchor, self.is_whole(c));
            let is_odd = c == '\\' || c == '&' && (is_sign || is_unusual_entity(raw, at + len));
            if (is_form || is_odd) && !visit(Place::Perhaps(at)) {
                return;
            }
        }
    }

    /// Returns the place whose anchor begins at a byte.
    fn place_at(&self, raw: &[u8], at: usize, anchor: usize) -> Option<Place> {
        let c = match raw.get(at) {
            Some(byte) if byte.is_ascii() => char::from(*byte),
            _ => walk::char_at(raw, at).filter(|c| self.is_form(*c))?,
        };
        let expected = self.needle.get(anchor).copied()?;
        if walk::is_escaped(raw, at) {
            // A digit or letter in an escape is literal only if the backslash is also escaped.
            let is_sign = !c.is_ascii_alphanumeric();
            return (is_sign || walk::is_escaped_twice(raw, at)).then_some(Place::Perhaps(at));
        }
        let is_same = match c.is_ascii() {
            true => forward(raw, at, expected, self.case),
            false => match walk::fold_inert(c, self.case) {
                Some(folded) if folded == expected => Step::Same(at + c.len_utf8()),
                _ => {
                    let end = at + c.len_utf8();
                    return self.fits(raw, at..end, anchor, self.is_whole(c)).then_some(Place::Perhaps(at));
                }
            },
        };
        match is_same {
            Step::Same(end) => self.walk(raw, at, end, anchor),
            Step::Perhaps => self.fits(raw, at..at, anchor, false).then_some(Place::Perhaps(at)),
            Step::Different => None,
        }
    }

    /// Compares from the anchor to both sides.
    fn walk(&self, raw: &[u8], start: usize, end: usize, anchor: usize) -> Option<Place> {
        let (mut start_at, mut end_at) = (start, end);
        let mut is_sure = self.is_plain;
        for expected in self.needle.get(anchor + 1..).unwrap_or_default() {
            match forward(raw, end_at, *expected, self.case) {
                Step::Same(next) => end_at = next,
                Step::Different => return None,
                Step::Perhaps => {
                    is_sure = false;
                    break;
                }
            }
        }
        for expected in self.needle.get(..anchor).unwrap_or_default().iter().rev() {
            match backward(raw, start_at, *expected, self.case) {
                Step::Same(next) => start_at = next,
                Step::Different => return None,
                Step::Perhaps => {
                    is_sure = false;
                    break;
                }
            }
        }
        is_sure &= !walk::is_escaped(raw, start_at) && !walk::has_mark(raw, end_at);
        Some(if is_sure { Place::Hit(start_at..end_at) } else { Place::Perhaps(start) })
    }

    /// Returns whether the characters around an unusual form of the anchor may match the query.
    fn fits(&self, raw: &[u8], form: Range<usize>, anchor: usize, is_whole: bool) -> bool {
        let (start, end) = (form.start, form.end);
        let before = anchor.checked_sub(1).and_then(|at| self.needle.get(at));
        let after = self.needle.get(anchor + 1).filter(|_| is_whole && end > start);
        let differs = |step: Step| step == Step::Different;
        let is_whole = is_whole || end == start;
        !(is_whole && before.is_some_and(|c| differs(backward(raw, start, *c, self.case)))
            || after.is_some_and(|c| differs(forward(raw, end, *c, self.case))))
    }

    /// Returns whether a character may fold to the anchor.
    fn is_form(&self, c: char) -> bool {
        self.forms.binary_search(&c).is_ok()
    }

    /// Returns whether a character folds to exactly the anchor.
    fn is_whole(&self, c: char) -> bool {
        let folded = fold_text(c.encode_utf8(&mut [0; 4]), self.case);
        let anchor = self.anchor.and_then(|at| self.needle.get(at));
        let mut chars = folded.chars();
        chars.next().as_ref() == anchor && chars.next().is_none() && !anchor.is_some_and(|c| has_marks(*c))
    }

    /// Returns all characters that fold to the one at this index, alone or with others.
    fn forms_of(&self, at: usize) -> Vec<char> {
        self.needle.get(at).map_or_else(Vec::new, |c| forms::forms_of(*c, self.case))
    }

    /// Returns the bytes that may follow a form of one byte of the character at this index; `None` if all may.
    fn nexts(&self, at: usize) -> Option<Box<[bool; 256]>> {
        let mut nexts = Box::new([false; 256]);
        let mut allow = |byte: u8| {
            if let Some(is_allowed) = nexts.get_mut(usize::from(byte)) {
                *is_allowed = true;
            }
        };
        if self.needle.get(at).is_some_and(|c| has_marks(*c)) {
            // It is the character only together with a mark.
            (0..=u8::MAX).filter(|byte| *byte >= 0x80 || walk::may_hide_mark(*byte)).for_each(allow);
        } else {
            self.needle.get(at + 1).filter(|c| c.is_ascii_alphanumeric())?;
            BREAKS.iter().for_each(|byte| allow(*byte));
            self.forms_of(at + 1).iter().for_each(|c| allow(first_byte(*c)));
        }
        Some(nexts)
    }
}

impl Searcher {
    fn new(forms: &[char], nexts: Option<Box<[bool; 256]>>) -> Self {
        let bytes: Vec<u8> = forms.iter().filter(|c| c.is_ascii()).map(|c| first_byte(*c)).collect();
        let bytes = bytes.first().copied().zip(bytes.last().copied());
        let mut patterns: Vec<Vec<u8>> =
            forms.iter().filter(|c| !c.is_ascii()).map(|c| first_bytes(*c)).collect();
        patterns.dedup();
        if patterns.len() > MAX_PATTERNS {
            patterns.iter_mut().for_each(|pattern| pattern.truncate(2));
            patterns.dedup();
        }
        Self { bytes, nexts, others: Others::new(&patterns) }
    }

    /// Returns the positions where forms of one byte begin.
    fn bytes_in<'a>(&'a self, raw: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let found =
            self.bytes.into_iter().flat_map(move |(one, other)| memchr::memchr2_iter(one, other, raw));
        found.filter(move |at| {
            let Some(nexts) = &self.nexts else { return true };
            match raw.get(at + 1) {
                // A space may only vanish next to a code span.
                Some(b' ') => matches!(raw.get(at + 2), Some(b' ' | b'`' | b'\\')),
                Some(byte) => nexts.get(usize::from(*byte)) == Some(&true),
                None => false,
            }
        })
    }

    /// Returns the positions where other forms begin. They are only in parts that have characters beyond ASCII.
    fn others_in<'a>(&'a self, raw: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        self.others.iter().flat_map(move |others| {
            non_ascii_parts(raw).flat_map(move |part| {
                let mut at = part.start;
                std::iter::from_fn(move || {
                    let found = others.find(raw.get(..part.end)?, at)?;
                    at = found + 1;
                    Some(found)
                })
            })
        })
    }
}

impl Others {
    /// Creates a searcher; `None` without patterns.
    fn new(patterns: &[Vec<u8>]) -> Option<Self> {
        if patterns.is_empty() {
            return None;
        }
        let packed = packed::Config::new().heuristic_pattern_limits(false).builder().extend(patterns).build();
        match packed {
            Some(packed) => Some(Self::Packed(packed)),
            None => AhoCorasick::new(patterns).ok().map(Self::Any),
        }
    }

    /// Returns the start of the next match at or after a byte.
    fn find(&self, raw: &[u8], from: usize) -> Option<usize> {
        match self {
            Self::Packed(packed) => {
                let span = aho_corasick::Span { start: from.min(raw.len()), end: raw.len() };
                packed.find_in(raw, span).map(|found| found.start())
            }
            Self::Any(any) => any.find(raw.get(from..)?).map(|found| from + found.start()),
        }
    }
}

/// Returns the parts of raw bytes with characters beyond ASCII; a character is never in two parts.
fn non_ascii_parts(raw: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    let is_ascii_at = move |at: usize| raw.get(at..raw.len().min(at + BLOCK)).map(<[u8]>::is_ascii);
    std::iter::from_fn(move || {
        while is_ascii_at(at).filter(|_| at < raw.len())? {
            at += BLOCK;
        }
        let start = at;
        while at < raw.len() && is_ascii_at(at) == Some(false) {
            at += BLOCK;
        }
        Some(start..raw.len().min(at))
    })
}

/// Returns a number that is smaller for rarer characters.
fn frequency(needle: &[char], at: usize) -> u32 {
    let of = |c: char| match c {
        'a'..='z' | 'A'..='Z' => {
            let index = (c.to_ascii_lowercase() as usize).saturating_sub('a' as usize);
            u32::from(LETTERS.get(index).copied().unwrap_or(75))
        }
        '0' => 80,
        '1'..='9' => 25,
        _ => 100,
    };
    let Some(&c) = needle.get(at) else { return u32::MAX };
    let next = needle.get(at + 1).filter(|next| next.is_ascii_alphanumeric());
    match next {
        _ if has_marks(c) => 200_000,
        _ if ('\u{370}'..'\u{E00}').contains(&c) => 20_000,
        _ if !c.is_ascii() => 4_000,
        // Each occurrence costs a look at the next byte, and a comparison if that byte matches.
        Some(next) if c.is_ascii_alphanumeric() => of(c) * (300 + of(*next)),
        _ => of(c) * 1300,
    }
}

/// Returns the first bytes of a character, enough that few other characters begin with them.
fn first_bytes(c: char) -> Vec<u8> {
    c.encode_utf8(&mut [0; 4]).bytes().take(MAX_PATTERN).collect()
}

fn first_byte(c: char) -> u8 {
    c.encode_utf8(&mut [0; 4]).bytes().next().unwrap_or_default()
}

/// Returns whether an entity begins at this byte that may represent a letter or nothing.
fn is_unusual_entity(raw: &[u8], at: usize) -> bool {
    let rest = raw.get(at + 1..).unwrap_or_default();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
    let len = rest.iter().take(40).position(|byte| !is_name(byte)).unwrap_or_default();
    let name = rest.get(..len).unwrap_or_default();
    let is_usual = [b"amp".as_slice(), b"lt", b"gt", b"quot", b"apos", b"nbsp", b"#39", b"#34", b"#x27"];
    len > 1 && matches!(rest.get(len), Some(b';' | b'\\')) && !is_usual.contains(&name)
}
