//! An error as the user reads it.

/// Why a thread could not be fetched or read, in sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// What happened, in one sentence of ours.
    pub message: String,
    /// In the service's words.
    pub service_messages: Vec<String>,
    /// What to do next.
    pub hint: String,
    /// The exit code this failure has on the command line.
    pub exit_code: u8,
}
