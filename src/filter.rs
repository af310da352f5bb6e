//! Filters: `role:assistant status:error op:KB_RETRIEVAL duration>5s feedback:negative tokens>2000 "refund"`, with `!` for
//! not. All terms must hold. What the head of a message tells is asked first; the message is read only for the rest.

mod parse;
mod term;

pub use parse::{FilterError, completions};

use crate::domain::{Head, Message};
use crate::provider::Provider;
use term::Wish;

/// A filter as typed and as understood.
#[derive(Clone, Debug)]
pub struct Filter {
    typed: String,
    wishes: Vec<Wish>,
}

impl Filter {
    /// Reads an expression; an empty one lets everything pass.
    ///
    /// # Errors
    /// A term that means nothing, with the nearest one that does.
    pub fn new(typed: &str) -> Result<Self, FilterError> {
        Ok(Self { typed: typed.trim().to_owned(), wishes: parse::wishes(typed)? })
    }

    /// As typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Whether everything passes.
    pub fn is_empty(&self) -> bool {
        self.wishes.is_empty()
    }

    /// Whether a message passes.
    pub fn passes(&self, head: &Head, provider: &dyn Provider) -> bool {
        let mut deep = Vec::new();
        for wish in &self.wishes {
            match wish.term.holds_for_head(head) {
                Some(holds) if holds == wish.negated => return false,
                Some(_) => {}
                None => deep.push(wish),
            }
        }
        if deep.is_empty() {
            return true;
        }
        let message = provider.message(head.raw.bytes());
        deep.iter().all(|wish| wish.term.holds_for(&message) != wish.negated)
    }

    /// Whether a message that is read already passes.
    pub fn passes_read(&self, head: &Head, message: &Message) -> bool {
        self.wishes.iter().all(|wish| {
            let holds = wish.term.holds_for_head(head).unwrap_or_else(|| wish.term.holds_for(message));
            holds != wish.negated
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Raw;
    use crate::provider;

    fn passes(filter: &str, message: &str) -> bool {
        let provider = provider::named("sgp").unwrap();
        let head = provider.head(Raw::owned(message.as_bytes().to_vec()), 0);
        assert!(head.fault.is_none(), "{:?}", head.fault);
        Filter::new(filter).unwrap().passes(&head, provider)
    }

    const TURN: &str = r#"{"entry": {"id": "e", "input": {"query": "A Refund?"}, "output": {"response": "Yes"},
        "start_timestamp": "2026-09-01T09:00:01Z", "duration_ms": 6200, "operation_status": "ERROR",
        "models": ["openai/gpt-4o"], "operation_metadata": {"usage": {"total_tokens": 2500}}},
        "spans": [{"id": "s", "node_id": "find_docs", "operation_type": "KB_RETRIEVAL", "operation_status": "SUCCESS",
        "start_timestamp": "2026-09-01T09:00:01Z", "duration_ms": 10}],
        "feedback": {"id": "f", "sentiment": "negative", "description": "wrong", "created_at": "2026-09-01T09:00:01Z"}}"#;

    #[test]
    fn each_kind_of_term_holds_or_not() {
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
            assert!(passes(yes, TURN), "{yes}");
        }
        for no in
            ["status:success", "duration>7s", "!refund", "Refund!", "op:COMPLETION", "tokens<10", "spans>1"]
        {
            assert!(!passes(no, TURN), "{no}");
        }
    }

    #[test]
    fn a_term_that_means_nothing_is_an_error_with_the_nearest_one() {
        assert!(Filter::new("statsu:error").unwrap_err().to_string().contains("status"));
        assert!(Filter::new("duration>soon").is_err());
        assert!(Filter::new("\"open").is_err());
        assert!(Filter::new("https://a.b/c").is_ok());
    }
}
