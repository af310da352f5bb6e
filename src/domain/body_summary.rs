//! The result of reading a body.

/// How reading a body ended, when something of it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodySummary {
    /// Bytes of the body after decompression.
    pub bytes: u64,
    /// What was odd about the body, in sentences; empty for a good one.
    pub warnings: Vec<String>,
    /// Whether the body broke off.
    pub is_partial: bool,
    /// Whether there are messages, and not one of them could be read. The first of the oddities says why, then.
    pub is_unreadable: bool,
}
