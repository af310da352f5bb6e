//! What a side of a message is made of.

use super::ByteRange;

/// The language of a piece of code, for its colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    Sql,
    Python,
    Json,
    Plain,
}

/// A named field of a tool call that is worth reading as code.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeField {
    pub label: String,
    pub language: Language,
    pub text: String,
}

/// A retrieved text.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    pub text: String,
    pub score: Option<f64>,
    pub title: Option<String>,
    pub source: Option<String>,
    pub id: Option<String>,
    /// Where in its document it stands, in the service's words.
    pub page: Option<String>,
    /// Bytes of JSON of an embedding that is not shown; 0 if there is none.
    pub embedding: usize,
}

/// A table or chart that an answer made (camelAI).
#[derive(Clone, Debug, PartialEq)]
pub struct Artifact {
    pub id: String,
    pub title: String,
    pub description: String,
    pub is_chart: bool,
    /// SQL and Python that made it.
    pub code: Vec<CodeField>,
    /// Plotly's figure inside the raw message (the light variant); empty if there is none.
    pub plotly: ByteRange,
    /// A table in HTML; empty if there is none.
    pub html_table: String,
    pub filename: Option<String>,
    pub remaining_rows: Option<i64>,
    /// The artifact's JSON inside the raw message.
    pub raw: ByteRange,
}

/// One block of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Text for people, in Markdown.
    Markdown(String),
    /// What the model thought before it answered, in Markdown.
    Thinking(String),
    /// A call of a tool: its code as fields, its whole input as JSON.
    ToolCall {
        id: String,
        name: String,
        description: String,
        code: Vec<CodeField>,
        input: ByteRange,
    },
    /// What a tool answered.
    ToolResult {
        call_id: String,
        is_error: bool,
        blocks: Vec<Block>,
    },
    /// Retrieved texts that the answer is based on.
    Chunks(Vec<Chunk>),
    Artifact(Box<Artifact>),
    /// Anything else: JSON inside the raw message, with a label that says where it came from.
    Json {
        label: String,
        raw: ByteRange,
    },
}

impl Block {
    /// The block's text where it is text.
    pub fn plain_text(&self) -> Option<&str> {
        match self {
            Self::Markdown(text) => Some(text),
            Self::Thinking(_)
            | Self::ToolCall { .. }
            | Self::ToolResult { .. }
            | Self::Chunks(_)
            | Self::Artifact(_)
            | Self::Json { .. } => None,
        }
    }
}
