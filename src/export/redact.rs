//! Redaction of addresses, personal and account numbers, passwords and keys. It masks the decoded strings of a message's
//! JSON before the message is read, so every format is redacted alike. Equal values get equal masks throughout a file.
//! Redaction recognizes forms, not meanings: its notice lists the kinds that it searched for, and never claims that a text
//! is free of secrets.

mod acceptance;
mod address;
mod assignments;
mod blocks;
mod detector;
mod headers;
mod names;
mod numbers;
mod phones;
mod prefixes;
mod published;
mod values;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use regex::Regex;

use crate::json::{decode, skip_value, write_string};
use crate::text::number;

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Secret {
    range: Range<usize>,
    kind: &'static str,
}

/// The maximum number of names of JSON members whose meaning is cached.
const MAX_MEMBERS: usize = 4096;

/// The meaning of a JSON member's name for its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Member {
    has_secret_text: bool,
    has_secret_number: bool,
    /// Whether the value may be the name of the next value: `"name": "DB_PASSWORD", "value": "…"`.
    is_label: bool,
    is_value: bool,
    /// Whether the name itself has nothing to mask.
    is_plain: bool,
}

/// An invalid custom rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("{0:?} is not NAME=REGEX; a name has letters, digits and dashes")]
    Syntax(String),
    #[error("invalid pattern {name}: {reason}")]
    Regex { name: String, reason: String },
}

/// The number of masks of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MaskCount {
    pub distinct_values: usize,
    pub occurrences: usize,
}

/// Masks texts, with equal masks for equal values.
#[derive(Debug)]
pub struct Redactor {
    custom_rules: Vec<(String, Regex)>,
    members: HashMap<Vec<u8>, Member>,
    masks: HashMap<(String, String), usize>,
    counts: BTreeMap<String, MaskCount>,
}

impl Redactor {
    /// Describes the masks and the kinds that were searched for; the text of a notice.
    pub fn summary(&self) -> String {
        let kinds = self.counts().iter().map(|(kind, count)| {
            format!("{} {kind} ({})", count.distinct_values, number::pluralize(count.occurrences, "place"))
        });
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        let masked = if kinds.is_empty() { "nothing" } else { &kinds };
        let custom: Vec<&str> = self.custom_rules.iter().map(|(name, _)| name.as_str()).collect();
        let custom = if custom.is_empty() { String::new() } else { format!(", {}", custom.join(", ")) };
        format!("masked: {masked}; looked for: {}{custom}; other forms may remain", detector::KINDS)
    }

    /// Creates a redactor with the built-in rules and custom ones, each as NAME=REGEX.
    ///
    /// # Errors
    /// An invalid custom rule.
    pub fn new(patterns: &[String]) -> Result<Self, PatternError> {
        let custom_rules =
            patterns.iter().map(|pattern| parse_custom_rule(pattern)).collect::<Result<_, _>>()?;
        Ok(Self { custom_rules, members: HashMap::new(), masks: HashMap::new(), counts: BTreeMap::new() })
    }

    /// Returns the numbers of masks so far, by kind.
    pub fn counts(&self) -> &BTreeMap<String, MaskCount> {
        &self.counts
    }

    /// Masks the secrets in a text.
    pub fn redact_text<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        let secrets = self.find_secrets(text);
        if secrets.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut copied = 0;
        for (range, kind) in join_overlapping(secrets) {
            out.push_str(text.get(copied..range.start).unwrap_or_default());
            let value = text.get(range.clone()).unwrap_or_default();
            out.push_str(&self.mask(&kind, value));
            copied = range.end;
        }
        out.push_str(text.get(copied..).unwrap_or_default());
        Cow::Owned(out)
    }

    fn find_secrets(&self, text: &str) -> Vec<(Range<usize>, Cow<'static, str>)> {
        let mut secrets: Vec<(Range<usize>, Cow<'static, str>)> = detector::find(text)
            .into_iter()
            .map(|secret| (round_to_characters(text, secret.range), Cow::Borrowed(secret.kind)))
            .collect();
        for (name, regex) in &self.custom_rules {
            let hits = regex.find_iter(text).filter(|hit| !hit.is_empty());
            secrets.extend(hits.map(|hit| (hit.range(), Cow::Owned(name.clone()))));
        }
        secrets
    }

    fn mask(&mut self, kind: &str, value: &str) -> String {
        let next = self.counts.get(kind).map_or(0, |count| count.distinct_values) + 1;
        let number = *self.masks.entry((kind.to_owned(), value.to_lowercase())).or_insert(next);
        let count = self.counts.entry(kind.to_owned()).or_default();
        count.occurrences += 1;
        count.distinct_values = count.distinct_values.max(number);
        format!("[{kind}-{number}]")
    }

    /// Masks the strings in JSON, including names; card numbers become strings. In invalid JSON, the strings that can be
    /// found are masked.
    pub fn redact_json(&mut self, raw: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(raw.len());
        let mut member = Member::default();
        let mut has_secret_label = false;
        let mut at = 0;
        while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
            let quote = memchr::memchr(b'"', rest).unwrap_or(rest.len());
            self.redact_numbers(&mut out, rest.get(..quote).unwrap_or_default(), member);
            at += quote;
            if at >= raw.len() {
                break;
            }
            let end = skip_value(raw, at).unwrap_or(raw.len());
            let string = raw.get(at..end).unwrap_or_default();
            at = end;
            if is_followed_by_colon(raw, at) {
                member = self.member(string);
                if member.is_plain {
                    out.extend_from_slice(string);
                } else {
                    self.redact_string(&mut out, string, false);
                }
                has_secret_label &= member.is_value;
                continue;
            }
            let is_secret = member.has_secret_text || member.is_value && has_secret_label;
            self.redact_string(&mut out, string, is_secret);
            has_secret_label = member.is_label && self.member(string).has_secret_text;
            if !is_followed_by_string(raw, at) {
                member = Member::default();
            }
        }
        out
    }

    /// Returns the meaning of a member's name, which is in quotes, for its value.
    fn member(&mut self, name: &[u8]) -> Member {
        if let Some(member) = self.members.get(name) {
            return *member;
        }
        let text = decode(name);
        let member = Member {
            has_secret_text: names::is_secret_member(&text),
            has_secret_number: names::is_secret_number(&text),
            is_label: ["name", "key", "header", "Name", "Key"].contains(&text.as_ref()),
            is_value: ["value", "Value"].contains(&text.as_ref()),
            is_plain: self.find_secrets(&text).is_empty(),
        };
        if self.members.len() < MAX_MEMBERS && name.len() < 128 {
            self.members.insert(name.to_owned(), member);
        }
        member
    }

    fn redact_string(&mut self, out: &mut Vec<u8>, string: &[u8], is_secret: bool) {
        let text = decode(string);
        let masked = if is_secret && !values::is_harmless(&text) {
            Cow::Owned(self.mask("secret", &text))
        } else {
            self.redact_text(&text)
        };
        if masked == text {
            return out.extend_from_slice(string);
        }
        let mut written = String::new();
        write_string(&mut written, &masked);
        out.extend_from_slice(written.as_bytes());
    }

    /// Copies the bytes between strings (brackets, commas, numbers); masks card numbers and numbers under secret names.
    fn redact_numbers(&mut self, out: &mut Vec<u8>, bytes: &[u8], member: Member) {
        let mut rest = bytes;
        while let Some(start) = rest.iter().position(u8::is_ascii_digit) {
            let (before, number) = rest.split_at(start);
            let length = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (digits, after) = number.split_at(length);
            out.extend_from_slice(before);
            let text = String::from_utf8_lossy(digits);
            let is_integer = !matches!(before.last(), Some(b'.' | b'-' | b'+' | b'e' | b'E'))
                && !matches!(after.first(), Some(b'.' | b'e' | b'E'));
            let kind = match () {
                () if !is_integer => None,
                () if numbers::is_card(&text) => Some("card"),
                () if member.has_secret_number => Some("secret"),
                () => None,
            };
            if let Some(kind) = kind {
                out.extend_from_slice(format!("\"{}\"", self.mask(kind, &text)).as_bytes());
            } else {
                out.extend_from_slice(digits);
            }
            rest = after;
        }
        out.extend_from_slice(rest);
    }
}

/// Widens a range to whole characters.
fn round_to_characters(text: &str, range: Range<usize>) -> Range<usize> {
    text.floor_char_boundary(range.start)..text.ceil_char_boundary(range.end)
}

/// Joins secrets that overlap, so that no part of one remains. The kind is that of the first one; of several with the same
/// start, of the longest.
fn join_overlapping(
    mut secrets: Vec<(Range<usize>, Cow<'static, str>)>,
) -> Vec<(Range<usize>, Cow<'static, str>)> {
    secrets.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut joined: Vec<(Range<usize>, Cow<'static, str>)> = Vec::new();
    for (range, kind) in secrets {
        match joined.last_mut() {
            Some((last, _)) if range.start < last.end => last.end = last.end.max(range.end),
            _ => joined.push((range, kind)),
        }
    }
    joined
}

fn parse_custom_rule(pattern: &str) -> Result<(String, Regex), PatternError> {
    let syntax_error = || PatternError::Syntax(pattern.to_owned());
    let (name, regex) = pattern.split_once('=').ok_or_else(syntax_error)?;
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(syntax_error());
    }
    let regex_error = |error: regex::Error| {
        // The lines before the last one draw an arrow to the position.
        let message = error.to_string();
        let reason = message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        PatternError::Regex { name: name.to_owned(), reason }
    };
    Ok((name.to_owned(), Regex::new(regex).map_err(regex_error)?))
}

fn is_followed_by_colon(raw: &[u8], at: usize) -> bool {
    let rest = raw.get(at..).unwrap_or_default();
    rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// Returns whether another string follows, which may be a value of the same name: `"tokens": ["a", "b"]`.
fn is_followed_by_string(raw: &[u8], at: usize) -> bool {
    let mut rest = raw.get(at..).unwrap_or_default().iter().filter(|byte| !byte.is_ascii_whitespace());
    rest.next() == Some(&b',') && rest.next() == Some(&b'"')
}

#[cfg(test)]
mod tests;
