//! The names and values of the terms of listed threads: parsing, suggestions and completions.

use super::term::{ThreadPlace, ThreadTerm};
use super::time::parse_time;
use crate::domain::Timestamp;
use crate::filter::parse::FilterError;
use crate::filter::term::{Comparison, NoteTerm};
use crate::filter::vocabulary::{self, Vocabulary, lookup, parse_comparison, parse_count};

/// The names of all terms.
const NAMES: &[&str] = &[
    "app", "variant", "user", "uid", "source", "model", "id", "since", "before", "archived", "saved", "read",
    "changed", "gone", "messages", "noted", "re",
];

/// Synonyms of terms, each with the term.
const SYNONYMS: &[(&str, &str)] = &[
    ("application", "app:"),
    ("spec", "app:"),
    ("creator", "user:"),
    ("owner", "user:"),
    ("origin", "source:"),
    ("after", "since:"),
    ("updated", "since:"),
    ("created", "since:"),
    ("date", "since:"),
    ("until", "before:"),
    ("kept", "saved:"),
    ("missing", "saved:no"),
    ("count", "messages>"),
    ("note", "noted:"),
    ("bookmark", "noted:"),
];

const YES_OR_NO: &[(&str, bool)] = &[("yes", true), ("no", false), ("true", true), ("false", false)];

/// The terms of listed threads.
pub(super) struct ThreadVocabulary {
    /// The time from which ages are counted back.
    pub(super) now: Timestamp,
}

impl Vocabulary for ThreadVocabulary {
    type Term = ThreadTerm;

    fn is_name(&self, name: &str) -> bool {
        NAMES.contains(&name)
    }

    fn unknown_term(&self, name: &str) -> FilterError {
        let lower = name.to_ascii_lowercase();
        let synonym = SYNONYMS.iter().find(|(word, _)| *word == lower).map(|(_, term)| (*term).to_owned());
        if synonym.is_none() && vocabulary::is_name(&lower) {
            return FilterError::NotForThreads { name: lower };
        }
        let similar = || vocabulary::similar_name(&lower, NAMES).map(|known| format!("{known}:"));
        vocabulary::unknown_term_error(name, synonym.or_else(similar), NAMES)
    }

    fn parse_text(&self, text: &str) -> Result<ThreadTerm, FilterError> {
        vocabulary::parse_finder(text).map(|finder| ThreadTerm::Text(Box::new(finder)))
    }

    fn parse_term(&self, name: &str, operator: &str, value: &str) -> Result<ThreadTerm, FilterError> {
        let Some(name) = NAMES.iter().find(|known| **known == name).copied() else {
            return Err(self.unknown_term(name));
        };
        let value = value.trim();
        if value.is_empty() {
            return Err(FilterError::MissingValue { name });
        }
        let comparison = parse_comparison(operator)
            .filter(|comparison| name == "messages" || *comparison == Comparison::Equal)
            .ok_or_else(|| FilterError::NoComparison { name, operator: operator.to_owned() })?;
        let lower = value.to_lowercase();
        let time = || parse_time(&lower, self.now).ok_or(FilterError::NotADate { name });
        let place =
            |name, place| lookup(name, YES_OR_NO, &lower).map(|is_there| ThreadTerm::Place(place, is_there));
        match name {
            "app" => Ok(ThreadTerm::Application(lower)),
            "variant" => Ok(ThreadTerm::Variant(lower)),
            "user" | "uid" => Ok(ThreadTerm::User(lower)),
            "source" => Ok(ThreadTerm::Source(lower)),
            "model" => Ok(ThreadTerm::Model(lower)),
            "id" => Ok(ThreadTerm::Id(value.to_owned())),
            "since" => time().map(ThreadTerm::Since),
            "before" => time().map(ThreadTerm::Before),
            "archived" => lookup("archived", YES_OR_NO, &lower).map(ThreadTerm::Archived),
            "saved" => place("saved", ThreadPlace::Saved),
            "read" => place("read", ThreadPlace::Read),
            "changed" => place("changed", ThreadPlace::Changed),
            "gone" => place("gone", ThreadPlace::Gone),
            "noted" => Ok(ThreadTerm::Noted(NoteTerm::parse(lower))),
            "re" => self.parse_text(&format!("re:{value}")),
            _ => parse_count(&lower)
                .map(|count| ThreadTerm::Messages(comparison, count))
                .ok_or(FilterError::NotANumber { name, example: "messages>10" }),
        }
    }
}

/// Returns the completions of the last word of a filter of threads.
pub fn thread_completions(expression: &str) -> Vec<String> {
    let words = [
        "app:",
        "variant:",
        "user:",
        "uid:",
        "source:",
        "model:",
        "id:",
        "since:7d",
        "since:today",
        "before:",
        "archived:yes",
        "archived:no",
        "saved:yes",
        "saved:no",
        "read:yes",
        "read:no",
        "changed:yes",
        "changed:no",
        "gone:yes",
        "gone:no",
        "noted:yes",
        "noted:no",
        "messages>",
    ];
    vocabulary::complete(expression, words.map(str::to_owned).to_vec())
}
