//! What is kept on this machine: where, how much, and whether others can read it.

use std::fs;
use std::path::Path;

use super::Check;
use crate::platform::{self, Owner};
use crate::settings::Settings;
use crate::storage::cache_file::Cache;
use crate::storage::files::Folders;
use crate::storage::history::History;
use crate::storage::log;
use crate::text::number;

/// Said where there are no modes.
const NOT_CHECKED_ON_WINDOWS: &str = "not checked on Windows: files are as private as the folder they are in; those in your profile \
are yours and the administrators'";

pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    let Some(folders) = &settings.folders else {
        return vec![Check::warn("home", "there is none: nothing is kept", "Set UNSPOOL_HOME to a folder.")];
    };
    let mut checks =
        vec![check_cache(settings, folders), check_history(folders), check_log(settings, folders)];
    for (what, folder) in [
        ("configuration", &folders.config),
        ("state", &folders.state),
        ("copies", &folders.cache),
        ("keys", &folders.config.join("keys")),
    ] {
        checks.extend(check_permissions(what, folder));
    }
    checks.extend(check_key_files(&folders.config.join("keys")));
    if cfg!(windows) {
        checks.push(Check::ok("access", NOT_CHECKED_ON_WINDOWS));
    }
    checks.push(Check::ok("forgetting", "unspool forget --all removes all of it but the configuration"));
    checks
}

fn check_cache(settings: &Settings, folders: &Folders) -> Check {
    let path = folders.cache.display();
    if !settings.config.cache_enabled.value {
        return Check::ok("copies", format!("none are kept ({})", settings.config.cache_enabled.origin));
    }
    let limit = settings.config.cache_limit.value;
    if !folders.cache.exists() {
        return Check::ok("copies", format!("none yet; they will be in {path}"));
    }
    let opened = Cache::open(&folders.cache, limit).map_err(|error| (error.to_string(), error.hint()));
    let writable = tempfile::tempfile_in(&folders.cache).is_ok();
    match opened {
        Err((error, advice)) => Check::fail("copies", error, advice),
        Ok(_) if !writable => Check::fail(
            "copies",
            format!("{path} cannot be written"),
            "Check who owns it, and the disk's space.",
        ),
        Ok(cache) => {
            let (count, size) = (cache.list().len(), number::bytes(cache.size()));
            let limit = number::bytes(limit);
            Check::ok("copies", format!("{count} in {path}, {size} of at most {limit}; the oldest go first"))
        }
    }
}

fn check_history(folders: &Folders) -> Check {
    let count = number::pluralize(History::in_folder(&folders.state).load().len(), "thread");
    Check::ok("history", format!("{count} in {}; the newest 200 stay", folders.state.display()))
}

fn check_log(settings: &Settings, folders: &Folders) -> Check {
    let level = &settings.config.log_level;
    let path = log::path(folders);
    let there = if path.exists() { "" } else { ", nothing written yet" };
    Check::ok("log", format!("{} at level {} ({}){there}", path.display(), level.value, level.origin))
}

/// A folder of ours that somebody else could look into.
fn check_permissions(what: &str, folder: &Path) -> Option<Check> {
    let found = fs::symlink_metadata(folder).ok()?;
    let path = folder.display();
    if !found.is_dir() {
        return Some(Check::fail(what, format!("{path} is in the way: it is no folder"), "Move it away."));
    }
    let standing = platform::file_access(&found)?;
    if standing.owner != Owner::User {
        return Some(Check::fail(
            what,
            format!("{path} belongs to somebody else"),
            "Check who can write there.",
        ));
    }
    let mode = standing.mode;
    // The configuration's own folder may be anybody's to read: no key stands in it.
    (standing.is_exposed() && what != "configuration").then(|| {
        Check::warn(
            what,
            format!("{path} can be entered by others (mode {mode:o})"),
            format!("Run: chmod 700 '{path}'"),
        )
    })
}

fn check_key_files(folder: &Path) -> Vec<Check> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let open = files.filter_map(|file| {
        let standing = platform::file_access(&file.metadata().ok()?)?;
        let path = file.path();
        let path = path.display();
        standing.is_exposed().then(|| {
            Check::fail(
                "keys",
                format!("{path} can be read by others (mode {:o})", standing.mode),
                format!("Run: chmod 600 '{path}'"),
            )
        })
    });
    open.collect()
}
