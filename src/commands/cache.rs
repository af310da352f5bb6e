//! `unspool cache`: lists, describes, verifies and removes cached threads.

use std::collections::HashMap;

use crate::cli::{CacheCommand, ServiceArgs};
use crate::commands::library::format_cached;
use crate::commands::maintenance::{confirm, format_columns, no_home_error, print};
use crate::commands::runner;
use crate::commands::source_arg::parse_thread_arg;
use crate::domain::{ExitCode, ThreadRef, UserError};
use crate::library::LibraryLocation;
use crate::platform::now;
use crate::provider;
use crate::settings::Settings;
use crate::storage::cache_file::{BodyCompleteness, Cache, CacheKey, CachedEntry};
use crate::storage::files::Folders;
use crate::storage::history::{History, ThreadLocation};
use crate::storage::output::file_error;
use crate::text::time::{self, TimeFormat};
use crate::text::{Safe, number};

/// Titles by service and id.
type Titles = HashMap<(String, String), String>;

/// The largest body that is read for a title that the history does not have.
const MAX_TITLE_BODY_BYTES: u64 = 4 << 20;

/// Runs the command; returns the exit code.
pub fn run(command: &CacheCommand) -> ExitCode {
    execute(command).unwrap_or_else(|error| runner::print_error(&error, None))
}

fn execute(command: &CacheCommand) -> Result<ExitCode, UserError> {
    let settings = Settings::load().require_valid()?;
    let (limit, time_format) = (settings.config.cache_limit.value, settings.time_format());
    let folders = settings.folders.clone().ok_or_else(no_home_error)?;
    let open = || Cache::open(&folders.cache, limit).map_err(file_error);
    match command {
        CacheCommand::Path => Ok(print(&format!("{}\n", Safe::line(&folders.cache.display().to_string())))),
        CacheCommand::List => Ok(list_entries(&open()?, &folders)),
        CacheCommand::Show { thread } => show_entries(&open()?, (&folders, &time_format), thread),
        CacheCommand::Verify => Ok(verify_entries(&open()?)),
        CacheCommand::Clear { thread: None, confirm: args } => {
            let cache = open()?;
            confirm(&format!("Remove all {}?", format_cached(cache.list().len())), *args)?;
            let removed = cache.clear().map_err(file_error)?;
            erase_from_library(&settings)?;
            Ok(print(&format!("removed {}\n", format_cached(removed))))
        }
        CacheCommand::Clear { thread: Some(thread), confirm: args } => {
            let cache = open()?;
            let entries = find_entries(&cache, thread)?;
            confirm(&format!("Remove {} of {thread}?", format_cached(entries.len())), *args)?;
            for entry in &entries {
                cache.remove(&entry.key).map_err(file_error)?;
            }
            erase_from_library(&settings)?;
            Ok(print(&format!("removed {}\n", format_cached(entries.len()))))
        }
    }
}

/// Removes the threads of removed copies from the library, unless they are kept.
pub(super) fn erase_from_library(settings: &Settings) -> Result<(), UserError> {
    let Some(folders) = &settings.folders else { return Ok(()) };
    // Also if the cache is disabled.
    let location = LibraryLocation::in_folder(&folders.data).with_cache(Some(folders.cache.clone()));
    if let Some(library) = location.open_read_only()?
        && library.has_new_copies()?
    {
        location.open()?.erase_removed_copies()?;
    }
    Ok(())
}

/// Returns the titles of threads that were opened in the browser, by service and id.
fn titles_from_history(folders: &Folders) -> Titles {
    let visits = History::in_folder(&folders.state).load();
    let titled = visits.into_iter().filter_map(|visit| match visit.location {
        ThreadLocation::Service { service, id } => Some(((service, id), visit.title)),
        ThreadLocation::File(_) => None,
    });
    titled.filter(|(_, title)| !title.is_empty()).collect()
}

/// Returns the title of an entry: from the history, else from its body.
fn title(cache: &Cache, titles: &Titles, entry: &CachedEntry) -> String {
    let known = titles.get(&(entry.key.service.clone(), entry.key.id.clone())).cloned();
    known.or_else(|| title_from_body(cache, entry)).unwrap_or_default()
}

/// Reads the title from the cached body, unless that is large.
fn title_from_body(cache: &Cache, entry: &CachedEntry) -> Option<String> {
    let provider = provider::by_id(&entry.key.service)?;
    let read_part = |part: &str| {
        let body = cache.read(&CacheKey { part: part.to_owned(), ..entry.key.clone() })?;
        (body.body_size() <= MAX_TITLE_BODY_BYTES).then(|| body.read_all().ok()).flatten()
    };
    let body = read_part("messages")?;
    let mut thread = provider.read_thread(&body);
    if let Some(details) = read_part("details") {
        provider.add_details(&mut thread, &details);
    }
    thread.title.filter(|title| !title.trim().is_empty())
}

fn list_entries(cache: &Cache, folders: &Folders) -> ExitCode {
    let titles = titles_from_history(folders);
    let all = cache.list();
    let threads: Vec<&CachedEntry> = all.iter().filter(|entry| entry.key.part == "messages").collect();
    if threads.is_empty() {
        return print("the cache is empty\n");
    }
    let now = now();
    let row = |entry: &&CachedEntry| {
        let key = &entry.key;
        let size = match entry.completeness {
            BodyCompleteness::Complete => number::bytes(entry.body_bytes),
            BodyCompleteness::Partial => format!("{} (partial)", number::bytes(entry.body_bytes)),
        };
        let title = title(cache, &titles, entry);
        [format!("{}:{}", key.service, key.id), number::age(entry.fetched_at, now), size, title]
    };
    let rows: Vec<_> = threads.iter().map(row).collect();
    let text = format_columns(&rows);
    let total = format!("{}, {} on disk\n", format_cached(threads.len()), number::bytes(cache.size()));
    print(&(text + &total))
}

/// Returns all cached copies of a thread, of any host and account.
fn find_entries(cache: &Cache, thread: &str) -> Result<Vec<CachedEntry>, UserError> {
    let thread = parse_thread_arg(thread.as_ref(), &ServiceArgs::default())?;
    let is_of_thread = |entry: &CachedEntry| entry.key.service == thread.service && entry.key.id == thread.id;
    let entries: Vec<_> = cache.list().into_iter().filter(is_of_thread).collect();
    if entries.is_empty() { Err(not_cached_error(&thread)) } else { Ok(entries) }
}

fn not_cached_error(thread: &ThreadRef) -> UserError {
    let message = format!("no cached copy of {}:{}", thread.service, thread.id);
    UserError::new(message, "Run unspool cache list for all cached threads.", ExitCode::NotFound)
}

fn show_entries(
    cache: &Cache,
    (folders, time_format): (&Folders, &TimeFormat),
    thread: &str,
) -> Result<ExitCode, UserError> {
    let titles = titles_from_history(folders);
    let mut text = String::new();
    for entry in find_entries(cache, thread)? {
        let key = &entry.key;
        let completeness = match entry.completeness {
            BodyCompleteness::Complete => "complete",
            BodyCompleteness::Partial => "partial: the connection ended early",
        };
        let saved = time::full(entry.fetched_at, time_format);
        let rows = [
            ["thread".to_owned(), format!("{}:{}", key.service, key.id)],
            ["title".to_owned(), title(cache, &titles, &entry)],
            ["part".to_owned(), key.part.clone()],
            ["from".to_owned(), key.base.clone()],
            ["saved".to_owned(), format!("{saved} ({})", number::age(entry.fetched_at, now()))],
            ["size".to_owned(), number::bytes(entry.body_bytes)],
            ["on disk".to_owned(), number::bytes(entry.disk_bytes)],
            ["body".to_owned(), completeness.to_owned()],
        ];
        text.push_str(&format_columns(&rows));
        text.push('\n');
    }
    Ok(print(&text))
}

fn verify_entries(cache: &Cache) -> ExitCode {
    let report = cache.verify();
    let text = match report.damaged {
        0 => format!("{}, all intact\n", format_cached(report.intact)),
        damaged => format!("{} intact, {damaged} damaged and removed\n", report.intact),
    };
    let code = print(&text);
    if report.damaged == 0 { code } else { ExitCode::Failure }
}
