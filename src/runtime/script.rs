//! What the program does without a screen: load a thread to its end, write it somewhere, and end with an exit code that
//! scripts can rely on.

pub mod choice;
pub mod load;
pub mod output;
pub mod progress;
pub mod raw;
pub mod report;

use std::future::Future;
use std::io::{self, Write};
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::event::Failure;
use crate::runtime::signals::Endings;
use crate::text::Safe;
use output::Leftover;

/// How long the work may take to end by itself after a signal.
const PATIENCE: Duration = Duration::from_millis(200);

/// Does the work on a thread of its own, so that a signal can end it at any moment, and a file in the making with it.
/// Returns the exit code.
pub fn run<W>(runtime: &Runtime, work: impl FnOnce(Leftover) -> W) -> u8
where
    W: Future<Output = Result<u8, Failure>> + Send + 'static,
{
    let mut endings = Endings::of_script(runtime);
    let leftover = Leftover::default();
    let mut task = runtime.spawn(work(leftover.clone()));
    runtime.block_on(async {
        tokio::select! {
            ended = &mut task => match ended {
                Ok(ended) => ended.unwrap_or_else(|failure| tell(&failure, None)),
                Err(_) => tell(&trouble("the program failed inside", "This is a bug.", 1), None),
            },
            signal = endings.next() => {
                task.abort();
                // Work that waits ends at once and takes its file along; work that writes may not hear of it in time.
                let _ = tokio::time::timeout(PATIENCE, &mut task).await;
                leftover.remove();
                128_u8.saturating_add(u8::try_from(signal).unwrap_or(0))
            }
        }
    })
}

/// Whether standard error hears of progress and of what was odd.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chatter {
    #[default]
    Normal,
    /// Only why it failed.
    Quiet,
}

impl Chatter {
    /// From the flag `--quiet`.
    pub fn from_flag(quiet: bool) -> Self {
        if quiet { Self::Quiet } else { Self::Normal }
    }

    /// A remark on standard error, unless it is to be quiet.
    pub fn remark(self, text: &str) {
        if self == Self::Normal {
            let _ = writeln!(io::stderr(), "unspool: {}", Safe::line(text));
        }
    }
}

/// Tells a failure on standard error: what happened, the service's own words, what to do. Nothing to say is not
/// said. Returns the exit code.
pub fn tell(failure: &Failure, about: Option<&str>) -> u8 {
    if failure.what.is_empty() {
        return failure.exit_code;
    }
    let about = about.map(|name| format!("{name}: ")).unwrap_or_default();
    let mut text = format!("unspool: {}\n", Safe::line(&format!("{about}{}", failure.what)));
    for said in &failure.said {
        text.push_str(&format!("  {}\n", Safe::line(said)));
    }
    if !failure.advice.is_empty() {
        text.push_str(&format!("  {}\n", Safe::line(&failure.advice)));
    }
    let _ = io::stderr().write_all(text.as_bytes());
    failure.exit_code
}

/// A failure of our own side.
pub fn trouble(what: impl Into<String>, advice: &str, exit_code: u8) -> Failure {
    Failure { what: what.into(), said: Vec::new(), advice: advice.to_owned(), exit_code }
}
