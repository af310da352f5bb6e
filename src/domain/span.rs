//! One step of the trace of an answer.

use super::{ByteRange, Status, Timestamp, Usage};

/// The reported error of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanError {
    pub kind: String,
    pub message: String,
    /// `application`, `platform` or `unknown`.
    pub category: String,
}

/// One step of a trace. Ids are unique only within a trace, parents may be missing, and times may be anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span {
    pub id: String,
    /// The label: SGP's `node_id`.
    pub name: String,
    /// The operation type verbatim, such as `KB_RETRIEVAL`.
    pub operation: String,
    pub status: Status,
    pub status_text: String,
    pub trace_id: Option<String>,
    pub parent_id: Option<String>,
    pub start: Option<Timestamp>,
    /// `None` for an unfinished span.
    pub end: Option<Timestamp>,
    /// The start and the end verbatim if they cannot be parsed; else empty.
    pub start_text: String,
    pub end_text: String,
    /// The reported duration, which may be 0, negative, or differ from `end − start`.
    pub duration_ms: Option<i64>,
    /// The range of the JSON inside the raw message; empty if absent or null.
    pub input: ByteRange,
    pub output: ByteRange,
    pub expected: ByteRange,
    pub metadata: ByteRange,
    /// The span's own JSON inside the raw message.
    pub raw: ByteRange,
    pub error: Option<SpanError>,
    pub models: Vec<String>,
    pub usage: Option<Usage>,
}

impl Span {
    /// Returns the duration in microseconds: `end − start` if both are known, else `duration_ms`.
    pub fn duration_micros(&self) -> Option<i64> {
        match (self.start, self.end) {
            (Some(start), Some(end)) => Some(end.micros_since(start)),
            _ => self.duration_ms.map(|ms| ms.saturating_mul(1000)),
        }
    }

    /// Returns the end: `end`, else `start + duration_ms`; `None` for an unfinished span.
    pub fn end_time(&self) -> Option<Timestamp> {
        self.end.or_else(|| match (self.start, self.duration_ms) {
            (Some(start), Some(ms)) if ms > 0 => Some(start.plus_millis(ms)),
            _ => None,
        })
    }

    /// Returns whether neither an end nor a duration is known.
    pub fn is_unfinished(&self) -> bool {
        self.end_time().is_none() && self.end.is_none()
    }

    /// Returns whether it failed, by its status or its metadata.
    pub fn is_failed(&self) -> bool {
        self.status == Status::Error || self.error.is_some()
    }
}
