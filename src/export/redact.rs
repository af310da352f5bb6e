//! Redaction of addresses, phone and card numbers, and keys. It masks the decoded strings of a message's JSON before the
//! message is read, so every format is redacted alike. Equal values get equal masks throughout a file.

mod rules;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use regex::Regex;

use crate::json::{decode, skip_value, write_string};
use crate::text::number;
use rules::Rules;

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

/// Masks texts; remembers the mask of each value.
#[derive(Debug)]
pub struct Redactor {
    rules: Rules,
    custom_rules: Vec<(String, Regex)>,
    masks: HashMap<(String, String), usize>,
    counts: BTreeMap<String, MaskCount>,
}

impl Redactor {
    /// Describes what was masked, for a notice.
    pub fn summary(&self) -> String {
        if self.counts().is_empty() {
            return "nothing to mask".to_owned();
        }
        let kinds = self.counts().iter().map(|(kind, count)| {
            format!("{} {kind} ({})", count.distinct_values, number::pluralize(count.occurrences, "place"))
        });
        format!("masked: {}", kinds.collect::<Vec<_>>().join(", "))
    }

    /// Creates a redactor with the built-in rules and custom ones, each as NAME=REGEX.
    ///
    /// # Errors
    /// An invalid custom rule.
    pub fn new(patterns: &[String]) -> Result<Self, PatternError> {
        let custom_rules =
            patterns.iter().map(|pattern| parse_custom_rule(pattern)).collect::<Result<_, _>>()?;
        Ok(Self { rules: Rules::new(), custom_rules, masks: HashMap::new(), counts: BTreeMap::new() })
    }

    /// The masks so far, by kind.
    pub fn counts(&self) -> &BTreeMap<String, MaskCount> {
        &self.counts
    }

    /// Masks the secrets in a text.
    pub fn redact_text<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        let mut secrets = self.rules.find(text);
        for (name, regex) in &self.custom_rules {
            let hits = regex.find_iter(text).filter(|hit| !hit.is_empty());
            secrets.extend(hits.map(|hit| (hit.range(), name.clone())));
        }
        if secrets.is_empty() {
            return Cow::Borrowed(text);
        }
        // Of overlapping secrets the earliest wins, of those with the same start the longest.
        secrets.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut out = String::with_capacity(text.len());
        let mut copied = 0;
        for (range, kind) in secrets {
            if range.start < copied {
                continue;
            }
            out.push_str(text.get(copied..range.start).unwrap_or_default());
            let value = text.get(range.clone()).unwrap_or_default();
            out.push_str(&self.mask(&kind, value));
            copied = range.end;
        }
        out.push_str(text.get(copied..).unwrap_or_default());
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

    /// Masks the strings in JSON, including names; card numbers become strings. Invalid JSON is masked as far as its
    /// strings can be found.
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

    /// Copies the bytes between strings (brackets, commas, numbers) and masks card numbers.
    fn redact_numbers(&mut self, out: &mut Vec<u8>, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(start) = rest.iter().position(u8::is_ascii_digit) {
            let (before, number) = rest.split_at(start);
            let length = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let (digits, after) = number.split_at(length);
            out.extend_from_slice(before);
            let text = String::from_utf8_lossy(digits);
            let is_integer = !matches!(before.last(), Some(b'.' | b'-' | b'+' | b'e' | b'E'))
                && !matches!(after.first(), Some(b'.' | b'e' | b'E'));
            if is_integer && rules::is_card(&text) {
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

/// Whether another string follows, which may be a value of the same name: `"tokens": ["a", "b"]`.
fn is_followed_by_string(raw: &[u8], at: usize) -> bool {
    let mut rest = raw.get(at..).unwrap_or_default().iter().filter(|byte| !byte.is_ascii_whitespace());
    rest.next() == Some(&b',') && rest.next() == Some(&b'"')
}

#[cfg(test)]
mod tests;
