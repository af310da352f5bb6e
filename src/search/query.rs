//! What the user typed, and how it is meant: literal with smart case by default, a regular expression between slashes.

use std::fmt::Write;

/// A query as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    text: String,
    kind: QueryKind,
    /// Whether upper and lower case are told apart: when the query has an upper-case letter.
    is_case_sensitive: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QueryKind {
    Literal,
    Regex,
}

/// Why a query cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a regular expression: {reason}")]
pub struct QueryError {
    pub reason: String,
}

impl Query {
    /// Reads a query: `text` literally, `re:text` as a regular expression.
    pub fn new(typed: &str) -> Self {
        let (text, kind) = match typed.strip_prefix("re:") {
            Some(regex) => (regex, QueryKind::Regex),
            None => (typed, QueryKind::Literal),
        };
        Self { text: text.to_owned(), kind, is_case_sensitive: text.chars().any(char::is_uppercase) }
    }

    /// The text that is looked for, without a prefix.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The bytes to look for where plain byte search does: ASCII that JSON never escapes, in exact case.
    pub(super) fn literal_bytes(&self) -> Option<&[u8]> {
        let plain = |c: char| c.is_ascii() && !c.is_ascii_control() && !matches!(c, '"' | '\\' | '/');
        let caseless = !self.text.chars().any(char::is_alphabetic);
        let fits = self.kind == QueryKind::Literal
            && (self.is_case_sensitive || caseless)
            && self.text.chars().all(plain);
        fits.then_some(self.text.as_bytes())
    }

    /// A regular expression over the bytes of JSON.
    pub(super) fn json_pattern(&self) -> String {
        match self.kind {
            QueryKind::Regex => self.text.clone(),
            QueryKind::Literal => self.text.chars().fold(String::new(), |mut pattern, c| {
                pattern.push_str(&self.json_char_pattern(c));
                pattern
            }),
        }
    }

    /// Every way in which JSON may write a character. ASCII letters and digits are taken as they are: nobody escapes
    /// those, and a search that had to expect it would be many times slower.
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

    /// A regular expression over text that is decoded already.
    pub(super) fn text_pattern(&self) -> String {
        match self.kind {
            QueryKind::Regex => self.text.clone(),
            QueryKind::Literal => regex::escape(&self.text),
        }
    }

    /// Whether case is ignored.
    pub(super) fn is_case_insensitive(&self) -> bool {
        !self.is_case_sensitive
    }

    /// Whether the literal's characters spell out both cases already.
    pub(super) fn is_literal(&self) -> bool {
        self.kind == QueryKind::Literal
    }
}

/// A character in both cases.
fn case_variants(c: char) -> Vec<char> {
    let mut all = vec![c];
    for other in c.to_uppercase().chain(c.to_lowercase()) {
        if !all.contains(&other) && c.to_uppercase().count() == 1 {
            all.push(other);
        }
    }
    all
}

/// `\u00e9` with digits in either case; a surrogate pair beyond the basic plane.
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
