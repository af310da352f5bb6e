//! Search queries: literal text, or a regular expression after `re:`. Smart case: upper case in a query makes the search
//! case-sensitive.

/// A search query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    text: String,
    kind: QueryKind,
    /// Whether the search is case-sensitive: if the query has an upper-case letter.
    is_case_sensitive: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QueryKind {
    Literal,
    Regex,
}

/// The error of an invalid query.
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
        let is_case_sensitive = match kind {
            QueryKind::Literal => text.chars().any(char::is_uppercase),
            QueryKind::Regex => has_upper_case(text),
        };
        Self { text: text.to_owned(), kind, is_case_sensitive }
    }

    /// Creates a query for literal text, even with a prefix, without regard to case.
    pub fn literal(text: &str) -> Self {
        Self { text: text.to_lowercase(), kind: QueryKind::Literal, is_case_sensitive: false }
    }

    /// Returns the text without its prefix.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns whether the search ignores case.
    pub(super) fn is_case_insensitive(&self) -> bool {
        !self.is_case_sensitive
    }

    /// Returns whether the query is literal text, not a regular expression.
    pub(super) fn is_literal(&self) -> bool {
        self.kind == QueryKind::Literal
    }
}

/// Returns whether a regular expression has an upper-case letter besides its classes, such as `\S` and `\p{Lu}`.
fn has_upper_case(pattern: &str) -> bool {
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' {
            let class = chars.next();
            if matches!(class, Some('p' | 'P' | 'x' | 'u')) && chars.peek() == Some(&'{') {
                chars.by_ref().find(|c| *c == '}');
            }
        } else if c.is_uppercase() {
            return true;
        }
    }
    false
}
