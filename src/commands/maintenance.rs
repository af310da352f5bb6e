//! Output and confirmation for the maintenance commands.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::cli::ConfirmArgs;
use crate::commands::runner;
use crate::domain::{ExitCode, UserError};
use crate::storage::output::write_error;
use crate::text::{Safe, width};

/// Returns the error for a user without a home directory.
pub(crate) fn no_home_error() -> UserError {
    UserError::new("no home directory found", "Set UNSPOOL_HOME to a folder.", ExitCode::Failure)
}

/// Returns the origin and the path of a base URL, without credentials and query.
pub(crate) fn redact_url(base_url: &str) -> String {
    match url::Url::parse(base_url.trim()) {
        Ok(url) if url.has_host() => {
            let path = url.path().trim_end_matches('/');
            format!("{}{path}", url.origin().ascii_serialization())
        }
        _ => "(invalid URL)".to_owned(),
    }
}

/// Prints a sanitized text; a closed pipe is not an error. Returns the exit code.
pub fn print(text: &str) -> ExitCode {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => ExitCode::Success,
        Err(error) => runner::print_error(&write_error(&error), None),
    }
}

/// Asks for confirmation before data is removed.
///
/// # Errors
/// The user declines, or standard input is not a terminal.
pub fn confirm(question: &str, args: ConfirmArgs) -> Result<(), UserError> {
    if args.yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(UserError::new(
            "cannot ask for confirmation: stdin is not a terminal",
            "Pass --yes to confirm.",
            ExitCode::Usage,
        ));
    }
    let _ = write!(io::stderr(), "{} [y/N] ", Safe::line(question));
    let mut answer = String::new();
    let _ = io::stdin().lock().read_line(&mut answer);
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(UserError::new("nothing removed", "", ExitCode::Failure)),
    }
}

/// Aligns and sanitizes rows of cells, with two spaces between columns.
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
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(width::columns(cell)) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
