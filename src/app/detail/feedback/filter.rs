//! Which entries of the thread's feedback are listed: by kind, and by a phrase in their words. Sentiments are known from
//! the heads; words must be read, which goes on in steps that are short however large the thread.

use crate::domain::{Feedback, MessageSummaries, Sentiment};
use crate::provider::Provider;
use crate::search::Finder;

/// Bytes of messages that one step reads.
const STEP_BYTES: usize = 4 << 20;

/// Kinds of feedback that can be listed alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FeedbackKind {
    #[default]
    All,
    Negative,
    Positive,
    /// With more than a thumb.
    WithComment,
}

impl FeedbackKind {
    /// In their order on the screen.
    pub const ALL: [Self; 4] = [Self::All, Self::Negative, Self::Positive, Self::WithComment];

    /// Whether a message with this sentiment can be of the kind.
    fn matches(self, sentiment: Option<Sentiment>) -> bool {
        match self {
            Self::All | Self::WithComment => sentiment.is_some(),
            Self::Negative => sentiment == Some(Sentiment::Negative),
            Self::Positive => sentiment == Some(Sentiment::Positive),
        }
    }
}

/// What is wanted, and what of the thread was found to be that.
#[derive(Clone, Debug, Default)]
pub struct FeedbackFilter {
    pub kind: FeedbackKind,
    /// The phrase as typed; empty wants any words or none.
    pub phrase: String,
    finder: Option<Finder>,
    /// Places of the messages whose feedback is listed, in order.
    pub matching: Vec<u32>,
    /// How many messages were looked at.
    scanned: usize,
}

impl FeedbackFilter {
    /// Lists another kind.
    pub fn set_kind(&mut self, kind: FeedbackKind) {
        self.kind = kind;
        self.restart();
    }

    /// Lists what has these words; `None` takes any.
    pub fn set_phrase(&mut self, typed: &str, finder: Option<Finder>) {
        self.phrase = typed.to_owned();
        self.finder = finder;
        self.restart();
    }

    /// Forgets what was found, but not what is wanted.
    pub fn restart(&mut self) {
        self.matching.clear();
        self.scanned = 0;
    }

    /// What is looked for in the words, if anything.
    pub fn finder(&self) -> Option<&Finder> {
        self.finder.as_ref()
    }

    /// Whether anything is left out on purpose.
    pub fn is_narrow(&self) -> bool {
        self.kind != FeedbackKind::All || self.finder.is_some()
    }

    /// Looks at more messages; returns whether there is more to do.
    pub fn step(&mut self, heads: &MessageSummaries, provider: &dyn Provider) -> bool {
        let reads = self.kind == FeedbackKind::WithComment || self.finder.is_some();
        let mut room = STEP_BYTES;
        while let Some(head) = heads.get(self.scanned) {
            if self.kind.matches(head.sentiment) {
                if reads {
                    room = room.saturating_sub(head.raw.len().max(1));
                }
                if !reads || provider.read_feedback(head.raw.bytes()).iter().any(|one| self.matches(one)) {
                    self.matching.extend(u32::try_from(self.scanned));
                }
            }
            self.scanned += 1;
            if room == 0 {
                break;
            }
        }
        self.scanned < heads.len()
    }

    fn matches(&self, feedback: &Feedback) -> bool {
        let text = feedback.description.as_str();
        let has_words = self.kind != FeedbackKind::WithComment || !text.trim().is_empty();
        has_words && self.finder.as_ref().is_none_or(|finder| !finder.text_hits(text, 1).is_empty())
    }
}
