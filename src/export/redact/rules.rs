//! The built-in rules: patterns of addresses, numbers and keys, and additional checks.

use std::ops::Range;

use regex::{Regex, RegexSet};

/// A kind, its pattern, and a check of each hit.
type Rule = (&'static str, &'static str, fn(&str) -> bool);

/// Where several rules can match at the same position, the longest form is first.
const RULES: [Rule; 15] = [
    (
        "private-key",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)",
        always,
    ),
    ("jwt", r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,3}", always),
    ("key", r"\b(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9]{16,}", always),
    ("key", r"\b(?:AKIA|ASIA|AGPA|AIDA|AROA)[A-Z0-9]{16}\b", always),
    ("key", r"\bAIza[A-Za-z0-9_-]{35}", always),
    (
        "key",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|glpat-[A-Za-z0-9_-]{20,})",
        always,
    ),
    ("key", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}", always),
    (
        "key",
        r"\b(?:hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})",
        always,
    ),
    ("token", r"(?i)\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{16,}", always),
    (
        "secret",
        r#"(?i)\b(?:api[_-]?key|apikey|access[_-]?token|auth[_-]?token|client[_-]?secret|secret[_-]?key|password|passwd)\b["']?\s*[:=]\s*["']?[^\s"',;&]{6,}"#,
        always,
    ),
    ("password", r"\b[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@]+@", always),
    ("email", r"[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}", always),
    ("iban", r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b", is_iban),
    ("card", r"\b\d(?:[ -]?\d){12,18}\b", is_card),
    (
        "phone",
        r"(?:\+|\b00)[1-9]\d{0,2}(?:[ ./-]?\(?\d{1,5}\)?){2,6}\b|\(\d{3}\) ?\d{3}[ .-]\d{4}\b|\b[2-9]\d{2}[ .-]\d{3}[ .-]\d{4}\b|\b0\d{2,4}[ /-]\d{5,8}\b",
        is_phone,
    ),
];

fn always(_: &str) -> bool {
    true
}

/// The compiled rules.
#[derive(Debug)]
pub(super) struct Rules {
    regex_set: RegexSet,
    regexes: Vec<Regex>,
}

impl Rules {
    pub(super) fn new() -> Self {
        // ASCII word boundaries and digits: the Unicode ones prevent the fast search.
        let sources = RULES.map(|(_, source, _)| source.replace(r"\b", r"(?-u:\b)").replace(r"\d", "[0-9]"));
        let regexes = sources.iter().filter_map(|source| Regex::new(source).ok()).collect();
        let regex_set = RegexSet::new(&sources).unwrap_or_else(|_| RegexSet::empty());
        Self { regex_set, regexes }
    }

    /// Finds secrets: the range and kind of each. They may overlap.
    pub(super) fn find(&self, text: &str) -> Vec<(Range<usize>, String)> {
        let mut secrets = Vec::new();
        for index in self.regex_set.matches(text) {
            let (Some(regex), Some((kind, _, check))) = (self.regexes.get(index), RULES.get(index)) else {
                continue;
            };
            let hits =
                regex.find_iter(text).filter(|hit| check(hit.as_str()) && is_standalone(text, hit.range()));
            secrets.extend(hits.map(|hit| (hit.range(), (*kind).to_owned())));
        }
        secrets
    }
}

/// Whether a hit is not part of an id or of a longer number.
fn is_standalone(text: &str, range: Range<usize>) -> bool {
    let hit = text.get(range.clone()).unwrap_or_default();
    if !hit.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '(') {
        return true;
    }
    let before = text.get(..range.start).and_then(|text| text.chars().next_back());
    let after = text.get(range.end..).and_then(|text| text.chars().next());
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | ':');
    let ends = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | ':');
    !before.is_some_and(|c| joins(c) && !(c == ':' || c == '.')) && !after.is_some_and(ends)
}

fn digits(text: &str) -> impl DoubleEndedIterator<Item = u32> + Clone + '_ {
    text.chars().filter_map(|c| c.to_digit(10))
}

/// Whether the text is a card number: 13 to 19 digits, a known issuer, a valid check digit.
pub(super) fn is_card(text: &str) -> bool {
    let count = digits(text).count();
    let prefix = |length: usize| digits(text).take(length).fold(0, |number, digit| number * 10 + digit);
    let has_known_issuer = prefix(1) == 4
        || matches!(prefix(2), 34 | 37 | 36 | 38 | 51..=55 | 62 | 65)
        || matches!(prefix(3), 300..=305 | 644..=649)
        || matches!(prefix(4), 2221..=2720 | 3528..=3589 | 6011);
    let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let sum: u32 = digits(text)
        .rev()
        .enumerate()
        .map(|(index, digit)| if index % 2 == 1 { doubled(digit) } else { digit })
        .sum();
    (13..=19).contains(&count) && has_known_issuer && sum.is_multiple_of(10)
}

/// The check of ISO 13616: the rearranged text as a number, modulo 97.
fn is_iban(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| *c != ' ').collect();
    if !(15..=34).contains(&plain.len()) {
        return false;
    }
    let (country, rest) = plain.split_at_checked(4).unwrap_or_default();
    let remainder = rest.chars().chain(country.chars()).try_fold(0, |sum: u32, c| {
        let value = c.to_digit(36)?;
        Some(if value > 9 { (sum * 100 + value) % 97 } else { (sum * 10 + value) % 97 })
    });
    remainder == Some(1)
}

/// Whether the number of digits fits a telephone number.
fn is_phone(text: &str) -> bool {
    (8..=15).contains(&digits(text).count())
}

/// Whether values with this name are always secret.
pub(super) fn is_secret_key(key: &str) -> bool {
    let plain: String = key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let suffixes = ["password", "passwd", "apikey", "secretkey", "clientsecret", "privatekey"];
    let names = [
        "secret",
        "token",
        "accesstoken",
        "refreshtoken",
        "authtoken",
        "idtoken",
        "authorization",
        "cookie",
        "setcookie",
        "pin",
        "cvv",
        "cvc",
        "ssn",
    ];
    suffixes.iter().any(|suffix| plain.ends_with(suffix)) || names.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_compiles() {
        let rules = Rules::new();
        assert_eq!((rules.regex_set.len(), rules.regexes.len()), (RULES.len(), RULES.len()));
    }
}
