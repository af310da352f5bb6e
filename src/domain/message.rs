//! A message in full, read from its raw bytes when it is opened.

use super::{Block, ByteRange, Feedback, Span, Status, Timestamp, Usage};

/// The speaker of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    User,
    Assistant,
    System,
    Tool,
    Hidden,
    Developer,
    /// Both sides at once: the user's input and its answer.
    Turn,
    /// An undocumented role.
    Other,
    /// No role.
    #[default]
    Unknown,
}

impl Role {
    /// Reads a service's name of a role, in any case.
    pub fn from_name(name: &str) -> Self {
        match name {
            "user" | "human" => Self::User,
            "assistant" | "ai" => Self::Assistant,
            "system" => Self::System,
            "tool" => Self::Tool,
            "hidden" => Self::Hidden,
            "developer" => Self::Developer,
            "" => Self::Unknown,
            _ if name.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                Self::from_name(&name.to_ascii_lowercase())
            }
            _ => Self::Other,
        }
    }

    /// Returns the name on the screen and in output.
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

/// One speaker's part of a message: SGP turns have two sides, camelAI messages one.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    pub role: Role,
    /// The role verbatim, if it is [`Role::Other`].
    pub role_text: Option<String>,
    pub blocks: Vec<Block>,
}

impl Side {
    /// Returns the plain text of this side: its Markdown blocks, separated by a blank line.
    pub fn text(&self) -> String {
        let texts: Vec<&str> = self.blocks.iter().filter_map(Block::plain_text).collect();
        texts.join("\n\n")
    }
}

/// A message in full. The default value has no known fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    pub id: String,
    /// The role of the message; [`Role::Turn`] if it has two sides.
    pub role: Role,
    pub created_at: Option<Timestamp>,
    /// The time verbatim, for when it cannot be parsed.
    pub created_text: String,
    pub status: Status,
    /// The status verbatim; empty if there is none.
    pub status_text: String,
    pub duration_ms: Option<i64>,
    pub sides: Vec<Side>,
    /// The spans, in the order of the body.
    pub spans: Vec<Span>,
    pub feedback: Vec<Feedback>,
    pub models: Vec<String>,
    /// The message's own usage; never summed over parents and children.
    pub usage: Option<Usage>,
    /// The error that the message itself reports.
    pub error: Option<super::SpanError>,
    /// Titled JSON objects inside the raw message whose fields the Metadata tab lists with names and types.
    pub fields: Vec<(&'static str, ByteRange)>,
    /// The parts that could not be read, in sentences.
    pub read_errors: Vec<String>,
}

impl Message {
    /// Returns the feedback that represents the message where only one can be shown or counted: the first negative one,
    /// else the first positive one, else the first.
    pub fn main_feedback(&self) -> Option<&Feedback> {
        self.feedback.iter().min_by_key(|feedback| feedback.sentiment.precedence())
    }

    /// Returns the role, verbatim where it is [`Role::Other`].
    pub fn role_name(&self) -> &str {
        let verbatim = self.sides.first().and_then(|side| side.role_text.as_deref());
        verbatim.filter(|_| self.role == Role::Other).unwrap_or(self.role.as_str())
    }
}
