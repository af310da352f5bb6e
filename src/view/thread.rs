//! The thread on the screen: its heads, what is known of it, and totals that are kept up to date as messages arrive.
use crate::domain::{
    BodySummary, MessageFlags, MessageSummaries, MessageSummary, Origin, Sentiment, Source, Status, Thread,
    Timestamp,
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
    /// Spans that failed, in whatever messages.
    pub span_errors: usize,
    pub empty_answers: usize,
    pub unreadable: usize,
}

impl Totals {
    fn add(&mut self, head: &MessageSummary) {
        self.errors += usize::from(head.status == Status::Error);
        self.canceled += usize::from(head.status == Status::Canceled);
        self.positive += usize::from(head.sentiment == Some(Sentiment::Positive));
        self.negative += usize::from(head.sentiment == Some(Sentiment::Negative));
        self.spans = self.spans.saturating_add(head.span_count as usize);
        self.span_errors = self.span_errors.saturating_add(head.failed_span_count as usize);
        self.empty_answers += usize::from(head.flags.contains(MessageFlags::EMPTY_ANSWER));
        self.unreadable += usize::from(head.read_error.is_some());
    }
}

/// Places worth seeing in a long list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Landmarks {
    pub errors: Vec<u32>,
    pub negative: Vec<u32>,
    pub positive: Vec<u32>,
}

impl Landmarks {
    fn add(&mut self, place: usize, head: &MessageSummary) {
        let Ok(place) = u32::try_from(place) else { return };
        if head.has_problem() {
            self.errors.push(place);
        }
        match head.sentiment {
            Some(Sentiment::Negative) => self.negative.push(place),
            Some(Sentiment::Positive | Sentiment::Other) => self.positive.push(place),
            None => {}
        }
    }

    /// Collects anew, after the order changed.
    pub fn from_summaries<'a>(heads: impl Iterator<Item = &'a MessageSummary>) -> Self {
        let mut landmarks = Self::default();
        for (place, head) in heads.enumerate() {
            landmarks.add(place, head);
        }
        landmarks
    }
}

/// Whether any of these places lies in a range; they are in order.
pub fn any_in(places: &[u32], range: std::ops::Range<u32>) -> bool {
    let first = places.partition_point(|place| *place < range.start);
    places.get(first).is_some_and(|place| *place < range.end)
}

/// A thread, as far as it has been read.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenThread {
    pub source: Source,
    /// Counts up with every copy that comes on the screen.
    pub generation: u64,
    /// Known with the first message.
    pub service: Option<&'static str>,
    pub origin: Origin,
    pub summaries: MessageSummaries,
    pub metadata: Thread,
    pub totals: Totals,
    /// Places of messages with errors and with feedback, in order: for the overview beside the list.
    pub landmarks: Landmarks,
    /// How reading it ended; `None` while it goes on or was stopped.
    pub body_summary: Option<BodySummary>,
    /// When the body was fetched, or read from the file.
    pub fetched_at: Timestamp,
}

impl OpenThread {
    /// A thread of which nothing is read yet.
    pub fn new(source: Source, origin: Origin, generation: u64, now: Timestamp) -> Self {
        let service = match &source {
            Source::Thread(thread) => Some(thread.service),
            Source::File(_) | Source::Stdin => None,
        };
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

    /// The service's rules.
    pub fn provider(&self) -> Option<&'static dyn Provider> {
        provider::by_id(self.service?)
    }

    /// Takes in the next messages.
    pub fn extend(&mut self, heads: Vec<MessageSummary>) {
        for (place, head) in (self.summaries.len()..).zip(&heads) {
            self.totals.add(head);
            self.landmarks.add(place, head);
        }
        self.summaries.extend(heads);
    }

    /// Whether the whole body was read.
    pub fn is_complete(&self) -> bool {
        self.body_summary.as_ref().is_some_and(|ending| !ending.is_partial)
    }

    /// The title for people: the thread's own, else its id, else what was typed.
    pub fn title(&self) -> String {
        let own = self.metadata.title.as_deref().map(str::trim).filter(|title| !title.is_empty());
        own.map_or_else(|| self.metadata.id.clone().unwrap_or_else(|| self.source.to_input()), str::to_owned)
    }

    /// The place of the message with this id, comparing raw JSON.
    pub fn position_of_id(&self, id: &[u8]) -> Option<usize> {
        if id.is_empty() {
            return None;
        }
        self.summaries.iter().position(|head| head.raw.bytes_in(head.id) == id)
    }
}
