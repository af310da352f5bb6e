//! What both services mean: threads, messages, spans, feedback. Plain values without I/O, time source or screen.
//! A message exists twice: as a small [`Head`] that the list shows, and, when it is looked at, as a [`Message`]
//! read from the same raw bytes. Wire quirks live in `provider/*`, never here.

mod block;
mod feedback;
mod message;
mod message_summaries;
mod message_summary;
mod raw;
mod segment;
mod span;
mod thread;
mod timestamp;
mod usage;

pub use block::{Artifact, Block, Chunk, CodeField, Language};
pub use feedback::{Feedback, Sentiment};
pub use message::{Message, Role, Side};
pub use message_summaries::MessageSummaries;
pub use message_summary::{MessageFlags, MessageSummary, ReadError, Status};
pub use raw::{ByteRange, Raw};
pub use segment::Segment;
pub use span::{Span, SpanError};
pub use thread::{Thread, ThreadRef};
pub use timestamp::Timestamp;
pub use usage::Usage;
