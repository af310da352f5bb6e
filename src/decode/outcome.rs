//! How a body ended. Each way it can be odd has its own name here, so that the screen can say it.

use crate::json::Kind;

/// Why a body that was read to its end had no messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoMessages {
    /// No member `messages`. The body may be an error, or one single message: it is in [`Outcome::envelope`].
    Absent,
    /// `messages` is null.
    Null,
    /// `messages` is something else than an array.
    NotAnArray(Kind),
    /// There is a `messages`, but inside the member of this name.
    Nested(String),
    /// The body is JSON, but neither an object nor an array.
    NotAnObject(Kind),
}

/// How the body ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// All there, and nothing else.
    Complete,
    /// The body ended within something, after this many bytes.
    Truncated { offset: u64 },
    /// Read to its end, without messages.
    NoMessages(NoMessages),
    /// Something that is no JSON follows the thread, from this byte on; it was not read.
    TrailingGarbage { offset: u64 },
    /// A second JSON value follows the thread, from this byte on; it was not read.
    SecondValue { offset: u64 },
    /// A message that starts here is larger than the limit; what follows it was not read.
    TooLarge { offset: u64 },
    /// Nothing but white space.
    Empty,
    /// No JSON; these are its first bytes. `html` if it looks like a web page.
    NotJson { prefix: Vec<u8>, is_html: bool },
}

/// What is known of a body after its last byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub end: BodyEnd,
    /// The top-level object with an empty `messages` array, well-formed at its top level.
    pub envelope: Vec<u8>,
    /// Whether the envelope lacks members because it was too large or was cut off.
    pub is_envelope_truncated: bool,
    /// Messages found, the broken ones included.
    pub message_count: u32,
    /// Messages that are broken or cut off.
    pub broken_count: u32,
    /// How many messages the body itself says there are (`message_count`).
    pub declared_count: Option<i64>,
    /// More than one member `messages`; their elements were taken one after another.
    pub has_repeated_messages: bool,
    /// Bytes that mean nothing and were passed over, such as NUL between messages.
    pub skipped_bytes: u64,
    /// Length of the body in bytes.
    pub byte_len: u64,
}
