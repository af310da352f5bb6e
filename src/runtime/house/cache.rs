//! `unspool cache`: what is kept of fetched threads, and how to be rid of it.

use std::collections::HashMap;

use super::{ask, columns, no_home, print};
use crate::cli::{CacheCommand, ServiceArgs};
use crate::domain::ThreadRef;
use crate::effect::Source;
use crate::event::Failure;
use crate::provider;
use crate::runtime::cache::{Cache, Extent, Key, Listed};
use crate::runtime::files::{FileError, Folders};
use crate::runtime::history::{History, Place};
use crate::runtime::program::named_source;
use crate::runtime::script::{self, trouble};
use crate::runtime::settings::Settings;
use crate::runtime::source::now;
use crate::text::time::{self, Calendar};
use crate::text::{Safe, number};

/// Bodies up to this size are read for a title that the history does not know.
const READ_FOR_TITLE: u64 = 4 << 20;

/// Does what was asked; returns the exit code.
pub fn run(command: &CacheCommand) -> u8 {
    carry_out(command).unwrap_or_else(|failure| script::tell(&failure, None))
}

fn carry_out(command: &CacheCommand) -> Result<u8, Failure> {
    let settings = Settings::load().sound()?;
    let (limit, calendar) = (settings.config.cache_limit.value, settings.calendar());
    let folders = settings.folders.ok_or_else(no_home)?;
    if matches!(command, CacheCommand::Path) {
        return Ok(print(&format!("{}\n", Safe::line(&folders.cache.display().to_string()))));
    }
    let cache = Cache::open(&folders.cache, limit).map_err(|error| refused(&error))?;
    match command {
        CacheCommand::List => Ok(list(&cache, &folders)),
        CacheCommand::Show { thread } => show(&cache, (&folders, &calendar), thread),
        CacheCommand::Verify => Ok(verify(&cache)),
        CacheCommand::Clear { thread: None, consent } => {
            let all = cache.list();
            ask(&format!("Remove all {}?", copies(all.len())), *consent)?;
            let removed = cache.clear().map_err(|error| refused(&error))?;
            Ok(print(&format!("removed {}\n", copies(removed))))
        }
        CacheCommand::Clear { thread: Some(thread), consent } => {
            let found = of_thread(&cache, thread)?;
            ask(&format!("Remove {} of {thread}?", copies(found.len())), *consent)?;
            for listed in &found {
                cache.remove(&listed.key).map_err(|error| refused(&error))?;
            }
            Ok(print(&format!("removed {}\n", copies(found.len()))))
        }
        CacheCommand::Path => Ok(0),
    }
}

fn refused(error: &FileError) -> Failure {
    trouble(error.to_string(), error.advice(), 1)
}

fn copies(count: usize) -> String {
    if count == 1 { "1 copy".to_owned() } else { format!("{count} copies") }
}

/// Titles by service and id, as far as threads were opened in the browser.
fn titles(folders: &Folders) -> HashMap<(String, String), String> {
    let visits = History::at(&folders.state).load();
    let titled = visits.into_iter().filter_map(|visit| match visit.place {
        Place::Service { service, id } => Some(((service, id), visit.title)),
        Place::File(_) => None,
    });
    titled.filter(|(_, title)| !title.is_empty()).collect()
}

/// The title that the copy itself tells; small ones only.
fn title_inside(cache: &Cache, listed: &Listed) -> Option<String> {
    let provider = provider::named(&listed.key.service)?;
    let part = |name: &str| {
        let entry = cache.read(&Key { part: name.to_owned(), ..listed.key.clone() })?;
        (entry.len() <= READ_FOR_TITLE).then(|| entry.read_all().ok()).flatten()
    };
    let body = part("messages")?;
    let mut thread = provider.thread(&body);
    if let Some(details) = part("details") {
        provider.add_details(&mut thread, &details);
    }
    thread.title.filter(|title| !title.trim().is_empty())
}

fn list(cache: &Cache, folders: &Folders) -> u8 {
    let titles = titles(folders);
    let all = cache.list();
    let threads: Vec<&Listed> = all.iter().filter(|listed| listed.key.part == "messages").collect();
    if threads.is_empty() {
        return print("nothing is kept\n");
    }
    let now = now();
    let row = |listed: &&Listed| {
        let key = &listed.key;
        let known = titles.get(&(key.service.clone(), key.id.clone())).cloned();
        let title = known.or_else(|| title_inside(cache, listed)).unwrap_or_default();
        let size = match listed.extent {
            Extent::Whole => number::bytes(listed.plain),
            Extent::Partial => format!("{} (part)", number::bytes(listed.plain)),
        };
        [format!("{}:{}", key.service, key.id), number::age(listed.fetched, now), size, title]
    };
    let rows: Vec<_> = threads.iter().map(row).collect();
    let text = columns(&rows);
    let total = format!("{} in {} on the disk\n", copies(threads.len()), number::bytes(cache.size()));
    print(&(text + &total))
}

/// Every copy of a thread, whoever fetched it from wherever.
fn of_thread(cache: &Cache, named: &str) -> Result<Vec<Listed>, Failure> {
    let source = named_source(named, &ServiceArgs::default()).map_err(|reason| trouble(reason, "", 2))?;
    let Source::Thread(thread) = source else {
        return Err(trouble("a file is not kept", "Name a thread of a service.", 2));
    };
    let is_meant = |listed: &Listed| listed.key.service == thread.service && listed.key.id == thread.id;
    let found: Vec<_> = cache.list().into_iter().filter(is_meant).collect();
    if found.is_empty() { Err(not_kept(&thread)) } else { Ok(found) }
}

fn not_kept(thread: &ThreadRef) -> Failure {
    let what = format!("no copy of {}:{} is kept", thread.service, thread.id);
    trouble(what, "unspool cache list tells what is kept.", 5)
}

fn show(cache: &Cache, (folders, calendar): (&Folders, &Calendar), thread: &str) -> Result<u8, Failure> {
    let titles = titles(folders);
    let mut text = String::new();
    for listed in of_thread(cache, thread)? {
        let key = &listed.key;
        let known = titles.get(&(key.service.clone(), key.id.clone())).cloned();
        let title = known.or_else(|| title_inside(cache, &listed)).unwrap_or_default();
        let extent = match listed.extent {
            Extent::Whole => "whole",
            Extent::Partial => "a part: the connection broke",
        };
        let saved = time::full(listed.fetched, calendar);
        let rows = [
            ["thread".to_owned(), format!("{}:{}", key.service, key.id)],
            ["title".to_owned(), title],
            ["part".to_owned(), key.part.clone()],
            ["from".to_owned(), key.base.clone()],
            ["saved".to_owned(), format!("{saved} ({})", number::age(listed.fetched, now()))],
            ["size".to_owned(), number::bytes(listed.plain)],
            ["on the disk".to_owned(), number::bytes(listed.stored)],
            ["extent".to_owned(), extent.to_owned()],
        ];
        text.push_str(&columns(&rows));
        text.push('\n');
    }
    Ok(print(&text))
}

fn verify(cache: &Cache) -> u8 {
    let checked = cache.verify();
    let text = match checked.damaged {
        0 => format!("{}, all good\n", copies(checked.good)),
        damaged => format!("{} good, {damaged} damaged and removed\n", checked.good),
    };
    let code = print(&text);
    if checked.damaged == 0 { code } else { 1 }
}
