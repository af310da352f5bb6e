//! Filters: `role:assistant status:error op:KB_RETRIEVAL duration>5s feedback:negative tokens>2000 "refund"`, with `!` for
//! not. All terms must hold. What the head of a message tells is asked first; the message is read only for the rest.

mod parse;
mod term;

pub use parse::{FilterError, completions};

use crate::domain::{Message, MessageSummary};
use crate::provider::Provider;
use term::Clause;

/// A filter as typed and as understood.
#[derive(Clone, Debug)]
pub struct Filter {
    expression: String,
    clauses: Vec<Clause>,
}

impl Filter {
    /// Reads an expression; an empty one lets everything pass.
    ///
    /// # Errors
    /// A term that means nothing, with the nearest one that does.
    pub fn new(typed: &str) -> Result<Self, FilterError> {
        Ok(Self { expression: typed.trim().to_owned(), clauses: parse::parse_clauses(typed)? })
    }

    /// As typed.
    pub fn expression(&self) -> &str {
        &self.expression
    }

    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// Whether a message passes.
    pub fn matches(&self, head: &MessageSummary, provider: &dyn Provider) -> bool {
        let mut deep = Vec::new();
        for wish in &self.clauses {
            match wish.term.matches_summary(head) {
                Some(holds) if holds == wish.negated => return false,
                Some(_) => {}
                None => deep.push(wish),
            }
        }
        if deep.is_empty() {
            return true;
        }
        let message = provider.read_message(head.raw.bytes());
        deep.iter().all(|wish| wish.term.matches_message(&message) != wish.negated)
    }

    /// Whether a message that is read already passes.
    pub fn matches_message(&self, head: &MessageSummary, message: &Message) -> bool {
        self.clauses.iter().all(|wish| {
            let holds = wish.term.matches_summary(head).unwrap_or_else(|| wish.term.matches_message(message));
            holds != wish.negated
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Raw;
    use crate::provider;

    fn matches_message(filter: &str, message: &str) -> bool {
        let provider = provider::by_id("sgp").unwrap();
        let head = provider.read_summary(Raw::owned(message.as_bytes().to_vec()), 0);
        assert!(head.read_error.is_none(), "{:?}", head.read_error);
        Filter::new(filter).unwrap().matches(&head, provider)
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
        assert!(Filter::new("statsu:error").unwrap_err().to_string().contains("status"));
        assert!(Filter::new("duration>soon").is_err());
        assert!(Filter::new("\"open").is_err());
        assert!(Filter::new("https://a.b/c").is_ok());
    }
}
