//! Parsing and completion of filter expressions.

use super::term::{Clause, Comparison, Property, Term};
use crate::domain::{Role, Sentiment, Status};
use crate::search::{Finder, Query};
use crate::text::suggest::closest;

/// Why an expression is not a valid filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error("Unclosed quotation mark")]
    UnclosedQuote,
    #[error("Unknown filter \"{name}:\"{}", suggestion(*nearest))]
    UnknownTerm { name: String, nearest: Option<&'static str> },
    #[error("Unknown value {value:?} for \"{name}:\". Use {known}.")]
    UnknownValue { name: &'static str, value: String, known: String },
    #[error("\"{name}\" needs a number, such as {example}")]
    NotANumber { name: &'static str, example: &'static str },
    #[error("{0}")]
    InvalidText(String),
}

const ROLES: &[(&str, Role)] = &[
    ("user", Role::User),
    ("assistant", Role::Assistant),
    ("system", Role::System),
    ("tool", Role::Tool),
    ("hidden", Role::Hidden),
    ("turn", Role::Turn),
];

const STATUSES: &[(&str, Status)] = &[
    ("success", Status::Success),
    ("error", Status::Error),
    ("canceled", Status::Canceled),
    ("cancelled", Status::Canceled),
    ("unknown", Status::Unknown),
];

const SENTIMENTS: &[(&str, Sentiment)] =
    &[("positive", Sentiment::Positive), ("negative", Sentiment::Negative)];

const PROPERTIES: &[(&str, Property)] = &[
    ("error", Property::Error),
    ("feedback", Property::Feedback),
    ("spans", Property::Spans),
    ("tools", Property::Tools),
    ("artifacts", Property::Artifacts),
    ("empty-answer", Property::EmptyAnswer),
];

/// The names of all terms, to suggest one for a misspelt name.
const TERM_NAMES: &[&str] =
    &["role", "status", "feedback", "has", "op", "span", "model", "id", "duration", "spans", "tokens"];

/// Parses an expression into its clauses.
pub(super) fn parse_clauses(expression: &str) -> Result<Vec<Clause>, FilterError> {
    split_words(expression)?.into_iter().map(|word| parse_clause(&word)).collect()
}

/// A word of an expression; a quoted one is always text.
struct Word {
    text: String,
    negated: bool,
    quoted: bool,
}

fn split_words(expression: &str) -> Result<Vec<Word>, FilterError> {
    let mut words = Vec::new();
    let mut rest = expression.trim_start();
    while !rest.is_empty() {
        let negated = rest.starts_with('!') && rest.len() > 1;
        let body = if negated { rest.strip_prefix('!').unwrap_or(rest) } else { rest };
        let (text, after, quoted) = match body.strip_prefix('"') {
            Some(quoted) => {
                let (text, after) = quoted.split_once('"').ok_or(FilterError::UnclosedQuote)?;
                (text, after, true)
            }
            None => {
                let (text, after) = body.split_once(char::is_whitespace).unwrap_or((body, ""));
                (text, after, false)
            }
        };
        if !text.is_empty() {
            words.push(Word { text: text.to_owned(), negated, quoted });
        }
        rest = after.trim_start();
    }
    Ok(words)
}

fn parse_clause(word: &Word) -> Result<Clause, FilterError> {
    let term = if word.quoted { parse_text_term(&word.text)? } else { parse_unquoted_term(&word.text)? };
    Ok(Clause { term, negated: word.negated })
}

fn parse_text_term(text: &str) -> Result<Term, FilterError> {
    let finder =
        Finder::new(&Query::new(text)).map_err(|error| FilterError::InvalidText(error.to_string()))?;
    Ok(Term::Text(Box::new(finder)))
}

fn parse_unquoted_term(text: &str) -> Result<Term, FilterError> {
    let Some(name_len) = text.find([':', '<', '>', '=']) else { return parse_text_term(text) };
    let (name, rest) = text.split_at(name_len);
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphabetic() || c == '-') {
        return parse_text_term(text);
    }
    let (comparison, value) = parse_comparison(rest);
    // A URL, not a term.
    if value.starts_with("//") {
        return parse_text_term(text);
    }
    let lower = value.to_lowercase();
    match name {
        "role" => lookup("role", ROLES, &lower).map(Term::Role),
        "status" => lookup("status", STATUSES, &lower).map(Term::Status),
        "feedback" => lookup("feedback", SENTIMENTS, &lower).map(Term::Feedback),
        "has" => lookup("has", PROPERTIES, &lower).map(Term::Has),
        "op" => Ok(Term::Operation(lower)),
        "span" => Ok(Term::Span(lower)),
        "model" => Ok(Term::Model(lower)),
        "id" => Ok(Term::Id(value.to_owned())),
        "duration" => parse_millis(&lower)
            .map(|ms| Term::Duration(comparison, ms))
            .ok_or(FilterError::NotANumber { name: "duration", example: "duration>5s or duration<200ms" }),
        "spans" => parse_count(&lower)
            .map(|count| Term::Spans(comparison, count))
            .ok_or(FilterError::NotANumber { name: "spans", example: "spans>10" }),
        "tokens" => parse_count(&lower)
            .map(|count| Term::Tokens(comparison, count))
            .ok_or(FilterError::NotANumber { name: "tokens", example: "tokens>2000 or tokens>2k" }),
        _ => {
            let nearest = closest(name, TERM_NAMES.iter().copied());
            Err(FilterError::UnknownTerm { name: name.to_owned(), nearest })
        }
    }
}

fn parse_comparison(text: &str) -> (Comparison, &str) {
    let signs = [
        (">=", Comparison::AtLeast),
        ("<=", Comparison::AtMost),
        (">", Comparison::GreaterThan),
        ("<", Comparison::LessThan),
        ("=", Comparison::Equal),
    ];
    let text = text.strip_prefix(':').unwrap_or(text);
    signs
        .iter()
        .find_map(|(sign, comparison)| Some((*comparison, text.strip_prefix(sign)?)))
        .unwrap_or((Comparison::Equal, text))
}

fn lookup<T: Copy>(name: &'static str, table: &[(&str, T)], value: &str) -> Result<T, FilterError> {
    table.iter().find(|(word, _)| *word == value).map(|(_, parsed)| *parsed).ok_or_else(|| {
        let known = table.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        FilterError::UnknownValue { name, value: value.to_owned(), known }
    })
}

fn parse_count(text: &str) -> Option<i64> {
    let (digits, factor) = match text.strip_suffix('k') {
        Some(digits) => (digits, 1000.0),
        None => (text, 1.0),
    };
    digits.parse::<f64>().ok().filter(|n| n.is_finite()).map(|n| (n * factor).round() as i64)
}

fn parse_millis(text: &str) -> Option<i64> {
    let units = [("ms", 1.0), ("s", 1000.0), ("min", 60_000.0), ("m", 60_000.0), ("h", 3_600_000.0)];
    let (digits, factor) = units
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)))
        .unwrap_or((text, 1000.0));
    digits.trim().parse::<f64>().ok().filter(|n| n.is_finite()).map(|n| (n * factor).round() as i64)
}

/// The second sentence of an error about an unknown name.
fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!(". Did you mean \"{nearest}:\"?")).unwrap_or_default()
}

/// Completions of the last word of an expression: whole words that begin with it.
pub fn completions(expression: &str) -> Vec<String> {
    let last = expression.rsplit(char::is_whitespace).next().unwrap_or_default();
    let last = last.strip_prefix('!').unwrap_or(last);
    let values =
        |name: &str, words: Vec<&str>| words.iter().map(|word| format!("{name}:{word}")).collect::<Vec<_>>();
    let mut all = Vec::new();
    all.extend(values("role", ROLES.iter().map(|(word, _)| *word).collect()));
    all.extend(values("status", STATUSES.iter().map(|(word, _)| *word).collect()));
    all.extend(values("feedback", SENTIMENTS.iter().map(|(word, _)| *word).collect()));
    all.extend(values("has", PROPERTIES.iter().map(|(word, _)| *word).collect()));
    all.extend(["op:", "span:", "model:", "id:", "duration>", "spans>", "tokens>"].map(str::to_owned));
    all.retain(|word| word.starts_with(last) && word != last);
    if !last.contains(':') {
        // Only names at first; values follow once the name is typed.
        let mut names: Vec<String> = Vec::new();
        for word in all {
            let name = word.split_inclusive([':', '>']).next().unwrap_or_default().to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        return names;
    }
    all
}
