//! Filters of messages, of spans and of listed threads: `role:assistant status:error op:KB_RETRIEVAL duration > 5s (feedback:negative OR
//! "refund")`. Terms side by side must all match. The summary of a message decides what it can; the message is read only
//! for the other terms.

mod lexer;
mod parse;
mod term;
mod thread;
mod vocabulary;

pub use parse::FilterError;
pub use thread::{ThreadFilter, parse_time, thread_completions};
pub use vocabulary::completions;

use crate::domain::{MessageSummary, Span};
use crate::provider::Provider;
use parse::Expression;
use term::Term;
use vocabulary::Subject;

/// A parsed filter of messages with its source text.
#[derive(Clone, Debug)]
pub struct Filter {
    source: String,
    expression: Expression<Term>,
}

impl Filter {
    /// Parses an expression; an empty one matches everything.
    ///
    /// # Errors
    /// An invalid expression, with the closest valid term if one is unknown.
    pub fn new(source: &str) -> Result<Self, FilterError> {
        let expression = parse::parse(source, &Subject::Messages)?;
        Ok(Self { source: source.trim().to_owned(), expression })
    }

    /// The source text, trimmed.
    pub fn expression(&self) -> &str {
        &self.source
    }

    /// Whether it matches everything.
    pub fn is_empty(&self) -> bool {
        self.expression.is_empty()
    }

    /// Whether a message matches.
    pub fn matches(&self, summary: &MessageSummary, provider: &dyn Provider) -> bool {
        let by_summary = |term: &Term| term.matches_summary(summary);
        self.expression.evaluate(&by_summary).unwrap_or_else(|| {
            let message = provider.read_message(summary.raw.bytes());
            let by_message =
                |term: &Term| term.matches_summary(summary).or_else(|| Some(term.matches_message(&message)));
            self.expression.evaluate(&by_message).unwrap_or(false)
        })
    }
}

/// A parsed filter of spans with its source text.
#[derive(Clone, Debug)]
pub struct SpanFilter {
    source: String,
    expression: Expression<Term>,
}

impl SpanFilter {
    /// Parses an expression; an empty one matches everything.
    ///
    /// # Errors
    /// An invalid expression, or a term that spans do not have.
    pub fn new(source: &str) -> Result<Self, FilterError> {
        let expression = parse::parse(source, &Subject::Spans)?;
        Ok(Self { source: source.trim().to_owned(), expression })
    }

    /// The source text, trimmed.
    pub fn expression(&self) -> &str {
        &self.source
    }

    /// Whether it matches everything.
    pub fn is_empty(&self) -> bool {
        self.expression.is_empty()
    }

    /// Whether a span matches; `raw` is the JSON of its message.
    pub fn matches(&self, span: &Span, raw: &[u8]) -> bool {
        self.expression.evaluate(&|term| Some(term.matches_span(span, raw))).unwrap_or(false)
    }

    /// The spans of a message that match.
    pub fn select(&self, spans: &[Span], raw: &[u8]) -> Vec<Span> {
        spans.iter().filter(|span| self.matches(span, raw)).cloned().collect()
    }
}

#[cfg(test)]
mod tests;
