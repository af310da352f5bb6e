//! An error for the user.

use super::ExitCode;

/// The error of a command or a fetch: a sentence for people, then the details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// A plain sentence about the failure; empty if `message` is plain enough.
    pub headline: Box<str>,
    /// Phrases about the request, such as the source of its key.
    pub facts: Box<[String]>,
    /// The exact error, without a full stop.
    pub message: String,
    /// The service's own messages, verbatim.
    pub service_messages: Vec<String>,
    /// The next step; may be empty.
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
