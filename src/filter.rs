//! Filters of messages, of spans and of listed threads: `role:assistant status:error op:KB_RETRIEVAL duration > 5s
//! (feedback:negative OR "refund")`. Adjacent terms must all match. The summary of a message decides as many terms as
//! possible; the message is read only for the others.

mod lexer;
mod measure;
mod parse;
mod term;
mod thread;
mod vocabulary;

pub use measure::{Measure, Quantity};
pub use parse::FilterError;
pub use thread::{ThreadFilter, ThreadPlace, ThreadTerm, parse_time, thread_completions};
pub use vocabulary::completions;

use std::sync::Arc;

use crate::domain::{MessageSummary, Span, ThreadNotes};
use crate::provider::{Provider, read_facts};
use parse::Expression;
use term::Term;
use vocabulary::Subject;

/// A parsed filter of messages with its source text.
#[derive(Clone, Debug)]
pub struct Filter {
    source: String,
    expression: Expression<Term>,
    /// The notes that `noted:` refers to.
    notes: Arc<ThreadNotes>,
}

impl Filter {
    /// Parses an expression; an empty one matches everything.
    ///
    /// # Errors
    /// An invalid expression, with the closest valid term if one is unknown.
    pub fn new(source: &str) -> Result<Self, FilterError> {
        Self::parse(source, &Subject::Messages)
    }

    fn parse(source: &str, subject: &Subject) -> Result<Self, FilterError> {
        let expression = parse::parse(source, subject)?;
        Ok(Self { source: source.trim().to_owned(), expression, notes: Arc::default() })
    }

    /// Returns the same filter for a thread with these notes.
    #[must_use]
    pub fn with_notes(self, notes: Arc<ThreadNotes>) -> Self {
        Self { notes, ..self }
    }

    /// Returns the source text, trimmed.
    pub fn expression(&self) -> &str {
        &self.source
    }

    /// Returns whether the filter matches everything.
    pub fn is_empty(&self) -> bool {
        self.expression.is_empty()
    }

    /// Returns whether the filter depends on the notes of the thread.
    pub fn uses_notes(&self) -> bool {
        self.expression.any(&|term| matches!(term, Term::Noted(_)))
    }

    /// Returns whether a message matches.
    pub fn matches(&self, summary: &MessageSummary, provider: &dyn Provider) -> bool {
        let by_summary = |term: &Term| term.matches_summary(summary, &self.notes);
        self.expression.evaluate(&by_summary).unwrap_or_else(|| {
            let message = read_facts(provider, summary.raw.bytes());
            let by_message = |term: &Term| by_summary(term).or_else(|| Some(term.matches_message(&message)));
            self.expression.evaluate(&by_message).unwrap_or(false)
        })
    }
}

/// A parsed filter of spans with its source text.
#[derive(Clone, Debug)]
pub struct SpanFilter(Filter);

impl SpanFilter {
    /// Parses an expression; an empty one matches everything.
    ///
    /// # Errors
    /// An invalid expression, or a term that spans do not have.
    pub fn new(source: &str) -> Result<Self, FilterError> {
        Ok(Self(Filter::parse(source, &Subject::Spans)?))
    }

    /// Returns the same filter for a thread with these notes.
    #[must_use]
    pub fn with_notes(self, notes: Arc<ThreadNotes>) -> Self {
        Self(self.0.with_notes(notes))
    }

    /// Returns the source text, trimmed.
    pub fn expression(&self) -> &str {
        self.0.expression()
    }

    /// Returns whether the filter matches everything.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether a span of the message with this id matches; `raw` is the JSON of the message.
    pub fn matches(&self, span: &Span, (message_id, raw): (&str, &[u8])) -> bool {
        let note = self.0.notes.of_span(message_id, &span.id);
        self.0.expression.evaluate(&|term| Some(term.matches_span(span, raw, note))).unwrap_or(false)
    }

    /// Returns the spans of the message with this id that match.
    pub fn select(&self, spans: &[Span], message: (&str, &[u8])) -> Vec<Span> {
        spans.iter().filter(|span| self.matches(span, message)).cloned().collect()
    }
}

#[cfg(test)]
mod tests;
