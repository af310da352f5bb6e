//! The quick look at raw JSON: most messages have no hit, and this rejects them at memory speed. It looks for the longest
//! word of the query in every usual spelling; then for the characters that could hide it (full-width forms, ligatures,
//! invisible characters) and for markup inside of words, where these agree with the word.

use std::collections::HashMap;
use std::fmt::Write;
use std::iter::once;
use std::sync::LazyLock;

use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::fold::{Case, fold_text};
use crate::json;

/// Memory limit of a compiled pattern, in bytes; a hostile expression is rejected instead.
pub(super) const MAX_PATTERN_BYTES: usize = 4 << 20;

/// The presence of a word in raw JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Absent,
    Whole,
    /// Perhaps, with markup or unusual characters in it.
    Broken,
}

/// Looks for one word of a folded query.
#[derive(Debug)]
pub(super) struct Prefilter {
    pattern: Pattern,
    /// The word; empty if the query has none, only signs.
    word: String,
    /// The word with its accents apart.
    decomposed: String,
    case: Case,
}

#[derive(Debug)]
enum Pattern {
    /// A plain byte string, found at memory speed.
    Literal(Box<memmem::Finder<'static>>),
    Regex(Regex),
    /// Nothing to look for: every message may match.
    Any,
}

/// The longest markup inside of a word that is looked through, in bytes.
const MAX_MARKUP: usize = 2048;

/// Bytes that are examined at once.
const BLOCK: usize = 64;

/// The other forms of each character, such as the positional forms of Arabic letters.
static COMPATIBLE: LazyLock<HashMap<char, Vec<char>>> = LazyLock::new(|| {
    let mut forms: HashMap<char, Vec<char>> = HashMap::new();
    for form in '\u{A0}'..='\u{2FA1D}' {
        if is_nfkc_quick(once(form)) == IsNormalized::Yes {
            continue;
        }
        let mut composed = once(form).nfkc();
        if let (Some(usual), None) = (composed.next(), composed.next()) {
            forms.entry(usual).or_default().push(form);
        }
    }
    forms
});

impl Prefilter {
    /// Prepares the quick look for a query, as typed and folded.
    pub(super) fn new(typed: &str, needle: &str, case: Case) -> Self {
        let words = needle.split(|c: char| !c.is_alphanumeric());
        let word = words.max_by_key(|word| word.chars().count()).unwrap_or_default();
        let is_caseless = case == Case::Sensitive || !word.chars().any(char::is_alphabetic);
        let signs = needle.chars().find(|c| !c.is_whitespace()).map(String::from).unwrap_or_default();
        let pattern = if word.chars().any(is_part_of_expansion) {
            Pattern::Any
        } else if word.is_empty() {
            compile(&raw_pattern(&signs, case), case)
        } else if word.is_ascii() && is_caseless {
            Pattern::Literal(Box::new(memmem::Finder::new(word).into_owned()))
        } else {
            // A sign of many letters may stand in the text as it was typed.
            let sign = typed.chars().filter(|c| !c.is_ascii()).max_by_key(|c| c.nfkc().count());
            let sign =
                sign.filter(|c| c.nfkc().nth(1).is_some()).map(|c| format!("|{}", spelling_pattern(c)));
            compile(&format!("{}{}", raw_pattern(word, case), sign.unwrap_or_default()), case)
        };
        Self { pattern, word: word.to_owned(), decomposed: word.nfd().collect(), case }
    }

    /// Whether the query has signs or blanks besides one word: only then can markup between words hide it.
    pub(super) fn is_one_word(&self, needle: &str) -> bool {
        self.word == needle
    }

    /// Looks for the word in raw JSON; if thorough, also where markup or unusual characters may hide it.
    pub(super) fn presence(&self, raw: &[u8], is_thorough: bool) -> Presence {
        let is_whole = match &self.pattern {
            Pattern::Literal(finder) => finder.find(raw).is_some(),
            Pattern::Regex(pattern) => pattern.is_match(raw),
            Pattern::Any => true,
        };
        match is_whole {
            true => Presence::Whole,
            false if is_thorough && !self.word.is_empty() && self.is_hidden(raw) => Presence::Broken,
            false => Presence::Absent,
        }
    }

    /// Whether unusual characters or markup may hide the word.
    fn is_hidden(&self, raw: &[u8]) -> bool {
        let is_disguised = |at: usize| is_disguise(raw.get(at..).unwrap_or_default()) && self.fits(raw, at);
        let blocks = raw.chunks(BLOCK).enumerate().filter(|(_, block)| !block.is_ascii());
        let mut bytes = blocks.flat_map(|(index, block)| (index * BLOCK..).zip(block));
        let is_escaped = |at: usize| {
            let digits = raw.get(at + 2..at + 6).unwrap_or_default();
            is_escaped_disguise(digits) && self.fits(raw, at)
        };
        bytes.any(|(at, byte)| *byte >= 0xC2 && is_disguised(at))
            || memchr::memchr3_iter(b'*', b'`', b'<', raw).any(|at| match raw.get(at) {
                Some(b'<') => self.joins_after(raw, at, b'>'),
                Some(_) | None => self.joins_around(raw, at),
            })
            || memmem::find_iter(raw, b"](").any(|at| self.joins_after(raw, at, b')'))
            || memmem::find_iter(raw, b"\\u").any(is_escaped)
    }

    /// Whether the character at this byte folds to a part of the word, or to nothing between two of its letters.
    fn fits(&self, raw: &[u8], at: usize) -> bool {
        let Some((character, len)) = character_at(raw.get(at..).unwrap_or_default()) else { return false };
        let folded = fold_text(character.encode_utf8(&mut [0; 4]), self.case);
        let folded = folded.trim();
        match folded.is_empty() {
            true => self.joins(raw, at, at + len),
            false => self.word.contains(folded) || self.decomposed.contains(folded),
        }
    }

    /// Whether the letters before `end` and at `start` stand side by side in the word.
    fn joins(&self, raw: &[u8], end: usize, start: usize) -> bool {
        let (Some(before), Some(after)) = (end.checked_sub(1).and_then(|at| raw.get(at)), raw.get(start))
        else {
            return false;
        };
        if !before.is_ascii() || !after.is_ascii() {
            return !self.word.is_ascii();
        }
        let pair = [before, after].map(u8::to_ascii_lowercase);
        self.word.as_bytes().windows(2).any(|letters| letters.eq_ignore_ascii_case(&pair))
    }

    /// Whether letters that stand side by side in the word are around the run of markup that begins at this byte.
    fn joins_around(&self, raw: &[u8], at: usize) -> bool {
        let is_mark = |byte: &u8| matches!(byte, b'*' | b'`' | b'[' | b'~');
        if !self.follows_letter(raw, at) {
            return false;
        }
        let after = raw.get(at..).unwrap_or_default();
        let len = after.iter().take(MAX_MARKUP).position(|byte| !is_mark(byte));
        len.is_some_and(|len| self.joins(raw, at, at + len))
    }

    /// The same for markup from this byte to a closing one.
    fn joins_after(&self, raw: &[u8], at: usize, close: u8) -> bool {
        if !self.follows_letter(raw, at) {
            return false;
        }
        let after = raw.get(at..raw.len().min(at + MAX_MARKUP)).unwrap_or_default();
        memchr::memchr(close, after).is_some_and(|len| self.joins(raw, at, at + len + 1))
    }

    /// Whether the byte before this one may be of the word.
    fn follows_letter(&self, raw: &[u8], at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|at| raw.get(at));
        before.is_some_and(|byte| match byte.is_ascii() {
            true => self.word.bytes().any(|letter| letter.eq_ignore_ascii_case(byte)),
            false => !self.word.is_ascii(),
        })
    }
}

/// Whether a single character may fold to this one and others: Greek letters with iota subscript, Armenian ligatures,
/// letters with marks. No pattern lists all of these.
fn is_part_of_expansion(c: char) -> bool {
    matches!(c, 'ι' | 'ʼ' | 'ʾ' | '\u{300}'..='\u{36F}' | '\u{561}'..='\u{587}')
}

/// Whether raw text begins with a character that folds to ASCII letters, digits or nothing, or to a full-width form:
/// ligatures, letters in mathematical or small style, soft hyphens, joiners.
fn is_disguise(raw: &[u8]) -> bool {
    match raw {
        [0xC2, byte, ..] => matches!(byte, 0xAA | 0xAD | 0xB2 | 0xB3 | 0xB5 | 0xB9 | 0xBA),
        [0xC3, byte, ..] => *byte == 0x9F,
        [0xC4, byte, ..] => matches!(byte, 0xB0..=0xB3),
        [0xC5, byte, ..] => *byte == 0xBF,
        [0xC7, byte, ..] => matches!(byte, 0x84..=0x8C | 0xB1..=0xB3),
        [0xCA | 0xCB, ..] => true,
        [0xCD, byte, ..] => *byte == 0x8F,
        [0xE1, second, ..] => matches!(second, 0xB4..=0xB6 | 0xBA),
        [0xE2, 0x80, third, ..] => matches!(third, 0x8B..=0x8F | 0xAA..=0xAE),
        [0xE2, second, ..] => matches!(second, 0x81 | 0x82 | 0x84 | 0x85 | 0x91..=0x93 | 0xB1),
        [0xE3, second, ..] => matches!(second, 0x88..=0x8F),
        [0xEF, second, ..] => matches!(second, 0xAC | 0xB8 | 0xBB..=0xBE),
        [0xF0, 0x9D, third, ..] => matches!(third, 0x90..=0x9F),
        [0xF0, 0x9F, third, ..] => matches!(third, 0x84 | 0x85 | 0xAF),
        _ => false,
    }
}

/// The same for the digits of an escape; ASCII letters and digits can be escaped, too.
fn is_escaped_disguise(digits: &[u8]) -> bool {
    let digits = std::str::from_utf8(digits).ok().and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let Some(code) = digits else { return false };
    let is_high_surrogate = matches!(code, 0xD835 | 0xD83C);
    let is_ascii_sign = code < 0x80 && !char::from_u32(code).is_some_and(|c| c.is_ascii_alphanumeric());
    is_high_surrogate
        || !is_ascii_sign
            && char::from_u32(code)
                .is_some_and(|c| c.is_ascii() || is_disguise(c.encode_utf8(&mut [0; 4]).as_bytes()))
}

/// Compiles a pattern; one that is too large matches everything, so that nothing is missed.
fn compile(pattern: &str, case: Case) -> Pattern {
    if pattern.is_empty() {
        return Pattern::Any;
    }
    let is_ascii = pattern.is_ascii();
    RegexBuilder::new(pattern)
        .case_insensitive(case == Case::Insensitive)
        .unicode(!is_ascii)
        .size_limit(MAX_PATTERN_BYTES)
        .build()
        .map_or(Pattern::Any, Pattern::Regex)
}

/// A pattern for every usual spelling of a folded text in raw JSON.
fn raw_pattern(text: &str, case: Case) -> String {
    text.chars().map(|c| char_pattern(c, case)).collect()
}

fn char_pattern(c: char, case: Case) -> String {
    if c.is_ascii_alphanumeric() {
        return c.to_string();
    }
    let mut forms: Vec<String> = vec![c.to_string()];
    if case == Case::Insensitive {
        forms.extend([c.to_uppercase().collect(), c.to_lowercase().collect()]);
        // The lower case of a final sigma.
        forms.extend((c == 'σ').then(|| 'ς'.to_string()));
    }
    if !c.is_ascii() {
        let compatible = forms.iter().flat_map(|form| form.chars()).filter_map(|form| COMPATIBLE.get(&form));
        let compatible: Vec<String> = compatible.flatten().map(char::to_string).collect();
        forms.extend(compatible);
    }
    let decomposed: Vec<String> = forms.iter().map(|form| form.nfd().collect()).collect();
    forms.extend(decomposed);
    forms.extend(similar_signs(c).iter().map(|sign| sign.to_string()));
    forms.extend(char::from_u32(u32::from(c) + 0xFEE0).filter(|_| c.is_ascii_graphic()).map(String::from));
    forms.sort_unstable();
    forms.dedup();
    let patterns: Vec<String> =
        forms.iter().map(|form| form.chars().map(spelling_pattern).collect()).collect();
    format!("(?:{})", patterns.join("|"))
}

/// The characters that fold to an ASCII sign.
fn similar_signs(c: char) -> &'static [char] {
    match c {
        '-' => {
            &['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2043}', '\u{2212}']
        }
        '\'' => &['\u{2018}', '\u{2019}', '\u{201A}', '\u{201B}', '\u{2032}', '\u{2BC}', '\u{B4}'],
        '"' => &['\u{201C}', '\u{201D}', '\u{201E}', '\u{201F}', '\u{2033}', '\u{AB}', '\u{BB}'],
        '.' => &['\u{2026}'],
        _ => &[],
    }
}

/// A pattern for a character as JSON may spell it, and for the entity of markup.
fn spelling_pattern(c: char) -> String {
    let escape = unicode_escape_pattern(c);
    match c {
        '"' => format!("(?:\\\\\"|&quot;|{escape})"),
        '\\' => "\\\\\\\\".to_owned(),
        '\n' => "\\\\n".to_owned(),
        '\t' => "\\\\t".to_owned(),
        '<' => format!("(?:<|&lt;|{escape})"),
        '>' => format!("(?:>|&gt;|{escape})"),
        '\'' => format!("(?:'|&#39;|&apos;|{escape})"),
        _ => format!("(?:{}|{escape})", regex::escape(c.encode_utf8(&mut [0; 4]))),
    }
}

/// A pattern for `\u00e9` with hex digits in either case; a surrogate pair outside the basic plane.
fn unicode_escape_pattern(c: char) -> String {
    let mut pattern = String::new();
    for unit in c.encode_utf16(&mut [0; 2]) {
        pattern.push_str("\\\\u");
        for digit in format!("{unit:04x}").chars() {
            if digit.is_ascii_digit() {
                pattern.push(digit);
            } else {
                let _ = write!(pattern, "[{digit}{}]", digit.to_ascii_uppercase());
            }
        }
    }
    pattern
}

/// The character at the start of raw JSON, perhaps escaped, and its length in bytes.
fn character_at(raw: &[u8]) -> Option<(char, usize)> {
    if let Some(escape) = raw.strip_prefix(b"\\") {
        let (character, len) = json::unescape(escape);
        return Some((character, len + 1));
    }
    let window = raw.get(..raw.len().min(4))?;
    let character = window.utf8_chunks().next()?.valid().chars().next()?;
    Some((character, character.len_utf8()))
}
