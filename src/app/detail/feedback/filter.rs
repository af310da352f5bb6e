//! Filters the thread's feedback by kind and by a phrase in the comments. Sentiments are part of the summaries; comments
//! must be read from the messages, in short steps.

use crate::domain::{Feedback, MessageSummaries, Sentiment};
use crate::provider::Provider;
use crate::search::Finder;

/// The bytes of messages that one step reads.
const STEP_BYTES: usize = 4 << 20;

/// The kinds of feedback to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FeedbackKind {
    #[default]
    All,
    Negative,
    Positive,
    /// With a comment.
    WithComment,
}

impl FeedbackKind {
    /// All kinds, in their order on the screen.
    pub const ALL: [Self; 4] = [Self::All, Self::Negative, Self::Positive, Self::WithComment];

    /// Returns whether a message with this sentiment may match.
    fn matches(self, sentiment: Option<Sentiment>) -> bool {
        match self {
            Self::All | Self::WithComment => sentiment.is_some(),
            Self::Negative => sentiment == Some(Sentiment::Negative),
            Self::Positive => sentiment == Some(Sentiment::Positive),
        }
    }
}

/// A filter and the messages that match it.
#[derive(Clone, Debug, Default)]
pub struct FeedbackFilter {
    pub kind: FeedbackKind,
    /// The phrase as typed; empty matches everything.
    pub phrase: String,
    finder: Option<Finder>,
    /// The indexes of matching messages, sorted.
    pub matching: Vec<u32>,
    /// The number of messages that were checked.
    scanned: usize,
}

impl FeedbackFilter {
    /// Lists another kind.
    pub fn set_kind(&mut self, kind: FeedbackKind) {
        self.kind = kind;
        self.restart();
    }

    /// Lists feedback that contains a phrase; `None` matches everything.
    pub fn set_phrase(&mut self, typed: &str, finder: Option<Finder>) {
        self.phrase = typed.to_owned();
        self.finder = finder;
        self.restart();
    }

    /// Discards the matches and keeps the filter.
    pub fn restart(&mut self) {
        self.matching.clear();
        self.scanned = 0;
    }

    /// Returns the search for the phrase, if there is one.
    pub fn finder(&self) -> Option<&Finder> {
        self.finder.as_ref()
    }

    /// Checks more messages; returns whether there are more to check.
    pub fn step(&mut self, summaries: &MessageSummaries, provider: &dyn Provider) -> bool {
        let needs_comments = self.kind == FeedbackKind::WithComment || self.finder.is_some();
        let mut budget = STEP_BYTES;
        while let Some(summary) = summaries.get(self.scanned) {
            if self.kind.matches(summary.sentiment) {
                if needs_comments {
                    budget = budget.saturating_sub(summary.raw.len().max(1));
                }
                if !needs_comments
                    || provider.read_feedback(summary.raw.bytes()).iter().any(|entry| self.matches(entry))
                {
                    self.matching.extend(u32::try_from(self.scanned));
                }
            }
            self.scanned += 1;
            if budget == 0 {
                break;
            }
        }
        self.scanned < summaries.len()
    }

    fn matches(&self, feedback: &Feedback) -> bool {
        let text = feedback.description.as_str();
        let has_comment = self.kind != FeedbackKind::WithComment || !text.trim().is_empty();
        has_comment && self.finder.as_ref().is_none_or(|finder| !finder.text_hits(text, 1).is_empty())
    }
}
