//! What people said about an answer.

use super::Timestamp;

/// A thumb.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sentiment {
    Positive,
    Negative,
    /// A word that neither service documents; the raw text is in [`Feedback::sentiment_text`].
    #[default]
    Other,
}

/// One piece of feedback on one message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Feedback {
    pub id: String,
    pub sentiment: Sentiment,
    /// The sentiment in the service's own word.
    pub sentiment_text: String,
    /// May be empty.
    pub description: String,
    pub created_at: Option<Timestamp>,
    /// The time as it came, for when it cannot be read.
    pub created_text: String,
    /// The message it is about, as the feedback itself says.
    pub message_id: Option<String>,
}
