//! One term of a filter: what it asks, and whether a message has it.

use crate::domain::{Message, MessageFlags, MessageSummary, Role, Sentiment, Status};
use crate::search::Finder;

/// How a number is compared.
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

/// Something that a message has or has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    Error,
    Feedback,
    Spans,
    Tools,
    Artifacts,
    EmptyAnswer,
}

/// What a term asks.
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
    /// A part of an operation type, in lower case.
    Operation(String),
    /// A part of a span's name, in lower case.
    Span(String),
    /// A part of a model's name, in lower case.
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
    /// Whether it holds, if the head is enough to say so.
    pub(super) fn matches_summary(&self, head: &MessageSummary) -> Option<bool> {
        match self {
            // A turn is both sides: it is the user's and the assistant's.
            Self::Role(Role::User | Role::Assistant) if head.role == Role::Turn => Some(true),
            Self::Role(role) => Some(head.role == *role),
            Self::Status(Status::Error) => Some(head.status == Status::Error || head.read_error.is_some()),
            Self::Status(status) => Some(head.status == *status),
            Self::Feedback(sentiment) => Some(head.sentiment == Some(*sentiment)),
            Self::Has(has) => Some(summary_has(head, *has)),
            Self::Duration(compare, limit) => {
                Some(head.duration_ms.is_some_and(|ms| compare.matches(ms, *limit)))
            }
            Self::Spans(compare, limit) => Some(compare.matches(i64::from(head.span_count), *limit)),
            Self::Text(finder) => Some(finder.count_hits(head.raw.bytes(), 1) > 0),
            Self::Operation(_) | Self::Span(_) if head.span_count == 0 => Some(false),
            Self::Tokens(..) | Self::Operation(_) | Self::Span(_) | Self::Model(_) | Self::Id(_) => None,
        }
    }

    /// Whether it holds for a message that is read; head terms were answered before.
    pub(super) fn matches_message(&self, message: &Message) -> bool {
        let contains = |text: &str, part: &str| text.to_lowercase().contains(part);
        match self {
            Self::Tokens(compare, limit) => message
                .usage
                .as_ref()
                .and_then(|usage| usage.total())
                .is_some_and(|n| compare.matches(n, *limit)),
            Self::Operation(part) => message.spans.iter().any(|span| contains(&span.operation, part)),
            Self::Span(part) => message.spans.iter().any(|span| contains(&span.name, part)),
            Self::Model(part) => {
                let spans = message.spans.iter().flat_map(|span| &span.models);
                message.models.iter().chain(spans).any(|model| contains(model, part))
            }
            Self::Id(id) => message.id == *id || message.spans.iter().any(|span| span.id == *id),
            Self::Role(role) => message.role == *role,
            Self::Status(status) => message.status == *status,
            Self::Feedback(sentiment) => message.feedback.iter().any(|one| one.sentiment == *sentiment),
            Self::Duration(compare, limit) => {
                message.duration_ms.is_some_and(|ms| compare.matches(ms, *limit))
            }
            Self::Spans(compare, limit) => {
                compare.matches(i64::try_from(message.spans.len()).unwrap_or(i64::MAX), *limit)
            }
            Self::Has(_) | Self::Text(_) => false,
        }
    }
}

fn summary_has(head: &MessageSummary, has: Property) -> bool {
    match has {
        Property::Error => {
            head.status.is_problem() || head.failed_span_count > 0 || head.read_error.is_some()
        }
        Property::Feedback => head.sentiment.is_some(),
        Property::Spans => head.span_count > 0,
        Property::Tools => head.flags.contains(MessageFlags::TOOLS),
        Property::Artifacts => head.flags.contains(MessageFlags::ARTIFACTS),
        Property::EmptyAnswer => head.flags.contains(MessageFlags::EMPTY_ANSWER),
    }
}
