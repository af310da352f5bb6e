//! `unspool forget --all`: removes cache, history, log and stored keys. The configuration stays, because the user wrote it; so
//! does the library.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::ForgetArgs;
use crate::commands::cache;
use crate::commands::maintenance::{confirm, no_home_error, print};
use crate::commands::runner;
use crate::domain::{ExitCode, UserError};
use crate::library::LibraryLocation;
use crate::settings::Settings;
use crate::storage::files::{FileError, Folders};
use crate::storage::log;
use crate::storage::output::file_error;
use crate::text::Safe;

/// Removes the stored data; returns the exit code.
pub fn run(args: &ForgetArgs) -> ExitCode {
    forget_all(args).unwrap_or_else(|error| runner::print_error(&error, None))
}

/// Lists all stored files and folders by name, so that nothing else is ever removed.
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
        let message = "nothing selected: pass --all to remove cache, history, log and keys";
        let hint = "To remove parts, use unspool cache clear or unspool logout.";
        return Err(UserError::new(message, hint, ExitCode::Usage));
    }
    let folders = Folders::from_env().ok_or_else(no_home_error)?;
    let existing: Vec<PathBuf> =
        stored_paths(&folders).into_iter().filter(|path| path.symlink_metadata().is_ok()).collect();
    if existing.is_empty() {
        return Ok(print("no stored data\n"));
    }
    confirm("Remove the cache, the history, the log and the keys stored by login?", args.confirm)?;
    let mut text = String::new();
    for path in &existing {
        remove(path).map_err(file_error)?;
        text.push_str(&format!("removed {}\n", Safe::line(&path.display().to_string())));
    }
    cache::erase_from_library(&Settings::load())?;
    if LibraryLocation::in_folder(&folders.data).folder.exists() {
        text.push_str("the library stays: unspool library forget removes threads from it\n");
    }
    for folder in [&folders.cache, &folders.state, &folders.config] {
        // Folders with other files stay.
        let _ = fs::remove_dir(folder);
    }
    Ok(print(&text))
}

/// Removes a file, a folder or a link, never the target of a link.
fn remove(path: &Path) -> Result<(), FileError> {
    let is_folder = path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
    let removed = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::wrap("remove", path)(error)),
        _ => Ok(()),
    }
}
