//! The quick look at raw JSON: most messages have no hit, and this rejects them near memory speed.
//!
//! It looks for one character of the query, the rarest, in every spelling that folds to it, and walks from there to both
//! sides ([`walk`]). Whatever lies between it and the next character of the query (markup, an invisible character, an
//! escape) begins with a byte that is looked for, too. So no hit is missed, whatever breaks it.
//!
//! Example: `unbelievable` is looked for as `v` with `a`, since `va` is rare. The bytes searched for are `va` (in both
//! cases), `v*`, ``v` ``, `v[`, `v\` and the like, full-width and other forms of `v`, its escapes and its entities. In
//! `un**believ**able`, `v*` is found: before it `e`, `i`, `l`, `e`, `b` agree until the `*`, so the token is decoded.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, packed};
use memchr::memmem;
use unicode_normalization::UnicodeNormalization;

use super::fold::{self, Case, fold_text};
use super::walk::{self, Step, backward, forward};
use crate::json;

/// A place in raw JSON where the query is, or may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A hit, as it is written.
    Hit(Range<usize>),
    /// Only decoding the token at this byte can tell.
    Perhaps(usize),
}

impl Place {
    /// A byte of the token that holds the place.
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
    /// The index of the character that is looked for; `None` if the query has none but white space.
    anchor: Option<usize>,
    case: Case,
    searcher: Option<Searcher>,
    /// The characters that fold to the anchor, alone or with others; sorted.
    forms: Vec<char>,
    /// Whether hits that are found without decoding count: not if the query has signs that JSON uses itself.
    is_plain: bool,
}

#[derive(Debug)]
enum Searcher {
    One(Box<memmem::Finder<'static>>),
    Packed(packed::Searcher),
    Any(AhoCorasick),
}

/// More patterns than this are shortened.
const MAX_PATTERNS: usize = 60;

/// The bytes after a letter that may begin markup, an escape or an invisible character inside of a word.
const BREAKS: &[&[u8]] = &[
    b"*",
    b"`",
    b"~",
    b"[",
    b"]",
    b"<",
    b">",
    b"&",
    b"_",
    b"\\",
    b" `",
    b"![",
    &[0xC2, 0xAD],
    &[0xCD, 0x8F],
    &[0xD8, 0x9C],
    &[0xE1, 0xA0],
    &[0xE2, 0x80],
    &[0xE2, 0x81],
    &[0xEF, 0xB8],
    &[0xEF, 0xBB],
    &[0xF3, 0xA0],
];

/// The frequency of letters in text and keys, in tenths of a percent.
const LETTERS: [u16; 26] =
    [75, 16, 32, 42, 120, 20, 20, 40, 75, 3, 9, 40, 26, 72, 75, 26, 2, 70, 68, 92, 30, 12, 15, 4, 18, 3];

/// The characters that fold to a given one.
#[derive(Default)]
struct Forms {
    /// By the characters they fold to, alone or with others.
    folded: HashMap<char, Vec<char>>,
    /// By their parts once marks stand apart.
    parts: HashMap<char, Vec<char>>,
}

/// The forms of all characters; ideographs and syllables have no others.
static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let ranges =
        ['\u{A0}'..='\u{33FF}', '\u{A640}'..='\u{ABFF}', '\u{F900}'..='\u{1FBFF}', '\u{2F800}'..='\u{2FA1D}'];
    let changed = |c: &char| walk::fold_inert(*c, Case::Insensitive) != Some(*c) || has_marks(*c);
    let mut forms = Forms::default();
    for c in ranges.into_iter().flatten().filter(changed) {
        for case in [Case::Sensitive, Case::Insensitive] {
            let folded = fold_text(c.encode_utf8(&mut [0; 4]), case);
            folded.chars().for_each(|part| forms.folded.entry(part).or_default().push(c));
            folded.nfkd().for_each(|part| forms.parts.entry(part).or_default().push(c));
        }
    }
    forms
});

impl Scanner {
    /// Prepares the quick look for a folded query; `needle` may be empty.
    pub(super) fn new(needle: &str, case: Case) -> Self {
        let needle: Vec<char> = needle.chars().collect();
        let anchor = (0..needle.len())
            .filter(|at| {
                // Marks may stand in another order.
                needle.get(*at).is_some_and(|c| !c.is_whitespace() && fold::starts_segment(*c))
            })
            .min_by_key(|at| frequency(&needle, *at));
        let is_plain =
            needle.iter().all(|c| !c.is_ascii() || c.is_ascii_alphanumeric() || " -./@'=+%$?".contains(*c));
        let mut scanner = Self { needle, anchor, case, searcher: None, forms: Vec::new(), is_plain };
        if let Some(at) = anchor {
            scanner.forms = scanner.forms_of(at);
            scanner.searcher = Some(Searcher::new(scanner.patterns(at)));
        }
        scanner
    }

    /// Whether there is nothing to look for, so that every token may have a hit.
    pub(super) fn finds_nothing(&self) -> bool {
        self.anchor.is_none()
    }

    /// Calls `visit` with the places of the query in raw JSON, in no certain order, until it returns `false`.
    pub(super) fn visit(&self, raw: &[u8], mut visit: impl FnMut(Place) -> bool) {
        let (Some(anchor), Some(searcher)) = (self.anchor, &self.searcher) else {
            return;
        };
        let mut at = 0;
        while let Some(found) = searcher.find(raw, at) {
            at = found + 1;
            if self.place_at(raw, found, anchor).is_some_and(|place| !visit(place)) {
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

    /// The place whose anchor begins at a byte.
    fn place_at(&self, raw: &[u8], at: usize, anchor: usize) -> Option<Place> {
        let c = match raw.get(at) {
            Some(byte) if byte.is_ascii() => char::from(*byte),
            _ => walk::char_at(raw, at).filter(|c| self.is_form(*c))?,
        };
        let expected = self.needle.get(anchor).copied()?;
        if walk::is_escaped(raw, at) {
            // A digit or letter of an escape stands for itself only where the backslash is escaped, too.
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

    /// Walks from the anchor to both sides.
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

    /// Whether the characters around an unusual form of the anchor may be those of the query.
    fn fits(&self, raw: &[u8], form: Range<usize>, anchor: usize, is_whole: bool) -> bool {
        let (start, end) = (form.start, form.end);
        let before = anchor.checked_sub(1).and_then(|at| self.needle.get(at));
        let after = self.needle.get(anchor + 1).filter(|_| is_whole && end > start);
        let differs = |step: Step| step == Step::Different;
        let is_whole = is_whole || end == start;
        !(is_whole && before.is_some_and(|c| differs(backward(raw, start, *c, self.case)))
            || after.is_some_and(|c| differs(forward(raw, end, *c, self.case))))
    }

    /// Whether a character may fold to the anchor.
    fn is_form(&self, c: char) -> bool {
        self.forms.binary_search(&c).is_ok()
    }

    /// Whether a character folds to the anchor alone.
    fn is_whole(&self, c: char) -> bool {
        let folded = fold_text(c.encode_utf8(&mut [0; 4]), self.case);
        let anchor = self.anchor.and_then(|at| self.needle.get(at));
        let mut chars = folded.chars();
        chars.next().as_ref() == anchor && chars.next().is_none() && !anchor.is_some_and(|c| has_marks(*c))
    }

    /// All characters that fold to the one at this index, alone, with others, or together with the marks that follow.
    fn forms_of(&self, at: usize) -> Vec<char> {
        let Some(anchor) = self.needle.get(at).copied() else { return Vec::new() };
        let base = std::iter::once(anchor).nfkd().next().unwrap_or(anchor);
        let found = match has_marks(anchor) {
            true => FORMS.parts.get(&base),
            false => FORMS.folded.get(&anchor),
        };
        let mut forms = found.cloned().unwrap_or_default();
        for c in [anchor, base] {
            forms.push(c);
            if self.case == Case::Insensitive {
                forms.extend(c.to_uppercase().chain(c.to_lowercase()));
            }
        }
        // A syllable of Hangul may be composed of one without its last consonant.
        forms.extend(hangul_stem(anchor));
        forms.sort_unstable();
        forms.dedup();
        forms
    }

    /// The byte strings that the anchor may begin with.
    fn patterns(&self, at: usize) -> Vec<Vec<u8>> {
        let mut patterns: Vec<Vec<u8>> = Vec::new();
        let nexts = self.needle.get(at + 1).filter(|c| c.is_ascii_alphanumeric()).map(|_| self.nexts(at + 1));
        let is_composed = self.needle.get(at).is_some_and(|c| has_marks(*c));
        for form in &self.forms {
            let bytes = form.encode_utf8(&mut [0; 4]).as_bytes().to_vec();
            match &nexts {
                Some(nexts) if form.is_ascii() && !is_composed => {
                    nexts.iter().for_each(|next| patterns.push([bytes.as_slice(), next].concat()));
                }
                Some(_) | None => patterns.push(bytes),
            }
        }
        patterns.sort_unstable();
        patterns.dedup();
        if patterns.len() > MAX_PATTERNS {
            patterns.iter_mut().for_each(|pattern| pattern.truncate(2));
            patterns.dedup();
        }
        patterns
    }
}

impl Scanner {
    /// The byte strings that the character at this index, or a break before it, may begin with.
    fn nexts(&self, at: usize) -> Vec<Vec<u8>> {
        let forms = self.forms_of(at);
        BREAKS.iter().map(|bytes| bytes.to_vec()).chain(forms.iter().map(|c| first_bytes(*c))).collect()
    }
}

impl Searcher {
    fn new(patterns: Vec<Vec<u8>>) -> Self {
        if let [only] = patterns.as_slice() {
            return Self::One(Box::new(memmem::Finder::new(only).into_owned()));
        }
        let packed =
            packed::Config::new().heuristic_pattern_limits(false).builder().extend(&patterns).build();
        match packed {
            Some(packed) => Self::Packed(packed),
            None => AhoCorasick::new(&patterns)
                .map_or_else(|_| Self::One(Box::new(memmem::Finder::new(b"").into_owned())), Self::Any),
        }
    }

    /// The start of the next match from a byte on.
    fn find(&self, raw: &[u8], from: usize) -> Option<usize> {
        match self {
            Self::One(finder) => finder.find(raw.get(from..)?).map(|at| from + at),
            Self::Packed(packed) => {
                let span = aho_corasick::Span { start: from.min(raw.len()), end: raw.len() };
                packed.find_in(raw, span).map(|found| found.start())
            }
            Self::Any(any) => any.find(raw.get(from..)?).map(|found| from + found.start()),
        }
    }
}

/// A number that is smaller for rarer characters.
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
        _ if has_marks(c) => 60_000,
        _ if !c.is_ascii() => {
            if ('\u{370}'..'\u{E00}').contains(&c) {
                6_000
            } else {
                500
            }
        }
        Some(next) if c.is_ascii_alphanumeric() => of(c) * of(*next),
        _ => of(c) * 1000,
    }
}

/// Whether a character can be written as another one with marks.
fn has_marks(c: char) -> bool {
    !c.is_ascii() && std::iter::once(c).nfd().nth(1).is_some()
}

/// A syllable of Hangul without its last consonant.
fn hangul_stem(c: char) -> Option<char> {
    let index = u32::from(c).checked_sub(0xAC00).filter(|index| *index < 11172)?;
    char::from_u32(0xAC00 + index / 28 * 28)
}

/// The bytes that a character begins with, so many that few others begin with them.
fn first_bytes(c: char) -> Vec<u8> {
    let mut buffer = [0; 4];
    let bytes = c.encode_utf8(&mut buffer).as_bytes();
    bytes.iter().copied().take(2).collect()
}

/// Whether an entity begins at this byte that may stand for a letter or nothing.
fn is_unusual_entity(raw: &[u8], at: usize) -> bool {
    let rest = raw.get(at + 1..).unwrap_or_default();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'#';
    let len = rest.iter().take(40).position(|byte| !is_name(byte)).unwrap_or_default();
    let name = rest.get(..len).unwrap_or_default();
    let is_usual = [b"amp".as_slice(), b"lt", b"gt", b"quot", b"apos", b"nbsp", b"#39", b"#34", b"#x27"];
    len > 1 && matches!(rest.get(len), Some(b';' | b'\\')) && !is_usual.contains(&name)
}
