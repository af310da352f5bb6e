//! Masks what should not leave the house: addresses, numbers, keys. It works on the JSON of a message before anything is
//! read from it, on every string after decoding it, so no format can let slip what another one masks. The same value
//! becomes the same mask throughout a file.

mod rules;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use regex::Regex;

use crate::json::{decode, skip_value, write_string};
use rules::Rules;

/// A rule of the user's that is no regular expression, or has a name that cannot be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("{0:?} is not NAME=REGEX, with a name of letters, digits and dashes")]
    Syntax(String),
    #[error("the pattern {name} cannot be read: {reason}")]
    Regex { name: String, reason: String },
}

/// What was masked of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MaskCount {
    /// Different values.
    pub distinct_values: usize,
    /// Places.
    pub occurrences: usize,
}

/// Masks texts and remembers which mask stands for what.
#[derive(Debug)]
pub struct Redactor {
    rules: Rules,
    custom_rules: Vec<(String, Regex)>,
    masks: HashMap<(String, String), usize>,
    counts: BTreeMap<String, MaskCount>,
}

impl Redactor {
    /// The built-in rules and these of the user's, each as NAME=REGEX.
    ///
    /// # Errors
    /// A pattern that cannot be read.
    pub fn new(patterns: &[String]) -> Result<Self, PatternError> {
        let own = patterns.iter().map(|pattern| parse_custom_rule(pattern)).collect::<Result<_, _>>()?;
        Ok(Self { rules: Rules::new(), custom_rules: own, masks: HashMap::new(), counts: BTreeMap::new() })
    }

    /// What was masked so far, by kind.
    pub fn counts(&self) -> &BTreeMap<String, MaskCount> {
        &self.counts
    }

    /// The text with its secrets masked.
    pub fn redact_text<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        let mut found = self.rules.find(text);
        for (name, regex) in &self.custom_rules {
            found.extend(
                regex.find_iter(text).filter(|hit| !hit.is_empty()).map(|hit| (hit.range(), name.clone())),
            );
        }
        if found.is_empty() {
            return Cow::Borrowed(text);
        }
        // The earlier one first, of those that begin together the longer one; what overlaps it is gone with it.
        found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (range, kind) in found {
            if range.start < at {
                continue;
            }
            out.push_str(text.get(at..range.start).unwrap_or_default());
            let value = text.get(range.clone()).unwrap_or_default();
            out.push_str(&self.mask(&kind, value));
            at = range.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        Cow::Owned(out)
    }

    fn mask(&mut self, kind: &str, value: &str) -> String {
        let next = self.counts.get(kind).map_or(0, |count| count.distinct_values) + 1;
        let number = *self.masks.entry((kind.to_owned(), value.to_lowercase())).or_insert(next);
        let count = self.counts.entry(kind.to_owned()).or_default();
        count.occurrences += 1;
        count.distinct_values = count.distinct_values.max(number);
        format!("[{kind}-{number}]")
    }

    /// JSON with its strings masked, names included; numbers that are those of cards become strings. What is not valid
    /// JSON is masked as far as its strings can be told.
    pub fn redact_json(&mut self, raw: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(raw.len());
        let mut key = String::new();
        let mut at = 0;
        while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
            let quote = rest.iter().position(|byte| *byte == b'"').unwrap_or(rest.len());
            self.redact_numbers(&mut out, rest.get(..quote).unwrap_or_default());
            at += quote;
            if at >= raw.len() {
                break;
            }
            let end = skip_value(raw, at).unwrap_or(raw.len());
            let string = raw.get(at..end).unwrap_or_default();
            at = end;
            let is_key = is_followed_by_colon(raw, at);
            self.redact_string(&mut out, string, if is_key { "" } else { &key });
            if is_key {
                key = decode(string).into_owned();
            } else if !is_followed_by_string(raw, at) {
                key.clear();
            }
        }
        out
    }

    fn redact_string(&mut self, out: &mut Vec<u8>, string: &[u8], key: &str) {
        let text = decode(string);
        let masked = if rules::is_secret_key(key) && !text.trim().is_empty() {
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

    /// What stands between strings: brackets, commas and numbers.
    fn redact_numbers(&mut self, out: &mut Vec<u8>, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(start) = rest.iter().position(u8::is_ascii_digit) {
            let (before, number) = rest.split_at(start);
            let length = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (digits, after) = number.split_at(length);
            out.extend_from_slice(before);
            let text = String::from_utf8_lossy(digits);
            let alone = !matches!(before.last(), Some(b'.' | b'-' | b'+' | b'e' | b'E'))
                && !matches!(after.first(), Some(b'.' | b'e' | b'E'));
            if alone && rules::is_card(&text) {
                out.extend_from_slice(format!("\"{}\"", self.mask("card", &text)).as_bytes());
            } else {
                out.extend_from_slice(digits);
            }
            rest = after;
        }
        out.extend_from_slice(rest);
    }
}

fn parse_custom_rule(pattern: &str) -> Result<(String, Regex), PatternError> {
    let form = || PatternError::Syntax(pattern.to_owned());
    let (name, regex) = pattern.split_once('=').ok_or_else(form)?;
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !plain {
        return Err(form());
    }
    // The lines before the last one draw an arrow to the place.
    let last =
        |text: String| text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let failed =
        |error: regex::Error| PatternError::Regex { name: name.to_owned(), reason: last(error.to_string()) };
    Ok((name.to_owned(), Regex::new(regex).map_err(failed)?))
}

fn is_followed_by_colon(raw: &[u8], at: usize) -> bool {
    let rest = raw.get(at..).unwrap_or_default();
    rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// Whether another value of the same name may follow: `"tokens": ["a", "b"]`.
fn is_followed_by_string(raw: &[u8], at: usize) -> bool {
    let mut rest = raw.get(at..).unwrap_or_default().iter().filter(|byte| !byte.is_ascii_whitespace());
    rest.next() == Some(&b',') && rest.next() == Some(&b'"')
}

#[cfg(test)]
mod tests;
