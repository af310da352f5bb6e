//! Very large messages: read from a copy with shortened texts, so that a message is in memory only once.

use super::Provider;
use crate::domain::{Message, Raw};
use crate::json::{self, Omissions};

/// The largest message in bytes that is read whole.
const MAX_WHOLE_BYTES: usize = 32 << 20;

/// The bytes of long texts that are read of a larger message.
const MAX_TEXT_BYTES: usize = 16 << 20;

/// A copy of a very large message with shortened texts.
#[derive(Debug)]
pub struct ShortenedMessage {
    pub raw: Raw,
    /// The differences between the offsets of both.
    pub omissions: Omissions,
}

impl ShortenedMessage {
    /// Returns the copy; `None` if the message is small enough to be read whole, or has no long texts.
    pub fn of(raw: &[u8]) -> Option<Self> {
        let is_large = raw.len() > MAX_WHOLE_BYTES;
        let (copy, omissions) = is_large.then(|| json::shorten(raw, MAX_TEXT_BYTES)).flatten()?;
        Some(Self { raw: Raw::owned(copy), omissions })
    }
}

/// Reads a message for its spans, usage and feedback. The long texts of a very large message are shortened, and its byte
/// ranges refer to no JSON.
pub fn read_facts(provider: &dyn Provider, raw: &[u8]) -> Message {
    match ShortenedMessage::of(raw) {
        Some(shortened) => provider.read_message(shortened.raw.bytes()),
        None => provider.read_message(raw),
    }
}
