//! An error as the user reads it.

use super::ExitCode;

/// Why a command or a fetch failed, in sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// What happened, in one sentence.
    pub message: String,
    /// The service's own messages, verbatim.
    pub service_messages: Vec<String>,
    /// What to do next; may be empty.
    pub hint: String,
    /// The exit code on the command line.
    pub exit_code: ExitCode,
}

impl UserError {
    /// An error without messages of a service.
    pub fn new(message: impl Into<String>, hint: impl Into<String>, exit_code: ExitCode) -> Self {
        Self { message: message.into(), service_messages: Vec::new(), hint: hint.into(), exit_code }
    }
}
