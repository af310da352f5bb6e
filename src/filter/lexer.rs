//! Splits a filter expression into its words, operators and parentheses.

use super::parse::FilterError;
use super::vocabulary::Vocabulary;

/// A piece of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    /// Text to find.
    Text(String),
    /// A name, the operator after it and its value.
    Term {
        name: String,
        operator: String,
        value: String,
    },
}

/// The characters of operators.
const OPERATORS: [char; 4] = [':', '<', '>', '='];

/// Splits an expression.
///
/// # Errors
/// A quotation mark that is not closed, or a comparison of an unknown name.
pub(super) fn tokenize<V: Vocabulary>(source: &str, vocabulary: &V) -> Result<Vec<Token>, FilterError> {
    let mut lexer = Lexer { rest: source.trim_start(), tokens: Vec::new(), vocabulary };
    while !lexer.rest.is_empty() {
        lexer.read_token()?;
        lexer.rest = lexer.rest.trim_start();
    }
    Ok(lexer.tokens)
}

struct Lexer<'a, V> {
    rest: &'a str,
    tokens: Vec<Token>,
    vocabulary: &'a V,
}

impl<'a, V: Vocabulary> Lexer<'a, V> {
    fn read_token(&mut self) -> Result<(), FilterError> {
        if let Some(rest) = self.rest.strip_prefix('(') {
            return self.push(Token::Open, rest);
        }
        if let Some(rest) = self.rest.strip_prefix(')') {
            return self.push(Token::Close, rest);
        }
        if let Some(rest) = self.rest.strip_prefix('!').filter(|rest| !rest.is_empty()) {
            return self.push(Token::Not, rest);
        }
        if let Some(quoted) = self.rest.strip_prefix('"') {
            let (text, rest) = quoted.split_once('"').ok_or(FilterError::UnclosedQuote)?;
            return match text.is_empty() {
                true => self.skip_to(rest),
                false => self.push(Token::Text(text.to_owned()), rest),
            };
        }
        match self.split_term()? {
            Some((term, rest)) => self.push(term, rest),
            None => {
                let (word, rest) = split_word(self.rest);
                let token = match word.to_ascii_lowercase().as_str() {
                    "and" => Token::And,
                    "or" => Token::Or,
                    "not" => Token::Not,
                    _ => Token::Text(word.to_owned()),
                };
                self.push(token, rest)
            }
        }
    }

    fn push(&mut self, token: Token, rest: &'a str) -> Result<(), FilterError> {
        self.tokens.push(token);
        self.skip_to(rest)
    }

    fn skip_to(&mut self, rest: &'a str) -> Result<(), FilterError> {
        self.rest = rest;
        Ok(())
    }

    /// Splits off a term: a name, an operator with spaces around it if the name is known, and a value.
    fn split_term(&self) -> Result<Option<(Token, &'a str)>, FilterError> {
        let is_name = |c: char| c.is_ascii_alphabetic() || c == '-';
        let name_len = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let (name, after) = self.rest.split_at_checked(name_len).unwrap_or((self.rest, ""));
        let lower = name.to_ascii_lowercase();
        let is_known = self.vocabulary.is_name(&lower);
        let spaced = after.trim_start();
        let has_space = spaced.len() < after.len();
        let operator_len = spaced.find(|c| !OPERATORS.contains(&c)).unwrap_or(spaced.len());
        let (operator, rest) = spaced.split_at_checked(operator_len).unwrap_or((spaced, ""));
        if name.is_empty() || operator.is_empty() || rest.starts_with("//") {
            return Ok(None);
        }
        if has_space && !is_known {
            // `a : b` is text, but `tokns > 5` is a mistake.
            return match operator.starts_with(':') {
                true => Ok(None),
                false => Err(self.vocabulary.unknown_term(name)),
            };
        }
        let (mut value, mut rest) = split_value(rest, is_known)?;
        if let Some((unit, after)) = split_unit(rest).filter(|_| lower == "duration" && ends_in_digit(&value))
        {
            value.push_str(unit);
            rest = after;
        }
        Ok(Some((Token::Term { name: lower, operator: operator.to_owned(), value }, rest)))
    }
}

/// Returns the value of a term: quoted, or up to a space. A space may precede the value of a known term.
fn split_value(text: &str, is_known: bool) -> Result<(String, &str), FilterError> {
    let text = if is_known { text.trim_start() } else { text };
    if let Some(quoted) = text.strip_prefix('"') {
        let (value, rest) = quoted.split_once('"').ok_or(FilterError::UnclosedQuote)?;
        return Ok((value.to_owned(), rest));
    }
    let (value, rest) = split_word(text);
    Ok((value.to_owned(), rest))
}

/// Splits off a word. It may contain parentheses; an unmatched closing one ends it.
fn split_word(text: &str) -> (&str, &str) {
    let mut own = 0_usize;
    let end = text.find(|c: char| match c {
        '(' => {
            own += 1;
            false
        }
        ')' if own > 0 => {
            own -= 1;
            false
        }
        _ => c == ')' || c.is_whitespace(),
    });
    text.split_at_checked(end.unwrap_or(text.len())).unwrap_or((text, ""))
}

/// Splits off a unit of time after a space: `duration > 4 s`.
fn split_unit(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = split_word(text.trim_start());
    matches!(word, "ms" | "s" | "m" | "min" | "h").then_some((word, rest))
}

fn ends_in_digit(value: &str) -> bool {
    value.chars().next_back().is_some_and(|c| c.is_ascii_digit())
}
