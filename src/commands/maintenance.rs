//! The subcommands that look after the program itself. Each writes what it has to say to standard output and returns
//! the exit code.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::cli::ConfirmArgs;
use crate::commands::output::write_error;
use crate::commands::runner;
use crate::domain::{ExitCode, UserError};
use crate::text::{Safe, width};

/// Why nothing of ours can be anywhere.
pub(crate) fn no_home_error() -> UserError {
    UserError::new("this user has no home for files of ours", "Set UNSPOOL_HOME to a folder.", ExitCode::Failure)
}

/// A base URL without what may be secret in it.
pub(crate) fn redact_url(base_url: &str) -> String {
    match url::Url::parse(base_url.trim()) {
        Ok(url) if url.has_host() => {
            let path = url.path().trim_end_matches('/');
            format!("{}{path}", url.origin().ascii_serialization())
        }
        _ => "an address that cannot be read".to_owned(),
    }
}

/// Writes a text that passed the gate, or is ours; a pipe that closed is a quiet end. Returns the exit code.
pub fn print(text: &str) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::Success,
        Err(error) => runner::print_error(&write_error(&error), None),
    }
}

/// Asks before something is removed for good.
///
/// # Errors
/// The user said no, or there is nobody to ask.
pub fn confirm(question: &str, consent: ConfirmArgs) -> Result<(), UserError> {
    if consent.yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(UserError::new(
            "this removes things for good and there is nobody to ask",
            "Say --yes.",
            ExitCode::Usage,
        ));
    }
    let _ = write!(io::stderr(), "{} [y/N] ", Safe::line(question));
    let mut answer = String::new();
    let _ = io::stdin().lock().read_line(&mut answer);
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(UserError::new("nothing was removed", "", ExitCode::Failure)),
    }
}

/// Rows under each other, two blanks between columns, the last column ragged. Cells come from outside.
pub fn format_columns<const N: usize>(rows: &[[String; N]]) -> String {
    let rows: Vec<[Safe<'_>; N]> =
        rows.iter().map(|row| row.each_ref().map(|cell| Safe::line(cell))).collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| width::columns(cell)).max().unwrap_or(0)
    });
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, wide) in row.iter().zip(widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(wide.saturating_sub(width::columns(cell)) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
