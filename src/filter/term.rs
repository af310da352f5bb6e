//! The terms of a filter, and how messages match them.

use crate::domain::{
    Message, MessageFlags, MessageSummary, Note, Role, Sentiment, Span, Status, ThreadNotes, Usage,
};
use crate::json::Value;
use crate::search::Finder;
use crate::trace::message_usage;

/// A comparison of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    LessThan,
    AtMost,
    Equal,
    AtLeast,
    GreaterThan,
}

impl Comparison {
    /// Returns the operator in SQL.
    pub fn operator(self) -> &'static str {
        match self {
            Self::LessThan => "<",
            Self::AtMost => "<=",
            Self::Equal => "=",
            Self::AtLeast => ">=",
            Self::GreaterThan => ">",
        }
    }

    pub(super) fn matches<T: PartialOrd>(self, value: T, limit: T) -> bool {
        match self {
            Self::LessThan => value < limit,
            Self::AtMost => value <= limit,
            Self::Equal => value == limit,
            Self::AtLeast => value >= limit,
            Self::GreaterThan => value > limit,
        }
    }
}

/// A property that a message may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    Error,
    Feedback,
    Spans,
    Tools,
    Artifacts,
    EmptyAnswer,
}

/// A condition on the notes of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteTerm {
    /// Whether there is a note.
    IsNoted(bool),
    /// Part of a note's text, in lower case.
    Text(String),
}

impl NoteTerm {
    /// Parses `yes`, `no`, or a part of the text.
    pub(super) fn parse(lower: String) -> Self {
        match lower.as_str() {
            "yes" | "true" => Self::IsNoted(true),
            "no" | "false" => Self::IsNoted(false),
            _ => Self::Text(lower),
        }
    }

    /// Returns whether notes match.
    pub(super) fn matches<'a>(&self, notes: impl IntoIterator<Item = &'a Note>) -> bool {
        let mut notes = notes.into_iter();
        match self {
            Self::IsNoted(is_noted) => notes.next().is_some() == *is_noted,
            Self::Text(part) => notes.any(|note| contains(&note.text, part)),
        }
    }
}

/// A condition on a message or a span.
#[derive(Clone, Debug)]
pub(super) enum Term {
    Role(Role),
    Status(Status),
    Feedback(Sentiment),
    Has(Property),
    /// Milliseconds.
    Duration(Comparison, i64),
    Spans(Comparison, i64),
    Tokens(Comparison, i64),
    /// US dollars.
    Cost(Comparison, f64),
    /// Part of an operation type, in lower case.
    Operation(String),
    /// Part of a span's name, in lower case.
    Span(String),
    /// Part of a model's name, in lower case.
    Model(String),
    Id(String),
    Noted(NoteTerm),
    /// Anywhere in the message.
    Text(Box<Finder>),
}

impl Term {
    /// Returns whether a message matches; `None` if its summary cannot decide that.
    pub(super) fn matches_summary(&self, summary: &MessageSummary, notes: &ThreadNotes) -> Option<bool> {
        match self {
            Self::Noted(term) => {
                let id = Value::of(summary.raw.bytes_in(summary.id)).text();
                Some(term.matches(notes.of_message(&id)))
            }
            // A turn has both sides: the user's and the assistant's.
            Self::Role(Role::User | Role::Assistant) if summary.role == Role::Turn => Some(true),
            Self::Role(role) => Some(summary.role == *role),
            Self::Status(Status::Error) => Some(is_failed(summary)),
            Self::Status(status) => Some(summary.status == *status && !is_failed(summary)),
            Self::Feedback(sentiment) => Some(summary.sentiment == Some(*sentiment)),
            Self::Has(property) => Some(has_property(summary, *property)),
            Self::Duration(comparison, limit) => {
                Some(summary.duration_ms.is_some_and(|ms| comparison.matches(ms, *limit)))
            }
            Self::Spans(comparison, limit) => Some(comparison.matches(i64::from(summary.span_count), *limit)),
            Self::Text(finder) => Some(finder.count_hits(summary.raw.bytes(), 1) > 0),
            Self::Operation(_) | Self::Span(_) if summary.span_count == 0 => Some(false),
            Self::Tokens(..)
            | Self::Cost(..)
            | Self::Operation(_)
            | Self::Span(_)
            | Self::Model(_)
            | Self::Id(_) => None,
        }
    }

    /// Returns whether a message matches a term that its summary could not decide; `false` for all other terms.
    pub(super) fn matches_message(&self, message: &Message) -> bool {
        match self {
            Self::Tokens(comparison, limit) => has_tokens(Some(&message_usage(message)), *comparison, *limit),
            Self::Cost(comparison, limit) => has_cost(Some(&message_usage(message)), *comparison, *limit),
            Self::Operation(part) => message.spans.iter().any(|span| contains(&span.operation, part)),
            Self::Span(part) => message.spans.iter().any(|span| contains(&span.name, part)),
            Self::Model(part) => {
                let spans = message.spans.iter().flat_map(|span| &span.models);
                message.models.iter().chain(spans).any(|model| contains(model, part))
            }
            Self::Id(id) => message.id == *id || message.spans.iter().any(|span| span.id == *id),
            Self::Role(_)
            | Self::Status(_)
            | Self::Feedback(_)
            | Self::Has(_)
            | Self::Duration(..)
            | Self::Spans(..)
            | Self::Noted(_)
            | Self::Text(_) => false,
        }
    }

    /// Returns whether a span matches; `raw` is the JSON of its message. Spans have no role, feedback or spans of their
    /// own.
    pub(super) fn matches_span(&self, span: &Span, raw: &[u8], note: Option<&Note>) -> bool {
        match self {
            Self::Noted(term) => term.matches(note),
            Self::Status(Status::Error) => span.is_failed(),
            Self::Status(status) => span.status == *status && !span.is_failed(),
            Self::Duration(comparison, limit) => span
                .duration_micros()
                .is_some_and(|micros| comparison.matches(micros, limit.saturating_mul(1000))),
            Self::Tokens(comparison, limit) => has_tokens(span.usage.as_ref(), *comparison, *limit),
            Self::Cost(comparison, limit) => has_cost(span.usage.as_ref(), *comparison, *limit),
            Self::Operation(part) => contains(&span.operation, part),
            Self::Span(part) => contains(&span.name, part),
            Self::Model(part) => span.models.iter().any(|model| contains(model, part)),
            Self::Id(id) => span.id == *id,
            Self::Text(finder) => finder.count_hits(span.raw.slice(raw), 1) > 0,
            Self::Role(_) | Self::Feedback(_) | Self::Has(_) | Self::Spans(..) => false,
        }
    }
}

/// Returns whether a text contains a part that is in lower case.
pub(super) fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(part)
}

fn has_tokens(usage: Option<&Usage>, comparison: Comparison, limit: i64) -> bool {
    usage.and_then(Usage::total).is_some_and(|tokens| comparison.matches(tokens, limit))
}

fn has_cost(usage: Option<&Usage>, comparison: Comparison, limit: f64) -> bool {
    usage.and_then(|usage| usage.cost_usd).is_some_and(|cost| comparison.matches(cost, limit))
}

/// Returns whether the message or one of its spans failed, or it could not be read.
fn is_failed(summary: &MessageSummary) -> bool {
    summary.status == Status::Error || summary.failed_span_count > 0 || summary.read_error.is_some()
}

fn has_property(summary: &MessageSummary, property: Property) -> bool {
    match property {
        Property::Error => is_failed(summary),
        Property::Feedback => summary.has_feedback(),
        Property::Spans => summary.span_count > 0,
        Property::Tools => summary.flags.contains(MessageFlags::TOOLS),
        Property::Artifacts => summary.flags.contains(MessageFlags::ARTIFACTS),
        Property::EmptyAnswer => summary.flags.contains(MessageFlags::EMPTY_ANSWER),
    }
}
