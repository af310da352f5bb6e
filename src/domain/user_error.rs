//! An error as the user reads it.

use super::ExitCode;

/// Why a command or a fetch failed: first a sentence for people, then the details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// What happened, in a plain sentence; empty if `message` is plain enough.
    pub headline: Box<str>,
    /// What the request used, such as the source of its key; a phrase each.
    pub facts: Box<[String]>,
    /// What happened exactly, without a full stop.
    pub message: String,
    /// The service's own messages, verbatim.
    pub service_messages: Vec<String>,
    /// What to do next; may be empty.
    pub hint: String,
    /// The seconds until the service accepts a request again.
    pub retry_after: Option<u32>,
    /// The exit code on the command line.
    pub exit_code: ExitCode,
}

impl UserError {
    /// Creates an error without messages of a service.
    pub fn new(message: impl Into<String>, hint: impl Into<String>, exit_code: ExitCode) -> Self {
        Self {
            headline: Box::default(),
            facts: Box::default(),
            message: message.into(),
            service_messages: Vec::new(),
            hint: hint.into(),
            retry_after: None,
            exit_code,
        }
    }

    /// Adds the sentence that people read first.
    #[must_use]
    pub fn with_headline(self, headline: impl Into<Box<str>>) -> Self {
        Self { headline: headline.into(), ..self }
    }

    /// Returns the first sentence, without a full stop.
    pub fn summary(&self) -> &str {
        if self.headline.is_empty() { &self.message } else { self.headline.trim_end_matches('.') }
    }
}
