//! The open thread: message summaries, metadata, and totals that are updated as messages arrive.

use crate::domain::{
    BodySummary, MessageFlags, MessageSummaries, MessageSummary, Origin, Role, Sentiment, Source, Status,
    Thread, Timestamp,
};
use crate::provider::{self, Provider};

/// Counts over all messages read so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub errors: usize,
    pub canceled: usize,
    pub positive: usize,
    pub negative: usize,
    pub spans: usize,
    /// Failed spans of all messages.
    pub span_errors: usize,
    pub empty_answers: usize,
    pub unreadable: usize,
    /// The longest duration of a message.
    pub slowest_ms: i64,
}

impl Totals {
    fn add(&mut self, summary: &MessageSummary) {
        self.errors += usize::from(summary.status == Status::Error);
        self.canceled += usize::from(summary.status == Status::Canceled);
        self.positive += usize::from(summary.sentiment == Some(Sentiment::Positive));
        self.negative += usize::from(summary.sentiment == Some(Sentiment::Negative));
        self.spans = self.spans.saturating_add(summary.span_count as usize);
        self.span_errors = self.span_errors.saturating_add(summary.failed_span_count as usize);
        self.empty_answers += usize::from(summary.flags.contains(MessageFlags::EMPTY_ANSWER));
        self.unreadable = self.unreadable.saturating_add(summary.unreadable_count());
        self.slowest_ms = self.slowest_ms.max(summary.duration_ms.unwrap_or(0));
    }
}

/// Indexes of messages with errors or feedback and of questions, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Landmarks {
    /// The user's messages, if answers are separate messages.
    pub questions: Vec<u32>,
    pub errors: Vec<u32>,
    pub negative: Vec<u32>,
    pub positive: Vec<u32>,
}

impl Landmarks {
    fn add(&mut self, index: usize, summary: &MessageSummary) {
        let Ok(index) = u32::try_from(index) else { return };
        if summary.role == Role::User {
            self.questions.push(index);
        }
        if summary.has_problem() {
            self.errors.push(index);
        }
        match summary.sentiment {
            Some(Sentiment::Negative) => self.negative.push(index),
            Some(Sentiment::Positive | Sentiment::Other) => self.positive.push(index),
            None => {}
        }
    }

    /// Collects the landmarks of all messages, after their order changed.
    pub fn from_summaries<'a>(summaries: impl Iterator<Item = &'a MessageSummary>) -> Self {
        let mut landmarks = Self::default();
        for (index, summary) in summaries.enumerate() {
            landmarks.add(index, summary);
        }
        landmarks
    }
}

/// Returns whether any of these sorted indexes lies in a range.
pub fn any_in(indexes: &[u32], range: std::ops::Range<u32>) -> bool {
    let first = indexes.partition_point(|index| *index < range.start);
    indexes.get(first).is_some_and(|index| *index < range.end)
}

/// The loaded part of a thread.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenThread {
    pub source: Source,
    /// A number that increases with every version that is shown.
    pub generation: u64,
    /// The provider's id; known with the first message.
    pub service: Option<&'static str>,
    pub origin: Origin,
    pub summaries: MessageSummaries,
    pub metadata: Thread,
    pub totals: Totals,
    /// The landmarks, for the overview next to the list.
    pub landmarks: Landmarks,
    /// The summary of the body; `None` while it loads or after it was stopped.
    pub body_summary: Option<BodySummary>,
    /// The time of the fetch, or of reading the file.
    pub fetched_at: Timestamp,
}

impl OpenThread {
    /// Creates a thread without messages yet.
    pub fn new(source: Source, origin: Origin, generation: u64, now: Timestamp) -> Self {
        let service = source.thread().map(|thread| thread.service);
        let fetched_at = match &origin {
            Origin::Cache { fetched_at } => *fetched_at,
            Origin::Network { .. } | Origin::File { .. } => now,
        };
        Self {
            source,
            generation,
            service,
            origin,
            summaries: MessageSummaries::default(),
            metadata: Thread::default(),
            totals: Totals::default(),
            landmarks: Landmarks::default(),
            body_summary: None,
            fetched_at,
        }
    }

    /// Returns the provider of its service.
    pub fn provider(&self) -> Option<&'static dyn Provider> {
        provider::by_id(self.service?)
    }

    /// Appends the next messages.
    pub fn extend(&mut self, summaries: Vec<MessageSummary>) {
        for (index, summary) in (self.summaries.len()..).zip(&summaries) {
            self.totals.add(summary);
            self.landmarks.add(index, summary);
        }
        self.summaries.extend(summaries);
    }

    /// Returns whether the whole body was read.
    pub fn is_complete(&self) -> bool {
        self.body_summary.as_ref().is_some_and(|summary| !summary.is_partial)
    }

    /// Returns whether the thread spans more than a day, so that its times need dates.
    pub fn spans_multiple_days(&self) -> bool {
        let time_at = |index: usize| self.summaries.get(index).and_then(|summary| summary.time);
        let (first, last) = (time_at(0), time_at(self.summaries.len().saturating_sub(1)));
        first.zip(last).is_some_and(|(first, last)| last.micros_since(first).abs() > 20 * 3_600_000_000)
    }

    /// Returns the title to display: the thread's own, else its id, else the user's input.
    pub fn title(&self) -> String {
        let own = self.metadata.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
        own.map_or_else(|| self.metadata.id.clone().unwrap_or_else(|| self.source.to_input()), str::to_owned)
    }

    /// Returns the index of the message with this id, compared as raw JSON.
    pub fn position_of_id(&self, id: &[u8]) -> Option<usize> {
        if id.is_empty() {
            return None;
        }
        self.summaries.iter().position(|summary| summary.raw.bytes_in(summary.id) == id)
    }
}
