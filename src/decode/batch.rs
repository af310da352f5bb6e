//! What the splitter hands out: a run of bytes that is not touched any more, and where the messages are in it.

use std::sync::Arc;

use crate::domain::{Raw, Segment};

/// How whole a message came out of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Completeness {
    /// Its brackets and strings are complete.
    Whole,
    /// A bracket or a quote is wrong in it, or it is no JSON at all; it reaches to where the next message starts.
    Broken,
    /// The body ended before it did.
    CutOff,
}

/// Where a message lies in its segment, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    pub start: u32,
    pub len: u32,
    pub completeness: Completeness,
}

impl Element {
    /// From offsets in memory. What lies past 4 GiB is cut, which the splitter's limit keeps from happening.
    pub(super) fn new(start: usize, end: usize, condition: Completeness) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: narrow(start), len: narrow(end.saturating_sub(start)), completeness: condition }
    }

    pub(super) fn end(self) -> usize {
        self.start as usize + self.len as usize
    }
}

/// Messages that became complete together.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The bytes that the messages lie in, shared by all of them.
    pub segment: Arc<Segment>,
    pub elements: Vec<Element>,
    /// The place in the body of the first of them, from 0.
    pub first_index: u32,
}

impl Batch {
    /// Each message with its place in the body and its bytes.
    pub fn raw_messages(&self) -> impl Iterator<Item = (u32, Raw, Completeness)> + '_ {
        (self.first_index..=u32::MAX).zip(&self.elements).map(|(index, element)| {
            let raw = Raw::window(&self.segment, element.start as usize, element.len as usize);
            (index, raw, element.completeness)
        })
    }
}
