//! `unspool cache`: what is kept of fetched threads, and how to be rid of it.

use std::collections::HashMap;

use crate::cli::{CacheCommand, ServiceArgs};
use crate::commands::maintenance::{confirm, format_columns, no_home_error, print};
use crate::commands::parse_source_arg;
use crate::commands::runner;
use crate::domain::{ExitCode, Source, ThreadRef, UserError};
use crate::ingest::fetch::now;
use crate::provider;
use crate::settings::Settings;
use crate::storage::cache_file::{BodyCompleteness, Cache, CacheKey, CachedEntry};
use crate::storage::files::{FileError, Folders};
use crate::storage::history::{History, ThreadLocation};
use crate::text::time::{self, TimeFormat};
use crate::text::{Safe, number};

/// Bodies up to this size are read for a title that the history does not know.
const MAX_TITLE_BODY_BYTES: u64 = 4 << 20;

/// Does what was asked; returns the exit code.
pub fn run(command: &CacheCommand) -> ExitCode {
    execute(command).unwrap_or_else(|failure| runner::print_error(&failure, None))
}

fn execute(command: &CacheCommand) -> Result<ExitCode, UserError> {
    let settings = Settings::load().require_valid()?;
    let (limit, calendar) = (settings.config.cache_limit.value, settings.time_format());
    let folders = settings.folders.ok_or_else(no_home_error)?;
    if matches!(command, CacheCommand::Path) {
        return Ok(print(&format!("{}\n", Safe::line(&folders.cache.display().to_string()))));
    }
    let cache = Cache::open(&folders.cache, limit).map_err(|error| file_error(&error))?;
    match command {
        CacheCommand::List => Ok(list_entries(&cache, &folders)),
        CacheCommand::Show { thread } => show_entries(&cache, (&folders, &calendar), thread),
        CacheCommand::Verify => Ok(verify_entries(&cache)),
        CacheCommand::Clear { thread: None, confirm: consent } => {
            let all = cache.list();
            confirm(&format!("Remove all {}?", format_copies(all.len())), *consent)?;
            let removed = cache.clear().map_err(|error| file_error(&error))?;
            Ok(print(&format!("removed {}\n", format_copies(removed))))
        }
        CacheCommand::Clear { thread: Some(thread), confirm: consent } => {
            let found = find_entries(&cache, thread)?;
            confirm(&format!("Remove {} of {thread}?", format_copies(found.len())), *consent)?;
            for listed in &found {
                cache.remove(&listed.key).map_err(|error| file_error(&error))?;
            }
            Ok(print(&format!("removed {}\n", format_copies(found.len()))))
        }
        CacheCommand::Path => Ok(ExitCode::Success),
    }
}

fn file_error(error: &FileError) -> UserError {
    UserError::new(error.to_string(), error.hint(), ExitCode::Failure)
}

fn format_copies(count: usize) -> String {
    if count == 1 { "1 copy".to_owned() } else { format!("{count} copies") }
}

/// Titles by service and id, as far as threads were opened in the browser.
fn titles_from_history(folders: &Folders) -> HashMap<(String, String), String> {
    let visits = History::in_folder(&folders.state).load();
    let titled = visits.into_iter().filter_map(|visit| match visit.location {
        ThreadLocation::Service { service, id } => Some(((service, id), visit.title)),
        ThreadLocation::File(_) => None,
    });
    titled.filter(|(_, title)| !title.is_empty()).collect()
}

/// The title that the copy itself tells; small ones only.
fn title_from_body(cache: &Cache, listed: &CachedEntry) -> Option<String> {
    let provider = provider::by_id(&listed.key.service)?;
    let part = |name: &str| {
        let entry = cache.read(&CacheKey { part: name.to_owned(), ..listed.key.clone() })?;
        (entry.len() <= MAX_TITLE_BODY_BYTES).then(|| entry.read_all().ok()).flatten()
    };
    let body = part("messages")?;
    let mut thread = provider.read_thread(&body);
    if let Some(details) = part("details") {
        provider.add_details(&mut thread, &details);
    }
    thread.title.filter(|title| !title.trim().is_empty())
}

fn list_entries(cache: &Cache, folders: &Folders) -> ExitCode {
    let titles = titles_from_history(folders);
    let all = cache.list();
    let threads: Vec<&CachedEntry> = all.iter().filter(|listed| listed.key.part == "messages").collect();
    if threads.is_empty() {
        return print("nothing is kept\n");
    }
    let now = now();
    let row = |listed: &&CachedEntry| {
        let key = &listed.key;
        let known = titles.get(&(key.service.clone(), key.id.clone())).cloned();
        let title = known.or_else(|| title_from_body(cache, listed)).unwrap_or_default();
        let size = match listed.completeness {
            BodyCompleteness::Complete => number::bytes(listed.body_bytes),
            BodyCompleteness::Partial => format!("{} (part)", number::bytes(listed.body_bytes)),
        };
        [format!("{}:{}", key.service, key.id), number::age(listed.fetched_at, now), size, title]
    };
    let rows: Vec<_> = threads.iter().map(row).collect();
    let text = format_columns(&rows);
    let total = format!("{} in {} on the disk\n", format_copies(threads.len()), number::bytes(cache.size()));
    print(&(text + &total))
}

/// Every copy of a thread, whoever fetched it from wherever.
fn find_entries(cache: &Cache, named: &str) -> Result<Vec<CachedEntry>, UserError> {
    let source =
        parse_source_arg(named, &ServiceArgs::default()).map_err(|reason| UserError::new(reason, "", ExitCode::Usage))?;
    let Source::Thread(thread) = source else {
        return Err(UserError::new("a file is not kept", "Name a thread of a service.", ExitCode::Usage));
    };
    let is_meant = |listed: &CachedEntry| listed.key.service == thread.service && listed.key.id == thread.id;
    let found: Vec<_> = cache.list().into_iter().filter(is_meant).collect();
    if found.is_empty() { Err(not_cached_error(&thread)) } else { Ok(found) }
}

fn not_cached_error(thread: &ThreadRef) -> UserError {
    let what = format!("no copy of {}:{} is kept", thread.service, thread.id);
    UserError::new(what, "unspool cache list tells what is kept.", ExitCode::NotFound)
}

fn show_entries(
    cache: &Cache,
    (folders, calendar): (&Folders, &TimeFormat),
    thread: &str,
) -> Result<ExitCode, UserError> {
    let titles = titles_from_history(folders);
    let mut text = String::new();
    for listed in find_entries(cache, thread)? {
        let key = &listed.key;
        let known = titles.get(&(key.service.clone(), key.id.clone())).cloned();
        let title = known.or_else(|| title_from_body(cache, &listed)).unwrap_or_default();
        let extent = match listed.completeness {
            BodyCompleteness::Complete => "whole",
            BodyCompleteness::Partial => "a part: the connection broke",
        };
        let saved = time::full(listed.fetched_at, calendar);
        let rows = [
            ["thread".to_owned(), format!("{}:{}", key.service, key.id)],
            ["title".to_owned(), title],
            ["part".to_owned(), key.part.clone()],
            ["from".to_owned(), key.base.clone()],
            ["saved".to_owned(), format!("{saved} ({})", number::age(listed.fetched_at, now()))],
            ["size".to_owned(), number::bytes(listed.body_bytes)],
            ["on the disk".to_owned(), number::bytes(listed.disk_bytes)],
            ["extent".to_owned(), extent.to_owned()],
        ];
        text.push_str(&format_columns(&rows));
        text.push('\n');
    }
    Ok(print(&text))
}

fn verify_entries(cache: &Cache) -> ExitCode {
    let checked = cache.verify();
    let text = match checked.damaged {
        0 => format!("{}, all good\n", format_copies(checked.intact)),
        damaged => format!("{} good, {damaged} damaged and removed\n", checked.intact),
    };
    let code = print(&text);
    if checked.damaged == 0 { code } else { ExitCode::Failure }
}
