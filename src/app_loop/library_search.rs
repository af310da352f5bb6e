//! The search through the library for the browser's page: on a thread of its own, so that typing never waits.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::UserError;
use crate::event::{FoundMessage, LibraryResults};
use crate::filter::{ThreadFilter, ThreadNames};
use crate::library::{KeptThread, Library, LibraryHit, LibraryLocation, LibraryQuery, SearchMode};
use crate::platform::now;

/// The most hits of a page.
const MAX_HITS: usize = 200;

/// Searches; the message of the results says why there are none. Returns none if it was stopped.
pub fn run(location: &LibraryLocation, id: u64, text: &str, stop: &AtomicBool) -> Option<LibraryResults> {
    let result = if text.trim().is_empty() { prepare(location, stop) } else { search(location, text) };
    if stop.load(Ordering::Relaxed) {
        return None;
    }
    Some(match result {
        Ok((hits, message)) => LibraryResults { id, hits, message },
        Err(error) => {
            let message = format!("{}. {}", error.summary(), error.hint);
            LibraryResults { id, hits: Vec::new(), message }
        }
    })
}

const EMPTY: &str = "Nothing is kept yet: run unspool archive.";

type Found = (Vec<FoundMessage>, String);

/// Adds new threads to the index.
fn prepare(location: &LibraryLocation, stop: &AtomicBool) -> Result<Found, UserError> {
    let Some(mut library) = Library::open_existing(&location.folder)? else {
        return Ok((Vec::new(), EMPTY.to_owned()));
    };
    library.update_index(&mut |_| !stop.load(Ordering::Relaxed))?;
    let stats = library.stats()?;
    let message = match stats.saved {
        0 => EMPTY.to_owned(),
        saved => format!("Type words to search {saved} kept threads."),
    };
    Ok((Vec::new(), message))
}

fn search(location: &LibraryLocation, text: &str) -> Result<Found, UserError> {
    let Some(library) = Library::open_read_only(&location.folder)? else {
        return Ok((Vec::new(), EMPTY.to_owned()));
    };
    let query = match LibraryQuery::parse(text, SearchMode::Typing, now()) {
        Ok(query) => query,
        Err(reason) => return Ok((Vec::new(), reason)),
    };
    let filter = match ThreadFilter::new(query.thread_expression(), now()) {
        Ok(filter) => filter,
        Err(error) => return Ok((Vec::new(), error.to_string())),
    };
    let names = library.names()?;
    let is_selected = |thread: &KeptThread| {
        let names = ThreadNames {
            application: names.application(&thread.listed),
            variant: names.variant(&thread.listed),
        };
        filter.matches(&thread.listed, names)
    };
    let hits = library.search(&query, &is_selected, MAX_HITS)?;
    let message = if hits.is_empty() { "No hit. Texts of spans are not searched." } else { "" };
    Ok((hits.into_iter().map(to_found).collect(), message.to_owned()))
}

fn to_found(hit: LibraryHit) -> FoundMessage {
    FoundMessage {
        service: hit.thread.account.service,
        thread_id: hit.thread.listed.id,
        title: hit.thread.listed.title,
        message_id: hit.message_id,
        at: hit.at,
        place: hit.place.name(),
        snippet: hit.snippet,
        hit: hit.hit,
    }
}
