//! What the program does without a screen: load a thread to its end, write it somewhere, and end with an exit code that
//! scripts can rely on.

use std::future::Future;
use std::io::{self, Write};
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::commands::output::TempFileGuard;
use crate::domain::{ExitCode, UserError};
use crate::terminal::signals::Signals;
use crate::text::Safe;

/// How long the work may take to end by itself after a signal.
const ABORT_TIMEOUT: Duration = Duration::from_millis(200);

/// Does the work on a thread of its own, so that a signal can end it at any moment, and a file in the making with it.
/// Returns the exit code.
pub fn run_task<W>(runtime: &Runtime, work: impl FnOnce(TempFileGuard) -> W) -> ExitCode
where
    W: Future<Output = Result<ExitCode, UserError>> + Send + 'static,
{
    let mut endings = Signals::listen_for_script(runtime);
    let leftover = TempFileGuard::default();
    let mut task = runtime.spawn(work(leftover.clone()));
    runtime.block_on(async {
        tokio::select! {
            ended = &mut task => match ended {
                Ok(ended) => ended.unwrap_or_else(|failure| print_error(&failure, None)),
                Err(_) => print_error(&UserError::new("the program failed inside", "This is a bug.", ExitCode::Failure), None),
            },
            signal = endings.next() => {
                task.abort();
                // Work that waits ends at once and takes its file along; work that writes may not hear of it in time.
                let _ = tokio::time::timeout(ABORT_TIMEOUT, &mut task).await;
                leftover.remove();
                ExitCode::Signal(u8::try_from(signal).unwrap_or(0))
            }
        }
    })
}

/// Whether standard error hears of progress and of what was odd.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verbosity {
    #[default]
    Normal,
    /// Only why it failed.
    Quiet,
}

impl Verbosity {
    /// From the flag `--quiet`.
    pub fn from_flag(quiet: bool) -> Self {
        if quiet { Self::Quiet } else { Self::Normal }
    }

    /// A remark on standard error, unless it is to be quiet.
    pub fn print_notice(self, text: &str) {
        if self == Self::Normal {
            let _ = writeln!(io::stderr(), "unspool: {}", Safe::line(text));
        }
    }
}

/// Tells a failure on standard error: what happened, the service's own words, what to do. Nothing to say is not
/// said. Returns the exit code.
pub fn print_error(failure: &UserError, about: Option<&str>) -> ExitCode {
    if failure.message.is_empty() {
        return failure.exit_code;
    }
    let about = about.map(|name| format!("{name}: ")).unwrap_or_default();
    let mut text = format!("unspool: {}\n", Safe::line(&format!("{about}{}", failure.message)));
    for said in &failure.service_messages {
        text.push_str(&format!("  {}\n", Safe::line(said)));
    }
    if !failure.hint.is_empty() {
        text.push_str(&format!("  {}\n", Safe::line(&failure.hint)));
    }
    let _ = io::stderr().write_all(text.as_bytes());
    failure.exit_code
}
