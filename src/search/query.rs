//! Search queries: literal text with smart case, or a regular expression after `re:`.

use std::fmt::Write;

/// A search query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    text: String,
    kind: QueryKind,
    /// Smart case: set if the query has an upper-case letter.
    is_case_sensitive: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QueryKind {
    Literal,
    Regex,
}

/// Why a query is invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid regular expression: {reason}")]
pub struct QueryError {
    pub reason: String,
}

impl Query {
    /// Parses a query: `text` is literal, `re:text` a regular expression.
    pub fn new(input: &str) -> Self {
        let (text, kind) = match input.strip_prefix("re:") {
            Some(regex) => (regex, QueryKind::Regex),
            None => (input, QueryKind::Literal),
        };
        Self { text: text.to_owned(), kind, is_case_sensitive: text.chars().any(char::is_uppercase) }
    }

    /// The text without its prefix.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text's bytes, if plain byte search is enough: ASCII that JSON never escapes, in exact case.
    pub(super) fn literal_bytes(&self) -> Option<&[u8]> {
        let is_plain = |c: char| c.is_ascii() && !c.is_ascii_control() && !matches!(c, '"' | '\\' | '/');
        let is_caseless = !self.text.chars().any(char::is_alphabetic);
        let is_plain_search = self.kind == QueryKind::Literal
            && (self.is_case_sensitive || is_caseless)
            && self.text.chars().all(is_plain);
        is_plain_search.then_some(self.text.as_bytes())
    }

    /// A regular expression for raw JSON bytes.
    pub(super) fn json_pattern(&self) -> String {
        match self.kind {
            QueryKind::Regex => self.text.clone(),
            QueryKind::Literal => self.text.chars().fold(String::new(), |mut pattern, c| {
                pattern.push_str(&self.json_char_pattern(c));
                pattern
            }),
        }
    }

    /// A pattern for every JSON spelling of a character. Escaped ASCII letters and digits are not covered: no writer
    /// escapes them, and the search would be many times slower.
    fn json_char_pattern(&self, c: char) -> String {
        let mut forms = Vec::new();
        let cases: Vec<char> = if self.is_case_sensitive { vec![c] } else { case_variants(c) };
        for c in cases {
            match c {
                '"' => forms.push("\\\\\"".to_owned()),
                '\\' => forms.push("\\\\\\\\".to_owned()),
                '/' => forms.extend(["/".to_owned(), "\\\\/".to_owned()]),
                '\n' => forms.push("\\\\n".to_owned()),
                '\t' => forms.push("\\\\t".to_owned()),
                _ => forms.push(regex::escape(&c.to_string())),
            }
            if !c.is_ascii() || matches!(c, '<' | '>' | '&' | '\'' | '"' | '\\' | '/') {
                forms.push(unicode_escape_pattern(c));
            }
        }
        match forms.as_slice() {
            [only] => only.clone(),
            _ => format!("(?:{})", forms.join("|")),
        }
    }

    /// A regular expression for decoded text.
    pub(super) fn text_pattern(&self) -> String {
        match self.kind {
            QueryKind::Regex => self.text.clone(),
            QueryKind::Literal => regex::escape(&self.text),
        }
    }

    /// Whether the search ignores case.
    pub(super) fn is_case_insensitive(&self) -> bool {
        !self.is_case_sensitive
    }

    /// Whether the query is literal text, not a regular expression.
    pub(super) fn is_literal(&self) -> bool {
        self.kind == QueryKind::Literal
    }
}

/// The character and, where that is a single character, its other case.
fn case_variants(c: char) -> Vec<char> {
    let mut variants = vec![c];
    for other in c.to_uppercase().chain(c.to_lowercase()) {
        if !variants.contains(&other) && c.to_uppercase().count() == 1 {
            variants.push(other);
        }
    }
    variants
}

/// A pattern for `\u00e9` with hex digits in either case; a surrogate pair outside the basic plane.
fn unicode_escape_pattern(c: char) -> String {
    let mut units = [0u16; 2];
    let mut pattern = String::new();
    for unit in c.encode_utf16(&mut units) {
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
