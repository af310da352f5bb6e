//! A message with all that is shown of it, read from its raw bytes when somebody looks.

use super::{Block, ByteRange, Feedback, Span, Status, Timestamp, Usage};

/// Who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    User,
    Assistant,
    System,
    Tool,
    Hidden,
    Developer,
    /// Both sides at once: the user's input and the answer to it.
    Turn,
    /// A word that is not documented.
    Other,
    /// The service does not say.
    #[default]
    Unknown,
}

impl Role {
    /// From a service's word.
    pub fn from_name(word: &str) -> Self {
        match word {
            "user" | "human" => Self::User,
            "assistant" | "ai" => Self::Assistant,
            "system" => Self::System,
            "tool" => Self::Tool,
            "hidden" => Self::Hidden,
            "developer" => Self::Developer,
            "" => Self::Unknown,
            _ => Self::Other,
        }
    }

    /// The word for people and for output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::System => "system",
            Self::Tool => "tool",
            Self::Hidden => "hidden",
            Self::Developer => "developer",
            Self::Turn => "turn",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

/// What one speaker said in a message: SGP turns have two sides, camelAI messages one.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    pub role: Role,
    /// The role in the service's own word, where it is not one of ours.
    pub role_text: Option<String>,
    pub blocks: Vec<Block>,
}

impl Side {
    /// The plain text of this side: its Markdown blocks, one blank line between them.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.blocks.iter().filter_map(Block::plain_text).collect();
        texts.join("\n\n")
    }
}

/// One message in full; the default is one of which nothing is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    pub id: String,
    /// The role of the message; [`Role::Turn`] where it has two sides.
    pub role: Role,
    pub created_at: Option<Timestamp>,
    /// The time as it came, for when it cannot be read.
    pub created_text: String,
    pub status: Status,
    /// The status in the service's own word; empty if it has none.
    pub status_text: String,
    pub duration_ms: Option<i64>,
    pub sides: Vec<Side>,
    /// In the order of the body.
    pub spans: Vec<Span>,
    pub feedback: Vec<Feedback>,
    pub models: Vec<String>,
    /// The message's own usage; never the sum over parents and children.
    pub usage: Option<Usage>,
    /// Why it failed, where the message itself says so.
    pub error: Option<super::SpanError>,
    /// Fields to be listed with names and types: the JSON objects inside the raw message that hold them.
    pub fields: Vec<(&'static str, ByteRange)>,
    /// What could not be read of it, in sentences.
    pub read_errors: Vec<String>,
}

impl Message {
    /// The role in the service's own word where it is none of ours.
    pub fn role_name(&self) -> &str {
        let own = self.sides.first().and_then(|side| side.role_text.as_deref());
        own.filter(|_| self.role == Role::Other).unwrap_or(self.role.as_str())
    }
}
