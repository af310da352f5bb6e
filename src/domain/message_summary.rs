//! The small part of a message that the list needs. Heads exist for every message of a thread, so their size
//! counts; everything else is read from [`Head::raw`] when it is looked at.

use super::{ByteRange, Raw, Role, Sentiment, Timestamp};

/// How an operation ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Status {
    Success,
    Error,
    Canceled,
    /// A word that is not documented; the raw text is kept where it is shown.
    Other,
    /// The service does not say.
    #[default]
    Unknown,
}

impl Status {
    /// From the service's word; open, as enums of services grow.
    pub fn from_name(word: &str) -> Self {
        match word {
            "SUCCESS" => Self::Success,
            "ERROR" => Self::Error,
            "CANCELED" | "CANCELLED" => Self::Canceled,
            "" => Self::Unknown,
            _ => Self::Other,
        }
    }

    /// Whether a person who looks for trouble wants to see it.
    pub fn is_problem(self) -> bool {
        matches!(self, Self::Error | Self::Canceled)
    }
}

/// Yes-or-no facts about a message, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageFlags(u8);

impl MessageFlags {
    /// The answer of a turn is empty although one was due.
    pub const EMPTY_ANSWER: Self = Self(1);
    /// The message calls tools or carries their results.
    pub const TOOLS: Self = Self(2);
    /// The message carries artifacts (tables, charts).
    pub const ARTIFACTS: Self = Self(4);
    /// [`Head::preview`] is JSON, not a JSON string to be decoded.
    pub const PREVIEW_IS_JSON: Self = Self(8);

    /// Both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all marks of `other` are set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Why a message could not be read; its row says so, and its raw text stays at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// A sentence for people, without the data itself.
    pub reason: String,
}

/// One message in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageSummary {
    /// The message as it came.
    pub raw: Raw,
    /// Its place in the body, from 0.
    pub index: u32,
    /// Spans of the turn.
    pub span_count: u32,
    /// Spans that failed.
    pub failed_span_count: u32,
    /// The id: a JSON string or number inside `raw`.
    pub id: ByteRange,
    /// The value whose text is the row's first line: a JSON string inside `raw`, or JSON (see [`Marks`]).
    pub preview: ByteRange,
    pub role: Role,
    pub status: Status,
    pub sentiment: Option<Sentiment>,
    pub flags: MessageFlags,
    pub time: Option<Timestamp>,
    /// May be negative or absurd; shown as it is.
    pub duration_ms: Option<i64>,
    /// Why nothing else could be read.
    pub read_error: Option<Box<ReadError>>,
}

impl MessageSummary {
    /// Whether the message or one of its spans failed, or it cannot be read.
    pub fn has_problem(&self) -> bool {
        self.status.is_problem() || self.failed_span_count > 0 || self.read_error.is_some()
    }

    /// Whether users left feedback on it.
    pub fn has_feedback(&self) -> bool {
        matches!(self.sentiment, Some(Sentiment::Positive | Sentiment::Negative | Sentiment::Other))
    }

    /// Whether its feedback is negative.
    pub fn is_disliked(&self) -> bool {
        self.sentiment == Some(Sentiment::Negative)
    }

    /// A row for a message that could not be read.
    pub fn unreadable(raw: Raw, index: u32, reason: impl Into<String>) -> Self {
        Self { read_error: Some(Box::new(ReadError { reason: reason.into() })), ..Self::blank(raw, index) }
    }

    /// A head that knows nothing yet but its bytes.
    pub fn blank(raw: Raw, index: u32) -> Self {
        Self {
            raw,
            index,
            span_count: 0,
            failed_span_count: 0,
            id: ByteRange::default(),
            preview: ByteRange::default(),
            role: Role::Unknown,
            status: Status::Unknown,
            sentiment: None,
            flags: MessageFlags::default(),
            time: None,
            duration_ms: None,
            read_error: None,
        }
    }
}
