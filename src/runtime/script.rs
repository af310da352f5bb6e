//! What the program does without a screen: load a thread to its end, write it somewhere, and end with an exit code that
//! scripts can rely on.

pub mod choice;
pub mod load;
pub mod output;
pub mod progress;
pub mod raw;
pub mod report;

use std::io::{self, Write};

use crate::event::Failure;
use crate::text::Safe;

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
