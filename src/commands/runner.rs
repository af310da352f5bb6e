//! Runs a command without a screen: as a task that signals can abort, with an exit code that scripts can rely on.

use std::future::Future;
use std::io::{self, Write};
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::domain::{ExitCode, UserError};
use crate::storage::output::TempFileGuard;
use crate::terminal::signals::Signals;
use crate::text::Safe;

/// The time that a task has to stop by itself after a signal.
const ABORT_TIMEOUT: Duration = Duration::from_millis(200);

/// Runs the task on a worker thread, so that a signal can abort it at any moment and remove its unfinished file. Returns
/// the exit code.
pub fn run_task<T>(runtime: &Runtime, start: impl FnOnce(TempFileGuard) -> T) -> ExitCode
where
    T: Future<Output = Result<ExitCode, UserError>> + Send + 'static,
{
    let mut signals = Signals::listen_for_script(runtime);
    let temp_file = TempFileGuard::default();
    let mut task = runtime.spawn(start(temp_file.clone()));
    runtime.block_on(async {
        tokio::select! {
            result = &mut task => {
                let crashed = |_| UserError::new("internal error", "Please report this bug.", ExitCode::Failure);
                result.map_err(crashed).flatten().unwrap_or_else(|error| print_error(&error, None))
            }
            signal = signals.next() => {
                task.abort();
                // A waiting task stops at once and removes its file; a writing task may not notice in time.
                let _ = tokio::time::timeout(ABORT_TIMEOUT, &mut task).await;
                temp_file.remove();
                ExitCode::Signal(u8::try_from(signal).unwrap_or(0))
            }
        }
    })
}

/// Prefixes a message with its subject, unless the message contains it. The origin of a link is not repeated.
pub fn prefix_once(subject: &str, message: &str) -> String {
    let rest = match message.split_once(": ") {
        Some((origin, rest)) if origin.contains("://") && subject.starts_with(origin) => rest,
        _ => message,
    };
    if rest.contains(subject) { rest.to_owned() } else { format!("{subject}: {rest}") }
}

/// Whether progress and warnings go to standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbosity {
    #[default]
    Normal,
    /// Only errors.
    Quiet,
}

impl Verbosity {
    /// Converts the flag `--quiet`.
    pub fn from_flag(quiet: bool) -> Self {
        if quiet { Self::Quiet } else { Self::Normal }
    }

    /// Prints a notice to standard error, unless quiet.
    pub fn print_notice(self, text: &str) {
        if self == Self::Normal {
            let _ = writeln!(io::stderr(), "unspool: {}", Safe::line(text));
        }
    }
}

/// Prints an error to standard error: the plain sentence, the parameters of the request, the hint, then the exact message
/// and the service's own. An error without a message prints nothing. `subject` names the thread if there are several.
/// Returns the exit code.
pub fn print_error(error: &UserError, subject: Option<&str>) -> ExitCode {
    if error.message.is_empty() {
        return error.exit_code;
    }
    let named = |text: &str| subject.map_or_else(|| text.to_owned(), |name| prefix_once(name, text));
    let mut lines = error.facts.to_vec();
    let details = std::iter::once(&error.message).filter(|_| !error.headline.is_empty());
    let first = if error.headline.is_empty() { named(&error.message) } else { named(&error.headline) };
    lines.extend(Some(error.hint.clone()).filter(|hint| !hint.is_empty()));
    lines.extend(details.chain(&error.service_messages).cloned());
    let mut text = format!("unspool: {}\n", Safe::line(&first));
    for line in &lines {
        text.push_str(&format!("  {}\n", Safe::line(line)));
    }
    let _ = io::stderr().write_all(text.as_bytes());
    error.exit_code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_origins_are_named_once_in_an_error() {
        for (subject, message, text) in [
            ("a.json", "the body is empty", "a.json: the body is empty"),
            ("a.json", "file not found: a.json", "file not found: a.json"),
            ("sgp:1", "https://h.example: HTTP 404", "sgp:1: https://h.example: HTTP 404"),
            (
                "https://h.example/threads/1",
                "https://h.example: HTTP 404",
                "https://h.example/threads/1: HTTP 404",
            ),
            (
                "https://other.example/threads/1",
                "https://h.example: HTTP 404",
                "https://other.example/threads/1: https://h.example: HTTP 404",
            ),
        ] {
            assert_eq!(prefix_once(subject, message), text);
        }
    }
}
