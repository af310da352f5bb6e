//! The outcome of a body. Each anomaly has its own variant, so that the screen can name it.

use crate::json::Kind;

/// The reason why a body has no messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoMessages {
    /// No member `messages`. The body may be an error or a single message: it is in [`Outcome::envelope`].
    Absent,
    /// `messages` is null.
    Null,
    /// `messages` is not an array.
    NotAnArray(Kind),
    /// The only `messages` is inside this top-level member.
    Nested(String),
    /// The body is an array without elements.
    EmptyArray,
    /// The body is JSON, but neither an object nor an array.
    NotAnObject(Kind),
}

/// The end of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// Complete, with nothing after it.
    Complete,
    /// The body ended prematurely, after this many bytes.
    Truncated { offset: u64 },
    /// Complete, but without messages.
    NoMessages(NoMessages),
    /// The thread is followed by something other than JSON from this byte on; it was not read.
    TrailingGarbage { offset: u64 },
    /// The thread is followed by a second JSON value from this byte on; it was not read.
    SecondValue { offset: u64 },
    /// The message that starts at this byte is larger than the limit; the rest was not read.
    TooLarge { offset: u64 },
    /// The memory of the system ends at this byte; the rest was not read.
    OutOfMemory { offset: u64 },
    /// Only whitespace.
    Empty,
    /// Not JSON; `prefix` has its first bytes, and `is_html` is set if it looks like a web page.
    NotJson { prefix: Vec<u8>, is_html: bool },
}

/// The facts about a body after its last byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub end: BodyEnd,
    /// The top-level object with an empty `messages` array, well-formed at its top level.
    pub envelope: Vec<u8>,
    /// Whether the envelope lacks members because it was too large or cut off.
    pub is_envelope_truncated: bool,
    /// Number of messages, broken ones included.
    pub message_count: u32,
    /// Number of broken or cut off messages.
    pub broken_count: u32,
    /// Number of messages according to the body (`message_count`).
    pub declared_count: Option<i64>,
    /// Whether there is more than one member `messages`; their elements were concatenated.
    pub has_repeated_messages: bool,
    /// Number of skipped junk bytes, such as NUL between messages.
    pub skipped_bytes: u64,
    /// Length of the body in bytes.
    pub byte_len: u64,
}
