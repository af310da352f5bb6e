//! Parts of statements: quoted texts, keys, and the conditions of a search.

use std::fmt::Write as _;

use crate::filter::Quantity;
use crate::library::{Account, KeptThread, LibraryError, LibraryQuery, SEPARATOR, WordPattern};

/// The maximum number of bytes of a list in a statement. Servers refuse statements of more than 256 KiB.
const MAX_LIST_BYTES: usize = 192 << 10;

/// Quotes a text as a literal.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            '\0' => quoted.push_str("\\0"),
            _ => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// Returns the condition for the rows of an account.
pub(super) fn account_condition(account: &Account) -> String {
    format!("service = {} AND account = {}", quote(&account.service), quote(&account.folder()))
}

/// Returns the key of a thread's row as a literal: `(service, account, id)`.
pub(super) fn thread_key(thread: &KeptThread) -> String {
    key_literal(&thread.account.service, &thread.account.folder(), &thread.listed.id)
}

/// Returns the key of a row of `threads` as a literal.
pub(super) fn key_literal(service: &str, account: &str, id: &str) -> String {
    format!("({}, {}, {})", quote(service), quote(account), quote(id))
}

/// Groups of keys whose literals fit into one statement.
pub(super) fn key_lists(keys: impl Iterator<Item = String>) -> Vec<String> {
    let mut lists: Vec<String> = Vec::new();
    for key in keys {
        match lists.last_mut().filter(|list| list.len() + key.len() < MAX_LIST_BYTES) {
            Some(list) => {
                list.push_str(", ");
                list.push_str(&key);
            }
            None => lists.push(key),
        }
    }
    lists
}

/// The conditions that a message must meet.
pub(super) struct MessageConditions {
    /// An expression over the columns of `messages`.
    pub expression: String,
}

impl MessageConditions {
    /// Creates the conditions of a query; none if no message can match. With `has_text_index`, the expression uses the text
    /// index.
    pub(super) fn new(query: &LibraryQuery, has_text_index: bool) -> Result<Option<Self>, LibraryError> {
        let mut terms = Vec::new();
        for WordPattern { text, is_excluded } in query.patterns()? {
            match (text.is_empty(), is_excluded) {
                (true, true) => {}
                (true, false) => return Ok(None),
                (false, true) => terms.push(format!("position(words, {}) = 0", quote(&text))),
                (false, false) => {
                    if let Some(words) = complete_words(&text).filter(|_| has_text_index) {
                        terms.push(format!("hasAllTokens(words, [{words}])"));
                    }
                    terms.push(contains(&text, &query.part_positions()));
                }
            }
        }
        let flags = query.required_flags();
        if flags != 0 {
            terms.push(format!("bitAnd(flags, {flags}) = {flags}"));
        }
        terms.extend(query.since.map(|since| format!("at >= {}", since.0)));
        terms.extend(query.before.map(|before| format!("at < {}", before.0)));
        terms.extend(query.measures().iter().map(|measure| {
            let column = match measure.quantity {
                Quantity::Duration => "duration_ms",
                Quantity::Tokens => "tokens",
                Quantity::Cost => "cost",
            };
            format!("{column} {} {:?}", measure.operator(), measure.limit())
        }));
        if terms.is_empty() && query.has_regex() {
            // The server compares no regular expressions, so every message must be read.
            terms.push("1 = 1".to_owned());
        }
        Ok((!terms.is_empty()).then(|| Self { expression: terms.join(" AND ") }))
    }
}

/// Returns the expression for whether the words contain a pattern in any of these parts, or in all parts if none are given.
fn contains(pattern: &str, parts: &[usize]) -> String {
    let pattern = quote(pattern);
    let mut expression = format!("position(words, {pattern}) > 0");
    for (index, part) in parts.iter().enumerate() {
        let text = format!("splitByChar({}, words)[{}]", quote(&SEPARATOR.to_string()), part + 1);
        let before = if index == 0 { " AND (" } else { " OR " };
        let _ = write!(expression, "{before}position({text}, {pattern}) > 0");
    }
    if !parts.is_empty() {
        expression.push(')');
    }
    expression
}

/// Returns the complete words of a pattern, as a list of literals; none without any.
fn complete_words(pattern: &str) -> Option<String> {
    // Without a space at the end, the last word may be incomplete.
    let (complete, _) = pattern.rsplit_once(' ')?;
    let words: Vec<String> = complete.split_whitespace().map(quote).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use crate::library::SearchMode;

    fn expression(text: &str, has_text_index: bool) -> Option<String> {
        let query = LibraryQuery::parse(text, SearchMode::Whole, Timestamp(0)).unwrap();
        MessageConditions::new(&query, has_text_index).unwrap().map(|conditions| conditions.expression)
    }

    #[test]
    fn quotes_and_backslashes_end_no_literal() {
        assert_eq!(quote("a'b\\c\0"), "'a\\'b\\\\c\\0'");
    }

    #[test]
    fn a_query_is_a_condition_over_the_words() {
        for (text, expected) in [
            ("Refund", "position(words, ' refund ') > 0"),
            ("\"how long\" -no", "position(words, ' how long ') > 0 AND position(words, ' no ') = 0"),
            ("refu*", "position(words, ' refu') > 0"),
            ("国", "position(words, ' 国') > 0"),
            (
                "role:user x",
                "position(words, ' x ') > 0 AND (position(splitByChar('\u{1e}', words)[2], ' x ') > 0)",
            ),
            ("is:failed is:negative", "bitAnd(flags, 5) = 5"),
            ("duration>1.5s tokens<=2k", "duration_ms > 1500.0 AND tokens <= 2000.0"),
            ("cost:0.0000001", "cost = 1e-7"),
        ] {
            assert_eq!(expression(text, false).as_deref(), Some(expected), "{text}");
        }
        let indexed = expression("\"how lo*", true).unwrap();
        assert!(indexed.starts_with("hasAllTokens(words, ['how', 'lo'])"), "{indexed}");
        assert!(!expression("refu*", true).unwrap().contains("hasAllTokens"));
    }
}
