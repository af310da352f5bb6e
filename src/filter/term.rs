//! One term of a filter: what it asks, and whether a message has it.

use crate::domain::{Head, Marks, Message, Role, Sentiment, Status};
use crate::search::Finder;

/// How a number is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compare {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Compare {
    fn holds(self, value: i64, limit: i64) -> bool {
        match self {
            Self::Less => value < limit,
            Self::AtMost => value <= limit,
            Self::Equal => value == limit,
            Self::AtLeast => value >= limit,
            Self::More => value > limit,
        }
    }
}

/// Something that a message has or has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Has {
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
    Has(Has),
    /// Milliseconds.
    Duration(Compare, i64),
    Spans(Compare, i64),
    Tokens(Compare, i64),
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
pub(super) struct Wish {
    pub(super) term: Term,
    pub(super) negated: bool,
}

impl Term {
    /// Whether it holds, if the head is enough to say so.
    pub(super) fn holds_for_head(&self, head: &Head) -> Option<bool> {
        match self {
            // A turn is both sides: it is the user's and the assistant's.
            Self::Role(Role::User | Role::Assistant) if head.role == Role::Turn => Some(true),
            Self::Role(role) => Some(head.role == *role),
            Self::Status(Status::Error) => Some(head.status == Status::Error || head.fault.is_some()),
            Self::Status(status) => Some(head.status == *status),
            Self::Feedback(sentiment) => Some(head.sentiment == Some(*sentiment)),
            Self::Has(has) => Some(head_has(head, *has)),
            Self::Duration(compare, limit) => {
                Some(head.duration_ms.is_some_and(|ms| compare.holds(ms, *limit)))
            }
            Self::Spans(compare, limit) => Some(compare.holds(i64::from(head.spans), *limit)),
            Self::Text(finder) => Some(finder.count(head.raw.bytes(), 1) > 0),
            Self::Operation(_) | Self::Span(_) if head.spans == 0 => Some(false),
            Self::Tokens(..) | Self::Operation(_) | Self::Span(_) | Self::Model(_) | Self::Id(_) => None,
        }
    }

    /// Whether it holds for a message that is read; head terms were answered before.
    pub(super) fn holds_for(&self, message: &Message) -> bool {
        let contains = |text: &str, part: &str| text.to_lowercase().contains(part);
        match self {
            Self::Tokens(compare, limit) => message
                .usage
                .as_ref()
                .and_then(|usage| usage.total())
                .is_some_and(|n| compare.holds(n, *limit)),
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
            Self::Duration(compare, limit) => message.duration_ms.is_some_and(|ms| compare.holds(ms, *limit)),
            Self::Spans(compare, limit) => {
                compare.holds(i64::try_from(message.spans.len()).unwrap_or(i64::MAX), *limit)
            }
            Self::Has(_) | Self::Text(_) => false,
        }
    }
}

fn head_has(head: &Head, has: Has) -> bool {
    match has {
        Has::Error => head.status.is_problem() || head.span_errors > 0 || head.fault.is_some(),
        Has::Feedback => head.sentiment.is_some(),
        Has::Spans => head.spans > 0,
        Has::Tools => head.marks.has(Marks::TOOLS),
        Has::Artifacts => head.marks.has(Marks::ARTIFACTS),
        Has::EmptyAnswer => head.marks.has(Marks::EMPTY_ANSWER),
    }
}
