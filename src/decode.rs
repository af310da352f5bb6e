//! From the bytes of a body, as they arrive, to the complete messages in it: finds the elements of the top-level
//! `messages` array without reading what is in them, and keeps everything else as the envelope. Every body has a defined
//! outcome; one broken message costs that message. No I/O here, and nothing of what a message means.

mod batch;
mod envelope;
mod machine;
mod outcome;
mod passage;
mod resync;
mod shape;
mod splitter;

pub use batch::{Batch, Condition, Element};
pub use outcome::{End, NoMessages, Outcome};
pub use passage::Passage;
pub use splitter::{Limits, Splitter};

#[cfg(test)]
mod tests;
