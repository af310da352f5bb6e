//! `unspool library forget` and `prune`: removes threads and old revisions.

use std::collections::HashSet;
use std::ffi::OsString;
use std::time::Duration;

use super::{format_cached, open};
use crate::cli::{ConfirmArgs, ServiceArgs};
use crate::commands::maintenance::{confirm, print};
use crate::commands::runner::Verbosity;
use crate::commands::source_arg::parse_thread_arg;
use crate::domain::{ExitCode, ThreadRef, UserError};
use crate::library::{KeptThread, Library, ThreadSelection};
use crate::platform::now;
use crate::settings::Settings;
use crate::storage::cache_file::{Cache, CacheKey};
use crate::storage::history::History;
use crate::storage::output::file_error;
use crate::storage::thread_cache::BodyKind;
use crate::text::number;

/// The maximum number of threads that are named before they are removed.
const MAX_NAMED: usize = 20;

/// Threads to remove.
#[derive(Default)]
struct Selected {
    kept: Vec<KeptThread>,
    /// Threads that the library does not have. They may have cached copies: a forgotten thread may have been read again, or
    /// not removed completely.
    others: Vec<ThreadRef>,
}

impl Selected {
    /// Returns services and ids. Copies and visits are removed for every account.
    fn ids(&self) -> HashSet<(&str, &str)> {
        let kept =
            self.kept.iter().map(|thread| (thread.account.service.as_str(), thread.listed.id.as_str()));
        kept.chain(self.others.iter().map(|thread| (thread.service, thread.id.as_str()))).collect()
    }
}

/// Removes threads here, from the cache and from the history; returns the exit code.
///
/// # Errors
/// A thread is neither kept nor cached, the user declines, or a file cannot be removed.
pub(super) fn forget(
    is_demo: bool,
    words: &[OsString],
    user: Option<&str>,
    confirmation: ConfirmArgs,
) -> Result<ExitCode, UserError> {
    let mut library = open(is_demo)?;
    library.register_copies()?;
    let selected = select(&library, words, user)?;
    // The demo caches nothing, and real threads may have the same ids.
    let copies = if is_demo || selected.others.is_empty() { None } else { cached_copies(&selected)? };
    for ThreadRef { service, id, .. } in &selected.others {
        let is_copy = |key: &CacheKey| key.service == *service && key.id == *id;
        if !copies.as_ref().is_some_and(|(_, keys)| keys.iter().any(is_copy)) {
            let message = format!("the library has no thread {service}:{id}");
            return Err(UserError::new(message, "Check the id.", ExitCode::NotFound));
        }
    }
    for thread in selected.kept.iter().take(MAX_NAMED) {
        let (id, title) = (&thread.listed.id, &thread.listed.title);
        Verbosity::Normal.print_notice(&format!("{}:{id}  {title}", thread.account.service));
    }
    let count = number::pluralize(selected.kept.len() + selected.others.len(), "thread");
    confirm(&format!("Remove {count} for good, and never archive them again?"), confirmation)?;
    remove(is_demo, &mut library, &selected)
}

fn select(library: &Library, words: &[OsString], user: Option<&str>) -> Result<Selected, UserError> {
    let mut found = Vec::new();
    let mut others = Vec::new();
    for word in words {
        let thread = parse_thread_arg(word, &ServiceArgs::default())?;
        let selection = ThreadSelection {
            service: Some(thread.service.to_owned()),
            id: Some(thread.id.clone()),
            ..ThreadSelection::default()
        };
        match library.threads(&selection)? {
            none if none.is_empty() => others.push(thread),
            threads => found.extend(threads),
        }
    }
    if let Some(user) = user {
        let selection = ThreadSelection { user: Some(user.to_owned()), ..ThreadSelection::default() };
        found.extend(library.threads(&selection)?);
    }
    if found.is_empty() && others.is_empty() {
        return Err(UserError::new("no thread of this user", "Check the id.", ExitCode::NotFound));
    }
    // A thread may be named twice, or also belong to the user.
    let mut seen = HashSet::new();
    found.retain(|thread| {
        seen.insert((thread.account.service.clone(), thread.account.folder(), thread.listed.id.clone()))
    });
    Ok(Selected { kept: found, others })
}

/// Removes threads that last changed long ago, and old revisions of the others; returns the exit code.
///
/// # Errors
/// The user declines, or a file cannot be removed.
pub(super) fn prune(
    is_demo: bool,
    revisions: Option<u32>,
    older_than: Option<Duration>,
    confirmation: ConfirmArgs,
) -> Result<ExitCode, UserError> {
    let mut library = open(is_demo)?;
    let mut code = ExitCode::Success;
    if let Some(age) = older_than {
        let before = now().minus(age);
        let selection = ThreadSelection { is_saved: true, ..ThreadSelection::default() };
        let mut kept = library.threads(&selection)?;
        // A thread without a time has the age of its copy.
        kept.retain(|thread| {
            let fetched_at = || thread.revision.as_ref().map(|revision| revision.fetched_at);
            thread.changed_at().or_else(fetched_at).is_some_and(|at| at < before)
        });
        if kept.is_empty() {
            code = print("no thread is older\n");
        } else {
            let count = number::pluralize(kept.len(), "thread");
            confirm(&format!("Remove {count} for good, and never archive them again?"), confirmation)?;
            code = remove(is_demo, &mut library, &Selected { kept, ..Selected::default() })?;
        }
    }
    if let Some(revisions) = revisions {
        confirm(&format!("Remove all but the newest {revisions} revisions of each thread?"), confirmation)?;
        let report = library.prune(usize::try_from(revisions).unwrap_or(usize::MAX))?;
        let bodies = number::pluralize(report.bodies, "revision");
        code = print(&format!("removed {bodies}, {}\n", number::bytes(report.bytes)));
    }
    Ok(code)
}

/// Removes the threads from the library, then from the cache and the history. If this is interrupted, forgetting them again
/// continues.
fn remove(is_demo: bool, library: &mut Library, selected: &Selected) -> Result<ExitCode, UserError> {
    let mut parts = Vec::new();
    if !selected.kept.is_empty() {
        let report = library.forget(&selected.kept, now())?;
        parts.push(number::pluralize(report.threads, "thread"));
        parts.push(number::pluralize(report.bodies, "revision"));
        parts.push(number::bytes(report.bytes));
    }
    let copies = if is_demo { 0 } else { remove_traces(selected)? };
    parts.extend((copies > 0).then(|| format_cached(copies)));
    Ok(print(&format!("forgot {}\n", parts.join(", "))))
}

/// Returns the cache and the cached copies of the threads; `None` without a cache.
fn cached_copies(selected: &Selected) -> Result<Option<(Cache, Vec<CacheKey>)>, UserError> {
    let settings = Settings::load();
    let Some(folder) = settings.folders.map(|folders| folders.cache).filter(|folder| folder.exists()) else {
        return Ok(None);
    };
    let cache = Cache::open(&folder, settings.config.cache_limit.value).map_err(file_error)?;
    let ids = selected.ids();
    let keys = cache.list().into_iter().map(|entry| entry.key);
    let keys = keys.filter(|key| ids.contains(&(key.service.as_str(), key.id.as_str()))).collect();
    Ok(Some((cache, keys)))
}

/// Removes the threads from the cache and the history; returns the number of their copies.
fn remove_traces(selected: &Selected) -> Result<usize, UserError> {
    let mut copies = 0;
    if let Some((cache, keys)) = cached_copies(selected)? {
        for key in keys {
            cache.remove(&key).map_err(file_error)?;
            copies += usize::from(key.part == BodyKind::Messages.name());
        }
    }
    if let Some(folders) = Settings::load().folders {
        let ids = selected.ids();
        let history = History::in_folder(&folders.state);
        history.remove(&|service, id| ids.contains(&(service, id))).map_err(file_error)?;
    }
    Ok(copies)
}
