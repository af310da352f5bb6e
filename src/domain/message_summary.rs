//! The part of a message that the list needs. Every message of a thread has a summary, so its size matters;
//! everything else is read from [`MessageSummary::raw`] on demand.

use std::sync::Arc;

use super::{ByteRange, Raw, Role, Sentiment, Timestamp};

/// The outcome of an operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Status {
    Success,
    Error,
    Canceled,
    /// An undocumented status; the raw text is kept where it is shown.
    Other,
    /// No status.
    #[default]
    Unknown,
}

impl Status {
    /// Reads a service's name of a status, in any case; total, as the services add names.
    pub fn from_name(name: &str) -> Self {
        match name {
            "SUCCESS" => Self::Success,
            "ERROR" => Self::Error,
            "CANCELED" | "CANCELLED" => Self::Canceled,
            "" => Self::Unknown,
            _ if name.bytes().any(|byte| byte.is_ascii_lowercase()) => {
                Self::from_name(&name.to_ascii_uppercase())
            }
            _ => Self::Other,
        }
    }

    /// Returns whether the message has a problem: failed or cancelled.
    pub fn is_problem(self) -> bool {
        matches!(self, Self::Error | Self::Canceled)
    }
}

bitflags::bitflags! {
/// Boolean facts about a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageFlags: u8 {
/// The answer of a turn is empty although one was due.
const EMPTY_ANSWER = 1;
/// The message calls tools or carries their results.
const TOOLS = 1 << 1;
/// The message carries artifacts (tables, charts).
const ARTIFACTS = 1 << 2;
/// [`MessageSummary::preview`] is JSON, not a JSON string to decode.
const PREVIEW_IS_JSON = 1 << 3;
}
}

/// The error of a message that could not be read. Its row shows the reason, and its raw text stays available.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// A sentence for the user, without the data itself.
    pub reason: String,
    /// The number of elements that the row represents; more than one for a run that is counted, not listed.
    pub count: u32,
}

/// A message in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageSummary {
    /// The message verbatim.
    pub raw: Raw,
    /// Its position in the body, from 0.
    pub index: u32,
    /// Number of spans of the turn.
    pub span_count: u32,
    /// Number of failed spans.
    pub failed_span_count: u32,
    /// The id: a JSON string or number inside `raw`.
    pub id: ByteRange,
    /// The value with the row's first line: a JSON string inside `raw`, or JSON
    /// (see [`MessageFlags::PREVIEW_IS_JSON`]).
    pub preview: ByteRange,
    pub role: Role,
    pub status: Status,
    pub sentiment: Option<Sentiment>,
    pub flags: MessageFlags,
    pub time: Option<Timestamp>,
    /// The duration, which may be negative or absurd; shown unchanged.
    pub duration_ms: Option<i64>,
    /// Set if nothing else could be read; shared by messages with the same reason.
    pub read_error: Option<Arc<ReadError>>,
}

impl MessageSummary {
    /// Returns whether the message or one of its spans failed, or the message could not be read.
    pub fn has_problem(&self) -> bool {
        self.status.is_problem() || self.failed_span_count > 0 || self.read_error.is_some()
    }

    /// Returns whether it has feedback.
    pub fn has_feedback(&self) -> bool {
        self.sentiment.is_some()
    }

    /// Returns whether its feedback is negative.
    pub fn has_negative_feedback(&self) -> bool {
        self.sentiment == Some(Sentiment::Negative)
    }

    /// Returns the summary of a message that could not be read.
    pub fn unreadable(raw: Raw, index: u32, reason: impl Into<String>) -> Self {
        Self::unreadable_run(raw, index, reason, 1)
    }

    /// Returns the summary of a run of unreadable elements, which is one row.
    pub fn unreadable_run(raw: Raw, index: u32, reason: impl Into<String>, count: u32) -> Self {
        let error = ReadError { reason: reason.into(), count };
        Self { read_error: Some(Arc::new(error)), ..Self::blank(raw, index) }
    }

    /// Returns the number of elements that could not be read: none if it could.
    pub fn unreadable_count(&self) -> usize {
        self.read_error.as_ref().map_or(0, |error| error.count as usize)
    }

    /// Creates a summary that has only its bytes.
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
