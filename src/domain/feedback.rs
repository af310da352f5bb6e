//! User feedback on an answer.

use super::Timestamp;

/// Thumbs up or down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sentiment {
    Positive,
    Negative,
    /// A value that neither service documents; the raw text is in [`Feedback::sentiment_text`].
    #[default]
    Other,
}

impl Sentiment {
    /// Reads a service's name of a sentiment, in any case.
    pub fn from_name(name: &str) -> Self {
        let name = name.trim();
        if name.eq_ignore_ascii_case("positive") {
            Self::Positive
        } else if name.eq_ignore_ascii_case("negative") {
            Self::Negative
        } else {
            Self::Other
        }
    }

    /// Returns the rank among several pieces of feedback on one message: the smallest represents the message.
    pub fn precedence(self) -> u8 {
        match self {
            Self::Negative => 0,
            Self::Positive => 1,
            Self::Other => 2,
        }
    }
}

/// A piece of feedback on one message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feedback {
    pub id: String,
    pub sentiment: Sentiment,
    /// The sentiment, verbatim.
    pub sentiment_text: String,
    /// May be empty.
    pub description: String,
    pub created_at: Option<Timestamp>,
    /// The time verbatim, for when it cannot be parsed.
    pub created_text: String,
    /// The rated message, according to the feedback itself.
    pub message_id: Option<String>,
}
