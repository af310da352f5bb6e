//! Syntax highlighting for the few languages that are common in answers. The lexers know words, strings, numbers and
//! comments, and accept any text: an unfinished string ends with its line, an unfinished comment with the text.

use super::line::StyledText;
use super::{Line, Safe};
use crate::domain::Language;
use crate::theme::Role;

/// Highlights code and wraps it to `width` columns.
pub fn highlight(text: &str, language: Language, width: usize) -> Vec<Line> {
    let safe = Safe::text(text);
    let mut styled = StyledText::default();
    let mut rest = safe.as_str();
    while !rest.is_empty() {
        let (len, role) = token(rest, language);
        let (part, after) = rest.split_at_checked(len.max(1)).unwrap_or((rest, ""));
        styled.push_sanitized(part, role);
        rest = after;
    }
    styled.wrap(width)
}

/// Returns the language for the name on a code fence.
pub fn language_from_name(name: &str) -> Language {
    match name.to_ascii_lowercase().as_str() {
        "sql" | "postgres" | "postgresql" | "psql" | "mysql" | "sqlite" | "bigquery" | "snowflake"
        | "tsql" => Language::Sql,
        "python" | "py" | "python3" | "ipython" => Language::Python,
        "json" | "jsonc" | "json5" | "jsonl" | "ndjson" => Language::Json,
        _ => Language::Plain,
    }
}

/// Returns the length in bytes and the role of the token at the start of `rest`.
fn token(rest: &str, language: Language) -> (usize, Role) {
    match language {
        Language::Sql => sql_token(rest),
        Language::Python => python_token(rest),
        Language::Json => json_token(rest),
        Language::Plain => (rest.len(), Role::CodeBlock),
    }
}

fn sql_token(rest: &str) -> (usize, Role) {
    match rest.as_bytes() {
        [b'-', b'-', ..] => (line_len(rest), Role::Comment),
        [b'/', b'*', ..] => (rest.find("*/").map_or(rest.len(), |at| at + 2), Role::Comment),
        [b'\'', ..] => (string_len(rest, '\'', Escape::None), Role::StringLiteral),
        [b'"', ..] => (string_len(rest, '"', Escape::None), Role::Key),
        [b'`', ..] => (string_len(rest, '`', Escape::None), Role::Key),
        _ => word(rest, |word| is_one_of(&word.to_ascii_uppercase(), SQL_KEYWORDS)),
    }
}

fn python_token(rest: &str) -> (usize, Role) {
    for triple in ["\"\"\"", "'''"] {
        if let Some(body) = rest.strip_prefix(triple) {
            return (body.find(triple).map_or(rest.len(), |at| at + 6), Role::StringLiteral);
        }
    }
    match rest.as_bytes() {
        [b'#', ..] => (line_len(rest), Role::Comment),
        [b'\'', ..] => (string_len(rest, '\'', Escape::Backslash), Role::StringLiteral),
        [b'"', ..] => (string_len(rest, '"', Escape::Backslash), Role::StringLiteral),
        [b'@', b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => {
            (1 + word_len(rest.get(1..).unwrap_or_default()), Role::Key)
        }
        _ => word(rest, |word| is_one_of(word, PYTHON_KEYWORDS)),
    }
}

fn json_token(rest: &str) -> (usize, Role) {
    match rest.as_bytes() {
        [b'"', ..] => {
            let len = string_len(rest, '"', Escape::Backslash);
            let is_key = rest.get(len..).is_some_and(|after| after.trim_start().starts_with(':'));
            (len, if is_key { Role::Key } else { Role::StringLiteral })
        }
        [b'/', b'/', ..] => (line_len(rest), Role::Comment),
        [b'-', b'0'..=b'9', ..] => (1 + word_len(rest.get(1..).unwrap_or_default()), Role::NumberLiteral),
        _ => word(rest, |_| false),
    }
}

/// Reads a word or a number, else the text before the next possible token.
fn word(rest: &str, is_keyword: impl Fn(&str) -> bool) -> (usize, Role) {
    let Some(first) = rest.chars().next() else { return (0, Role::CodeBlock) };
    if first.is_ascii_digit() {
        return (word_len(rest), Role::NumberLiteral);
    }
    if first.is_alphabetic() || first == '_' {
        let len = word_len(rest);
        let word = rest.get(..len).unwrap_or_default();
        let role = match word.to_ascii_lowercase().as_str() {
            "true" | "false" | "null" | "none" => Role::Constant,
            _ if is_keyword(word) => Role::Keyword,
            _ => Role::CodeBlock,
        };
        return (len, role);
    }
    let after = rest.get(first.len_utf8()..).unwrap_or_default();
    let blanks = after.len() - after.trim_start_matches([' ', '\n']).len();
    (first.len_utf8() + blanks, Role::CodeBlock)
}

/// The length of a run of letters, digits and `_`; numbers include dots and the sign of an exponent.
fn word_len(rest: &str) -> usize {
    let number = rest.starts_with(|c: char| c.is_ascii_digit());
    let mut before = ' ';
    let end = rest.char_indices().find(|(_, c)| {
        let continues = c.is_alphanumeric()
            || *c == '_'
            || number && (*c == '.' || matches!(c, '+' | '-') && matches!(before, 'e' | 'E'));
        before = *c;
        !continues
    });
    end.map_or(rest.len(), |(at, _)| at)
}

fn line_len(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    Backslash,
    /// Quotes are doubled, which reads as two adjacent strings and looks the same.
    None,
}

/// The length of a string with its quotes. A string with backslash escapes ends with its line; others may span lines.
fn string_len(rest: &str, quote: char, escape: Escape) -> usize {
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match (c, escape) {
            ('\\', Escape::Backslash) => _ = chars.next(),
            ('\n', Escape::Backslash) => return at,
            (c, _) if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Whether a word is in a list of words separated by whitespace.
fn is_one_of(word: &str, list: &str) -> bool {
    list.split_ascii_whitespace().any(|entry| entry == word)
}

const SQL_KEYWORDS: &str = "SELECT FROM WHERE AND OR NOT IN IS AS ON JOIN LEFT RIGHT INNER OUTER FULL CROSS GROUP BY ORDER HAVING \
    LIMIT OFFSET UNION ALL DISTINCT CASE WHEN THEN ELSE END WITH RECURSIVE INSERT INTO VALUES UPDATE SET DELETE CREATE \
    TABLE VIEW INDEX DROP ALTER ADD COLUMN PRIMARY KEY FOREIGN REFERENCES BETWEEN LIKE ILIKE EXISTS ASC DESC NULLS FIRST \
    LAST OVER PARTITION WINDOW ROWS RANGE INTERVAL CAST USING RETURNING EXCEPT INTERSECT LATERAL QUALIFY FETCH TOP";

const PYTHON_KEYWORDS: &str = "and as assert async await break case class continue def del elif else except finally for from global \
    if import in is lambda match nonlocal not or pass raise return try while with yield";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn roles(text: &str, language: Language) -> Vec<(String, Role)> {
        let lines = highlight(text, language, 200);
        let spans = lines.iter().flat_map(|line| &line.spans);
        spans
            .filter(|run| run.style != Role::CodeBlock)
            .map(|run| (run.text.to_string(), run.style))
            .collect()
    }

    #[test]
    fn keywords_strings_numbers_and_comments_are_highlighted() {
        let sql = roles("select 'it''s', \"col\" from t where x >= 1.5e-3 -- why\n/* open", Language::Sql);
        assert_eq!(
            sql.iter().map(|(text, role)| (text.as_str(), *role)).collect::<Vec<_>>(),
            [
                ("select", Role::Keyword),
                ("'it''s'", Role::StringLiteral),
                ("\"col\"", Role::Key),
                ("from", Role::Keyword),
                ("where", Role::Keyword),
                ("1.5e-3", Role::NumberLiteral),
                ("-- why", Role::Comment),
                ("/* open", Role::Comment),
            ]
        );
        let python = roles("def f(x):  # n\n  return 'a\\'b' if None else \"open\n", Language::Python);
        assert_eq!(python.iter().filter(|(_, role)| *role == Role::Keyword).count(), 4);
        assert!(python.contains(&("'a\\'b'".into(), Role::StringLiteral)));
        assert!(python.contains(&("\"open".into(), Role::StringLiteral)));
        let json = roles("{\"a\" : [\"b\", -1.0, true]}", Language::Json);
        assert_eq!(
            json.iter().map(|(_, role)| *role).collect::<Vec<_>>(),
            [Role::Key, Role::StringLiteral, Role::NumberLiteral, Role::Constant]
        );
    }

    proptest! {
        #[test]
        fn highlighting_does_not_change_the_text(text in "(['\"`#\\\\/*\n -]|--|select|\"\"\"|[0-9]e|\\PC){0,60}") {
            for language in [Language::Sql, Language::Python, Language::Json, Language::Plain] {
                let highlighted = highlight(&text, language, 500).iter().map(Line::plain_text).collect::<Vec<_>>();
                let plain = highlight(&text, Language::Plain, 500).iter().map(Line::plain_text).collect::<Vec<_>>();
                prop_assert_eq!(highlighted, plain);
            }
        }
    }
}
