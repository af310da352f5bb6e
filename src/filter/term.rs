//! The terms of a filter, and how messages match them.

use crate::domain::{Message, MessageFlags, MessageSummary, Role, Sentiment, Status};
use crate::search::Finder;
use crate::trace::message_usage;

/// A comparison of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    LessThan,
    AtMost,
    Equal,
    AtLeast,
    GreaterThan,
}

impl Comparison {
    fn matches(self, value: i64, limit: i64) -> bool {
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

/// A condition on a message.
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
    /// Part of an operation type, in lower case.
    Operation(String),
    /// Part of a span's name, in lower case.
    Span(String),
    /// Part of a model's name, in lower case.
    Model(String),
    Id(String),
    /// Anywhere in the message.
    Text(Box<Finder>),
}

/// A term, perhaps negated.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    pub(super) term: Term,
    pub(super) negated: bool,
}

impl Term {
    /// Whether a message matches; `None` if its summary cannot decide that.
    pub(super) fn matches_summary(&self, summary: &MessageSummary) -> Option<bool> {
        match self {
            // A turn has both sides: the user's and the assistant's.
            Self::Role(Role::User | Role::Assistant) if summary.role == Role::Turn => Some(true),
            Self::Role(role) => Some(summary.role == *role),
            Self::Status(Status::Error) => {
                Some(summary.status == Status::Error || summary.read_error.is_some())
            }
            Self::Status(status) => Some(summary.status == *status),
            Self::Feedback(sentiment) => Some(summary.sentiment == Some(*sentiment)),
            Self::Has(property) => Some(has_property(summary, *property)),
            Self::Duration(comparison, limit) => {
                Some(summary.duration_ms.is_some_and(|ms| comparison.matches(ms, *limit)))
            }
            Self::Spans(comparison, limit) => Some(comparison.matches(i64::from(summary.span_count), *limit)),
            Self::Text(finder) => Some(finder.count_hits(summary.raw.bytes(), 1) > 0),
            Self::Operation(_) | Self::Span(_) if summary.span_count == 0 => Some(false),
            Self::Tokens(..) | Self::Operation(_) | Self::Span(_) | Self::Model(_) | Self::Id(_) => None,
        }
    }

    /// Whether a message matches a term that its summary could not decide; `false` for all other terms.
    pub(super) fn matches_message(&self, message: &Message) -> bool {
        let contains = |text: &str, part: &str| text.to_lowercase().contains(part);
        match self {
            Self::Tokens(comparison, limit) => {
                message_usage(message).total().is_some_and(|tokens| comparison.matches(tokens, *limit))
            }
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
            | Self::Text(_) => false,
        }
    }
}

fn has_property(summary: &MessageSummary, property: Property) -> bool {
    match property {
        Property::Error => summary.has_problem(),
        Property::Feedback => summary.has_feedback(),
        Property::Spans => summary.span_count > 0,
        Property::Tools => summary.flags.contains(MessageFlags::TOOLS),
        Property::Artifacts => summary.flags.contains(MessageFlags::ARTIFACTS),
        Property::EmptyAnswer => summary.flags.contains(MessageFlags::EMPTY_ANSWER),
    }
}
