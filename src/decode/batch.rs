//! The splitter's output: a sealed segment and the positions of the messages in it.

use std::sync::Arc;

use super::element_budget::Run;
use crate::domain::{Raw, Segment};

/// The completeness of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Completeness {
    /// Its brackets and strings are balanced.
    Whole,
    /// It has a wrong bracket or quote, or is not JSON at all; it extends to the start of the next message.
    Broken,
    /// The body ended inside it.
    CutOff,
    /// A run of this many elements, of which only the first bytes are kept; see
    /// [`ElementBudget`](super::element_budget::ElementBudget).
    Run(u32),
}

/// The position of a message in its segment, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    pub start: u32,
    pub len: u32,
    pub completeness: Completeness,
}

impl Element {
    /// Creates an element from buffer offsets. They saturate at 4 GiB, which the splitter's message limit prevents.
    pub(super) fn new(start: usize, end: usize, completeness: Completeness) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { start: narrow(start), len: narrow(end.saturating_sub(start)), completeness }
    }

    pub(super) fn end(self) -> usize {
        self.start as usize + self.len as usize
    }

    /// Returns the number of elements of the body that this one represents.
    fn count(self) -> u32 {
        match self.completeness {
            Completeness::Run(count) => count,
            Completeness::Whole | Completeness::Broken | Completeness::CutOff => 1,
        }
    }
}

/// Messages that became complete together.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The bytes of the messages, shared by all of them.
    pub segment: Arc<Segment>,
    pub elements: Vec<Element>,
    /// The index of the first message in the body.
    pub first_index: u32,
}

impl Batch {
    /// Creates a batch of one element, which represents a run.
    pub(super) fn of_run(run: Run, first_index: u32) -> Self {
        let element = Element::new(0, run.prefix.len(), Completeness::Run(run.count));
        Self { segment: Arc::new(Segment::from(run.prefix)), elements: vec![element], first_index }
    }

    /// Returns the index in the body, the bytes and the completeness of each message.
    pub fn raw_messages(&self) -> impl Iterator<Item = (u32, Raw, Completeness)> + '_ {
        (self.first_index..=u32::MAX).zip(&self.elements).map(|(index, element)| {
            let raw = Raw::window(&self.segment, element.start as usize, element.len as usize);
            (index, raw, element.completeness)
        })
    }

    /// Returns the number of elements of the body, those in runs included.
    pub fn message_count(&self) -> u32 {
        self.elements.iter().fold(0, |sum, element| sum.saturating_add(element.count()))
    }
}
