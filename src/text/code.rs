//! Syntax highlighting for the languages that are common in answers: a table-driven lexer. It recognizes words, strings,
//! numbers and comments, and accepts any text: an unfinished string ends with its line or with the text, an unfinished
//! comment with the text.
//!
//! `syntect` with `two-face` would support more languages. But it needs a regular expression engine and grammars that are
//! unpacked at their first use, and one line may take long. The theme has only six roles for code, which this lexer assigns
//! in one pass.

mod languages;

use super::line::StyledText;
use super::{Line, Safe};
use crate::domain::Language;
use crate::theme::Role;

use languages::{Quote, Syntax};

/// The maximum number of bytes of code with colours.
const MAX_HIGHLIGHTED_BYTES: usize = 256 * 1024;

/// Highlights code and wraps it to `width` columns.
pub fn highlight(text: &str, language: Language, width: usize) -> Vec<Line> {
    let safe = Safe::text(text);
    let mut styled = StyledText::default();
    let mut lexer = Lexer { before: "", rest: safe.as_str(), is_in_tag: false, whole: safe.as_str() };
    while !lexer.rest.is_empty() {
        let (len, role) = match Syntax::of(language) {
            Some(syntax) if lexer.before.len() < MAX_HIGHLIGHTED_BYTES => lexer.token(syntax),
            Some(_) | None => (lexer.rest.len(), Role::CodeBlock),
        };
        styled.push_sanitized(lexer.take(len), role);
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
        "bash" | "sh" | "shell" | "zsh" | "console" | "shell-session" | "dockerfile" => Language::Bash,
        "javascript" | "js" | "jsx" | "mjs" | "cjs" | "node" | "typescript" | "ts" | "tsx" => {
            Language::JavaScript
        }
        "yaml" | "yml" => Language::Yaml,
        "toml" | "ini" | "cfg" | "properties" => Language::Toml,
        "diff" | "patch" | "udiff" => Language::Diff,
        "rust" | "rs" => Language::Rust,
        "go" | "golang" => Language::Go,
        "html" | "htm" | "xml" | "svg" | "xhtml" | "vue" => Language::Html,
        "css" | "scss" | "less" => Language::Css,
        _ => Language::Plain,
    }
}

/// A position in a text.
struct Lexer<'a> {
    whole: &'a str,
    before: &'a str,
    rest: &'a str,
    /// Whether an HTML tag is open.
    is_in_tag: bool,
}

impl<'a> Lexer<'a> {
    /// Moves over a token of at least one byte and returns it.
    fn take(&mut self, len: usize) -> &'a str {
        let (part, after) = self.rest.split_at_checked(len.max(1)).unwrap_or((self.rest, ""));
        self.before = self.whole.get(..self.before.len() + part.len()).unwrap_or_default();
        self.rest = after;
        part
    }

    /// Returns whether only spaces, or a list marker of YAML, precede on the line.
    fn starts_line(&self) -> bool {
        let line_start = self.before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.before.get(line_start..).unwrap_or_default();
        line.len() < 200 && line.chars().all(|c| matches!(c, ' ' | '-'))
    }

    /// Returns the length in bytes and the role of the next token.
    fn token(&mut self, syntax: &Syntax) -> (usize, Role) {
        if syntax.is_diff {
            return (line_len(self.rest).max(1), diff_role(self.rest));
        }
        if syntax.has_tags && !self.is_in_tag {
            return self.markup();
        }
        if let Some(len) = self.comment(syntax) {
            return (len, Role::Comment);
        }
        if let Some((len, role)) = self.string(syntax) {
            return (len, role);
        }
        if syntax.has_tags && self.rest.starts_with('>') {
            self.is_in_tag = false;
            return (1, Role::Keyword);
        }
        let after_sign = self.rest.get(1..).unwrap_or_default();
        match self.rest.chars().next() {
            Some(sign) if syntax.sigils.contains(sign) && after_sign.starts_with(is_name_start) => {
                (1 + word_len(after_sign, ""), Role::Key)
            }
            Some('-') if after_sign.starts_with(|c: char| c.is_ascii_digit()) && !self.follows_word() => {
                (1 + word_len(after_sign, ""), Role::NumberLiteral)
            }
            Some('[') if syntax.has_sections && self.starts_line() => (line_len(self.rest), Role::Keyword),
            Some(_) | None => self.word(syntax),
        }
    }

    /// Returns whether a letter or a digit directly precedes.
    fn follows_word(&self) -> bool {
        self.before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ')' | ']'))
    }

    fn comment(&self, syntax: &Syntax) -> Option<usize> {
        if let Some((open, close)) = syntax.block_comment
            && let Some(body) = self.rest.strip_prefix(open)
        {
            return Some(body.find(close).map_or(self.rest.len(), |at| open.len() + at + close.len()));
        }
        let starts = syntax.line_comments.iter().any(|mark| self.rest.starts_with(mark));
        // In shells and YAML, such a character inside a word has no meaning.
        let is_apart = self.before.is_empty() || self.before.ends_with([' ', '\n', ';']);
        (starts && (is_apart || !syntax.has_words_with_signs)).then(|| line_len(self.rest))
    }

    fn string(&self, syntax: &Syntax) -> Option<(usize, Role)> {
        let quote = syntax.quotes.iter().find(|quote| self.rest.starts_with(quote.mark))?;
        if syntax.has_words_with_signs && self.follows_word() {
            return None;
        }
        if syntax.has_lifetimes && quote.mark == "'" {
            return Some((char_or_lifetime_len(self.rest), Role::StringLiteral));
        }
        let len = string_len(self.rest, quote);
        let is_key = syntax.key_end.is_some_and(|end| {
            let after = self.rest.get(len..).unwrap_or_default();
            after.trim_start().starts_with(end)
        });
        Some((len, if is_key { Role::Key } else { quote.role }))
    }

    /// Reads a word or a number, else the text before the next possible token.
    fn word(&self, syntax: &Syntax) -> (usize, Role) {
        let rest = self.rest;
        let Some(first) = rest.chars().next() else { return (0, Role::CodeBlock) };
        if first.is_ascii_digit() {
            return (word_len(rest, ""), Role::NumberLiteral);
        }
        if is_name_start(first) {
            let len = word_len(rest, syntax.word_signs);
            let word = rest.get(..len).unwrap_or_default();
            return (len, self.word_role(word, syntax));
        }
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        let spaces = after.len() - after.trim_start_matches([' ', '\n']).len();
        (first.len_utf8() + spaces, Role::CodeBlock)
    }

    fn word_role(&self, word: &str, syntax: &Syntax) -> Role {
        let after = self.rest.get(word.len()..).unwrap_or_default();
        if self.is_in_tag {
            return if after.starts_with('=') { Role::Key } else { Role::CodeBlock };
        }
        if syntax.key_end.is_some_and(|end| after.trim_start_matches(' ').starts_with(end))
            && self.starts_line()
        {
            return Role::Key;
        }
        match word.to_ascii_lowercase().as_str() {
            "true" | "false" | "null" | "none" | "nil" | "undefined" => Role::Constant,
            lower if is_one_of(if syntax.ignores_case { lower } else { word }, syntax.keywords) => {
                Role::Keyword
            }
            _ => Role::CodeBlock,
        }
    }

    /// Reads text between tags, or the start of a tag.
    fn markup(&mut self) -> (usize, Role) {
        if self.rest.starts_with("<!--") {
            return (self.rest.find("-->").map_or(self.rest.len(), |at| at + 3), Role::Comment);
        }
        let name = self.rest.strip_prefix('<').map(|name| name.trim_start_matches(['/', '!', '?']));
        match name.filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())) {
            Some(name) => {
                self.is_in_tag = true;
                (self.rest.len() - name.len() + word_len(name, "-:"), Role::Keyword)
            }
            None => {
                let first = self.rest.chars().next().map_or(0, char::len_utf8);
                let after = self.rest.get(first..).unwrap_or_default();
                (first + after.find('<').unwrap_or(after.len()), Role::CodeBlock)
            }
        }
    }
}

/// Returns the role of a line of a diff. Its first character has the same meaning, so that the line needs no underline.
fn diff_role(line: &str) -> Role {
    match line.as_bytes() {
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] | [b'd', b'i', b'f', b'f', b' ', ..] => Role::Strong,
        [b'@', b'@', ..] => Role::Key,
        [b'+', ..] => Role::StringLiteral,
        [b'-', ..] => Role::Constant,
        _ => Role::CodeBlock,
    }
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// Returns the length of a run of letters, digits, `_` and other characters; numbers include dots and the sign of an
/// exponent.
fn word_len(rest: &str, signs: &str) -> usize {
    let number = rest.starts_with(|c: char| c.is_ascii_digit());
    let mut before = ' ';
    let end = rest.char_indices().find(|(_, c)| {
        let continues = c.is_alphanumeric()
            || *c == '_'
            || signs.contains(*c)
            || number && (*c == '.' || matches!(c, '+' | '-') && matches!(before, 'e' | 'E'));
        before = *c;
        !continues
    });
    end.map_or(rest.len(), |(at, _)| at)
}

fn line_len(rest: &str) -> usize {
    rest.find('\n').unwrap_or(rest.len())
}

/// Returns the length of a character such as `'a'`, else of the quote of a lifetime.
fn char_or_lifetime_len(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some(_)) => chars
            .find(|(_, c)| matches!(c, '\'' | '\n'))
            .map_or(rest.len(), |(at, c)| at + usize::from(c == '\'')),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

/// Returns the length of a string with its quotes. A doubled quote is read as two adjacent strings, which look the same.
fn string_len(rest: &str, quote: &Quote) -> usize {
    let mark = quote.mark;
    let body = rest.get(mark.len()..).unwrap_or_default();
    let mut chars = body.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote.has_escapes => _ = chars.next(),
            '\n' if !quote.spans_lines => return mark.len() + at,
            _ if body.get(at..).is_some_and(|rest| rest.starts_with(mark)) => return at + 2 * mark.len(),
            _ => {}
        }
    }
    rest.len()
}

/// Returns whether a word is in a list of words separated by whitespace.
fn is_one_of(word: &str, list: &str) -> bool {
    list.split_ascii_whitespace().any(|entry| entry == word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Language; 13] = [
        Language::Sql,
        Language::Python,
        Language::Json,
        Language::Bash,
        Language::JavaScript,
        Language::Yaml,
        Language::Toml,
        Language::Diff,
        Language::Rust,
        Language::Go,
        Language::Html,
        Language::Css,
        Language::Plain,
    ];

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

    /// A language on a fence, code, and the words with a role.
    type Case = (&'static str, &'static str, &'static [(&'static str, Role)]);

    const CASES: &[Case] = {
        use Role::*;
        &[
            (
                "bash",
                "for f in *.rs; do echo \"$f\" '#' a#b $HOME # c\ndone",
                &[
                    ("for", Keyword),
                    ("in", Keyword),
                    ("do", Keyword),
                    ("\"$f\"", StringLiteral),
                    ("'#'", StringLiteral),
                    ("$HOME", Key),
                    ("# c", Comment),
                    ("done", Keyword),
                ],
            ),
            (
                "ts",
                "const a: string = `x\n${b}`; // c",
                &[("const", Keyword), ("`x", StringLiteral), ("${b}`", StringLiteral), ("// c", Comment)],
            ),
            (
                "yaml",
                "a-b: 1\n- c: it's \"d\" # e",
                &[("a-b", Key), ("1", NumberLiteral), ("c", Key), ("\"d\"", StringLiteral), ("# e", Comment)],
            ),
            (
                "toml",
                "[a.b]\nkey = 'v' # c",
                &[("[a.b]", Keyword), ("key", Key), ("'v'", StringLiteral), ("# c", Comment)],
            ),
            (
                "diff",
                "--- a\n@@ -1 +1 @@\n-x\n+y\n z",
                &[("--- a", Strong), ("@@ -1 +1 @@", Key), ("-x", Constant), ("+y", StringLiteral)],
            ),
            (
                "rust",
                "fn f<'a>(c: &'a str) -> char { '\\n' } // é",
                &[
                    ("fn", Keyword),
                    ("'", StringLiteral),
                    ("'", StringLiteral),
                    ("'\\n'", StringLiteral),
                    ("// é", Comment),
                ],
            ),
            (
                "go",
                "func f() { return nil } /* c */",
                &[("func", Keyword), ("return", Keyword), ("nil", Constant), ("/* c */", Comment)],
            ),
            (
                "html",
                "<a href=\"x\">b</a><!-- c -->",
                &[
                    ("<a", Keyword),
                    ("href", Key),
                    ("\"x\"", StringLiteral),
                    (">", Keyword),
                    ("</a>", Keyword),
                    ("<!-- c -->", Comment),
                ],
            ),
            (
                "css",
                "@media x {\n  max-width: 10px; /* c */\n}",
                &[("@media", Key), ("max-width", Key), ("10px", NumberLiteral), ("/* c */", Comment)],
            ),
        ]
    };

    #[test]
    fn languages_of_code_fences_are_highlighted() {
        for (name, code, expected) in CASES {
            let found = roles(code, language_from_name(name));
            let found: Vec<(&str, Role)> = found.iter().map(|(text, role)| (text.as_str(), *role)).collect();
            assert_eq!(found, *expected, "{name}");
        }
    }

    #[test]
    fn code_after_a_limit_has_no_colours() {
        let code = "let a = '\\ <b \"c\n".repeat(MAX_HIGHLIGHTED_BYTES / 8);
        for language in ALL {
            let lines = highlight(&code, language, 80);
            assert!(
                lines.last().unwrap().spans.iter().all(|run| run.style == Role::CodeBlock),
                "{language:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn highlighting_does_not_change_the_text(text in "(['\"`#\\\\/*\n -]|--|select|\"\"\"|[0-9]e|\\PC){0,60}") {
            for language in ALL {
                let highlighted = highlight(&text, language, 500).iter().map(Line::plain_text).collect::<Vec<_>>();
                let plain = highlight(&text, Language::Plain, 500).iter().map(Line::plain_text).collect::<Vec<_>>();
                prop_assert_eq!(highlighted, plain);
            }
        }
    }
}
