//! `unspool forget --all`: removes everything that the program has stored. The configuration is the user's own writing
//! and stays.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::ForgetArgs;
use crate::commands::maintenance::{confirm, no_home_error, print};
use crate::commands::runner;
use crate::domain::{ExitCode, UserError};
use crate::storage::files::{FileError, Folders};
use crate::storage::log;
use crate::text::Safe;

/// Removes what is stored; returns the exit code.
pub fn run(args: &ForgetArgs) -> ExitCode {
    forget_all(args).unwrap_or_else(|failure| runner::print_error(&failure, None))
}

/// Everything of ours: by name, so that nothing else is ever removed.
fn stored_paths(folders: &Folders) -> Vec<PathBuf> {
    vec![
        folders.cache.join("bodies"),
        folders.state.join("history.jsonl"),
        folders.state.join("history.lock"),
        log::path(folders),
        log::old_path(folders),
        folders.config.join("keys"),
    ]
}

fn forget_all(args: &ForgetArgs) -> Result<ExitCode, UserError> {
    if !args.all {
        let advice = "Say --all for everything; unspool cache clear and unspool logout remove parts.";
        return Err(UserError::new("what is to be forgotten?", advice, ExitCode::Usage));
    }
    let folders = Folders::from_env().ok_or_else(no_home_error)?;
    let there: Vec<PathBuf> =
        stored_paths(&folders).into_iter().filter(|path| path.symlink_metadata().is_ok()).collect();
    if there.is_empty() {
        return Ok(print("nothing is stored\n"));
    }
    confirm("Remove all kept copies, the history, the log and the keys that login wrote?", args.confirm)?;
    let mut text = String::new();
    for path in &there {
        remove(path).map_err(|error| UserError::new(error.to_string(), error.hint(), ExitCode::Failure))?;
        text.push_str(&format!("removed {}\n", Safe::line(&path.display().to_string())));
    }
    for folder in [&folders.cache, &folders.state, &folders.config] {
        // One that is not empty holds something of the user's own.
        let _ = fs::remove_dir(folder);
    }
    Ok(print(&text))
}

/// A link is removed, never what it leads to.
fn remove(path: &Path) -> Result<(), FileError> {
    let is_folder = path.symlink_metadata().is_ok_and(|found| found.is_dir());
    let removed = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::wrap("remove", path)(error)),
        _ => Ok(()),
    }
}
