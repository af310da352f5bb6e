//! The names and values of filter terms: parsing, suggestions and completions.

use super::parse::FilterError;
use super::term::{Comparison, NoteTerm, Property, Term};
use crate::domain::{Role, Sentiment, Status};
use crate::search::{Finder, Query};

/// The elements that a filter selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Messages,
    Spans,
}

/// The terms of one kind of filter.
pub(super) trait Vocabulary {
    type Term;

    /// Returns whether a term has this name, in lower case.
    fn is_name(&self, name: &str) -> bool;

    /// Returns the error about an unknown name.
    fn unknown_term(&self, name: &str) -> FilterError;

    /// Parses text to find.
    fn parse_text(&self, text: &str) -> Result<Self::Term, FilterError>;

    /// Parses a term from its name in lower case, its operator and its value.
    fn parse_term(&self, name: &str, operator: &str, value: &str) -> Result<Self::Term, FilterError>;
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

/// The names of all terms.
const NAMES: &[&str] = &[
    "role", "status", "feedback", "has", "op", "span", "name", "model", "id", "duration", "spans", "tokens",
    "cost", "noted", "re",
];

/// Synonyms of terms, each with the term.
const SYNONYMS: &[(&str, &str)] = &[
    ("operation", "op:"),
    ("type", "op:"),
    ("kind", "op:"),
    ("sentiment", "feedback:"),
    ("rating", "feedback:"),
    ("time", "duration>"),
    ("latency", "duration>"),
    ("price", "cost>"),
    ("state", "status:"),
    ("note", "noted:"),
    ("bookmark", "noted:"),
];

impl Vocabulary for Subject {
    type Term = Term;

    fn is_name(&self, name: &str) -> bool {
        is_name(name)
    }

    fn unknown_term(&self, name: &str) -> FilterError {
        unknown_term(name)
    }

    fn parse_text(&self, text: &str) -> Result<Term, FilterError> {
        parse_finder(text).map(|finder| Term::Text(Box::new(finder)))
    }

    fn parse_term(&self, name: &str, operator: &str, value: &str) -> Result<Term, FilterError> {
        parse_term(name, operator, value, *self)
    }
}

/// Returns whether a term of messages has this name, in lower case.
pub(super) fn is_name(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Parses text to find.
pub(super) fn parse_finder(text: &str) -> Result<Finder, FilterError> {
    Finder::new(&Query::new(text)).map_err(|error| FilterError::InvalidText(error.to_string()))
}

/// Returns the comparison of an operator.
pub(super) fn parse_comparison(operator: &str) -> Option<Comparison> {
    match operator.trim_start_matches(':') {
        "" | "=" | "==" => Some(Comparison::Equal),
        ">" => Some(Comparison::GreaterThan),
        "<" => Some(Comparison::LessThan),
        ">=" => Some(Comparison::AtLeast),
        "<=" => Some(Comparison::AtMost),
        _ => None,
    }
}

fn parse_term(name: &str, operator: &str, value: &str, subject: Subject) -> Result<Term, FilterError> {
    let Some(name) = NAMES.iter().find(|known| **known == name).copied() else {
        return Err(unknown_term(name));
    };
    let value = value.trim();
    if value.is_empty() {
        return Err(FilterError::MissingValue { name });
    }
    if subject == Subject::Spans && matches!(name, "role" | "feedback" | "has" | "spans") {
        return Err(FilterError::NotForSpans { name });
    }
    let comparison = parse_comparison(operator);
    let lower = value.to_lowercase();
    let is_number = matches!(name, "duration" | "spans" | "tokens" | "cost");
    let Some(comparison) = comparison.filter(|comparison| is_number || *comparison == Comparison::Equal)
    else {
        return Err(FilterError::NoComparison { name, operator: operator.to_owned() });
    };
    match name {
        "role" => lookup("role", ROLES, &lower).map(Term::Role),
        "status" => lookup("status", STATUSES, &lower).map(Term::Status),
        "feedback" => lookup("feedback", SENTIMENTS, &lower).map(Term::Feedback),
        "has" => lookup("has", PROPERTIES, &lower).map(Term::Has),
        "op" => Ok(Term::Operation(lower)),
        "span" | "name" => Ok(Term::Span(lower)),
        "model" => Ok(Term::Model(lower)),
        "id" => Ok(Term::Id(value.to_owned())),
        "noted" => Ok(Term::Noted(NoteTerm::parse(lower))),
        "re" => subject.parse_text(&format!("re:{value}")),
        "duration" => parse_millis(&lower)
            .map(|ms| Term::Duration(comparison, ms))
            .ok_or(FilterError::NotANumber { name, example: "duration>5s or duration<200ms" }),
        "spans" => parse_count(&lower)
            .map(|count| Term::Spans(comparison, count))
            .ok_or(FilterError::NotANumber { name, example: "spans>10" }),
        "cost" => parse_number(lower.trim_start_matches('$'))
            .map(|usd| Term::Cost(comparison, usd))
            .ok_or(FilterError::NotANumber { name, example: "cost>0.01" }),
        _ => parse_count(&lower)
            .map(|count| Term::Tokens(comparison, count))
            .ok_or(FilterError::NotANumber { name, example: "tokens>2000 or tokens>2k" }),
    }
}

pub(super) fn lookup<T: Copy>(
    name: &'static str,
    table: &[(&str, T)],
    value: &str,
) -> Result<T, FilterError> {
    table.iter().find(|(word, _)| *word == value).map(|(_, parsed)| *parsed).ok_or_else(|| {
        let known = table.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        FilterError::UnknownValue { name, value: value.to_owned(), known }
    })
}

pub(super) fn parse_number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

pub(super) fn parse_count(text: &str) -> Option<i64> {
    let units = [("k", 1000.0), ("m", 1_000_000.0)];
    let split = units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (digits, factor) = split.unwrap_or((text, 1.0));
    parse_number(&digits.replace([',', '_'], "")).map(|number| (number * factor).round() as i64)
}

pub(super) fn parse_millis(text: &str) -> Option<i64> {
    let units = [("ms", 1.0), ("min", 60_000.0), ("s", 1000.0), ("m", 60_000.0), ("h", 3_600_000.0)];
    let split = units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor)));
    let (digits, factor) = split.unwrap_or((text, 1000.0));
    parse_number(digits).map(|number| (number * factor).round() as i64)
}

/// Returns the error about an unknown name, with the term that was probably meant, else with all terms.
fn unknown_term(name: &str) -> FilterError {
    let lower = name.to_ascii_lowercase();
    let has = |words: Vec<&str>| words.contains(&lower.as_str());
    let synonym = SYNONYMS.iter().find(|(word, _)| *word == lower).map(|(_, term)| (*term).to_owned());
    let suggestion = synonym
        .or_else(|| has(ROLES.iter().map(|(word, _)| *word).collect()).then(|| format!("role:{lower}")))
        .or_else(|| has(STATUSES.iter().map(|(word, _)| *word).collect()).then(|| format!("status:{lower}")))
        .or_else(|| {
            has(SENTIMENTS.iter().map(|(word, _)| *word).collect()).then(|| format!("feedback:{lower}"))
        })
        .or_else(|| similar_name(&lower, NAMES).map(|known| format!("{known}:")));
    unknown_term_error(name, suggestion, NAMES)
}

/// Returns the error about an unknown name, with the term that was probably meant, else with the names of all terms.
pub(super) fn unknown_term_error(name: &str, suggestion: Option<String>, names: &[&str]) -> FilterError {
    let hint = match suggestion {
        Some(suggestion) => format!("Did you mean \"{suggestion}\"?"),
        None => format!("Use {}, or quote the text.", names.join(", ")),
    };
    FilterError::UnknownTerm { name: name.to_owned(), hint }
}

/// Returns the known name that was probably mistyped: it begins with the same letter, and is long enough for a mistake to
/// be recognizable.
pub(super) fn similar_name(name: &str, names: &[&'static str]) -> Option<&'static str> {
    if name.len() < 4 {
        return None;
    }
    let begins_alike = |known: &&&str| known.len() >= 4 && known.chars().next() == name.chars().next();
    let candidates = names.iter().filter(begins_alike).copied();
    let prefix = candidates.clone().find(|known| known.starts_with(name));
    let max_distance = if name.len() < 6 { 1 } else { 2 };
    let distances = candidates.map(|known| (strsim::osa_distance(name, known), known));
    let near =
        distances.filter(|(distance, _)| *distance <= max_distance).min_by_key(|(distance, _)| *distance);
    prefix.or_else(|| near.map(|(_, known)| known))
}

/// Returns the completions of the last word of an expression: whole words that begin with it.
pub fn completions(expression: &str) -> Vec<String> {
    let values =
        |name: &str, words: Vec<&str>| words.iter().map(|word| format!("{name}:{word}")).collect::<Vec<_>>();
    let mut all = Vec::new();
    all.extend(values("role", ROLES.iter().map(|(word, _)| *word).collect()));
    all.extend(values("status", STATUSES.iter().map(|(word, _)| *word).collect()));
    all.extend(values("feedback", SENTIMENTS.iter().map(|(word, _)| *word).collect()));
    all.extend(values("has", PROPERTIES.iter().map(|(word, _)| *word).collect()));
    all.extend(values("noted", vec!["yes", "no"]));
    let open = ["op:", "span:", "model:", "id:", "duration>", "spans>", "tokens>", "cost>"];
    all.extend(open.map(str::to_owned));
    complete(expression, all)
}

/// Returns the words that begin with the last word of an expression. Names come first; values follow once the name is
/// typed.
pub(super) fn complete(expression: &str, mut all: Vec<String>) -> Vec<String> {
    let last = expression.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let last = last.trim_start_matches('!');
    all.retain(|word| word.starts_with(last) && word != last);
    if last.contains(':') {
        return all;
    }
    let mut names: Vec<String> = Vec::new();
    for word in all {
        let name = word.split_inclusive([':', '>']).next().unwrap_or_default().to_owned();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
