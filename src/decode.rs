//! Splits the bytes of a body into messages as they arrive: finds the elements of the top-level `messages` array without
//! parsing their content, and keeps everything else as the envelope. Every body has a defined outcome, and a broken message
//! does not affect the others. No I/O, and no interpretation of messages.

mod batch;
mod element_budget;
mod envelope;
mod list_splitter;
mod message_pattern;
mod outcome;
mod resync;
mod splitter;
mod tee;
mod top_level_parser;

pub use batch::{Batch, Completeness};
pub use list_splitter::{ListBody, ListEnd, ListSplitter};
pub use outcome::{BodyEnd, NoMessages, Outcome};
pub use splitter::{Limits, Splitter};
pub use tee::BodyChunk;

#[cfg(test)]
mod tests;
