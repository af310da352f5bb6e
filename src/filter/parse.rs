//! The grammar of filters: `OR` binds weaker than adjacent terms, `not` and `!` bind strongest.

use super::lexer::{Token, tokenize};
use super::vocabulary::Vocabulary;

/// The error of an expression that is not a valid filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error("Unclosed quotation mark")]
    UnclosedQuote,
    #[error("Unclosed parenthesis")]
    UnclosedParenthesis,
    #[error("Nothing to close with \")\"; quote it to find it")]
    StrayParenthesis,
    #[error("Nothing before or after {0:?}; quote it to find the word")]
    MissingTerm(&'static str),
    #[error("The filter ends with an operator; add a term, or quote the operator to find the word")]
    MissingLastTerm,
    #[error("Too many nested parentheses")]
    TooDeep,
    #[error("Unknown filter \"{name}:\". {hint}")]
    UnknownTerm { name: String, hint: String },
    #[error("Unknown value {value:?} for \"{name}:\". Use {known}.")]
    UnknownValue { name: &'static str, value: String, known: String },
    #[error("\"{name}:\" needs a value")]
    MissingValue { name: &'static str },
    #[error("\"{name}\" cannot be compared with \"{operator}\"; use \"{name}:\"")]
    NoComparison { name: &'static str, operator: String },
    #[error("\"{name}\" needs a number, such as {example}")]
    NotANumber { name: &'static str, example: &'static str },
    #[error("\"{name}:\" filters messages, not spans; use --message-filter")]
    NotForSpans { name: &'static str },
    #[error("\"{name}:\" filters messages, not the list of threads")]
    NotForThreads { name: String },
    #[error("\"{name}:\" needs a date or an age, such as {name}:2026-01-31 or {name}:7d")]
    NotADate { name: &'static str },
    #[error("{0}")]
    InvalidText(String),
}

/// The maximum number of levels of parentheses.
const MAX_DEPTH: usize = 50;

/// A parsed expression.
#[derive(Clone, Debug)]
pub(super) enum Expression<T> {
    Term(T),
    Not(Box<Self>),
    /// All match; an empty list matches everything.
    All(Vec<Self>),
    /// At least one matches.
    Any(Vec<Self>),
}

impl<T> Expression<T> {
    /// Returns whether the expression matches everything.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::All(parts) if parts.is_empty())
    }

    /// Returns the term, if the expression is a single one.
    pub(super) fn term(&self) -> Option<&T> {
        match self {
            Self::Term(term) => Some(term),
            Self::Not(_) | Self::All(_) | Self::Any(_) => None,
        }
    }

    /// Returns whether one of the terms has a property.
    pub(super) fn any(&self, has_property: &dyn Fn(&T) -> bool) -> bool {
        match self {
            Self::Term(term) => has_property(term),
            Self::Not(part) => part.any(has_property),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.any(has_property)),
        }
    }

    /// Evaluates the expression with a function that decides terms; `None` if the result depends on an undecided term.
    pub(super) fn evaluate(&self, decide: &dyn Fn(&T) -> Option<bool>) -> Option<bool> {
        match self {
            Self::Term(term) => decide(term),
            Self::Not(part) => part.evaluate(decide).map(|matches| !matches),
            Self::All(parts) => evaluate_until(parts, decide, false),
            Self::Any(parts) => evaluate_until(parts, decide, true),
        }
    }
}

/// Evaluates the parts until one has the `decisive` value.
fn evaluate_until<T>(
    parts: &[Expression<T>],
    decide: &dyn Fn(&T) -> Option<bool>,
    decisive: bool,
) -> Option<bool> {
    let mut result = Some(!decisive);
    for part in parts {
        match part.evaluate(decide) {
            Some(value) if value == decisive => return Some(decisive),
            Some(_) => {}
            None => result = None,
        }
    }
    result
}

/// Parses an expression.
///
/// # Errors
/// An invalid expression.
pub(super) fn parse<V: Vocabulary>(source: &str, vocabulary: &V) -> Result<Expression<V::Term>, FilterError> {
    let mut parser = Parser { tokens: tokenize(source, vocabulary)?.into_iter().peekable(), vocabulary };
    if parser.tokens.peek().is_none() {
        return Ok(Expression::All(Vec::new()));
    }
    let expression = parser.parse_any(0)?;
    match parser.tokens.next() {
        None => Ok(expression),
        Some(_) => Err(FilterError::StrayParenthesis),
    }
}

struct Parser<'a, V> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    vocabulary: &'a V,
}

impl<V: Vocabulary> Parser<'_, V> {
    /// Parses alternatives with `OR` between them.
    fn parse_any(&mut self, depth: usize) -> Result<Expression<V::Term>, FilterError> {
        let mut parts = vec![self.parse_all(depth)?];
        while self.tokens.next_if_eq(&Token::Or).is_some() {
            parts.push(self.parse_all(depth)?);
        }
        Ok(single_or(parts, Expression::Any))
    }

    /// Parses adjacent terms, perhaps with `AND` between them.
    fn parse_all(&mut self, depth: usize) -> Result<Expression<V::Term>, FilterError> {
        let mut parts = vec![self.parse_negated(depth)?];
        loop {
            let has_and = self.tokens.next_if_eq(&Token::And).is_some();
            match self.tokens.peek() {
                None | Some(Token::Close | Token::Or) if !has_and => break,
                _ => parts.push(self.parse_negated(depth)?),
            }
        }
        Ok(single_or(parts, Expression::All))
    }

    fn parse_negated(&mut self, depth: usize) -> Result<Expression<V::Term>, FilterError> {
        let mut is_negated = false;
        while self.tokens.next_if_eq(&Token::Not).is_some() {
            is_negated = !is_negated;
        }
        let part = match self.tokens.next() {
            Some(Token::Open) => self.parse_group(depth)?,
            Some(Token::Text(text)) => Expression::Term(self.vocabulary.parse_text(&text)?),
            Some(Token::Term { name, operator, value }) => {
                Expression::Term(self.vocabulary.parse_term(&name, &operator, &value)?)
            }
            Some(Token::Or) => return Err(FilterError::MissingTerm("OR")),
            Some(Token::And) => return Err(FilterError::MissingTerm("AND")),
            Some(Token::Close) => return Err(FilterError::MissingTerm(")")),
            // Only an operator can be last and without a term.
            Some(Token::Not) | None => return Err(FilterError::MissingLastTerm),
        };
        Ok(if is_negated { Expression::Not(Box::new(part)) } else { part })
    }

    fn parse_group(&mut self, depth: usize) -> Result<Expression<V::Term>, FilterError> {
        if depth >= MAX_DEPTH {
            return Err(FilterError::TooDeep);
        }
        if self.tokens.peek().is_none() {
            return Err(FilterError::UnclosedParenthesis);
        }
        let expression = self.parse_any(depth + 1)?;
        match self.tokens.next() {
            Some(Token::Close) => Ok(expression),
            Some(_) | None => Err(FilterError::UnclosedParenthesis),
        }
    }
}

/// Returns the only part, or all parts together.
fn single_or<T>(
    mut parts: Vec<Expression<T>>,
    join: impl Fn(Vec<Expression<T>>) -> Expression<T>,
) -> Expression<T> {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}
