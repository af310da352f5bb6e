//! Filters: `role:assistant status:error op:KB_RETRIEVAL duration>5s feedback:negative tokens>2000 "refund"`, with `!`
//! for negation. All terms must match. The summary decides what it can; the message is read only for the other terms.

mod parse;
mod term;

pub use parse::{FilterError, completions};

use crate::domain::MessageSummary;
use crate::provider::Provider;
use term::Clause;

/// A parsed filter with its source text.
#[derive(Clone, Debug)]
pub struct Filter {
    expression: String,
    clauses: Vec<Clause>,
}

impl Filter {
    /// Parses an expression; an empty one matches everything.
    ///
    /// # Errors
    /// An invalid term, with the closest valid one if it is unknown.
    pub fn new(expression: &str) -> Result<Self, FilterError> {
        Ok(Self { expression: expression.trim().to_owned(), clauses: parse::parse_clauses(expression)? })
    }

    /// The source text, trimmed.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// Whether it matches everything.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// Whether a message matches.
    pub fn matches(&self, summary: &MessageSummary, provider: &dyn Provider) -> bool {
        let mut undecided = Vec::new();
        for clause in &self.clauses {
            match clause.term.matches_summary(summary) {
                Some(matches) if matches == clause.negated => return false,
                Some(_) => {}
                None => undecided.push(clause),
            }
        }
        if undecided.is_empty() {
            return true;
        }
        let message = provider.read_message(summary.raw.bytes());
        undecided.iter().all(|clause| clause.term.matches_message(&message) != clause.negated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Raw;
    use crate::provider;

    fn matches_message(filter: &str, message: &str) -> bool {
        let provider = provider::by_id("sgp").unwrap();
        let summary = provider.read_summary(Raw::owned(message.as_bytes().to_vec()), 0);
        assert!(summary.read_error.is_none(), "{:?}", summary.read_error);
        Filter::new(filter).unwrap().matches(&summary, provider)
    }

    const TURN: &str = r#"{"entry": {"id": "e", "input": {"query": "A Refund?"}, "output": {"response": "Yes"},
        "start_timestamp": "2026-09-01T09:00:01Z", "duration_ms": 6200, "operation_status": "ERROR",
        "models": ["openai/gpt-4o"], "operation_metadata": {"usage": {"total_tokens": 2500}}},
        "spans": [{"id": "s", "node_id": "find_docs", "operation_type": "KB_RETRIEVAL", "operation_status": "SUCCESS",
        "start_timestamp": "2026-09-01T09:00:01Z", "duration_ms": 10}],
        "feedback": {"id": "f", "sentiment": "negative", "description": "wrong", "created_at": "2026-09-01T09:00:01Z"}}"#;

    #[test]
    fn each_kind_of_term_matches_or_not() {
        for yes in [
            "",
            "status:error",
            "duration>5s duration<7s",
            "duration>=6200ms",
            "feedback:negative",
            "op:kb_retrieval",
            "span:find",
            "tokens>2000",
            "model:gpt-4o",
            "refund",
            "\"a refund\"",
            "!status:success",
            "spans:1",
            "has:feedback !has:tools",
        ] {
            assert!(matches_message(yes, TURN), "{yes}");
        }
        for no in
            ["status:success", "duration>7s", "!refund", "Refund!", "op:COMPLETION", "tokens<10", "spans>1"]
        {
            assert!(!matches_message(no, TURN), "{no}");
        }
    }

    #[test]
    fn unknown_term_is_an_error_that_suggests_the_nearest() {
        let error = Filter::new("statsu:error").unwrap_err().to_string();
        assert_eq!(error, "Unknown filter \"statsu:\". Did you mean \"status:\"?");
        assert_eq!(Filter::new("zzzz:error").unwrap_err().to_string(), "Unknown filter \"zzzz:\"");
        assert!(Filter::new("duration>soon").is_err());
        assert!(Filter::new("\"open").is_err());
        assert!(Filter::new("https://a.b/c").is_ok());
    }
}
