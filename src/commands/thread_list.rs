//! The threads that a command works on: arguments, and a list in a file.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use crate::app_loop::context::Context;
use crate::cli::{ServiceArgs, ThreadListArgs};
use crate::commands::source_arg::resolve_thread_arg;
use crate::domain::{ExitCode, Source, UserError};
use crate::settings::Settings;

/// A thread to work on, as it was passed.
pub struct ThreadArg {
    /// The argument.
    pub name: String,
    pub source: Source,
    pub context: Context,
}

/// Parses all thread arguments.
///
/// # Errors
/// No thread, an invalid one, or a list that cannot be read.
pub fn parse_threads(
    args: &ThreadListArgs,
    service: &ServiceArgs,
    settings: &Settings,
) -> Result<Vec<ThreadArg>, UserError> {
    let names = thread_words(args)?;
    let parse = |(word, is_only): (OsString, bool)| {
        let name = word.to_string_lossy().into_owned();
        match resolve_thread_arg(&word, service, settings) {
            Ok((source, context)) => Ok(ThreadArg { name, source, context }),
            Err(error) if is_only => Err(error),
            Err(error) => Err(UserError { message: format!("{name}: {}", error.message), ..error }),
        }
    };
    let is_only = names.len() == 1;
    names.into_iter().map(|name| parse((name, is_only))).collect()
}

/// Returns all thread arguments, those of the list included.
///
/// # Errors
/// No thread, or a list that cannot be read.
pub fn thread_words(args: &ThreadListArgs) -> Result<Vec<OsString>, UserError> {
    let mut names = args.threads.clone();
    if let Some(path) = &args.from {
        let list = read_thread_list(path)?;
        let lines = list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        names.extend(lines.map(OsString::from));
    }
    let usage = |message, hint| Err(UserError::new(message, hint, ExitCode::Usage));
    if names.is_empty() {
        return usage("no thread given", "Pass some, or a list of them with --from.");
    }
    let is_list_stdin = args.from.as_deref() == Some(Path::new("-"));
    if names.iter().filter(|name| *name == "-").count() + usize::from(is_list_stdin) > 1 {
        return usage("standard input can be read only once", "Save it to a file first.");
    }
    Ok(names)
}

/// Reads a list of threads, one per line, without its byte-order mark.
fn read_thread_list(path: &Path) -> Result<String, UserError> {
    let result = if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    let text = result.map_err(|error| {
        let (message, hint) = match error.kind() {
            io::ErrorKind::InvalidData => ("not UTF-8".to_owned(), "Write one thread per line, in UTF-8."),
            _ => (error.to_string(), "Check the path."),
        };
        UserError::new(format!("{}: {message}", path.display()), hint, ExitCode::Usage)
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
