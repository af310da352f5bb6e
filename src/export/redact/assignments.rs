//! Values after secret names: `DB_PASSWORD=…`, `"api_key": "…"`, `the password is …`, `Authorization: Bearer …`.

use std::ops::Range;

use super::Secret;
use super::acceptance::{accepts, is_signature_byte};
use super::headers::{basic, bearer, command, header};
use super::names::{self, Class, Place, Strength};

/// The maximum number of bytes in a value, and in a line of a header or command.
pub(super) const MAX_VALUE: usize = 4096;
/// The maximum number of bytes in a name around its word.
const MAX_NAME: usize = 48;

/// The text between a name and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    /// `=` without spaces.
    Equals,
    /// `=`, `:=`, `=>` and others with spaces.
    SpacedEquals,
    Colon,
    /// A table's `|`.
    Bar,
    /// `<password>`
    Tag,
    /// `is`, `was`, `to`.
    Prose,
    /// A quote after a space, or a command line option.
    Direct,
    /// A space only.
    Space,
}

/// A name in a text.
pub(super) struct Name<'a> {
    pub(super) text: &'a str,
    pub(super) class: Class,
    pub(super) head: &'a str,
    pub(super) strength: Strength,
    /// The end of the name.
    pub(super) end: usize,
    pub(super) is_upper: bool,
}

impl<'a> Name<'a> {
    /// Returns the name of a header, which consists only of its word.
    pub(super) fn of_header(text: &'a str, class: Class, end: usize) -> Self {
        Self { text, class, head: "", strength: Strength::Strong, end, is_upper: false }
    }
}

pub(super) struct Value<'a> {
    pub(super) range: Range<usize>,
    pub(super) text: &'a str,
    pub(super) is_quoted: bool,
    /// Whether only punctuation follows on the line.
    pub(super) ends_line: bool,
}

pub(super) fn byte(text: &str, at: usize) -> u8 {
    text.as_bytes().get(at).copied().unwrap_or(0)
}

pub(super) fn slice(text: &str, range: Range<usize>) -> &str {
    text.get(text.floor_char_boundary(range.start)..text.floor_char_boundary(range.end)).unwrap_or_default()
}

/// Finds the secret that belongs to the name at `range`.
pub(super) fn find(text: &str, range: Range<usize>, class: Class, place: Place) -> Option<Secret> {
    let bytes = text.as_bytes();
    let is_letter = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphabetic);
    if place == Place::Word {
        let is_symbol = !byte(text, range.start).is_ascii_alphanumeric();
        if is_letter(Some(range.end)) || !is_symbol && is_letter(range.start.checked_sub(1)) {
            return None;
        }
    }
    match class {
        Class::Bearer => return bearer(text, range.end),
        Class::Basic => return basic(text, range.end),
        Class::Command => return command(text, range),
        Class::Cookie | Class::Header => return header(text, range.end, class),
        Class::Password | Class::Phrase | Class::Token | Class::Code | Class::Signature => {}
    }
    let name = read_name(text, range, class);
    let (separator, at) = read_separator(&name)?;
    let value = read_value(&name, separator, at)?;
    let kind = match class {
        Class::Password | Class::Phrase => "password",
        _ => "secret",
    };
    accepts(&name, separator, &value).then_some(Secret { range: value.range, kind })
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn read_name<'a>(text: &'a str, range: Range<usize>, class: Class) -> Name<'a> {
    let bytes = text.as_bytes();
    let before = bytes.get(..range.start).unwrap_or_default();
    let head_length = before.iter().rev().take(MAX_NAME).take_while(|byte| is_name_byte(**byte)).count();
    let after = bytes.get(range.end..).unwrap_or_default();
    let mut tail_length = after.iter().take(MAX_NAME).take_while(|byte| is_name_byte(**byte)).count();
    // `password->` and `password -x`: a name does not end with a dash.
    while after.get(..tail_length).is_some_and(|tail| tail.ends_with(b"-")) {
        tail_length -= 1;
    }
    let head = slice(text, range.start - head_length..range.start);
    let end = range.end + tail_length;
    let tail = slice(text, range.end..end);
    let word = slice(text, range.clone());
    let strength = names::strength(head, tail, &word.to_ascii_lowercase());
    let is_upper = word.bytes().any(|byte| byte.is_ascii_uppercase())
        && !word.bytes().any(|byte| byte.is_ascii_lowercase());
    Name { text, class, head, strength, end, is_upper }
}

/// Skips spaces, at most `limit`; returns their end.
pub(super) fn skip_spaces(text: &str, at: usize, limit: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let is_space = |c: &char| matches!(c, ' ' | '\t' | '\u{a0}' | '\u{202f}' | '\u{3000}');
    at + rest.chars().take(limit).take_while(is_space).map(char::len_utf8).sum::<usize>()
}

fn starts_with_ignore_case(text: &str, at: usize, word: &str) -> bool {
    text.as_bytes().get(at..at + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word.as_bytes()))
}

/// Reads the separator between the name and its value; returns the start of the value.
pub(super) fn read_separator(name: &Name<'_>) -> Option<(Separator, usize)> {
    let text = name.text;
    // The end of a quoted, bracketed or bold name.
    let closing = text.as_bytes().get(name.end..).unwrap_or_default();
    let is_closing = |byte: &&u8| matches!(byte, b'\\' | b'"' | b'\'' | b'`' | b']' | b')' | b'*');
    let closed = name.end + closing.iter().take(8).take_while(is_closing).count();
    let mut at = skip_spaces(text, closed, 24);
    if byte(text, at) == b'(' && at > closed {
        let inside = slice(text, at..at + 40);
        let length = inside.find(')').filter(|length| !slice(inside, 0..*length).contains('\n'))?;
        at = skip_spaces(text, at + length + 1, 2);
    }
    let has_spaces = at > closed;
    let rest = text.get(at..)?;
    let (separator, length) = if let Some(found) = read_symbol(name, rest, has_spaces)? {
        found
    } else {
        let is_option = name.head.starts_with('-') || name.head.starts_with("--");
        let opens_quote = matches!(rest.bytes().next(), Some(b'"' | b'\'')) && closed == name.end;
        match read_verb(rest) {
            Some(length) if has_spaces => (Separator::Prose, length),
            _ if has_spaces && (is_option || opens_quote) => (Separator::Direct, 0),
            _ if has_spaces && closed == name.end => (Separator::Space, 0),
            _ => return None,
        }
    };
    Some((separator, at + length))
}

/// Reads an operator. `None` if the text is code, or an address without a value for the name.
fn read_symbol(name: &Name<'_>, rest: &str, has_spaces: bool) -> Option<Option<(Separator, usize)>> {
    if rest.starts_with("::") || rest.starts_with("://") {
        return None;
    }
    for symbol in
        ["===", "!==", ":=", "=>", "->", "==", "!=", "?=", "+=", "||=", "??=", "=", "＝", "%3D", "%3d"]
    {
        if let Some(after) = rest.strip_prefix(symbol) {
            let is_spaced = has_spaces || after.starts_with([' ', '\t']);
            let separator = if is_spaced { Separator::SpacedEquals } else { Separator::Equals };
            return Some(Some((separator, symbol.len())));
        }
    }
    for symbol in [":", "：", "%3A", "%3a"] {
        if rest.starts_with(symbol) {
            return Some(Some((Separator::Colon, symbol.len())));
        }
    }
    // A dash or arrow instead of a verb; verbs that follow without a space.
    let dashes = ["—", "–", "→", "- ", "--> "];
    if let Some(symbol) = dashes.iter().find(|symbol| has_spaces && rest.starts_with(**symbol)) {
        return Some(Some((Separator::Prose, symbol.len())));
    }
    if let Some(symbol) =
        ["是", "为", "為", "は", "：", "는 ", "은 "].iter().find(|verb| rest.starts_with(**verb))
    {
        return Some(Some((Separator::Prose, symbol.len())));
    }
    // `<property name="password" value="…">`
    let attributes = ["value=", "content=", "default=", "text="];
    if let Some(symbol) = attributes.iter().find(|symbol| has_spaces && rest.starts_with(**symbol)) {
        return Some(Some((Separator::Equals, symbol.len())));
    }
    let is_tag = || {
        let start = name.text.get(..name.end).and_then(|before| before.rfind('<'));
        start.is_some_and(|start| {
            name.end - start <= 2 * MAX_NAME && !slice(name.text, start..name.end).contains(['>', ' '])
        })
    };
    if rest.starts_with('|') && !rest.starts_with("||") {
        return Some(Some((Separator::Bar, 1)));
    }
    if rest.starts_with('>') && !has_spaces {
        return if is_tag() { Some(Some((Separator::Tag, 1))) } else { None };
    }
    Some(None)
}

/// Reads the words that lead from a name to its value in prose: `is now set to`.
fn read_verb(rest: &str) -> Option<usize> {
    const VERBS: [&str; 14] =
        ["is", "was", "are", "ist", "war", "lautet", "est", "es", "to", "=", "as", "below", "auf", "será"];
    const FILLERS: [&str; 18] = [
        "now",
        "currently",
        "set",
        "changed",
        "updated",
        "reset",
        "to",
        "the",
        "following",
        "still",
        "also",
        "just",
        "simply",
        "jetzt",
        "ab",
        "sofort",
        "for",
        "this",
    ];
    let mut at = purpose_length(rest);
    let mut has_verb = false;
    for _ in 0..4 {
        let word = rest.get(at..)?.split([' ', '\n', '\u{a0}']).next().unwrap_or_default();
        let plain = word.trim_end_matches([':', ',']).to_lowercase();
        let is_verb = VERBS.contains(&plain.as_str());
        if !(is_verb || has_verb && FILLERS.contains(&plain.as_str())) {
            break;
        }
        has_verb |= is_verb;
        at = skip_spaces(rest, at + word.len(), 2);
    }
    has_verb.then_some(at)
}

/// Returns the length of `for the old server `, with the space.
fn purpose_length(rest: &str) -> usize {
    const STARTS: [&str; 8] = ["for ", "of ", "on ", "to ", "für ", "von ", "pour ", "para "];
    const VERBS: [&str; 8] = ["is", "was", "are", "ist", "lautet", "est", "es", "will"];
    if !STARTS.iter().any(|start| rest.starts_with(start)) {
        return 0;
    }
    let words = slice(rest, 0..2 * MAX_NAME).split_inclusive(' ').take(6);
    let mut length = 0;
    for word in words {
        if VERBS.contains(&word.trim_end()) {
            return length;
        }
        length += word.len();
    }
    0
}

/// Reads the value that begins at or shortly after `at`.
fn read_value<'a>(name: &Name<'a>, separator: Separator, at: usize) -> Option<Value<'a>> {
    let text = name.text;
    let mut at = skip_spaces(text, at, 8);
    let strict = matches!(separator, Separator::Space | Separator::Bar);
    if !strict && byte(text, at) == b'\n' {
        at = skip_spaces(text, at + 1, 12);
    }
    let stars = text.get(at..)?.bytes().take(3).take_while(|byte| *byte == b'*').count();
    at = skip_spaces(text, at + if stars > 1 { stars } else { 0 }, 2);
    // The letters of string literals: b"…", r"…".
    let is_quote = |at: usize| matches!(byte(text, at), b'"' | b'\'');
    if matches!(byte(text, at), b'b' | b'r' | b'f' | b'u' | b'L' | b'@' | b'$' | b'N') && is_quote(at + 1) {
        at += 1;
    }
    for scheme in ["bearer ", "basic ", "token ", "apikey "] {
        if starts_with_ignore_case(text, at, scheme) {
            at += scheme.len();
        }
    }
    if let Some(value) = read_quoted(text, at) {
        return Some(value);
    }
    if matches!(name.class, Class::Phrase)
        && matches!(separator, Separator::Colon | Separator::Equals | Separator::SpacedEquals)
    {
        let line = slice(text, at..end_of_line(text, at));
        let phrase = line.split(['.', ',', ';', '(', ')', '"']).next().unwrap_or_default();
        let phrase = phrase.split(" - ").next().unwrap_or_default().trim_end();
        return (!phrase.is_empty()).then(|| value_of(text, at..at + phrase.len(), false));
    }
    let end = match name.class {
        Class::Signature => {
            at + text.get(at..)?.bytes().take(MAX_VALUE).take_while(|byte| is_signature_byte(*byte)).count()
        }
        _ => end_of_unquoted(text, at),
    };
    (end > at).then(|| value_of(text, at..end, false))
}

fn value_of(text: &str, range: Range<usize>, is_quoted: bool) -> Value<'_> {
    let rest = slice(text, range.end..range.end + 64);
    let line = rest.split('\n').next().unwrap_or_default();
    let is_end =
        |c: char| !c.is_alphanumeric() && !matches!(c, '(' | '[' | '{' | '=' | '+' | '<' | '"' | '\'');
    Value { text: slice(text, range.clone()), range, is_quoted, ends_line: line.chars().all(is_end) }
}

/// Reads a quoted value; backslashes before the quotes belong to JSON inside JSON.
pub(super) fn read_quoted(text: &str, at: usize) -> Option<Value<'_>> {
    let rest = text.get(at..)?;
    let slashes = rest.bytes().take(8).take_while(|byte| *byte == b'\\').count();
    let open = rest.get(slashes..)?.chars().next()?;
    let close = match open {
        '"' | '\'' | '`' => open,
        '\u{201c}' | '\u{201e}' | '\u{201d}' => '\u{201d}',
        '\u{2018}' | '\u{201a}' => '\u{2019}',
        '«' => '»',
        '「' => '」',
        _ => return None,
    };
    let start = at + slashes + open.len_utf8();
    let mut escapes = 0;
    for (offset, c) in text.get(start..)?.char_indices() {
        let end = start + offset;
        if c == '\n' && slashes == 0 || offset > MAX_VALUE {
            return None;
        }
        let is_german = open == '\u{201e}' && c == '\u{201c}';
        if (c == close || is_german) && if slashes == 0 { escapes % 2 == 0 } else { escapes <= slashes } {
            let end = end - escapes.min(slashes);
            return (end > start).then(|| value_of(text, start..end, true));
        }
        escapes = if c == '\\' { escapes + 1 } else { 0 };
    }
    None
}

pub(super) fn end_of_line(text: &str, at: usize) -> usize {
    let rest = slice(text, at..at + MAX_VALUE);
    let line = rest.split(['\n', '\r', '"', '<', '`']).next().unwrap_or_default();
    let line = line.split("\\n").next().unwrap_or_default();
    at + line.trim_end().len()
}

/// Returns the end of an unquoted value: a space, or the start of another name or of punctuation.
pub(super) fn end_of_unquoted(text: &str, at: usize) -> usize {
    let rest = slice(text, at..at + MAX_VALUE);
    let mut end = rest.len();
    for (open, close) in [("<", ">"), ("{{", "}}"), ("${", "}"), ("$(", ")")] {
        // A reference may have spaces: `<your password>`.
        let length = rest
            .strip_prefix(open)
            .and_then(|inner| inner.find(close))
            .filter(|length| *length <= 2 * MAX_NAME);
        if let Some(length) = length {
            return at + open.len() + length + close.len();
        }
    }
    for (offset, c) in rest.char_indices() {
        let after = rest.get(offset + c.len_utf8()..).unwrap_or_default();
        let is_end = match c {
            '<' => {
                after.starts_with(['/', '>'])
                    || offset > 0 && after.starts_with(|c: char| c.is_ascii_alphabetic())
            }
            '`' => true,
            '"' | '\'' => after.is_empty() || after.starts_with(|c: char| !c.is_alphanumeric() && c != '_'),
            '\\' => offset > 0 && after.starts_with(['n', 'r', 't', '"', '\'', '\\']),
            ';' | '&' | ',' | '|' | '#' => begins_member(after),
            _ => c.is_whitespace(),
        };
        if is_end {
            end = offset;
            break;
        }
    }
    let value = rest.get(..end).unwrap_or_default();
    at + trim_punctuation(value).len()
}

/// Returns whether a name and its value, or a quote, follow: the rest of an address or a list.
fn begins_member(after: &str) -> bool {
    let after = after.trim_start_matches([' ', '"', '\'', '\\']);
    let length = after.bytes().take(MAX_NAME).take_while(|byte| is_name_byte(*byte) || *byte == b'.').count();
    let next = after.get(length..).unwrap_or_default();
    length > 0 && next.trim_start_matches(['"', '\'', '\\']).starts_with(['=', ':'])
}

fn trim_punctuation(mut value: &str) -> &str {
    loop {
        let open = |open: char, close: char| value.matches(open).count() < value.matches(close).count();
        let trimmed = match value.chars().next_back() {
            Some('.' | ',' | ';' | ':' | '"' | '\'' | '*' | '|' | '>' | '…' | '。' | '，') => true,
            Some(')') => open('(', ')'),
            Some(']') => open('[', ']'),
            Some('}') => open('{', '}'),
            _ => false,
        };
        match value.char_indices().next_back() {
            Some((at, _)) if trimmed => value = value.get(..at).unwrap_or_default(),
            _ => return value,
        }
    }
}
