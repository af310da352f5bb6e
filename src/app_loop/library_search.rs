//! The search through the library, for the command and for the browser's page: the page searches on a thread of its own, so
//! that typing never waits.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::domain::{ExitCode, UserError};
use crate::event::{FoundMessage, LibraryResults};
use crate::filter::ThreadFilter;
use crate::library::{
    Library, LibraryHit, LibraryLocation, LibraryQuery, LibraryReader, SearchMode, SearchOptions,
};
use crate::platform::now;
use crate::text::{Safe, number};

/// The most hits of a page.
const MAX_HITS: usize = 200;

const EMPTY: &str = "Nothing is kept yet: run unspool archive.";

/// Finds messages for a typed query, newest first.
///
/// # Errors
/// An invalid query, or one without a word or a condition; or a library that cannot be read.
pub fn find(
    library: &dyn LibraryReader,
    text: &str,
    mode: SearchMode,
    limit: usize,
    is_stopped: &dyn Fn() -> bool,
) -> Result<Vec<LibraryHit>, UserError> {
    let invalid = |message: String| UserError::new(message, "See unspool search --help.", ExitCode::Usage);
    let query = LibraryQuery::parse(text, mode, now()).map_err(invalid)?;
    if !query.has_words() && !query.has_conditions() {
        return Err(invalid("the query has no word to find".to_owned()));
    }
    let filter = ThreadFilter::new(query.thread_expression(), now());
    let filter = filter.map_err(|error| invalid(error.to_string()))?;
    let applications = library.applications()?;
    let options = SearchOptions {
        is_selected: &|thread| filter.matches(&thread.listed, &applications),
        is_stopped,
        limit,
    };
    Ok(library.search(&query, &options)?)
}

/// Searches for the page. Without a text, there are no hits. Returns none if it was stopped.
pub fn run(location: &LibraryLocation, id: u64, text: &str, stop: &AtomicBool) -> Option<LibraryResults> {
    let is_stopped = || stop.load(Ordering::Relaxed);
    let result = search(location, text.trim_start(), &is_stopped);
    if is_stopped() {
        return None;
    }
    let (hits, message) = result.unwrap_or_else(|error| (Vec::new(), error.summary().to_owned()));
    Some(LibraryResults { id, hits, message })
}

fn search(
    location: &LibraryLocation,
    text: &str,
    is_stopped: &dyn Fn() -> bool,
) -> Result<(Vec<FoundMessage>, String), UserError> {
    let Some(library) = location.open_reader()? else {
        return Ok((Vec::new(), EMPTY.to_owned()));
    };
    if text.is_empty() {
        let message = match library.stats()?.saved {
            0 => EMPTY.to_owned(),
            saved => format!("Type words to search {} kept threads", number::count(saved)),
        };
        return Ok((Vec::new(), message));
    }
    let hits = find(library.as_ref(), text, SearchMode::Typing, MAX_HITS, is_stopped)?;
    let message = match (hits.is_empty(), library.unindexed_count()?) {
        (false, _) => String::new(),
        (true, 0) => "No hit; texts of spans are not searched".to_owned(),
        (true, rest) => format!("No hit yet; {} to index", number::pluralize(rest, "thread")),
    };
    Ok((hits.into_iter().map(to_found).collect(), message))
}

/// Adds threads that are not in the index yet. A run that ends with the program goes on with the next one.
pub fn update_index(location: &LibraryLocation) {
    if location.is_remote() {
        return;
    }
    let update = || match Library::open_existing(&location.folder)? {
        Some(mut library) => library.update_index(&mut |_| true).map(drop),
        None => Ok(()),
    };
    if let Err(error) = update() {
        tracing::warn!("cannot update the index: {}", Safe::line(&error.to_string()));
    }
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
