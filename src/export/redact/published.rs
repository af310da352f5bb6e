//! The published rules of gitleaks, as data: `assets/redact/gitleaks.tsv`. A rule's regex is compiled when one of its words
//! first occurs, and matched only at that word.

use std::ops::Range;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

use super::values;

const DATA: &str = include_str!("../../../assets/redact/gitleaks.tsv");

/// The way in which a rule finds its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// The secret begins with the word.
    Prefix,
    /// The secret follows the name of a service.
    Named,
    /// The secret is anywhere in a text that has the word.
    Search,
}

#[derive(Debug)]
pub(super) struct PublishedRule {
    form: Form,
    min_entropy: f64,
    group: usize,
    /// Words in lower case, one of which occurs with each secret.
    pub(super) words: Vec<&'static str>,
    source: &'static str,
    regex: OnceLock<Option<Regex>>,
}

/// Parses the data. Invalid lines are skipped; a test counts the rules.
pub(super) fn rules() -> Vec<PublishedRule> {
    DATA.lines().filter(|line| !line.starts_with('#')).filter_map(parse_rule).collect()
}

fn parse_rule(line: &'static str) -> Option<PublishedRule> {
    let mut cells = line.splitn(6, '\t').skip(1);
    let form = match cells.next()? {
        "prefix" => Form::Prefix,
        "named" => Form::Named,
        "search" => Form::Search,
        _ => return None,
    };
    Some(PublishedRule {
        form,
        min_entropy: cells.next()?.parse().ok()?,
        group: cells.next()?.parse().ok()?,
        words: cells.next()?.split('|').collect(),
        source: cells.next()?,
        regex: OnceLock::new(),
    })
}

impl PublishedRule {
    /// Returns whether the rule is to run once for a text, not once for each word.
    pub(super) fn is_search(&self) -> bool {
        self.form == Form::Search
    }

    fn regex(&self) -> Option<&Regex> {
        let compile = || {
            let anchor = if self.is_search() { "" } else { r"\A" };
            let source = format!("{anchor}(?:{})", self.source);
            // The rules are written for ASCII; only negated classes need Unicode to stay on character boundaries.
            let ascii = RegexBuilder::new(&source).unicode(false).build();
            ascii.or_else(|_| Regex::new(&source)).ok()
        };
        self.regex.get_or_init(compile).as_ref()
    }

    /// Finds the secrets that belong to the word at `start`; with `is_search`, all of the text.
    pub(super) fn find(&self, text: &str, start: usize, report: &mut dyn FnMut(Range<usize>)) {
        let Some(regex) = self.regex() else { return };
        let mut from = if self.is_search() { 0 } else { start };
        while let Some(rest) = text.get(from..)
            && let Some(captures) = regex.captures(rest)
        {
            let groups = captures.iter().skip(self.group.max(1)).flatten();
            let whole = captures.get(0);
            let Some(secret) = groups.into_iter().find(|group| !group.is_empty()).or(whole) else { return };
            let range = from + secret.start()..from + secret.end();
            let end = range.end.max(from + 1);
            if self.accepts(text, &range) {
                report(range.start..self.end_of_run(text.as_bytes(), range.end));
            }
            if !self.is_search() {
                return;
            }
            from = text.ceil_char_boundary(end);
        }
    }

    fn accepts(&self, text: &str, range: &Range<usize>) -> bool {
        let secret = text.get(range.clone()).unwrap_or_default();
        let goes_on = text.as_bytes().get(range.end).is_some_and(|byte| is_word(*byte));
        // The text after the name of a service may be prose, which has no digits and continues.
        let is_plausible = self.form != Form::Named || values::has_digit(secret) && !goes_on;
        is_plausible && (self.min_entropy <= 0.0 || values::entropy(secret) >= self.min_entropy.min(3.0))
    }

    /// Returns the end of a key that is longer than its rule expects, so that it is masked to its end.
    fn end_of_run(&self, text: &[u8], end: usize) -> usize {
        let is_run = self.form != Form::Named;
        let rest = text.get(end..).unwrap_or_default();
        end + if is_run { rest.iter().take_while(|byte| is_word(**byte)).count() } else { 0 }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_rule_is_read_and_compiles() {
        let lines = DATA.lines().filter(|line| !line.starts_with('#')).count();
        let rules = rules();
        assert_eq!(rules.len(), lines);
        assert!(rules.len() > 200, "{}", rules.len());
        for rule in &rules {
            assert!(rule.regex().is_some(), "{}", rule.source);
            assert!(rule.words.iter().all(|word| word.len() > 1), "{:?}", rule.words);
        }
    }
}
