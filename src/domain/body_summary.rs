//! The result of reading a body.

/// The outcome of reading a body of which at least a part could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodySummary {
    /// Size of the body after decompression.
    pub bytes: u64,
    /// Anomalies of the body, in sentences; empty for a valid one.
    pub warnings: Vec<String>,
    /// Whether the body is incomplete.
    pub is_partial: bool,
    /// Whether there are messages, but none could be read. The first warning then gives the reason.
    pub is_unreadable: bool,
    /// Whether the body belongs to another thread than the requested one. The first warning then reports it.
    pub is_other_thread: bool,
}
