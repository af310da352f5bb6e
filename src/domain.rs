//! What both services mean: threads, messages, spans, feedback. Plain values without I/O, time source or screen.
//! A message exists twice: as a small [`Head`] that the list shows, and, when it is looked at, as a [`Message`]
//! read from the same raw bytes. Wire quirks live in `provider/*`, never here.

mod block;
mod feedback;
mod head;
mod heads;
mod message;
mod raw;
mod segment;
mod span;
mod stamp;
mod thread;
mod usage;

pub use block::{Artifact, Block, Chunk, CodeField, Language};
pub use feedback::{Feedback, Sentiment};
pub use head::{Fault, Head, Marks, Status};
pub use heads::Heads;
pub use message::{Message, Role, Side};
pub use raw::{Piece, Raw};
pub use segment::Segment;
pub use span::{Span, SpanError};
pub use stamp::Stamp;
pub use thread::{Thread, ThreadRef};
pub use usage::Usage;
