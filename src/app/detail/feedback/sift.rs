//! Which entries of the thread's feedback are listed: by kind, and by a phrase in their words. Sentiments are known from
//! the heads; words must be read, which goes on in steps that are short however large the thread.

use crate::domain::{Feedback, Heads, Sentiment};
use crate::provider::Provider;
use crate::search::Finder;

/// Bytes of messages that one step reads.
const STEP: usize = 4 << 20;

/// Kinds of feedback that can be listed alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    All,
    Negative,
    Positive,
    /// With more than a thumb.
    Words,
}

impl Kind {
    /// In their order on the screen.
    pub const ALL: [Self; 4] = [Self::All, Self::Negative, Self::Positive, Self::Words];

    /// Whether a message with this sentiment can be of the kind.
    fn admits(self, sentiment: Option<Sentiment>) -> bool {
        match self {
            Self::All | Self::Words => sentiment.is_some(),
            Self::Negative => sentiment == Some(Sentiment::Negative),
            Self::Positive => sentiment == Some(Sentiment::Positive),
        }
    }
}

/// What is wanted, and what of the thread was found to be that.
#[derive(Clone, Debug, Default)]
pub struct Sift {
    pub kind: Kind,
    /// The phrase as typed; empty wants any words or none.
    pub typed: String,
    finder: Option<Finder>,
    /// Places of the messages whose feedback is listed, in order.
    pub passing: Vec<u32>,
    /// How many messages were looked at.
    seen: usize,
}

impl Sift {
    /// Lists another kind.
    pub fn set_kind(&mut self, kind: Kind) {
        self.kind = kind;
        self.begin_again();
    }

    /// Lists what has these words; `None` takes any.
    pub fn set_phrase(&mut self, typed: &str, finder: Option<Finder>) {
        self.typed = typed.to_owned();
        self.finder = finder;
        self.begin_again();
    }

    /// Forgets what was found, but not what is wanted.
    pub fn begin_again(&mut self) {
        self.passing.clear();
        self.seen = 0;
    }

    /// What is looked for in the words, if anything.
    pub fn finder(&self) -> Option<&Finder> {
        self.finder.as_ref()
    }

    /// Whether anything is left out on purpose.
    pub fn is_narrow(&self) -> bool {
        self.kind != Kind::All || self.finder.is_some()
    }

    /// Looks at more messages; returns whether there is more to do.
    pub fn step(&mut self, heads: &Heads, provider: &dyn Provider) -> bool {
        let reads = self.kind == Kind::Words || self.finder.is_some();
        let mut room = STEP;
        while let Some(head) = heads.get(self.seen) {
            if self.kind.admits(head.sentiment) {
                if reads {
                    room = room.saturating_sub(head.raw.len().max(1));
                }
                if !reads || provider.feedback(head.raw.bytes()).iter().any(|one| self.wants(one)) {
                    self.passing.extend(u32::try_from(self.seen));
                }
            }
            self.seen += 1;
            if room == 0 {
                break;
            }
        }
        self.seen < heads.len()
    }

    fn wants(&self, feedback: &Feedback) -> bool {
        let text = feedback.description.as_str();
        let has_words = self.kind != Kind::Words || !text.trim().is_empty();
        has_words && self.finder.as_ref().is_none_or(|finder| !finder.text_hits(text, 1).is_empty())
    }
}
