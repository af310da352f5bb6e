//! The building blocks of a message side.

use super::ByteRange;

/// The language of a piece of code, for syntax colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    Sql,
    Python,
    Json,
    Bash,
    JavaScript,
    Yaml,
    Toml,
    Diff,
    Rust,
    Go,
    Html,
    Css,
    Plain,
}

impl Language {
    /// Returns the name, as Markdown fences and JSON exports have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::Python => "python",
            Self::Json => "json",
            Self::Bash => "bash",
            Self::JavaScript => "javascript",
            Self::Yaml => "yaml",
            Self::Toml => "toml",
            Self::Diff => "diff",
            Self::Rust => "rust",
            Self::Go => "go",
            Self::Html => "html",
            Self::Css => "css",
            Self::Plain => "text",
        }
    }

    /// Returns the name for people; empty for plain text.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sql => "SQL",
            Self::Python => "Python",
            Self::Json => "JSON",
            Self::Bash => "Bash",
            Self::JavaScript => "JavaScript",
            Self::Yaml => "YAML",
            Self::Toml => "TOML",
            Self::Diff => "diff",
            Self::Rust => "Rust",
            Self::Go => "Go",
            Self::Html => "HTML",
            Self::Css => "CSS",
            Self::Plain => "",
        }
    }
}

/// A named field of a tool call that is shown as code.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeField {
    pub label: String,
    pub language: Language,
    pub text: String,
}

/// A retrieved part of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chunk {
    pub text: String,
    pub score: Option<f64>,
    pub title: Option<String>,
    pub source: Option<String>,
    pub id: Option<String>,
    /// The position in its document, in the service's words.
    pub page: Option<String>,
    /// Size of the embedding's JSON in bytes, which is not shown; 0 if there is none.
    pub embedding: usize,
    /// Its other scalar fields and those of its metadata, such as an edition or a date of expiry, in order.
    pub fields: Vec<(String, String)>,
}

/// A table or chart produced by an answer (camelAI).
#[derive(Clone, Debug, PartialEq)]
pub struct Artifact {
    pub id: String,
    pub title: String,
    pub description: String,
    pub is_chart: bool,
    /// The SQL and Python that produced it.
    pub code: Vec<CodeField>,
    /// The Plotly figure inside the raw message (the light variant); empty if there is none.
    pub plotly: ByteRange,
    /// The table as HTML; empty if there is none.
    pub html_table: String,
    pub filename: Option<String>,
    pub remaining_rows: Option<i64>,
    /// The artifact's JSON inside the raw message.
    pub raw: ByteRange,
}

/// One block of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Prose in Markdown.
    Markdown(String),
    /// The model's reasoning before its answer, in Markdown.
    Thinking(String),
    /// A tool call: its code as fields, its whole input as JSON.
    ToolCall {
        id: String,
        name: String,
        description: String,
        code: Vec<CodeField>,
        input: ByteRange,
    },
    /// The result of a tool call.
    ToolResult {
        call_id: String,
        is_error: bool,
        blocks: Vec<Block>,
    },
    /// Retrieved chunks that the answer is based on.
    Chunks(Vec<Chunk>),
    Artifact(Box<Artifact>),
    /// Anything else: JSON inside the raw message, labelled with its origin.
    Json {
        label: String,
        raw: ByteRange,
    },
}

impl Block {
    /// Returns the id and the name of a tool call.
    pub fn call(&self) -> Option<(&str, &str)> {
        if let Self::ToolCall { id, name, .. } = self { Some((id, name)) } else { None }
    }

    /// Returns the id of the call that a result answers.
    pub fn answered_call(&self) -> Option<&str> {
        if let Self::ToolResult { call_id, .. } = self { Some(call_id) } else { None }
    }

    /// Returns the text of a Markdown block.
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
