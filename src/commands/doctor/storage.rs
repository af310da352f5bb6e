//! Checks of the stored data: location, size, and access by other users.

use std::fs;
use std::path::Path;

use super::Check;
use crate::library::LibraryLocation;
use crate::platform::{self, Owner};
use crate::settings::Settings;
use crate::storage::cache_file::Cache;
use crate::storage::files::Folders;
use crate::storage::history::History;
use crate::storage::log;
use crate::text::{number, shell_quote};

/// The finding on a system without file modes.
const NOT_CHECKED_ON_WINDOWS: &str = "not checked on Windows: files are as private as their folder; those in your \
user profile are accessible to you and administrators";

pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    let Some(folders) = &settings.folders else {
        return vec![Check::warn("home", "none: nothing is stored", "Set UNSPOOL_HOME to a folder.")];
    };
    let mut checks =
        vec![check_cache(settings, folders), check_history(folders), check_log(settings, folders)];
    for (subject, folder) in [
        ("configuration", &folders.config),
        ("state", &folders.state),
        ("cache", &folders.cache),
        ("library", &LibraryLocation::in_folder(&folders.data).folder),
        ("keys", &folders.config.join("keys")),
    ] {
        checks.extend(check_permissions(subject, folder));
    }
    checks.extend(check_key_files(&folders.config.join("keys")));
    if cfg!(windows) {
        checks.push(Check::ok("access", NOT_CHECKED_ON_WINDOWS));
    }
    checks.push(Check::ok(
        "remove",
        "unspool forget --all removes everything except the configuration and the library",
    ));
    checks
}

fn check_cache(settings: &Settings, folders: &Folders) -> Check {
    let path = folders.cache.display();
    if !settings.config.cache_enabled.value {
        return Check::ok("cache", format!("disabled ({})", settings.config.cache_enabled.origin));
    }
    let limit = settings.config.cache_limit.value;
    if !folders.cache.exists() {
        return Check::ok("cache", format!("empty; will be in {path}"));
    }
    let is_writable = tempfile::tempfile_in(&folders.cache).is_ok();
    match Cache::open(&folders.cache, limit) {
        Err(error) => Check::fail("cache", error.to_string(), error.hint()),
        Ok(_) if !is_writable => Check::fail(
            "cache",
            format!("{path} is not writable"),
            "Check its owner and the free disk space.",
        ),
        Ok(cache) => {
            let (count, size) = (cache.list().len(), number::bytes(cache.size()));
            let limit = number::bytes(limit);
            Check::ok("cache", format!("{count} in {path}, {size} of at most {limit}; oldest removed first"))
        }
    }
}

fn check_history(folders: &Folders) -> Check {
    let count = number::pluralize(History::in_folder(&folders.state).load().len(), "thread");
    Check::ok("history", format!("{count} in {}; keeps the newest 200", folders.state.display()))
}

fn check_log(settings: &Settings, folders: &Folders) -> Check {
    let level = &settings.config.log_level;
    let path = log::path(folders);
    let suffix = if path.exists() { "" } else { ", nothing written yet" };
    Check::ok("log", format!("{} at level {} ({}){suffix}", path.display(), level.value, level.origin))
}

/// Checks that the path is a folder that is private to the user.
fn check_permissions(subject: &str, folder: &Path) -> Option<Check> {
    let metadata = fs::symlink_metadata(folder).ok()?;
    let path = folder.display();
    if !metadata.is_dir() {
        return Some(Check::fail(subject, format!("{path} is not a folder"), "Move it away."));
    }
    let access = platform::file_access(&metadata)?;
    if access.owner != Owner::User {
        let finding = format!("{path} belongs to another user");
        return Some(Check::fail(subject, finding, "Check who can write to it."));
    }
    // The configuration folder may be readable by others: the configuration contains no keys.
    (access.is_exposed() && subject != "configuration").then(|| {
        let finding = format!("{path} is accessible to other users (mode {:o})", access.mode);
        Check::warn(
            subject,
            finding,
            format!("Run: chmod 700 {}", shell_quote(&folder.display().to_string())),
        )
    })
}

/// Checks that key files are private to the user.
fn check_key_files(folder: &Path) -> Vec<Check> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let exposed = files.filter_map(|file| {
        let access = platform::file_access(&file.metadata().ok()?)?;
        let path = file.path();
        access.is_exposed().then(|| {
            let finding = format!("{} is accessible to other users (mode {:o})", path.display(), access.mode);
            Check::fail(
                "keys",
                finding,
                format!("Run: chmod 600 {}", shell_quote(&path.display().to_string())),
            )
        })
    });
    exposed.collect()
}
