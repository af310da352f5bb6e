//! From the bytes of a body, as they arrive, to the complete messages in it: finds the elements of the top-level
//! `messages` array without reading what is in them, and keeps everything else as the envelope. Every body has a defined
//! outcome; one broken message costs that message. No I/O here, and nothing of what a message means.

mod batch;
mod body_parser;
mod envelope;
mod message_pattern;
mod outcome;
mod resync;
mod splitter;
mod tee;

pub use batch::{Batch, Completeness, Element};
pub use outcome::{BodyEnd, NoMessages, Outcome};
pub use splitter::{Limits, Splitter};
pub use tee::BodyChunk;

#[cfg(test)]
mod tests;
